package logs

import (
	"bytes"
	"strings"
	"sync"
)

// messageBytes is the longest message that the awslogs driver sends; it parts longer
// lines (Amazon CloudWatch Logs logging driver, Docker).
const messageBytes = 262144 - eventOverhead

// OpenStream opens a stream of a group for writing, as the awslogs driver does when a
// container starts: the stream is made where it does not exist, and the group where
// create is true. Without the group the error is that of CreateLogStream.
func (s *Service) OpenStream(groupName, streamName string, create bool) (*Writer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[groupName]
	if g == nil {
		if !create {
			return nil, noGroup()
		}
		g = s.makeGroup(groupName)
	}
	st := g.streams[streamName]
	if st == nil {
		st = s.makeStream(g, streamName)
	}
	return &Writer{service: s, stream: st}, nil
}

// Writer makes an event of each line that is written to it. It is safe for concurrent
// use. Events of a stream that was deleted are lost, without an error: a container goes
// on without its log.
type Writer struct {
	service *Service
	stream  *stream

	mu   sync.Mutex
	line []byte // what has no end yet
}

// Write implements [io.Writer]. It returns no error.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.line = append(w.line, p...)
	for {
		end := bytes.IndexByte(w.line, '\n')
		if end < 0 && len(w.line) < messageBytes {
			return len(p), nil
		}
		if end < 0 || end > messageBytes {
			w.send(w.line[:messageBytes])
			w.line = w.line[messageBytes:]
			continue
		}
		w.send(w.line[:end])
		w.line = w.line[end+1:]
	}
}

// Close makes an event of a last line without an end.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.send(w.line)
	w.line = nil
	return nil
}

// send adds an event. Empty lines make none, as with Docker's driver.
func (w *Writer) send(line []byte) {
	message := strings.ToValidUTF8(strings.TrimSuffix(string(line), "\r"), "\uFFFD")
	if message == "" {
		return
	}
	w.service.mu.Lock()
	defer w.service.mu.Unlock()
	w.service.add(w.stream, w.service.now(), message)
}
