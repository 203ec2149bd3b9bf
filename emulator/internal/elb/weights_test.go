package elb

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSetWeights moves the requests of a rule, and of a default rule, from one target
// group to another.
func TestSetWeights(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	a, b := w.target(says("a")), w.target(says("b"))
	url, first := w.behind(a)
	w.register(first, a)
	w.await(a, Healthy, 1)

	described, err := w.service.DescribeListeners(t.Context(), &DescribeListenersInput{LoadBalancerArn: w.service.loadBalancers[0].LoadBalancerArn})
	if err != nil {
		t.Fatal(err)
	}
	rules, err := w.service.DescribeRules(t.Context(), &DescribeRulesInput{ListenerArn: described.Listeners[0].ListenerArn})
	if err != nil {
		t.Fatal(err)
	}
	rule := rules.Rules[0].RuleArn
	out, err := w.service.CreateTargetGroup(t.Context(), &CreateTargetGroupInput{
		Name: "second", Protocol: "HTTP", Port: 80, VpcId: "vpc-1", TargetType: "ip", HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	second := out.TargetGroups[0].TargetGroupArn
	weights := func(first1, second1 int) []TargetGroupTuple {
		return []TargetGroupTuple{{TargetGroupArn: first, Weight: &first1}, {TargetGroupArn: second, Weight: &second1}}
	}
	if err := w.service.SetWeights(rule, weights(100, 0)); err != nil {
		t.Fatal(err)
	}
	w.register(second, b)
	w.await(b, Healthy, 1) // checked, though it gets nothing
	count := func() map[string]int {
		counts := map[string]int{}
		for range 20 {
			counts[w.get(url).body]++
		}
		return counts
	}
	if diff := cmp.Diff(map[string]int{"a": 20}, count()); diff != "" {
		t.Errorf("with weights 100 and 0 (-want +got):\n%s", diff)
	}
	if err := w.service.SetWeights(rule, weights(0, 100)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"b": 20}, count()); diff != "" {
		t.Errorf("with weights 0 and 100 (-want +got):\n%s", diff)
	}

	if err := w.service.SetWeights("arn:other", weights(1, 1)); err == nil {
		t.Error("weights of a rule that is not there: no error")
	}
	if _, err := w.service.ModifyListener(t.Context(), &ModifyListenerInput{
		ListenerArn:    described.Listeners[0].ListenerArn,
		DefaultActions: []Action{{Type: "fixed-response", FixedResponseConfig: &FixedResponseConfig{StatusCode: "200"}}},
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.service.SetWeights(rule, weights(1, 1)); err == nil {
		t.Error("weights of a rule that does not forward: no error")
	}
}
