// Package clocktest makes clocks for tests.
package clocktest

import (
	"sync"
	"testing"

	"github.com/slipway-go/slipway/emulator/internal/clock"
)

// New returns a clock that is watched until the test ends: see [clock.Clock.Watch].
func New(t testing.TB, speed float64) *clock.Clock {
	t.Helper()
	c := clock.New(speed)
	var watch sync.WaitGroup
	watch.Go(func() { c.Watch(t.Context()) })
	t.Cleanup(watch.Wait)
	return c
}
