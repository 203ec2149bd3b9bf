package test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
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

	other := serviceTemplate(t, func(_ awscdk.Stack, p *stacks.ServiceStackProps) {
		p.LogMultilinePattern = jsii.String("^INFO")
		p.LogRetention = awslogs.RetentionDays_THREE_MONTHS
	})
	other.has(t,
		expectation{"TaskDefinition", container + "LogConfiguration.Options.awslogs-multiline-pattern", "^INFO"},
		expectation{"LogGroup", "RetentionInDays", 90.0},
	)
}

func TestContainerHealthCheckTimes(t *testing.T) {
	for _, tt := range []struct {
		name                       string
		check                      constructs.ContainerHealthCheck
		interval, timeout, retries any
	}{
		{"given", constructs.ContainerHealthCheck{IntervalSeconds: jsii.Number(60), TimeoutSeconds: jsii.Number(10), Retries: jsii.Number(5)}, 60.0, 10.0, 5.0},
		{"a short interval", constructs.ContainerHealthCheck{IntervalSeconds: jsii.Number(6)}, 6.0, 5.0, 3.0},
		{"an interval as long as the timeout", constructs.ContainerHealthCheck{IntervalSeconds: jsii.Number(5)}, 5.0, 4.0, 3.0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := serviceTemplate(t, func(_ awscdk.Stack, p *stacks.ServiceStackProps) {
				tt.check.Command = jsii.Strings("CMD", "/healthy")
				p.ContainerHealthCheck = &tt.check
			})
			const check = "ContainerDefinitions.0.HealthCheck."
			got.has(t,
				expectation{"TaskDefinition", check + "Interval", tt.interval},
				expectation{"TaskDefinition", check + "Timeout", tt.timeout},
				expectation{"TaskDefinition", check + "Retries", tt.retries},
			)
		})
	}
}

// TestExecutionRoleOfOneRepository: with Repository, tasks may pull from that one.
func TestExecutionRoleOfOneRepository(t *testing.T) {
	pulls := func(repository func(beside awscdk.Stack) awsecr.IRepository) map[string]any {
		got := serviceTemplate(t, func(beside awscdk.Stack, p *stacks.ServiceStackProps) { p.Repository = repository(beside) })
		resources := map[string]any{}
		walk("", got.Resources["ExecutionRole"].Properties["Policies"], func(_ string, v any) {
			if statement, ok := v.(map[string]any); ok && statement["Effect"] == "Allow" {
				for _, action := range list(statement["Action"]) {
					if strings.HasPrefix(action, "ecr:") {
						resources[action] = plain(statement["Resource"])
					}
				}
			}
		})
		if id := got.idOf(t, "AWS::IAM::Policy"); id != "" {
			t.Errorf("the permission to pull is in %s, and tasks might start before it", id)
		}
		return resources
	}
	const images = "arn:aws:ecr:eu-west-1:999999999999:repository/shop/orders"
	got := pulls(func(beside awscdk.Stack) awsecr.IRepository {
		return awsecr.Repository_FromRepositoryArn(beside, jsii.String("Images"), jsii.String(images))
	})
	want := map[string]any{
		"ecr:GetAuthorizationToken":       "*",
		"ecr:BatchCheckLayerAvailability": images, "ecr:BatchGetImage": images, "ecr:GetDownloadUrlForLayer": images,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what may be pulled (-want +got):\n%s", diff)
	}
	got = pulls(func(beside awscdk.Stack) awsecr.IRepository {
		return constructs.NewRepository(beside, jsii.String("Images"), nil).Repository()
	})
	if from := fmt.Sprint(got["ecr:BatchGetImage"]); !strings.Contains(from, "Images") || strings.Contains(from, "*") {
		t.Errorf("of a repository of the app, may be pulled %s", from)
	}
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
