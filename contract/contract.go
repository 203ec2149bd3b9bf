// Package contract holds the names that the templates and everything that
// works on their stacks have to agree on: stacks, parameters, exports, outputs.
//
// It has no logic and imports nothing, so that the deployer can share the
// names with the CDK side without linking the CDK. The names are part of the
// product: renaming one breaks stacks that run. A test holds every name here
// against the committed templates, and the other way round.
package contract

// Names of the stacks unless the user chooses others.
const (
	// NetworkStackName is the stack with the VPC, the load balancer and the cluster.
	NetworkStackName = "slipway-network"
	// ServiceStackName is the stack with one service behind that load balancer.
	ServiceStackName = "slipway-service"
	// TaskStackName is the stack with one task and no service.
	TaskStackName = "slipway-task"
)

// ExportSeparator stands between a network stack's name and an output's in the
// name of an export: "slipway-network:VPCId".
const ExportSeparator = ":"

// SSMParameterSeparator stands before a network stack's name, and between it and
// an output's, in the name of the SSM parameter that says the same as an export:
// "/slipway-network/VPCId".
const SSMParameterSeparator = "/"
