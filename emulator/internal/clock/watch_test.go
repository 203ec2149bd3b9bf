package clock

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestWatchChangesNothingWhereThereIsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := watched(t, 60)
		began := c.Now()
		if err := c.Sleep(t.Context(), time.Hour); err != nil {
			t.Fatal(err)
		}
		if got := c.Since(began); got != time.Hour {
			t.Errorf("an hour took %v", got)
		}
	})
}

// A bubble is never late, so the process that is held up is one in which nobody looks.
func TestTimeStandsStillForABusyProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(60)
		c.setWatched(true)
		began := c.Now()
		timer := c.Timer(time.Minute)
		time.Sleep(10 * time.Second)
		if got, want := c.Since(began), 60*patience; got != want {
			t.Errorf("%v passed while the process did not run, want %v", got, want)
		}
		select {
		case <-timer.C:
			t.Error("the timer has fired")
		default:
		}

		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go c.Watch(ctx) // it runs again
		real := time.Now()
		<-timer.C
		if got, want := time.Since(real), time.Second-patience; got != want {
			t.Errorf("the timer fired after another %v, want %v", got, want)
		}
		if got := c.Since(began); got != time.Minute {
			t.Errorf("it fired after %v, want 1m", got)
		}
	})
}

func TestRealTimeNeverStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(1)
		c.setWatched(true)
		began := c.Now()
		time.Sleep(time.Minute)
		if got := c.Since(began); got != time.Minute {
			t.Errorf("a minute took %v", got)
		}
		c.SetSpeed(60)
		time.Sleep(time.Minute)
		if got, want := c.Since(began), time.Minute+60*patience; got != want {
			t.Errorf("with a minute at speed 60 that nobody looked at, it took %v, want %v", got, want)
		}
	})
}

func TestWithTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := watched(t, 60)
		ctx, cancel := c.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		real := time.Now()
		<-ctx.Done()
		if got := time.Since(real); got != time.Second || !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
			t.Errorf("it ended after %v for %v", got, context.Cause(ctx))
		}
		ctx, cancel = c.WithTimeout(t.Context(), time.Minute)
		cancel()
		if !errors.Is(context.Cause(ctx), context.Canceled) {
			t.Errorf("once cancelled, its cause is %v", context.Cause(ctx))
		}
	})
}

func TestTimerStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		timer := New(60).Timer(time.Minute)
		if !timer.Stop() {
			t.Error("it had fired")
		}
		time.Sleep(time.Minute)
		select {
		case <-timer.C:
			t.Error("it has fired")
		default:
		}
		if timer.Stop() {
			t.Error("it was stopped twice")
		}
	})
}

// watched returns a clock that is watched until the test ends.
func watched(t *testing.T, speed float64) *Clock {
	c := New(speed)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	go c.Watch(ctx)
	synctest.Wait()
	return c
}
