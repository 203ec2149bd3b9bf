package ecs

import "github.com/slipway-go/slipway/emulator/internal/wire"

// RunTaskInput is the request of RunTask.
type RunTaskInput struct {
	TaskDefinition           string                         `json:"taskDefinition,omitempty"`
	CapacityProviderStrategy []CapacityProviderStrategyItem `json:"capacityProviderStrategy,omitempty"`
	ClientToken              string                         `json:"clientToken,omitempty"`
	Cluster                  string                         `json:"cluster,omitempty"`
	Count                    *int                           `json:"count,omitempty"`
	EnableECSManagedTags     bool                           `json:"enableECSManagedTags,omitempty"`
	EnableExecuteCommand     bool                           `json:"enableExecuteCommand,omitempty"`
	Group                    string                         `json:"group,omitempty"`
	LaunchType               string                         `json:"launchType,omitempty"`
	NetworkConfiguration     *NetworkConfiguration          `json:"networkConfiguration,omitempty"`
	Overrides                *TaskOverride                  `json:"overrides,omitempty"`
	PlacementConstraints     []PlacementConstraint          `json:"placementConstraints,omitempty"`
	PlacementStrategy        []PlacementStrategy            `json:"placementStrategy,omitempty"`
	PlatformVersion          string                         `json:"platformVersion,omitempty"`
	PropagateTags            string                         `json:"propagateTags,omitempty"`
	ReferenceId              string                         `json:"referenceId,omitempty"`
	StartedBy                string                         `json:"startedBy,omitempty"`
	Tags                     []Tag                          `json:"tags,omitempty"`
	VolumeConfigurations     []TaskVolumeConfiguration      `json:"volumeConfigurations,omitempty"`
}

// TaskOverride changes a task definition for one task. The emulator acts on environment
// variables.
type TaskOverride struct {
	ContainerOverrides            []ContainerOverride            `json:"containerOverrides,omitempty"`
	Cpu                           string                         `json:"cpu,omitempty"`
	EphemeralStorage              *EphemeralStorage              `json:"ephemeralStorage,omitempty"`
	ExecutionRoleArn              string                         `json:"executionRoleArn,omitempty"`
	InferenceAcceleratorOverrides []InferenceAcceleratorOverride `json:"inferenceAcceleratorOverrides,omitempty"`
	Memory                        string                         `json:"memory,omitempty"`
	TaskRoleArn                   string                         `json:"taskRoleArn,omitempty"`
}

// ContainerOverride changes a container definition for one task.
type ContainerOverride struct {
	Command              []string              `json:"command,omitempty"`
	Cpu                  *int                  `json:"cpu,omitempty"`
	Environment          []KeyValuePair        `json:"environment,omitempty"`
	EnvironmentFiles     []EnvironmentFile     `json:"environmentFiles,omitempty"`
	Memory               *int                  `json:"memory,omitempty"`
	MemoryReservation    *int                  `json:"memoryReservation,omitempty"`
	Name                 string                `json:"name,omitempty"`
	ResourceRequirements []ResourceRequirement `json:"resourceRequirements,omitempty"`
}

// InferenceAcceleratorOverride is kept and shown again: see the Amazon ECS API reference.
type InferenceAcceleratorOverride struct {
	DeviceName string `json:"deviceName,omitempty"`
	DeviceType string `json:"deviceType,omitempty"`
}

// RunTaskOutput is the answer of RunTask.
type RunTaskOutput struct {
	Failures []Failure `json:"failures"`
	Tasks    []Task    `json:"tasks"`
}

// Task is a task as DescribeTasks shows it.
type Task struct {
	Attachments          []Attachment      `json:"attachments"`
	Attributes           []Attribute       `json:"attributes,omitempty"`
	AvailabilityZone     string            `json:"availabilityZone,omitempty"`
	CapacityProviderName string            `json:"capacityProviderName,omitempty"`
	ClusterArn           string            `json:"clusterArn,omitempty"`
	Connectivity         string            `json:"connectivity,omitempty"`
	ConnectivityAt       *wire.Epoch       `json:"connectivityAt,omitempty"`
	Containers           []Container       `json:"containers"`
	Cpu                  string            `json:"cpu,omitempty"`
	CreatedAt            *wire.Epoch       `json:"createdAt,omitempty"`
	DesiredStatus        string            `json:"desiredStatus,omitempty"`
	EnableExecuteCommand bool              `json:"enableExecuteCommand,omitempty"`
	EphemeralStorage     *EphemeralStorage `json:"ephemeralStorage,omitempty"`
	ExecutionStoppedAt   *wire.Epoch       `json:"executionStoppedAt,omitempty"`
	Group                string            `json:"group,omitempty"`
	HealthStatus         string            `json:"healthStatus,omitempty"`
	LastStatus           string            `json:"lastStatus,omitempty"`
	LaunchType           string            `json:"launchType,omitempty"`
	Memory               string            `json:"memory,omitempty"`
	Overrides            *TaskOverride     `json:"overrides,omitempty"`
	PlatformFamily       string            `json:"platformFamily,omitempty"`
	PlatformVersion      string            `json:"platformVersion,omitempty"`
	PullStartedAt        *wire.Epoch       `json:"pullStartedAt,omitempty"`
	PullStoppedAt        *wire.Epoch       `json:"pullStoppedAt,omitempty"`
	StartedAt            *wire.Epoch       `json:"startedAt,omitempty"`
	StartedBy            string            `json:"startedBy,omitempty"`
	StopCode             string            `json:"stopCode,omitempty"`
	StoppedAt            *wire.Epoch       `json:"stoppedAt,omitempty"`
	StoppedReason        string            `json:"stoppedReason,omitempty"`
	StoppingAt           *wire.Epoch       `json:"stoppingAt,omitempty"`
	Tags                 []Tag             `json:"tags,omitempty"`
	TaskArn              string            `json:"taskArn,omitempty"`
	TaskDefinitionArn    string            `json:"taskDefinitionArn,omitempty"`
	Version              int64             `json:"version,omitempty"`
}

// Attachment is what a task is attached to: the network interface that Fargate made for
// it.
type Attachment struct {
	Details []KeyValuePair `json:"details,omitempty"`
	Id      string         `json:"id,omitempty"`
	Status  string         `json:"status,omitempty"`
	Type    string         `json:"type,omitempty"`
}

// Attribute is kept and shown again: see the Amazon ECS API reference.
type Attribute struct {
	Name       string `json:"name,omitempty"`
	TargetId   string `json:"targetId,omitempty"`
	TargetType string `json:"targetType,omitempty"`
	Value      string `json:"value,omitempty"`
}

// Container is a container of a task.
type Container struct {
	ContainerArn      string             `json:"containerArn,omitempty"`
	Cpu               string             `json:"cpu,omitempty"`
	ExitCode          *int               `json:"exitCode,omitempty"`
	HealthStatus      string             `json:"healthStatus,omitempty"`
	Image             string             `json:"image,omitempty"`
	ImageDigest       string             `json:"imageDigest,omitempty"`
	LastStatus        string             `json:"lastStatus,omitempty"`
	Memory            string             `json:"memory,omitempty"`
	MemoryReservation string             `json:"memoryReservation,omitempty"`
	Name              string             `json:"name,omitempty"`
	NetworkBindings   []NetworkBinding   `json:"networkBindings,omitempty"`
	NetworkInterfaces []NetworkInterface `json:"networkInterfaces,omitempty"`
	Reason            string             `json:"reason,omitempty"`
	RuntimeId         string             `json:"runtimeId,omitempty"`
	TaskArn           string             `json:"taskArn,omitempty"`
}

// NetworkBinding is kept and shown again: see the Amazon ECS API reference.
type NetworkBinding struct {
	BindIP             string `json:"bindIP,omitempty"`
	ContainerPort      *int   `json:"containerPort,omitempty"`
	ContainerPortRange string `json:"containerPortRange,omitempty"`
	HostPort           *int   `json:"hostPort,omitempty"`
	HostPortRange      string `json:"hostPortRange,omitempty"`
	Protocol           string `json:"protocol,omitempty"`
}

// NetworkInterface is the address of a container.
type NetworkInterface struct {
	AttachmentId       string `json:"attachmentId,omitempty"`
	Ipv6Address        string `json:"ipv6Address,omitempty"`
	PrivateIpv4Address string `json:"privateIpv4Address,omitempty"`
}

// StopTaskInput is the request of StopTask.
type StopTaskInput struct {
	Task    string `json:"task,omitempty"`
	Cluster string `json:"cluster,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

// StopTaskOutput is the answer of StopTask.
type StopTaskOutput struct {
	Task *Task `json:"task,omitempty"`
}

// DescribeTasksInput is the request of DescribeTasks.
type DescribeTasksInput struct {
	Tasks   []string `json:"tasks,omitempty"`
	Cluster string   `json:"cluster,omitempty"`
	Include []string `json:"include,omitempty"`
}

// DescribeTasksOutput is the answer of DescribeTasks.
type DescribeTasksOutput struct {
	Failures []Failure `json:"failures"`
	Tasks    []Task    `json:"tasks"`
}

// ListTasksInput is the request of ListTasks.
type ListTasksInput struct {
	Cluster           string `json:"cluster,omitempty"`
	ContainerInstance string `json:"containerInstance,omitempty"`
	DaemonName        string `json:"daemonName,omitempty"`
	DesiredStatus     string `json:"desiredStatus,omitempty"`
	Family            string `json:"family,omitempty"`
	LaunchType        string `json:"launchType,omitempty"`
	MaxResults        *int   `json:"maxResults,omitempty"`
	NextToken         string `json:"nextToken,omitempty"`
	ServiceName       string `json:"serviceName,omitempty"`
	StartedBy         string `json:"startedBy,omitempty"`
}

// ListTasksOutput is the answer of ListTasks.
type ListTasksOutput struct {
	NextToken string   `json:"nextToken,omitempty"`
	TaskArns  []string `json:"taskArns"`
}
