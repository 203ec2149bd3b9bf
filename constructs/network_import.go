package constructs

import (
	"errors"

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
	placement     TaskPlacement
}

func (n *importedNetwork) Vpc() awsec2.IVpc                                 { return n.vpc }
func (n *importedNetwork) PublicSubnets() *[]awsec2.ISubnet                 { return n.vpc.PublicSubnets() }
func (n *importedNetwork) Cluster() awsecs.ICluster                         { return n.cluster }
func (n *importedNetwork) Listener() elb.IApplicationListener               { return n.listener }
func (n *importedNetwork) LoadBalancerSecurityGroup() awsec2.ISecurityGroup { return n.balancerGroup }
func (n *importedNetwork) ExternalUrl() *string                             { return n.externalURL }

func (n *importedNetwork) TaskSubnets() *[]awsec2.ISubnet {
	if n.placement == TasksPrivate {
		return n.vpc.PrivateSubnets()
	}
	return n.vpc.PublicSubnets()
}

func (n *importedNetwork) AssignPublicIp() *bool { return jsii.Bool(n.placement != TasksPrivate) }

// NetworkAttributes describe the network stack to import from. They have to
// agree with the props of that stack: an export or parameter that it does not
// have makes the deployment of the importing stack fail.
type NetworkAttributes struct {
	// StackName is the name of the network stack. It may be a token. Required.
	StackName *string

	// Zones is the number of zones of the network, 2 to 4. There is one subnet
	// of each kind in each.
	//
	// Default: 2.
	Zones *float64

	// TaskPlacement is the kind of subnets that tasks run in. Private subnets
	// are imported only with [TasksPrivate].
	//
	// Default: [TasksPublic].
	TaskPlacement TaskPlacement

	// DatabaseSubnets imports the database subnets, as the isolated subnets of
	// Vpc().
	//
	// Default: false.
	DatabaseSubnets *bool

	// FromSSMParameters reads the Systems Manager parameters that the network
	// stack publishes (stacks.NetworkStackProps.SSMParameters) instead of
	// importing its exports. CloudFormation refuses to change or delete an
	// export that is imported. A parameter can change: stacks that read it get
	// the new value with their next update. Nothing then keeps the network
	// stack from replacing what services still use, and CloudFormation cannot
	// list the stacks that use it.
	//
	// Default: false.
	FromSSMParameters *bool
}

// Validate reports every attribute that cannot work, joined into one error.
func (a *NetworkAttributes) Validate() error {
	if a == nil {
		return required("attributes", true)
	}
	return errors.Join(
		required("StackName", a.StackName == nil),
		checkZones(a.Zones),
		checkChoice("TaskPlacement", a.TaskPlacement, TasksPublic, TasksPrivate),
	)
}

// NetworkFromExports is [NetworkFromAttributes] for a network with the default
// attributes: two zones, tasks in public subnets, import by exports. stackName
// is the name of the network stack and may be a token.
func NetworkFromExports(scope awsconstructs.Construct, id *string, stackName *string) INetwork {
	return NetworkFromAttributes(scope, id, &NetworkAttributes{StackName: stackName})
}

// NetworkFromAttributes imports the network of a network stack
// (stacks.NewNetworkStack), by its exports or its Systems Manager parameters.
// It panics when [NetworkAttributes.Validate] returns an error.
//
// The CDK does not see that the importing stack depends on the network stack:
// when both are in one app, call stack.AddStackDependency(networkStack, nil).
func NetworkFromAttributes(scope awsconstructs.Construct, id *string, attributes *NetworkAttributes) INetwork {
	mustBeValid(scope, id, attributes.Validate())
	scope = awsconstructs.NewConstruct(scope, id)
	guardRulePriorities(scope)
	imported := func(output string) *string {
		name := awscdk.Fn_Join(jsii.String(contract.ExportSeparator), jsii.Strings(*attributes.StackName, output))
		return awscdk.Fn_ImportValue(name)
	}
	if *orDefault(attributes.FromSSMParameters, false) {
		imported = func(output string) *string {
			const separator = contract.SSMParameterSeparator
			return awscdk.Fn_Join(jsii.String(""), jsii.Strings(
				"{{resolve:ssm:"+separator, *attributes.StackName, separator+output+"}}"))
		}
	}
	vpc := importedVPC(scope, attributes, imported)
	group := awsec2.SecurityGroup_FromSecurityGroupId(scope, jsii.String("LoadBalancerSecurityGroup"),
		imported(contract.OutputPublicLoadBalancerSecurityGroup),
		&awsec2.SecurityGroupImportOptions{AllowAllOutbound: jsii.Bool(true)})

	return &importedNetwork{
		vpc:       vpc,
		placement: attributes.TaskPlacement,
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

// importedVPC imports public subnets always: what nothing uses does not get
// into the template.
func importedVPC(scope awsconstructs.Construct, attributes *NetworkAttributes, imported func(output string) *string) awsec2.IVpc {
	count := int(*orDefault(attributes.Zones, defaultZones))
	each := func(value func(zone int) *string) *[]*string {
		values := make([]*string, count)
		for zone := range values {
			values[zone] = value(zone)
		}
		return &values
	}
	subnets := func(outputs [contract.MaxZones]string) *[]*string {
		return each(func(zone int) *string { return imported(outputs[zone]) })
	}
	zones := zoneNames(count)
	props := &awsec2.VpcAttributes{
		VpcId:             imported(contract.OutputVPCID),
		AvailabilityZones: &zones,
		PublicSubnetIds:   subnets(contract.PublicSubnetOutputs()),
	}
	if attributes.TaskPlacement == TasksPrivate {
		props.PrivateSubnetIds = subnets(contract.PrivateSubnetOutputs())
	}
	if *orDefault(attributes.DatabaseSubnets, false) {
		props.IsolatedSubnetIds = subnets(contract.DatabaseSubnetOutputs())
	}
	vpc := awsec2.Vpc_FromVpcAttributes(scope, jsii.String("Vpc"), props)
	awscdk.Annotations_Of(vpc).AcknowledgeWarning(jsii.String("@aws-cdk/aws-ec2:noSubnetRouteTableId"),
		jsii.String("the network does not export its route tables, and a service adds no routes"))
	return vpc
}
