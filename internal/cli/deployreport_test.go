package cli

import (
	"errors"
	"testing"
	"time"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/report"
)

func TestDeployReport(t *testing.T) {
	t.Parallel()
	const v1, v2 = "acme/shop:v1", "acme/shop:v2"
	changes := deploy.ChangesAccepted{Changes: []deploy.Change{
		{Resource: "Task", Path: "/Properties/ContainerDefinitions/0/Image", Before: v1, After: v2, Cause: "ImageUrl"},
		{Resource: "Service", Path: "/Properties/TaskDefinition", Before: "arn:aws:ecs:eu-west-1:1:task-definition/shop:1", After: "{{changeSet:KNOWN_AFTER_APPLY}}", Cause: "Task"},
	}}
	crashed := []deploy.StoppedTask{{ID: "a", StopCode: "EssentialContainerExited"}}
	tests := map[string]struct {
		result *deploy.Result
		err    error
		want   report.Outcome
		tasks  int
	}{
		"deployed":        {&deploy.Result{Image: v2, PreviousImage: v1}, nil, report.Deployed, 0},
		"started":         {&deploy.Result{Image: v2, PreviousImage: v1, Started: true}, nil, report.Started, 0},
		"already current": {&deploy.Result{Image: v2, PreviousImage: v1, AlreadyCurrent: true}, nil, report.AlreadyCurrent, 0},
		"rolled back":     {nil, &deploy.RolledBackError{Tasks: crashed}, report.RolledBack, 1},
		"crashing":        {nil, &deploy.CrashingError{Tasks: crashed}, report.Failed, 1},
		"failed":          {nil, errors.New("no network"), report.Failed, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			record := &report.Record{}
			record.Tell(report.Instant{Wall: time.Now()}, changes)
			got := deployReport(deploy.Request{Stack: "shop", Image: v2}, 0, record, nil, tt.result, tt.err)
			if got.Result != tt.want || got.Image != v2 || got.PreviousImage != v1 || len(got.StoppedTasks) != tt.tasks {
				t.Errorf("%s of %s after %s with %d tasks; want %s", got.Result, got.Image, got.PreviousImage, len(got.StoppedTasks), tt.want)
			}
		})
	}
}
