package elb

import "github.com/slipway-go/slipway/emulator/internal/wire"

// API serves the operations in the Query protocol, as clients of Elastic Load
// Balancing version 2 speak it.
func (s *Service) API() *wire.API {
	api := &wire.API{
		Service:   "elasticloadbalancing",
		Protocol:  wire.Query,
		Version:   "2015-12-01",
		Namespace: "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
	}
	wire.Handle(api, "CreateLoadBalancer", s.CreateLoadBalancer)
	wire.Handle(api, "DescribeLoadBalancers", s.DescribeLoadBalancers)
	wire.Handle(api, "DeleteLoadBalancer", s.DeleteLoadBalancer)
	wire.Handle(api, "DescribeLoadBalancerAttributes", s.DescribeLoadBalancerAttributes)
	wire.Handle(api, "ModifyLoadBalancerAttributes", s.ModifyLoadBalancerAttributes)
	wire.Handle(api, "SetSecurityGroups", s.SetSecurityGroups)
	wire.Handle(api, "SetSubnets", s.SetSubnets)

	wire.Handle(api, "CreateListener", s.CreateListener)
	wire.Handle(api, "DescribeListeners", s.DescribeListeners)
	wire.Handle(api, "ModifyListener", s.ModifyListener)
	wire.Handle(api, "DeleteListener", s.DeleteListener)
	wire.Handle(api, "DescribeListenerAttributes", s.DescribeListenerAttributes)
	wire.Handle(api, "ModifyListenerAttributes", s.ModifyListenerAttributes)

	wire.Handle(api, "CreateRule", s.CreateRule)
	wire.Handle(api, "DescribeRules", s.DescribeRules)
	wire.Handle(api, "ModifyRule", s.ModifyRule)
	wire.Handle(api, "DeleteRule", s.DeleteRule)
	wire.Handle(api, "SetRulePriorities", s.SetRulePriorities)

	wire.Handle(api, "CreateTargetGroup", s.CreateTargetGroup)
	wire.Handle(api, "DescribeTargetGroups", s.DescribeTargetGroups)
	wire.Handle(api, "ModifyTargetGroup", s.ModifyTargetGroup)
	wire.Handle(api, "DeleteTargetGroup", s.DeleteTargetGroup)
	wire.Handle(api, "DescribeTargetGroupAttributes", s.DescribeTargetGroupAttributes)
	wire.Handle(api, "ModifyTargetGroupAttributes", s.ModifyTargetGroupAttributes)

	wire.Handle(api, "RegisterTargets", s.RegisterTargets)
	wire.Handle(api, "DeregisterTargets", s.DeregisterTargets)
	wire.Handle(api, "DescribeTargetHealth", s.DescribeTargetHealth)

	wire.Handle(api, "AddTags", s.AddTags)
	wire.Handle(api, "RemoveTags", s.RemoveTags)
	wire.Handle(api, "DescribeTags", s.DescribeTags)
	return api
}
