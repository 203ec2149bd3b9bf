package deploy

import (
	"context"
	"errors"
	"testing"
	"time"
)

// handClock is a clock that only Sleep moves.
type handClock struct{ now time.Time }

func (c *handClock) Now() time.Time { return c.now }

func (c *handClock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.now = c.now.Add(d)
	return nil
}

func newTestPoller(timeout time.Duration) (*poller, *handClock) {
	clock := &handClock{now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	p := newPoller(clock, timeout)
	p.random = func() float64 { return 0.5 } // no jitter
	return p, clock
}

func TestPollerIntervals(t *testing.T) {
	t.Parallel()
	p, clock := newTestPoller(time.Hour)
	start := clock.now
	at := func(after time.Duration) time.Duration { return p.interval(start.Add(after)) }

	if got := at(0); got != pollEarly {
		t.Errorf("at first it waits %s", got)
	}
	if got := at(3 * time.Second); got != 3*time.Second {
		t.Errorf("after three seconds it waits %s", got)
	}
	if got := at(time.Minute); got != pollLate {
		t.Errorf("later it waits %s", got)
	}
	p.nearEnd(true)
	if got := at(time.Minute); got != pollEarly {
		t.Errorf("near the end it waits %s", got)
	}
	p.nearEnd(false)
	for after, want := range map[time.Duration]time.Duration{
		30 * time.Second: pollLate, 56 * time.Second: 4 * time.Second, 60 * time.Second: pollEarly, 65 * time.Second: pollEarly,
		90 * time.Second: 3 * time.Second, 10 * time.Minute: pollLate,
	} {
		p.endExpected(start.Add(time.Minute))
		if got := at(after); got != want {
			t.Errorf("%s after the beginning, with an end expected after a minute, it waits %s; want %s", after, got, want)
		}
	}
	p.endExpected(time.Time{})

	for range 20 {
		before := at(time.Minute)
		p.throttled()
		if got := at(time.Minute); got < before || got > pollThrottled {
			t.Fatalf("throttled it waits %s after %s", got, before)
		}
	}
	if got := at(time.Minute); got != pollThrottled {
		t.Errorf("throttled for long it waits %s", got)
	}
	p.answered()
	p.throttled()
	for range 20 {
		p.answered()
	}
	if got := at(time.Minute); got != pollLate {
		t.Errorf("once it is answered again it waits %s", got)
	}
}

func TestPollerJitter(t *testing.T) {
	t.Parallel()
	p, clock := newTestPoller(time.Hour)
	for _, share := range []float64{0, 0.25, 0.999} {
		p.random = func() float64 { return share }
		got := p.interval(clock.now.Add(time.Minute))
		if low, high := time.Duration(float64(pollLate)*(1-pollJitter)), time.Duration(float64(pollLate)*(1+pollJitter)); got < low || got > high {
			t.Errorf("with jitter %v it waits %s, not %s to %s", share, got, low, high)
		}
	}
}

// The last look is taken at the deadline, not up to an interval past it.
func TestPollerDeadline(t *testing.T) {
	t.Parallel()
	const timeout = 42 * time.Second
	p, clock := newTestPoller(timeout)
	start, looks := clock.now, 0
	for {
		inTime, err := p.wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !inTime {
			break
		}
		looks++
	}
	if passed := clock.now.Sub(start); passed != timeout {
		t.Errorf("it gave up after %s, not %s", passed, timeout)
	}
	if looks != 8 { // five that become longer, two late ones, one at the deadline
		t.Errorf("it took %d looks in %s", looks, timeout)
	}
}

func TestPollerEndsWithContext(t *testing.T) {
	t.Parallel()
	p, _ := newTestPoller(time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v; want that of the context", err)
	}
}
