package rehearse

import (
	"slices"
	"sync"
	"time"

	"github.com/slipway-go/slipway/emulator"
)

// healthLog keeps every change of a target's health, so that the lowest capacity is
// known exactly and not as a sampling happened to catch it.
type healthLog struct {
	mu     sync.Mutex
	events []emulator.TargetHealth
}

func (l *healthLog) add(e emulator.TargetHealth) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, e)
}

func (l *healthLog) all() []emulator.TargetHealth {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.events)
}

// lowestHealthy is the lowest number of healthy targets that a target group had at
// any moment between two times, both included. An empty group means all groups. The
// events are in the order in which they happened, since the group was made.
func lowestHealthy(events []emulator.TargetHealth, group string, from, to time.Time) int {
	healthy := map[string]struct{}{}
	lowest := -1 // not there yet
	for _, e := range events {
		if group != "" && e.TargetGroupARN != group || e.Time.After(to) {
			continue
		}
		if lowest < 0 && e.Time.After(from) {
			lowest = len(healthy)
		}
		target := e.TargetGroupARN + " " + e.Target
		if e.State == "healthy" {
			healthy[target] = struct{}{}
		} else {
			delete(healthy, target)
		}
		if lowest >= 0 {
			lowest = min(lowest, len(healthy))
		}
	}
	if lowest < 0 {
		return len(healthy)
	}
	return lowest
}
