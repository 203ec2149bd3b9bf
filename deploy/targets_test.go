package deploy

import "testing"

// TestNewTargets: those that were there before are the old version's, in whatever state,
// and so are those that come while the service goes back to it.
func TestNewTargets(t *testing.T) {
	t.Parallel()
	target := func(id, state string) TargetHealth {
		return TargetHealth{Group: "web", ID: id, Port: 80, State: state}
	}
	r := &rollout{olden: map[string]bool{}}
	r.sort([]TargetHealth{target("10.0.0.1", "healthy"), target("10.0.0.2", "healthy")}, false)
	targets := []TargetHealth{
		target("10.0.0.1", "draining"), target("10.0.0.2", "healthy"),
		target("10.0.0.3", "healthy"), target("10.0.0.4", "initial"), target("10.0.0.5", "draining"),
		{Group: "other", ID: "10.0.0.1", Port: 80, State: "healthy"},
	}
	r.sort(targets, true)
	got := newTargets(r.olden, targets)
	if want := (NewTargets{Healthy: 2, Registered: 3, Draining: 1}); got != want {
		t.Errorf("new targets %+v, want %+v", got, want)
	}
	back := append(targets[2:3:3], target("10.0.0.6", "healthy"), target("10.0.0.7", "initial"))
	r.sort(back, false)
	if got, want := newTargets(r.olden, back), (NewTargets{Healthy: 1, Registered: 1}); got != want {
		t.Errorf("on the way back, new targets %+v, want %+v", got, want)
	}
}
