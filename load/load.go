// Package load puts steady HTTP load on a URL and tells what came of it.
//
// The load is open-loop: requests leave at a constant rate, whether or not the
// earlier ones have been answered, as they do from users. A server that stalls
// is therefore seen to stall, where a closed loop would politely wait for it.
// Each request is kept as a [Sample]; [Result] counts them.
package load

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// Defaults of [Options].
const (
	DefaultRate       = 200
	DefaultTimeout    = 10 * time.Second
	DefaultMaxWorkers = 256
)

// Options say what to ask for and how often.
type Options struct {
	// URL is asked for with GET. Redirects are answers, not followed.
	URL string
	// Host is the name to ask for in the Host header, where it is not the one in URL:
	// a service that a load balancer tells from others by name, asked at the address of
	// the load balancer. Default: the host in URL.
	Host string
	// Rate is the number of requests per second. Default: [DefaultRate].
	Rate int
	// Steps are parts of the load with rates of their own, in place of Rate; the last one
	// goes on until the end. Default: one rate.
	Steps []Step
	// UserAgent is said with each request. Default: Go's own.
	UserAgent string
	// MinRequests is what [Load.Finish] waits for before it ends the load. Default: 0.
	MinRequests int
	// Timeout bounds one request, the whole body included. Default: [DefaultTimeout].
	Timeout time.Duration
	// MaxWorkers bounds the requests in flight, and with them the connections.
	// While all are waiting, the load falls behind its rate, and catches up
	// afterwards. Default: [DefaultMaxWorkers].
	MaxWorkers int
	// Version names the version that gave an answer, "" when it cannot tell.
	// The body is cut after 64 KiB. It is called from many goroutines.
	// Default: every version is [UnknownVersion].
	Version func(header http.Header, body []byte) string
}

// Load is a load under way. Its methods are safe for concurrent use.
type Load struct {
	ctx      context.Context
	attacker *vegeta.Attacker
	started  time.Time
	minimum  int
	done     chan struct{} // closed when the last request has come back

	mu      sync.Mutex
	samples []Sample
	failed  int
	waiting []waiter
}

// waiter is a call of [Load.Wait].
type waiter struct {
	requests int
	reached  chan struct{}
}

// Start puts the load on and returns at once. The load lasts until [Load.Finish]
// is called or ctx ends; the owner of ctx calls Finish in either case, to wait
// for the requests in flight.
func Start(ctx context.Context, o Options) (*Load, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	transport := newTransport(ctx, o)
	l := &Load{
		ctx: ctx,
		attacker: vegeta.NewAttacker(
			vegeta.Client(&http.Client{
				Transport:     transport,
				CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			}),
			vegeta.MaxWorkers(uint64(o.MaxWorkers)),
		),
		started: time.Now(),
		minimum: o.MinRequests,
		done:    make(chan struct{}),
	}
	target := vegeta.Target{Method: http.MethodGet, URL: o.URL}
	target.Header = http.Header{}
	if o.Host != "" {
		target.Header.Set("Host", o.Host)
	}
	if o.UserAgent != "" {
		target.Header.Set("User-Agent", o.UserAgent)
	}
	var pace vegeta.Pacer = vegeta.ConstantPacer{Freq: o.Rate, Per: time.Second}
	if len(o.Steps) > 0 {
		pace = steps(o.Steps)
	}
	results := l.attacker.Attack(vegeta.NewStaticTargeter(target), pace, 0, "")
	unhook := context.AfterFunc(ctx, func() { l.attacker.Stop() })
	go func() {
		defer close(l.done)
		defer transport.CloseIdleConnections()
		defer unhook()
		l.collect(results, transport)
	}()
	return l, nil
}

// complete fills in the defaults and checks the rest.
func (o *Options) complete() error {
	u, err := url.Parse(o.URL)
	if err != nil {
		return fmt.Errorf("parsing the URL to put load on: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("putting load on %q: want an http or https URL with a host", o.URL)
	}
	if named, err := url.Parse("//" + o.Host); err != nil || named.Host != o.Host {
		return fmt.Errorf("putting load on %s: the host %q is no name with or without a port", o.URL, o.Host)
	}
	if o.Rate < 0 || o.MinRequests < 0 || o.Timeout < 0 || o.MaxWorkers < 0 {
		return errors.New("putting load on " + o.URL + ": rate, requests, timeout and workers cannot be negative")
	}
	if err := CheckSteps(o.Steps); err != nil {
		return fmt.Errorf("putting load on %s: %w", o.URL, err)
	}
	if o.Rate == 0 {
		o.Rate = DefaultRate
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.MaxWorkers == 0 {
		o.MaxWorkers = DefaultMaxWorkers
	}
	if o.Version == nil {
		o.Version = func(http.Header, []byte) string { return "" }
	}
	return nil
}

// collect keeps what comes back until the attack is over.
func (l *Load) collect(results <-chan *vegeta.Result, t *transport) {
	for r := range results {
		if o := t.outcome(r.Seq); !o.abandoned {
			l.add(Sample{Start: r.Timestamp, Latency: r.Latency, Failure: o.failure, Version: o.version})
		}
	}
}

func (l *Load) add(s Sample) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.samples = append(l.samples, s)
	if s.Failure != "" {
		l.failed++
	}
	l.waiting = slices.DeleteFunc(l.waiting, func(w waiter) bool {
		if len(l.samples) < w.requests {
			return false
		}
		close(w.reached)
		return true
	})
}

// Wait waits until the given number of requests have come back since the start,
// good or bad. It returns the context's error when ctx or that of [Start] ends first.
func (l *Load) Wait(ctx context.Context, requests int) error {
	w := waiter{requests: requests, reached: make(chan struct{})}
	l.mu.Lock()
	if len(l.samples) >= requests {
		l.mu.Unlock()
		return nil
	}
	l.waiting = append(l.waiting, w)
	l.mu.Unlock()
	select {
	case <-w.reached:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-l.ctx.Done():
		return l.ctx.Err()
	}
}

// Counts is how many requests have come back so far, and how many of them failed.
func (l *Load) Counts() (requests, failed int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.samples), l.failed
}

// Failures are the kinds of failures so far, in the order in which they first came.
func (l *Load) Failures() []Failure {
	l.mu.Lock()
	defer l.mu.Unlock()
	var kinds []Failure
	for _, s := range l.samples {
		if s.Failure != "" && !slices.Contains(kinds, s.Failure) {
			kinds = append(kinds, s.Failure)
		}
	}
	return kinds
}

// Finish ends the load once it has had MinRequests, waits for the requests in
// flight, and returns what came of all. When the context of [Start] has ended,
// it returns at once with what there is; requests cut short by that are not counted.
func (l *Load) Finish() *Result {
	// The only error is the end of l.ctx, which has ended the load as well.
	_ = l.Wait(l.ctx, l.minimum)
	l.attacker.Stop()
	<-l.done
	l.mu.Lock()
	defer l.mu.Unlock()
	return &Result{Samples: l.samples, Started: l.started, Ended: time.Now()}
}
