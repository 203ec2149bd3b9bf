package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// publicVPC is the VPC as L1 resources and as the L2 made from them.
type publicVPC struct {
	cfn   awsec2.CfnVPC
	route awsec2.CfnRoute
	vpc   awsec2.IVpc
}

// newPublicVPC makes a VPC with two public subnets that share a route table.
//
// It is written in L1 resources because the Vpc construct cuts other address
// ranges, gives each subnet a route table of its own and sets InstanceTenancy:
// a running network could only be updated to that by replacing its subnets.
func newPublicVPC(scope awsconstructs.Construct) publicVPC {
	vpc := awsec2.NewCfnVPC(scope, jsii.String("VPC"), &awsec2.CfnVPCProps{
		CidrBlock: jsii.String("10.0.0.0/16"),
	})
	zone := func(index float64) *string {
		return awscdk.Fn_Select(jsii.Number(index), awscdk.Fn_GetAzs(awscdk.Aws_REGION()))
	}
	subnet := func(id, cidr string, index float64) awsec2.CfnSubnet {
		return awsec2.NewCfnSubnet(scope, jsii.String(id), &awsec2.CfnSubnetProps{
			VpcId:               vpc.Ref(),
			CidrBlock:           jsii.String(cidr),
			AvailabilityZone:    zone(index),
			MapPublicIpOnLaunch: true,
		})
	}
	one := subnet("PublicSubnetOne", "10.0.1.0/24", 0)
	two := subnet("PublicSubnetTwo", "10.0.2.0/24", 1)

	gateway := awsec2.NewCfnInternetGateway(scope, jsii.String("InternetGateway"), &awsec2.CfnInternetGatewayProps{})
	// The misspelling is part of the contract: a new logical ID would detach
	// the gateway of a running network.
	attachment := awsec2.NewCfnVPCGatewayAttachment(scope, jsii.String("GatewayAttachement"), &awsec2.CfnVPCGatewayAttachmentProps{
		VpcId:             vpc.Ref(),
		InternetGatewayId: gateway.Ref(),
	})

	table := awsec2.NewCfnRouteTable(scope, jsii.String("PublicRouteTable"), &awsec2.CfnRouteTableProps{
		VpcId: vpc.Ref(),
	})
	associate := func(id string, subnet awsec2.CfnSubnet) {
		awsec2.NewCfnSubnetRouteTableAssociation(scope, jsii.String(id), &awsec2.CfnSubnetRouteTableAssociationProps{
			SubnetId:     subnet.Ref(),
			RouteTableId: table.Ref(),
		})
	}
	associate("PublicSubnetOneRouteTableAssociation", one)
	associate("PublicSubnetTwoRouteTableAssociation", two)

	route := awsec2.NewCfnRoute(scope, jsii.String("PublicRoute"), &awsec2.CfnRouteProps{
		RouteTableId:         table.Ref(),
		DestinationCidrBlock: jsii.String("0.0.0.0/0"),
		GatewayId:            gateway.Ref(),
	})
	route.AddResourceDependency(attachment, jsii.String("a route needs a gateway that is attached"))

	return publicVPC{
		cfn:   vpc,
		route: route,
		vpc: awsec2.Vpc_FromVpcAttributes(scope, jsii.String("Vpc"), &awsec2.VpcAttributes{
			VpcId:                     vpc.Ref(),
			VpcCidrBlock:              vpc.AttrCidrBlock(),
			AvailabilityZones:         &[]*string{zone(0), zone(1)},
			PublicSubnetIds:           &[]*string{one.Ref(), two.Ref()},
			PublicSubnetRouteTableIds: &[]*string{table.Ref(), table.Ref()},
		}),
	}
}
