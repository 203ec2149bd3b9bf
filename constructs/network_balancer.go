package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// newBalancerGroup lets requests in on the ports that have a listener, and on
// no other. It is an L1 resource because a security group's description can
// only be changed by replacing the group, and the L2 has its own default for
// egress: what stands here is what running networks have.
func newBalancerGroup(scope awsconstructs.Construct, vpc networkVPC, props *NetworkProps, https bool) awsec2.CfnSecurityGroup {
	var ingress []any
	open := func(port float64, protocol string) {
		for _, source := range requestSources(vpc, props) {
			ingress = append(ingress, &awsec2.CfnSecurityGroup_IngressProperty{
				CidrIp:      source.cidr,
				Description: jsii.String(protocol + " from " + source.name),
				IpProtocol:  jsii.String("tcp"),
				FromPort:    jsii.Number(port),
				ToPort:      jsii.Number(port),
			})
		}
	}
	open(80, "HTTP")
	if https {
		open(443, "HTTPS")
	}
	return awsec2.NewCfnSecurityGroup(scope, jsii.String("PublicLoadBalancerSecurityGroup"), &awsec2.CfnSecurityGroupProps{
		GroupDescription:     jsii.String("Access to the public facing load balancer"),
		VpcId:                vpc.id,
		SecurityGroupIngress: &ingress,
	})
}

type requestSource struct {
	cidr *string
	name string
}

func requestSources(vpc networkVPC, props *NetworkProps) []requestSource {
	switch {
	case props.IngressCidrs != nil:
		var sources []requestSource
		for _, cidr := range *props.IngressCidrs {
			sources = append(sources, requestSource{cidr, *cidr})
		}
		return sources
	case *orDefault(props.Internal, false):
		return []requestSource{{vpc.vpc.VpcCidrBlock(), "the VPC"}}
	default:
		return []requestSource{{jsii.String("0.0.0.0/0"), "anywhere"}}
	}
}

// newBalancer keeps its logical ID when it is internal: the listener, and what
// services import of it, go by the same names.
func newBalancer(scope awsconstructs.Construct, vpc networkVPC, group awsec2.ISecurityGroup, props *NetworkProps) elb.ApplicationLoadBalancer {
	balancer := elb.NewApplicationLoadBalancer(scope, jsii.String("PublicLoadBalancer"), &elb.ApplicationLoadBalancerProps{
		Vpc:                     vpc.vpc,
		VpcSubnets:              balancerSubnets(vpc.vpc, props),
		InternetFacing:          jsii.Bool(!*orDefault(props.Internal, false)),
		SecurityGroup:           group,
		IdleTimeout:             awscdk.Duration_Seconds(orDefault(props.IdleTimeoutSeconds, 60)),
		DropInvalidHeaderFields: orDefault(props.DropInvalidHeaderFields, true),
		DeletionProtection:      orDefault(props.DeletionProtection, false),
	})
	// Type can be set on creation only. "application" is the default, but saying
	// so would replace a load balancer that was made without saying so.
	cfn := balancer.Node().DefaultChild().(elb.CfnLoadBalancer)
	cfn.AddPropertyDeletionOverride(jsii.String("Type"))

	// An internet-facing load balancer can be neither made before the way in
	// exists nor outlive it.
	balancer.Node().AddDependency(vpc.wayIn...)
	logAccess(balancer, props)
	if props.WebAclArn != nil {
		awswafv2.NewCfnWebACLAssociation(scope, jsii.String("WebAclAssociation"), &awswafv2.CfnWebACLAssociationProps{
			ResourceArn: balancer.LoadBalancerArn(),
			WebAclArn:   props.WebAclArn,
		})
	}
	return balancer
}

// balancerSubnets are one per zone; a VPC that is brought along may have more,
// and a load balancer takes no two in one zone.
func balancerSubnets(vpc awsec2.IVpc, props *NetworkProps) *awsec2.SubnetSelection {
	subnets, kind := vpc.PublicSubnets(), awsec2.SubnetType_PUBLIC
	if *orDefault(props.Internal, false) && len(*vpc.PrivateSubnets()) > 0 {
		subnets, kind = vpc.PrivateSubnets(), awsec2.SubnetType_PRIVATE_WITH_EGRESS
	}
	if props.Vpc != nil {
		return &awsec2.SubnetSelection{SubnetType: kind, OnePerAz: jsii.Bool(true)}
	}
	return &awsec2.SubnetSelection{Subnets: subnets}
}

// newListeners makes the listener that services attach to and, with a
// certificate, the one that redirects to it.
//
// The first keeps its identity and moves from port 80 to 443 when a certificate
// is added, rather than the redirect taking its place: its ARN is exported, and
// CloudFormation refuses to change an export that services import.
func newListeners(scope awsconstructs.Construct, balancer elb.IApplicationLoadBalancer, certificate *string) (listener, redirect elb.ApplicationListener) {
	props := &elb.ApplicationListenerProps{
		LoadBalancer: balancer,
		Open:         jsii.Bool(false), // the group has its rules
		Port:         jsii.Number(80),
		Protocol:     elb.ApplicationProtocol_HTTP,
		DefaultAction: elb.ListenerAction_FixedResponse(jsii.Number(404), &elb.FixedResponseOptions{
			ContentType: jsii.String("text/plain"),
			MessageBody: jsii.String("No service answers this path.\n"),
		}),
	}
	if certificate != nil {
		props.Port = jsii.Number(443)
		props.Protocol = elb.ApplicationProtocol_HTTPS
		props.Certificates = &[]elb.IListenerCertificate{elb.ListenerCertificate_FromArn(certificate)}
		props.SslPolicy = elb.SslPolicy_TLS13_RES
	}
	listener = elb.NewApplicationListener(scope, jsii.String("PublicLoadBalancerListener"), props)
	if certificate == nil {
		return listener, nil
	}

	redirect = elb.NewApplicationListener(scope, jsii.String("PublicLoadBalancerRedirectListener"), &elb.ApplicationListenerProps{
		LoadBalancer: balancer,
		Open:         jsii.Bool(false),
		Port:         jsii.Number(80),
		Protocol:     elb.ApplicationProtocol_HTTP,
		DefaultAction: elb.ListenerAction_Redirect(&elb.RedirectOptions{
			Protocol:  jsii.String("HTTPS"),
			Port:      jsii.String("443"),
			Permanent: jsii.Bool(true),
		}),
	})
	// In an update, port 80 is free only once the first listener has left it.
	redirect.Node().AddDependency(listener)
	return listener, redirect
}
