package constructs

import (
	"errors"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// INetwork is what a service needs to know of a network, be it defined in the
// same app ([NewNetwork]) or imported from a stack ([NetworkFromExports]).
type INetwork interface {
	// Vpc is the network itself.
	Vpc() awsec2.IVpc
	// PublicSubnets have a route to the internet, one per zone.
	PublicSubnets() *[]awsec2.ISubnet
	// TaskSubnets are the subnets that tasks run in, one per zone: the public
	// ones unless the network places its tasks in private ones.
	TaskSubnets() *[]awsec2.ISubnet
	// AssignPublicIp says whether a task needs a public address. In a public
	// subnet that is its only way to a registry, in a private one it is of no use.
	AssignPublicIp() *bool
	// Cluster is the ECS cluster.
	Cluster() awsecs.ICluster
	// Listener is where services attach their rules: HTTPS when the network has
	// a certificate, HTTP otherwise.
	Listener() elb.IApplicationListener
	// LoadBalancerSecurityGroup is the group that requests come from.
	LoadBalancerSecurityGroup() awsec2.ISecurityGroup
	// ExternalUrl is the load balancer's address, scheme included.
	ExternalUrl() *string
}

// Network is a VPC with two public subnets, a load balancer in front of them
// that answers 404 until services attach, and an ECS cluster.
type Network interface {
	awsconstructs.Construct
	INetwork
	// LoadBalancer is the public load balancer.
	LoadBalancer() elb.ApplicationLoadBalancer
	// RedirectListener sends HTTP to HTTPS; nil without a certificate.
	RedirectListener() elb.ApplicationListener
	// SharedTaskResources is nil unless NetworkProps.Compatibility is true.
	SharedTaskResources() *SharedTaskResources
}

// NetworkProps configures a [Network]. The zero value, and nil, are fine.
type NetworkProps struct {
	// CertificateArn is an ACM certificate in the network's region. With it, the
	// listener that services attach to speaks HTTPS on 443 and a second one
	// redirects 80 there.
	//
	// The listener keeps its ARN when a certificate is added to a network that
	// runs, so services stay attached; for some seconds nothing listens on port
	// 80. Before the certificate is taken away again, delete the redirecting
	// listener by hand: CloudFormation would move the other one back to port 80
	// while the redirect still holds it.
	//
	// Default: HTTP on port 80 only.
	CertificateArn *string

	// IdleTimeoutSeconds is how long the load balancer keeps a connection on
	// which nothing moves, 1 to 4000 seconds. Applications must keep theirs
	// longer (65 s or more for the default), or clients see 502.
	//
	// Default: 60.
	IdleTimeoutSeconds *float64

	// Compatibility adds the roles and the security group that every service
	// shared in the CloudFormation templates which Slipway grew out of, so that
	// a stack made from them can be updated to this network while its services
	// still import those.
	//
	// Default: false.
	Compatibility *bool
}

var certificateARN = regexp.MustCompile(`^arn:aws[a-z-]*:(acm|iam):[a-z0-9-]*:\d{12}:(certificate|server-certificate)/.+$`)

// Validate reports every prop that cannot work, joined into one error.
func (p *NetworkProps) Validate() error {
	if p == nil {
		return nil
	}
	return errors.Join(
		checkString("CertificateArn", p.CertificateArn, certificateARN, "the ARN of an ACM or IAM certificate"),
		checkNumber("IdleTimeoutSeconds", p.IdleTimeoutSeconds, 1, 4000),
	)
}

type network struct {
	awsconstructs.Construct
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
func (n *network) TaskSubnets() *[]awsec2.ISubnet                   { return n.vpc.PublicSubnets() }
func (n *network) AssignPublicIp() *bool                            { return jsii.Bool(true) }
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

// NewNetwork defines a network. It panics when props cannot work.
func NewNetwork(scope awsconstructs.Construct, id *string, props *NetworkProps) Network {
	mustBeValid(scope, id, props.Validate())
	if props == nil {
		props = &NetworkProps{}
	}
	n := &network{}
	awsconstructs.NewConstruct_Override(n, scope, id)
	guardRulePriorities(n)

	vpc := newPublicVPC(n)
	n.vpc = vpc.vpc
	n.cluster = awsecs.NewCluster(n, jsii.String("ECSCluster"), &awsecs.ClusterProps{Vpc: n.vpc})

	group := newBalancerGroup(n, vpc.cfn, props.CertificateArn != nil)
	n.balancerGroup = awsec2.SecurityGroup_FromSecurityGroupId(n, jsii.String("LoadBalancerSecurityGroup"), group.Ref(),
		&awsec2.SecurityGroupImportOptions{AllowAllOutbound: jsii.Bool(true)})
	n.balancer = newBalancer(n, n.vpc, n.balancerGroup, props)
	// An internet-facing load balancer can be neither made before the way out
	// exists nor outlive it.
	n.balancer.Node().AddDependency(vpc.route)

	n.listener, n.redirectListener = newListeners(n, n.balancer, props.CertificateArn)
	if *orDefault(props.Compatibility, false) {
		n.shared = newSharedTaskResources(n, vpc.cfn, group)
	}
	return n
}
