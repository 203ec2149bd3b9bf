package contract

// Outputs of the network stack. Each is exported as
// "<stack name>:<output>" (see [ExportSeparator]), and where the stack publishes
// SSM parameters it is one as "/<stack name>/<output>" (see
// [SSMParameterSeparator]).
const (
	// OutputClusterName is the ECS cluster that services run in.
	OutputClusterName = "ClusterName"
	// OutputExternalURL is the load balancer's address, scheme included.
	OutputExternalURL = "ExternalUrl"
	// OutputPublicListener is the listener that services attach to.
	OutputPublicListener = "PublicListener"
	// OutputVPCID is the network itself.
	OutputVPCID = "VPCId"
	// OutputPublicSubnetOne is the subnet in the first zone.
	OutputPublicSubnetOne = "PublicSubnetOne"
	// OutputPublicSubnetTwo is the subnet in the second zone.
	OutputPublicSubnetTwo = "PublicSubnetTwo"
	// OutputPublicLoadBalancerSecurityGroup is the group that tasks accept requests from.
	OutputPublicLoadBalancerSecurityGroup = "PublicLoadBalancerSecurityGroup"
)

// Outputs that a network stack has only with such subnets, exported in the same
// way. One export per subnet, because an export in use cannot change: a list
// could not grow by a zone.
const (
	// OutputPublicSubnetThree is the public subnet in the third zone.
	OutputPublicSubnetThree = "PublicSubnetThree"
	// OutputPublicSubnetFour is the public subnet in the fourth zone.
	OutputPublicSubnetFour = "PublicSubnetFour"
	// OutputPrivateSubnetOne is the private subnet in the first zone.
	OutputPrivateSubnetOne = "PrivateSubnetOne"
	// OutputPrivateSubnetTwo is the private subnet in the second zone.
	OutputPrivateSubnetTwo = "PrivateSubnetTwo"
	// OutputPrivateSubnetThree is the private subnet in the third zone.
	OutputPrivateSubnetThree = "PrivateSubnetThree"
	// OutputPrivateSubnetFour is the private subnet in the fourth zone.
	OutputPrivateSubnetFour = "PrivateSubnetFour"
	// OutputDatabaseSubnetOne is the database subnet in the first zone.
	OutputDatabaseSubnetOne = "DatabaseSubnetOne"
	// OutputDatabaseSubnetTwo is the database subnet in the second zone.
	OutputDatabaseSubnetTwo = "DatabaseSubnetTwo"
	// OutputDatabaseSubnetThree is the database subnet in the third zone.
	OutputDatabaseSubnetThree = "DatabaseSubnetThree"
	// OutputDatabaseSubnetFour is the database subnet in the fourth zone.
	OutputDatabaseSubnetFour = "DatabaseSubnetFour"
)

// MaxZones is the number of zones that a network can have at most.
const MaxZones = 4

// PublicSubnetOutputs are those of the public subnets, in the order of zones.
func PublicSubnetOutputs() [MaxZones]string {
	return [...]string{OutputPublicSubnetOne, OutputPublicSubnetTwo, OutputPublicSubnetThree, OutputPublicSubnetFour}
}

// PrivateSubnetOutputs are those of the private subnets, in the order of zones.
func PrivateSubnetOutputs() [MaxZones]string {
	return [...]string{OutputPrivateSubnetOne, OutputPrivateSubnetTwo, OutputPrivateSubnetThree, OutputPrivateSubnetFour}
}

// DatabaseSubnetOutputs are those of the database subnets, in the order of zones.
func DatabaseSubnetOutputs() [MaxZones]string {
	return [...]string{OutputDatabaseSubnetOne, OutputDatabaseSubnetTwo, OutputDatabaseSubnetThree, OutputDatabaseSubnetFour}
}

// Outputs that a network stack has in compatibility mode only, exported in the
// same way. Service stacks written before Slipway import them; ours do not.
const (
	// OutputECSRole is a role that ECS once needed and nothing uses.
	OutputECSRole = "ECSRole"
	// OutputECSTaskExecutionRole is the execution role that all services shared.
	OutputECSTaskExecutionRole = "ECSTaskExecutionRole"
	// OutputECSSecurityGroup is the security group that all services shared.
	OutputECSSecurityGroup = "ECSSecurityGroup"
)

// Outputs of the service stack; the task stack has TaskDefinitionArn and
// LogGroupName. They are not exported: an export in use could
// never change, and nothing should have to be built on a service's names.
const (
	// OutputURL is where the service answers.
	OutputURL = "Url"
	// OutputServiceName is the name that ECS knows the service by.
	OutputServiceName = "ServiceName"
	// OutputServiceARN is the same as an ARN.
	OutputServiceARN = "ServiceArn"
	// OutputServiceClusterName is the cluster that the service runs in.
	OutputServiceClusterName = "ClusterName"
	// OutputTaskDefinitionARN is the revision that the stack last put into the service.
	OutputTaskDefinitionARN = "TaskDefinitionArn"
	// OutputTargetGroupARN is where the health of the tasks can be asked for.
	OutputTargetGroupARN = "TargetGroupArn"
	// OutputLogGroupName is where the container's output goes.
	OutputLogGroupName = "LogGroupName"
)
