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
}

// subnets are those of one kind, with the route table of each: the same one for
// all where the kind shares it.
type subnets struct {
	cfn    []awsec2.CfnSubnet
	tables []awsec2.CfnRouteTable
}

func newVPC(scope awsconstructs.Construct, props *NetworkProps) networkVPC {
	l, err := newLayout(props)
	if err != nil {
		panic(err) // Validate has found none
	}
	b := &vpcBuilder{scope: scope, props: props, layout: l}
	b.vpc = awsec2.NewCfnVPC(scope, jsii.String("VPC"), &awsec2.CfnVPCProps{
		CidrBlock:          jsii.String(l.vpc.String()),
		EnableDnsHostnames: b.dnsHostnames(),
	})
	public, attachment, publicRoute := b.publicSubnets()
	private, privateRoutes := b.privateSubnets(public, attachment, publicRoute)
	database := b.databaseSubnets()
	endpoints := b.endpoints(public, private)
	b.flowLogs()

	built := networkVPC{
		vpc:   b.asVPC(public, private, database),
		id:    b.vpc.Ref(),
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
		public.cfn = append(public.cfn, b.subnet("PublicSubnet", zone, cidr, true))
	}
	gateway := awsec2.NewCfnInternetGateway(b.scope, jsii.String("InternetGateway"), &awsec2.CfnInternetGatewayProps{})
	// The misspelling is part of the contract: a new logical ID would detach
	// the gateway of a running network.
	attachment := awsec2.NewCfnVPCGatewayAttachment(b.scope, jsii.String("GatewayAttachement"), &awsec2.CfnVPCGatewayAttachmentProps{
		VpcId:             b.vpc.Ref(),
		InternetGatewayId: gateway.Ref(),
	})
	table := b.routeTable("PublicRouteTable")
	for zone, subnet := range public.cfn {
		public.tables = append(public.tables, table)
		b.associate("PublicSubnet"+ordinal(zone), subnet, table)
	}
	route := awsec2.NewCfnRoute(b.scope, jsii.String("PublicRoute"), &awsec2.CfnRouteProps{
		RouteTableId:         table.Ref(),
		DestinationCidrBlock: jsii.String("0.0.0.0/0"),
		GatewayId:            gateway.Ref(),
	})
	route.AddResourceDependency(attachment, jsii.String("a route needs a gateway that is attached"))
	return public, attachment, route
}

func (b *vpcBuilder) subnet(kind string, zone int, cidr netip.Prefix, public bool) awsec2.CfnSubnet {
	props := &awsec2.CfnSubnetProps{
		VpcId:            b.vpc.Ref(),
		CidrBlock:        jsii.String(cidr.String()),
		AvailabilityZone: zoneName(zone),
	}
	if public {
		props.MapPublicIpOnLaunch = true
	}
	return awsec2.NewCfnSubnet(b.scope, jsii.String(kind+ordinal(zone)), props)
}

func (b *vpcBuilder) routeTable(id string) awsec2.CfnRouteTable {
	return awsec2.NewCfnRouteTable(b.scope, jsii.String(id), &awsec2.CfnRouteTableProps{VpcId: b.vpc.Ref()})
}

func (b *vpcBuilder) associate(subnetID string, subnet awsec2.CfnSubnet, table awsec2.CfnRouteTable) {
	awsec2.NewCfnSubnetRouteTableAssociation(b.scope, jsii.String(subnetID+"RouteTableAssociation"), &awsec2.CfnSubnetRouteTableAssociationProps{
		SubnetId:     subnet.Ref(),
		RouteTableId: table.Ref(),
	})
}

// asVPC is the L2 that other constructs take, made from the resources.
func (b *vpcBuilder) asVPC(public, private, database subnets) awsec2.IVpc {
	zones := make([]*string, len(public.cfn))
	for i := range zones {
		zones[i] = zoneName(i)
	}
	attributes := &awsec2.VpcAttributes{
		VpcId:             b.vpc.Ref(),
		VpcCidrBlock:      b.vpc.AttrCidrBlock(),
		AvailabilityZones: &zones,
	}
	attributes.PublicSubnetIds, attributes.PublicSubnetRouteTableIds = public.ids()
	attributes.PrivateSubnetIds, attributes.PrivateSubnetRouteTableIds = private.ids()
	attributes.IsolatedSubnetIds, attributes.IsolatedSubnetRouteTableIds = database.ids()
	return awsec2.Vpc_FromVpcAttributes(b.scope, jsii.String("Vpc"), attributes)
}

// ids are nil, not empty, where there are no subnets: the CDK takes no empty list.
func (s subnets) ids() (subnets, tables *[]*string) {
	if len(s.cfn) == 0 {
		return nil, nil
	}
	subnetIDs, tableIDs := make([]*string, len(s.cfn)), make([]*string, len(s.cfn))
	for i, subnet := range s.cfn {
		subnetIDs[i], tableIDs[i] = subnet.Ref(), s.tables[i].Ref()
	}
	return &subnetIDs, &tableIDs
}

// zoneName is that of the region's zone with the index, whatever the region.
func zoneName(index int) *string {
	return awscdk.Fn_Select(jsii.Number(index), awscdk.Fn_GetAzs(awscdk.Aws_REGION()))
}

// ordinal is how a logical ID tells the subnets of a kind apart.
func ordinal(index int) string {
	return [maxZones]string{"One", "Two", "Three", "Four"}[index]
}
