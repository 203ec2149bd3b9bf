package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/report"
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
			"changes", deploy.ChangesAccepted{Stack: stack, ChangeSet: "slipway-1", Changes: []deploy.Change{{Resource: "Task", Path: "/Properties/Image", Before: "a:1", After: "a:2"}}},
			"shop: accepted Task/Properties/Image:\n           a:1 -> a:2", "",
		},
		{
			"what to expect", deploy.ChangesAccepted{Stack: stack, Predictions: []deploy.Prediction{{
				Service: service, Strategy: "ROLLING", Desired: 2, Batches: 1, LeastHealthy: 2, MostTasks: 4, Shortest: 55 * time.Second, Longest: 70 * time.Second,
				Basis: []string{"its last rollout took 1 min 4 s"}, Warnings: []string{"look out"},
			}}},
			"web: 2 tasks in 1 batch, 2 to 4 at a time; expected to take 55 s to 1 min 10 s\n           by: its last rollout took 1 min 4 s\n  12.5s  web: warning: look out", "",
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
			"progress", deploy.DeploymentProgress{Service: service, RolloutState: "IN_PROGRESS", Desired: 2, Pending: 1, Running: 1, OldRunning: 2, HealthyTargets: 2, Targets: 3, DrainingTargets: 1},
			"web: new tasks 1/2, 1 pending; old 2; healthy 2/3, 1 draining", "",
		},
		{
			"progress without a load balancer", deploy.DeploymentProgress{Service: service, RolloutState: "FAILED", RolloutReason: "circuit breaker", Desired: 2, Failed: 3},
			"web: new tasks 0/2, 3 failed; old 0; FAILED\n           circuit breaker", "",
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
	current := &deploy.Result{
		Stack: "shop", Image: "shop:v1", PreviousImage: "shop:v1", AlreadyCurrent: true,
		Services: []deploy.ServiceResult{{Service: "web", Desired: 2, Running: 2, Digest: "sha256:abc"}},
	}
	digest := "@sha256:" + strings.Repeat("0123456789abcdef", 4)
	retagged := &deploy.Result{
		Stack: "shop", Requested: "shop:1.0", Image: "shop:1.0" + digest, PreviousImage: "shop:rc" + digest, AlreadyCurrent: true,
	}
	retagged.Services = current.Services
	resolved := &deploy.Result{
		Stack: "shop", Requested: "shop:latest", Image: "shop:latest" + digest, PreviousImage: "shop:v1", Services: current.Services,
	}
	deployed := &deploy.Result{
		Stack: "shop", Image: "shop:v2", PreviousImage: "shop:v1",
		Services: []deploy.ServiceResult{{Service: "web", Desired: 1, Running: 1, Digest: "sha256:" + strings.Repeat("0123456789abcdef", 4)}},
	}
	idle := &deploy.Result{
		Stack: "shop", Image: "shop:v2", PreviousImage: "shop:v1",
		Services: []deploy.ServiceResult{{Service: "web"}},
	}
	unused := &deploy.Result{Stack: "shop", Image: "shop:v2", PreviousImage: "shop:v1"}
	for _, r := range []*deploy.Result{current, retagged, resolved, deployed, idle, unused} {
		if err := printDeploy(&b, r); err != nil {
			t.Fatal(err)
		}
	}
	want := "already current: shop runs shop:v1\n" +
		"already current: shop runs shop:1.0 (sha256:0123456789ab)\n  the stack has it as shop:rc (sha256:0123456789ab)\n" +
		"deployed: shop runs shop:latest (sha256:0123456789ab), before shop:v1\n  web: 2 tasks of sha256:abc\n" +
		"deployed: shop runs shop:v2, before shop:v1\n  web: 1 task of sha256:0123456789ab\n" +
		"deployed: shop runs shop:v2, before shop:v1\n  web: no task runs, the desired count is 0\n" +
		"updated: shop has shop:v2, before shop:v1\n  no service of this stack uses it; the stack has it only as a task definition\n"
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
		want   map[string]any // some of the fields
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
			"resolved", &deploy.Result{Stack: "shop", Requested: "shop:v2", Image: "shop:v2@sha256:abc"}, nil,
			map[string]any{"result": "deployed", "requested": "shop:v2", "image": "shop:v2@sha256:abc"},
		},
		{
			"refused", nil, &deploy.RefusedError{Reasons: []deploy.Reason{{Resource: "Task", Why: "because"}}},
			map[string]any{"result": "refused", "stack": "shop", "refused": []any{map[string]any{"resource": "Task", "why": "because"}}},
		},
		{
			"rolled back", nil, &deploy.RolledBackError{Reason: "the circuit breaker"},
			map[string]any{"result": "rolled-back", "requested": "shop:v2", "image": "shop:v2", "reason": "the circuit breaker"},
		},
		{
			"rolled back after it was resolved", nil, &deploy.RolledBackError{Image: "shop:v2@sha256:abc"},
			map[string]any{"result": "rolled-back", "requested": "shop:v2", "image": "shop:v2@sha256:abc"},
		},
		{
			"bad input", nil, &deploy.InputError{Problem: "stack shop does not exist"},
			map[string]any{"result": "bad-input", "stack": "shop", "error": "stack shop does not exist"},
		},
		{"timed out", nil, &deploy.TimeoutError{Stack: "shop"}, map[string]any{"result": "timed-out"}},
		{"interrupted", nil, &deploy.InterruptedError{Stack: "shop", Err: context.Canceled}, map[string]any{"result": "interrupted"}},
		{"stuck", nil, &deploy.StackStateError{Stack: "shop"}, map[string]any{"result": "stuck"}},
		{"unexpected", nil, errors.New("out of luck"), map[string]any{"result": "failed", "error": "out of luck"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := printJSON(&b, deployOutcomeOf("shop", "shop:v2", tt.result, tt.err)); err != nil {
				t.Fatal(err)
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
		Stack: "shop", StackStatus: "UPDATE_COMPLETE",
		Images: []deploy.ParameterImage{{Parameter: "ImageUrl", Image: "shop:v2"}, {Parameter: "ProxyImage", Image: "proxy:v1"}},
		Services: []deploy.ServiceStatus{{
			Service: "web", RolloutState: "COMPLETED", RolloutReason: "the deployment completed", Desired: 2, Running: 2,
			Images:  []deploy.RunningImage{{Container: "app", Image: "shop:v2", Digest: "sha256:" + strings.Repeat("0123456789abcdef", 4), Tasks: 1}},
			Targets: []deploy.TargetHealth{{ID: "10.0.1.7", Port: 80, State: "draining", Reason: "Target.DeregistrationInProgress"}},
		}},
		Drift: []string{"service web has 3 tasks, the stack says 2"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `stack     shop UPDATE_COMPLETE
image     shop:v2 (parameter ImageUrl)
image     proxy:v1 (parameter ProxyImage)
service   web
          2/2 tasks running, rollout COMPLETED
          the deployment completed
  runs    shop:v2
          1 task, container app, sha256:0123456789ab
  target  10.0.1.7:80 draining (Target.DeregistrationInProgress)
drift     service web has 3 tasks, the stack says 2
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("printStatus (-want +got):\n%s", diff)
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		report report.Report
		code   exitCode
		want   string
	}{
		{"deployed", report.Report{Result: report.Deployed, Requests: 1000}, exitDone, ""},
		{
			"lost", report.Report{Result: report.Deployed, Image: "shop:v2", Requests: 1000, Failed: 3}, exitLost,
			"shop:v2 was deployed, but 3 of 1000 requests were lost",
		},
		{
			"rolled back, and requests lost", report.Report{Result: report.RolledBack, Image: "shop:v2", Failed: 3, Reason: "circuit breaker"}, exitRolledBack,
			"shop:v2 was rolled back: circuit breaker",
		},
		{
			"rolled back by its tasks", report.Report{
				Result: report.RolledBack, Image: "shop:v2", Reason: "circuit breaker",
				StoppedTasks: []deploy.StoppedTask{{ID: "c", Reason: "odd"}, {ID: "a", Reason: "no such image"}, {ID: "b", Reason: "no such image"}},
			}, exitRolledBack,
			"shop:v2 was rolled back: 2 stopped tasks (a, b) no such image",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, code := verdict(&tt.report); got != tt.want || code != tt.code {
				t.Errorf("%q and exit code %d, want %q and %d", got, code, tt.want, tt.code)
			}
		})
	}
}

func TestShort(t *testing.T) {
	t.Parallel()
	digest := "sha256:" + strings.Repeat("0123456789abcdef", 4)
	for value, want := range map[string]string{
		"docker.io/acme/shop:v1":           "docker.io/acme/shop:v1",
		"docker.io/acme/shop@" + digest:    "docker.io/acme/shop (sha256:0123456789ab)",
		digest:                             "sha256:0123456789ab",
		"docker.io/acme/shop:v1@" + digest: "docker.io/acme/shop:v1 (sha256:0123456789ab)",
		"arn:aws:ecs:eu-west-1:123456789012:task-definition/hello:1":                           "hello:1",
		"arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef": "web",
		"": "",
	} {
		if got := short(value); got != want {
			t.Errorf("short(%q) = %q, want %q", value, got, want)
		}
	}
	for name, want := range map[string]string{"slipway-service-Service-RrKF4rUakyiF": "slipway-service-Service", "web": "web"} {
		if got := shortService(name); got != want {
			t.Errorf("shortService(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestWrapped(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text  string
		width int
		want  string
	}{
		{"  12.5s  web: stopped task abc", 0, "  12.5s  web: stopped task abc"},
		{"  12.5s  web: stopped task abc", 30, "  12.5s  web: stopped task abc"},
		{"  12.5s  web: stopped task abc", 29, "  12.5s  web: stopped task\n           abc"},
		{"  12.5s  web: a b\n           c d e", 16, "  12.5s  web: a\n           b\n           c d e"},
		{strings.Repeat("x", 40) + " y", 10, strings.Repeat("x", 40) + " y"},
		{"", 80, ""},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, wrapped(tt.text, tt.width)); diff != "" {
			t.Errorf("wrapped(%q, %d) (-want +got):\n%s", tt.text, tt.width, diff)
		}
	}
}
