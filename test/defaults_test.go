package test

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/templates"
)

// TestServiceDefaults holds what keeps a rollout free of downtime. A change
// here changes how every user's service behaves: it belongs in the changelog.
func TestServiceDefaults(t *testing.T) {
	service := parse(t, templates.Service())
	for _, tt := range []struct {
		why, resource, property string
		want                    any
	}{
		{"new tasks come before old ones go", "Service", "DeploymentConfiguration.MinimumHealthyPercent", 100.0},
		{"new tasks come before old ones go", "Service", "DeploymentConfiguration.MaximumPercent", 200.0},
		{"a bad image ends quickly", "Service", "DeploymentConfiguration.DeploymentCircuitBreaker", map[string]any{"Enable": true, "Rollback": true}},
		{"slow starters live", "Service", "HealthCheckGracePeriodSeconds", ref("HealthCheckGracePeriodSeconds")},
		{"the count is a parameter", "Service", "DesiredCount", ref("DesiredCount")},
		{"names are generated", "Service", "ServiceName", nil},
		{"names are generated", "TargetGroup", "Name", nil},
		{"names are generated", "LogGroup", "LogGroupName", nil},
		{"the interval exceeds the timeout", "TargetGroup", "HealthCheckTimeoutSeconds", 5.0},
		{"the interval is a parameter", "TargetGroup", "HealthCheckIntervalSeconds", ref("HealthCheckIntervalSeconds")},
		{"a new task is in after one check", "TargetGroup", "HealthyThresholdCount", 2.0},
		{"a dead task is out after three", "TargetGroup", "UnhealthyThresholdCount", 3.0},
		{"draining is short, and a parameter", "TargetGroup", "TargetGroupAttributes.0", map[string]any{
			"Key": "deregistration_delay.timeout_seconds", "Value": ref("DeregistrationDelaySeconds"),
		}},
		{"the application may finish", "TaskDefinition", "ContainerDefinitions.0.StopTimeout", 60.0},
		{"each service has its own roles", "TaskDefinition", "ExecutionRoleArn", getAtt("ExecutionRole", "Arn")},
		{"each service has its own roles", "TaskDefinition", "TaskRoleArn", getAtt("TaskRole", "Arn")},
		{"the family is the service's name", "TaskDefinition", "Family", ref("ServiceName")},
		{"logs outlive a bad week", "LogGroup", "RetentionInDays", 30.0},
		{"a second service gets its own rule", "LoadBalancerRule", "Priority", ref("Priority")},
		{"only the load balancer gets in", "ServiceSecurityGroup", "SecurityGroupIngress", nil},
		{"only the load balancer gets in", "ServiceSecurityGroupIngressFromPublicALB", "IpProtocol", "tcp"},
		{"only on the container's port", "ServiceSecurityGroupIngressFromPublicALB", "FromPort", ref("ContainerPort")},
		{"only on the container's port", "ServiceSecurityGroupIngressFromPublicALB", "ToPort", ref("ContainerPort")},
		{"only the load balancer gets in", "ServiceSecurityGroupIngressFromPublicALB", "SourceSecurityGroupId", imported("PublicLoadBalancerSecurityGroup")},
	} {
		t.Run(tt.resource+"."+tt.property, func(t *testing.T) {
			got := at(service.Resources[tt.resource].Properties, tt.property)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.why, diff)
			}
		})
	}

	if got := service.Resources["TaskDefinition"].UpdateReplacePolicy; got != "Retain" {
		t.Errorf("UpdateReplacePolicy of the task definition is %q: a rollout would deregister what to roll back to", got)
	}
	if got := service.Resources["LogGroup"].DeletionPolicy; got != "Retain" {
		t.Errorf("DeletionPolicy of the log group is %q: its logs would go with the stack", got)
	}
	// The order matters: no task starts before its role may pull and its port is
	// open, and no service is made before its target group has a listener.
	want := []string{"ExecutionRole", "LoadBalancerRule", "ServiceSecurityGroupIngressFromPublicALB", "TaskRole"}
	if diff := cmp.Diff(want, service.Resources["Service"].DependsOn); diff != "" {
		t.Errorf("what the service depends on (-want +got):\n%s", diff)
	}
}

func TestExecutionRoleIsScoped(t *testing.T) {
	role := parse(t, templates.Service()).Resources["ExecutionRole"]
	type grant struct {
		Action   any
		Resource any
	}
	var got []grant
	for _, policy := range at(role.Properties, "Policies").([]any) {
		for _, statement := range at(policy, "PolicyDocument.Statement").([]any) {
			got = append(got, grant{at(statement, "Action"), at(statement, "Resource")})
		}
	}
	want := []grant{
		{[]any{"logs:CreateLogStream", "logs:PutLogEvents"}, getAtt("LogGroup", "Arn")},
		{"ecr:GetAuthorizationToken", "*"},
		{
			[]any{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
			map[string]any{"Fn::Join": []any{"", []any{
				"arn:", ref("AWS::Partition"), ":ecr:", ref("AWS::Region"), ":", ref("AWS::AccountId"), ":repository/*",
			}}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNetworkDefaults(t *testing.T) {
	network := parse(t, templates.Network())
	for _, tt := range []struct {
		why, resource, property string
		want                    any
	}{
		{"only the listener's port is open", "PublicLoadBalancerSecurityGroup", "SecurityGroupIngress", []any{map[string]any{
			"CidrIp": "0.0.0.0/0", "Description": "HTTP from anywhere", "IpProtocol": "tcp", "FromPort": 80.0, "ToPort": 80.0,
		}}},
		{"no target group with a fixed name", "PublicLoadBalancerListener", "DefaultActions.0.Type", "fixed-response"},
		{"nobody is there yet", "PublicLoadBalancerListener", "DefaultActions.0.FixedResponseConfig.StatusCode", "404"},
		{"applications can know it", "PublicLoadBalancer", "LoadBalancerAttributes.1", map[string]any{
			"Key": "idle_timeout.timeout_seconds", "Value": "60",
		}},
	} {
		t.Run(tt.resource+"."+tt.property, func(t *testing.T) {
			got := at(network.Resources[tt.resource].Properties, tt.property)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.why, diff)
			}
		})
	}
}

func TestParameterDefaults(t *testing.T) {
	got := map[string]any{}
	parameters := parse(t, templates.Service()).Parameters
	for name, p := range parameters {
		got[name] = p.Default
	}
	want := map[string]any{
		contract.ParameterStackName:                     nil,
		contract.ParameterServiceName:                   nil,
		contract.ParameterImageURL:                      nil,
		contract.ParameterContainerPort:                 80.0,
		contract.ParameterContainerCPU:                  256.0,
		contract.ParameterContainerMemory:               512.0,
		contract.ParameterDesiredCount:                  2.0,
		contract.ParameterPath:                          "*",
		contract.ParameterPriority:                      1.0,
		contract.ParameterHealthCheckPath:               "/health",
		contract.ParameterHealthCheckIntervalSeconds:    10.0,
		contract.ParameterHealthCheckGracePeriodSeconds: 60.0,
		contract.ParameterDeregistrationDelaySeconds:    30.0,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if p := parameters[contract.ParameterPriority]; p.MinValue != 1 || p.MaxValue != 50000 {
		t.Errorf("Priority goes from %v to %v, a listener takes 1 to 50000", p.MinValue, p.MaxValue)
	}
	if p := parameters[contract.ParameterHealthCheckIntervalSeconds]; p.MinValue != 6 {
		t.Errorf("HealthCheckIntervalSeconds may be %v, it has to exceed the timeout of 5", p.MinValue)
	}
}

// TestPatternsTakeUsualValues keeps the constraints from refusing what works:
// the values that create-stack scripts around pass among them.
func TestPatternsTakeUsualValues(t *testing.T) {
	parameters := parse(t, templates.Service()).Parameters
	for name, values := range map[string][]string{
		contract.ParameterStackName:       {"reflectoring-network", "slipway-network", "N"},
		contract.ParameterServiceName:     {"reflectoring-hello-world", "a", "Orders_2"},
		contract.ParameterHealthCheckPath: {"/", "/hello", "/actuator/health?full=1"},
		contract.ParameterPath:            {"*", "/", "/api/*", "/v?/orders"},
		contract.ParameterImageURL: {
			"docker.io/reflectoring/aws-hello-world:latest",
			"123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		},
	} {
		pattern := regexp.MustCompile(`^(?:` + parameters[name].AllowedPattern + `)$`)
		for _, value := range values {
			if !pattern.MatchString(value) {
				t.Errorf("%s refuses %q (%s)", name, value, pattern)
			}
		}
	}
}
