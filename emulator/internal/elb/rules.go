package elb

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// rule is a rule of a listener, other than its default one.
type rule struct {
	Rule
	priority int
}

// CreateRule adds a rule to a listener.
func (s *Service) CreateRule(_ context.Context, in *CreateRuleInput) (*CreateRuleOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	if err := validatePriority(in.Priority); err != nil {
		return nil, err
	}
	if l.ruleAt(in.Priority) != nil {
		return nil, priorityInUse(in.Priority)
	}
	conditions, err := normalizeConditions(in.Conditions)
	if err != nil {
		return nil, err
	}
	actions, err := s.normalizeActions(l.lb, l.Protocol, in.Actions)
	if err != nil {
		return nil, err
	}
	if err := validateTags(in.Tags); err != nil {
		return nil, err
	}
	r := &rule{
		Rule:     Rule{RuleArn: childARN(l.ListenerArn, "listener", "listener-rule"), Conditions: conditions, Actions: actions},
		priority: in.Priority,
	}
	s.addRule(l, r)
	l.sortRules()
	s.tags[r.RuleArn] = slices.Clone(in.Tags)
	s.updateUse(l.lb, r.Actions)
	return &CreateRuleOutput{Rules: []Rule{r.Rule}}, nil
}

// DescribeRules lists the rules of a listener by priority, the default rule last,
// or the rules named.
func (s *Service) DescribeRules(_ context.Context, in *DescribeRulesInput) (*DescribeRulesOutput, error) {
	if (in.ListenerArn == "") == (len(in.RuleArns) == 0) {
		return nil, wire.Errorf("ValidationError", "You must specify either listener rule ARNs or a listener ARN")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []Rule{}
	if in.ListenerArn != "" {
		l, err := s.listener(in.ListenerArn)
		if err != nil {
			return nil, err
		}
		for _, r := range l.rules {
			found = append(found, r.Rule)
		}
		found = append(found, l.describeDefaultRule())
	}
	for _, arn := range in.RuleArns {
		l, r, err := s.rule(arn)
		if err != nil {
			return nil, err
		}
		if r == nil {
			found = append(found, l.describeDefaultRule())
			continue
		}
		found = append(found, r.Rule)
	}
	found, next, err := page(found, in.Marker, in.PageSize)
	if err != nil {
		return nil, err
	}
	return &DescribeRulesOutput{Rules: found, NextMarker: next}, nil
}

func (l *listener) describeDefaultRule() Rule {
	return Rule{RuleArn: l.defaultRule, Priority: "default", Conditions: []RuleCondition{}, Actions: l.DefaultActions, IsDefault: true}
}

// ModifyRule replaces the conditions or actions that the request gives.
func (s *Service) ModifyRule(_ context.Context, in *ModifyRuleInput) (*ModifyRuleOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, r, err := s.rule(in.RuleArn)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, wire.Errorf("OperationNotPermitted", "Default rule '%s' cannot be modified", in.RuleArn)
	}
	changed := r.Rule
	if len(in.Conditions) > 0 {
		if changed.Conditions, err = normalizeConditions(in.Conditions); err != nil {
			return nil, err
		}
	}
	if len(in.Actions) > 0 {
		if changed.Actions, err = s.normalizeActions(l.lb, l.Protocol, in.Actions); err != nil {
			return nil, err
		}
	}
	before := r.Actions
	r.Rule = changed
	s.updateUse(l.lb, before, r.Actions)
	return &ModifyRuleOutput{Rules: []Rule{r.Rule}}, nil
}

// DeleteRule deletes a rule; a listener's default rule goes only with it.
func (s *Service) DeleteRule(_ context.Context, in *DeleteRuleInput) (*DeleteRuleOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, r, err := s.rule(in.RuleArn)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, wire.Errorf("OperationNotPermitted", "Default rule '%s' cannot be deleted", in.RuleArn)
	}
	l.rules = slices.DeleteFunc(l.rules, func(other *rule) bool { return other == r })
	s.forgetRule(r.RuleArn)
	s.updateUse(l.lb, r.Actions)
	return &DeleteRuleOutput{}, nil
}

// SetRulePriorities gives rules new priorities, all at once, so that two rules can
// swap theirs.
func (s *Service) SetRulePriorities(_ context.Context, in *SetRulePrioritiesInput) (*SetRulePrioritiesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	moves := map[*rule]int{}
	var listeners []*listener
	for _, pair := range in.RulePriorities {
		l, r, err := s.rule(pair.RuleArn)
		if err != nil {
			return nil, err
		}
		if r == nil {
			return nil, wire.Errorf("OperationNotPermitted", "Default rule '%s' priority cannot be modified", pair.RuleArn)
		}
		if err := validatePriority(pair.Priority); err != nil {
			return nil, err
		}
		moves[r] = pair.Priority
		listeners = append(listeners, l)
	}
	if err := validateMoves(listeners, moves); err != nil {
		return nil, err
	}
	out := &SetRulePrioritiesOutput{Rules: []Rule{}}
	for r, priority := range moves {
		r.priority = priority
	}
	for _, l := range listeners {
		l.sortRules()
	}
	for _, pair := range in.RulePriorities {
		_, r, err := s.rule(pair.RuleArn)
		if err != nil {
			return nil, err
		}
		out.Rules = append(out.Rules, r.Rule)
	}
	return out, nil
}

// validateMoves refuses new priorities of which two of a listener would be the same.
func validateMoves(listeners []*listener, moves map[*rule]int) error {
	for _, l := range listeners {
		taken := map[int]bool{}
		for _, r := range l.rules {
			priority, moved := moves[r]
			if !moved {
				priority = r.priority
			}
			if taken[priority] {
				return priorityInUse(priority)
			}
			taken[priority] = true
		}
	}
	return nil
}

// validatePriority applies the range of the API reference, CreateRule, Priority.
func validatePriority(priority int) error {
	if priority < 1 || priority > 50000 {
		return wire.Errorf("ValidationError", "Rule priority '%d' must be between 1 and 50000 inclusive", priority)
	}
	return nil
}

func priorityInUse(priority int) error {
	return wire.Errorf("PriorityInUse", "Priority '%d' is currently in use", priority)
}

// rule finds a rule by its ARN, and its listener. The rule is nil where the ARN is
// that of the listener's default rule.
func (s *Service) rule(arn string) (*listener, *rule, error) {
	if found, ok := s.rules[arn]; ok {
		return found.listener, found.rule, nil
	}
	return nil, nil, wire.Errorf("RuleNotFound", "One or more rules not found")
}

func (l *listener) ruleAt(priority int) *rule {
	for _, r := range l.rules {
		if r.priority == priority {
			return r
		}
	}
	return nil
}

// sortRules puts the rules into the order in which they are tried.
func (l *listener) sortRules() {
	slices.SortFunc(l.rules, func(a, b *rule) int { return cmp.Compare(a.priority, b.priority) })
	for _, r := range l.rules {
		r.Priority = strconv.Itoa(r.priority)
	}
}
