package load

import (
	"testing"
	"time"
)

// TestStepsDue: request by request, when it leaves.
func TestStepsDue(t *testing.T) {
	t.Parallel()
	p := steps{{Rate: 2, For: time.Second}, {Rate: 0, For: 3 * time.Second}, {Rate: 10}}
	for n, want := range map[uint64]time.Duration{
		1: 0, 2: 500 * time.Millisecond, // 2 a second
		3: 4 * time.Second, 4: 4100 * time.Millisecond, 13: 5 * time.Second, // after the pause
	} {
		if got := p.due(n); got != want {
			t.Errorf("request %d is due after %s, want %s", n, got, want)
		}
	}
	for elapsed, want := range map[time.Duration]float64{0: 2, 2 * time.Second: 0, time.Hour: 10} {
		if got := p.Rate(elapsed); got != want {
			t.Errorf("after %s the rate is %g, want %g", elapsed, got, want)
		}
	}
	if wait, stop := p.Pace(200*time.Millisecond, 1); wait != 300*time.Millisecond || stop {
		t.Errorf("Pace = %s, %t; want 300ms to wait", wait, stop)
	}
	if wait, _ := p.Pace(time.Minute, 1); wait != 0 {
		t.Errorf("a load that is behind waits %s", wait)
	}
}

func TestStepsRefused(t *testing.T) {
	t.Parallel()
	for name, all := range map[string][]Step{
		"negative rate": {{Rate: -1}},
		"negative time": {{Rate: 1, For: -1}},
		"no end":        {{Rate: 1}, {Rate: 2}},
		"only a pause":  {{Rate: 1, For: 1}, {Rate: 0}},
	} {
		if CheckSteps(all) == nil {
			t.Errorf("%s: %v is not refused", name, all)
		}
	}
	if err := CheckSteps([]Step{{Rate: 1, For: 1}, {Rate: 2}}); err != nil {
		t.Error(err)
	}
}
