package resources

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/clock"
	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
	"github.com/slipway-go/slipway/emulator/internal/elb"
)

// nameLimit is the longest name of a load balancer or target group.
const nameLimit = 32

type loadBalancer struct {
	elb   *elb.Service
	clock *clock.Clock
}

type loadBalancerProperties struct {
	elb.CreateLoadBalancerInput
	LoadBalancerAttributes []elb.Attribute
}

func (p loadBalancer) Create(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	properties := &loadBalancerProperties{}
	if err := bind(r.Properties, properties); err != nil {
		return cloudformation.Resource{}, err
	}
	if properties.Name == "" {
		properties.Name = generated(r, nameLimit)
	}
	var err error
	if properties.Tags, err = elbTags(r); err != nil {
		return cloudformation.Resource{}, err
	}
	out, err := p.elb.CreateLoadBalancer(ctx, &properties.CreateLoadBalancerInput)
	if err != nil {
		return cloudformation.Resource{}, handlerError(err)
	}
	arn := out.LoadBalancers[0].LoadBalancerArn
	r.Initiated(arn)
	if len(properties.LoadBalancerAttributes) > 0 {
		_, err := p.elb.ModifyLoadBalancerAttributes(ctx, &elb.ModifyLoadBalancerAttributesInput{LoadBalancerArn: arn, Attributes: properties.LoadBalancerAttributes})
		if err != nil {
			return cloudformation.Resource{PhysicalID: arn}, handlerError(err)
		}
	}
	for {
		made, state, err := p.describe(ctx, arn)
		if err != nil || state == "active" || r.Express {
			return made, err
		}
		if err := p.clock.Sleep(ctx, time.Second); err != nil {
			return made, err
		}
	}
}

func (p loadBalancer) describe(ctx context.Context, arn string) (made cloudformation.Resource, state string, err error) {
	out, err := p.elb.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{LoadBalancerArns: []string{arn}})
	if err != nil {
		return cloudformation.Resource{PhysicalID: arn}, "", handlerError(err)
	}
	lb := out.LoadBalancers[0]
	return cloudformation.Resource{PhysicalID: arn, Attributes: map[string]any{
		"LoadBalancerArn":       arn,
		"DNSName":               lb.DNSName,
		"CanonicalHostedZoneID": lb.CanonicalHostedZoneId,
		"LoadBalancerName":      lb.LoadBalancerName,
		"LoadBalancerFullName":  afterKind(arn),
		"SecurityGroups":        texts(lb.SecurityGroups),
	}}, lb.State.Code, nil
}

func (p loadBalancer) Update(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	properties := &loadBalancerProperties{}
	if err := bind(r.Properties, properties); err != nil {
		return cloudformation.Resource{}, err
	}
	if _, err := p.elb.SetSecurityGroups(ctx, &elb.SetSecurityGroupsInput{LoadBalancerArn: r.PhysicalID, SecurityGroups: properties.SecurityGroups}); err != nil {
		return cloudformation.Resource{}, handlerError(err)
	}
	if len(properties.Subnets)+len(properties.SubnetMappings) > 0 {
		in := &elb.SetSubnetsInput{LoadBalancerArn: r.PhysicalID, Subnets: properties.Subnets, SubnetMappings: properties.SubnetMappings}
		if _, err := p.elb.SetSubnets(ctx, in); err != nil {
			return cloudformation.Resource{}, handlerError(err)
		}
	}
	if len(properties.LoadBalancerAttributes) > 0 {
		in := &elb.ModifyLoadBalancerAttributesInput{LoadBalancerArn: r.PhysicalID, Attributes: properties.LoadBalancerAttributes}
		if _, err := p.elb.ModifyLoadBalancerAttributes(ctx, in); err != nil {
			return cloudformation.Resource{}, handlerError(err)
		}
	}
	if err := retagELB(ctx, p.elb, r.PhysicalID, r); err != nil {
		return cloudformation.Resource{}, err
	}
	made, _, err := p.describe(ctx, r.PhysicalID)
	return made, err
}

func (p loadBalancer) Delete(ctx context.Context, r cloudformation.Request) error {
	_, err := p.elb.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: r.PhysicalID})
	return goneIsFine(err)
}

type targetGroup struct{ elb *elb.Service }

type targetGroupProperties struct {
	elb.CreateTargetGroupInput
	TargetGroupAttributes []elb.Attribute
	Targets               []elb.TargetDescription
}

func (p targetGroup) Create(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	properties := &targetGroupProperties{}
	if err := bind(r.Properties, properties); err != nil {
		return cloudformation.Resource{}, err
	}
	if properties.Name == "" {
		properties.Name = generated(r, nameLimit)
	}
	var err error
	if properties.Tags, err = elbTags(r); err != nil {
		return cloudformation.Resource{}, err
	}
	out, err := p.elb.CreateTargetGroup(ctx, &properties.CreateTargetGroupInput)
	if err != nil {
		return cloudformation.Resource{}, handlerError(err)
	}
	arn := out.TargetGroups[0].TargetGroupArn
	r.Initiated(arn)
	return p.finish(ctx, arn, properties)
}

// finish sets what creation and update have in common.
func (p targetGroup) finish(ctx context.Context, arn string, properties *targetGroupProperties) (cloudformation.Resource, error) {
	if len(properties.TargetGroupAttributes) > 0 {
		in := &elb.ModifyTargetGroupAttributesInput{TargetGroupArn: arn, Attributes: properties.TargetGroupAttributes}
		if _, err := p.elb.ModifyTargetGroupAttributes(ctx, in); err != nil {
			return cloudformation.Resource{PhysicalID: arn}, handlerError(err)
		}
	}
	if len(properties.Targets) > 0 {
		if _, err := p.elb.RegisterTargets(ctx, &elb.RegisterTargetsInput{TargetGroupArn: arn, Targets: properties.Targets}); err != nil {
			return cloudformation.Resource{PhysicalID: arn}, handlerError(err)
		}
	}
	out, err := p.elb.DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{TargetGroupArns: []string{arn}})
	if err != nil {
		return cloudformation.Resource{PhysicalID: arn}, handlerError(err)
	}
	tg := out.TargetGroups[0]
	return cloudformation.Resource{PhysicalID: arn, Attributes: map[string]any{
		"TargetGroupArn":      arn,
		"TargetGroupName":     tg.TargetGroupName,
		"TargetGroupFullName": arn[strings.LastIndex(arn, ":")+1:],
		"LoadBalancerArns":    texts(tg.LoadBalancerArns),
	}}, nil
}

func (p targetGroup) Update(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	properties := &targetGroupProperties{}
	if err := bind(r.Properties, properties); err != nil {
		return cloudformation.Resource{}, err
	}
	_, err := p.elb.ModifyTargetGroup(ctx, &elb.ModifyTargetGroupInput{
		TargetGroupArn:             r.PhysicalID,
		HealthCheckEnabled:         properties.HealthCheckEnabled,
		HealthCheckProtocol:        properties.HealthCheckProtocol,
		HealthCheckPort:            properties.HealthCheckPort,
		HealthCheckPath:            properties.HealthCheckPath,
		HealthCheckIntervalSeconds: properties.HealthCheckIntervalSeconds,
		HealthCheckTimeoutSeconds:  properties.HealthCheckTimeoutSeconds,
		HealthyThresholdCount:      properties.HealthyThresholdCount,
		UnhealthyThresholdCount:    properties.UnhealthyThresholdCount,
		Matcher:                    properties.Matcher,
	})
	if err != nil {
		return cloudformation.Resource{}, handlerError(err)
	}
	if err := p.deregister(ctx, r, properties.Targets); err != nil {
		return cloudformation.Resource{}, err
	}
	if err := retagELB(ctx, p.elb, r.PhysicalID, r); err != nil {
		return cloudformation.Resource{}, err
	}
	return p.finish(ctx, r.PhysicalID, properties)
}

// deregister takes out of the target group what its template no longer lists. Targets
// that others registered, such as an ECS service's tasks, stay.
func (p targetGroup) deregister(ctx context.Context, r cloudformation.Request, listed []elb.TargetDescription) error {
	previous := &targetGroupProperties{}
	if err := bind(r.Previous, previous); err != nil {
		return err
	}
	gone := slices.DeleteFunc(previous.Targets, func(before elb.TargetDescription) bool {
		return slices.Contains(listed, before)
	})
	if len(gone) == 0 {
		return nil
	}
	_, err := p.elb.DeregisterTargets(ctx, &elb.DeregisterTargetsInput{TargetGroupArn: r.PhysicalID, Targets: gone})
	return handlerError(err)
}

func (p targetGroup) Delete(ctx context.Context, r cloudformation.Request) error {
	_, err := p.elb.DeleteTargetGroup(ctx, &elb.DeleteTargetGroupInput{TargetGroupArn: r.PhysicalID})
	return goneIsFine(err)
}

type listener struct{ elb *elb.Service }

type listenerProperties struct {
	elb.CreateListenerInput
	ListenerAttributes []elb.Attribute
}

func (p listener) Create(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	properties := &listenerProperties{}
	if err := bind(r.Properties, properties); err != nil {
		return cloudformation.Resource{}, err
	}
	out, err := p.elb.CreateListener(ctx, &properties.CreateListenerInput)
	if err != nil {
		return cloudformation.Resource{}, handlerError(err)
	}
	return p.finish(ctx, out.Listeners[0].ListenerArn, properties)
}

func (p listener) finish(ctx context.Context, arn string, properties *listenerProperties) (cloudformation.Resource, error) {
	made := cloudformation.Resource{PhysicalID: arn, Attributes: map[string]any{"ListenerArn": arn}}
	if len(properties.ListenerAttributes) == 0 {
		return made, nil
	}
	_, err := p.elb.ModifyListenerAttributes(ctx, &elb.ModifyListenerAttributesInput{ListenerArn: arn, Attributes: properties.ListenerAttributes})
	return made, handlerError(err)
}

func (p listener) Update(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	properties := &listenerProperties{}
	if err := bind(r.Properties, properties); err != nil {
		return cloudformation.Resource{}, err
	}
	_, err := p.elb.ModifyListener(ctx, &elb.ModifyListenerInput{
		ListenerArn: r.PhysicalID, Port: properties.Port, Protocol: properties.Protocol,
		Certificates: properties.Certificates, SslPolicy: properties.SslPolicy, DefaultActions: properties.DefaultActions,
	})
	if err != nil {
		return cloudformation.Resource{}, handlerError(err)
	}
	return p.finish(ctx, r.PhysicalID, properties)
}

func (p listener) Delete(ctx context.Context, r cloudformation.Request) error {
	_, err := p.elb.DeleteListener(ctx, &elb.DeleteListenerInput{ListenerArn: r.PhysicalID})
	return goneIsFine(err)
}

type listenerRule struct{ elb *elb.Service }

func (p listenerRule) Create(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	in := &elb.CreateRuleInput{}
	if err := bind(r.Properties, in); err != nil {
		return cloudformation.Resource{}, err
	}
	out, err := p.elb.CreateRule(ctx, in)
	if err != nil {
		return cloudformation.Resource{}, handlerError(err)
	}
	return ruleResource(out.Rules[0].RuleArn), nil
}

func ruleResource(arn string) cloudformation.Resource {
	return cloudformation.Resource{PhysicalID: arn, Attributes: map[string]any{"RuleArn": arn, "IsDefault": false}}
}

func (p listenerRule) Update(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	in := &elb.CreateRuleInput{}
	if err := bind(r.Properties, in); err != nil {
		return cloudformation.Resource{}, err
	}
	if _, err := p.elb.ModifyRule(ctx, &elb.ModifyRuleInput{RuleArn: r.PhysicalID, Conditions: in.Conditions, Actions: in.Actions}); err != nil {
		return cloudformation.Resource{}, handlerError(err)
	}
	_, err := p.elb.SetRulePriorities(ctx, &elb.SetRulePrioritiesInput{RulePriorities: []elb.RulePriorityPair{{RuleArn: r.PhysicalID, Priority: in.Priority}}})
	return ruleResource(r.PhysicalID), handlerError(err)
}

func (p listenerRule) Delete(ctx context.Context, r cloudformation.Request) error {
	_, err := p.elb.DeleteRule(ctx, &elb.DeleteRuleInput{RuleArn: r.PhysicalID})
	return goneIsFine(err)
}

// afterKind is the name of a load balancer as CloudWatch has it: "app/NAME/ID".
func afterKind(arn string) string {
	_, name, _ := strings.Cut(arn, ":loadbalancer/")
	return name
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, text := range list {
		out[i] = text
	}
	return out
}
