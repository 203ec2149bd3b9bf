package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/contract"
)

// NetworkStack is a network and the exports that service stacks import.
type NetworkStack interface {
	awscdk.Stack
	// Network is what the stack is made of.
	Network() constructs.Network
}

// NetworkStackProps configures a [NetworkStack]. The zero value, and nil, are fine.
type NetworkStackProps struct {
	// StackProps are the CDK's own: stack name, environment, tags. A synthesizer
	// that needs no bootstrap is the default.
	awscdk.StackProps

	// CertificateArn turns HTTPS on; see [constructs.NetworkProps].
	//
	// Default: HTTP on port 80 only.
	CertificateArn *string

	// IdleTimeoutSeconds is the load balancer's, 1 to 4000 seconds.
	//
	// Default: 60.
	IdleTimeoutSeconds *float64

	// Compatibility adds the shared roles and security group, and exports them,
	// for service stacks that still import them; see [constructs.NetworkProps].
	//
	// Default: false.
	Compatibility *bool
}

type networkStack struct {
	awscdk.Stack
	network constructs.Network
}

func (s *networkStack) Network() constructs.Network { return s.network }

// NewNetworkStack defines a network stack. It panics when props cannot work.
func NewNetworkStack(scope awsconstructs.Construct, id *string, props *NetworkStackProps) NetworkStack {
	if props == nil {
		props = &NetworkStackProps{}
	}
	s := &networkStack{}
	awscdk.NewStack_Override(s, scope, id, stackProps(props.StackProps,
		"A network for containers on AWS Fargate: two public subnets, a load balancer and an ECS cluster."))
	s.network = constructs.NewNetwork(s, jsii.String("Network"), &constructs.NetworkProps{
		CertificateArn:     props.CertificateArn,
		IdleTimeoutSeconds: props.IdleTimeoutSeconds,
		Compatibility:      props.Compatibility,
	})
	pinLogicalIDs(s.network)
	s.export()
	return s
}

func (s *networkStack) export() {
	n := s.network
	subnets := *n.PublicSubnets()
	s.exportOutput(contract.OutputClusterName, "The name of the ECS cluster", n.Cluster().ClusterName())
	s.exportOutput(contract.OutputExternalURL, "The address of the load balancer", n.ExternalUrl())
	s.exportOutput(contract.OutputPublicListener, "The ARN of the listener that services attach to", n.Listener().ListenerArn())
	s.exportOutput(contract.OutputVPCID, "The ID of the VPC", n.Vpc().VpcId())
	s.exportOutput(contract.OutputPublicSubnetOne, "The ID of the first public subnet", subnets[0].SubnetId())
	s.exportOutput(contract.OutputPublicSubnetTwo, "The ID of the second public subnet", subnets[1].SubnetId())
	s.exportOutput(contract.OutputPublicLoadBalancerSecurityGroup, "The ID of the load balancer's security group",
		n.LoadBalancerSecurityGroup().SecurityGroupId())

	if shared := n.SharedTaskResources(); shared != nil {
		s.exportOutput(contract.OutputECSRole, "The ARN of the shared ECS role", shared.Role.AttrArn())
		s.exportOutput(contract.OutputECSTaskExecutionRole, "The ARN of the shared execution role", shared.ExecutionRole.AttrArn())
		s.exportOutput(contract.OutputECSSecurityGroup, "The ID of the shared security group of tasks", shared.SecurityGroup.Ref())
	}
}

func (s *networkStack) exportOutput(name, description string, value *string) {
	output(s, name, description, value).SetExportName(
		awscdk.Fn_Join(jsii.String(contract.ExportSeparator), jsii.Strings(*awscdk.Aws_STACK_NAME(), name)))
}
