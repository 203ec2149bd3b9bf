package templatediff

import (
	"slices"
	"strings"

	"github.com/slipway-go/slipway/internal/cfnspec"
)

// Acknowledgement accepts one change of one protected resource. It does not
// accept another change of the same resource, so that it may stay as a record.
type Acknowledgement struct {
	// Resource is the logical ID.
	Resource string
	// Change is what happens to it, as [Change.Cause] says it.
	Change string
	// Reason says why that is fine. Without one nothing is accepted.
	Reason string
}

// Refused is every change to a protected resource that would replace it, perhaps
// replace it or take it out of the stack, and that nobody has acknowledged.
//
// Protected are the types that hold data, as the registry says, and those that
// requests pass through: a replacement of them loses the one or the other.
func (d Diff) Refused(acknowledged []Acknowledgement) []Change {
	var refused []Change
	for _, c := range d.Changes {
		if !c.Protected || !c.loses() {
			continue
		}
		accepted := slices.ContainsFunc(acknowledged, func(a Acknowledgement) bool {
			return a.Resource == c.Name && a.Change == c.Cause() && strings.TrimSpace(a.Reason) != ""
		})
		if !accepted {
			refused = append(refused, c)
		}
	}
	return refused
}

// loses tells whether the resource that was there may not be there any more.
func (c Change) loses() bool {
	switch c.Effect {
	case MaybeReplaced, Replaced, LeftBehind, Deleted:
		return true
	}
	return false
}

// isProtected tells whether replacing a resource of the type would lose data or
// requests.
func isProtected(spec cfnspec.Specification, resourceType string) bool {
	if spec[resourceType].Stateful {
		return true
	}
	switch resourceType {
	case
		// The way of a packet.
		"AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::InternetGateway", "AWS::EC2::VPCGatewayAttachment",
		"AWS::EC2::NatGateway", "AWS::EC2::EIP", "AWS::EC2::RouteTable", "AWS::EC2::Route",
		"AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::SecurityGroup", "AWS::EC2::VPCEndpoint", "AWS::EC2::Instance",
		// The way of a request.
		"AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancingV2::Listener",
		"AWS::ElasticLoadBalancingV2::ListenerRule", "AWS::ElasticLoadBalancingV2::TargetGroup",
		"AWS::ElasticLoadBalancing::LoadBalancer", "AWS::CloudFront::Distribution", "AWS::ApiGateway::RestApi",
		"AWS::ApiGatewayV2::Api", "AWS::CertificateManager::Certificate", "AWS::Lambda::Function",
		// What answers it. Not the task definition: a new one is what a rollout is.
		"AWS::ECS::Cluster", "AWS::ECS::Service", "AWS::AutoScaling::AutoScalingGroup",
		"AWS::RDS::DBProxy", "AWS::RDS::GlobalCluster",
		// The names by which it is found.
		"AWS::Route53::HostedZone", "AWS::Route53::RecordSet", "AWS::ServiceDiscovery::Service",
		"AWS::ServiceDiscovery::HttpNamespace", "AWS::ServiceDiscovery::PrivateDnsNamespace", "AWS::ServiceDiscovery::PublicDnsNamespace",
		// Data that the registry does not count as such.
		"AWS::ECR::Repository", "AWS::SNS::Topic", "AWS::SSM::Parameter":
		return true
	}
	return false
}
