package ecs

import (
	"strings"
	"testing"
	"testing/synctest"
)

// TestShiftChecks: what a strategy needs, in the words of ECS where they are known.
func TestShiftChecks(t *testing.T) {
	t.Parallel()
	full := AdvancedConfiguration{AlternateTargetGroupArn: "arn:2", ProductionListenerRule: "arn:rule", RoleArn: "arn:role"}
	for _, tt := range []struct {
		name string
		c    DeploymentConfiguration
		lb   *AdvancedConfiguration
		want string
	}{
		// As quoted in github.com/terraform-aws-modules/terraform-aws-ecs/issues/377.
		{"no advanced configuration", DeploymentConfiguration{Strategy: strategyLinear}, nil, "ClientException: advancedConfiguration field is required for all loadBalancers when using the linear deployment strategy"},
		{"no rule", DeploymentConfiguration{Strategy: strategyCanary}, &AdvancedConfiguration{AlternateTargetGroupArn: "arn:2", RoleArn: "arn:role"}, "productionListenerRule is required"},
		{"no role", DeploymentConfiguration{Strategy: strategyCanary}, &AdvancedConfiguration{AlternateTargetGroupArn: "arn:2", ProductionListenerRule: "arn:rule"}, "roleArn is required"},
		{"one group twice", DeploymentConfiguration{Strategy: strategyCanary}, &AdvancedConfiguration{AlternateTargetGroupArn: "arn:1", ProductionListenerRule: "arn:rule", RoleArn: "arn:role"}, "must be different"},
		{"no bake time", DeploymentConfiguration{Strategy: strategyBlueGreen}, &full, "bakeTimeInMinutes is required"},
		{"too long a bake time", *blueGreen(1441), &full, "between 0 and 1440"},
		{"too small a step", DeploymentConfiguration{Strategy: strategyLinear, LinearConfiguration: &LinearConfiguration{StepPercent: new(2.9)}}, &full, "between 3.0 and 100.0"},
		{"too fine a step", DeploymentConfiguration{Strategy: strategyCanary, CanaryConfiguration: &CanaryConfiguration{CanaryPercent: new(0.15)}}, &full, "multiple of 0.1"},
		{"another's configuration", DeploymentConfiguration{Strategy: strategyCanary, LinearConfiguration: &LinearConfiguration{}}, &full, "only valid with the deployment strategy LINEAR"},
		{"no such strategy", DeploymentConfiguration{Strategy: "RED_BLACK"}, &full, "RED_BLACK"},
		{"a Lambda hook", DeploymentConfiguration{Strategy: strategyCanary, LifecycleHooks: []DeploymentLifecycleHook{{HookTargetArn: "arn:lambda", LifecycleStages: []string{"PRE_SCALE_UP"}}}}, &full, "UnsupportedFeatureException"},
		{"a pause during a shift", DeploymentConfiguration{Strategy: strategyCanary, LifecycleHooks: []DeploymentLifecycleHook{{TargetType: "PAUSE", LifecycleStages: []string{"PRODUCTION_TRAFFIC_SHIFT"}}}}, &full, "cannot be configured at"},
		{"a rolling update with a bake time", DeploymentConfiguration{BakeTimeInMinutes: new(1)}, nil, "UnsupportedFeatureException"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			port, one := 80, 1
			s := New(Options{Targets: &fakeTargets{}})
			defer s.Close()
			ctx := t.Context()
			_, err := s.CreateCluster(ctx, &CreateClusterInput{ClusterName: "main"})
			if err != nil {
				t.Fatal(err)
			}
			b := &bubble{t: t, service: s}
			_, err = s.CreateService(ctx, &CreateServiceInput{
				Cluster: "main", ServiceName: "web", TaskDefinition: b.register("v1"), DesiredCount: &one, LaunchType: "FARGATE",
				NetworkConfiguration:    &NetworkConfiguration{AwsvpcConfiguration: &AwsVpcConfiguration{Subnets: []string{"subnet-1"}}},
				LoadBalancers:           []LoadBalancer{{ContainerName: "web", ContainerPort: &port, TargetGroupArn: "arn:1", AdvancedConfiguration: tt.lb}},
				DeploymentConfiguration: &tt.c,
			})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("CreateService: %v, want %q", err, tt.want)
			}
		})
	}
}

// TestTargetGroupWithoutLoadBalancer is refused, whatever the strategy.
func TestTargetGroupWithoutLoadBalancer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newShifted(t)
		defer w.close()
		one, port := 1, 80
		for group, want := range map[string]string{
			w.green: "InvalidParameterException: The target group with targetGroupArn " + w.green + " does not have an associated load balancer.",
			"arn:1": "does not exist",
		} {
			_, err := w.service.CreateService(t.Context(), &CreateServiceInput{
				Cluster: "main", ServiceName: "web", LaunchType: "FARGATE", TaskDefinition: w.register("v1"), DesiredCount: &one,
				NetworkConfiguration: &NetworkConfiguration{AwsvpcConfiguration: &AwsVpcConfiguration{Subnets: []string{"subnet-1"}}},
				LoadBalancers:        []LoadBalancer{{ContainerName: "web", ContainerPort: &port, TargetGroupArn: group}},
			})
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("CreateService with %s: %v, want %q", group, err, want)
			}
		}
	})
}
