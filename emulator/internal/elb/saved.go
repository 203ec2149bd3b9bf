package elb

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
)

// Saved is what a Service keeps over a restart, for encoding/json. What is in it is
// replaced and never changed in place, so that it can be encoded later.
type Saved struct {
	LoadBalancers []savedLoadBalancer
	TargetGroups  []savedTargetGroup
	Tags          map[string][]Tag
}

type savedLoadBalancer struct {
	LoadBalancer LoadBalancer // DNSName is where it listens
	Request      CreateLoadBalancerInput
	Attributes   map[string]string
	Listeners    []savedListener
}

type savedListener struct {
	Listener    Listener
	Attributes  map[string]string
	Rules       []savedRule
	DefaultRule string
	Address     string // where it listens
}

type savedRule struct {
	Rule     Rule
	Priority int
}

type savedTargetGroup struct {
	TargetGroup TargetGroup
	Request     CreateTargetGroupInput
	Attributes  map[string]string
	Targets     []savedTarget // without those that drain
}

type savedTarget struct {
	Target
	Zone string
}

// Save is what there is to keep.
func (s *Service) Save() Saved {
	s.mu.Lock()
	defer s.mu.Unlock()
	saved := Saved{Tags: maps.Clone(s.tags)}
	for _, lb := range s.loadBalancers {
		kept := savedLoadBalancer{LoadBalancer: lb.LoadBalancer, Request: lb.request, Attributes: maps.Clone(lb.attributes.values)}
		for _, l := range lb.listeners {
			listening := savedListener{
				Listener: l.Listener, Attributes: maps.Clone(l.attributes.values), DefaultRule: l.defaultRule, Address: l.front.addr(),
			}
			for _, r := range l.rules {
				listening.Rules = append(listening.Rules, savedRule{Rule: r.Rule, Priority: r.priority})
			}
			kept.Listeners = append(kept.Listeners, listening)
		}
		saved.LoadBalancers = append(saved.LoadBalancers, kept)
	}
	for _, tg := range s.targetGroups {
		kept := savedTargetGroup{TargetGroup: tg.TargetGroup, Request: tg.request, Attributes: maps.Clone(tg.attributes.values)}
		for _, r := range tg.targets {
			if r.state != Draining {
				kept.Targets = append(kept.Targets, savedTarget{r.target, r.zone})
			}
		}
		saved.TargetGroups = append(saved.TargetGroups, kept)
	}
	return saved
}

// Forget drops the targets with these addresses.
func (k Saved) Forget(addresses map[string]bool) {
	for i := range k.TargetGroups {
		tg := &k.TargetGroups[i]
		tg.Targets = slices.DeleteFunc(tg.Targets, func(t savedTarget) bool { return addresses[t.ID] })
	}
}

// Restore takes over what a Service has saved, before the first request. Load balancers
// listen where they did; it fails where another process has taken such a port. Targets
// are checked anew.
func (s *Service) Restore(saved Saved) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.Copy(s.tags, saved.Tags)
	for _, kept := range saved.TargetGroups {
		tg := &targetGroup{TargetGroup: kept.TargetGroup, request: kept.Request, attributes: newAttributes("Target group", targetGroupSettings())}
		maps.Copy(tg.attributes.values, kept.Attributes)
		s.addTargetGroup(tg)
	}
	for _, kept := range saved.LoadBalancers {
		if err := s.restoreLoadBalancer(kept); err != nil {
			return fmt.Errorf("restoring load balancer %s: %w", kept.LoadBalancer.LoadBalancerArn, err)
		}
	}
	for i, kept := range saved.TargetGroups {
		for _, t := range kept.Targets {
			s.register(s.targetGroups[i], t.Target, t.Zone)
		}
	}
	return nil
}

func (s *Service) restoreLoadBalancer(kept savedLoadBalancer) error {
	lb := &loadBalancer{
		LoadBalancer: kept.LoadBalancer, request: kept.Request, attributes: newAttributes("Load balancer", loadBalancerSettings()),
	}
	maps.Copy(lb.attributes.values, kept.Attributes)
	lb.transport = s.newTransport(lb.idleTimeout())
	socket, err := net.Listen("tcp", lb.DNSName)
	if err != nil {
		return fmt.Errorf("its DNSName promises %s, where it cannot listen; end what does: %w", lb.DNSName, err)
	}
	if lb.front, err = s.serveBalancerFront(lb, socket); err != nil {
		return errors.Join(err, socket.Close())
	}
	s.loadBalancers = append(s.loadBalancers, lb)
	s.balancerARNs[lb.LoadBalancerArn] = lb
	for _, k := range kept.Listeners {
		l := &listener{Listener: k.Listener, attributes: newAttributes("Listener", listenerSettings()), lb: lb, defaultRule: k.DefaultRule}
		maps.Copy(l.attributes.values, k.Attributes)
		if err := s.restoreFront(l, k.Address); err != nil {
			return fmt.Errorf("listener %s: %w", l.ListenerArn, err)
		}
		s.addListener(l)
		for _, r := range k.Rules {
			s.addRule(l, &rule{Rule: r.Rule, priority: r.Priority})
		}
		s.updateUse(lb, l.actions()...)
	}
	return nil
}

// restoreFront opens the port of a listener, another one where the former is taken: only
// redirects, which are told the new one, lead there.
func (s *Service) restoreFront(l *listener, address string) error {
	var cert *certificate
	if l.Protocol == "HTTPS" {
		var err error
		if cert, err = s.selfSigned(); err != nil {
			return err
		}
	}
	socket, err := net.Listen("tcp", address)
	if err != nil {
		s.logger.Warn("a listener has another port than before the restart", "listener", l.ListenerArn, "former", address, "error", err)
		return s.openListener(l)
	}
	l.front = s.serveFront(socket, func(bool) *listener { return l }, cert)
	return nil
}
