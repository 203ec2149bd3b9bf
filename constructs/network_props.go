package constructs

import (
	"errors"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
)

// TaskPlacement is the kind of subnets that tasks run in.
type TaskPlacement string

const (
	// TasksPublic places tasks in public subnets. Each has a public address, by
	// which it reaches registries and the internet; its security group keeps
	// everybody but the load balancer out.
	TasksPublic TaskPlacement = "public"
	// TasksPrivate places tasks in private subnets, where nothing from outside
	// has a route to them.
	TasksPrivate TaskPlacement = "private"
)

// NatGateways is how many ways private subnets have to the internet.
type NatGateways string

const (
	// NatNone is no way at all.
	NatNone NatGateways = "none"
	// NatOne is one gateway for all zones, about 33 dollars a month and 4.5
	// cents per GB. When its zone fails, tasks in the others lose their way out.
	NatOne NatGateways = "one"
	// NatPerZone is a gateway in each zone, at that price each.
	NatPerZone NatGateways = "per-zone"
)

// InterfaceEndpoint is an AWS service that can be given an address inside the
// VPC, for about 7 dollars a month in each zone and 1 cent per GB.
type InterfaceEndpoint string

const (
	// EndpointECR serves image pulls from ECR. These are two endpoints, ecr.api
	// and ecr.dkr; the layers themselves come from S3.
	EndpointECR InterfaceEndpoint = "ecr"
	// EndpointLogs serves CloudWatch Logs.
	EndpointLogs InterfaceEndpoint = "logs"
	// EndpointSecretsManager serves secrets.
	EndpointSecretsManager InterfaceEndpoint = "secretsmanager"
	// EndpointSSM serves parameters of Systems Manager, which may be secrets too.
	EndpointSSM InterfaceEndpoint = "ssm"
	// EndpointSSMMessages carries the shells that ECS Exec opens in tasks.
	EndpointSSMMessages InterfaceEndpoint = "ssmmessages"
)

// NetworkProps configures a [Network]. The zero value, and nil, are fine.
//
// Vpc, Cidr, the ranges of subnets and Internal are settled when the network is
// made: a change of one of them replaces the subnets or the load balancer of a
// network that runs. Zones may grow, and kinds of subnets may be added.
type NetworkProps struct {
	// Vpc is an existing VPC to use. No VPC resources are made in it, so the
	// props about subnets, NAT gateways, endpoints and flow logs cannot be given.
	//
	// Default: a new VPC.
	Vpc awsec2.IVpc

	// Cidr is the address range of the VPC, from a /16 to a /28.
	//
	// Default: 10.0.0.0/16.
	Cidr *string

	// Zones is the number of availability zones, 2 to 4, and so of subnets of
	// each kind. The region has to have as many.
	//
	// Default: 2.
	Zones *float64

	// PublicSubnetCidrs are the ranges of the public subnets, one per zone.
	//
	// Default: in a /16 the /24 blocks from the second on (10.0.1.0/24,
	// 10.0.2.0/24), in a smaller VPC sixteenths of it from the first on.
	PublicSubnetCidrs *[]*string

	// PrivateSubnets makes subnets without a route from the internet.
	//
	// Default: false.
	PrivateSubnets *bool

	// PrivateSubnetCidrs are the ranges of the private subnets, one per zone.
	//
	// Default: in a /16 the /24 blocks 10.0.11.0, 10.0.12.0, in a smaller VPC
	// sixteenths of it from the fifth on.
	PrivateSubnetCidrs *[]*string

	// DatabaseSubnets makes subnets with a route to nowhere but the VPC itself.
	// They are the isolated subnets of Vpc().
	//
	// Default: false.
	DatabaseSubnets *bool

	// DatabaseSubnetCidrs are the ranges of the database subnets, one per zone.
	//
	// Default: in a /16 the /24 blocks 10.0.101.0, 10.0.102.0, in a smaller VPC
	// sixteenths of it from the ninth on.
	DatabaseSubnetCidrs *[]*string

	// NatGateways lead from the private subnets to the internet.
	//
	// Default: NatNone.
	NatGateways NatGateways

	// TaskPlacement says where tasks run. Private subnets have to have NAT
	// gateways for it, or the endpoints without which no task starts:
	// EndpointECR, EndpointLogs and S3Endpoint. With the endpoints alone, images
	// come from ECR only and the application reaches nothing outside.
	//
	// Default: TasksPrivate with PrivateSubnets, TasksPublic otherwise. With Vpc:
	// TasksPublic.
	TaskPlacement TaskPlacement

	// S3Endpoint leads to S3 within the region, past NAT gateways and their
	// price. It costs nothing.
	//
	// Default: true with PrivateSubnets, false otherwise.
	S3Endpoint *bool

	// InterfaceEndpoints give AWS services an address in the private subnets, or
	// in the public ones where there are no private ones.
	//
	// Default: none.
	InterfaceEndpoints []InterfaceEndpoint

	// FlowLogs records the traffic of the VPC that was accepted, rejected, or
	// all, in a log group that keeps it for 30 days and outlives the network.
	//
	// Default: no flow logs.
	FlowLogs awsec2.FlowLogTrafficType

	// Internal makes a load balancer that only the VPC, and what is connected to
	// it, can reach. It stands in the private subnets when there are any.
	//
	// Default: false, the load balancer faces the internet.
	Internal *bool

	// IngressCidrs are the address ranges that may send requests.
	//
	// Default: 0.0.0.0/0, everybody; with Internal, the range of the VPC.
	IngressCidrs *[]*string

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
	// Default: HTTP on port 80 only, unless DomainName is given.
	CertificateArn *string

	// HostedZone is the Route 53 zone of DomainName and AliasNames. To validate a
	// certificate it has to be public.
	//
	// Default: no records are made.
	HostedZone awsroute53.IHostedZone

	// DomainName has ACM issue a certificate, which proves itself by a record in
	// HostedZone, and turns HTTPS on with it as CertificateArn does. The name
	// leads to the load balancer.
	//
	// Default: no certificate is issued.
	DomainName *string

	// AliasNames are further names in HostedZone that lead to the load balancer.
	// The certificate for DomainName covers them; one of CertificateArn has to
	// cover them already.
	//
	// Default: none.
	AliasNames *[]*string

	// IdleTimeoutSeconds is how long the load balancer keeps a connection on
	// which nothing moves, 1 to 4000 seconds. Applications must keep theirs
	// longer (65 s or more for the default), or clients see 502.
	//
	// Default: 60.
	IdleTimeoutSeconds *float64

	// DropInvalidHeaderFields removes request headers whose names have other
	// characters than letters, digits and -, by which requests are smuggled.
	// X_Legacy is such a name.
	//
	// Default: true.
	DropInvalidHeaderFields *bool

	// DeletionProtection keeps the load balancer, and so the stack, from being
	// deleted until it is turned off again.
	//
	// Default: false.
	DeletionProtection *bool

	// AccessLogsBucket takes a line for each request. It has to be in the
	// network's region and encrypted with S3's own keys. A bucket of the app is
	// given the policy that lets the load balancer write; an imported one has to
	// let logdelivery.elasticloadbalancing.amazonaws.com put objects.
	//
	// Default: no access logs.
	AccessLogsBucket awss3.IBucket

	// AccessLogsPrefix goes before the names of the access logs in the bucket.
	//
	// Default: none.
	AccessLogsPrefix *string

	// WebAclArn is a regional WAF web ACL that requests have to pass.
	//
	// Default: none.
	WebAclArn *string

	// ContainerInsights turns metrics of tasks and containers on, at the price of
	// custom metrics.
	//
	// Default: what the account's settings say, which is off unless changed.
	ContainerInsights awsecs.ContainerInsights

	// FargateSpot lets services of the cluster run on Fargate Spot. It changes
	// nothing for those that do not ask for it.
	//
	// Default: false.
	FargateSpot *bool

	// Compatibility adds the roles and the security group that every service
	// shared in the CloudFormation templates which Slipway grew out of, so that
	// a stack made from them can be updated to this network while its services
	// still import those.
	//
	// Default: false.
	Compatibility *bool
}

var (
	certificateARN = regexp.MustCompile(`^arn:aws[a-z-]*:(acm|iam):[a-z0-9-]*:\d{12}:(certificate|server-certificate)/.+$`)
	webACLARN      = regexp.MustCompile(`^arn:aws[a-z-]*:wafv2:[a-z0-9-]+:\d{12}:regional/webacl/[^/]+/[^/]+$`)
	logPrefix      = regexp.MustCompile(`^[^/].*[^/]$|^[^/]$`)
)

// Validate reports every prop that cannot work, joined into one error.
func (p *NetworkProps) Validate() error {
	if p == nil {
		return nil
	}
	return errors.Join(
		p.checkVPC(),
		p.checkTasks(),
		p.checkDomain(),
		p.checkAccessLogs(),
		checkString("CertificateArn", p.CertificateArn, certificateARN, "the ARN of an ACM or IAM certificate"),
		checkString("WebAclArn", p.WebAclArn, webACLARN, "the ARN of a regional WAFv2 web ACL"),
		checkNumber("IdleTimeoutSeconds", p.IdleTimeoutSeconds, 1, 4000),
		checkChoice("ContainerInsights", p.ContainerInsights,
			awsecs.ContainerInsights_ENABLED, awsecs.ContainerInsights_ENHANCED, awsecs.ContainerInsights_DISABLED),
	)
}
