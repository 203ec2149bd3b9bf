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
	// TasksPublic places tasks in public subnets. Each task has a public IP
	// address, by which it reaches image registries and the internet. Its
	// security group lets in the load balancer only.
	TasksPublic TaskPlacement = "public"
	// TasksPrivate places tasks in private subnets, which cannot be reached
	// from outside of the VPC.
	TasksPrivate TaskPlacement = "private"
)

// NatGateways is how many NAT gateways a network has.
type NatGateways string

const (
	// NatNone is none: private subnets have no route to the internet.
	NatNone NatGateways = "none"
	// NatOne is one gateway for all zones, about 33 dollars a month and 4.5
	// cents per GB (https://aws.amazon.com/vpc/pricing/). When its zone fails,
	// tasks in the other zones do not reach the internet either.
	NatOne NatGateways = "one"
	// NatPerZone is a gateway in each zone, each at the price of [NatOne].
	NatPerZone NatGateways = "per-zone"
)

// InterfaceEndpoint is an AWS service that the VPC can reach by a private
// address of its own (AWS PrivateLink). Each costs about 7 dollars a month in
// each zone and 1 cent per GB; https://aws.amazon.com/privatelink/pricing/
type InterfaceEndpoint string

const (
	// EndpointECR is for image pulls from ECR. It makes two endpoints, ecr.api
	// and ecr.dkr, and costs twice. ECR keeps the layers of images in S3: pulls
	// also need [NetworkProps.S3Endpoint].
	EndpointECR InterfaceEndpoint = "ecr"
	// EndpointLogs is for writing to CloudWatch Logs.
	EndpointLogs InterfaceEndpoint = "logs"
	// EndpointSecretsManager is for reading secrets from Secrets Manager.
	EndpointSecretsManager InterfaceEndpoint = "secretsmanager"
	// EndpointSSM is for reading Systems Manager parameters, among them secrets
	// of a service that are such parameters.
	EndpointSSM InterfaceEndpoint = "ssm"
	// EndpointSSMMessages is for ECS Exec; see
	// [FargateServiceProps.ExecuteCommand].
	EndpointSSMMessages InterfaceEndpoint = "ssmmessages"
)

// NetworkProps configures a [Network]. The zero value, and nil, are fine.
//
// On a network that exists, a change of Vpc, Cidr, the ranges of subnets or
// Internal replaces the VPC, the subnets or the load balancer. Zones can be
// increased, and private and database subnets can be added, without replacing
// anything.
type NetworkProps struct {
	// Vpc is an existing VPC to use. Nothing is created in it but the load
	// balancer and security groups, so that the props about addresses, zones,
	// subnets, NAT gateways, endpoints and flow logs cannot be given.
	//
	// Default: a new VPC.
	Vpc awsec2.IVpc

	// Cidr is the IPv4 address range of the VPC, from a /16 to a /28. In a VPC
	// smaller than a /23, give the ranges of the subnets, too: the default ones
	// are then too small for a load balancer, which needs a /27.
	//
	// Default: 10.0.0.0/16.
	Cidr *string

	// Zones is the number of Availability Zones, 2 to 4. There is one subnet of
	// each kind in each. The region has to have as many.
	//
	// Default: 2.
	Zones *float64

	// PublicSubnetCidrs are the address ranges of the public subnets, one per
	// zone.
	//
	// Default: the second and following /24 blocks of a /16, 10.0.1.0/24 and
	// 10.0.2.0/24. A smaller VPC is cut into sixteen equal blocks, of which
	// these are the first and following.
	PublicSubnetCidrs *[]*string

	// PrivateSubnets adds subnets that cannot be reached from the internet.
	// Whether they reach it is up to NatGateways. Set NatGateways with it, or
	// the endpoints that TaskPlacement names, or TaskPlacement to [TasksPublic].
	//
	// Default: false.
	PrivateSubnets *bool

	// PrivateSubnetCidrs are the address ranges of the private subnets, one per
	// zone.
	//
	// Default: the twelfth and following /24 blocks of a /16, 10.0.11.0/24 and
	// 10.0.12.0/24; in a smaller VPC the fifth and following sixteenth of it.
	PrivateSubnetCidrs *[]*string

	// DatabaseSubnets adds subnets that have routes within the VPC only. They
	// are the isolated subnets of Vpc().
	//
	// Default: false.
	DatabaseSubnets *bool

	// DatabaseSubnetCidrs are the address ranges of the database subnets, one
	// per zone.
	//
	// Default: the 102nd and following /24 blocks of a /16, 10.0.101.0/24 and
	// 10.0.102.0/24; in a smaller VPC the ninth and following sixteenth of it.
	DatabaseSubnetCidrs *[]*string

	// NatGateways is how many NAT gateways lead from the private subnets to the
	// internet. It needs PrivateSubnets.
	//
	// Default: [NatNone].
	NatGateways NatGateways

	// TaskPlacement is the kind of subnets that tasks run in. In private
	// subnets of a new VPC, tasks start only with NAT gateways, or with all of
	// [EndpointECR], [EndpointLogs] and S3Endpoint; anything else is refused.
	// With endpoints and no NAT gateways, images have to be in ECR and the
	// application reaches nothing outside of the VPC.
	//
	// Default: [TasksPrivate] when PrivateSubnets is true. [TasksPublic]
	// otherwise, and whenever Vpc is given.
	TaskPlacement TaskPlacement

	// S3Endpoint adds a gateway endpoint, by which traffic to S3 in the same
	// region does not pass a NAT gateway. It costs nothing.
	//
	// Default: true with PrivateSubnets, false otherwise.
	S3Endpoint *bool

	// InterfaceEndpoints give AWS services an address in the private subnets,
	// or in the public ones where there are no private ones.
	//
	// Default: none.
	InterfaceEndpoints []InterfaceEndpoint

	// FlowLogs records the accepted, the rejected or all connections of the
	// VPC, in a log group that keeps them for 30 days and stays when the stack
	// is deleted.
	//
	// Default: no flow logs.
	FlowLogs awsec2.FlowLogTrafficType

	// Internal makes a load balancer with private addresses, which only the VPC
	// and networks that are connected to it can reach. It is in the private
	// subnets where there are any, otherwise in the public ones.
	//
	// Default: false, the load balancer faces the internet.
	Internal *bool

	// IngressCidrs are the IPv4 address ranges that the load balancer accepts
	// requests from.
	//
	// Default: 0.0.0.0/0, everybody; with Internal, the range of the VPC.
	IngressCidrs *[]*string

	// CertificateArn is the ARN of an ACM certificate in the region of the
	// network. With it, the listener that services are attached to serves HTTPS
	// on port 443, with TLS 1.3 or 1.2, and a second listener redirects HTTP on
	// port 80 to it. It cannot be given with DomainName.
	//
	// A certificate can be added to a network that exists: the listener keeps
	// its ARN and its services, and for some seconds nothing listens on port
	// 80. To remove the certificate again, first delete the redirect listener
	// by hand, for example with aws elbv2 delete-listener. Otherwise the update
	// fails: CloudFormation moves the first listener back to port 80 before it
	// deletes the second one, which still has that port.
	//
	// Default: none. The listener serves HTTP on port 80, unless DomainName is
	// given.
	CertificateArn *string

	// HostedZone is the Route 53 hosted zone that DomainName and AliasNames are
	// in. For DomainName it has to be public, since ACM looks up its record
	// there.
	//
	// Default: none. It is required with DomainName or AliasNames.
	HostedZone awsroute53.IHostedZone

	// DomainName is a name for the load balancer, with a record in HostedZone
	// and an ACM certificate that is validated by another record there. It
	// turns HTTPS on as CertificateArn does. It can have 64 characters.
	//
	// Default: no certificate is issued.
	DomainName *string

	// AliasNames are further names for the load balancer, with records in
	// HostedZone. The certificate for DomainName covers them. With
	// CertificateArn, that certificate has to cover them.
	//
	// Default: none.
	AliasNames *[]*string

	// IdleTimeoutSeconds is how long the load balancer keeps a connection on
	// which no data is sent, 1 to 4000 seconds. The keep-alive timeout of the
	// application has to be longer, such as 65 seconds for the default:
	// otherwise it closes connections that the load balancer still uses, and
	// clients see status 502.
	//
	// Default: 60.
	IdleTimeoutSeconds *float64

	// DropInvalidHeaderFields removes request headers whose names have other
	// characters than letters, digits and -, such as X_Legacy. Such headers can
	// be used for request smuggling.
	//
	// Default: true.
	DropInvalidHeaderFields *bool

	// DeletionProtection makes Elastic Load Balancing refuse to delete the load
	// balancer, and so the stack, until a deployment has turned it off.
	//
	// Default: false.
	DeletionProtection *bool

	// AccessLogsBucket is an S3 bucket that gets a line for each request. It
	// has to be in the region of the network and encrypted with S3's own keys
	// (SSE-S3). A bucket of the app gets a policy that lets the load balancer
	// write. An imported bucket has to have one, for the principal
	// logdelivery.elasticloadbalancing.amazonaws.com and the action
	// s3:PutObject.
	//
	// Default: no access logs.
	AccessLogsBucket awss3.IBucket

	// AccessLogsPrefix is the prefix of the access logs in the bucket, without
	// / at its ends. It needs AccessLogsBucket.
	//
	// Default: none.
	AccessLogsPrefix *string

	// WebAclArn is the ARN of a regional AWS WAF web ACL, in the region of the
	// network, that filters the requests.
	//
	// Default: none.
	WebAclArn *string

	// ContainerInsights turns metrics of tasks and containers on, which are
	// charged as custom metrics of CloudWatch.
	//
	// Default: the account setting containerInsights, which is off unless
	// changed.
	ContainerInsights awsecs.ContainerInsights

	// FargateSpot adds the capacity provider FARGATE_SPOT to the cluster, which
	// services with [FargateServiceProps.Spot] need. It does not change the
	// others.
	//
	// Default: false.
	FargateSpot *bool

	// Compatibility adds the roles and the security group that all services
	// shared in the CloudFormation templates that this library replaces. A
	// stack made from those templates can then be updated to this network while
	// its services still import them.
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
