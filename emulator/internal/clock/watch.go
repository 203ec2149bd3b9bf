package clock

import (
	"context"
	"runtime"
	"time"
)

const (
	watchInterval = 5 * time.Millisecond
	// patience is how long a process may take from one look at the clock to the next
	// before time stands still for it.
	patience = 10 * time.Millisecond
)

// Watch keeps the clock from running ahead of its process, until ctx ends: it looks at
// the clock every few milliseconds, in line with whatever else is to run, and where its
// turn comes late, AWS time has stood still meanwhile. Without it, a machine that is busy
// for a quarter of a second takes half a minute from whom waits at speed 120: health
// checks, polls and a rollout would come in an order that no AWS knows.
//
// At speed 1 time never stands still: the processes of others live in it.
func (c *Clock) Watch(ctx context.Context) {
	tick := time.NewTicker(watchInterval)
	defer tick.Stop()
	c.setWatched(true)
	defer c.setWatched(false)
	for {
		if c.Speed() <= 1 {
			select {
			case <-c.paced:
				continue
			case <-ctx.Done():
				return
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		runtime.Gosched() // behind all goroutines that wait for their turn already
		c.mu.Lock()
		c.look()
		c.mu.Unlock()
	}
}

func (c *Clock) setWatched(watched bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.look()
	c.watched = watched
}

// look counts the time until now. The caller holds mu.
func (c *Clock) look() {
	now := time.Now()
	c.ran, c.looked = c.running(now), now
}

// running is the real time that counts until now. The caller holds mu.
func (c *Clock) running(now time.Time) time.Duration {
	passed := now.Sub(c.looked)
	if c.watched && c.speed > 1 {
		passed = min(passed, patience)
	}
	return c.ran + passed
}

// counted is running, for who does not hold mu.
func (c *Clock) counted() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.running(time.Now())
}
