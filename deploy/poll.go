package deploy

import (
	"context"
	"math/rand/v2"
	"time"
)

// How often a stack operation is looked at. The SDK's waiters back off to minutes;
// a rollout of a minute should not be noticed a minute late, and one of half an hour
// should not cost a thousand calls.
const (
	pollFirst      = 2 * time.Second        // after an operation has begun: until then, nothing is to be seen
	pollEarly      = time.Second            // at first, and where the end may be at any moment
	pollLate       = 10 * time.Second       // once as much time has passed; until then, as long as has passed
	pollThrottled  = 30 * time.Second       // the longest interval that throttling leads to
	pollChangeSet  = 500 * time.Millisecond // a change set is there within seconds
	pollPatience   = 10                     // what is late is looked at after a tenth of how late
	pollJitter     = 0.2                    // each wait is up to this share longer or shorter
	throttleFactor = 2
)

// lookTimeout bounds the calls of one look at AWS. It is real time: networks do not run
// on a scaled clock.
const lookTimeout = time.Minute

// poller decides how long to wait between two looks, and when to give up.
type poller struct {
	clock    Clock
	start    time.Time
	deadline time.Time
	slowdown float64        // 1, or more after throttling
	near     bool           // whether the end is near
	expected time.Time      // from when on it may be; zero while nobody can tell
	random   func() float64 // in [0, 1)
}

func newPoller(clock Clock, timeout time.Duration) *poller {
	now := clock.Now()
	return &poller{clock: clock, start: now, deadline: now.Add(timeout), slowdown: 1, random: rand.Float64}
}

// interval is the time to wait before the next look.
func (p *poller) interval(now time.Time) time.Duration {
	base := min(max(now.Sub(p.start), pollEarly), pollLate)
	switch until := p.expected.Sub(now); {
	case p.near:
		base = pollEarly
	case p.expected.IsZero():
	case until > 0:
		base = min(base, max(until, pollEarly))
	default:
		base = min(max(-until/pollPatience, pollEarly), pollLate)
	}
	d := min(float64(base)*p.slowdown, float64(pollThrottled))
	d *= 1 - pollJitter + 2*pollJitter*p.random()
	return time.Duration(d)
}

// wait sleeps until the next look. It returns false when the deadline has passed.
func (p *poller) wait(ctx context.Context) (bool, error) {
	now := p.clock.Now()
	left := p.deadline.Sub(now)
	if left <= 0 {
		return false, nil
	}
	return true, p.clock.Sleep(ctx, min(p.interval(now), left))
}

// nearEnd makes the looks frequent again, or not.
func (p *poller) nearEnd(near bool) { p.near = near }

// endExpected makes the looks frequent from a time on; not any more, if it is zero.
func (p *poller) endExpected(from time.Time) { p.expected = from }

// throttled makes the looks rarer: AWS asked for it.
func (p *poller) throttled() {
	p.slowdown = min(p.slowdown*throttleFactor, float64(pollThrottled/pollEarly))
}

// answered lets the looks become as frequent as before, little by little: a limit
// that was hit once is close.
func (p *poller) answered() {
	p.slowdown = max(1, p.slowdown*0.75)
}
