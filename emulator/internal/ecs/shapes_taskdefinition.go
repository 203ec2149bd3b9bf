package ecs

import "github.com/slipway-go/slipway/emulator/internal/wire"

// RegisterTaskDefinitionInput is the request of RegisterTaskDefinition.
type RegisterTaskDefinitionInput struct {
	ContainerDefinitions    []ContainerDefinition               `json:"containerDefinitions,omitempty"`
	Family                  string                              `json:"family,omitempty"`
	Cpu                     string                              `json:"cpu,omitempty"`
	EnableFaultInjection    *bool                               `json:"enableFaultInjection,omitempty"`
	EphemeralStorage        *EphemeralStorage                   `json:"ephemeralStorage,omitempty"`
	ExecutionRoleArn        string                              `json:"executionRoleArn,omitempty"`
	InferenceAccelerators   []InferenceAccelerator              `json:"inferenceAccelerators,omitempty"`
	IpcMode                 string                              `json:"ipcMode,omitempty"`
	Memory                  string                              `json:"memory,omitempty"`
	NetworkMode             string                              `json:"networkMode,omitempty"`
	PidMode                 string                              `json:"pidMode,omitempty"`
	PlacementConstraints    []TaskDefinitionPlacementConstraint `json:"placementConstraints,omitempty"`
	ProxyConfiguration      *ProxyConfiguration                 `json:"proxyConfiguration,omitempty"`
	RequiresCompatibilities []string                            `json:"requiresCompatibilities,omitempty"`
	RuntimePlatform         *RuntimePlatform                    `json:"runtimePlatform,omitempty"`
	Tags                    []Tag                               `json:"tags,omitempty"`
	TaskRoleArn             string                              `json:"taskRoleArn,omitempty"`
	Volumes                 []Volume                            `json:"volumes,omitempty"`
}

// EphemeralStorage is kept and shown again: see the Amazon ECS API reference.
type EphemeralStorage struct {
	SizeInGiB int `json:"sizeInGiB,omitempty"`
}

// InferenceAccelerator is kept and shown again: see the Amazon ECS API reference.
type InferenceAccelerator struct {
	DeviceName string `json:"deviceName,omitempty"`
	DeviceType string `json:"deviceType,omitempty"`
}

// TaskDefinitionPlacementConstraint is kept and shown again: see the Amazon ECS API
// reference.
type TaskDefinitionPlacementConstraint struct {
	Expression string `json:"expression,omitempty"`
	Type       string `json:"type,omitempty"`
}

// ProxyConfiguration is kept and shown again: see the Amazon ECS API reference.
type ProxyConfiguration struct {
	ContainerName string         `json:"containerName,omitempty"`
	Properties    []KeyValuePair `json:"properties,omitempty"`
	Type          string         `json:"type,omitempty"`
}

// RuntimePlatform is kept and shown again: see the Amazon ECS API reference.
type RuntimePlatform struct {
	CpuArchitecture       string `json:"cpuArchitecture,omitempty"`
	OperatingSystemFamily string `json:"operatingSystemFamily,omitempty"`
}

// Volume is kept and shown again: see the Amazon ECS API reference.
type Volume struct {
	ConfiguredAtLaunch                      *bool                                    `json:"configuredAtLaunch,omitempty"`
	DockerVolumeConfiguration               *DockerVolumeConfiguration               `json:"dockerVolumeConfiguration,omitempty"`
	EFSVolumeConfiguration                  *EFSVolumeConfiguration                  `json:"efsVolumeConfiguration,omitempty"`
	FSxWindowsFileServerVolumeConfiguration *FSxWindowsFileServerVolumeConfiguration `json:"fsxWindowsFileServerVolumeConfiguration,omitempty"`
	Host                                    *HostVolumeProperties                    `json:"host,omitempty"`
	Name                                    string                                   `json:"name,omitempty"`
	S3FilesVolumeConfiguration              *S3FilesVolumeConfiguration              `json:"s3filesVolumeConfiguration,omitempty"`
}

// DockerVolumeConfiguration is kept and shown again: see the Amazon ECS API reference.
type DockerVolumeConfiguration struct {
	Autoprovision *bool             `json:"autoprovision,omitempty"`
	Driver        string            `json:"driver,omitempty"`
	DriverOpts    map[string]string `json:"driverOpts,omitempty"`
	Labels        map[string]string `json:"labels,omitempty"`
	Scope         string            `json:"scope,omitempty"`
}

// EFSVolumeConfiguration is kept and shown again: see the Amazon ECS API reference.
type EFSVolumeConfiguration struct {
	FileSystemId          string                  `json:"fileSystemId,omitempty"`
	AuthorizationConfig   *EFSAuthorizationConfig `json:"authorizationConfig,omitempty"`
	RootDirectory         string                  `json:"rootDirectory,omitempty"`
	TransitEncryption     string                  `json:"transitEncryption,omitempty"`
	TransitEncryptionPort *int                    `json:"transitEncryptionPort,omitempty"`
}

// EFSAuthorizationConfig is kept and shown again: see the Amazon ECS API reference.
type EFSAuthorizationConfig struct {
	AccessPointId string `json:"accessPointId,omitempty"`
	Iam           string `json:"iam,omitempty"`
}

// FSxWindowsFileServerVolumeConfiguration is kept and shown again: see the Amazon ECS
// API reference.
type FSxWindowsFileServerVolumeConfiguration struct {
	AuthorizationConfig *FSxWindowsFileServerAuthorizationConfig `json:"authorizationConfig,omitempty"`
	FileSystemId        string                                   `json:"fileSystemId,omitempty"`
	RootDirectory       string                                   `json:"rootDirectory,omitempty"`
}

// FSxWindowsFileServerAuthorizationConfig is kept and shown again: see the Amazon ECS
// API reference.
type FSxWindowsFileServerAuthorizationConfig struct {
	CredentialsParameter string `json:"credentialsParameter,omitempty"`
	Domain               string `json:"domain,omitempty"`
}

// HostVolumeProperties is kept and shown again: see the Amazon ECS API reference.
type HostVolumeProperties struct {
	SourcePath string `json:"sourcePath,omitempty"`
}

// S3FilesVolumeConfiguration is kept and shown again: see the Amazon ECS API reference.
type S3FilesVolumeConfiguration struct {
	FileSystemArn         string `json:"fileSystemArn,omitempty"`
	AccessPointArn        string `json:"accessPointArn,omitempty"`
	RootDirectory         string `json:"rootDirectory,omitempty"`
	TransitEncryptionPort *int   `json:"transitEncryptionPort,omitempty"`
}

// RegisterTaskDefinitionOutput is the answer of RegisterTaskDefinition.
type RegisterTaskDefinitionOutput struct {
	Tags           []Tag           `json:"tags,omitempty"`
	TaskDefinition *TaskDefinition `json:"taskDefinition,omitempty"`
}

// TaskDefinition is one revision of a family.
type TaskDefinition struct {
	Compatibilities         []string                            `json:"compatibilities,omitempty"`
	ContainerDefinitions    []ContainerDefinition               `json:"containerDefinitions"`
	Cpu                     string                              `json:"cpu,omitempty"`
	DeleteRequestedAt       *wire.Epoch                         `json:"deleteRequestedAt,omitempty"`
	DeregisteredAt          *wire.Epoch                         `json:"deregisteredAt,omitempty"`
	EnableFaultInjection    *bool                               `json:"enableFaultInjection,omitempty"`
	EphemeralStorage        *EphemeralStorage                   `json:"ephemeralStorage,omitempty"`
	ExecutionRoleArn        string                              `json:"executionRoleArn,omitempty"`
	Family                  string                              `json:"family,omitempty"`
	InferenceAccelerators   []InferenceAccelerator              `json:"inferenceAccelerators,omitempty"`
	IpcMode                 string                              `json:"ipcMode,omitempty"`
	Memory                  string                              `json:"memory,omitempty"`
	NetworkMode             string                              `json:"networkMode,omitempty"`
	PidMode                 string                              `json:"pidMode,omitempty"`
	PlacementConstraints    []TaskDefinitionPlacementConstraint `json:"placementConstraints,omitempty"`
	ProxyConfiguration      *ProxyConfiguration                 `json:"proxyConfiguration,omitempty"`
	RegisteredAt            *wire.Epoch                         `json:"registeredAt,omitempty"`
	RegisteredBy            string                              `json:"registeredBy,omitempty"`
	RequiresCompatibilities []string                            `json:"requiresCompatibilities,omitempty"`
	Revision                int                                 `json:"revision,omitempty"`
	RuntimePlatform         *RuntimePlatform                    `json:"runtimePlatform,omitempty"`
	Status                  string                              `json:"status,omitempty"`
	TaskDefinitionArn       string                              `json:"taskDefinitionArn,omitempty"`
	TaskRoleArn             string                              `json:"taskRoleArn,omitempty"`
	Volumes                 []Volume                            `json:"volumes,omitempty"`
}

// DescribeTaskDefinitionInput is the request of DescribeTaskDefinition.
type DescribeTaskDefinitionInput struct {
	TaskDefinition string   `json:"taskDefinition,omitempty"`
	Include        []string `json:"include,omitempty"`
}

// DescribeTaskDefinitionOutput is the answer of DescribeTaskDefinition.
type DescribeTaskDefinitionOutput struct {
	Tags           []Tag           `json:"tags,omitempty"`
	TaskDefinition *TaskDefinition `json:"taskDefinition,omitempty"`
}

// ListTaskDefinitionsInput is the request of ListTaskDefinitions.
type ListTaskDefinitionsInput struct {
	FamilyPrefix string `json:"familyPrefix,omitempty"`
	MaxResults   *int   `json:"maxResults,omitempty"`
	NextToken    string `json:"nextToken,omitempty"`
	Sort         string `json:"sort,omitempty"`
	Status       string `json:"status,omitempty"`
}

// ListTaskDefinitionsOutput is the answer of ListTaskDefinitions.
type ListTaskDefinitionsOutput struct {
	NextToken          string   `json:"nextToken,omitempty"`
	TaskDefinitionArns []string `json:"taskDefinitionArns"`
}

// ListTaskDefinitionFamiliesInput is the request of ListTaskDefinitionFamilies.
type ListTaskDefinitionFamiliesInput struct {
	FamilyPrefix string `json:"familyPrefix,omitempty"`
	MaxResults   *int   `json:"maxResults,omitempty"`
	NextToken    string `json:"nextToken,omitempty"`
	Status       string `json:"status,omitempty"`
}

// ListTaskDefinitionFamiliesOutput is the answer of ListTaskDefinitionFamilies.
type ListTaskDefinitionFamiliesOutput struct {
	Families  []string `json:"families"`
	NextToken string   `json:"nextToken,omitempty"`
}

// DeregisterTaskDefinitionInput is the request of DeregisterTaskDefinition.
type DeregisterTaskDefinitionInput struct {
	TaskDefinition string `json:"taskDefinition,omitempty"`
}

// DeregisterTaskDefinitionOutput is the answer of DeregisterTaskDefinition.
type DeregisterTaskDefinitionOutput struct {
	TaskDefinition *TaskDefinition `json:"taskDefinition,omitempty"`
}

// DeleteTaskDefinitionsInput is the request of DeleteTaskDefinitions.
type DeleteTaskDefinitionsInput struct {
	TaskDefinitions []string `json:"taskDefinitions,omitempty"`
}

// DeleteTaskDefinitionsOutput is the answer of DeleteTaskDefinitions.
type DeleteTaskDefinitionsOutput struct {
	Failures        []Failure        `json:"failures"`
	TaskDefinitions []TaskDefinition `json:"taskDefinitions"`
}
