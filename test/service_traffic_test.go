package test

import (
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/stacks"
)

func TestHostsAndStickiness(t *testing.T) {
	got := serviceTemplate(t, newApp(t), &stacks.ServiceStackProps{
		Hosts:             []string{"shop.example.com", "*.shop.example.com"},
		StickinessSeconds: jsii.Number(3600),
	})
	want := []any{
		map[string]any{"Field": "path-pattern", "PathPatternConfig": map[string]any{"Values": []any{ref(contract.ParameterPath)}}},
		map[string]any{"Field": "host-header", "HostHeaderConfig": map[string]any{"Values": []any{"shop.example.com", "*.shop.example.com"}}},
	}
	if diff := cmp.Diff(want, got.Resources["LoadBalancerRule"].Properties["Conditions"]); diff != "" {
		t.Errorf("conditions (-want +got):\n%s", diff)
	}
	attributes := map[any]any{}
	list, _ := got.Resources["TargetGroup"].Properties["TargetGroupAttributes"].([]any)
	for _, a := range list {
		attributes[at(a, "Key")] = at(a, "Value")
	}
	for key, value := range map[string]string{
		"stickiness.enabled": "true", "stickiness.type": "lb_cookie", "stickiness.lb_cookie.duration_seconds": "3600",
	} {
		if attributes[key] != value {
			t.Errorf("%s is %v, want %s", key, attributes[key], value)
		}
	}
}

// TestAutoScaling also holds what matters in a deploy: the service says no count, so
// that an update leaves the scaled one alone.
func TestAutoScaling(t *testing.T) {
	got := serviceTemplate(t, newApp(t), &stacks.ServiceStackProps{
		AutoScaling: &constructs.AutoScaling{MaxTasks: jsii.Number(6), MemoryPercent: jsii.Number(70)},
	})
	if count, said := got.Resources["Service"].Properties["DesiredCount"]; said {
		t.Errorf("the service has DesiredCount %v", count)
	}
	if _, declared := got.Parameters[contract.ParameterDesiredCount]; declared {
		t.Error("the parameter DesiredCount is declared and used by nothing")
	}
	targets := map[any]any{}
	for _, r := range got.Resources {
		switch r.Type {
		case "AWS::ApplicationAutoScaling::ScalableTarget":
			if r.Properties["MinCapacity"] != 2.0 || r.Properties["MaxCapacity"] != 6.0 {
				t.Errorf("from %v to %v tasks, want from 2 to 6", r.Properties["MinCapacity"], r.Properties["MaxCapacity"])
			}
		case "AWS::ApplicationAutoScaling::ScalingPolicy":
			policy := at(r.Properties, "TargetTrackingScalingPolicyConfiguration")
			targets[at(policy, "PredefinedMetricSpecification.PredefinedMetricType")] = at(policy, "TargetValue")
		}
	}
	if diff := cmp.Diff(map[any]any{"ECSServiceAverageCPUUtilization": 60.0, "ECSServiceAverageMemoryUtilization": 70.0}, targets); diff != "" {
		t.Errorf("what it scales by (-want +got):\n%s", diff)
	}
}
