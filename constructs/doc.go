// Package constructs defines what a zero-downtime service on AWS Fargate
// consists of, as CDK constructs:
//
//   - [Network]: a VPC, a load balancer and an ECS cluster.
//     [NetworkFromExports] and [NetworkFromAttributes] import one from the
//     stack that defines it.
//   - [FargateService]: an ECS service behind the load balancer of a network.
//   - [FargateWorker]: an ECS service that nobody connects to, such as one that
//     reads a queue.
//   - [FargateTask]: a task definition without a service, to be run on a
//     schedule or by hand.
//   - [PostgresDatabase]: a PostgreSQL instance on RDS that nobody reaches
//     unless given access.
//   - [Repository]: an ECR repository for the images of one service.
//   - [Alarms]: three CloudWatch alarms and a dashboard for a service.
//   - [DeployRole]: an IAM role with which a GitHub workflow can deploy images
//     to named stacks, and do nothing else.
//   - [JumpHost]: an EC2 instance through which people reach a database or
//     whatever else has no public address.
//
// They take typed props and return the CDK's own constructs, so that an app can
// go on from there: grant permissions, add listeners, sidecars and alarms. They
// define no CloudFormation parameters, outputs or exports: package
// [github.com/slipway-go/slipway/stacks] makes stacks of them that have these.
// Feature flags of the app (cdk.json) do not change what they write into the
// template, except that @aws-cdk/aws-iam:minimizePolicies decides how the
// policies of grants are written.
//
// # Props
//
// In props, nil, or "" for a type based on string, means the default that is
// documented at the field. A field whose comment says Required has none.
// Numbers are whole numbers, in the unit that the name or the comment gives.
// Their ranges are those of the AWS API that the number is passed to, unless
// the comment gives another reason.
//
// A value may be a CDK token, such as the value of a CloudFormation parameter,
// except where the number of resources or a comparison in the CDK depends on
// it. Validate refuses a token there, and checks every value that is not a
// token. It needs neither an app nor Node.js. Constructors call it and panic
// with its error, preceded by the path of the construct, as the CDK reports
// errors.
//
// A zone is an Availability Zone. Prices are AWS's list prices in us-east-1 in
// 2026, for Linux, in US dollars, a month having 730 hours;
// https://aws.amazon.com/pricing/ has those of today.
package constructs
