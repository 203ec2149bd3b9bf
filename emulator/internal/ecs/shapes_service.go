package ecs

import "github.com/slipway-go/slipway/emulator/internal/wire"

// CreateServiceInput is the request of CreateService.
type CreateServiceInput struct {
	ServiceName                   string                         `json:"serviceName,omitempty"`
	AvailabilityZoneRebalancing   string                         `json:"availabilityZoneRebalancing,omitempty"`
	CapacityProviderStrategy      []CapacityProviderStrategyItem `json:"capacityProviderStrategy,omitempty"`
	ClientToken                   string                         `json:"clientToken,omitempty"`
	Cluster                       string                         `json:"cluster,omitempty"`
	DeploymentConfiguration       *DeploymentConfiguration       `json:"deploymentConfiguration,omitempty"`
	DeploymentController          *DeploymentController          `json:"deploymentController,omitempty"`
	DesiredCount                  *int                           `json:"desiredCount,omitempty"`
	EnableECSManagedTags          bool                           `json:"enableECSManagedTags,omitempty"`
	EnableExecuteCommand          bool                           `json:"enableExecuteCommand,omitempty"`
	GatewayConnectors             []GatewayConnector             `json:"gatewayConnectors,omitempty"`
	HealthCheckGracePeriodSeconds *int                           `json:"healthCheckGracePeriodSeconds,omitempty"`
	LaunchType                    string                         `json:"launchType,omitempty"`
	LoadBalancers                 []LoadBalancer                 `json:"loadBalancers,omitempty"`
	Monitoring                    *MonitoringConfiguration       `json:"monitoring,omitempty"`
	NetworkConfiguration          *NetworkConfiguration          `json:"networkConfiguration,omitempty"`
	PlacementConstraints          []PlacementConstraint          `json:"placementConstraints,omitempty"`
	PlacementStrategy             []PlacementStrategy            `json:"placementStrategy,omitempty"`
	PlatformVersion               string                         `json:"platformVersion,omitempty"`
	PropagateTags                 string                         `json:"propagateTags,omitempty"`
	Role                          string                         `json:"role,omitempty"`
	SchedulingStrategy            string                         `json:"schedulingStrategy,omitempty"`
	ServiceConnectConfiguration   *ServiceConnectConfiguration   `json:"serviceConnectConfiguration,omitempty"`
	ServiceRegistries             []ServiceRegistry              `json:"serviceRegistries,omitempty"`
	Tags                          []Tag                          `json:"tags,omitempty"`
	TaskDefinition                string                         `json:"taskDefinition,omitempty"`
	VolumeConfigurations          []ServiceVolumeConfiguration   `json:"volumeConfigurations,omitempty"`
	VpcLatticeConfigurations      []VpcLatticeConfiguration      `json:"vpcLatticeConfigurations,omitempty"`
}

// DeploymentController is who deploys. Only ECS is supported.
type DeploymentController struct {
	Type string `json:"type,omitempty"`
}

// PlacementConstraint is kept and shown again: see the Amazon ECS API reference.
type PlacementConstraint struct {
	Expression string `json:"expression,omitempty"`
	Type       string `json:"type,omitempty"`
}

// PlacementStrategy is kept and shown again: see the Amazon ECS API reference.
type PlacementStrategy struct {
	Field string `json:"field,omitempty"`
	Type  string `json:"type,omitempty"`
}

// CreateServiceOutput is the answer of CreateService.
type CreateServiceOutput struct {
	Service *ServiceDescription `json:"service,omitempty"`
}

// ServiceDescription is a service as DescribeServices shows it.
type ServiceDescription struct {
	AvailabilityZoneRebalancing   string                          `json:"availabilityZoneRebalancing,omitempty"`
	CapacityProviderStrategy      []CapacityProviderStrategyItem  `json:"capacityProviderStrategy,omitempty"`
	ClusterArn                    string                          `json:"clusterArn,omitempty"`
	CreatedAt                     *wire.Epoch                     `json:"createdAt,omitempty"`
	CurrentServiceDeployment      string                          `json:"currentServiceDeployment,omitempty"`
	CurrentServiceRevisions       []ServiceCurrentRevisionSummary `json:"currentServiceRevisions,omitempty"`
	DeploymentConfiguration       *DeploymentConfiguration        `json:"deploymentConfiguration,omitempty"`
	DeploymentController          *DeploymentController           `json:"deploymentController,omitempty"`
	Deployments                   []Deployment                    `json:"deployments"`
	DesiredCount                  int                             `json:"desiredCount"`
	EnableECSManagedTags          bool                            `json:"enableECSManagedTags"`
	EnableExecuteCommand          bool                            `json:"enableExecuteCommand"`
	Events                        []ServiceEvent                  `json:"events"`
	HealthCheckGracePeriodSeconds *int                            `json:"healthCheckGracePeriodSeconds,omitempty"`
	LaunchType                    string                          `json:"launchType,omitempty"`
	LoadBalancers                 []LoadBalancer                  `json:"loadBalancers"`
	NetworkConfiguration          *NetworkConfiguration           `json:"networkConfiguration,omitempty"`
	PendingCount                  int                             `json:"pendingCount"`
	PlacementConstraints          []PlacementConstraint           `json:"placementConstraints,omitempty"`
	PlacementStrategy             []PlacementStrategy             `json:"placementStrategy,omitempty"`
	PlatformFamily                string                          `json:"platformFamily,omitempty"`
	PlatformVersion               string                          `json:"platformVersion,omitempty"`
	PropagateTags                 string                          `json:"propagateTags,omitempty"`
	RoleArn                       string                          `json:"roleArn,omitempty"`
	RunningCount                  int                             `json:"runningCount"`
	SchedulingStrategy            string                          `json:"schedulingStrategy,omitempty"`
	ServiceArn                    string                          `json:"serviceArn,omitempty"`
	ServiceName                   string                          `json:"serviceName,omitempty"`
	ServiceRegistries             []ServiceRegistry               `json:"serviceRegistries,omitempty"`
	Status                        string                          `json:"status,omitempty"`
	Tags                          []Tag                           `json:"tags,omitempty"`
	TaskDefinition                string                          `json:"taskDefinition,omitempty"`
}

// ServiceCurrentRevisionSummary counts the tasks of a service revision that runs.
type ServiceCurrentRevisionSummary struct {
	Arn                string `json:"arn,omitempty"`
	PendingTaskCount   int    `json:"pendingTaskCount"`
	RequestedTaskCount int    `json:"requestedTaskCount"`
	RunningTaskCount   int    `json:"runningTaskCount"`
}

// Deployment is one deployment of a service: the PRIMARY one, or an ACTIVE one that is
// being replaced.
type Deployment struct {
	CapacityProviderStrategy    []CapacityProviderStrategyItem `json:"capacityProviderStrategy,omitempty"`
	CreatedAt                   *wire.Epoch                    `json:"createdAt,omitempty"`
	DesiredCount                int                            `json:"desiredCount"`
	FailedTasks                 int                            `json:"failedTasks"`
	Id                          string                         `json:"id,omitempty"`
	LaunchType                  string                         `json:"launchType,omitempty"`
	NetworkConfiguration        *NetworkConfiguration          `json:"networkConfiguration,omitempty"`
	PendingCount                int                            `json:"pendingCount"`
	PlatformFamily              string                         `json:"platformFamily,omitempty"`
	PlatformVersion             string                         `json:"platformVersion,omitempty"`
	RolloutState                string                         `json:"rolloutState,omitempty"`
	RolloutStateReason          string                         `json:"rolloutStateReason,omitempty"`
	RunningCount                int                            `json:"runningCount"`
	ServiceConnectConfiguration *ServiceConnectConfiguration   `json:"serviceConnectConfiguration,omitempty"`
	Status                      string                         `json:"status,omitempty"`
	TaskDefinition              string                         `json:"taskDefinition,omitempty"`
	UpdatedAt                   *wire.Epoch                    `json:"updatedAt,omitempty"`
	VolumeConfigurations        []ServiceVolumeConfiguration   `json:"volumeConfigurations,omitempty"`
	VpcLatticeConfigurations    []VpcLatticeConfiguration      `json:"vpcLatticeConfigurations,omitempty"`
}

// ServiceEvent is one line of a service's history.
type ServiceEvent struct {
	CreatedAt *wire.Epoch `json:"createdAt,omitempty"`
	Id        string      `json:"id,omitempty"`
	Message   string      `json:"message,omitempty"`
}

// UpdateServiceInput is the request of UpdateService.
type UpdateServiceInput struct {
	Service                       string                         `json:"service,omitempty"`
	AvailabilityZoneRebalancing   string                         `json:"availabilityZoneRebalancing,omitempty"`
	CapacityProviderStrategy      []CapacityProviderStrategyItem `json:"capacityProviderStrategy,omitempty"`
	Cluster                       string                         `json:"cluster,omitempty"`
	DeploymentConfiguration       *DeploymentConfiguration       `json:"deploymentConfiguration,omitempty"`
	DeploymentController          *DeploymentController          `json:"deploymentController,omitempty"`
	DesiredCount                  *int                           `json:"desiredCount,omitempty"`
	EnableECSManagedTags          *bool                          `json:"enableECSManagedTags,omitempty"`
	EnableExecuteCommand          *bool                          `json:"enableExecuteCommand,omitempty"`
	ForceNewDeployment            bool                           `json:"forceNewDeployment,omitempty"`
	GatewayConnectors             []GatewayConnector             `json:"gatewayConnectors,omitempty"`
	HealthCheckGracePeriodSeconds *int                           `json:"healthCheckGracePeriodSeconds,omitempty"`
	LoadBalancers                 []LoadBalancer                 `json:"loadBalancers,omitempty"`
	Monitoring                    *MonitoringConfiguration       `json:"monitoring,omitempty"`
	NetworkConfiguration          *NetworkConfiguration          `json:"networkConfiguration,omitempty"`
	PlacementConstraints          []PlacementConstraint          `json:"placementConstraints,omitempty"`
	PlacementStrategy             []PlacementStrategy            `json:"placementStrategy,omitempty"`
	PlatformVersion               string                         `json:"platformVersion,omitempty"`
	PropagateTags                 string                         `json:"propagateTags,omitempty"`
	ServiceConnectConfiguration   *ServiceConnectConfiguration   `json:"serviceConnectConfiguration,omitempty"`
	ServiceRegistries             []ServiceRegistry              `json:"serviceRegistries,omitempty"`
	TaskDefinition                string                         `json:"taskDefinition,omitempty"`
	VolumeConfigurations          []ServiceVolumeConfiguration   `json:"volumeConfigurations,omitempty"`
	VpcLatticeConfigurations      []VpcLatticeConfiguration      `json:"vpcLatticeConfigurations,omitempty"`
}

// UpdateServiceOutput is the answer of UpdateService.
type UpdateServiceOutput struct {
	Service *ServiceDescription `json:"service,omitempty"`
}

// DeleteServiceInput is the request of DeleteService.
type DeleteServiceInput struct {
	Service string `json:"service,omitempty"`
	Cluster string `json:"cluster,omitempty"`
	Force   *bool  `json:"force,omitempty"`
}

// DeleteServiceOutput is the answer of DeleteService.
type DeleteServiceOutput struct {
	Service *ServiceDescription `json:"service,omitempty"`
}

// DescribeServicesInput is the request of DescribeServices.
type DescribeServicesInput struct {
	Services []string `json:"services,omitempty"`
	Cluster  string   `json:"cluster,omitempty"`
	Include  []string `json:"include,omitempty"`
}

// DescribeServicesOutput is the answer of DescribeServices.
type DescribeServicesOutput struct {
	Failures []Failure            `json:"failures"`
	Services []ServiceDescription `json:"services"`
}

// ListServicesInput is the request of ListServices.
type ListServicesInput struct {
	Cluster                string `json:"cluster,omitempty"`
	LaunchType             string `json:"launchType,omitempty"`
	MaxResults             *int   `json:"maxResults,omitempty"`
	NextToken              string `json:"nextToken,omitempty"`
	ResourceManagementType string `json:"resourceManagementType,omitempty"`
	SchedulingStrategy     string `json:"schedulingStrategy,omitempty"`
}

// ListServicesOutput is the answer of ListServices.
type ListServicesOutput struct {
	NextToken   string   `json:"nextToken,omitempty"`
	ServiceArns []string `json:"serviceArns"`
}
