package templatediff

import (
	"slices"
	"strings"

	"github.com/slipway-go/slipway/internal/cfnspec"
)

// Acknowledgement accepts one change of one protected resource, and no other
// change of it. It can therefore stay in the test after the change was
// deployed.
type Acknowledgement struct {
	// Resource is the logical ID of the resource.
	Resource string
	// Change is the change that is accepted, in the words of [Change.Cause].
	Change string
	// Reason says why the change is accepted. An entry without a reason accepts
	// nothing.
	Reason string
}

// Refused returns the changes that replace, may replace or remove a protected
// resource and that no entry of acknowledged accepts.
//
// Protected are the resource types that hold data, according to the registry,
// and those that requests pass through.
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
