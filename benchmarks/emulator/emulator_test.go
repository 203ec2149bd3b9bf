package main

import (
	"context"
	"runtime"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/slipway-go/slipway/emulator"
)

// patience is how long, in real time, a test waits for a count before it fails.
const patience = 20 * time.Second

// started is an AWS with networks for some stacks of a load.
func started(t *testing.T, l load, size int) *cloud {
	t.Helper()
	l.speed, l.clients = 600, 8
	c, err := start(t.Context(), l, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.close(); err != nil {
			t.Error(err)
		}
	})
	for _, n := range l.networks(size) {
		if err := c.create(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// all does something to the stacks of a load from one number up to another.
func all(t *testing.T, c *cloud, l load, from, to int, do func(context.Context, stack) error) {
	t.Helper()
	if err := c.each(t.Context(), to-from, func(ctx context.Context, i int) error { return do(ctx, l.stack(from+i)) }); err != nil {
		t.Fatal(err)
	}
}

// atMost waits until no more goroutines are left, those of connections and health
// checks, which come and go, not counted.
func atMost(t *testing.T, c *cloud, want int, what string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		c.http.CloseIdleConnections()
		got := runtime.NumGoroutine()
		if got <= want {
			return
		}
		if c.Clock().Sleep(ctx, time.Second) != nil {
			t.Fatalf("%s: %d goroutines, want %d at most", what, got, want)
		}
	}
}

// least is the smallest number of goroutines in a minute of AWS time.
func least(t *testing.T, c *cloud) int {
	t.Helper()
	c.http.CloseIdleConnections()
	fewest := runtime.NumGoroutine()
	for range 60 {
		if err := c.Clock().Sleep(t.Context(), time.Second); err != nil {
			t.Fatal(err)
		}
		fewest = min(fewest, runtime.NumGoroutine())
	}
	return fewest
}

// goroutinesOfService are those of an idle service of two tasks. A scheduler; and for each task its own life and that of its container, the process
// with its HTTP server, and the target's health checks.
const goroutinesOfService = 1 + 2*5

func TestGoroutinesOfServices(t *testing.T) {
	l := serviceStacks(1000)
	const few, many = 2, 12
	c := started(t, l, many)
	all(t, c, l, 0, few, c.create)
	all(t, c, l, 0, few, c.delete)
	baseline := least(t, c)

	all(t, c, l, 0, many, c.create)
	atMost(t, c, baseline+many*goroutinesOfService, "services that run")
	all(t, c, l, 0, many, c.delete)
	atMost(t, c, baseline, "services that are deleted")
}

// objects is how many there are in the heap.
func objects() int {
	runtime.GC()
	runtime.GC()
	sample := []metrics.Sample{{Name: "/gc/heap/objects:objects"}}
	metrics.Read(sample)
	return int(sample[0].Value.Uint64())
}

// mostKept bounds what a deleted stack leaves: its task definition, which AWS keeps as
// INACTIVE, some fifty objects. A stack that is there has a thousand.
const mostKept = 100

func TestDeletedStacksLeaveNothing(t *testing.T) {
	for _, tt := range []struct {
		name string
		load load
		size int
	}{
		{"without tasks", taskStacks(1000), 50},
		{"services", serviceStacks(1000), 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := started(t, tt.load, 3*tt.size)
			round := func(from int) {
				all(t, c, tt.load, from, from+tt.size, c.create)
				all(t, c, tt.load, from, from+tt.size, c.delete)
			}
			// forget lets the time pass after which AWS shows deleted stacks no more, and
			// has the next stack find that out.
			forget := func(from int) {
				if _, err := c.Inject(emulator.FaultClock{Jump: 91 * 24 * time.Hour}); err != nil {
					t.Fatal(err)
				}
				all(t, c, tt.load, from, from+1, c.create)
				all(t, c, tt.load, from, from+1, c.delete)
				c.ForgetCalls()
				c.http.CloseIdleConnections()
			}
			round(0)
			forget(tt.size - 1)
			goroutines, before := least(t, c), objects()
			round(tt.size)
			forget(2*tt.size - 1)
			atMost(t, c, goroutines, "deleted stacks")
			if got := (objects() - before) / tt.size; got > mostKept {
				t.Errorf("a deleted stack leaves %d objects, want %d at most", got, mostKept)
			}
		})
	}
}
