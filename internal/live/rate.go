package live

import (
	"fmt"
	"time"

	"github.com/slipway-go/slipway/internal/wording"
)

// Counter is a load under way: load.Load is one.
type Counter interface {
	// Counts is how many requests have come back so far, and how many of them failed.
	Counts() (requests, failed int)
}

// rate is how much load there is. The zero value is none.
type rate struct {
	counter Counter
	counts  []counted // of the time that the rate is taken over, the oldest first
}

type counted struct {
	at               time.Time
	requests, failed int
}

// over is the time that the rate is taken over.
const over = 2 * time.Second

// count takes a sample.
func (r *rate) count(now time.Time) {
	if r.counter == nil {
		return
	}
	requests, failed := r.counter.Counts()
	r.counts = append(r.counts, counted{now, requests, failed})
	for len(r.counts) > 2 && now.Sub(r.counts[1].at) >= over {
		r.counts = r.counts[1:]
	}
}

// line says what the load is and what has come of it; nothing without load.
func (r *rate) line() []string {
	if len(r.counts) == 0 {
		return nil
	}
	first, last := r.counts[0], r.counts[len(r.counts)-1]
	text := fmt.Sprintf("  load  %s requests", wording.Thousands(last.requests))
	if took := last.at.Sub(first.at).Seconds(); took > 0 {
		text += fmt.Sprintf(", %.0f a second", float64(last.requests-first.requests)/took)
	}
	if last.failed == 0 {
		return []string{text + ", none failed"}
	}
	return []string{text + ", " + bad(wording.Thousands(last.failed)+" failed")}
}
