package test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/stacks"
)

// serviceTemplate is the service stack with props that may need constructs of a
// stack beside it.
func serviceTemplate(t *testing.T, change func(beside awscdk.Stack, p *stacks.ServiceStackProps)) template {
	t.Helper()
	app := newApp(t)
	props := &stacks.ServiceStackProps{}
	change(awscdk.NewStack(app, jsii.String("beside"), nil), props)
	stacks.NewServiceStack(app, jsii.String("service"), props)
	return parse(t, synthesize(t, app, "service"))
}

// expectation is what a property of a resource has to be.
type expectation struct {
	resource, property string
	want               any
}

func (got template) has(t *testing.T, expectations ...expectation) {
	t.Helper()
	for _, e := range expectations {
		if diff := cmp.Diff(e.want, at(got.Resources[e.resource].Properties, e.property)); diff != "" {
			t.Errorf("%s.%s (-want +got):\n%s", e.resource, e.property, diff)
		}
	}
}

// idOf is the logical ID of the one resource of a type, "" when there is none.
func (got template) idOf(t *testing.T, resourceType string) string {
	t.Helper()
	found := ""
	for id, r := range got.Resources {
		if r.Type != resourceType {
			continue
		}
		if found != "" {
			t.Fatalf("%s and %s are both %s", found, id, resourceType)
		}
		found = id
	}
	return found
}

func TestEnvironmentAndSecrets(t *testing.T) {
	got := serviceTemplate(t, func(beside awscdk.Stack, p *stacks.ServiceStackProps) {
		password := awssecretsmanager.Secret_FromSecretCompleteArn(beside, jsii.String("Password"),
			jsii.String("arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf"))
		key := awsssm.StringParameter_FromSecureStringParameterAttributes(beside, jsii.String("Key"),
			&awsssm.SecureStringParameterAttributes{ParameterName: jsii.String("/shop/key")})
		p.Environment = &map[string]*string{"MODE": jsii.String("fast"), "AREA": jsii.String("eu")}
		p.Secrets = &map[string]awsecs.Secret{
			"PASSWORD": awsecs.Secret_FromSecretsManager(password, jsii.String("password")),
			"KEY":      awsecs.Secret_FromSsmParameter(key),
		}
	})
	const container = "ContainerDefinitions.0."
	got.has(t,
		expectation{"TaskDefinition", container + "Environment", []any{
			map[string]any{"Name": "AREA", "Value": "eu"},
			map[string]any{"Name": "MODE", "Value": "fast"},
		}},
		expectation{"TaskDefinition", container + "Secrets.0.Name", "KEY"},
		expectation{"TaskDefinition", container + "Secrets.1", map[string]any{
			"Name":      "PASSWORD",
			"ValueFrom": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf:password::",
		}},
	)

	// The execution role reads them, and no task starts before it may.
	policy := got.idOf(t, "AWS::IAM::Policy")
	got.has(t, expectation{policy, "Roles", []any{ref("ExecutionRole")}})
	if !slices.Contains(got.Resources["Service"].DependsOn, policy) {
		t.Errorf("the service depends on %q, not on %s", got.Resources["Service"].DependsOn, policy)
	}
	var actions []string
	walk("", got.Resources[policy].Properties, func(path string, v any) {
		if action, ok := v.(string); ok && strings.Contains(path, ".Action") {
			actions = append(actions, action)
		}
	})
	for _, action := range []string{"secretsmanager:GetSecretValue", "ssm:GetParameters"} {
		if !slices.Contains(actions, action) {
			t.Errorf("the execution role may %q, not %s", actions, action)
		}
	}
	walk("", any(got.Resources["TaskDefinition"].Properties), func(path string, v any) {
		if text, ok := v.(string); ok && strings.Contains(text, "{{resolve:") {
			t.Errorf("the task definition has %s at %s", text, path)
		}
	})
}

// TestSecretsStayOutOfTheEnvironment also when a token hides them.
func TestSecretsStayOutOfTheEnvironment(t *testing.T) {
	stack := awscdk.NewStack(newApp(t), jsii.String("shop"), nil)
	secret := awssecretsmanager.NewSecret(stack, jsii.String("Secret"), nil)
	defer func() {
		err, ok := recover().(error)
		if !ok || !strings.Contains(err.Error(), `shop/orders/TaskDefinition/Container: Environment["PASSWORD"]`) {
			t.Errorf("got %v", err)
		}
	}()
	constructs.NewFargateService(stack, jsii.String("orders"), &constructs.FargateServiceProps{
		Network:     constructs.NewNetwork(stack, jsii.String("Network"), nil),
		ServiceName: jsii.String("orders"),
		ImageUrl:    jsii.String("registry.example.com/orders:1"),
		Environment: &map[string]*string{"PASSWORD": secret.SecretValue().UnsafeUnwrap()},
	})
	t.Error("no panic")
}

func TestTaskOptions(t *testing.T) {
	got := serviceTemplate(t, func(_ awscdk.Stack, p *stacks.ServiceStackProps) {
		p.Architecture = constructs.ArchitectureARM64
		p.ReadonlyRootFilesystem = jsii.Bool(true)
		p.LogDatetimeFormat = jsii.String(`\[%Y-%m-%d`)
		p.ContainerHealthCheck = &constructs.ContainerHealthCheck{
			Command:            jsii.Strings("CMD-SHELL", "test -f /tmp/ready"),
			StartPeriodSeconds: jsii.Number(20),
		}
		p.TaskPolicyStatements = []awsiam.PolicyStatement{readOrders()}
	})
	const container = "ContainerDefinitions.0."
	got.has(t,
		expectation{"TaskDefinition", "RuntimePlatform", map[string]any{"CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX"}},
		expectation{"TaskDefinition", container + "ReadonlyRootFilesystem", true},
		expectation{"TaskDefinition", container + "LogConfiguration.Options.awslogs-datetime-format", `\[%Y-%m-%d`},
		expectation{"TaskDefinition", container + "HealthCheck", map[string]any{
			"Command": []any{"CMD-SHELL", "test -f /tmp/ready"}, "Interval": 30.0, "Timeout": 5.0, "Retries": 3.0, "StartPeriod": 20.0,
		}},
		expectation{"TaskRole", "Policies.0.PolicyDocument.Statement.0.Action", "s3:GetObject"},
	)

	pattern := serviceTemplate(t, func(_ awscdk.Stack, p *stacks.ServiceStackProps) { p.LogMultilinePattern = jsii.String("^INFO") })
	pattern.has(t, expectation{"TaskDefinition", container + "LogConfiguration.Options.awslogs-multiline-pattern", "^INFO"})
}

// TestTaskOptionsAreOff: none of it is in the template that nobody asked it for.
func TestTaskOptionsAreOff(t *testing.T) {
	got := serviceTemplate(t, func(awscdk.Stack, *stacks.ServiceStackProps) {})
	const container = "ContainerDefinitions.0."
	got.has(t,
		expectation{"TaskDefinition", "RuntimePlatform", nil},
		expectation{"TaskDefinition", container + "ReadonlyRootFilesystem", nil},
		expectation{"TaskDefinition", container + "HealthCheck", nil},
		expectation{"TaskDefinition", container + "Environment", nil},
		expectation{"TaskDefinition", container + "Secrets", nil},
		expectation{"TaskRole", "Policies", nil},
		expectation{"Service", "EnableExecuteCommand", nil},
		expectation{"Service", "CapacityProviderStrategy", nil},
		expectation{"Service", "ServiceConnectConfiguration", nil},
		expectation{"Service", "DeploymentConfiguration.Alarms", nil},
		expectation{"Service", "DeploymentConfiguration.Strategy", nil},
		expectation{"Service", "LoadBalancers.0.AdvancedConfiguration", nil},
	)
}

func TestExecuteCommand(t *testing.T) {
	got := serviceTemplate(t, func(_ awscdk.Stack, p *stacks.ServiceStackProps) { p.ExecuteCommand = jsii.Bool(true) })
	got.has(t, expectation{"Service", "EnableExecuteCommand", true})
	policy := got.idOf(t, "AWS::IAM::Policy")
	got.has(t, expectation{policy, "Roles", []any{ref("TaskRole")}})
	found := false
	walk("", got.Resources[policy].Properties, func(_ string, v any) { found = found || v == "ssmmessages:OpenDataChannel" })
	if !found {
		t.Error("the task role may not open the channel")
	}
	if !slices.Contains(got.Resources["Service"].DependsOn, policy) {
		t.Errorf("the service depends on %q: its first tasks could not be entered", got.Resources["Service"].DependsOn)
	}
}

// TestSidecarAndGrants: what the construct gives back can be worked with as with
// the CDK's own.
func TestSidecarAndGrants(t *testing.T) {
	app := newApp(t)
	stack := stacks.NewServiceStack(app, jsii.String("service"), nil)
	service := stack.FargateService()
	sidecar := service.TaskDefinition().AddContainer(jsii.String("Proxy"), &awsecs.ContainerDefinitionOptions{
		Image:     awsecs.ContainerImage_FromRegistry(jsii.String("public.ecr.aws/envoyproxy/envoy:v1.33.0"), nil),
		Essential: jsii.Bool(false),
		Logging: awsecs.LogDrivers_AwsLogs(&awsecs.AwsLogDriverProps{
			LogGroup: service.LogGroup(), StreamPrefix: jsii.String("proxy"),
		}),
	})
	service.Container().AddContainerDependencies(&awsecs.ContainerDependency{
		Container: sidecar, Condition: awsecs.ContainerDependencyCondition_START,
	})
	service.TaskRole().AddManagedPolicy(awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String("AWSXRayDaemonWriteAccess")))

	got := parse(t, synthesize(t, app, "service"))
	got.has(t,
		expectation{"TaskDefinition", "ContainerDefinitions.0.Image", ref("ImageUrl")},
		expectation{"TaskDefinition", "ContainerDefinitions.0.DependsOn", []any{map[string]any{"ContainerName": "Proxy", "Condition": "START"}}},
		expectation{"TaskDefinition", "ContainerDefinitions.1.Name", "Proxy"},
		expectation{"TaskDefinition", "ContainerDefinitions.1.Essential", false},
		expectation{"Service", "LoadBalancers.0.ContainerName", ref("ServiceName")},
		expectation{"TaskRole", "ManagedPolicyArns.0.Fn::Join.1.2", ":iam::aws:policy/AWSXRayDaemonWriteAccess"},
	)
}
