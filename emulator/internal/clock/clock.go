// Package clock gives the embedded AWS its time: wall-clock time, run faster.
//
// Everything that waits in the emulator (health check intervals, draining, stop
// timeouts, stack operations) waits on one Clock, in AWS time. At speed 60 an AWS
// minute passes in a real second, so nothing has to be shortened for a test.
// Real input and output keeps real limits: see [Clock.IOTimeout].
package clock

import (
	"context"
	"sync/atomic"
	"time"
)

// minIOTimeout is the least real time that a network exchange is given, whatever
// the speed: scaled below it, a busy machine would fail healthy targets.
const minIOTimeout = time.Second

// Clock is scaled time. It starts at the real time of its making and runs Speed
// times as fast. It is safe for concurrent use, and only Jump and SetSpeed change it.
type Clock struct {
	pace   atomic.Pointer[pace]
	jumped atomic.Int64 // nanoseconds
}

// pace is how the time has gone since a moment.
type pace struct {
	real, aws time.Time // the same moment
	speed     float64
}

// New returns a clock that runs speed times as fast as real time. A speed of zero
// or less means 1, real time.
func New(speed float64) *Clock {
	if speed <= 0 {
		speed = 1
	}
	c, now := &Clock{}, time.Now()
	c.pace.Store(&pace{now, now, speed})
	return c
}

// Speed is how many AWS seconds pass in a real second.
func (c *Clock) Speed() float64 { return c.pace.Load().speed }

// SetSpeed makes the time pass so many times as fast from now on. Who waits already goes
// on to wait as long, in real time, as was to be waited before. A speed of zero or less
// means 1.
func (c *Clock) SetSpeed(speed float64) {
	if speed <= 0 {
		speed = 1
	}
	now := time.Now()
	c.pace.Store(&pace{now, c.pace.Load().at(now), speed})
}

// at is the AWS time at a real one, but for jumps.
func (p *pace) at(real time.Time) time.Time {
	return p.aws.Add(time.Duration(float64(real.Sub(p.real)) * p.speed))
}

// Now is the AWS time.
func (c *Clock) Now() time.Time {
	return c.pace.Load().at(time.Now()).Add(time.Duration(c.jumped.Load())).UTC()
}

// Jump sets the time forward, or back where d is negative, as when a machine's clock is
// set. Timers that run go on as if nothing had happened.
func (c *Clock) Jump(d time.Duration) { c.jumped.Add(int64(d)) }

// Since is the AWS time that has passed since t, never less than none: a clock that
// jumps back must not make anybody wait for what it jumped over.
func (c *Clock) Since(t time.Time) time.Duration { return max(c.Now().Sub(t), 0) }

// Real is the real time that an AWS duration takes.
func (c *Clock) Real(d time.Duration) time.Duration {
	return time.Duration(float64(d) / c.Speed())
}

// IOTimeout is the real time allowed for a network exchange whose limit is d of
// AWS time: never under one real second.
func (c *Clock) IOTimeout(d time.Duration) time.Duration {
	return max(c.Real(d), minIOTimeout)
}

// Timer returns a timer that fires after d of AWS time.
func (c *Clock) Timer(d time.Duration) *time.Timer { return time.NewTimer(c.Real(d)) }

// WithTimeout is context.WithTimeout in AWS time.
func (c *Clock) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, c.Real(d))
}

// Sleep waits for d of AWS time, or until ctx ends and then returns its error.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := c.Timer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
