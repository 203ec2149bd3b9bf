package elb

import (
	"context"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// Service is Elastic Load Balancing. It is safe for concurrent use.
type Service struct{ options Options }

// New returns a service without any resource.
func New(o Options) *Service { return &Service{options: o} }

// Close closes every load balancer, stops all health checks, and waits for both.
func (s *Service) Close() error { return nil }

// Register adds a target to a target group, or takes it back from draining.
func (s *Service) Register(targetGroupARN string, t Target) error { return errNotServed }

// Deregister starts the draining of a target.
func (s *Service) Deregister(targetGroupARN string, t Target) error { return errNotServed }

// Health is the state of a target and the reason code for it.
func (s *Service) Health(targetGroupARN string, t Target) (State, string) {
	return Unused, "Target.NotRegistered"
}

// ListenerAddr is the loopback address at which a listener answers.
func (s *Service) ListenerAddr(listenerARN string) (string, bool) { return "", false }

var errNotServed = wire.Errorf("InternalFailure", "not served yet")

// CreateLoadBalancer serves the operation of that name.
func (s *Service) CreateLoadBalancer(ctx context.Context, in *CreateLoadBalancerInput) (*CreateLoadBalancerOutput, error) {
	return nil, errNotServed
}

// DescribeLoadBalancers serves the operation of that name.
func (s *Service) DescribeLoadBalancers(ctx context.Context, in *DescribeLoadBalancersInput) (*DescribeLoadBalancersOutput, error) {
	return nil, errNotServed
}

// DeleteLoadBalancer serves the operation of that name.
func (s *Service) DeleteLoadBalancer(ctx context.Context, in *DeleteLoadBalancerInput) (*DeleteLoadBalancerOutput, error) {
	return nil, errNotServed
}

// DescribeLoadBalancerAttributes serves the operation of that name.
func (s *Service) DescribeLoadBalancerAttributes(ctx context.Context, in *DescribeLoadBalancerAttributesInput) (*DescribeLoadBalancerAttributesOutput, error) {
	return nil, errNotServed
}

// ModifyLoadBalancerAttributes serves the operation of that name.
func (s *Service) ModifyLoadBalancerAttributes(ctx context.Context, in *ModifyLoadBalancerAttributesInput) (*ModifyLoadBalancerAttributesOutput, error) {
	return nil, errNotServed
}

// SetSecurityGroups serves the operation of that name.
func (s *Service) SetSecurityGroups(ctx context.Context, in *SetSecurityGroupsInput) (*SetSecurityGroupsOutput, error) {
	return nil, errNotServed
}

// SetSubnets serves the operation of that name.
func (s *Service) SetSubnets(ctx context.Context, in *SetSubnetsInput) (*SetSubnetsOutput, error) {
	return nil, errNotServed
}

// CreateListener serves the operation of that name.
func (s *Service) CreateListener(ctx context.Context, in *CreateListenerInput) (*CreateListenerOutput, error) {
	return nil, errNotServed
}

// DescribeListeners serves the operation of that name.
func (s *Service) DescribeListeners(ctx context.Context, in *DescribeListenersInput) (*DescribeListenersOutput, error) {
	return nil, errNotServed
}

// ModifyListener serves the operation of that name.
func (s *Service) ModifyListener(ctx context.Context, in *ModifyListenerInput) (*ModifyListenerOutput, error) {
	return nil, errNotServed
}

// DeleteListener serves the operation of that name.
func (s *Service) DeleteListener(ctx context.Context, in *DeleteListenerInput) (*DeleteListenerOutput, error) {
	return nil, errNotServed
}

// DescribeListenerAttributes serves the operation of that name.
func (s *Service) DescribeListenerAttributes(ctx context.Context, in *DescribeListenerAttributesInput) (*DescribeListenerAttributesOutput, error) {
	return nil, errNotServed
}

// ModifyListenerAttributes serves the operation of that name.
func (s *Service) ModifyListenerAttributes(ctx context.Context, in *ModifyListenerAttributesInput) (*ModifyListenerAttributesOutput, error) {
	return nil, errNotServed
}

// CreateRule serves the operation of that name.
func (s *Service) CreateRule(ctx context.Context, in *CreateRuleInput) (*CreateRuleOutput, error) {
	return nil, errNotServed
}

// DescribeRules serves the operation of that name.
func (s *Service) DescribeRules(ctx context.Context, in *DescribeRulesInput) (*DescribeRulesOutput, error) {
	return nil, errNotServed
}

// ModifyRule serves the operation of that name.
func (s *Service) ModifyRule(ctx context.Context, in *ModifyRuleInput) (*ModifyRuleOutput, error) {
	return nil, errNotServed
}

// DeleteRule serves the operation of that name.
func (s *Service) DeleteRule(ctx context.Context, in *DeleteRuleInput) (*DeleteRuleOutput, error) {
	return nil, errNotServed
}

// SetRulePriorities serves the operation of that name.
func (s *Service) SetRulePriorities(ctx context.Context, in *SetRulePrioritiesInput) (*SetRulePrioritiesOutput, error) {
	return nil, errNotServed
}

// CreateTargetGroup serves the operation of that name.
func (s *Service) CreateTargetGroup(ctx context.Context, in *CreateTargetGroupInput) (*CreateTargetGroupOutput, error) {
	return nil, errNotServed
}

// DescribeTargetGroups serves the operation of that name.
func (s *Service) DescribeTargetGroups(ctx context.Context, in *DescribeTargetGroupsInput) (*DescribeTargetGroupsOutput, error) {
	return nil, errNotServed
}

// ModifyTargetGroup serves the operation of that name.
func (s *Service) ModifyTargetGroup(ctx context.Context, in *ModifyTargetGroupInput) (*ModifyTargetGroupOutput, error) {
	return nil, errNotServed
}

// DeleteTargetGroup serves the operation of that name.
func (s *Service) DeleteTargetGroup(ctx context.Context, in *DeleteTargetGroupInput) (*DeleteTargetGroupOutput, error) {
	return nil, errNotServed
}

// DescribeTargetGroupAttributes serves the operation of that name.
func (s *Service) DescribeTargetGroupAttributes(ctx context.Context, in *DescribeTargetGroupAttributesInput) (*DescribeTargetGroupAttributesOutput, error) {
	return nil, errNotServed
}

// ModifyTargetGroupAttributes serves the operation of that name.
func (s *Service) ModifyTargetGroupAttributes(ctx context.Context, in *ModifyTargetGroupAttributesInput) (*ModifyTargetGroupAttributesOutput, error) {
	return nil, errNotServed
}

// RegisterTargets serves the operation of that name.
func (s *Service) RegisterTargets(ctx context.Context, in *RegisterTargetsInput) (*RegisterTargetsOutput, error) {
	return nil, errNotServed
}

// DeregisterTargets serves the operation of that name.
func (s *Service) DeregisterTargets(ctx context.Context, in *DeregisterTargetsInput) (*DeregisterTargetsOutput, error) {
	return nil, errNotServed
}

// DescribeTargetHealth serves the operation of that name.
func (s *Service) DescribeTargetHealth(ctx context.Context, in *DescribeTargetHealthInput) (*DescribeTargetHealthOutput, error) {
	return nil, errNotServed
}

// AddTags serves the operation of that name.
func (s *Service) AddTags(ctx context.Context, in *AddTagsInput) (*AddTagsOutput, error) {
	return nil, errNotServed
}

// RemoveTags serves the operation of that name.
func (s *Service) RemoveTags(ctx context.Context, in *RemoveTagsInput) (*RemoveTagsOutput, error) {
	return nil, errNotServed
}

// DescribeTags serves the operation of that name.
func (s *Service) DescribeTags(ctx context.Context, in *DescribeTagsInput) (*DescribeTagsOutput, error) {
	return nil, errNotServed
}
