package ecs

import "github.com/slipway-go/slipway/emulator/internal/wire"

// DeploymentConfiguration is how a service replaces its tasks: ROLLING, or with a shift
// of traffic, BLUE_GREEN, LINEAR or CANARY.
type DeploymentConfiguration struct {
	Alarms                   *DeploymentAlarms               `json:"alarms,omitempty"`
	BakeTimeInMinutes        *int                            `json:"bakeTimeInMinutes,omitempty"`
	CanaryConfiguration      *CanaryConfiguration            `json:"canaryConfiguration,omitempty"`
	DeploymentCircuitBreaker *DeploymentCircuitBreaker       `json:"deploymentCircuitBreaker,omitempty"`
	EarlySuccessCriteria     *DeploymentEarlySuccessCriteria `json:"earlySuccessCriteria,omitempty"`
	LifecycleHooks           []DeploymentLifecycleHook       `json:"lifecycleHooks,omitempty"`
	LinearConfiguration      *LinearConfiguration            `json:"linearConfiguration,omitempty"`
	MaximumPercent           *int                            `json:"maximumPercent,omitempty"`
	MinimumHealthyPercent    *int                            `json:"minimumHealthyPercent,omitempty"`
	Strategy                 string                          `json:"strategy,omitempty"`
}

// DeploymentAlarms are the CloudWatch alarms that end a deployment. The emulator has no
// metrics: an alarm goes off by [Service.SetAlarm] only, and the bake time that AWS
// computes from alarms for the strategy ROLLING is none.
type DeploymentAlarms struct {
	AlarmNames []string `json:"alarmNames,omitempty"`
	Enable     bool     `json:"enable,omitempty"`
	Rollback   bool     `json:"rollback,omitempty"`
}

// CanaryConfiguration belongs to the strategy CANARY: a part of the traffic is shifted,
// and the rest after a bake time. Default: 5 percent, 10 minutes.
type CanaryConfiguration struct {
	CanaryBakeTimeInMinutes *int     `json:"canaryBakeTimeInMinutes,omitempty"`
	CanaryPercent           *float64 `json:"canaryPercent,omitempty"`
}

// DeploymentCircuitBreaker ends a deployment whose tasks keep failing.
type DeploymentCircuitBreaker struct {
	Enable                 bool                    `json:"enable"`
	Rollback               bool                    `json:"rollback"`
	ResetOnHealthyTask     *bool                   `json:"resetOnHealthyTask,omitempty"`
	ThresholdConfiguration *ThresholdConfiguration `json:"thresholdConfiguration,omitempty"`
}

// ThresholdConfiguration is how many failed tasks open the circuit breaker.
// Default: BOUNDED_PERCENT 50, which is half of the desired count within 3 and 200.
type ThresholdConfiguration struct {
	Type  string `json:"type,omitempty"`
	Value int    `json:"value,omitempty"`
}

// DeploymentEarlySuccessCriteria ends a deployment before all tasks are healthy;
// refused when enabled.
type DeploymentEarlySuccessCriteria struct {
	Enable                       bool   `json:"enable,omitempty"`
	HealthyPercent               *int   `json:"healthyPercent,omitempty"`
	SourceServiceRevisionCleanup string `json:"sourceServiceRevisionCleanup,omitempty"`
}

// DeploymentLifecycleHook holds a deployment that shifts traffic at lifecycle stages.
// Only the target type PAUSE is supported.
type DeploymentLifecycleHook struct {
	HookDetails          any                                          `json:"hookDetails,omitempty"`
	HookTargetArn        string                                       `json:"hookTargetArn,omitempty"`
	LifecycleStages      []string                                     `json:"lifecycleStages,omitempty"`
	RoleArn              string                                       `json:"roleArn,omitempty"`
	TargetType           string                                       `json:"targetType,omitempty"`
	TimeoutConfiguration *DeploymentLifecycleHookTimeoutConfiguration `json:"timeoutConfiguration,omitempty"`
}

// DeploymentLifecycleHookTimeoutConfiguration bounds a lifecycle hook.
type DeploymentLifecycleHookTimeoutConfiguration struct {
	Action           string `json:"action,omitempty"`
	TimeoutInMinutes *int   `json:"timeoutInMinutes,omitempty"`
}

// LinearConfiguration belongs to the strategy LINEAR: the traffic is shifted in equal
// steps, with a bake time between two. Default: 10 percent, 6 minutes.
type LinearConfiguration struct {
	StepBakeTimeInMinutes *int     `json:"stepBakeTimeInMinutes,omitempty"`
	StepPercent           *float64 `json:"stepPercent,omitempty"`
}

// ListServiceDeploymentsInput is the request of ListServiceDeployments.
type ListServiceDeploymentsInput struct {
	Service    string     `json:"service,omitempty"`
	Cluster    string     `json:"cluster,omitempty"`
	CreatedAt  *CreatedAt `json:"createdAt,omitempty"`
	MaxResults *int       `json:"maxResults,omitempty"`
	NextToken  string     `json:"nextToken,omitempty"`
	Status     []string   `json:"status,omitempty"`
}

// CreatedAt is kept and shown again: see the Amazon ECS API reference.
type CreatedAt struct {
	After  *wire.Epoch `json:"after,omitempty"`
	Before *wire.Epoch `json:"before,omitempty"`
}

// ListServiceDeploymentsOutput is the answer of ListServiceDeployments.
type ListServiceDeploymentsOutput struct {
	NextToken          string                   `json:"nextToken,omitempty"`
	ServiceDeployments []ServiceDeploymentBrief `json:"serviceDeployments"`
}

// ServiceDeploymentBrief is a line of ListServiceDeployments.
type ServiceDeploymentBrief struct {
	ClusterArn               string      `json:"clusterArn,omitempty"`
	CreatedAt                *wire.Epoch `json:"createdAt,omitempty"`
	FinishedAt               *wire.Epoch `json:"finishedAt,omitempty"`
	ServiceArn               string      `json:"serviceArn,omitempty"`
	ServiceDeploymentArn     string      `json:"serviceDeploymentArn,omitempty"`
	StartedAt                *wire.Epoch `json:"startedAt,omitempty"`
	Status                   string      `json:"status,omitempty"`
	StatusReason             string      `json:"statusReason,omitempty"`
	TargetServiceRevisionArn string      `json:"targetServiceRevisionArn,omitempty"`
}

// DescribeServiceDeploymentsInput is the request of DescribeServiceDeployments.
type DescribeServiceDeploymentsInput struct {
	ServiceDeploymentArns []string `json:"serviceDeploymentArns,omitempty"`
}

// DescribeServiceDeploymentsOutput is the answer of DescribeServiceDeployments.
type DescribeServiceDeploymentsOutput struct {
	Failures           []Failure           `json:"failures"`
	ServiceDeployments []ServiceDeployment `json:"serviceDeployments"`
}

// ServiceDeployment is one rollout of a service, its rollback included.
type ServiceDeployment struct {
	Alarms                   *ServiceDeploymentAlarms         `json:"alarms,omitempty"`
	ClusterArn               string                           `json:"clusterArn,omitempty"`
	CreatedAt                *wire.Epoch                      `json:"createdAt,omitempty"`
	DeploymentCircuitBreaker *ServiceDeploymentCircuitBreaker `json:"deploymentCircuitBreaker,omitempty"`
	DeploymentConfiguration  *DeploymentConfiguration         `json:"deploymentConfiguration,omitempty"`
	FinishedAt               *wire.Epoch                      `json:"finishedAt,omitempty"`
	LifecycleHookDetails     []DeploymentLifecycleHookDetail  `json:"lifecycleHookDetails,omitempty"`
	LifecycleStage           string                           `json:"lifecycleStage,omitempty"`
	Rollback                 *Rollback                        `json:"rollback,omitempty"`
	ServiceArn               string                           `json:"serviceArn,omitempty"`
	ServiceDeploymentArn     string                           `json:"serviceDeploymentArn,omitempty"`
	SourceServiceRevisions   []ServiceRevisionSummary         `json:"sourceServiceRevisions,omitempty"`
	StartedAt                *wire.Epoch                      `json:"startedAt,omitempty"`
	Status                   string                           `json:"status,omitempty"`
	StatusReason             string                           `json:"statusReason,omitempty"`
	StoppedAt                *wire.Epoch                      `json:"stoppedAt,omitempty"`
	TargetServiceRevision    *ServiceRevisionSummary          `json:"targetServiceRevision,omitempty"`
	UpdatedAt                *wire.Epoch                      `json:"updatedAt,omitempty"`
}

// ServiceDeploymentAlarms are the CloudWatch alarms that a service deployment watches.
type ServiceDeploymentAlarms struct {
	AlarmNames          []string `json:"alarmNames,omitempty"`
	Status              string   `json:"status,omitempty"`
	TriggeredAlarmNames []string `json:"triggeredAlarmNames,omitempty"`
}

// ServiceDeploymentCircuitBreaker is how far a service deployment is from failing.
type ServiceDeploymentCircuitBreaker struct {
	FailureCount int    `json:"failureCount"`
	Status       string `json:"status,omitempty"`
	Threshold    int    `json:"threshold"`
}

// Rollback says why and to which revision a service deployment went back.
type Rollback struct {
	Reason             string      `json:"reason,omitempty"`
	ServiceRevisionArn string      `json:"serviceRevisionArn,omitempty"`
	StartedAt          *wire.Epoch `json:"startedAt,omitempty"`
}

// ServiceRevisionSummary counts the tasks of a service revision, and tells its percent of
// the traffic where a deployment shifts it.
type ServiceRevisionSummary struct {
	Arn                              string   `json:"arn,omitempty"`
	PendingTaskCount                 int      `json:"pendingTaskCount"`
	RequestedProductionTrafficWeight *float64 `json:"requestedProductionTrafficWeight,omitempty"`
	RequestedTaskCount               int      `json:"requestedTaskCount"`
	RequestedTestTrafficWeight       *float64 `json:"requestedTestTrafficWeight,omitempty"`
	RunningTaskCount                 int      `json:"runningTaskCount"`
}

// DeploymentLifecycleHookDetail is a lifecycle hook that a deployment has reached.
type DeploymentLifecycleHookDetail struct {
	ExpiresAt     *wire.Epoch `json:"expiresAt,omitempty"`
	HookId        string      `json:"hookId,omitempty"`
	Status        string      `json:"status,omitempty"`
	TargetArn     string      `json:"targetArn,omitempty"`
	TargetType    string      `json:"targetType,omitempty"`
	TimeoutAction string      `json:"timeoutAction,omitempty"`
}

// ContinueServiceDeploymentInput is the request of ContinueServiceDeployment.
type ContinueServiceDeploymentInput struct {
	Action               string `json:"action,omitempty"`
	HookId               string `json:"hookId,omitempty"`
	ServiceDeploymentArn string `json:"serviceDeploymentArn,omitempty"`
}

// ContinueServiceDeploymentOutput is the answer of ContinueServiceDeployment.
type ContinueServiceDeploymentOutput struct {
	ServiceDeploymentArn string `json:"serviceDeploymentArn,omitempty"`
}

// StopServiceDeploymentInput is the request of StopServiceDeployment.
type StopServiceDeploymentInput struct {
	ServiceDeploymentArn string `json:"serviceDeploymentArn,omitempty"`
	StopType             string `json:"stopType,omitempty"`
}

// StopServiceDeploymentOutput is the answer of StopServiceDeployment.
type StopServiceDeploymentOutput struct {
	ServiceDeploymentArn string `json:"serviceDeploymentArn,omitempty"`
}

// DescribeServiceRevisionsInput is the request of DescribeServiceRevisions.
type DescribeServiceRevisionsInput struct {
	ServiceRevisionArns []string `json:"serviceRevisionArns,omitempty"`
}

// DescribeServiceRevisionsOutput is the answer of DescribeServiceRevisions.
type DescribeServiceRevisionsOutput struct {
	Failures         []Failure         `json:"failures"`
	ServiceRevisions []ServiceRevision `json:"serviceRevisions"`
}

// ServiceRevision is what a service deployment deploys, with the digests that its
// images were resolved to.
type ServiceRevision struct {
	CapacityProviderStrategy    []CapacityProviderStrategyItem `json:"capacityProviderStrategy,omitempty"`
	ClusterArn                  string                         `json:"clusterArn,omitempty"`
	ContainerImages             []ContainerImage               `json:"containerImages"`
	CreatedAt                   *wire.Epoch                    `json:"createdAt,omitempty"`
	GatewayConnectors           []GatewayConnector             `json:"gatewayConnectors,omitempty"`
	LaunchType                  string                         `json:"launchType,omitempty"`
	LoadBalancers               []LoadBalancer                 `json:"loadBalancers,omitempty"`
	Monitoring                  *MonitoringConfiguration       `json:"monitoring,omitempty"`
	NetworkConfiguration        *NetworkConfiguration          `json:"networkConfiguration,omitempty"`
	PlatformFamily              string                         `json:"platformFamily,omitempty"`
	PlatformVersion             string                         `json:"platformVersion,omitempty"`
	ResolvedConfiguration       *ResolvedConfiguration         `json:"resolvedConfiguration,omitempty"`
	ServiceArn                  string                         `json:"serviceArn,omitempty"`
	ServiceConnectConfiguration *ServiceConnectConfiguration   `json:"serviceConnectConfiguration,omitempty"`
	ServiceRegistries           []ServiceRegistry              `json:"serviceRegistries,omitempty"`
	ServiceRevisionArn          string                         `json:"serviceRevisionArn,omitempty"`
	TaskDefinition              string                         `json:"taskDefinition,omitempty"`
	VolumeConfigurations        []ServiceVolumeConfiguration   `json:"volumeConfigurations,omitempty"`
	VpcLatticeConfigurations    []VpcLatticeConfiguration      `json:"vpcLatticeConfigurations,omitempty"`
}

// ResolvedConfiguration is what a service revision really uses.
type ResolvedConfiguration struct {
	LoadBalancers []ServiceRevisionLoadBalancer `json:"loadBalancers"`
}

// ServiceRevisionLoadBalancer is the target group that the tasks of a service revision
// are in, and the rule that brings it production traffic.
type ServiceRevisionLoadBalancer struct {
	ProductionListenerRule string `json:"productionListenerRule,omitempty"`
	TargetGroupArn         string `json:"targetGroupArn,omitempty"`
}

// ContainerImage is the image that a container of a service revision runs.
type ContainerImage struct {
	ContainerName string `json:"containerName,omitempty"`
	Image         string `json:"image,omitempty"`
	ImageDigest   string `json:"imageDigest,omitempty"`
}

// LoadBalancer names the container port that the targets of a target group are.
type LoadBalancer struct {
	AdvancedConfiguration *AdvancedConfiguration `json:"advancedConfiguration,omitempty"`
	ContainerName         string                 `json:"containerName,omitempty"`
	ContainerPort         *int                   `json:"containerPort,omitempty"`
	LoadBalancerName      string                 `json:"loadBalancerName,omitempty"`
	TargetGroupArn        string                 `json:"targetGroupArn,omitempty"`
}

// AdvancedConfiguration is what a deployment shifts traffic with: between the target
// group of its load balancer and the alternate one.
type AdvancedConfiguration struct {
	AlternateTargetGroupArn string `json:"alternateTargetGroupArn,omitempty"`
	ProductionListenerRule  string `json:"productionListenerRule,omitempty"`
	RoleArn                 string `json:"roleArn,omitempty"`
	TestListenerRule        string `json:"testListenerRule,omitempty"`
}

// ServiceRegistry names a Cloud Map service; kept only.
type ServiceRegistry struct {
	ContainerName string `json:"containerName,omitempty"`
	ContainerPort *int   `json:"containerPort,omitempty"`
	Port          *int   `json:"port,omitempty"`
	RegistryArn   string `json:"registryArn,omitempty"`
}
