package elb

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// Loss is a request whose client got no good answer.
type Loss struct {
	Time           time.Time // AWS time
	TargetGroupARN string    // empty where the rule leads to none
	Target         Target    // that the request was sent to; zero where there was none
	Status         int       // what the client got; 0 where the answer was cut
	Cause          Cause
}

// Cause is why a request was lost, as the load balancer saw it.
type Cause string

// The causes of losses.
const (
	NoTarget Cause = "no target"          // there was none to send the request to
	Refused  Cause = "connection refused" // the target took no connection
	Closed   Cause = "connection closed"  // by the target, before its answer was complete
	Reset    Cause = "connection reset"   // the same, abruptly
	TimedOut Cause = "timeout"            // the target took too long to connect or to answer
	Cut      Cause = "deregistered"       // the deregistration delay was over
	Answered Cause = "answered"           // the target itself answered with 400 or more
	Garbled  Cause = "no HTTP"            // the target's answer was none
)

// lost tells of a request that was lost.
func (s *Service) lost(x *exchange, status int, cause Cause) {
	if s.onLoss == nil {
		return
	}
	s.onLoss(Loss{Time: s.clock.Now(), TargetGroupARN: x.group, Target: x.to, Status: status, Cause: cause})
}

// causeOf is why an exchange with a target failed.
func (x *exchange) causeOf(err error) Cause {
	var timeout interface{ Timeout() bool }
	switch {
	case x.cut.Err() != nil:
		return Cut
	case errors.As(err, &timeout) && timeout.Timeout():
		return TimedOut
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return Reset
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		strings.Contains(err.Error(), "server closed idle connection"): // net/http has no value for it
		return Closed
	}
	return Garbled
}

// watched tells of an answer that ends before it is complete, while the client, whose
// context it is, is there.
func (s *Service) watched(client context.Context, x *exchange, r *http.Response) {
	if s.onLoss == nil {
		return
	}
	if r.StatusCode >= http.StatusBadRequest {
		s.lost(x, r.StatusCode, Answered)
	}
	if r.Body == nil || r.StatusCode == http.StatusSwitchingProtocols {
		return
	}
	r.Body = &watchedBody{ReadCloser: r.Body, failed: func(err error) {
		if client.Err() == nil {
			s.lost(x, 0, x.causeOf(err))
		}
	}}
}

// watchedBody is a body that tells when it fails.
type watchedBody struct {
	io.ReadCloser
	failed func(error)
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.failed(err)
		b.failed = func(error) {} // once is enough
	}
	return n, err
}
