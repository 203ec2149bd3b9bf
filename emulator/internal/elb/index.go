package elb

import "slices"

// index finds resources among thousands without a look at each. Service.mu guards it.
type index struct {
	groupByARN   map[string]*targetGroup
	groupByName  map[string]*targetGroup
	listeners    map[string]*listener // by ARN
	rules        map[string]ruleOf    // by ARN, default rules included
	balancerARNs map[string]*loadBalancer
}

// ruleOf is a rule with its listener; the rule is nil for the listener's default one.
type ruleOf struct {
	listener *listener
	rule     *rule
}

func newIndex() index {
	return index{
		groupByARN: map[string]*targetGroup{}, groupByName: map[string]*targetGroup{},
		listeners: map[string]*listener{}, rules: map[string]ruleOf{}, balancerARNs: map[string]*loadBalancer{},
	}
}

func (s *Service) addTargetGroup(tg *targetGroup) {
	s.targetGroups = append(s.targetGroups, tg)
	s.groupByARN[tg.TargetGroupArn], s.groupByName[tg.TargetGroupName] = tg, tg
}

func (s *Service) dropTargetGroup(tg *targetGroup) {
	delete(s.groupByARN, tg.TargetGroupArn)
	delete(s.groupByName, tg.TargetGroupName)
	s.targetGroups = slices.DeleteFunc(s.targetGroups, func(other *targetGroup) bool { return other == tg })
}

func (s *Service) addListener(l *listener) {
	l.lb.listeners = append(l.lb.listeners, l)
	s.listeners[l.ListenerArn], s.rules[l.defaultRule] = l, ruleOf{listener: l}
}

func (s *Service) addRule(l *listener, r *rule) {
	l.rules = append(l.rules, r)
	s.rules[r.RuleArn] = ruleOf{l, r}
}
