package elb

import (
	"slices"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// SetWeights makes a rule forward to target groups by weight, as Amazon ECS does with
// ModifyRule when it shifts traffic in a deployment; a listener's default rule is
// changed as by ModifyListener. Group stickiness stays as it is. Requests that are
// admitted later go by the new weights.
//
// It fails where there is no such rule, where the rule does not forward, and as
// ModifyRule does.
func (s *Service) SetWeights(ruleARN string, groups []TargetGroupTuple) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, r, err := s.rule(ruleARN)
	if err != nil {
		return err
	}
	actions := l.DefaultActions
	if r != nil {
		actions = r.Actions
	}
	before := actions
	if actions[0].Type != "forward" {
		return wire.Errorf("InvalidLoadBalancerAction", "Rule '%s' does not forward requests to target groups", ruleARN)
	}
	forward := Action{Type: "forward", Order: actions[0].Order, ForwardConfig: &ForwardConfig{
		TargetGroups:                slices.Clone(groups),
		TargetGroupStickinessConfig: actions[0].ForwardConfig.TargetGroupStickinessConfig,
	}}
	actions, err = s.normalizeActions(l.lb, l.Protocol, []Action{forward})
	if err != nil {
		return err
	}
	if r != nil {
		r.Actions = actions
	} else {
		l.DefaultActions = actions
	}
	s.updateUse(l.lb, before, actions)
	return nil
}
