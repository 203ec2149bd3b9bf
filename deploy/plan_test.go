package deploy_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/templates"
)

func TestPlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.up(t, v1)
	ctx := ctxOf(t)
	before := w.version(t)

	plan, err := w.Plan(ctx, deploy.Request{Stack: service, Image: v2})
	if err != nil {
		t.Fatal(err)
	}
	want := &deploy.Plan{
		Stack: service, Place: place, Parameter: contract.ParameterImageURL, Requested: v2, Image: v2, PreviousImage: v1,
		Changes: []deploy.Change{
			{Resource: "Service", ResourceType: "AWS::ECS::Service", Action: "Modify", Path: "/Properties/TaskDefinition", After: "{{changeSet:KNOWN_AFTER_APPLY}}", Cause: "TaskDefinition"},
			{Resource: "TaskDefinition", ResourceType: "AWS::ECS::TaskDefinition", Action: "Modify", Path: "/Properties/ContainerDefinitions/0/Image", Before: v1, After: v2, Replacement: true, Cause: contract.ParameterImageURL},
		},
		Predictions: []deploy.Prediction{{Resource: "Service", Strategy: "ROLLING", Desired: 2, Batches: 1, LeastHealthy: 2, MostTasks: 4}},
	}
	plan.Changes[0].Before = "" // the task definition's ARN
	ignore := cmpopts.IgnoreFields(deploy.Prediction{}, "Cluster", "Service", "Shortest", "Longest", "Basis")
	if diff := cmp.Diff(want, plan, ignore); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	// The first one is what the tasks took that came with the service.
	wantBasis := []string{"a target group checks every 10 s", "old targets drain for 30 s", "old tasks may take 1 min to stop"}
	if basis := plan.Predictions[0].Basis; !strings.HasPrefix(basis[0], "its first tasks took ") || !slices.Equal(basis[1:], wantBasis) {
		t.Errorf("the prediction rests on %q", basis)
	}
	if left := w.changeSets(t, service); len(left) > 0 {
		t.Errorf("change sets left behind: %v", left)
	}
	if image, after := w.image(t), w.version(t); image != v1 || !after.Equal(before) {
		t.Errorf("the stack was changed at %s and has image %s", after, image)
	}

	current, err := w.Plan(ctx, deploy.Request{Stack: service, Image: v1})
	if err != nil || !current.AlreadyCurrent || current.Refused() || len(current.Changes) > 0 {
		t.Errorf("the plan of what runs is %+v, %v", current, err)
	}
}

// version is when the service stack was changed last.
func (w *world) version(t *testing.T) time.Time {
	t.Helper()
	out, err := cloudformation.NewFromConfig(w.cfg).DescribeStacks(ctxOf(t), &cloudformation.DescribeStacksInput{StackName: aws.String(service)})
	if err != nil {
		t.Fatal(err)
	}
	if at := out.Stacks[0].LastUpdatedTime; at != nil {
		return *at
	}
	return aws.ToTime(out.Stacks[0].CreationTime)
}

// A plan that is refused shows all changes, those that alone would be accepted among them.
func TestPlanRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	ctx := ctxOf(t)
	if _, err := w.Up(ctx, deploy.StackSpec{Name: network, TemplateBody: templates.Network()}); err != nil {
		t.Fatal(err)
	}
	w.upService(t, strings.Replace(templates.Service(), `"Essential": true,`, `"Essential": true, "Environment": [{"Name": "VERSION", "Value": {"Ref": "ImageUrl"}}],`, 1), v1)
	plan, err := w.Plan(ctx, deploy.Request{Stack: service, Image: v2})
	if err != nil {
		t.Fatal(err)
	}
	var paths, reasons []string
	for _, c := range plan.Changes {
		paths = append(paths, c.Resource+c.Path)
	}
	for _, r := range plan.Reasons {
		reasons = append(reasons, r.Resource+r.Path)
	}
	wantPaths := []string{
		"Service/Properties/TaskDefinition", "TaskDefinition/Properties/ContainerDefinitions/0/Environment/0/Value",
		"TaskDefinition/Properties/ContainerDefinitions/0/Image",
	}
	if diff := cmp.Diff(wantPaths, paths); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantPaths[1:2], reasons); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
	if len(plan.Predictions) > 0 {
		t.Errorf("a rollout is predicted that will not be: %+v", plan.Predictions)
	}
	if left := w.changeSets(t, service); len(left) > 0 {
		t.Errorf("change sets left behind: %v", left)
	}

	// The deploy that is refused tells the same.
	_, err = w.Deploy(ctx, deploy.Request{Stack: service, Image: v2})
	var refused *deploy.RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("error %v; want a *RefusedError", err)
	}
	if diff := cmp.Diff(plan.Changes, refused.Changes); diff != "" {
		t.Errorf("changes of the deploy (-plan +deploy):\n%s", diff)
	}
}

// What is refused before a change set is made is a plan, too.
func TestPlanRefusesDrift(t *testing.T) {
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
	_, err = ecs.NewFromConfig(w.cfg).UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: &one.Cluster, Service: &one.Service, TaskDefinition: &one.TaskDefinition})
	if err != nil {
		t.Fatal(err)
	}
	for _, image := range []string{v2, "acme/web:v3"} {
		plan, err := w.Plan(ctx, deploy.Request{Stack: service, Image: image})
		if err != nil || !plan.Refused() || plan.AlreadyCurrent || !strings.Contains(plan.Reasons[0].Why, "drift") {
			t.Errorf("planning %s: %+v, %v; want it refused for drift", image, plan, err)
		}
	}
}

// The stack has the image already, but not all tasks that should run it do.
func TestPlanRefusesUnproven(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.up(t, v1)
	w.srv.SetImage(":v1", slowStart)
	ctx := ctxOf(t)
	status, err := w.Status(ctx, service, "")
	if err != nil {
		t.Fatal(err)
	}
	one := status.Services[0]
	_, err = ecs.NewFromConfig(w.cfg).UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: &one.Cluster, Service: &one.Service, DesiredCount: aws.Int32(3)})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := w.Plan(ctx, deploy.Request{Stack: service, Image: v1})
	if err != nil || !plan.Refused() || plan.AlreadyCurrent || !strings.Contains(plan.Reasons[0].Why, "2 of 3 tasks run") {
		t.Errorf("the plan is %+v, %v; want it refused, since not all tasks run", plan, err)
	}
}

// twoServices has two services that the parameter Image feeds, and two that Sidecar does.
func twoServices() string {
	service := func(taskDefinition string, desired int) string {
		return fmt.Sprintf(`{"Type": "AWS::ECS::Service", "Properties": {
			"Cluster": {"Ref": "Cluster"}, "TaskDefinition": {"Ref": %q}, "DesiredCount": %d, "LaunchType": "FARGATE",
			"DeploymentConfiguration": {"MinimumHealthyPercent": 50, "MaximumPercent": 100},
			"NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["subnet-0123456789abcdef0"]}}}}`, taskDefinition, desired)
	}
	taskDefinition := func(parameters ...string) string {
		var containers []string
		for _, parameter := range parameters {
			containers = append(containers, fmt.Sprintf(`{"Name": %q, "Image": {"Ref": %q}}`, strings.ToLower(parameter), parameter))
		}
		return fmt.Sprintf(`{"Type": "AWS::ECS::TaskDefinition", "Properties": {
			"Cpu": "256", "Memory": "512", "NetworkMode": "awsvpc", "RequiresCompatibilities": ["FARGATE"],
			"ContainerDefinitions": [%s]}}`, strings.Join(containers, ", "))
	}
	return fmt.Sprintf(`{
		"Parameters": {"Image": {"Type": "String"}, "Sidecar": {"Type": "String"}},
		"Resources": {"Cluster": {"Type": "AWS::ECS::Cluster"},
			"Web": %s, "WebTask": %s, "Worker": %s, "WorkerTask": %s, "Other": %s, "OtherTask": %s}}`,
		service("WebTask", 3), taskDefinition("Image"),
		service("WorkerTask", 1), taskDefinition("Sidecar", "Image"),
		service("OtherTask", 1), taskDefinition("Sidecar"))
}

// Of several image parameters one has to be named; every service that it feeds is told,
// and no other.
func TestPlanSeveralServices(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	ctx := ctxOf(t)
	_, err := w.Up(ctx, deploy.StackSpec{Name: "two", TemplateBody: twoServices(), Parameters: map[string]string{"Image": v1, "Sidecar": "acme/proxy:v1"}})
	if err != nil {
		t.Fatal(err)
	}
	var input *deploy.InputError
	if _, err := w.Plan(ctx, deploy.Request{Stack: "two", Image: v2}); !errors.As(err, &input) || !strings.Contains(err.Error(), "Image, Sidecar") {
		t.Errorf("error %v; want an *InputError with the parameters", err)
	}
	for parameter, want := range map[string][]string{
		"Image":   {"Web: 3 in 3, 2 to 3", "Worker: 1 in 0, 1 to 1"},
		"Sidecar": {"Other: 1 in 0, 1 to 1", "Worker: 1 in 0, 1 to 1"},
	} {
		plan, err := w.Plan(ctx, deploy.Request{Stack: "two", Image: "acme/other:v2", ImageParameter: parameter})
		if err != nil {
			t.Fatal(err)
		}
		var got, resources []string
		for _, p := range plan.Predictions {
			got = append(got, predictionLine(p))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: predictions (-want +got):\n%s", parameter, diff)
		}
		for _, c := range plan.Changes {
			resources = append(resources, c.Resource)
		}
		if len(resources) != 4 {
			t.Errorf("%s: changes of %v; want two services and two task definitions", parameter, resources)
		}
	}
}

// A plan that is interrupted leaves no change set.
func TestPlanInterrupted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.up(t, v1)
	for _, operation := range []string{"CreateChangeSet", "DescribeChangeSet", "DescribeTargetGroups"} {
		ctx, cancel := context.WithCancel(ctxOf(t))
		cfg := w.cfg.Copy()
		cfg.APIOptions = append(cfg.APIOptions, before(operation, cancel))
		_, err := deploy.New(cfg, deploy.Options{Clock: w.srv.Clock()}).Plan(ctx, deploy.Request{Stack: service, Image: v2})
		var interrupted *deploy.InterruptedError
		if !errors.As(err, &interrupted) || interrupted.Left {
			t.Errorf("interrupted at %s: %v; want an *InterruptedError, nothing left", operation, err)
		}
		if left := w.changeSets(t, service); len(left) > 0 {
			t.Errorf("interrupted at %s: change sets left behind: %v", operation, left)
		}
		cancel()
	}
}

// A stack in an update cannot be planned for, and least of all its update be disturbed.
func TestPlanBusyStack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.srv.SetImage(":v2", slowStart)
	w.up(t, v1)
	ctx := ctxOf(t)
	if _, err := w.Deploy(ctx, deploy.Request{Stack: service, Image: v2, NoWait: true}); err != nil {
		t.Fatal(err)
	}
	for _, image := range []string{v2, "acme/web:v3"} { // the same, and another
		var state *deploy.StackStateError
		if _, err := w.Plan(ctx, deploy.Request{Stack: service, Image: image}); !errors.As(err, &state) || !state.Status.InProgress() {
			t.Errorf("planning %s: error %v; want a *StackStateError", image, err)
		}
	}
}

// A plan is made beside a deploy of the same image without taking its change set away.
func TestPlanBesideDeploy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.up(t, v1)
	ctx := ctxOf(t)
	var once atomic.Bool
	cfg := w.cfg.Copy()
	cfg.APIOptions = append(cfg.APIOptions, before("ExecuteChangeSet", func() {
		if plan, err := w.Plan(ctx, deploy.Request{Stack: service, Image: v2}); err != nil || plan.Refused() {
			t.Errorf("the plan: %+v, %v", plan, err)
		}
		once.Store(true)
	}))
	result, err := deploy.New(cfg, deploy.Options{Clock: w.srv.Clock()}).Deploy(ctx, deploy.Request{Stack: service, Image: v2})
	if err != nil || !once.Load() {
		t.Errorf("the deploy: %+v, %v", result, err)
	}
}
