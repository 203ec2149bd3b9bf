package contract

// Parameters of the service stack. The task stack has those that describe the
// task: ServiceName, ImageUrl and the container's. The network stack has none:
// what may change there changes with the template.
const (
	// ParameterStackName is the network stack whose exports the service imports.
	ParameterStackName = "StackName"
	// ParameterServiceName names the container, the task family and the log streams.
	ParameterServiceName = "ServiceName"
	// ParameterImageURL is the image that a rollout changes. It feeds nothing
	// but the container's Image.
	ParameterImageURL = "ImageUrl"
	// ParameterContainerPort is the port that the application listens on.
	ParameterContainerPort = "ContainerPort"
	// ParameterContainerCPU is the task's CPU, 1024 for one vCPU.
	ParameterContainerCPU = "ContainerCpu"
	// ParameterContainerMemory is the task's memory in MiB.
	ParameterContainerMemory = "ContainerMemory"
	// ParameterDesiredCount is the number of tasks.
	ParameterDesiredCount = "DesiredCount"
	// ParameterPath is the pattern of request paths that the service answers.
	ParameterPath = "Path"
	// ParameterPriority is the listener rule's; each service on a network has its own.
	ParameterPriority = "Priority"
	// ParameterHealthCheckPath is what the load balancer asks each task for.
	ParameterHealthCheckPath = "HealthCheckPath"
	// ParameterHealthCheckIntervalSeconds is the time between two such checks.
	ParameterHealthCheckIntervalSeconds = "HealthCheckIntervalSeconds"
	// ParameterHealthCheckGracePeriodSeconds is how long ECS ignores a new task's failed checks.
	ParameterHealthCheckGracePeriodSeconds = "HealthCheckGracePeriodSeconds"
	// ParameterDeregistrationDelaySeconds is how long a leaving task may finish its requests.
	ParameterDeregistrationDelaySeconds = "DeregistrationDelaySeconds"
)
