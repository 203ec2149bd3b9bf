package deploy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestBreakerThreshold(t *testing.T) {
	t.Parallel()
	of := func(kind types.ThresholdType, value int32) *types.DeploymentCircuitBreaker {
		return &types.DeploymentCircuitBreaker{Enable: true, ThresholdConfiguration: &types.ThresholdConfiguration{Type: kind, Value: value}}
	}
	on := &types.DeploymentCircuitBreaker{Enable: true}
	tests := map[string]struct {
		breaker *types.DeploymentCircuitBreaker
		desired int
		want    int
	}{
		"none":                {nil, 10, 0},
		"off":                 {&types.DeploymentCircuitBreaker{}, 10, 0},
		"one task":            {on, 1, 3},
		"half, rounded up":    {on, 25, 13},
		"at most 200":         {on, 1000, 200},
		"a count":             {of(types.ThresholdTypeCount, 1), 50, 1},
		"bounded percent":     {of(types.ThresholdTypeBoundedPercent, 10), 50, 5},
		"bounded below":       {of(types.ThresholdTypeBoundedPercent, 10), 5, 3},
		"unbounded percent":   {of(types.ThresholdTypeUnboundedPercent, 10), 5, 1},
		"unbounded, over 200": {of(types.ThresholdTypeUnboundedPercent, 100), 500, 500},
		"unbounded, none":     {of(types.ThresholdTypeUnboundedPercent, 10), 0, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := breakerThreshold(tt.breaker, tt.desired); got != tt.want {
				t.Errorf("breakerThreshold = %d, want %d", got, tt.want)
			}
		})
	}
}

func TestLasting(t *testing.T) {
	t.Parallel()
	wrongCode := []TargetHealth{{State: "initial"}, {State: "unhealthy", Reason: "Target.ResponseCodeMismatch"}}
	noAnswer := []TargetHealth{{State: "unhealthy", Reason: "Target.Timeout"}}
	exited := string(types.TaskStopCodeEssentialContainerExited)
	tests := map[string]struct {
		task    StoppedTask
		targets []TargetHealth
		want    bool
	}{
		"no such image":       {StoppedTask{StopCode: "TaskFailedToStart", Reason: "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref x: x: not found"}, nil, true},
		"not allowed":         {StoppedTask{ContainerReason: "CannotPullContainerError: 403 Forbidden"}, nil, true},
		"slow registry":       {StoppedTask{Reason: "CannotPullContainerError: dial tcp 10.0.0.1:443: i/o timeout"}, nil, false},
		"too many pulls":      {StoppedTask{Reason: "CannotPullContainerError: toomanyrequests: Rate exceeded"}, nil, false},
		"exit":                {StoppedTask{StopCode: exited, Reason: "Essential container in task exited"}, nil, true},
		"wrong answer":        {StoppedTask{Reason: "Task failed ELB health checks in (target-group x)"}, wrongCode, true},
		"no answer":           {StoppedTask{Reason: "Task failed ELB health checks in (target-group x)"}, noAnswer, false},
		"container's check":   {StoppedTask{Reason: "Task failed container health checks"}, nil, true},
		"Spot":                {StoppedTask{StopCode: "SpotInterruption", Reason: "Your Spot Task was interrupted."}, wrongCode, false},
		"no capacity":         {StoppedTask{StopCode: "TaskFailedToStart", Reason: "Capacity is unavailable at this time."}, wrongCode, false},
		"stopped by a person": {StoppedTask{StopCode: "UserInitiated", Reason: "Task stopped by user"}, nil, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.task.lasting(tt.targets); got != tt.want {
				t.Errorf("lasting = %t, want %t", got, tt.want)
			}
		})
	}
}

func TestCrashLoop(t *testing.T) {
	t.Parallel()
	crash := StoppedTask{StopCode: string(types.TaskStopCodeEssentialContainerExited), Reason: "Essential container in task exited"}
	spot := StoppedTask{StopCode: "SpotInterruption"}
	breaker := func(count int32) *types.DeploymentCircuitBreaker {
		return &types.DeploymentCircuitBreaker{Enable: true, ThresholdConfiguration: &types.ThresholdConfiguration{Type: types.ThresholdTypeCount, Value: count}}
	}
	tests := map[string]struct {
		r     rollout
		limit int
		want  bool
	}{
		"few":                         {rollout{failures: []StoppedTask{crash, crash}}, 3, false},
		"enough":                      {rollout{failures: []StoppedTask{crash, crash, crash}}, 3, true},
		"not of a lasting cause":      {rollout{failures: []StoppedTask{crash, crash, spot}}, 3, false},
		"any number":                  {rollout{failures: []StoppedTask{crash, crash, crash}}, -1, false},
		"on its way back":             {rollout{undone: true, failures: []StoppedTask{crash, crash, crash}}, 3, false},
		"ECS has given up":            {rollout{progress: DeploymentProgress{RolloutState: "FAILED"}, failures: []StoppedTask{crash, crash, crash}}, 3, false},
		"the breaker is stricter":     {rollout{breaker: breaker(2), failures: []StoppedTask{crash, crash}}, 3, true},
		"the breaker is at it":        {rollout{breaker: breaker(3), progress: DeploymentProgress{Failed: 3}, failures: []StoppedTask{crash, crash, crash}}, 3, false},
		"the breaker was set back":    {rollout{breaker: breaker(3), progress: DeploymentProgress{Failed: 1}, failures: []StoppedTask{crash, crash, crash}}, 3, true},
		"the breaker is more lenient": {rollout{breaker: breaker(9), progress: DeploymentProgress{Failed: 3}, failures: []StoppedTask{crash, crash, crash}}, 3, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.r.crashLoop(tt.limit); (got != "") != tt.want {
				t.Errorf("crashLoop = %q, want one: %t", got, tt.want)
			}
		})
	}
}

// Only an update that was to be cancelled, and was not, is told as crashing; of a rollback,
// another rollback is not the way back.
func TestCrashing(t *testing.T) {
	t.Parallel()
	crash := StoppedTask{StopCode: string(types.TaskStopCodeEssentialContainerExited), Reason: "Essential container in task exited"}
	tests := map[string]struct {
		kind     string
		tooLate  string
		failures int
		limit    int
		want     string // empty for no error
	}{
		"nobody asked":   {"", "", 5, 3, ""},
		"few":            {"", "late", 2, 3, ""},
		"any number":     {"", "late", 5, -1, ""},
		"asked in vain":  {"", "late", 3, 3, "go back with: slipway rollback shop"},
		"of a rollback":  {rollbackKind, "late", 3, 3, "slipway rollback shop --to VERSION"},
		"without watch":  {"", "late", 0, 0, ""},
		"of a timeout":   {"", "it had not settled within 30m0s", 1, 3, ""},
		"more than many": {"", "late", 9, 3, "9 tasks of service web have stopped"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one := &rollout{service: serviceRef{name: "web"}}
			for range tt.failures {
				one.failures = append(one.failures, crash)
			}
			err := (&run{kind: tt.kind}).crashing(&operation{stackName: "shop", tooLate: tt.tooLate, maxFailedTasks: tt.limit}, []*rollout{one})
			if got := fmt.Sprint(err); (err != nil) != (tt.want != "") || !strings.Contains(got, tt.want) {
				t.Errorf("error %v; want %q", err, tt.want)
			}
		})
	}
}
