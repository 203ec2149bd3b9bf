package report

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/load"
)

var began = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// instant is s real seconds after the load was put on, at ten times the speed.
func instant(s float64) Instant {
	wall := time.Duration(s * float64(time.Second))
	return Instant{AWS: began.Add(10 * wall), Wall: began.Add(wall)}
}

// TestInto: what was kept becomes a report, in the time of the load.
func TestInto(t *testing.T) {
	t.Parallel()
	sample := func(s float64, latency time.Duration, failure load.Failure, version string) load.Sample {
		return load.Sample{Start: instant(s).Wall, Latency: latency, Failure: failure, Version: version}
	}
	r := Record{Begun: instant(2), Over: instant(6), Load: &load.Result{
		Started: instant(0).Wall, Ended: instant(8).Wall,
		Samples: []load.Sample{
			sample(1, time.Millisecond, "", "v1"), sample(3, 5*time.Millisecond, "", "v2"),
			sample(4, 0, "HTTP 502", ""), sample(7, 2*time.Millisecond, "", "v2"),
		},
	}}
	r.Tell(instant(2), deploy.PhaseStarted{Phase: deploy.PhaseRollout})
	if r.Told() {
		t.Error("a phase alone counts as something that was told")
	}
	r.Tell(instant(2), deploy.ChangesAccepted{Changes: []deploy.Change{{Resource: "Task"}}})
	r.Tell(instant(3), deploy.DeploymentProgress{Service: "a", Desired: 2, OldRunning: 2, Pending: 2, Targets: 2, HealthyTargets: 2})
	r.Tell(instant(4), deploy.DeploymentProgress{Service: "b", Desired: 1, OldRunning: 1})
	r.Tell(instant(5), deploy.DeploymentProgress{Service: "a", Desired: 2, Running: 2, Targets: 2, HealthyTargets: 1, DrainingTargets: 2})
	whole := &Report{Speed: 10}
	r.Into(whole)

	if whole.RolloutStart != 20 || whole.RolloutEnd != 60 || whole.Seconds != 40 || whole.WallSeconds != 4 {
		t.Errorf("the rollout goes from %g to %g s, %g s long, %g s here", whole.RolloutStart, whole.RolloutEnd, whole.Seconds, whole.WallSeconds)
	}
	want := []TaskMoment{
		{Old: 3, Healthy: 3},
		{Second: 30, Old: 2, Pending: 2, Healthy: 2},
		{Second: 40, Old: 3, Pending: 2, Healthy: 3},
		{Second: 50, Old: 1, New: 2, Healthy: 2, Draining: 2},
	}
	if diff := cmp.Diff(want, whole.Tasks); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
	if whole.MinHealthyPercent != 66 {
		t.Errorf("the lowest capacity is %d %%, want that of 2 of 3", whole.MinHealthyPercent)
	}
	around := LatencyAround{Before: Latency{1, 1, 1, 1}, During: Latency{5, 5, 5, 5}, After: Latency{2, 2, 2, 2}}
	if diff := cmp.Diff(around, whole.LatencyAround); diff != "" {
		t.Errorf("latency (-want +got):\n%s", diff)
	}
	if whole.Requests != 4 || whole.Failed != 1 || len(whole.Changes) != 1 || len(whole.Timeline) != 36 {
		t.Errorf("%d requests, %d failed, %d changes, %d spans", whole.Requests, whole.Failed, len(whole.Changes), len(whole.Timeline))
	}
	if m := whole.Timeline[20]; m.Second != 40 || m.Failures["HTTP 502"] != 1 {
		t.Errorf("the span at 40 s is %+v", m)
	}
}

// TestIntoWithoutLoad: a deploy without a probe has no requests, and its time begins with
// it.
func TestIntoWithoutLoad(t *testing.T) {
	t.Parallel()
	r := Record{Begun: instant(2), Over: instant(6)}
	r.Tell(instant(3), deploy.StackEvent{Resource: "Web"})
	whole := &Report{Speed: 1}
	r.Into(whole)
	if whole.RolloutStart != 0 || whole.RolloutEnd != 4 || whole.Requests != 0 || len(whole.Timeline) != 0 || !r.Told() {
		t.Errorf("%+v", whole)
	}
	// An event is not after it was seen, nor before the rollout, whatever the clocks say.
	if at := whole.Events[0].Second; at < 0 || at > 1 {
		t.Errorf("the event is at %g s", at)
	}
}
