'use strict';

const cdk = require('aws-cdk-lib');
const ec2 = require('aws-cdk-lib/aws-ec2');
const ecs = require('aws-cdk-lib/aws-ecs');
const elb = require('aws-cdk-lib/aws-elasticloadbalancingv2');

class NetworkStack extends cdk.Stack {
  constructor(scope, id) {
    super(scope, id, {
      description: 'A network for containers on AWS Fargate: two public subnets, a load balancer and an ECS cluster.',
      synthesizer: new cdk.LegacyStackSynthesizer(),
    });
    const { vpc, publicRoute } = this.defineVpc();

    const cluster = new ecs.Cluster(this, 'ECSCluster', { vpc });

    const securityGroup = new ec2.CfnSecurityGroup(this, 'PublicLoadBalancerSecurityGroup', {
      groupDescription: 'Access to the public facing load balancer',
      vpcId: vpc.vpcId,
      securityGroupIngress: [{ cidrIp: '0.0.0.0/0', description: 'HTTP from anywhere', ipProtocol: 'tcp', fromPort: 80, toPort: 80 }],
    });
    const loadBalancer = new elb.ApplicationLoadBalancer(this, 'PublicLoadBalancer', {
      vpc,
      vpcSubnets: { subnets: vpc.publicSubnets },
      internetFacing: true,
      securityGroup: ec2.SecurityGroup.fromSecurityGroupId(this, 'LoadBalancerSecurityGroup', securityGroup.ref),
      idleTimeout: cdk.Duration.seconds(60),
      dropInvalidHeaderFields: true,
      deletionProtection: false,
    });
    loadBalancer.node.addDependency(publicRoute);
    const listener = loadBalancer.addListener('PublicLoadBalancerListener', {
      open: false,
      port: 80,
      protocol: elb.ApplicationProtocol.HTTP,
      defaultAction: elb.ListenerAction.fixedResponse(404, {
        contentType: 'text/plain',
        messageBody: 'No service answers this path.\n',
      }),
    });

    this.export('ClusterName', 'The name of the ECS cluster', cluster.clusterName);
    this.export('ExternalUrl', 'The address of the load balancer', `http://${loadBalancer.loadBalancerDnsName}`);
    this.export('PublicListener', 'The ARN of the listener that services attach to', listener.listenerArn);
    this.export('VPCId', 'The ID of the VPC', vpc.vpcId);
    this.export('PublicSubnetOne', 'The ID of the first public subnet', vpc.publicSubnets[0].subnetId);
    this.export('PublicSubnetTwo', 'The ID of the second public subnet', vpc.publicSubnets[1].subnetId);
    this.export('PublicLoadBalancerSecurityGroup', "The ID of the load balancer's security group", securityGroup.ref);
  }

  // Not the Vpc construct: that has a route table for each subnet.
  defineVpc() {
    const vpc = new ec2.CfnVPC(this, 'VPC', { cidrBlock: '10.0.0.0/16' });
    const zones = [0, 1].map((index) => cdk.Fn.select(index, cdk.Fn.getAzs(cdk.Aws.REGION)));
    const subnets = ['One', 'Two'].map((ordinal, index) => new ec2.CfnSubnet(this, `PublicSubnet${ordinal}`, {
      vpcId: vpc.ref,
      cidrBlock: `10.0.${index + 1}.0/24`,
      availabilityZone: zones[index],
      mapPublicIpOnLaunch: true,
    }));
    const gateway = new ec2.CfnInternetGateway(this, 'InternetGateway');
    const attachment = new ec2.CfnVPCGatewayAttachment(this, 'GatewayAttachement', {
      vpcId: vpc.ref,
      internetGatewayId: gateway.ref,
    });
    const table = new ec2.CfnRouteTable(this, 'PublicRouteTable', { vpcId: vpc.ref });
    subnets.forEach((subnet) => new ec2.CfnSubnetRouteTableAssociation(this, `${subnet.node.id}RouteTableAssociation`, {
      subnetId: subnet.ref,
      routeTableId: table.ref,
    }));
    const publicRoute = new ec2.CfnRoute(this, 'PublicRoute', {
      routeTableId: table.ref,
      destinationCidrBlock: '0.0.0.0/0',
      gatewayId: gateway.ref,
    });
    publicRoute.addResourceDependency(attachment);
    return {
      publicRoute,
      vpc: ec2.Vpc.fromVpcAttributes(this, 'Vpc', {
        vpcId: vpc.ref,
        vpcCidrBlock: vpc.attrCidrBlock,
        availabilityZones: zones,
        publicSubnetIds: subnets.map((subnet) => subnet.ref),
        publicSubnetRouteTableIds: subnets.map(() => table.ref),
      }),
    };
  }

  export(name, description, value) {
    const output = new cdk.CfnOutput(this, `${name}Output`, {
      description,
      value,
      exportName: cdk.Fn.join(':', [cdk.Aws.STACK_NAME, name]),
    });
    output.overrideLogicalId(name);
  }
}

module.exports = { NetworkStack };
