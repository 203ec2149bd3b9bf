package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/rehearse"
)

func TestNarrator(t *testing.T) {
	t.Parallel()
	const stack, service = "shop", "web"
	tests := []struct {
		name         string
		event        deploy.Event
		want         string // "" when nothing is told
		wantFailures string // with failuresOnly
	}{
		{"phase", deploy.PhaseStarted{Stack: stack, Phase: deploy.PhaseRollout}, "shop: rollout", ""},
		{
			"changes", deploy.ChangesAccepted{Stack: stack, Changes: []deploy.Change{{Resource: "Task", Path: "/Properties/Image", Before: "a:1", After: "a:2"}}},
			"shop: accepted Task/Properties/Image: a:1 -> a:2", "",
		},
		{"resource begins", deploy.StackEvent{Stack: stack, Resource: "Task", Status: "CREATE_IN_PROGRESS"}, "", ""},
		{"resource ends", deploy.StackEvent{Stack: stack, Resource: "Task", Status: "CREATE_COMPLETE"}, "shop: Task CREATE_COMPLETE", ""},
		{
			"resource fails", deploy.StackEvent{Stack: stack, Resource: "Task", Status: "CREATE_FAILED", Reason: "no"},
			"shop: Task CREATE_FAILED: no", "shop: Task CREATE_FAILED: no",
		},
		{
			"stack begins", deploy.StackEvent{Stack: stack, Resource: "shop", ResourceType: "AWS::CloudFormation::Stack", Status: "UPDATE_IN_PROGRESS", Reason: "User Initiated"},
			"shop: stack UPDATE_IN_PROGRESS: User Initiated", "",
		},
		{
			"progress", deploy.DeploymentProgress{Service: service, RolloutState: "IN_PROGRESS", Desired: 2, Pending: 1, Running: 1, OldRunning: 2, HealthyTargets: 2, Targets: 3},
			"web: new tasks 1/2 running, 1 pending; old tasks 2; targets 2/3 healthy", "",
		},
		{
			"progress without a load balancer", deploy.DeploymentProgress{Service: service, RolloutState: "FAILED", RolloutReason: "circuit breaker", Desired: 2, Failed: 3},
			"web: new tasks 0/2 running, 3 failed; old tasks 0; FAILED: circuit breaker", "",
		},
		{
			"stopped task", deploy.TaskStopped{Service: service, Task: deploy.StoppedTask{ID: "abc", StopCode: "TaskFailedToStart", Reason: "CannotPullContainerError"}},
			"web: stopped task abc TaskFailedToStart: CannotPullContainerError", "web: stopped task abc TaskFailedToStart: CannotPullContainerError",
		},
		{"retrying", deploy.Retrying{Stack: stack, Err: errors.New("throttled")}, "shop: trying again after: throttled", "shop: trying again after: throttled"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for failuresOnly, want := range map[bool]string{false: tt.want, true: tt.wantFailures} {
				if want != "" {
					want = "  12.5s  " + want + "\n"
				}
				var b bytes.Buffer
				n := &narrator{w: &b, since: func() time.Duration { return 12500 * time.Millisecond }, failuresOnly: failuresOnly}
				n.tell(tt.event)
				if diff := cmp.Diff(want, b.String()); diff != "" {
					t.Errorf("failuresOnly %t (-want +got):\n%s", failuresOnly, diff)
				}
			}
		})
	}
}

func TestPrintDeploy(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	current := &deploy.Result{Stack: "shop", Image: "shop:v1", AlreadyCurrent: true}
	deployed := &deploy.Result{
		Stack: "shop", Image: "shop:v2", PreviousImage: "shop:v1",
		Services: []deploy.ServiceResult{{Service: "web", Running: 2, Digest: "sha256:abc"}},
	}
	if err := errors.Join(printDeploy(&b, current), printDeploy(&b, deployed)); err != nil {
		t.Fatal(err)
	}
	want := "already current: shop runs shop:v1\n" +
		"deployed: shop runs shop:v2, before shop:v1\n  web: 2 tasks of sha256:abc\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("printDeploy (-want +got):\n%s", diff)
	}
}

func TestPrintDeployJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		result *deploy.Result
		err    error
		want   map[string]any // some of the fields; nil when nothing is printed
	}{
		{
			"deployed", &deploy.Result{Stack: "shop", Image: "shop:v2", PreviousImage: "shop:v1"}, nil,
			map[string]any{"result": "deployed", "stack": "shop", "image": "shop:v2", "previousImage": "shop:v1"},
		},
		{
			"already current", &deploy.Result{Stack: "shop", AlreadyCurrent: true}, nil,
			map[string]any{"result": "already-current", "alreadyCurrent": true},
		},
		{
			"refused", nil, &deploy.RefusedError{Reasons: []deploy.Reason{{Resource: "Task", Why: "because"}}},
			map[string]any{"result": "refused", "stack": "shop", "refused": []any{map[string]any{"resource": "Task", "why": "because"}}},
		},
		{
			"rolled back", nil, &deploy.RolledBackError{Reason: "the circuit breaker"},
			map[string]any{"result": "rolled-back", "image": "shop:v2", "reason": "the circuit breaker"},
		},
		{"other errors", nil, &deploy.InputError{}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := printDeployJSON(&b, "shop", "shop:v2", tt.result, tt.err); err != nil {
				t.Fatal(err)
			}
			if tt.want == nil {
				if b.Len() > 0 {
					t.Errorf("printed %s, want nothing", &b)
				}
				return
			}
			var got map[string]any
			if err := json.Unmarshal(b.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			for key, want := range tt.want {
				if diff := cmp.Diff(want, got[key]); diff != "" {
					t.Errorf("%s (-want +got):\n%s", key, diff)
				}
			}
		})
	}
}

func TestPrintStatus(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	err := printStatus(&b, &deploy.Status{
		Stack: "shop", StackStatus: "UPDATE_COMPLETE", Parameter: "ImageUrl", Image: "shop:v2",
		Services: []deploy.ServiceStatus{{
			Service: "web", RolloutState: "COMPLETED", Desired: 2, Running: 2,
			Images:  []deploy.RunningImage{{Container: "app", Image: "shop:v2", Digest: "sha256:abc", Tasks: 2}},
			Targets: []deploy.TargetHealth{{ID: "10.0.1.7", Port: 80, State: "draining", Reason: "Target.DeregistrationInProgress"}},
		}},
		Drift: []string{"service web has 3 tasks, the stack says 2"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `stack      shop          UPDATE_COMPLETE
image      shop:v2       parameter ImageUrl
service    web           2/2 tasks running, rollout COMPLETED
  runs     shop:v2       2 tasks, container app, sha256:abc
  target   10.0.1.7:80   draining (Target.DeregistrationInProgress)
drift      service web has 3 tasks, the stack says 2
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("printStatus (-want +got):\n%s", diff)
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		report rehearse.Report
		code   exitCode
		stderr string
	}{
		{"deployed", rehearse.Report{Result: rehearse.Deployed, Requests: 1000}, exitDone, ""},
		{
			"lost", rehearse.Report{Result: rehearse.Deployed, Image: "shop:v2", Requests: 1000, Failed: 3}, exitLost,
			"slipway: shop:v2 was deployed, but 3 of 1000 requests were lost\n",
		},
		{
			"rolled back, and requests lost", rehearse.Report{Result: rehearse.RolledBack, Image: "shop:v2", Failed: 3, Reason: "circuit breaker"}, exitRolledBack,
			"slipway: shop:v2 was rolled back: circuit breaker\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stderr bytes.Buffer
			cmd := &cobra.Command{}
			cmd.SetErr(&stderr)
			if got := exitCodeOf(verdict(cmd, &tt.report)); got != tt.code {
				t.Errorf("exit code %d, want %d", got, tt.code)
			}
			if diff := cmp.Diff(tt.stderr, stderr.String()); diff != "" {
				t.Errorf("stderr (-want +got):\n%s", diff)
			}
		})
	}
}
