package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/contract"
)

type importedNetwork struct {
	vpc           awsec2.IVpc
	cluster       awsecs.ICluster
	listener      elb.IApplicationListener
	balancerGroup awsec2.ISecurityGroup
	externalURL   *string
}

func (n *importedNetwork) Vpc() awsec2.IVpc                                 { return n.vpc }
func (n *importedNetwork) PublicSubnets() *[]awsec2.ISubnet                 { return n.vpc.PublicSubnets() }
func (n *importedNetwork) TaskSubnets() *[]awsec2.ISubnet                   { return n.vpc.PublicSubnets() }
func (n *importedNetwork) AssignPublicIp() *bool                            { return jsii.Bool(true) }
func (n *importedNetwork) Cluster() awsecs.ICluster                         { return n.cluster }
func (n *importedNetwork) Listener() elb.IApplicationListener               { return n.listener }
func (n *importedNetwork) LoadBalancerSecurityGroup() awsec2.ISecurityGroup { return n.balancerGroup }
func (n *importedNetwork) ExternalUrl() *string                             { return n.externalURL }

// NetworkFromExports is the network that the stack of the given name defines,
// by way of its exports. The name may be a token.
//
// The CDK sees no dependency in an import by name: when both stacks are in one
// app, say stack.AddDependency(networkStack, nil).
func NetworkFromExports(scope awsconstructs.Construct, id *string, stackName *string) INetwork {
	scope = awsconstructs.NewConstruct(scope, id)
	guardRulePriorities(scope)
	imported := func(output string) *string {
		name := awscdk.Fn_Join(jsii.String(contract.ExportSeparator), jsii.Strings(*stackName, output))
		return awscdk.Fn_ImportValue(name)
	}
	zones := awscdk.Fn_GetAzs(awscdk.Aws_REGION())

	vpc := awsec2.Vpc_FromVpcAttributes(scope, jsii.String("Vpc"), &awsec2.VpcAttributes{
		VpcId: imported(contract.OutputVPCID),
		AvailabilityZones: &[]*string{
			awscdk.Fn_Select(jsii.Number(0), zones),
			awscdk.Fn_Select(jsii.Number(1), zones),
		},
		PublicSubnetIds: &[]*string{
			imported(contract.OutputPublicSubnetOne),
			imported(contract.OutputPublicSubnetTwo),
		},
	})
	awscdk.Annotations_Of(vpc).AcknowledgeWarning(jsii.String("@aws-cdk/aws-ec2:noSubnetRouteTableId"),
		jsii.String("the network does not export its route table, and a service adds no routes"))

	group := awsec2.SecurityGroup_FromSecurityGroupId(scope, jsii.String("LoadBalancerSecurityGroup"),
		imported(contract.OutputPublicLoadBalancerSecurityGroup),
		&awsec2.SecurityGroupImportOptions{AllowAllOutbound: jsii.Bool(true)})

	return &importedNetwork{
		vpc: vpc,
		cluster: awsecs.Cluster_FromClusterAttributes(scope, jsii.String("Cluster"), &awsecs.ClusterAttributes{
			ClusterName: imported(contract.OutputClusterName),
			Vpc:         vpc,
		}),
		listener: elb.ApplicationListener_FromApplicationListenerAttributes(scope, jsii.String("Listener"), &elb.ApplicationListenerAttributes{
			ListenerArn:   imported(contract.OutputPublicListener),
			SecurityGroup: group,
		}),
		balancerGroup: group,
		externalURL:   imported(contract.OutputExternalURL),
	}
}
