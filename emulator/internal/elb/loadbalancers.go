package elb

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// provisioningTime is how long a new load balancer is in state provisioning. AWS
// documents no number; one to three minutes are usual.
const provisioningTime = time.Minute

// hostedZone is the Route 53 zone of load balancers in us-east-1 (AWS General
// Reference, Elastic Load Balancing endpoints). It stands for every region here.
const hostedZone = "Z35SXDOTRQ7X7K"

// loadBalancer is a load balancer with its listeners and what runs for it.
type loadBalancer struct {
	LoadBalancer
	request    CreateLoadBalancerInput // for the idempotency of CreateLoadBalancer
	attributes *attributes
	listeners  []*listener // oldest first
	front      *front      // serves the first HTTP and HTTPS listeners
	transport  *http.Transport
}

// CreateLoadBalancer makes a load balancer and opens its loopback port. A second
// call with the same name and settings returns the first one's load balancer.
func (s *Service) CreateLoadBalancer(_ context.Context, in *CreateLoadBalancerInput) (*CreateLoadBalancerOutput, error) {
	in = withLoadBalancerDefaults(in)
	if err := validateLoadBalancer(in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if lb := s.loadBalancerNamed(in.Name); lb != nil {
		if !reflect.DeepEqual(lb.request, *in) {
			return nil, wire.Errorf("DuplicateLoadBalancerName", "A load balancer with the same name '%s' exists, but with different settings", in.Name)
		}
		return &CreateLoadBalancerOutput{LoadBalancers: []LoadBalancer{s.describeLoadBalancer(lb)}}, nil
	}
	lb, err := s.newLoadBalancer(in)
	if err != nil {
		return nil, err
	}
	s.loadBalancers = append(s.loadBalancers, lb)
	s.balancerARNs[lb.LoadBalancerArn] = lb
	s.tags[lb.LoadBalancerArn] = slices.Clone(in.Tags)
	return &CreateLoadBalancerOutput{LoadBalancers: []LoadBalancer{s.describeLoadBalancer(lb)}}, nil
}

func (s *Service) newLoadBalancer(in *CreateLoadBalancerInput) (*loadBalancer, error) {
	lb := &loadBalancer{
		LoadBalancer: LoadBalancer{
			LoadBalancerArn:       s.arn("loadbalancer/app/" + in.Name + "/" + newID()),
			LoadBalancerName:      in.Name,
			CanonicalHostedZoneId: hostedZone,
			CreatedTime:           s.clock.Now(),
			Scheme:                in.Scheme,
			Type:                  in.Type,
			AvailabilityZones:     s.zones(in.Subnets, in.SubnetMappings),
			SecurityGroups:        append([]string{}, in.SecurityGroups...),
			IpAddressType:         in.IpAddressType,
		},
		request:    *in,
		attributes: newAttributes("Load balancer", loadBalancerSettings()),
	}
	lb.transport = s.newTransport(lb.idleTimeout())
	front, err := s.openBalancerFront(lb)
	if err != nil {
		return nil, fmt.Errorf("opening a port for load balancer %s: %w", in.Name, err)
	}
	lb.front = front
	lb.DNSName = front.addr()
	return lb, nil
}

func withLoadBalancerDefaults(in *CreateLoadBalancerInput) *CreateLoadBalancerInput {
	filled := *in
	setDefault(&filled.Scheme, "internet-facing")
	setDefault(&filled.Type, "application")
	setDefault(&filled.IpAddressType, "ipv4")
	return &filled
}

func setDefault[T comparable](value *T, initial T) {
	var zero T
	if *value == zero {
		*value = initial
	}
}

func validateLoadBalancer(in *CreateLoadBalancerInput) error {
	if err := validateName("Load balancer", in.Name); err != nil {
		return err
	}
	switch {
	case in.Type != "application":
		return wire.Errorf("ValidationError", "Load balancers of type '%s' are not supported: the type must be 'application'", in.Type)
	case in.Scheme != "internet-facing" && in.Scheme != "internal":
		return wire.Errorf("InvalidScheme", "The scheme '%s' is not valid: it must be 'internet-facing' or 'internal'", in.Scheme)
	case in.IpAddressType != "ipv4":
		return wire.Errorf("ValidationError", "IP address type '%s' is not supported: it must be 'ipv4'", in.IpAddressType)
	}
	if err := validateSubnets(in.Subnets, in.SubnetMappings); err != nil {
		return err
	}
	return validateTags(in.Tags)
}

func validateSubnets(subnets []string, mappings []SubnetMapping) error {
	switch {
	case len(subnets) > 0 && len(mappings) > 0:
		return wire.Errorf("ValidationError", "You must specify either subnets or subnet mappings, not both")
	case len(subnets)+len(mappings) < 2:
		return wire.Errorf("ValidationError", "At least two subnets in two different Availability Zones must be specified")
	}
	return nil
}

// zones puts each subnet into a zone of its own: subnets are only names here.
func (s *Service) zones(subnets []string, mappings []SubnetMapping) []AvailabilityZone {
	ids := slices.Clone(subnets)
	for _, m := range mappings {
		ids = append(ids, m.SubnetId)
	}
	zones := make([]AvailabilityZone, len(ids))
	for i, id := range ids {
		zones[i] = AvailabilityZone{ZoneName: s.region + string(rune('a'+i%6)), SubnetId: id}
	}
	return zones
}

// DescribeLoadBalancers lists all load balancers, or those named.
func (s *Service) DescribeLoadBalancers(_ context.Context, in *DescribeLoadBalancersInput) (*DescribeLoadBalancersOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, arn := range in.LoadBalancerArns {
		if _, err := s.loadBalancer(arn); err != nil {
			return nil, err
		}
	}
	for _, name := range in.Names {
		if s.loadBalancerNamed(name) == nil {
			return nil, wire.Errorf("LoadBalancerNotFound", "Load balancers '[%s]' not found", name)
		}
	}
	found := []LoadBalancer{}
	all := len(in.LoadBalancerArns)+len(in.Names) == 0
	for _, lb := range s.loadBalancers {
		if all || slices.Contains(in.LoadBalancerArns, lb.LoadBalancerArn) || slices.Contains(in.Names, lb.LoadBalancerName) {
			found = append(found, s.describeLoadBalancer(lb))
		}
	}
	found, next, err := page(found, in.Marker, in.PageSize)
	if err != nil {
		return nil, err
	}
	return &DescribeLoadBalancersOutput{LoadBalancers: found, NextMarker: next}, nil
}

func (s *Service) describeLoadBalancer(lb *loadBalancer) LoadBalancer {
	d := lb.LoadBalancer
	d.State.Code = "active"
	if s.clock.Since(lb.CreatedTime) < provisioningTime {
		d.State.Code = "provisioning"
	}
	return d
}

// DeleteLoadBalancer closes a load balancer and deletes its listeners. Deleting
// one that does not exist succeeds, as on AWS.
func (s *Service) DeleteLoadBalancer(_ context.Context, in *DeleteLoadBalancerInput) (*DeleteLoadBalancerOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lb, err := s.loadBalancer(in.LoadBalancerArn)
	if err != nil {
		return &DeleteLoadBalancerOutput{}, nil //nolint:nilerr // gone is what the caller wants
	}
	if lb.attributes.on(deletionProtection) {
		return nil, wire.Errorf("OperationNotPermitted", "Load balancer '%s' cannot be deleted because deletion protection is enabled", lb.LoadBalancerArn)
	}
	lb.close()
	for _, l := range lb.listeners {
		s.forgetListener(l)
	}
	delete(s.tags, lb.LoadBalancerArn)
	delete(s.balancerARNs, lb.LoadBalancerArn)
	s.loadBalancers = slices.DeleteFunc(s.loadBalancers, func(other *loadBalancer) bool { return other == lb })
	listeners := lb.listeners
	lb.listeners = nil
	for _, l := range listeners {
		s.updateUse(lb, l.actions()...)
	}
	return &DeleteLoadBalancerOutput{}, nil
}

// SetSecurityGroups replaces a load balancer's security groups, which have no
// effect on loopback.
func (s *Service) SetSecurityGroups(_ context.Context, in *SetSecurityGroupsInput) (*SetSecurityGroupsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lb, err := s.loadBalancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	lb.SecurityGroups = append([]string{}, in.SecurityGroups...)
	return &SetSecurityGroupsOutput{SecurityGroupIds: lb.SecurityGroups}, nil
}

// SetSubnets replaces a load balancer's subnets.
func (s *Service) SetSubnets(_ context.Context, in *SetSubnetsInput) (*SetSubnetsOutput, error) {
	if err := validateSubnets(in.Subnets, in.SubnetMappings); err != nil {
		return nil, err
	}
	if in.IpAddressType != "" && in.IpAddressType != "ipv4" {
		return nil, wire.Errorf("ValidationError", "IP address type '%s' is not supported: it must be 'ipv4'", in.IpAddressType)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	lb, err := s.loadBalancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	lb.AvailabilityZones = s.zones(in.Subnets, in.SubnetMappings)
	return &SetSubnetsOutput{AvailabilityZones: lb.AvailabilityZones, IpAddressType: lb.IpAddressType}, nil
}

// DescribeLoadBalancerAttributes lists a load balancer's attributes.
func (s *Service) DescribeLoadBalancerAttributes(_ context.Context, in *DescribeLoadBalancerAttributesInput) (*DescribeLoadBalancerAttributesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lb, err := s.loadBalancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	return &DescribeLoadBalancerAttributesOutput{Attributes: lb.attributes.list()}, nil
}

// ModifyLoadBalancerAttributes sets attributes. A new idle timeout counts for
// connections to targets that are opened from then on.
func (s *Service) ModifyLoadBalancerAttributes(_ context.Context, in *ModifyLoadBalancerAttributesInput) (*ModifyLoadBalancerAttributesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lb, err := s.loadBalancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	before := lb.idleTimeout()
	if err := lb.attributes.modify(in.Attributes); err != nil {
		return nil, err
	}
	if lb.idleTimeout() != before {
		lb.transport.CloseIdleConnections()
		lb.transport = s.newTransport(lb.idleTimeout())
	}
	return &ModifyLoadBalancerAttributesOutput{Attributes: lb.attributes.list()}, nil
}

// loadBalancer finds a load balancer by its ARN.
func (s *Service) loadBalancer(arn string) (*loadBalancer, error) {
	if lb := s.balancerARNs[arn]; lb != nil {
		return lb, nil
	}
	if !strings.Contains(arn, ":loadbalancer/") {
		return nil, wire.Errorf("ValidationError", "'%s' is not a valid load balancer ARN", arn)
	}
	return nil, wire.Errorf("LoadBalancerNotFound", "Load balancer '%s' not found", arn)
}

func (s *Service) loadBalancerNamed(name string) *loadBalancer {
	for _, lb := range s.loadBalancers {
		if lb.LoadBalancerName == name {
			return lb
		}
	}
	return nil
}

// first is the listener of a protocol that the load balancer's own port serves: the one
// with the lowest port.
func (lb *loadBalancer) first(protocol string) *listener {
	var first *listener
	for _, l := range lb.listeners {
		if l.Protocol == protocol && (first == nil || l.Port < first.Port) {
			first = l
		}
	}
	return first
}

func (lb *loadBalancer) idleTimeout() time.Duration {
	return time.Duration(lb.attributes.number(idleTimeout)) * time.Second
}

// close closes the load balancer's ports and cuts the requests in flight.
func (lb *loadBalancer) close() {
	lb.front.close()
	for _, l := range lb.listeners {
		l.front.close()
	}
	lb.transport.CloseIdleConnections()
}
