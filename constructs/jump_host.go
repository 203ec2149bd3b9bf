package constructs

import (
	"errors"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// JumpHost is a small EC2 instance inside the VPC, through which people reach
// what has no public address, such as a database. It has no SSH keys and no
// open port: sessions go through AWS Systems Manager, and are open to those
// with the permission ssm:StartSession. CloudTrail records who started which
// session, not what was done in it. After this command, localhost:5432 leads to
// the database:
//
//	aws ssm start-session --target INSTANCE-ID \
//	  --document-name AWS-StartPortForwardingSessionToRemoteHost \
//	  --parameters host=DATABASE-HOST,portNumber=5432,localPortNumber=5432
//
// A shell in a running task needs no jump host: see
// [FargateServiceProps.ExecuteCommand].
//
// Define it in a stack of its own. The AMI is the newest Amazon Linux 2023 at
// each update of the stack, and a new AMI replaces the instance.
type JumpHost interface {
	awsconstructs.Construct
	// Instance is the EC2 instance.
	Instance() awsec2.Instance
	// SecurityGroup is that of the instance. It lets nobody in.
	SecurityGroup() awsec2.SecurityGroup
}

// JumpHostProps configures a [JumpHost].
type JumpHostProps struct {
	// Network is the network that the host is in, in the subnets that its tasks
	// run in. Where those are private, the network needs NAT gateways, by which
	// the host reaches Systems Manager. Required.
	Network INetwork

	// InstanceType is the EC2 instance type, which has to be of an ARM64 family
	// such as t4g.
	//
	// Default: t4g.nano, about 3.70 dollars a month with its disk of 8 GiB, and
	// 3.65 for the public IPv4 address that it has in a public subnet.
	InstanceType *string

	// AccessTo are the databases and services whose security groups have to let
	// the host in; see [Access].
	//
	// Default: none. The host reaches only what lets it in already.
	AccessTo []Access
}

var armInstance = regexp.MustCompile(`^[a-z]+\d+g[a-z]*\.[a-z0-9-]+$`)

// Validate reports every prop that cannot work, joined into one error.
func (p *JumpHostProps) Validate() error {
	if p == nil {
		return required("props", true)
	}
	errs := []error{
		required("Network", p.Network == nil),
		checkString("InstanceType", p.InstanceType, armInstance, "a type of an ARM64 family, such as t4g.nano"),
		checkAccess(p.AccessTo),
	}
	// Of an imported network nobody knows.
	if n, ok := p.Network.(*network); ok && n.props.Vpc == nil && n.props.taskPlacement() == TasksPrivate &&
		(n.props.NatGateways == "" || n.props.NatGateways == NatNone) {
		errs = append(errs, errors.New("Network has its tasks in private subnets without NAT gateways, allowed is one with NatGateways or public tasks: Systems Manager could not reach the host"))
	}
	return errors.Join(errs...)
}

type jumpHost struct {
	awsconstructs.Construct
	instance      awsec2.Instance
	securityGroup awsec2.SecurityGroup
}

func (h *jumpHost) Instance() awsec2.Instance           { return h.instance }
func (h *jumpHost) SecurityGroup() awsec2.SecurityGroup { return h.securityGroup }

// NewJumpHost defines a jump host. It panics when [JumpHostProps.Validate]
// returns an error.
func NewJumpHost(scope awsconstructs.Construct, id *string, props *JumpHostProps) JumpHost {
	mustBeValid(scope, id, props.Validate())
	h := &jumpHost{}
	awsconstructs.NewConstruct_Override(h, scope, id)

	h.securityGroup = awsec2.NewSecurityGroup(h, jsii.String("JumpHostSecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc:              props.Network.Vpc(),
		Description:      jsii.String("Access to the jump host"),
		AllowAllOutbound: jsii.Bool(true),
	})
	h.instance = awsec2.NewInstance(h, jsii.String("JumpHost"), &awsec2.InstanceProps{
		Vpc:                      props.Network.Vpc(),
		VpcSubnets:               &awsec2.SubnetSelection{Subnets: props.Network.TaskSubnets()},
		AssociatePublicIpAddress: props.Network.AssignPublicIp(),
		SecurityGroup:            h.securityGroup,
		InstanceType:             awsec2.NewInstanceType(orDefault(props.InstanceType, "t4g.nano")),
		MachineImage: awsec2.MachineImage_LatestAmazonLinux2023(&awsec2.AmazonLinux2023ImageSsmParameterProps{
			CpuType: awsec2.AmazonLinuxCpuType_ARM_64,
		}),
		// No request that the host is tricked into gets its credentials. RequireImdsv2
		// would say this in a launch template, whose name lets in no second host.
		HttpTokens:            awsec2.HttpTokens_REQUIRED,
		SsmSessionPermissions: jsii.Bool(true),
		BlockDevices: &[]*awsec2.BlockDevice{{
			DeviceName: jsii.String("/dev/xvda"), // Amazon Linux's own: the root
			Volume: awsec2.BlockDeviceVolume_Ebs(jsii.Number(8), &awsec2.EbsDeviceOptions{
				Encrypted:  jsii.Bool(true),
				VolumeType: awsec2.EbsDeviceVolumeType_GP3,
			}),
		}},
	})
	allowAccess(h.instance.Connections(), h.securityGroup, props.AccessTo, "The jump host")
	return h
}
