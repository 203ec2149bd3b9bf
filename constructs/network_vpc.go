package constructs

import (
	"net/netip"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// networkVPC is what the rest of the network needs of a VPC, be it made here
// or brought along.
type networkVPC struct {
	vpc awsec2.IVpc
	id  *string
	// wayIn has to be there before the load balancer, wayOut before tasks run.
	wayIn, wayOut []awsconstructs.IDependable
}

// useExistingVPC makes nothing. What orders the resources of another construct
// is the CDK's to know: the load balancer asks the subnets for it.
func useExistingVPC(vpc awsec2.IVpc) networkVPC {
	return networkVPC{vpc: vpc, id: vpc.VpcId()}
}

// vpcBuilder makes the resources of a VPC.
//
// They are L1 resources because the Vpc construct cuts other address ranges,
// gives each subnet a route table of its own and sets InstanceTenancy: a
// running network could only be updated to that by replacing its subnets.
type vpcBuilder struct {
	scope  awsconstructs.Construct
	props  *NetworkProps
	layout layout
	vpc    awsec2.CfnVPC
	// Asked for once: each question to the CDK is a message to its process.
	vpcID *string
	zones []*string
}

// subnets are the IDs of those of one kind, and of the route table of each: the
// same one for all where the kind shares it.
type subnets struct{ ids, tables []*string }

func newVPC(scope awsconstructs.Construct, props *NetworkProps) networkVPC {
	l, err := newLayout(props)
	if err != nil {
		panic(err) // Validate has found none
	}
	b := &vpcBuilder{scope: scope, props: props, layout: l, zones: zoneNames(len(l.public))}
	b.vpc = awsec2.NewCfnVPC(scope, jsii.String("VPC"), &awsec2.CfnVPCProps{
		CidrBlock:          jsii.String(l.vpc.String()),
		EnableDnsHostnames: b.dnsHostnames(),
	})
	b.vpcID = b.vpc.Ref()
	public, attachment, publicRoute := b.publicSubnets()
	private, privateRoutes := b.privateSubnets(public, attachment, publicRoute)
	database := b.databaseSubnets()
	endpoints := b.endpoints(public, private)
	b.flowLogs()

	built := networkVPC{
		vpc:   b.asVPC(public, private, database),
		id:    b.vpcID,
		wayIn: []awsconstructs.IDependable{publicRoute},
	}
	if props.taskPlacement() == TasksPrivate {
		built.wayOut = append(privateRoutes, endpoints...)
	}
	return built
}

// publicSubnets share one route table, as they have one and the same way out.
func (b *vpcBuilder) publicSubnets() (subnets, awsec2.CfnVPCGatewayAttachment, awsec2.CfnRoute) {
	var public subnets
	for zone, cidr := range b.layout.public {
		public.ids = append(public.ids, b.subnet("PublicSubnet", zone, cidr, true))
	}
	gatewayID := awsec2.NewCfnInternetGateway(b.scope, jsii.String("InternetGateway"), &awsec2.CfnInternetGatewayProps{}).Ref()
	// The misspelling is part of the contract: a new logical ID would detach
	// the gateway of a running network.
	attachment := awsec2.NewCfnVPCGatewayAttachment(b.scope, jsii.String("GatewayAttachement"), &awsec2.CfnVPCGatewayAttachmentProps{
		VpcId:             b.vpcID,
		InternetGatewayId: gatewayID,
	})
	table := b.routeTable("PublicRouteTable")
	for zone, subnet := range public.ids {
		public.tables = append(public.tables, table)
		b.associate("PublicSubnet"+ordinal(zone), subnet, table)
	}
	route := awsec2.NewCfnRoute(b.scope, jsii.String("PublicRoute"), &awsec2.CfnRouteProps{
		RouteTableId:         table,
		DestinationCidrBlock: jsii.String("0.0.0.0/0"),
		GatewayId:            gatewayID,
	})
	route.AddResourceDependency(attachment, jsii.String("a route needs a gateway that is attached"))
	return public, attachment, route
}

func (b *vpcBuilder) subnet(kind string, zone int, cidr netip.Prefix, public bool) (id *string) {
	props := &awsec2.CfnSubnetProps{
		VpcId:            b.vpcID,
		CidrBlock:        jsii.String(cidr.String()),
		AvailabilityZone: b.zones[zone],
	}
	if public {
		props.MapPublicIpOnLaunch = true
	}
	return awsec2.NewCfnSubnet(b.scope, jsii.String(kind+ordinal(zone)), props).Ref()
}

func (b *vpcBuilder) routeTable(logicalID string) (id *string) {
	return awsec2.NewCfnRouteTable(b.scope, jsii.String(logicalID), &awsec2.CfnRouteTableProps{VpcId: b.vpcID}).Ref()
}

func (b *vpcBuilder) associate(logicalID string, subnet, table *string) {
	awsec2.NewCfnSubnetRouteTableAssociation(b.scope, jsii.String(logicalID+"RouteTableAssociation"), &awsec2.CfnSubnetRouteTableAssociationProps{
		SubnetId:     subnet,
		RouteTableId: table,
	})
}

// asVPC is the L2 that other constructs take, made from the resources.
func (b *vpcBuilder) asVPC(public, private, database subnets) awsec2.IVpc {
	attributes := &awsec2.VpcAttributes{
		VpcId:             b.vpcID,
		VpcCidrBlock:      b.vpc.AttrCidrBlock(),
		AvailabilityZones: &b.zones,
	}
	attributes.PublicSubnetIds, attributes.PublicSubnetRouteTableIds = public.lists()
	attributes.PrivateSubnetIds, attributes.PrivateSubnetRouteTableIds = private.lists()
	attributes.IsolatedSubnetIds, attributes.IsolatedSubnetRouteTableIds = database.lists()
	return awsec2.Vpc_FromVpcAttributes(b.scope, jsii.String("Vpc"), attributes)
}

// lists are nil, not empty, where there are no subnets: the CDK takes no empty list.
func (s subnets) lists() (ids, tables *[]*string) {
	if len(s.ids) == 0 {
		return nil, nil
	}
	return &s.ids, &s.tables
}

// zoneNames are those of the region's first zones, whatever the region.
func zoneNames(count int) []*string {
	all := awscdk.Fn_GetAzs(awscdk.Aws_REGION())
	names := make([]*string, count)
	for i := range names {
		names[i] = awscdk.Fn_Select(jsii.Number(i), all)
	}
	return names
}

// ordinal is how a logical ID tells the subnets of a kind apart.
func ordinal(index int) string {
	return [maxZones]string{"One", "Two", "Three", "Four"}[index]
}
