package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/stacks"
	"github.com/slipway-go/slipway/templates"
)

func serviceTemplate(t *testing.T, app awscdk.App, props *stacks.ServiceStackProps) template {
	t.Helper()
	stacks.NewServiceStack(app, jsii.String("service"), props)
	return parse(t, synthesize(t, app, "service"))
}

func TestHowTheContainerRuns(t *testing.T) {
	got := serviceTemplate(t, newApp(t), &stacks.ServiceStackProps{
		ContainerProps: constructs.ContainerProps{
			Environment:            map[string]*string{"LOG_LEVEL": jsii.String("info"), "REGION": awscdk.Aws_REGION()},
			Arm64:                  jsii.Bool(true),
			ReadonlyRootFilesystem: jsii.Bool(true),
			HealthCheckCommand:     []string{"CMD-SHELL", "curl -f localhost/health"},
		},
		EnableExecuteCommand: jsii.Bool(true),
	})
	task := got.Resources["TaskDefinition"].Properties
	service := got.Resources["Service"].Properties
	for _, tt := range []struct {
		of   any
		path string
		want any
	}{
		{task, "RuntimePlatform.CpuArchitecture", "ARM64"},
		{task, "ContainerDefinitions.0.Environment", []any{
			map[string]any{"Name": "LOG_LEVEL", "Value": "info"},
			map[string]any{"Name": "REGION", "Value": ref("AWS::Region")},
		}},
		{task, "ContainerDefinitions.0.ReadonlyRootFilesystem", true},
		{task, "ContainerDefinitions.0.HealthCheck.Command", []any{"CMD-SHELL", "curl -f localhost/health"}},
		{service, "EnableExecuteCommand", true},
	} {
		if diff := cmp.Diff(tt.want, at(tt.of, tt.path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.path, diff)
		}
	}
	// By default, nothing of this is said.
	defaults := parse(t, templates.Service())
	for _, path := range []string{"RuntimePlatform", "ContainerDefinitions.0.Environment", "ContainerDefinitions.0.Secrets", "ContainerDefinitions.0.ReadonlyRootFilesystem", "ContainerDefinitions.0.HealthCheck"} {
		if found := at(defaults.Resources["TaskDefinition"].Properties, path); found != nil {
			t.Errorf("by default %s is %v", path, found)
		}
	}
	if found := at(defaults.Resources["Service"].Properties, "EnableExecuteCommand"); found != nil {
		t.Errorf("by default EnableExecuteCommand is %v", found)
	}
}

// TestSecretsGoByReference: no value, and no dynamic reference, comes near the
// template; the execution role may read these secrets and no others.
func TestSecretsGoByReference(t *testing.T) {
	app := newApp(t)
	shared := awscdk.NewStack(app, jsii.String("shared"), &awscdk.StackProps{Synthesizer: awscdk.NewLegacyStackSynthesizer()})
	const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf"
	got := serviceTemplate(t, app, &stacks.ServiceStackProps{ContainerProps: constructs.ContainerProps{
		Secrets: map[string]awsecs.Secret{
			"PASSWORD": awsecs.Secret_FromSecretsManager(
				awssecretsmanager.Secret_FromSecretCompleteArn(shared, jsii.String("Secret"), jsii.String(secret)), jsii.String("password")),
			"TOKEN": awsecs.Secret_FromSsmParameter(awsssm.StringParameter_FromSecureStringParameterAttributes(shared, jsii.String("Token"),
				&awsssm.SecureStringParameterAttributes{ParameterName: jsii.String("/shop/token")})),
		},
	}})
	secrets, _ := at(got.Resources["TaskDefinition"].Properties, "ContainerDefinitions.0.Secrets").([]any)
	if len(secrets) != 2 {
		t.Fatalf("secrets %v", secrets)
	}
	if diff := cmp.Diff(map[string]any{"Name": "PASSWORD", "ValueFrom": secret + ":password::"}, secrets[0]); diff != "" {
		t.Error(diff)
	}
	readable := map[any]bool{}
	for _, r := range got.Resources {
		if r.Type != "AWS::IAM::Policy" {
			continue
		}
		if diff := cmp.Diff([]any{ref("ExecutionRole")}, r.Properties["Roles"]); diff != "" {
			t.Errorf("who may read the secrets (-want +got):\n%s", diff)
		}
		statements, _ := at(r.Properties, "PolicyDocument.Statement").([]any)
		for _, s := range statements {
			if resource, plain := at(s, "Resource").(string); plain {
				readable[resource] = true
			}
			if at(s, "Resource") == "*" {
				t.Errorf("statement %v is for every resource", s)
			}
		}
	}
	if !readable[secret] {
		t.Errorf("the execution role may not read the secret: %v", readable)
	}
}
