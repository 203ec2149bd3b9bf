package constructs

import (
	"errors"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// INetwork is what services need to know of a network. [NewNetwork] returns one
// that is defined in the same app, [NetworkFromExports] and
// [NetworkFromAttributes] import one from a stack.
type INetwork interface {
	// Vpc is the VPC. Its isolated subnets are the database subnets.
	Vpc() awsec2.IVpc
	// PublicSubnets have a route to an internet gateway; there is one per zone.
	PublicSubnets() *[]awsec2.ISubnet
	// TaskSubnets are the subnets that tasks run in, one per zone: the public
	// or the private ones, as [TaskPlacement] says.
	TaskSubnets() *[]awsec2.ISubnet
	// AssignPublicIp says whether tasks get a public IP address. In a public
	// subnet they reach image registries only with one, in a private subnet it
	// has no effect.
	AssignPublicIp() *bool
	// Cluster is the ECS cluster that services run in.
	Cluster() awsecs.ICluster
	// Listener is the listener that services add their rules to: HTTPS when the
	// network has a certificate, HTTP otherwise.
	Listener() elb.IApplicationListener
	// LoadBalancerSecurityGroup is the security group of the load balancer,
	// from which services accept requests.
	LoadBalancerSecurityGroup() awsec2.ISecurityGroup
	// ExternalUrl is the URL of the load balancer by its DNS name, such as
	// http://slipway-123.eu-west-1.elb.amazonaws.com. It begins with http://
	// also with a certificate: it is exported, and CloudFormation refuses to
	// change an export that is in use. The load balancer then redirects to
	// HTTPS.
	ExternalUrl() *string
}

// Network is a VPC, an application load balancer and an ECS cluster. The load
// balancer answers 404 where no rule of a service matches. By default the VPC
// has two public subnets, the load balancer faces the internet and tasks run in
// those subnets.
type Network interface {
	awsconstructs.Construct
	INetwork
	// LoadBalancer is the load balancer that the services of the network share.
	LoadBalancer() elb.ApplicationLoadBalancer
	// Url is the URL for users. Its scheme is https with a certificate and http
	// without. Its host is DomainName if given, else the first of AliasNames,
	// else the DNS name of the load balancer. Unlike ExternalUrl, which is
	// exported, it changes when a certificate or a name is added.
	Url() *string
	// RedirectListener redirects HTTP to HTTPS; nil without a certificate.
	RedirectListener() elb.ApplicationListener
	// SharedTaskResources is nil unless [NetworkProps.Compatibility] is true.
	SharedTaskResources() *SharedTaskResources
}

type network struct {
	awsconstructs.Construct
	props            *NetworkProps
	vpc              awsec2.IVpc
	cluster          awsecs.Cluster
	balancer         elb.ApplicationLoadBalancer
	balancerGroup    awsec2.ISecurityGroup
	listener         elb.ApplicationListener
	redirectListener elb.ApplicationListener
	shared           *SharedTaskResources
}

func (n *network) Vpc() awsec2.IVpc                                 { return n.vpc }
func (n *network) PublicSubnets() *[]awsec2.ISubnet                 { return n.vpc.PublicSubnets() }
func (n *network) Cluster() awsecs.ICluster                         { return n.cluster }
func (n *network) LoadBalancer() elb.ApplicationLoadBalancer        { return n.balancer }
func (n *network) LoadBalancerSecurityGroup() awsec2.ISecurityGroup { return n.balancerGroup }
func (n *network) Listener() elb.IApplicationListener               { return n.listener }
func (n *network) RedirectListener() elb.ApplicationListener        { return n.redirectListener }
func (n *network) SharedTaskResources() *SharedTaskResources        { return n.shared }

// ExternalUrl says http:// with a certificate too: it is exported, and an
// export in use can never change. The redirect does the rest.
func (n *network) ExternalUrl() *string {
	return awscdk.Fn_Join(jsii.String(""), jsii.Strings("http://", *n.balancer.LoadBalancerDnsName()))
}

// TaskSubnets goes by the props, not by which subnets there are: private ones
// may be there for other things.
func (n *network) TaskSubnets() *[]awsec2.ISubnet {
	if n.props.taskPlacement() == TasksPrivate {
		return n.vpc.PrivateSubnets()
	}
	return n.vpc.PublicSubnets()
}

func (n *network) AssignPublicIp() *bool {
	return jsii.Bool(n.props.taskPlacement() == TasksPublic)
}

func (n *network) Url() *string {
	scheme, host := "http://", *n.balancer.LoadBalancerDnsName()
	if n.redirectListener != nil {
		scheme = "https://"
	}
	if names := n.props.names(); len(names) > 0 {
		host = names[0]
	}
	return awscdk.Fn_Join(jsii.String(""), jsii.Strings(scheme, host))
}

// NewNetwork defines a network. It panics when [NetworkProps.Validate] returns
// an error, or when a certificate or web ACL is in another region than the
// stack.
func NewNetwork(scope awsconstructs.Construct, id *string, props *NetworkProps) Network {
	mustBeValid(scope, id, errors.Join(props.Validate(), props.checkRegion(scope)))
	if props == nil {
		props = &NetworkProps{}
	}
	n := &network{props: props}
	awsconstructs.NewConstruct_Override(n, scope, id)
	guardRulePriorities(n)

	var vpc networkVPC
	if props.Vpc != nil {
		vpc = useExistingVPC(props.Vpc)
	} else {
		vpc = newVPC(n, props)
	}
	n.vpc = vpc.vpc
	n.cluster = newCluster(n, vpc, props)

	certificate := certificateFor(n, props)
	group := newBalancerGroup(n, vpc, props, certificate != nil)
	n.balancerGroup = awsec2.SecurityGroup_FromSecurityGroupId(n, jsii.String("LoadBalancerSecurityGroup"), group.Ref(),
		&awsec2.SecurityGroupImportOptions{AllowAllOutbound: jsii.Bool(true)})
	n.balancer = newBalancer(n, vpc, n.balancerGroup, props)
	n.listener, n.redirectListener = newListeners(n, n.balancer, certificate)
	newAliasRecords(n, props, n.balancer)
	if *orDefault(props.Compatibility, false) {
		n.shared = newSharedTaskResources(n, vpc.id, group)
	}
	return n
}

func newCluster(scope awsconstructs.Construct, vpc networkVPC, props *NetworkProps) awsecs.Cluster {
	cluster := awsecs.NewCluster(scope, jsii.String("ECSCluster"), &awsecs.ClusterProps{
		Vpc:                 vpc.vpc,
		ContainerInsightsV2: props.ContainerInsights,
	})
	// Everything that runs needs the cluster. So nothing is started before it
	// can pull its image, nor loses its way out while it is still running.
	if len(vpc.wayOut) > 0 {
		cluster.Node().AddDependency(vpc.wayOut...)
	}
	if *orDefault(props.FargateSpot, false) {
		// On the cluster itself: the L2 makes a second resource for it, and a
		// service could be started before that is there.
		cfn := cluster.Node().DefaultChild().(awsecs.CfnCluster)
		cfn.SetCapacityProviders(jsii.Strings("FARGATE", "FARGATE_SPOT"))
	}
	return cluster
}
