package elb

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// defaultSSLPolicy is what an HTTPS listener created without a policy gets (API
// reference, CreateListener, SslPolicy). It has no effect here.
const defaultSSLPolicy = "ELBSecurityPolicy-2016-08"

// listener is a listener with its rules and its own loopback port.
type listener struct {
	Listener
	attributes  *attributes
	lb          *loadBalancer
	rules       []*rule // by priority; the default rule is not among them
	defaultRule string  // ARN
	front       *front
}

// CreateListener opens a listener on a load balancer. A second call with the same
// settings returns the first one's listener.
func (s *Service) CreateListener(_ context.Context, in *CreateListenerInput) (*CreateListenerOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lb, err := s.loadBalancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	l := &listener{
		Listener: Listener{
			ListenerArn:     childARN(lb.LoadBalancerArn, "loadbalancer", "listener"),
			LoadBalancerArn: lb.LoadBalancerArn,
			Port:            in.Port,
			Protocol:        in.Protocol,
			Certificates:    slices.Clone(in.Certificates),
			SslPolicy:       in.SslPolicy,
		},
		attributes: newAttributes("Listener", listenerSettings()),
		lb:         lb,
	}
	if err := s.validateListener(&l.Listener); err != nil {
		return nil, err
	}
	if err := validateTags(in.Tags); err != nil {
		return nil, err
	}
	if l.DefaultActions, err = s.normalizeActions(lb, l.Protocol, in.DefaultActions); err != nil {
		return nil, err
	}
	if other := lb.listenerOn(in.Port); other != nil {
		if !sameListener(other.Listener, l.Listener) {
			return nil, wire.Errorf("DuplicateListener", "A listener already exists on this port for this load balancer '%s'", lb.LoadBalancerArn)
		}
		return &CreateListenerOutput{Listeners: []Listener{other.Listener}}, nil
	}
	if err := s.openListener(l); err != nil {
		return nil, err
	}
	l.defaultRule = childARN(l.ListenerArn, "listener", "listener-rule")
	s.addListener(l)
	s.tags[l.ListenerArn] = slices.Clone(in.Tags)
	s.updateUse(lb, l.DefaultActions)
	return &CreateListenerOutput{Listeners: []Listener{l.Listener}}, nil
}

func sameListener(a, b Listener) bool {
	b.ListenerArn = a.ListenerArn
	return reflect.DeepEqual(a, b)
}

// openListener gives the listener its own loopback port.
func (s *Service) openListener(l *listener) error {
	var cert *certificate
	if l.Protocol == "HTTPS" {
		var err error
		if cert, err = s.selfSigned(); err != nil {
			return err
		}
	}
	front, err := s.openFront(func(bool) *listener { return l }, cert)
	if err != nil {
		return fmt.Errorf("opening a port for listener %s: %w", l.ListenerArn, err)
	}
	l.front = front
	return nil
}

// validateListener checks protocol, port and certificates, and fills in defaults.
func (s *Service) validateListener(l *Listener) error {
	switch {
	case l.Protocol != "HTTP" && l.Protocol != "HTTPS":
		return wire.Errorf("ValidationError", "Listener protocol '%s' must be one of 'HTTP, HTTPS'", l.Protocol)
	case l.Port < 1 || l.Port > 65535:
		return wire.Errorf("ValidationError", "Listener port '%d' must be between 1 and 65535 inclusive", l.Port)
	case l.Protocol == "HTTP" && (len(l.Certificates) > 0 || l.SslPolicy != ""):
		return wire.Errorf("InvalidConfigurationRequest", "Certificates and SSL policies are only supported by listeners with protocol 'HTTPS'")
	case l.Protocol == "HTTPS" && len(l.Certificates) != 1:
		return wire.Errorf("ValidationError", "A certificate must be specified for HTTPS listeners")
	}
	if l.Protocol == "HTTPS" {
		setDefault(&l.SslPolicy, defaultSSLPolicy)
	}
	return nil
}

// DescribeListeners lists the listeners of a load balancer, or those named.
func (s *Service) DescribeListeners(_ context.Context, in *DescribeListenersInput) (*DescribeListenersOutput, error) {
	if (in.LoadBalancerArn == "") == (len(in.ListenerArns) == 0) {
		return nil, wire.Errorf("ValidationError", "You must specify either listener ARNs or a load balancer ARN")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []Listener{}
	if in.LoadBalancerArn != "" {
		lb, err := s.loadBalancer(in.LoadBalancerArn)
		if err != nil {
			return nil, err
		}
		for _, l := range lb.listeners {
			found = append(found, l.Listener)
		}
	}
	for _, arn := range in.ListenerArns {
		l, err := s.listener(arn)
		if err != nil {
			return nil, err
		}
		found = append(found, l.Listener)
	}
	found, next, err := page(found, in.Marker, in.PageSize)
	if err != nil {
		return nil, err
	}
	return &DescribeListenersOutput{Listeners: found, NextMarker: next}, nil
}

// ModifyListener replaces what the request gives. With another protocol the
// listener gets another loopback port.
func (s *Service) ModifyListener(_ context.Context, in *ModifyListenerInput) (*ModifyListenerOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	changed, err := s.modifiedListener(l, in)
	if err != nil {
		return nil, err
	}
	reopen := changed.Protocol != l.Protocol
	before := l.Listener
	l.Listener = *changed
	if reopen {
		old := l.front
		if err := s.openListener(l); err != nil {
			l.Listener = before
			return nil, err
		}
		old.close()
	}
	s.updateUse(l.lb, before.DefaultActions, l.DefaultActions)
	return &ModifyListenerOutput{Listeners: []Listener{l.Listener}}, nil
}

func (s *Service) modifiedListener(l *listener, in *ModifyListenerInput) (*Listener, error) {
	changed := l.Listener
	if in.Port != 0 {
		changed.Port = in.Port
	}
	if in.Protocol != "" && in.Protocol != l.Protocol {
		changed.Protocol = in.Protocol
		changed.Certificates, changed.SslPolicy = nil, ""
	}
	if len(in.Certificates) > 0 {
		changed.Certificates = slices.Clone(in.Certificates)
	}
	if in.SslPolicy != "" {
		changed.SslPolicy = in.SslPolicy
	}
	if err := s.validateListener(&changed); err != nil {
		return nil, err
	}
	if other := l.lb.listenerOn(changed.Port); other != nil && other != l {
		return nil, wire.Errorf("DuplicateListener", "A listener already exists on this port for this load balancer '%s'", l.LoadBalancerArn)
	}
	actions := in.DefaultActions
	if len(actions) == 0 {
		actions = l.DefaultActions
	}
	var err error
	changed.DefaultActions, err = s.normalizeActions(l.lb, changed.Protocol, actions)
	return &changed, err
}

// DeleteListener deletes a listener and its rules.
func (s *Service) DeleteListener(_ context.Context, in *DeleteListenerInput) (*DeleteListenerOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	l.front.close()
	s.forgetListener(l)
	l.lb.listeners = slices.DeleteFunc(l.lb.listeners, func(other *listener) bool { return other == l })
	s.updateUse(l.lb, l.actions()...)
	return &DeleteListenerOutput{}, nil
}

// forgetListener drops what the service has by the ARNs of a listener and of its rules.
func (s *Service) forgetListener(l *listener) {
	delete(s.tags, l.ListenerArn)
	delete(s.listeners, l.ListenerArn)
	s.forgetRule(l.defaultRule)
	for _, r := range l.rules {
		s.forgetRule(r.RuleArn)
	}
}

func (s *Service) forgetRule(arn string) {
	delete(s.tags, arn)
	delete(s.rules, arn)
}

// actions are those of a listener and of its rules.
func (l *listener) actions() [][]Action {
	all := [][]Action{l.DefaultActions}
	for _, r := range l.rules {
		all = append(all, r.Actions)
	}
	return all
}

// DescribeListenerAttributes lists a listener's attributes.
func (s *Service) DescribeListenerAttributes(_ context.Context, in *DescribeListenerAttributesInput) (*DescribeListenerAttributesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	return &DescribeListenerAttributesOutput{Attributes: l.attributes.list()}, nil
}

// ModifyListenerAttributes sets attributes of a listener.
func (s *Service) ModifyListenerAttributes(_ context.Context, in *ModifyListenerAttributesInput) (*ModifyListenerAttributesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	if err := l.attributes.modify(in.Attributes); err != nil {
		return nil, err
	}
	return &ModifyListenerAttributesOutput{Attributes: l.attributes.list()}, nil
}

// ListenerAddr is the loopback address ("127.0.0.1:PORT") at which a listener
// answers, false when there is no such listener. The load balancer's first HTTP
// and HTTPS listeners answer at the load balancer's DNSName as well. HTTPS listeners
// have a self-signed certificate, whatever certificate they name.
func (s *Service) ListenerAddr(listenerARN string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.listener(listenerARN)
	if err != nil {
		return "", false
	}
	return l.front.addr(), true
}

// listener finds a listener by its ARN.
func (s *Service) listener(arn string) (*listener, error) {
	if l := s.listeners[arn]; l != nil {
		return l, nil
	}
	return nil, wire.Errorf("ListenerNotFound", "One or more listeners not found")
}

func (lb *loadBalancer) listenerOn(port int) *listener {
	for _, l := range lb.listeners {
		if l.Port == port {
			return l
		}
	}
	return nil
}
