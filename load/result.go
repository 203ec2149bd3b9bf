package load

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// UnknownVersion stands for the version of a good answer that does not tell it.
const UnknownVersion = "unknown"

// Failure names the way in which a request failed: a status code as
// [StatusFailure] writes it, or one of the constants.
type Failure string

// Failures without an answer.
const (
	Refused    Failure = "connection refused"
	Reset      Failure = "connection reset"
	Closed     Failure = "connection closed" // before the answer was complete
	TimedOut   Failure = "timeout"
	Unresolved Failure = "name not resolved"
	Other      Failure = "other"
)

// StatusFailure is the failure of a request answered with a status code that is
// neither 2xx nor 3xx: "HTTP 502".
func StatusFailure(code int) Failure { return Failure(fmt.Sprintf("HTTP %d", code)) }

// Sample is one request.
type Sample struct {
	Start   time.Time
	Latency time.Duration // until the last byte of the answer, or until the failure
	Failure Failure       // "" when it was answered well
	Version string        // who answered; "" with a failure
}

// Result is what came of a load.
type Result struct {
	// Samples has every request, in the order in which they came back.
	Samples []Sample
	// Started and Ended are when the load was put on and when its last request came back.
	Started, Ended time.Time
}

// Requests is how many requests came back, failures included.
func (r *Result) Requests() int { return len(r.Samples) }

// Failed is how many of them failed.
func (r *Result) Failed() int {
	n := 0
	for _, s := range r.Samples {
		if s.Failure != "" {
			n++
		}
	}
	return n
}

// Failures counts the failed requests by kind. It is never nil.
func (r *Result) Failures() map[Failure]int {
	counts := map[Failure]int{}
	for _, s := range r.Samples {
		if s.Failure != "" {
			counts[s.Failure]++
		}
	}
	return counts
}

// Versions counts the good answers by the version that gave them. It is never nil.
func (r *Result) Versions() map[string]int {
	counts := map[string]int{}
	for _, s := range r.Samples {
		if s.Failure == "" {
			counts[s.Version]++
		}
	}
	return counts
}

// Latency is how long good answers took. All fields are zero without any.
type Latency struct {
	P50, P95, P99, Max time.Duration
}

// Latency returns exact percentiles (nearest rank) over the good answers.
// A failure's time says nothing about the service's, so failures are left out.
func (r *Result) Latency() Latency { return latencyOf(r.Samples) }

func latencyOf(samples []Sample) Latency {
	var good []time.Duration
	for _, s := range samples {
		if s.Failure == "" {
			good = append(good, s.Latency)
		}
	}
	if len(good) == 0 {
		return Latency{}
	}
	slices.Sort(good)
	rank := func(p float64) time.Duration {
		return good[int(math.Ceil(p*float64(len(good))))-1]
	}
	return Latency{P50: rank(0.50), P95: rank(0.95), P99: rank(0.99), Max: good[len(good)-1]}
}

// Between is the part of the load that was sent from one time on, and before another.
func (r *Result) Between(from, to time.Time) *Result {
	part := &Result{Started: from, Ended: to}
	for _, s := range r.Samples {
		if !s.Start.Before(from) && s.Start.Before(to) {
			part.Samples = append(part.Samples, s)
		}
	}
	return part
}

// Bucket is what happened to the requests that were sent in one span of time.
type Bucket struct {
	Start    time.Time
	Requests int
	Failed   int
	Failures map[Failure]int // the failed ones by kind
	Versions map[string]int  // the answered ones by who answered
	Latency  Latency         // of the answered ones
}

// Timeline divides the load into spans of the given width, from its start, and
// counts in each. Spans without requests are there too: a load that was held up
// shows as a gap. A width of zero or less gives nil.
func (r *Result) Timeline(width time.Duration) []Bucket {
	if width <= 0 {
		return nil
	}
	var spans [][]Sample
	for _, s := range r.Samples {
		i := int(max(s.Start.Sub(r.Started), 0) / width)
		for len(spans) <= i {
			spans = append(spans, nil)
		}
		spans[i] = append(spans[i], s)
	}
	var buckets []Bucket
	for i, samples := range spans {
		span := Result{Samples: samples}
		buckets = append(buckets, Bucket{
			Start:    r.Started.Add(time.Duration(i) * width),
			Requests: span.Requests(), Failed: span.Failed(), Failures: span.Failures(),
			Versions: span.Versions(), Latency: span.Latency(),
		})
	}
	return buckets
}
