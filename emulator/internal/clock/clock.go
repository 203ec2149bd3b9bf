// Package clock gives the embedded AWS its time: wall-clock time, run faster.
//
// Everything that waits in the emulator (health check intervals, draining, stop
// timeouts, stack operations) waits on one Clock, in AWS time. At speed 60 an AWS
// minute passes in a real second, so nothing has to be shortened for a test.
// Real input and output keeps real limits: see [Clock.IOTimeout].
//
// A clock that is watched (see [Clock.Watch]) does not run ahead of its process: on a
// machine that is too busy for the speed asked for, AWS time is slower.
package clock

import (
	"context"
	"sync"
	"time"
)

// minIOTimeout is the least real time that a network exchange is given, whatever
// the speed: scaled below it, a busy machine would fail healthy targets.
const minIOTimeout = time.Second

// Clock is scaled time. It starts at the real time of its making and runs Speed
// times as fast. It is safe for concurrent use, and only Jump, SetSpeed and a busy
// machine under Watch change how it goes.
type Clock struct {
	mu      sync.Mutex
	ran     time.Duration // the real time that has counted, up to looked
	looked  time.Time     // a real time
	watched bool
	paced   chan struct{} // gets a value when the speed is set, for who watches

	speed  float64
	from   time.Time     // the AWS time when the speed was set, but for jumps
	since  time.Duration // what ran was then
	jumped time.Duration
}

// New returns a clock that runs speed times as fast as real time. A speed of zero
// or less means 1, real time.
func New(speed float64) *Clock {
	now := time.Now()
	return &Clock{looked: now, from: now, speed: speedOf(speed), paced: make(chan struct{}, 1)}
}

func speedOf(speed float64) float64 {
	if speed <= 0 {
		return 1
	}
	return speed
}

// Speed is how many AWS seconds pass in a real second, on a machine that is not too busy.
func (c *Clock) Speed() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.speed
}

// SetSpeed makes the time pass so many times as fast from now on. Who waits already goes
// on to wait as long, in real time, as was to be waited before. A speed of zero or less
// means 1.
func (c *Clock) SetSpeed(speed float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.look()
	c.from, c.since, c.speed = c.at(c.ran), c.ran, speedOf(speed)
	select {
	case c.paced <- struct{}{}:
	default: // it is to look already
	}
}

// at is the AWS time after so much counted real time, but for jumps.
func (c *Clock) at(ran time.Duration) time.Time {
	return c.from.Add(time.Duration(float64(ran-c.since) * c.speed))
}

// Now is the AWS time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at(c.running(time.Now())).Add(c.jumped).UTC()
}

// Jump sets the time forward, or back where d is negative, as when a machine's clock is
// set. Timers that run go on as if nothing had happened.
func (c *Clock) Jump(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.jumped += d
}

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
