package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// maxVersionBody is how much of a body the version is looked for in.
const maxVersionBody = 64 << 10

// sequenceHeader is where vegeta numbers its requests.
const sequenceHeader = "X-Vegeta-Seq"

// outcome is what a request came to.
type outcome struct {
	failure   Failure // "" when it was answered well
	version   string
	abandoned bool // cut short by the end of the load: neither good nor bad
}

// transport sends the requests and keeps the outcome of each by its sequence
// number: vegeta itself would report an error as text, too late to tell a
// refused connection from a reset one.
type transport struct {
	*http.Transport
	ctx      context.Context
	timeout  time.Duration
	version  func(http.Header, []byte) string
	outcomes sync.Map // sequence number (uint64) -> outcome
}

func newTransport(ctx context.Context, o Options) *transport {
	return &transport{
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: o.Timeout}).DialContext,
			MaxConnsPerHost:     o.MaxWorkers,
			MaxIdleConns:        o.MaxWorkers,
			MaxIdleConnsPerHost: o.MaxWorkers, // keep every connection: dialing anew is not what is measured
			IdleConnTimeout:     time.Minute,
			ForceAttemptHTTP2:   true,
		},
		ctx:     ctx,
		timeout: o.Timeout,
		version: o.Version,
	}
}

// outcome hands out the outcome of a request, once.
func (t *transport) outcome(seq uint64) outcome {
	o, ok := t.outcomes.LoadAndDelete(seq)
	if !ok {
		// The request did not get as far as the transport.
		return outcome{failure: Other}
	}
	return o.(outcome)
}

// RoundTrip sends the request and reads the whole answer. A request counts as
// answered when its last byte is here.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	seq, err := strconv.ParseUint(req.Header.Get(sequenceHeader), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("reading the sequence number of a request: %w", err)
	}
	ctx, cancel := context.WithTimeout(t.ctx, t.timeout)
	defer cancel()

	res, body, err := t.exchange(req.WithContext(ctx))
	switch {
	case err != nil && t.ctx.Err() != nil:
		t.outcomes.Store(seq, outcome{abandoned: true})
		return nil, err
	case err != nil:
		t.outcomes.Store(seq, outcome{failure: classify(err)})
		return nil, err
	case !answered(res.StatusCode):
		t.outcomes.Store(seq, outcome{failure: StatusFailure(res.StatusCode)})
	default:
		version := t.version(res.Header, body)
		if version == "" {
			version = UnknownVersion
		}
		t.outcomes.Store(seq, outcome{version: version})
	}
	return res, nil
}

// exchange returns a response whose body has been read, and the start of that body.
func (t *transport) exchange(req *http.Request) (*http.Response, []byte, error) {
	res, err := t.Transport.RoundTrip(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	var head bytes.Buffer
	if _, err := io.Copy(&head, io.LimitReader(res.Body, maxVersionBody)); err != nil {
		return nil, nil, err
	}
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return nil, nil, err
	}
	res.Body = http.NoBody
	return res, head.Bytes(), nil
}

// answered says whether a status code is a good answer.
func answered(code int) bool { return code >= 200 && code < 400 }

// classify names the way in which a request got no answer.
func classify(err error) Failure {
	var network net.Error
	var name *net.DNSError
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return TimedOut
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return Reset
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return Closed
	case errors.As(err, &name):
		return Unresolved
	default:
		return Other
	}
}
