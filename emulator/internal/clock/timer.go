package clock

import (
	"context"
	"sync"
	"time"
)

// Timer is a time.Timer of a Clock: what its machine is too busy for, it waits out.
type Timer struct {
	C <-chan time.Time // gets one value, the real time

	clock *Clock
	due   time.Duration // in real time that counts
	fire  func()

	mu   sync.Mutex
	real *time.Timer // nil once it has fired or was stopped
}

// Timer returns a timer that fires after d of AWS time.
func (c *Clock) Timer(d time.Duration) *Timer {
	fired := make(chan time.Time, 1)
	t := c.afterFunc(d, func() { fired <- time.Now() })
	t.C = fired
	return t
}

// afterFunc returns a timer that calls f, in a goroutine of its own, after d of AWS time.
func (c *Clock) afterFunc(d time.Duration, f func()) *Timer {
	left := c.Real(d)
	t := &Timer{clock: c, fire: f, due: c.counted() + left}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.real = time.AfterFunc(left, t.look)
	return t
}

// look fires the timer when it is due, and waits on where the time stood still meanwhile.
func (t *Timer) look() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.real == nil {
		return
	}
	if left := t.due - t.clock.counted(); left > 0 {
		t.real.Reset(left)
		return
	}
	t.real = nil
	t.fire()
}

// Stop makes the timer fire no more. It tells whether it had not fired.
func (t *Timer) Stop() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.real == nil {
		return false
	}
	t.real.Stop()
	t.real = nil
	return true
}

// WithTimeout is context.WithTimeout in AWS time, but for the context's error: that is
// context.Canceled, and its cause context.DeadlineExceeded.
func (c *Clock) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	bounded, end := context.WithCancelCause(ctx)
	t := c.afterFunc(d, func() { end(context.DeadlineExceeded) })
	return bounded, func() {
		t.Stop()
		end(nil)
	}
}
