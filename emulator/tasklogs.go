package emulator

import (
	"errors"
	"io"
)

// taskLogs are the logs of all regions: the driver awslogs of a task may write to
// another region than the task's. It is an [ecs.Logs].
type taskLogs struct{ server *Server }

// OpenStream implements [ecs.Logs].
func (l taskLogs) OpenStream(region, group, stream string, create bool) (io.WriteCloser, error) {
	r := l.server.enter(region)
	if r == nil {
		return nil, errors.New("the embedded AWS is closing")
	}
	defer l.server.requests.Done()
	return r.logs.OpenStream(group, stream, create)
}
