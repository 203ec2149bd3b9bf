package logs

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

const (
	// streamBytes is what a stream keeps of its events.
	streamBytes = 1 << 20
	// eventOverhead is what AWS adds to the length of an event's message wherever it
	// counts bytes (PutLogEvents, API reference).
	eventOverhead = 26
)

// group is a log group, guarded by the Service's mutex.
type group struct {
	name      string
	created   int64
	retention int // days; 0: for ever
	class     string
	key       string // KMS
	tags      map[string]string
	streams   map[string]*stream
}

// expire forgets the events that are older than the retention.
func (g *group) expire(now int64) {
	if g.retention == 0 {
		return
	}
	oldest := now - int64(g.retention)*int64(24*time.Hour/time.Millisecond)
	for _, st := range g.streams {
		st.forget(st.after(key{at: oldest}))
	}
}

// stream is a log stream, guarded by the Service's mutex.
type stream struct {
	name     string
	created  int64
	ingested int64   // when the last event came; 0: never
	events   []event // by key
	bytes    int
}

// key is the place of an event among all of a region: by its time, and then in the
// order in which events came. It is never zero.
type key struct {
	at     int64  // milliseconds since 1970
	serial uint64 // of the Service
}

func (k key) compare(other key) int {
	switch {
	case k.at != other.at:
		return int(max(-1, min(1, k.at-other.at)))
	case k.serial < other.serial:
		return -1
	case k.serial > other.serial:
		return 1
	}
	return 0
}

// String is the key as an event's id, which has 56 digits on AWS.
func (k key) String() string { return fmt.Sprintf("%020d%036d", k.at, k.serial) }

func parseKey(text string) (key, bool) {
	if len(text) != 56 {
		return key{}, false
	}
	at, err := strconv.ParseInt(text[:20], 10, 64)
	if err != nil || at < 0 {
		return key{}, false
	}
	serial, err := strconv.ParseUint(text[20:], 10, 64)
	return key{at, serial}, err == nil
}

// event is a log event.
type event struct {
	key
	message  string
	ingested int64
}

func (e event) size() int { return len(e.message) + eventOverhead }

// add puts an event in its place and forgets the oldest ones when there are too many.
func (s *Service) add(st *stream, at int64, message string) {
	s.serial++
	e := event{key: key{at, s.serial}, message: message, ingested: s.now()}
	st.events = slices.Insert(st.events, st.after(e.key), e)
	st.ingested = e.ingested
	st.bytes += e.size()
	surplus := 0
	for left := st.bytes; left > streamBytes; surplus++ {
		left -= st.events[surplus].size()
	}
	st.forget(surplus)
}

// after is the index of the first event behind the key.
func (st *stream) after(k key) int {
	i, found := slices.BinarySearchFunc(st.events, k, func(e event, k key) int { return e.compare(k) })
	if found {
		i++
	}
	return i
}

// forget drops the first n events.
func (st *stream) forget(n int) {
	for _, e := range st.events[:n] {
		st.bytes -= e.size()
	}
	clear(st.events[:n])
	st.events = st.events[n:] // a full stream forgets with each line, and must not move all others
}

// between returns the events from start on, before end, in milliseconds since 1970; nil
// is no bound. The caller must not change them.
func (st *stream) between(start, end *int64) []event {
	from, to := 0, len(st.events)
	if start != nil {
		from = st.after(key{at: *start}) // serials begin with 1
	}
	if end != nil {
		to = st.after(key{at: *end})
	}
	return st.events[from:max(from, to)]
}
