'use strict';

// A service as most CDK users write one: the pattern that makes a VPC, a cluster, a
// load balancer and the service behind it from an image and a port. The tests choose
// the image by context (--context image=...).

const cdk = require('aws-cdk-lib');
const ec2 = require('aws-cdk-lib/aws-ec2');
const ecs = require('aws-cdk-lib/aws-ecs');
const patterns = require('aws-cdk-lib/aws-ecs-patterns');

class ShopStack extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    const vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1 });
    const cluster = new ecs.Cluster(this, 'Cluster', { vpc });
    new patterns.ApplicationLoadBalancedFargateService(this, 'Shop', {
      cluster,
      desiredCount: 2,
      minHealthyPercent: 100,
      circuitBreaker: { rollback: true },
      taskImageOptions: {
        image: ecs.ContainerImage.fromRegistry(this.node.getContext('image')),
        containerPort: 8080,
      },
    });
  }
}

const app = new cdk.App({ analyticsReporting: false });
new ShopStack(app, 'shop', { synthesizer: new cdk.LegacyStackSynthesizer() });
app.synth();
