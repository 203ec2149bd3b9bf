'use strict';

// The two default stacks as an app of its own in JavaScript would define them:
// the same resources, parameters and outputs, without the Go library.

const cdk = require('aws-cdk-lib');
const { NetworkStack } = require('./network');
const { ServiceStack } = require('./service');

const app = new cdk.App({
  // Of what cdk init would write into cdk.json, the flags that these stacks feel.
  context: {
    '@aws-cdk/aws-ecs:disableExplicitDeploymentControllerForCircuitBreaker': true,
    '@aws-cdk/aws-ecs:removeDefaultDeploymentAlarm': true,
    '@aws-cdk/aws-iam:minimizePolicies': true,
  },
  analyticsReporting: false,
  treeMetadata: false,
  postCliContext: {
    'aws:cdk:enable-path-metadata': false,
    'aws:cdk:enable-asset-metadata': false,
  },
});
const network = new NetworkStack(app, 'slipway-network');
const service = new ServiceStack(app, 'slipway-service');
service.addStackDependency(network);
app.synth();
