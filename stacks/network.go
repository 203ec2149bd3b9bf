package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/contract"
)

// NetworkStack is a [constructs.Network], with exports that service stacks
// import.
type NetworkStack interface {
	awscdk.Stack
	// Network is the network that the stack consists of.
	Network() constructs.Network
}

// NetworkStackProps configures a [NetworkStack]. The zero value, and nil, are fine.
type NetworkStackProps struct {
	// StackProps are those of the CDK: stack name, account and region, tags.
	// [Environment.StackProps] returns some with a name and tags.
	//
	// Default: those of the CDK, but for the Synthesizer, which is the legacy
	// one, for accounts that are not bootstrapped.
	awscdk.StackProps

	// NetworkProps are the props of the network; see [constructs.NetworkProps].
	// All of its subnets are exported.
	//
	// Service stacks import two zones and public subnets unless told otherwise.
	// If this network has private tasks or more than two zones, tell each
	// service stack by [ServiceStackProps.TaskPlacement] and
	// [ServiceStackProps.Zones].
	//
	// CloudFormation refuses to delete an export that is imported: before
	// private subnets can be removed, the service stacks have to leave them.
	constructs.NetworkProps

	// SSMParameters also publishes each output as a Systems Manager parameter
	// called /STACK-NAME/OUTPUT. Service stacks with
	// [ServiceStackProps.SSMParameters], scripts and other tools can read
	// those. Unlike exports, which cannot change while a stack imports them,
	// they do not keep the network from changing.
	//
	// Default: false.
	SSMParameters *bool
}

// Validate reports every prop that cannot work, joined into one error.
func (p *NetworkStackProps) Validate() error {
	if p == nil {
		return nil
	}
	return p.NetworkProps.Validate()
}

type networkStack struct {
	awscdk.Stack
	network       constructs.Network
	ssmParameters bool
	// deployedName is what CloudFormation will say: a stack may be deployed under
	// another name than the app's.
	deployedName string
}

func (s *networkStack) Network() constructs.Network { return s.network }

// NewNetworkStack defines a network stack. It has no parameters. It panics when
// [constructs.NewNetwork] does.
func NewNetworkStack(scope awsconstructs.Construct, id *string, props *NetworkStackProps) NetworkStack {
	if props == nil {
		props = &NetworkStackProps{}
	}
	s := &networkStack{ssmParameters: props.SSMParameters != nil && *props.SSMParameters}
	awscdk.NewStack_Override(s, scope, id, stackProps(props.StackProps, describeNetwork(&props.NetworkProps)))
	s.network = constructs.NewNetwork(s, jsii.String("Network"), &props.NetworkProps)
	pinLogicalIDs(s.network)
	s.export()
	return s
}

func describeNetwork(props *constructs.NetworkProps) string {
	switch {
	case props.Vpc != nil:
		return "A load balancer and an ECS cluster for containers on AWS Fargate in an existing VPC."
	case props.Zones == nil || *props.Zones == 2:
		return "A network for containers on AWS Fargate: two public subnets, a load balancer and an ECS cluster."
	default:
		return "A network for containers on AWS Fargate: public subnets, a load balancer and an ECS cluster."
	}
}

func (s *networkStack) export() {
	n := s.network
	s.deployedName = *awscdk.Aws_STACK_NAME()
	s.exportOutput(contract.OutputClusterName, "The name of the ECS cluster", n.Cluster().ClusterName())
	s.exportOutput(contract.OutputExternalURL, "The address of the load balancer", n.ExternalUrl())
	s.exportOutput(contract.OutputPublicListener, "The ARN of the listener that services attach to", n.Listener().ListenerArn())
	s.exportOutput(contract.OutputVPCID, "The ID of the VPC", n.Vpc().VpcId())
	s.exportSubnets("public", contract.PublicSubnetOutputs(), n.PublicSubnets())
	s.exportOutput(contract.OutputPublicLoadBalancerSecurityGroup, "The ID of the load balancer's security group",
		n.LoadBalancerSecurityGroup().SecurityGroupId())
	s.exportSubnets("private", contract.PrivateSubnetOutputs(), n.Vpc().PrivateSubnets())
	s.exportSubnets("database", contract.DatabaseSubnetOutputs(), n.Vpc().IsolatedSubnets())

	if shared := n.SharedTaskResources(); shared != nil {
		s.exportOutput(contract.OutputECSRole, "The ARN of the shared ECS role", shared.Role.AttrArn())
		s.exportOutput(contract.OutputECSTaskExecutionRole, "The ARN of the shared execution role", shared.ExecutionRole.AttrArn())
		s.exportOutput(contract.OutputECSSecurityGroup, "The ID of the shared security group of tasks", shared.SecurityGroup.Ref())
	}
}

// exportSubnets exports as many as there are names for: a VPC that is brought
// along may have more.
func (s *networkStack) exportSubnets(kind string, outputs [contract.MaxZones]string, subnets *[]awsec2.ISubnet) {
	for i, subnet := range (*subnets)[:min(len(*subnets), len(outputs))] {
		place := [contract.MaxZones]string{"first", "second", "third", "fourth"}[i]
		s.exportOutput(outputs[i], "The ID of the "+place+" "+kind+" subnet", subnet.SubnetId())
	}
}

func (s *networkStack) exportOutput(name, description string, value *string) {
	declareOutput(s, name, &awscdk.CfnOutputProps{
		Description: jsii.String(description),
		Value:       value,
		ExportName:  awscdk.Fn_Join(jsii.String(contract.ExportSeparator), jsii.Strings(s.deployedName, name)),
	})
	if s.ssmParameters {
		const separator = contract.SSMParameterSeparator
		// The L1: the L2 has no use for a name that holds the stack's.
		awsssm.NewCfnParameter(s, jsii.String(name+"Parameter"), &awsssm.CfnParameterProps{
			Name:        awscdk.Fn_Join(jsii.String(""), jsii.Strings(separator, s.deployedName, separator+name)),
			Description: jsii.String(description),
			Type:        jsii.String("String"),
			Value:       value,
		})
	}
}
