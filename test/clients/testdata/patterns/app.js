'use strict';

// Services as most CDK users write them: the pattern that makes a load balancer and the
// service behind it from an image and a port. Context says the image:
// --context image=docker.io/acme/shop:v1. With --context search=IMAGE, the stack "default"
// has a second service, Search, of that image.

const cdk = require('aws-cdk-lib');
const ec2 = require('aws-cdk-lib/aws-ec2');
const ecs = require('aws-cdk-lib/aws-ecs');
const patterns = require('aws-cdk-lib/aws-ecs-patterns');

// A service in each of the names, in one cluster.
class ShopStack extends cdk.Stack {
  constructor(scope, id, names, props) {
    super(scope, id, props);
    const vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1 });
    const cluster = new ecs.Cluster(this, 'Cluster', { vpc });
    for (const name of names) {
      new patterns.ApplicationLoadBalancedFargateService(this, name, {
        cluster,
        desiredCount: 2,
        minHealthyPercent: 100,
        circuitBreaker: { rollback: true },
        taskImageOptions: {
          image: ecs.ContainerImage.fromRegistry(this.node.tryGetContext(name.toLowerCase()) ?? this.node.getContext('image')),
          containerPort: 8080,
        },
      });
    }
  }
}

const app = new cdk.App();
const legacy = { synthesizer: new cdk.LegacyStackSynthesizer() }; // needs no bootstrap
new ShopStack(app, 'shop', ['Shop'], legacy);
new ShopStack(app, 'two-services', ['Shop', 'Search'], legacy);
new ShopStack(app, 'default', app.node.tryGetContext('search') ? ['Shop', 'Search'] : ['Shop']);
app.synth();
