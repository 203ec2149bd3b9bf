package deploy_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
)

func TestDeploy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.srv.SetImage(":v2", slowStart)
	w.up(t, v1)
	ctx := ctxOf(t)

	result, err := w.Deploy(ctx, deploy.Request{Stack: service, Image: v2})
	if err != nil {
		t.Fatal(err)
	}
	want := &deploy.Result{Stack: service, Place: place, Parameter: contract.ParameterImageURL, Requested: v2, Image: v2, PreviousImage: v1}
	if diff := cmp.Diff(want, result, cmpopts.IgnoreFields(deploy.Result{}, "Services", "Phases", "Changes")); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	if len(result.Services) != 1 || result.Services[0].Running != 2 || !strings.HasPrefix(result.Services[0].Digest, "sha256:") || result.Services[0].Deployment == "" {
		t.Errorf("services = %+v", result.Services)
	}
	var phases []deploy.PhaseName
	for _, p := range result.Phases {
		phases = append(phases, p.Name)
		if p.Start.IsZero() || p.Duration <= 0 {
			t.Errorf("phase %+v took no time", p)
		}
	}
	if diff := cmp.Diff([]deploy.PhaseName{deploy.PhaseRead, deploy.PhaseChangeSet, deploy.PhaseRollout, deploy.PhaseVerify}, phases); diff != "" {
		t.Errorf("phases (-want +got):\n%s", diff)
	}
	if len(result.Changes) != 2 {
		t.Errorf("changes = %+v", result.Changes)
	}
	// However rarely a busy machine looks: the slow start and the end are seen.
	if !has(w, func(e deploy.DeploymentProgress) bool {
		return e.Running == 0 && e.OldRunning == 2 && e.HealthyTargets == 2 && e.Targets == 2
	}) ||
		!has(w, func(e deploy.DeploymentProgress) bool { return e.Running == 2 && e.OldRunning == 0 && e.Desired == 2 }) ||
		!has(w, func(e deploy.StackEvent) bool { return e.Resource == "Service" && e.Status == "UPDATE_COMPLETE" }) {
		t.Error("the rollout was not told")
	}

	status, err := w.Status(ctx, service, "")
	if err != nil {
		t.Fatal(err)
	}
	wantStatus := &deploy.Status{
		Stack: service, Place: place, StackStatus: "UPDATE_COMPLETE", Parameter: contract.ParameterImageURL, Image: v2,
		Images: []deploy.ParameterImage{{Parameter: contract.ParameterImageURL, Image: v2}}, Drift: []string{},
		Services: []deploy.ServiceStatus{{
			Resource: "Service", Cluster: result.Services[0].Cluster, Service: result.Services[0].Service,
			Deployment: result.Services[0].Deployment, TaskDefinition: result.Services[0].TaskDefinition,
			RolloutState: "COMPLETED", Desired: 2, Running: 2,
			Images: []deploy.RunningImage{{Container: "web", Image: v2, Digest: result.Services[0].Digest, Tasks: 2}},
		}},
	}
	ignore := cmpopts.IgnoreFields(deploy.ServiceStatus{}, "RolloutReason", "Targets")
	if diff := cmp.Diff(wantStatus, status, ignore); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
	healthy := 0
	for _, target := range status.Services[0].Targets {
		if target.State == "healthy" {
			healthy++
		}
	}
	if healthy != 2 {
		t.Errorf("targets = %v; want two healthy ones", status.Services[0].Targets)
	}

	again, err := w.Deploy(ctx, deploy.Request{Stack: service, Image: v2, ImageParameter: contract.ParameterImageURL})
	if err != nil {
		t.Fatal(err)
	}
	if !again.AlreadyCurrent || again.PreviousImage != v2 {
		t.Errorf("again = %+v; want it to be current", again)
	}
	if diff := cmp.Diff(result.Services, again.Services); diff != "" {
		t.Errorf("services of the second deploy (-first +second):\n%s", diff)
	}
	if left := w.changeSets(t, service); len(left) > 0 {
		t.Errorf("change sets left behind: %v", left)
	}

	// Back and forth is a new rollout each time.
	for _, image := range []string{v1, v2} {
		back, err := w.Deploy(ctx, deploy.Request{Stack: service, Image: image})
		if err != nil || back.AlreadyCurrent {
			t.Fatalf("deploying %s again: %+v, %v", image, back, err)
		}
	}
}

// TestDeployByARole: CloudFormation keeps the role that an update names.
func TestDeployByARole(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.up(t, v1)
	const role = "arn:aws:iam::123456789012:role/deployer"
	for _, request := range []deploy.Request{
		{Stack: service, Image: v2, RoleARN: role},
		{Stack: service, Image: v1},
	} {
		if _, err := w.Deploy(ctxOf(t), request); err != nil {
			t.Fatal(err)
		}
		if got := w.role(t); got != role {
			t.Errorf("after %s the stack's role is %q, want %q", request.Image, got, role)
		}
	}
}

func (w *world) role(t *testing.T) string {
	t.Helper()
	out, err := cloudformation.NewFromConfig(w.cfg).DescribeStacks(ctxOf(t), &cloudformation.DescribeStacksInput{StackName: aws.String(service)})
	if err != nil {
		t.Fatal(err)
	}
	return aws.ToString(out.Stacks[0].RoleARN)
}

func TestDeployRollsBack(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		conduct emulator.Conduct
		want    string // in the reason of a stopped task
	}{
		"crash":     {emulator.Conduct{Crash: true, ExitCode: 3}, "Essential container in task exited"},
		"missing":   {emulator.Conduct{Missing: true}, "CannotPullContainerError"},
		"unhealthy": {emulator.Conduct{Unhealthy: true}, "health checks"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, deploy.Options{})
			w.srv.SetImage(":"+name, tt.conduct)
			w.up(t, v1)
			bad := "acme/web:" + name

			_, err := w.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: bad})
			var rolledBack *deploy.RolledBackError
			if !errors.As(err, &rolledBack) {
				t.Fatalf("error %v; want a *RolledBackError", err)
			}
			if rolledBack.Stack != service || rolledBack.StackStatus != "UPDATE_ROLLBACK_COMPLETE" || rolledBack.Image != bad || rolledBack.Service == "" {
				t.Errorf("error %+v", rolledBack)
			}
			if strings.Contains(err.Error(), "Circuit Breaker") || !strings.Contains(rolledBack.Summary(), tt.want) || !strings.Contains(err.Error(), "try again") {
				t.Errorf("error %v; want it to lead with the tasks' cause %q", err, tt.want)
			}
			if !strings.Contains(rolledBack.Reason, "Circuit Breaker") {
				t.Errorf("reason %q", rolledBack.Reason)
			}
			if !slices.ContainsFunc(rolledBack.Tasks, func(task deploy.StoppedTask) bool { return strings.Contains(task.String(), tt.want) }) {
				t.Errorf("stopped tasks %v; want one with %q", rolledBack.Tasks, tt.want)
			}
			if name == "crash" && (rolledBack.Tasks[0].ExitCode == nil || *rolledBack.Tasks[0].ExitCode != 3) {
				t.Errorf("stopped task %+v; want exit code 3", rolledBack.Tasks[0])
			}
			if name == "unhealthy" && len(rolledBack.Targets) == 0 {
				t.Error("no target's health was seen")
			}
			if !has(w, func(e deploy.TaskStopped) bool { return strings.Contains(e.Task.String(), tt.want) }) {
				t.Error("no stopped task was told")
			}

			status, err := w.Status(ctxOf(t), service, "")
			if err != nil {
				t.Fatal(err)
			}
			if status.Image != v1 || len(status.Drift) > 0 || status.Services[0].Running != 2 {
				t.Errorf("status after the rollback: %+v", status)
			}
			// A finished rollback is no obstacle to the next attempt.
			if _, err := w.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: v2}); err != nil {
				t.Errorf("the next deploy: %v", err)
			}
		})
	}
}
