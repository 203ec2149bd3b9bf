// Package constructs has the two building blocks of a zero-downtime service on
// AWS Fargate: a [Network] with a public load balancer and an ECS cluster, and
// a [FargateService] behind that load balancer. A [FargateWorker] is a service
// that nobody connects to, a [FargateTask] a task without a service, and around
// them stand [Repository] and [Alarms].
//
// A [PostgresDatabase] is data that a service reaches and nobody else does. A
// [DeployRole] lets a GitHub workflow deploy images to named stacks, and nothing
// more.
//
// They take typed props and give back the CDK's own L2 constructs, so that an
// app can go on from there: grant, add listeners, add sidecars, make alarms.
// They know no CloudFormation parameter (package stacks does) and they depend
// on no feature flag of the app they are used in.
//
// In props, nil means the default named at the field. A prop may be a token (a
// parameter's value, say); what is not a token is checked by Validate, and the
// constructors panic with the construct's path when a check fails, as the CDK
// does.
package constructs
