package logs

import (
	"context"
	"strings"
	"time"
)

// What a request and an answer can hold, and which events are taken (PutLogEvents and
// GetLogEvents, API reference).
const (
	answerBytes  = 1 << 20
	answerEvents = 10000
	putBytes     = 1 << 20
	putSpan      = 24 * time.Hour
	tooOld       = 14 * 24 * time.Hour
	tooNew       = 2 * time.Hour
)

// PutLogEvents adds events to a stream. They have to be in the order of their times.
func (s *Service) PutLogEvents(_ context.Context, in *PutLogEventsInput) (*PutLogEventsOutput, error) {
	bytes := 0
	for i, e := range in.LogEvents {
		bytes += len(e.Message) + eventOverhead
		if i > 0 && e.Timestamp < in.LogEvents[i-1].Timestamp {
			return nil, invalid("Log events in a single PutLogEvents request must be in chronological order.")
		}
	}
	switch n := len(in.LogEvents); {
	case n == 0:
		return nil, invalid("1 validation error detected: Value '[]' at 'logEvents' failed to satisfy constraint: Member must have length greater than or equal to 1")
	case bytes > putBytes:
		return nil, invalid("Upload too large: %d bytes exceeds limit of %d", bytes, putBytes)
	case in.LogEvents[n-1].Timestamp-in.LogEvents[0].Timestamp > putSpan.Milliseconds():
		return nil, invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g, st, err := s.stream(in.LogGroupName, "", in.LogStreamName)
	if err != nil {
		return nil, err
	}
	var rejected RejectedLogEventsInfo
	for i, e := range in.LogEvents {
		age := time.Duration(s.now()-e.Timestamp) * time.Millisecond
		switch {
		case age > tooOld:
			rejected.TooOldLogEventEndIndex = new(i + 1) // exclusive
		case g.retention > 0 && age > time.Duration(g.retention)*24*time.Hour:
			rejected.ExpiredLogEventEndIndex = new(i + 1)
		case age < -tooNew:
			if rejected.TooNewLogEventStartIndex == nil {
				rejected.TooNewLogEventStartIndex = new(i)
			}
		default:
			s.add(st, e.Timestamp, e.Message)
		}
	}
	out := &PutLogEventsOutput{NextSequenceToken: sequenceToken}
	if rejected != (RejectedLogEventsInfo{}) {
		out.RejectedLogEventsInfo = &rejected
	}
	return out, nil
}

// stream finds a group and one of its streams. The mutex is held.
func (s *Service) stream(name, identifier, streamName string) (*group, *stream, error) {
	g, err := s.group(name, identifier)
	if err != nil {
		return nil, nil, err
	}
	st := g.streams[streamName]
	if st == nil {
		return nil, nil, noStream()
	}
	return g, st, nil
}

// GetLogEvents reads a stream: its last events, or its first with startFromHead, or
// those on either side of an earlier answer. The answer at an end bears the token it was
// asked with.
func (s *Service) GetLogEvents(_ context.Context, in *GetLogEventsInput) (*GetLogEventsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, st, err := s.stream(in.LogGroupName, in.LogGroupIdentifier, in.LogStreamName)
	if err != nil {
		return nil, err
	}
	events := st.between(in.StartTime, in.EndTime)
	selected := stream{events: events}
	forward := in.StartFromHead
	var from key
	if in.NextToken != "" {
		if from, forward, err = parsePosition(in.NextToken); err != nil {
			return nil, err
		}
		if i := selected.after(from); forward {
			events = events[i:]
		} else {
			if i > 0 && events[i-1].key == from {
				i--
			}
			events = events[:i]
		}
	}
	events = cut(events, in.Limit, forward)
	first, last := from, from
	if n := len(events); n > 0 {
		first, last = events[0].key, events[n-1].key
	}
	out := &GetLogEventsOutput{Events: []OutputLogEvent{}, NextForwardToken: position(last, true), NextBackwardToken: position(first, false)}
	for _, e := range events {
		out.Events = append(out.Events, OutputLogEvent{Timestamp: e.at, Message: e.message, IngestionTime: e.ingested})
	}
	return out, nil
}

// cut keeps as many events as an answer can hold, the first ones or the last ones.
func cut(events []event, limit *int, first bool) []event {
	most := answerEvents
	if limit != nil {
		most = min(most, *limit)
	}
	n, bytes := 0, 0
	for n < min(most, len(events)) {
		next := events[n]
		if !first {
			next = events[len(events)-1-n]
		}
		if bytes += next.size(); bytes > answerBytes {
			break
		}
		n++
	}
	if first {
		return events[:n]
	}
	return events[len(events)-n:]
}

// position is the token for what follows an event (f/), or what comes before it (b/).
func position(k key, forward bool) string {
	if forward {
		return "f/" + k.String() + "/s"
	}
	return "b/" + k.String() + "/s"
}

func parsePosition(token string) (k key, forward bool, err error) {
	forward = strings.HasPrefix(token, "f/")
	if text, ok := strings.CutSuffix(token, "/s"); ok && (forward || strings.HasPrefix(token, "b/")) {
		if k, ok := parseKey(text[2:]); ok {
			return k, forward, nil
		}
	}
	return key{}, false, invalid("The specified nextToken is invalid.")
}
