package emulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/clock"
	"github.com/slipway-go/slipway/emulator/internal/fault"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// FaultCalls says which calls a fault is about; each is an occasion of it. Empty
// members fit every call.
type FaultCalls struct {
	Service     string `json:"service,omitempty"`     // signing name: cloudformation, ecs, ...
	Operation   string `json:"operation,omitempty"`   // DescribeStacks, or a pattern: Describe*
	Region      string `json:"region,omitempty"`      // eu-west-1
	AccessKeyID string `json:"accessKeyID,omitempty"` // of the caller
}

func (c FaultCalls) validate() error {
	if _, err := path.Match(c.Operation, ""); err != nil {
		return fmt.Errorf("operation %q: %w", c.Operation, err)
	}
	return nil
}

func (c FaultCalls) fits(call wire.Call) bool {
	operation, err := path.Match(c.Operation, call.Operation)
	return (c.Operation == "" || operation && err == nil) &&
		(c.Service == "" || c.Service == call.Service) &&
		(c.Region == "" || c.Region == call.Region) &&
		(c.AccessKeyID == "" || c.AccessKeyID == call.AccessKeyID)
}

// FaultThrottle refuses calls with "Rate exceeded", as AWS words it: Throttling of the
// Query services (CloudFormation, Elastic Load Balancing, STS), ThrottlingException of
// the others. Nothing of the call takes effect. SDKs try throttled calls again.
type FaultThrottle struct {
	FaultCalls
	FaultWhen

	// Rate is how many calls a second of AWS time are let through; only those over it
	// are occasions. Default: 0, none.
	Rate float64 `json:"rate,omitempty"`
	// Burst is how many calls at once are let through where there is a Rate. Default: 1.
	Burst int `json:"burst,omitempty"`
}

// Kind implements [Fault].
func (FaultThrottle) Kind() string { return "throttle" }

func (f FaultThrottle) validate() error {
	if f.Rate < 0 || f.Burst < 0 {
		return fmt.Errorf("rate is %g and burst is %d: they cannot be negative", f.Rate, f.Burst)
	}
	return f.FaultCalls.validate()
}

// FaultError answers calls with an error of the service itself. Nothing of the call
// takes effect.
type FaultError struct {
	FaultCalls
	FaultWhen

	// Code is AWS's code of the error. Default: InternalFailure.
	Code string `json:"code,omitempty"`
	// Message of the error. Default: that of AWS's common errors for InternalFailure and
	// ServiceUnavailable, and the code for all others.
	Message string `json:"message,omitempty"`
	// Status is the HTTP status, from 400 to 599. Default: 503 for ServiceUnavailable,
	// 500 for all others.
	Status int `json:"status,omitempty"`
}

// Kind implements [Fault].
func (FaultError) Kind() string { return "error" }

func (f FaultError) validate() error {
	if f.Status != 0 && (f.Status < 400 || f.Status > 599) {
		return fmt.Errorf("status is %d: an error has one from 400 to 599", f.Status)
	}
	return f.FaultCalls.validate()
}

// error is what the client gets. The messages are those of "Common errors" in AWS's
// API references.
func (f FaultError) error() *wire.Error {
	e := &wire.Error{Code: f.Code, Message: f.Message, Status: f.Status}
	if e.Code == "" {
		e.Code = "InternalFailure"
	}
	if e.Status == 0 {
		e.Status = http.StatusInternalServerError
		if e.Code == "ServiceUnavailable" {
			e.Status = http.StatusServiceUnavailable
		}
	}
	if e.Message == "" {
		switch e.Code {
		case "InternalFailure":
			e.Message = "The request processing has failed because of an unknown error, exception or failure."
		case "ServiceUnavailable":
			e.Message = "The request has failed due to a temporary failure of the server."
		default:
			e.Message = e.Code
		}
	}
	return e
}

// FaultCut closes the connection without an answer.
type FaultCut struct {
	FaultCalls
	FaultWhen

	// After lets the call take effect before the connection is closed, so that only its
	// answer is lost. Default: nothing of it takes effect.
	After bool `json:"after,omitempty"`
}

// Kind implements [Fault].
func (FaultCut) Kind() string { return "cut" }

func (f FaultCut) validate() error { return f.FaultCalls.validate() }

// FaultLatency makes calls take longer.
type FaultLatency struct {
	FaultCalls
	FaultWhen

	// Delay passes, in AWS time, before the call is looked at. Default: 0, which holds
	// the call until the fault is cleared.
	Delay time.Duration `json:"delay,omitempty"`
}

// Kind implements [Fault].
func (FaultLatency) Kind() string { return "latency" }

func (f FaultLatency) validate() error {
	return errors.Join(notNegative("delay", f.Delay), f.FaultCalls.validate())
}

// FaultPages answers lists in small pages, so that clients have to ask for the next
// one. It is about every operation that has pages on AWS; others are answered whole.
type FaultPages struct {
	FaultCalls
	FaultWhen

	// Size is how many items a page has. Default: 1.
	Size int `json:"size,omitempty"`
}

// Kind implements [Fault].
func (FaultPages) Kind() string { return "pages" }

func (f FaultPages) validate() error {
	if f.Size < 0 {
		return fmt.Errorf("size is %d: a page has at least one item", f.Size)
	}
	return f.FaultCalls.validate()
}

func notNegative(name string, d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("%s is %s: it cannot be negative", name, d)
	}
	return nil
}

// bucket lets a number of calls through in AWS time.
type bucket struct {
	tokens float64
	filled time.Time
}

func (b *bucket) over(f FaultThrottle, now time.Time) bool {
	most := float64(max(f.Burst, 1))
	if b.filled.IsZero() {
		b.tokens = most
	} else {
		b.tokens = min(b.tokens+max(now.Sub(b.filled), 0).Seconds()*f.Rate, most)
	}
	b.filled = now
	if b.tokens < 1 {
		return true
	}
	b.tokens--
	return false
}

// delayed holds a call up as the faults say. It fails when the client goes meanwhile.
func (s *Server) delayed(r *http.Request, call wire.Call) error {
	f, in := strike(&s.faults, func(f FaultLatency, _ *injected) bool { return f.fits(call) })
	if in == nil {
		return nil
	}
	// net/http sees that a client is gone only when the body has been read.
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return fmt.Errorf("reading the request: %w", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return hold(r.Context(), s.clock, f.Delay, in)
}

// hold waits for d of AWS time, or, where d is zero, until the fault is cleared.
func hold(ctx context.Context, c *clock.Clock, d time.Duration, in *injected) error {
	var over <-chan time.Time // never, without a delay
	if d > 0 {
		timer := c.Timer(d)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-over:
		return nil
	case <-in.trigger.Cleared():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// refused is the error that the faults answer a call with; nil where they let it pass.
func (s *Server) refused(call wire.Call, protocol wire.Protocol) error {
	now := s.clock.Now()
	_, in := strike(&s.faults, func(f FaultThrottle, in *injected) bool {
		return f.fits(call) && (f.Rate == 0 || in.calls.over(f, now))
	})
	if in != nil {
		if protocol == wire.JSON {
			return wire.Errorf("ThrottlingException", "Rate exceeded")
		}
		return wire.Errorf("Throttling", "Rate exceeded")
	}
	if f, in := strike(&s.faults, func(f FaultError, _ *injected) bool { return f.fits(call) }); in != nil {
		return f.error()
	}
	return nil
}

// around stands around every operation that has passed so far.
func (s *Server) around(ctx context.Context, in any, do func() (any, error)) (any, error) {
	call := wire.CallFrom(ctx)
	f, struck := strike(&s.faults, func(f FaultPages, _ *injected) bool { return f.fits(call) })
	if struck == nil {
		return fault.Page(in, maxPage, do) // a client may still have a token of small pages
	}
	return fault.Page(in, max(f.Size, 1), do)
}

// maxPage is more than any service puts into a page.
const maxPage = 1 << 20

// unheard swallows an answer that is not to arrive.
type unheard struct{ header http.Header }

func (u unheard) Header() http.Header          { return u.header }
func (unheard) Write(data []byte) (int, error) { return len(data), nil }
func (unheard) WriteHeader(int)                {}

// answer serves a call, unless the faults have something against it.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, api *wire.API, call wire.Call, serve func(http.ResponseWriter)) {
	if s.delayed(r, call) != nil {
		return // the client is gone
	}
	if err := s.refused(call, api.Protocol); err != nil {
		api.WriteError(w, call, err)
		return
	}
	f, cut := strike(&s.faults, func(f FaultCut, _ *injected) bool { return f.fits(call) })
	if cut == nil {
		serve(w)
		return
	}
	if f.After {
		serve(unheard{http.Header{}})
	}
	panic(http.ErrAbortHandler) // net/http's way to drop a connection without an answer
}
