package ecs

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestScaleDuringShift: a new desired count holds for both sets of tasks while both are
// wanted, and one of 0 lets a deployment pass.
func TestScaleDuringShift(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newShifted(t)
		defer w.close()
		w.serve("v1", blueGreen(5))
		w.deploy(w.register("v2"))
		for w.newest().LifecycleStage != stageBake {
			time.Sleep(time.Second)
		}
		w.scale(3)
		time.Sleep(time.Minute)
		d := w.newest()
		if source, target := d.SourceServiceRevisions[0], d.TargetServiceRevision; source.RunningTaskCount != 3 || target.RunningTaskCount != 3 {
			t.Errorf("%d old and %d new tasks run, want 3 of each", source.RunningTaskCount, target.RunningTaskCount)
		}
		w.check(w.service.AwaitService(t.Context(), "main", "web", ""))

		w.scale(0)
		w.check(w.service.AwaitService(t.Context(), "main", "web", ""))
		w.deploy(w.register("v3"))
		w.check(w.service.AwaitService(t.Context(), "main", "web", ""))
		if got := w.weightsOf(w.production); w.newest().Status != releaseSuccessful || got != "100/0" {
			t.Errorf("a deployment without tasks is %s, weights %s", w.newest().Status, got)
		}
		w.scale(2)
		w.check(w.service.AwaitService(t.Context(), "main", "web", ""))
		if r, _ := w.look(); r.new != "2 healthy" {
			t.Errorf("tasks after scaling out: %s, want 2 healthy", r.new)
		}
	})
}

// TestFromShiftToRolling: a service that goes back to rolling updates stays in the target
// group that has the traffic.
func TestFromShiftToRolling(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newShifted(t)
		defer w.close()
		w.serve("v1", blueGreen(0))
		w.deploy(w.register("v2"))
		w.check(w.service.AwaitService(t.Context(), "main", "web", ""))
		_, err := w.service.UpdateService(t.Context(), &UpdateServiceInput{
			Cluster: "main", Service: "web", TaskDefinition: w.register("v3"),
			DeploymentConfiguration: &DeploymentConfiguration{Strategy: strategyRolling},
		})
		w.check(err)
		w.check(w.service.AwaitService(t.Context(), "main", "web", ""))
		if got := w.weightsOf(w.production); got != "0/100" {
			t.Errorf("weights %s, want 0/100", got)
		}
		if r, _ := w.look(); r.new != "2 healthy" {
			t.Errorf("tasks %s, want 2 healthy", r.new)
		}
		d := w.newest()
		if d.LifecycleStage != "" || d.TargetServiceRevision.RequestedProductionTrafficWeight != nil {
			t.Errorf("a rolling update has stage %q and traffic weights", d.LifecycleStage)
		}
	})
}

func (w *shifted) scale(desired int) {
	w.t.Helper()
	_, err := w.service.UpdateService(w.t.Context(), &UpdateServiceInput{Cluster: "main", Service: "web", DesiredCount: &desired})
	w.check(err)
}
