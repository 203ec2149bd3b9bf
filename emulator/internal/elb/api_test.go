package elb

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestARNs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	lb, _ := w.loadBalancer("front")
	tg := w.targetGroup("web")
	listener := w.listener(lb, 80, forwardTo(tg))
	rules, err := w.client.DescribeRules(t.Context(), &elbv2.DescribeRulesInput{ListenerArn: &listener})
	if err != nil {
		t.Fatal(err)
	}
	const prefix, hex = `^arn:aws:elasticloadbalancing:us-east-1:123456789012:`, `/[0-9a-f]{16}`
	for arn, want := range map[string]string{
		lb:                      prefix + "loadbalancer/app/front" + hex + "$",
		tg:                      prefix + "targetgroup/web" + hex + "$",
		listener:                prefix + "listener/app/front" + hex + hex + "$",
		*rules.Rules[0].RuleArn: prefix + "listener-rule/app/front" + hex + hex + hex + "$",
	} {
		if !regexp.MustCompile(want).MatchString(arn) {
			t.Errorf("%s does not match %s", arn, want)
		}
	}
}

func TestLoadBalancerBecomesAvailable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 20) // active after 3 s
	lb, url := w.loadBalancer("front")
	describe := &elbv2.DescribeLoadBalancersInput{LoadBalancerArns: []string{lb}}
	out, err := w.client.DescribeLoadBalancers(t.Context(), describe)
	if err != nil {
		t.Fatal(err)
	}
	want := []types.LoadBalancer{{
		LoadBalancerArn: &lb, LoadBalancerName: aws.String("front"), DNSName: aws.String(strings.TrimPrefix(url, "http://")),
		CanonicalHostedZoneId: aws.String("Z35SXDOTRQ7X7K"), IpAddressType: types.IpAddressTypeIpv4,
		Scheme: types.LoadBalancerSchemeEnumInternetFacing, Type: types.LoadBalancerTypeEnumApplication, SecurityGroups: []string{},
		State: &types.LoadBalancerState{Code: types.LoadBalancerStateEnumProvisioning},
		AvailabilityZones: []types.AvailabilityZone{
			{SubnetId: aws.String("subnet-1"), ZoneName: aws.String("us-east-1a")},
			{SubnetId: aws.String("subnet-2"), ZoneName: aws.String("us-east-1b")},
		},
	}}
	if diff := cmp.Diff(want, out.LoadBalancers, exported(), cmpopts.IgnoreFields(types.LoadBalancer{}, "CreatedTime")); diff != "" {
		t.Errorf("load balancers (-want +got):\n%s", diff)
	}
	waiter := elbv2.NewLoadBalancerAvailableWaiter(w.client, func(o *elbv2.LoadBalancerAvailableWaiterOptions) {
		o.MinDelay, o.MaxDelay = 10*time.Millisecond, 50*time.Millisecond
	})
	if err := waiter.Wait(t.Context(), describe, 30*time.Second); err != nil {
		t.Error(err)
	}
}

// exported lets cmp ignore what the SDK's types keep for themselves.
func exported() cmp.Option {
	return cmp.FilterPath(func(p cmp.Path) bool {
		field, ok := p.Last().(cmp.StructField)
		return ok && strings.HasPrefix(field.Name(), "noSmithy")
	}, cmp.Ignore())
}

func TestDescribeTargetGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	lb, _ := w.loadBalancer("front")
	out, err := w.client.CreateTargetGroup(t.Context(), &elbv2.CreateTargetGroupInput{
		Name: aws.String("web"), Protocol: types.ProtocolEnumHttp, Port: aws.Int32(80), VpcId: aws.String("vpc-1"), TargetType: types.TargetTypeEnumIp,
	})
	if err != nil {
		t.Fatal(err)
	}
	// The defaults of the API reference, CreateTargetGroup.
	want := types.TargetGroup{
		TargetGroupArn: out.TargetGroups[0].TargetGroupArn, TargetGroupName: aws.String("web"), Protocol: types.ProtocolEnumHttp, Port: aws.Int32(80),
		VpcId: aws.String("vpc-1"), TargetType: types.TargetTypeEnumIp, ProtocolVersion: aws.String("HTTP1"), IpAddressType: types.TargetGroupIpAddressTypeEnumIpv4,
		HealthCheckEnabled: aws.Bool(true), HealthCheckProtocol: types.ProtocolEnumHttp, HealthCheckPort: aws.String("traffic-port"), HealthCheckPath: aws.String("/"),
		HealthCheckIntervalSeconds: aws.Int32(30), HealthCheckTimeoutSeconds: aws.Int32(5), HealthyThresholdCount: aws.Int32(5), UnhealthyThresholdCount: aws.Int32(2),
		Matcher: &types.Matcher{HttpCode: aws.String("200")}, LoadBalancerArns: []string{},
	}
	if diff := cmp.Diff(want, out.TargetGroups[0], exported()); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}

	w.listener(lb, 80, forwardTo(*want.TargetGroupArn))
	_, err = w.client.ModifyTargetGroup(t.Context(), &elbv2.ModifyTargetGroupInput{
		TargetGroupArn: want.TargetGroupArn, HealthCheckIntervalSeconds: aws.Int32(10), HealthyThresholdCount: aws.Int32(2), Matcher: &types.Matcher{HttpCode: aws.String("200-299")},
	})
	if err != nil {
		t.Fatal(err)
	}
	want.HealthCheckIntervalSeconds, want.HealthyThresholdCount, want.Matcher = aws.Int32(10), aws.Int32(2), &types.Matcher{HttpCode: aws.String("200-299")}
	want.LoadBalancerArns = []string{lb}
	described, err := w.client.DescribeTargetGroups(t.Context(), &elbv2.DescribeTargetGroupsInput{LoadBalancerArn: &lb})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]types.TargetGroup{want}, described.TargetGroups, exported()); diff != "" {
		t.Errorf("described (-want +got):\n%s", diff)
	}
}

func TestForwardAndConditionsAreShownInBothForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	lb, _ := w.loadBalancer("front")
	tg := w.targetGroup("web")
	listener := w.listener(lb, 80, fixed("404", ""))
	out, err := w.client.CreateRule(t.Context(), &elbv2.CreateRuleInput{
		ListenerArn: &listener, Priority: aws.Int32(1), Actions: []types.Action{forwardTo(tg)},
		Conditions: []types.RuleCondition{{Field: aws.String("path-pattern"), Values: []string{"*"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []types.Rule{{
		RuleArn: out.Rules[0].RuleArn, Priority: aws.String("1"), IsDefault: aws.Bool(false),
		Conditions: []types.RuleCondition{{
			Field: aws.String("path-pattern"), Values: []string{"*"}, PathPatternConfig: &types.PathPatternConditionConfig{Values: []string{"*"}},
		}},
		Actions: []types.Action{{
			Type: types.ActionTypeEnumForward, TargetGroupArn: &tg, ForwardConfig: &types.ForwardActionConfig{
				TargetGroups:                []types.TargetGroupTuple{{TargetGroupArn: &tg, Weight: aws.Int32(1)}},
				TargetGroupStickinessConfig: &types.TargetGroupStickinessConfig{Enabled: aws.Bool(false)},
			},
		}},
	}}
	if diff := cmp.Diff(want, out.Rules, exported()); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

func TestCreationIsIdempotent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	lb, _ := w.loadBalancer("front")
	if again, _ := w.loadBalancer("front"); again != lb {
		t.Errorf("a second load balancer: %s, %s", lb, again)
	}
	tg := w.targetGroup("web")
	if again := w.targetGroup("web"); again != tg {
		t.Errorf("a second target group: %s, %s", tg, again)
	}
	listener := w.listener(lb, 80, forwardTo(tg))
	if again := w.listener(lb, 80, forwardTo(tg)); again != listener {
		t.Errorf("a second listener: %s, %s", listener, again)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	var want, got []string
	for i := range 5 {
		name := fmt.Sprint("web-", i)
		w.targetGroup(name)
		want = append(want, name)
	}
	pages := elbv2.NewDescribeTargetGroupsPaginator(w.client, &elbv2.DescribeTargetGroupsInput{PageSize: aws.Int32(2)})
	count := 0
	for ; pages.HasMorePages(); count++ {
		out, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, tg := range out.TargetGroups {
			got = append(got, *tg.TargetGroupName)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || count != 3 {
		t.Errorf("%d pages (-want +got):\n%s", count, diff)
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	tg := w.targetGroup("web", func(in *elbv2.CreateTargetGroupInput) {
		in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b"), Value: aws.String("2")}}
	})
	if _, err := w.client.AddTags(t.Context(), &elbv2.AddTagsInput{ResourceArns: []string{tg}, Tags: []types.Tag{
		{Key: aws.String("b"), Value: aws.String("3")}, {Key: aws.String("c"), Value: aws.String("4")},
	}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.RemoveTags(t.Context(), &elbv2.RemoveTagsInput{ResourceArns: []string{tg}, TagKeys: []string{"a", "x"}}); err != nil {
		t.Fatal(err)
	}
	out, err := w.client.DescribeTags(t.Context(), &elbv2.DescribeTagsInput{ResourceArns: []string{tg}})
	if err != nil {
		t.Fatal(err)
	}
	want := []types.TagDescription{{ResourceArn: &tg, Tags: []types.Tag{
		{Key: aws.String("b"), Value: aws.String("3")}, {Key: aws.String("c"), Value: aws.String("4")},
	}}}
	if diff := cmp.Diff(want, out.TagDescriptions, exported()); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
}

func TestAttributes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	lb, _ := w.loadBalancer("front")
	set := func(key, value string) error {
		_, err := w.client.ModifyLoadBalancerAttributes(t.Context(), &elbv2.ModifyLoadBalancerAttributesInput{
			LoadBalancerArn: &lb, Attributes: []types.LoadBalancerAttribute{{Key: &key, Value: &value}},
		})
		return err
	}
	wantError(t, set("no.such.key", "1"), "ValidationError", "Load balancer attribute key 'no.such.key' is not recognized")
	wantError(t, set("idle_timeout.timeout_seconds", "0"), "InvalidConfigurationRequest", "Load balancer attribute 'idle_timeout.timeout_seconds' does not support the value '0'")
	if err := set("deletion_protection.enabled", "true"); err != nil {
		t.Fatal(err)
	}
	out, err := w.client.DescribeLoadBalancerAttributes(t.Context(), &elbv2.DescribeLoadBalancerAttributesInput{LoadBalancerArn: &lb})
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, a := range out.Attributes {
		values[*a.Key] = aws.ToString(a.Value)
	}
	if values["deletion_protection.enabled"] != "true" || values["idle_timeout.timeout_seconds"] != "60" {
		t.Errorf("attributes = %v", values)
	}
	_, err = w.client.DeleteLoadBalancer(t.Context(), &elbv2.DeleteLoadBalancerInput{LoadBalancerArn: &lb})
	wantError(t, err, "OperationNotPermitted", "Load balancer '"+lb+"' cannot be deleted because deletion protection is enabled")
}

func TestErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	lb, _ := w.loadBalancer("front")
	other, _ := w.loadBalancer("other")
	tg := w.targetGroup("web")
	listener := w.listener(lb, 80, forwardTo(tg))
	const arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
	missing := arn + "targetgroup/none/0000000000000000"
	path := []types.RuleCondition{{Field: aws.String("path-pattern"), Values: []string{"/a"}}}
	rule := func(priority int32, conditions []types.RuleCondition, action types.Action) error {
		_, err := w.client.CreateRule(t.Context(), &elbv2.CreateRuleInput{ListenerArn: &listener, Priority: &priority, Conditions: conditions, Actions: []types.Action{action}})
		return err
	}
	group := func(change func(*elbv2.CreateTargetGroupInput)) error {
		in := &elbv2.CreateTargetGroupInput{Name: aws.String("new"), Protocol: types.ProtocolEnumHttp, Port: aws.Int32(80), VpcId: aws.String("vpc-1"), TargetType: types.TargetTypeEnumIp}
		change(in)
		_, err := w.client.CreateTargetGroup(t.Context(), in)
		return err
	}
	if err := rule(7, path, fixed("200", "")); err != nil {
		t.Fatal(err)
	}
	rules, err := w.client.DescribeRules(t.Context(), &elbv2.DescribeRulesInput{ListenerArn: &listener})
	if err != nil {
		t.Fatal(err)
	}
	defaultRule := rules.Rules[1].RuleArn

	for _, tc := range []struct {
		name          string
		do            func(context.Context) error
		code, message string
	}{
		{"load balancer by name", func(ctx context.Context) error {
			_, err := w.client.DescribeLoadBalancers(ctx, &elbv2.DescribeLoadBalancersInput{Names: []string{"none"}})
			return err
		}, "LoadBalancerNotFound", "Load balancers '[none]' not found"},
		{"load balancer by ARN", func(ctx context.Context) error {
			_, err := w.client.DescribeLoadBalancers(ctx, &elbv2.DescribeLoadBalancersInput{LoadBalancerArns: []string{arn + "loadbalancer/app/none/0"}})
			return err
		}, "LoadBalancerNotFound", "Load balancer '" + arn + "loadbalancer/app/none/0' not found"},
		{"one subnet", func(ctx context.Context) error {
			_, err := w.client.CreateLoadBalancer(ctx, &elbv2.CreateLoadBalancerInput{Name: aws.String("new"), Subnets: []string{"subnet-1"}})
			return err
		}, "ValidationError", "At least two subnets in two different Availability Zones must be specified"},
		{"same name, other settings", func(ctx context.Context) error {
			_, err := w.client.CreateLoadBalancer(ctx, &elbv2.CreateLoadBalancerInput{Name: aws.String("front"), Subnets: []string{"subnet-3", "subnet-4"}})
			return err
		}, "DuplicateLoadBalancerName", "A load balancer with the same name 'front' exists, but with different settings"},
		{"network load balancer", func(ctx context.Context) error {
			_, err := w.client.CreateLoadBalancer(ctx, &elbv2.CreateLoadBalancerInput{Name: aws.String("new"), Subnets: []string{"a", "b"}, Type: types.LoadBalancerTypeEnumNetwork})
			return err
		}, "ValidationError", "Load balancers of type 'network' are not supported: the type must be 'application'"},
		{"member that is not supported", func(ctx context.Context) error {
			_, err := w.client.CreateLoadBalancer(ctx, &elbv2.CreateLoadBalancerInput{Name: aws.String("new"), Subnets: []string{"a", "b"}, CustomerOwnedIpv4Pool: aws.String("ipv4pool-coip-1")})
			return err
		}, "ValidationError", "The embedded AWS does not support CustomerOwnedIpv4Pool of CreateLoadBalancer."},
		{"listener", func(ctx context.Context) error {
			_, err := w.client.DescribeListeners(ctx, &elbv2.DescribeListenersInput{ListenerArns: []string{arn + "listener/app/none/0/0"}})
			return err
		}, "ListenerNotFound", "One or more listeners not found"},
		{"port in use", func(ctx context.Context) error {
			_, err := w.client.CreateListener(ctx, &elbv2.CreateListenerInput{LoadBalancerArn: &lb, Port: aws.Int32(80), Protocol: types.ProtocolEnumHttp, DefaultActions: []types.Action{fixed("200", "")}})
			return err
		}, "DuplicateListener", "A listener already exists on this port for this load balancer '" + lb + "'"},
		{"target group of another load balancer", func(ctx context.Context) error {
			_, err := w.client.CreateListener(ctx, &elbv2.CreateListenerInput{LoadBalancerArn: &other, Port: aws.Int32(80), Protocol: types.ProtocolEnumHttp, DefaultActions: []types.Action{forwardTo(tg)}})
			return err
		}, "TargetGroupAssociationLimit", "The following target groups cannot be associated with more than one load balancer: " + tg},
		{"HTTPS without certificate", func(ctx context.Context) error {
			_, err := w.client.CreateListener(ctx, &elbv2.CreateListenerInput{LoadBalancerArn: &lb, Port: aws.Int32(443), Protocol: types.ProtocolEnumHttps, DefaultActions: []types.Action{fixed("200", "")}})
			return err
		}, "ValidationError", "A certificate must be specified for HTTPS listeners"},
		{"rule", func(ctx context.Context) error {
			_, err := w.client.DeleteRule(ctx, &elbv2.DeleteRuleInput{RuleArn: aws.String(arn + "listener-rule/app/none/0/0/0")})
			return err
		}, "RuleNotFound", "One or more rules not found"},
		{"default rule", func(ctx context.Context) error {
			_, err := w.client.DeleteRule(ctx, &elbv2.DeleteRuleInput{RuleArn: defaultRule})
			return err
		}, "OperationNotPermitted", "Default rule '" + *defaultRule + "' cannot be deleted"},
		{"priority in use", func(context.Context) error { return rule(7, path, fixed("200", "")) },
			"PriorityInUse", "Priority '7' is currently in use"},
		{"priority too low", func(context.Context) error { return rule(0, path, fixed("200", "")) },
			"ValidationError", "1 validation error detected: Value '0' at 'priority' failed to satisfy constraint: Member must have value greater than or equal to 1"},
		{"priority too high", func(context.Context) error { return rule(50001, path, fixed("200", "")) },
			"ValidationError", "1 validation error detected: Value '50001' at 'priority' failed to satisfy constraint: Member must have value less than or equal to 50000"},
		{"six condition values", func(context.Context) error {
			return rule(8, []types.RuleCondition{{Field: aws.String("path-pattern"), Values: []string{"1", "2", "3", "4", "5", "6"}}}, fixed("200", ""))
		}, "ValidationError", "A rule can only have '5' condition values"},
		{"condition field", func(context.Context) error {
			return rule(8, []types.RuleCondition{{Field: aws.String("path"), Values: []string{"1"}}}, fixed("200", ""))
		}, "ValidationError", "Condition field 'path' must be one of '[path-pattern, host-header, http-header, http-request-method, query-string, source-ip]'"},
		{"target group of a rule", func(context.Context) error { return rule(8, path, forwardTo(missing)) },
			"TargetGroupNotFound", "One or more target groups not found"},
		{"redirect loop", func(context.Context) error {
			return rule(8, path, types.Action{Type: types.ActionTypeEnumRedirect, RedirectConfig: &types.RedirectActionConfig{StatusCode: types.RedirectActionStatusCodeEnumHttp302}})
		}, "InvalidLoadBalancerAction", "The redirect configuration is not valid because it creates a loop"},
		{"fixed status", func(context.Context) error { return rule(8, path, fixed("302", "")) },
			"ValidationError", `1 validation error detected: Value '302' at 'actions.1.member.fixedResponseConfig.statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(2|4|5)\d\d$`},
		{"target group by name", func(ctx context.Context) error {
			_, err := w.client.DescribeTargetGroups(ctx, &elbv2.DescribeTargetGroupsInput{Names: []string{"none"}})
			return err
		}, "TargetGroupNotFound", "One or more target groups not found"},
		{"target group in use", func(ctx context.Context) error {
			_, err := w.client.DeleteTargetGroup(ctx, &elbv2.DeleteTargetGroupInput{TargetGroupArn: &tg})
			return err
		}, "ResourceInUse", "Target group '" + tg + "' is currently in use by a listener or a rule"},
		{"target group's name in use", func(context.Context) error {
			return group(func(in *elbv2.CreateTargetGroupInput) { in.Name = aws.String("web") })
		}, "DuplicateTargetGroupName", "A target group with the same name 'web' exists, but with different settings"},
		{"long name", func(context.Context) error {
			return group(func(in *elbv2.CreateTargetGroupInput) { in.Name = aws.String(strings.Repeat("a", 33)) })
		}, "ValidationError", "Target group name '" + strings.Repeat("a", 33) + "' cannot be longer than '32' characters"},
		{"interval not above timeout", func(context.Context) error {
			return group(func(in *elbv2.CreateTargetGroupInput) { in.HealthCheckIntervalSeconds = aws.Int32(5) })
		}, "ValidationError", "Health check interval must be greater than the timeout."},
		{"healthy threshold", func(context.Context) error {
			return group(func(in *elbv2.CreateTargetGroupInput) { in.HealthyThresholdCount = aws.Int32(1) })
		}, "ValidationError", "1 validation error detected: Value '1' at 'healthyThresholdCount' failed to satisfy constraint: Member must have value greater than or equal to 2"},
		{"matcher", func(context.Context) error {
			return group(func(in *elbv2.CreateTargetGroupInput) { in.Matcher = &types.Matcher{HttpCode: aws.String("200-599")} })
		}, "ValidationError", "Health check matcher HTTP code '200-599' must be within '200-499'"},
		{"target that is no address", func(ctx context.Context) error {
			_, err := w.client.RegisterTargets(ctx, &elbv2.RegisterTargetsInput{TargetGroupArn: &tg, Targets: []types.TargetDescription{{Id: aws.String("i-1")}}})
			return err
		}, "ValidationError", "The IP address 'i-1' is not a valid IPv4 address"},
		{"targets of no target group", func(ctx context.Context) error {
			_, err := w.client.DescribeTargetHealth(ctx, &elbv2.DescribeTargetHealthInput{TargetGroupArn: &missing})
			return err
		}, "TargetGroupNotFound", "One or more target groups not found"},
		{"tags of nothing", func(ctx context.Context) error {
			_, err := w.client.DescribeTags(ctx, &elbv2.DescribeTagsInput{ResourceArns: []string{missing}})
			return err
		}, "TargetGroupNotFound", "One or more target groups not found"},
	} {
		t.Run(tc.name, func(t *testing.T) { wantError(t, tc.do(t.Context()), tc.code, tc.message) })
	}
}

// Deleting what is gone succeeds, as the API reference says of these operations.
func TestDeletionIsIdempotent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	lb, _ := w.loadBalancer("front")
	tg := w.targetGroup("web")
	for range 2 {
		if _, err := w.client.DeleteLoadBalancer(t.Context(), &elbv2.DeleteLoadBalancerInput{LoadBalancerArn: &lb}); err != nil {
			t.Error(err)
		}
		if _, err := w.client.DeregisterTargets(t.Context(), &elbv2.DeregisterTargetsInput{TargetGroupArn: &tg, Targets: []types.TargetDescription{{Id: aws.String("10.0.0.9")}}}); err != nil {
			t.Error(err)
		}
	}
	for range 2 {
		if _, err := w.client.DeleteTargetGroup(t.Context(), &elbv2.DeleteTargetGroupInput{TargetGroupArn: &tg}); err != nil {
			t.Error(err)
		}
	}
	out, err := w.client.DescribeTargetGroups(t.Context(), &elbv2.DescribeTargetGroupsInput{})
	if err != nil || len(out.TargetGroups) != 0 {
		t.Errorf("left: %v, %v", out, err)
	}
}
