package ecs

import "time"

// The bounds of the circuit breaker's threshold for a percentage, and the percentage
// where none is given: "0.5 * desired task count", at least 3 and at most 200.
const (
	breakerMinimum = 3
	breakerMaximum = 200
	breakerPercent = 50
)

// Types of a threshold.
const (
	thresholdCount     = "COUNT"
	thresholdBounded   = "BOUNDED_PERCENT"
	thresholdUnbounded = "UNBOUNDED_PERCENT"
)

// threshold is how many failed tasks fail a deployment.
func (b *DeploymentCircuitBreaker) threshold(desired int) int {
	kind, value := thresholdBounded, breakerPercent
	if b != nil && b.ThresholdConfiguration != nil {
		kind, value = b.ThresholdConfiguration.Type, b.ThresholdConfiguration.Value
	}
	switch kind {
	case thresholdCount:
		return value
	case thresholdUnbounded:
		return max(ceilPercent(desired, value), 1)
	default:
		return min(max(ceilPercent(desired, value), breakerMinimum), breakerMaximum)
	}
}

func (b *DeploymentCircuitBreaker) enabled() bool { return b != nil && b.Enable }

func (b *DeploymentCircuitBreaker) rollsBack() bool { return b.enabled() && b.Rollback }

// resets reports whether a healthy task clears the count, which is the default.
func (b *DeploymentCircuitBreaker) resets() bool {
	return b == nil || b.ResetOnHealthyTask == nil || *b.ResetOnHealthyTask
}

// The service throttles restarts of tasks that keep failing: the first is immediate,
// then the pause doubles. AWS documents that it throttles and not how; its limit is
// said to be 15 minutes.
const (
	restartPause    = 5 * time.Second
	maxRestartPause = 15 * time.Minute
	restartsNoted   = 5 // failures in a row until the service says so in an event
)

// throttle spaces the restarts of failing tasks.
type throttle struct {
	failures int // waves of failures since a task was healthy
	until    time.Time
}

// failed notes a failed task and reports whether a new wave begins with it. Those that
// fail during a pause are of the same wave.
func (t *throttle) failed(now time.Time) bool {
	if now.Before(t.until) {
		return false
	}
	t.failures++
	if t.failures == 1 {
		return true
	}
	pause := maxRestartPause
	if doublings := t.failures - 2; doublings < 16 {
		pause = min(restartPause<<doublings, maxRestartPause)
	}
	t.until = now.Add(pause)
	return true
}

func (t *throttle) allows(now time.Time) bool { return !now.Before(t.until) }
