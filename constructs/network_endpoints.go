package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// dnsHostnames is on where interface endpoints are: their private names, by
// which SDKs find them unasked, need it. Off is EC2's default.
func (b *vpcBuilder) dnsHostnames() any {
	if len(b.props.InterfaceEndpoints) == 0 {
		return nil
	}
	return true
}

func (b *vpcBuilder) endpoints(public, private subnets) []awsconstructs.IDependable {
	var made []awsconstructs.IDependable
	if *b.props.s3Endpoint() {
		made = append(made, b.s3Endpoint(public, private))
	}
	if len(b.props.InterfaceEndpoints) == 0 {
		return made
	}

	group := awsec2.NewCfnSecurityGroup(b.scope, jsii.String("EndpointSecurityGroup"), &awsec2.CfnSecurityGroupProps{
		GroupDescription: jsii.String("Access to the interface endpoints"),
		VpcId:            b.vpcID,
		SecurityGroupIngress: &[]any{&awsec2.CfnSecurityGroup_IngressProperty{
			CidrIp:      b.vpc.AttrCidrBlock(),
			Description: jsii.String("HTTPS from the VPC"),
			IpProtocol:  jsii.String("tcp"),
			FromPort:    jsii.Number(443),
			ToPort:      jsii.Number(443),
		}},
	})
	in := public
	if len(private.ids) > 0 {
		in = private
	}
	for _, endpoint := range b.props.InterfaceEndpoints {
		switch endpoint {
		case EndpointECR:
			made = append(made,
				b.interfaceEndpoint("EcrApiEndpoint", awsec2.InterfaceVpcEndpointAwsService_ECR(), in, group),
				b.interfaceEndpoint("EcrDkrEndpoint", awsec2.InterfaceVpcEndpointAwsService_ECR_DOCKER(), in, group))
		case EndpointLogs:
			made = append(made, b.interfaceEndpoint("LogsEndpoint", awsec2.InterfaceVpcEndpointAwsService_CLOUDWATCH_LOGS(), in, group))
		case EndpointSecretsManager:
			made = append(made, b.interfaceEndpoint("SecretsManagerEndpoint", awsec2.InterfaceVpcEndpointAwsService_SECRETS_MANAGER(), in, group))
		case EndpointSSM:
			made = append(made, b.interfaceEndpoint("SsmEndpoint", awsec2.InterfaceVpcEndpointAwsService_SSM(), in, group))
		case EndpointSSMMessages:
			made = append(made, b.interfaceEndpoint("SsmMessagesEndpoint", awsec2.InterfaceVpcEndpointAwsService_SSM_MESSAGES(), in, group))
		}
	}
	return made
}

// s3Endpoint is a route of all tables that tasks use. Database subnets are left
// out: theirs lead nowhere.
func (b *vpcBuilder) s3Endpoint(public, private subnets) awsec2.CfnVPCEndpoint {
	tables := []any{public.tables[0]}
	for _, table := range private.tables {
		tables = append(tables, table)
	}
	return awsec2.NewCfnVPCEndpoint(b.scope, jsii.String("S3Endpoint"), &awsec2.CfnVPCEndpointProps{
		VpcId:           b.vpcID,
		VpcEndpointType: jsii.String("Gateway"),
		ServiceName:     awsec2.GatewayVpcEndpointAwsService_S3().Name(),
		RouteTableIds:   &tables,
	})
}

func (b *vpcBuilder) interfaceEndpoint(id string, service awsec2.InterfaceVpcEndpointAwsService, in subnets, group awsec2.CfnSecurityGroup) awsec2.CfnVPCEndpoint {
	var subnetIDs []any
	for _, subnet := range in.ids {
		subnetIDs = append(subnetIDs, subnet)
	}
	return awsec2.NewCfnVPCEndpoint(b.scope, jsii.String(id), &awsec2.CfnVPCEndpointProps{
		VpcId:             b.vpcID,
		VpcEndpointType:   jsii.String("Interface"),
		ServiceName:       service.Name(), // China's regions have names of their own
		PrivateDnsEnabled: true,
		SubnetIds:         &subnetIDs,
		SecurityGroupIds:  &[]any{group.Ref()},
	})
}
