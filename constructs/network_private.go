package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// privateSubnets have a route table each, with one gateway too: going from one
// gateway to one per zone then changes routes and moves no subnet.
func (b *vpcBuilder) privateSubnets(public subnets, attachment awsec2.CfnVPCGatewayAttachment, publicRoute awsec2.CfnRoute) (subnets, []awsconstructs.IDependable) {
	var private subnets
	for zone, cidr := range b.layout.private {
		subnet := b.subnet("PrivateSubnet", zone, cidr, false)
		table := b.routeTable("PrivateRouteTable" + ordinal(zone))
		b.associate("PrivateSubnet"+ordinal(zone), subnet, table)
		private.ids = append(private.ids, subnet)
		private.tables = append(private.tables, table)
	}

	var gateways []awsec2.CfnNatGateway
	for zone := range b.natCount() {
		gateways = append(gateways, b.natGateway(zone, public.ids[zone], attachment, publicRoute))
	}
	var routes []awsconstructs.IDependable
	for zone, table := range private.tables {
		if len(gateways) == 0 {
			break
		}
		routes = append(routes, awsec2.NewCfnRoute(b.scope, jsii.String("PrivateRoute"+ordinal(zone)), &awsec2.CfnRouteProps{
			RouteTableId:         table,
			DestinationCidrBlock: jsii.String("0.0.0.0/0"),
			NatGatewayId:         gateways[zone%len(gateways)].Ref(),
		}))
	}
	return private, routes
}

func (b *vpcBuilder) natCount() int {
	switch b.props.NatGateways {
	case NatOne:
		return 1
	case NatPerZone:
		return len(b.layout.private)
	default:
		return 0
	}
}

// natGateway stands in a public subnet, where it can neither be made before the
// way out exists nor outlive it.
func (b *vpcBuilder) natGateway(zone int, subnet *string, attachment awsec2.CfnVPCGatewayAttachment, publicRoute awsec2.CfnRoute) awsec2.CfnNatGateway {
	address := awsec2.NewCfnEIP(b.scope, jsii.String("NatAddress"+ordinal(zone)), &awsec2.CfnEIPProps{Domain: jsii.String("vpc")})
	address.AddResourceDependency(attachment, jsii.String("a gateway cannot be detached while addresses are in use"))
	gateway := awsec2.NewCfnNatGateway(b.scope, jsii.String("NatGateway"+ordinal(zone)), &awsec2.CfnNatGatewayProps{
		AllocationId: address.AttrAllocationId(),
		SubnetId:     subnet,
	})
	gateway.AddResourceDependency(publicRoute, jsii.String("it sends through the internet gateway"))
	return gateway
}

// databaseSubnets share a route table that has no routes but the VPC's own.
// Without it they would use the VPC's main table, which anyone may add to.
func (b *vpcBuilder) databaseSubnets() subnets {
	var database subnets
	if len(b.layout.database) == 0 {
		return database
	}
	table := b.routeTable("DatabaseRouteTable")
	for zone, cidr := range b.layout.database {
		subnet := b.subnet("DatabaseSubnet", zone, cidr, false)
		b.associate("DatabaseSubnet"+ordinal(zone), subnet, table)
		database.ids = append(database.ids, subnet)
		database.tables = append(database.tables, table)
	}
	return database
}
