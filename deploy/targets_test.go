package deploy

import "testing"

// TestNewTargets: those that were there before are the old version's, in whatever state.
func TestNewTargets(t *testing.T) {
	t.Parallel()
	target := func(id, state string) TargetHealth {
		return TargetHealth{Group: "web", ID: id, Port: 80, State: state}
	}
	before := addressesOf([]TargetHealth{target("10.0.0.1", "healthy"), target("10.0.0.2", "healthy")})
	got := newTargets(before, []TargetHealth{
		target("10.0.0.1", "draining"), target("10.0.0.2", "healthy"),
		target("10.0.0.3", "healthy"), target("10.0.0.4", "initial"), target("10.0.0.5", "draining"),
		{Group: "other", ID: "10.0.0.1", Port: 80, State: "healthy"},
	})
	if want := (NewTargets{Healthy: 2, Registered: 3, Draining: 1}); got != want {
		t.Errorf("new targets %+v, want %+v", got, want)
	}
}
