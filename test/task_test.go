package test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/stacks"
	"github.com/slipway-go/slipway/templates"
)

// TestTaskIsTheServicesTask: parameters, resources and outputs that the task
// template has are those of the service template, to the letter.
func TestTaskIsTheServicesTask(t *testing.T) {
	task, service := parse(t, templates.Task()), parse(t, templates.Service())

	equalSets(t, "parameters", []string{
		contract.ParameterServiceName,
		contract.ParameterImageURL,
		contract.ParameterContainerPort,
		contract.ParameterContainerCPU,
		contract.ParameterContainerMemory,
	}, keys(task.Parameters))
	equalSets(t, "outputs", []string{contract.OutputTaskDefinitionARN, contract.OutputLogGroupName}, keys(task.Outputs))
	equalSets(t, "resources", []string{"ExecutionRole", "LogGroup", "TaskDefinition", "TaskRole"}, keys(task.Resources))

	for name, p := range task.Parameters {
		if diff := cmp.Diff(service.Parameters[name], p); diff != "" {
			t.Errorf("parameter %s (-service +task):\n%s", name, diff)
		}
	}
	for name, r := range task.Resources {
		if diff := cmp.Diff(service.Resources[name], r); diff != "" {
			t.Errorf("resource %s (-service +task):\n%s", name, diff)
		}
	}
	for name, output := range task.Outputs {
		if diff := cmp.Diff(service.Outputs[name].Value, output.Value); diff != "" {
			t.Errorf("output %s (-service +task):\n%s", name, diff)
		}
		if output.Export.Name != nil {
			t.Errorf("it exports %s: in use, it could not be deleted and created again", name)
		}
	}
}

// TestTaskTakesTheServicesOptions: what both can be configured with makes the
// same task definition and role.
func TestTaskTakesTheServicesOptions(t *testing.T) {
	app := newApp(t)
	beside := awscdk.NewStack(app, jsii.String("beside"), nil)
	key := awsssm.StringParameter_FromSecureStringParameterAttributes(beside, jsii.String("Key"),
		&awsssm.SecureStringParameterAttributes{ParameterName: jsii.String("/shop/key")})
	task := constructs.FargateTaskProps{
		Architecture:           constructs.ArchitectureARM64,
		Environment:            &map[string]*string{"MODE": jsii.String("fast")},
		Secrets:                &map[string]awsecs.Secret{"KEY": awsecs.Secret_FromSsmParameter(key)},
		TaskPolicyStatements:   []awsiam.PolicyStatement{readOrders()},
		ContainerHealthCheck:   &constructs.ContainerHealthCheck{Command: jsii.Strings("CMD", "/ready")},
		ReadonlyRootFilesystem: jsii.Bool(true),
		StopTimeoutSeconds:     jsii.Number(90),
		LogRetention:           awslogs.RetentionDays_ONE_WEEK,
		LogMultilinePattern:    jsii.String("^INFO"),
	}
	stacks.NewTaskStack(app, jsii.String("task"), &stacks.TaskStackProps{FargateTaskProps: task})
	stacks.NewServiceStack(app, jsii.String("service"), &stacks.ServiceStackProps{
		FargateServiceProps: constructs.FargateServiceProps{
			Architecture:           task.Architecture,
			Environment:            task.Environment,
			Secrets:                task.Secrets,
			TaskPolicyStatements:   task.TaskPolicyStatements,
			ContainerHealthCheck:   task.ContainerHealthCheck,
			ReadonlyRootFilesystem: task.ReadonlyRootFilesystem,
			StopTimeoutSeconds:     task.StopTimeoutSeconds,
			LogRetention:           task.LogRetention,
			LogMultilinePattern:    task.LogMultilinePattern,
		},
	})
	got, want := parse(t, synthesize(t, app, "task")), parse(t, synthesize(t, app, "service"))
	for _, id := range []string{"TaskDefinition", "TaskRole", "LogGroup"} {
		if diff := cmp.Diff(want.Resources[id], got.Resources[id]); diff != "" {
			t.Errorf("%s (-service +task):\n%s", id, diff)
		}
	}
	if at(got.Resources["TaskDefinition"].Properties, "RuntimePlatform") == nil {
		t.Error("neither has the options")
	}
}

func readOrders() awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings("s3:GetObject"),
		Resources: jsii.Strings("arn:aws:s3:::orders/*"),
	})
}

// TestTaskIsTheSameInEveryApp: neither the app around the stack nor its feature
// flags change the template.
func TestTaskIsTheSameInEveryApp(t *testing.T) {
	flags := recommendedFlags(t)
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir()), Context: &flags})
	stacks.NewTaskStack(app, jsii.String("Shop-Mail"), nil)
	if diff := cmp.Diff(templates.Task(), synthesize(t, app, "Shop-Mail")); diff != "" {
		t.Errorf("(-committed +synthesized):\n%s", diff)
	}
}

// TestTaskStandsAlone: the stack can be deleted and created again whatever else
// there is, and its image is a parameter that feeds nothing but the container.
func TestTaskStandsAlone(t *testing.T) {
	if strings.Contains(templates.Task(), "Fn::ImportValue") {
		t.Error("it imports from another stack")
	}
	var template map[string]any
	unmarshal(t, templates.Task(), &template)
	delete(template, "Parameters")
	uses := map[string]bool{}
	walk("", template, func(path string, v any) {
		if v == contract.ParameterImageURL {
			uses[path] = true
		}
	})
	want := []string{".Resources.TaskDefinition.Properties.ContainerDefinitions.0.Image.Ref"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(uses))); diff != "" {
		t.Errorf("where the template mentions %s (-want +got):\n%s", contract.ParameterImageURL, diff)
	}
}
