package deploy_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/templates"
)

// The parameter feeds more than the container's image: the gate refuses.
func TestDeployRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		old, replacement string // in the service template
		want             deploy.Reason
	}{
		"an environment variable": {
			`"Essential": true,`, `"Essential": true, "Environment": [{"Name": "VERSION", "Value": {"Ref": "ImageUrl"}}],`,
			deploy.Reason{Resource: "TaskDefinition", Path: "/Properties/ContainerDefinitions/0/Environment/0/Value", Before: v1, After: v2, Why: "it is not the image of a container that the parameter feeds"},
		},
		"another resource": {
			`"Resources": {`, `"Resources": { "Label": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Ref": "ImageUrl"}}},`,
			deploy.Reason{Resource: "Label", Path: "/Properties/Value", Before: v1, After: v2, Why: "parameter ImageUrl feeds this AWS::SSM::Parameter, too, which is no part of a rollout"},
		},
		"an export": {
			`"Outputs": {`, `"Outputs": {"Image": {"Value": {"Ref": "ImageUrl"}, "Export": {"Name": "image"}},`,
			deploy.Reason{Resource: "Outputs/Image", Why: "parameter ImageUrl feeds an output that is exported to other stacks"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, deploy.Options{})
			if _, err := w.Up(ctxOf(t), deploy.StackSpec{Name: network, TemplateBody: templates.Network()}); err != nil {
				t.Fatal(err)
			}
			template := strings.Replace(templates.Service(), tt.old, tt.replacement, 1)
			w.upService(t, template, v1)

			_, err := w.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: v2})
			var refused *deploy.RefusedError
			if !errors.As(err, &refused) {
				t.Fatalf("error %v; want a *RefusedError", err)
			}
			if !slices.Contains(refused.Reasons, tt.want) {
				t.Errorf("reasons %+v; want %+v among them", refused.Reasons, tt.want)
			}
			places := make(map[string]bool)
			for _, r := range refused.Reasons {
				if places[r.Resource+r.Path] {
					t.Errorf("%s%s is told twice: %v", r.Resource, r.Path, refused)
				}
				places[r.Resource+r.Path] = true
			}
			if left := w.changeSets(t, service); len(left) > 0 {
				t.Errorf("change sets left behind: %v", left)
			}
			if image := w.image(t); image != v1 {
				t.Errorf("the stack's image is %s", image)
			}
		})
	}
}

// ECS was told another task definition behind CloudFormation's back.
func TestDeployRefusesDrift(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.up(t, v1)
	ctx := ctxOf(t)
	first, err := w.Status(ctx, service, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Deploy(ctx, deploy.Request{Stack: service, Image: v2}); err != nil {
		t.Fatal(err)
	}
	one := first.Services[0]
	_, err = ecs.NewFromConfig(w.cfg).UpdateService(ctx, &ecs.UpdateServiceInput{
		Cluster: &one.Cluster, Service: &one.Service, TaskDefinition: &one.TaskDefinition,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, image := range []string{v2, "acme/web:v3"} {
		_, err = w.Deploy(ctx, deploy.Request{Stack: service, Image: image})
		var refused *deploy.RefusedError
		if !errors.As(err, &refused) || refused.Reasons[0].Resource != "Service" || !strings.Contains(err.Error(), "drift") {
			t.Errorf("deploying %s: error %v; want a *RefusedError about drift", image, err)
		}
	}
	status, err := w.Status(ctx, service, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(status.Drift) == 0 {
		t.Errorf("status %+v tells no drift", status)
	}
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	ctx := ctxOf(t)
	if _, err := w.Up(ctx, deploy.StackSpec{Name: network, TemplateBody: templates.Network()}); err != nil {
		t.Fatal(err)
	}
	unreachable := w.cfg.Copy()
	unreachable.BaseEndpoint = aws.String("http://127.0.0.1:1")
	unreachable.RetryMaxAttempts = 1
	anonymous := w.cfg.Copy()
	anonymous.Credentials = credentials.NewStaticCredentialsProvider("", "", "")
	nowhere := w.cfg.Copy()
	nowhere.Region, nowhere.BaseEndpoint = "", nil
	denied := w.cfg.Copy()
	denied.APIOptions = append(denied.APIOptions, answer("AccessDenied", "User: joe is not authorized to perform: cloudformation:DescribeStacks"))
	expired := w.cfg.Copy()
	expired.APIOptions = append(expired.APIOptions, answer("ExpiredToken", "The security token included in the request is expired"))

	tests := map[string]struct {
		cfg     aws.Config
		request deploy.Request
		want    []string
	}{
		"no such stack":       {w.cfg, deploy.Request{Stack: "nope", Image: v2}, []string{"Stack with id nope does not exist", "eu-west-1", "AWS_REGION"}},
		"no stack":            {w.cfg, deploy.Request{Image: v2}, []string{"no stack is named"}},
		"no image":            {w.cfg, deploy.Request{Stack: network, Image: "Not An Image"}, []string{`parsing image reference "Not An Image"`}},
		"no role":             {w.cfg, deploy.Request{Stack: network, Image: v2, RoleARN: "deployer"}, []string{`"deployer" is not the ARN of an IAM role`}},
		"no image parameter":  {w.cfg, deploy.Request{Stack: network, Image: v2}, []string{"no parameter of stack network feeds the image"}},
		"unknown parameter":   {w.cfg, deploy.Request{Stack: network, Image: v2, ImageParameter: "X"}, []string{"has no parameter X"}},
		"unreachable":         {unreachable, deploy.Request{Stack: network, Image: v2}, []string{"cannot be reached", "connection refused", "AWS_ENDPOINT_URL"}},
		"no credentials":      {anonymous, deploy.Request{Stack: network, Image: v2}, []string{"no AWS credentials found", "AWS_PROFILE"}},
		"no region":           {nowhere, deploy.Request{Stack: network, Image: v2}, []string{"no AWS region is set", "AWS_REGION"}},
		"no permission":       {denied, deploy.Request{Stack: network, Image: v2}, []string{"AWS denies it", "joe is not authorized"}},
		"expired credentials": {expired, deploy.Request{Stack: network, Image: v2}, []string{"does not accept the credentials", "expired"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := deploy.New(tt.cfg, deploy.Options{Clock: w.srv.Clock()}).Deploy(ctxOf(t), tt.request)
			var input *deploy.InputError
			if !errors.As(err, &input) {
				t.Fatalf("error %v (%T); want an *InputError", err, err)
			}
			for _, part := range tt.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q does not say %q", err, part)
				}
			}
		})
	}
}

// Interrupted before the change set is executed, nothing is left; after that, the
// rollout goes on and the error says so.
func TestDeployInterrupted(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		at       func(deploy.Event) bool
		wantLeft bool
	}{
		"while reading":                {func(e deploy.Event) bool { return isPhase(e, deploy.PhaseRead) }, false},
		"while the change set is made": {func(e deploy.Event) bool { return isPhase(e, deploy.PhaseChangeSet) }, false},
		"while it rolls out":           {func(e deploy.Event) bool { _, ok := e.(deploy.StackEvent); return ok }, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, deploy.Options{})
			w.up(t, v1)
			ctx, cancel := context.WithCancel(ctxOf(t))
			defer cancel()
			w.onEvent(func(e deploy.Event) {
				if tt.at(e) {
					cancel()
				}
			})
			_, err := w.Deploy(ctx, deploy.Request{Stack: service, Image: v2})
			var interrupted *deploy.InterruptedError
			if !errors.As(err, &interrupted) || interrupted.Left != tt.wantLeft || !errors.Is(err, context.Canceled) {
				t.Fatalf("error %v; want an *InterruptedError with Left %v", err, tt.wantLeft)
			}
			if tt.wantLeft {
				if !strings.Contains(err.Error(), "slipway status web") {
					t.Errorf("error %q does not say how to look", err)
				}
				return
			}
			if left := w.changeSets(t, service); len(left) > 0 {
				t.Errorf("change sets left behind: %v", left)
			}
			// The same deploy, started again, succeeds.
			w.onEvent(nil)
			if _, err := w.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: v2}); err != nil {
				t.Error(err)
			}
		})
	}
}

func isPhase(e deploy.Event, name deploy.PhaseName) bool {
	p, ok := e.(deploy.PhaseStarted)
	return ok && p.Phase == name
}

func TestDeployTimesOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.srv.SetImage(":v2", slowStart)
	w.up(t, v1)
	hasty := deploy.New(w.cfg, deploy.Options{Clock: w.srv.Clock(), Timeout: 10 * time.Second})
	_, err := hasty.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: v2})
	var timeout *deploy.TimeoutError
	if !errors.As(err, &timeout) || timeout.Timeout != 10*time.Second {
		t.Fatalf("error %v; want a *TimeoutError", err)
	}
	// It is seen back to where it was, which takes longer than it was given itself.
	if timeout.RolledBack == nil {
		t.Error("the rollback was not seen to its end")
	}
	status, err := w.Status(ctxOf(t), service, "")
	if err != nil || status.StackStatus != "UPDATE_ROLLBACK_COMPLETE" {
		t.Errorf("status %+v, %v; want UPDATE_ROLLBACK_COMPLETE", status, err)
	}
}

// A change set that a killed run has left is used, or made anew when it cannot be.
func TestDeployTakesOverChangeSet(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.up(t, v1)
	ctx := ctxOf(t)
	// What a run leaves that is killed just before it executes its change set: the same
	// request by another deployer, denied the execution and the clean-up.
	killed := w.cfg.Copy()
	killed.APIOptions = append(killed.APIOptions, answerOnly("AccessDenied", "no", "ExecuteChangeSet", "DeleteChangeSet"))
	_, err := deploy.New(killed, deploy.Options{Clock: w.srv.Clock()}).Deploy(ctx, deploy.Request{Stack: service, Image: v2})
	var input *deploy.InputError
	if !errors.As(err, &input) {
		t.Fatalf("error %v; want an *InputError", err)
	}
	left := w.changeSets(t, service)
	if len(left) != 1 {
		t.Fatalf("change sets left behind: %v; want one", left)
	}
	if _, err := w.Deploy(ctx, deploy.Request{Stack: service, Image: v2}); err != nil {
		t.Fatal(err)
	}
	if !has(w, func(e deploy.ChangesAccepted) bool { return e.ChangeSet == left[0] }) {
		t.Errorf("change set %s was not taken over", left[0])
	}
	if left := w.changeSets(t, service); len(left) > 0 {
		t.Errorf("change sets left behind: %v", left)
	}
}

func TestDeployToStuckStack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	ctx := ctxOf(t)
	// A service that imports from a network which is not there cannot be created.
	_, err := cloudformation.NewFromConfig(w.cfg).CreateStack(ctx, &cloudformation.CreateStackInput{
		StackName: aws.String(service),
		TemplateBody: aws.String(`{"Resources": {
			"First": {"Type": "AWS::SNS::Topic"},
			"Broken": {"Type": "AWS::ECS::Service", "DependsOn": "First", "Properties": {"Cluster": "nope", "TaskDefinition": "nope", "DesiredCount": 1}}}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	waitFor(ctx, t, w, service, "ROLLBACK_COMPLETE")
	_, err = w.Deploy(ctx, deploy.Request{Stack: service, Image: v2})
	var state *deploy.StackStateError
	if !errors.As(err, &state) || state.Status != "ROLLBACK_COMPLETE" || !strings.Contains(state.Advice, "slipway recover "+service+" --delete") {
		t.Errorf("error %v; want a *StackStateError that advises to delete the stack", err)
	}
}

func waitFor(ctx context.Context, t *testing.T, w *world, stack string, want deploy.StackStatus) {
	t.Helper()
	for {
		s, err := w.Status(ctx, stack, "")
		if err != nil {
			t.Fatal(err)
		}
		if s.StackStatus == want {
			return
		}
		if err := w.srv.Clock().Sleep(ctx, time.Second); err != nil {
			t.Fatalf("stack %s is %s, not %s", stack, s.StackStatus, want)
		}
	}
}

// Interrupted while it rolls out, the update is cancelled when that is wanted.
func TestDeployCancelled(t *testing.T) {
	t.Parallel()
	asked := ""
	w := newWorld(t, deploy.Options{OnInterrupt: func(stack string) deploy.Interrupt {
		asked = stack
		return deploy.Cancel
	}})
	w.srv.SetImage(":v2", slowStart)
	w.up(t, v1)
	ctx, cancel := context.WithCancel(ctxOf(t))
	defer cancel()
	w.onEvent(func(e deploy.Event) {
		switch e.(type) {
		case deploy.DeploymentProgress:
			cancel()
		case deploy.Cancelling:
			w.srv.ForgetCalls()
		}
	})
	_, err := w.Deploy(ctx, deploy.Request{Stack: service, Image: v2})
	if calls := w.srv.Calls(); len(calls) == 0 || calls[0].Operation != "DescribeStackEvents" {
		t.Errorf("after the cancellation it made %d calls, and not for the stack's events first", len(calls))
	}
	var rolledBack *deploy.RolledBackError
	if !errors.As(err, &rolledBack) || rolledBack.Reason != "the update was cancelled: it was interrupted" || rolledBack.StackStatus != "UPDATE_ROLLBACK_COMPLETE" {
		t.Fatalf("error %v; want a *RolledBackError by cancellation", err)
	}
	if asked != service {
		t.Errorf("asked about stack %q, want %q", asked, service)
	}
	if image := w.image(t); image != v1 {
		t.Errorf("the stack's image is %s, want %s", image, v1)
	}
}
