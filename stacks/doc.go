// Package stacks makes CloudFormation stacks of the constructs in package
// [github.com/slipway-go/slipway/constructs]:
//
//   - [NewNetworkStack]: a network (VPC, load balancer, ECS cluster). It
//     exports what service stacks need.
//   - [NewServiceStack]: one service on Fargate behind the load balancer of a
//     network stack, which it imports by the name in its parameter StackName.
//   - [NewTaskStack]: a task definition without a service.
//   - [Environment]: names and tags for the stacks of an application in
//     staging, in production and so on.
//
// The package adds parameters, outputs, exports and fixed logical IDs to the
// constructs, and no resources but the Systems Manager parameters of
// [NetworkStackProps.SSMParameters]. What changes with a deployment, such as
// the image, is a parameter: slipway deploy changes it without synthesizing the
// template again. Names of parameters and outputs are constants in package
// [github.com/slipway-go/slipway/contract]. Tables of them, and what a stack
// creates and costs, are in docs/constructs.md. The package example is an app
// with two stacks.
//
// An account need not be bootstrapped (cdk bootstrap) for these stacks. They
// have no assets, no parameter BootstrapVersion, and templates small enough
// (51,200 bytes) to be part of the request to CloudFormation. Other stacks of
// the same app need it, unless the app has the same synthesizer:
//
//	awscdk.NewApp(&awscdk.AppProps{DefaultStackSynthesizer: awscdk.NewLegacyStackSynthesizer()})
//
// Logical IDs, export names and parameter names do not change from one release
// to the next, so that stacks are updated in place.
package stacks
