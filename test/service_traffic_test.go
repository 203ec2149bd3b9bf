package test

import (
	"slices"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/stacks"
)

func pathCondition(values ...any) any {
	return map[string]any{"Field": "path-pattern", "PathPatternConfig": map[string]any{"Values": values}}
}

func hostCondition(values ...any) any {
	return map[string]any{"Field": "host-header", "HostHeaderConfig": map[string]any{"Values": values}}
}

func TestPathsAndHosts(t *testing.T) {
	got := serviceTemplate(t, func(_ awscdk.Stack, p *stacks.ServiceStackProps) {
		p.Paths = jsii.Strings("/orders", "/orders/*")
		p.Hosts = jsii.Strings("shop.example.com", "*.shop.example.com")
	})
	got.has(t, expectation{"LoadBalancerRule", "Conditions", []any{
		pathCondition("/orders", "/orders/*"),
		hostCondition("shop.example.com", "*.shop.example.com"),
	}})
	if _, ok := got.Parameters[contract.ParameterPath]; ok {
		t.Error("there is a parameter Path that decides nothing")
	}

	hosts := serviceTemplate(t, func(_ awscdk.Stack, p *stacks.ServiceStackProps) { p.Hosts = jsii.Strings("shop.example.com") })
	hosts.has(t, expectation{"LoadBalancerRule", "Conditions", []any{pathCondition(ref("Path")), hostCondition("shop.example.com")}})
}

// TestHostAlone: without a path, there is no condition that all requests meet.
func TestHostAlone(t *testing.T) {
	app := newApp(t)
	stack := awscdk.NewStack(app, jsii.String("shop"), nil)
	service := constructs.NewFargateService(stack, jsii.String("orders"), &constructs.FargateServiceProps{
		Network:     constructs.NetworkFromExports(stack, jsii.String("Network"), jsii.String("network")),
		ServiceName: jsii.String("orders"),
		ImageUrl:    jsii.String("registry.example.com/orders:1"),
		Hosts:       jsii.Strings("orders.example.com"),
	})
	_ = service
	got := parse(t, synthesize(t, app, "shop"))
	got.has(t, expectation{got.idOf(t, "AWS::ElasticLoadBalancingV2::ListenerRule"), "Conditions", []any{hostCondition("orders.example.com")}})
}

func TestStickiness(t *testing.T) {
	got := serviceTemplate(t, func(_ awscdk.Stack, p *stacks.ServiceStackProps) { p.StickinessSeconds = jsii.Number(3600) })
	attributes := map[any]any{}
	for _, attribute := range got.Resources["TargetGroup"].Properties["TargetGroupAttributes"].([]any) {
		attributes[at(attribute, "Key")] = at(attribute, "Value")
	}
	want := map[any]any{
		"deregistration_delay.timeout_seconds":  ref("DeregistrationDelaySeconds"),
		"stickiness.enabled":                    "true",
		"stickiness.type":                       "lb_cookie",
		"stickiness.lb_cookie.duration_seconds": "3600",
	}
	if diff := cmp.Diff(want, attributes); diff != "" {
		t.Errorf("attributes of the target group (-want +got):\n%s", diff)
	}
}

func TestTrafficShift(t *testing.T) {
	for _, tt := range []struct {
		name  string
		shift constructs.TrafficShift
		want  map[string]any // of DeploymentConfiguration
	}{
		{"blue/green", constructs.TrafficShift{}, map[string]any{"Strategy": "BLUE_GREEN", "BakeTimeInMinutes": 5.0}},
		{"linear", constructs.TrafficShift{Strategy: awsecs.DeploymentStrategy_LINEAR, BakeMinutes: jsii.Number(0)}, map[string]any{
			"Strategy": "LINEAR", "BakeTimeInMinutes": 0.0,
			"LinearConfiguration": map[string]any{"StepPercent": 10.0, "StepBakeTimeInMinutes": 6.0},
		}},
		{"canary", constructs.TrafficShift{
			Strategy: awsecs.DeploymentStrategy_CANARY, StepPercent: jsii.Number(20), StepMinutes: jsii.Number(3),
		}, map[string]any{
			"Strategy": "CANARY", "BakeTimeInMinutes": 5.0,
			"CanaryConfiguration": map[string]any{"CanaryPercent": 20.0, "CanaryBakeTimeInMinutes": 3.0},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := serviceTemplate(t, func(_ awscdk.Stack, p *stacks.ServiceStackProps) { p.TrafficShift = &tt.shift })
			tt.want["MinimumHealthyPercent"], tt.want["MaximumPercent"] = 100.0, 200.0
			tt.want["DeploymentCircuitBreaker"] = map[string]any{"Enable": true, "Rollback": true}
			got.has(t,
				expectation{"Service", "DeploymentConfiguration", tt.want},
				expectation{"Service", "DeploymentController", nil},
				expectation{"Service", "LoadBalancers.0.TargetGroupArn", ref("TargetGroup")},
				expectation{"Service", "LoadBalancers.0.AdvancedConfiguration", map[string]any{
					"AlternateTargetGroupArn": ref("AlternateTargetGroup"),
					"ProductionListenerRule":  ref("LoadBalancerRule"),
					"RoleArn":                 getAtt("TrafficShiftRole", "Arn"),
				}},
				expectation{"LoadBalancerRule", "Actions.0.ForwardConfig.TargetGroups", []any{
					map[string]any{"TargetGroupArn": ref("TargetGroup"), "Weight": 100.0},
					map[string]any{"TargetGroupArn": ref("AlternateTargetGroup"), "Weight": 0.0},
				}},
				expectation{"TrafficShiftRole", "AssumeRolePolicyDocument.Statement.0.Principal", map[string]any{"Service": "ecs.amazonaws.com"}},
				expectation{"TrafficShiftRole", "ManagedPolicyArns.0.Fn::Join.1.2", ":iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers"},
			)
			if diff := cmp.Diff(got.Resources["TargetGroup"], got.Resources["AlternateTargetGroup"]); diff != "" {
				t.Errorf("the target groups differ (-first +alternate):\n%s", diff)
			}
		})
	}
}

func TestTrafficShiftWithATestListener(t *testing.T) {
	const arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/public/0123456789abcdef/fedcba9876543210"
	got := serviceTemplate(t, func(beside awscdk.Stack, p *stacks.ServiceStackProps) {
		p.TrafficShift = &constructs.TrafficShift{
			TestListener: elb.ApplicationListener_FromApplicationListenerAttributes(beside, jsii.String("Test"), &elb.ApplicationListenerAttributes{
				ListenerArn:   jsii.String(arn),
				SecurityGroup: constructs.NetworkFromExports(beside, jsii.String("Network"), jsii.String("network")).LoadBalancerSecurityGroup(),
			}),
		}
	})
	got.has(t,
		expectation{"TestRule", "ListenerArn", arn},
		expectation{"TestRule", "Actions", got.Resources["LoadBalancerRule"].Properties["Actions"]},
		expectation{"Service", "LoadBalancers.0.AdvancedConfiguration.TestListenerRule", ref("TestRule")},
	)
	ingress := 0
	for _, r := range got.Resources {
		if r.Type == "AWS::EC2::SecurityGroupIngress" {
			ingress++
		}
	}
	if ingress != 1 {
		t.Errorf("the load balancer is let in %d times", ingress)
	}
}

func TestRollbackAlarms(t *testing.T) {
	got := serviceTemplate(t, func(_ awscdk.Stack, p *stacks.ServiceStackProps) {
		p.RollbackAlarms = &constructs.RollbackAlarms{ServerErrorsPerMinute: jsii.Number(5)}
	})
	// The load balancer's name is a part of the listener's ARN.
	dimensions := map[string]bool{}
	for _, dimension := range at(got.Resources["RollbackOnServerErrors"].Properties, "Dimensions").([]any) {
		dimensions[at(dimension, "Name").(string)] = true
	}
	if !dimensions["LoadBalancer"] || !dimensions["TargetGroup"] {
		t.Errorf("the metric has the dimensions %v", dimensions)
	}
	got.has(t,
		expectation{"Service", "DeploymentConfiguration.Alarms", map[string]any{
			"AlarmNames": []any{ref("RollbackOnServerErrors"), ref("RollbackOnUnhealthyHosts")},
			"Enable":     true,
			"Rollback":   true,
		}},
		expectation{"RollbackOnServerErrors", "MetricName", "HTTPCode_Target_5XX_Count"},
		expectation{"RollbackOnServerErrors", "Threshold", 5.0},
		expectation{"RollbackOnServerErrors", "Period", 60.0},
		expectation{"RollbackOnServerErrors", "EvaluationPeriods", 1.0},
		expectation{"RollbackOnServerErrors", "ComparisonOperator", "GreaterThanThreshold"},
		expectation{"RollbackOnServerErrors", "TreatMissingData", "notBreaching"},
		expectation{"RollbackOnUnhealthyHosts", "MetricName", "UnHealthyHostCount"},
		expectation{"RollbackOnUnhealthyHosts", "Threshold", 0.0},
		expectation{"RollbackOnUnhealthyHosts", "EvaluationPeriods", 3.0},
	)

	both := serviceTemplate(t, func(_ awscdk.Stack, p *stacks.ServiceStackProps) {
		p.RollbackAlarms, p.TrafficShift = &constructs.RollbackAlarms{}, &constructs.TrafficShift{}
	})
	var groups []any
	walk("", any(both.Resources["RollbackOnServerErrors"].Properties), func(_ string, v any) {
		if group := at(v, "Fn::GetAtt.0"); group != nil {
			groups = append(groups, group)
		}
	})
	if !slices.Contains(groups, any("TargetGroup")) || !slices.Contains(groups, any("AlternateTargetGroup")) {
		t.Errorf("after a traffic shift the alarm would look at the empty one of %v", groups)
	}
}
