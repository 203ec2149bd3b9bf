package ecs

import (
	"testing"
	"time"
)

func TestThreshold(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		breaker *DeploymentCircuitBreaker
		desired int
		want    int
	}{
		{nil, 1, 3},
		{&DeploymentCircuitBreaker{Enable: true}, 2, 3},
		{&DeploymentCircuitBreaker{Enable: true}, 7, 4},
		{&DeploymentCircuitBreaker{Enable: true}, 25, 13},
		{&DeploymentCircuitBreaker{Enable: true}, 1000, 200},
		{&DeploymentCircuitBreaker{ThresholdConfiguration: &ThresholdConfiguration{Type: "COUNT", Value: 1}}, 10, 1},
		{&DeploymentCircuitBreaker{ThresholdConfiguration: &ThresholdConfiguration{Type: "BOUNDED_PERCENT", Value: 10}}, 10, 3},
		{&DeploymentCircuitBreaker{ThresholdConfiguration: &ThresholdConfiguration{Type: "UNBOUNDED_PERCENT", Value: 10}}, 10, 1},
		{&DeploymentCircuitBreaker{ThresholdConfiguration: &ThresholdConfiguration{Type: "UNBOUNDED_PERCENT", Value: 100}}, 500, 500},
	} {
		if got := tt.breaker.threshold(tt.desired); got != tt.want {
			t.Errorf("threshold of %+v for %d tasks: %d, want %d", tt.breaker, tt.desired, got, tt.want)
		}
	}
}

func TestThrottleDoublesUpToItsLimit(t *testing.T) {
	t.Parallel()
	var th throttle
	now := time.Unix(0, 0)
	var pauses []time.Duration
	for range 40 {
		th.failed(now)
		pauses = append(pauses, max(th.until.Sub(now), 0))
		if th.until.After(now) {
			if th.allows(now) {
				t.Fatal("a start is allowed during a pause")
			}
			th.failed(now) // of the same wave: changes nothing
			now = th.until
		}
	}
	if pauses[0] != 0 || pauses[1] != restartPause || pauses[2] != 2*restartPause || pauses[39] != maxRestartPause {
		t.Errorf("pauses are %v", pauses)
	}
}
