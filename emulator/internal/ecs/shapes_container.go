package ecs

// ContainerDefinition is one container of a task definition.
type ContainerDefinition struct {
	Command                []string                `json:"command,omitempty"`
	Cpu                    int                     `json:"cpu,omitempty"`
	CredentialSpecs        []string                `json:"credentialSpecs,omitempty"`
	DependsOn              []ContainerDependency   `json:"dependsOn,omitempty"`
	DisableNetworking      *bool                   `json:"disableNetworking,omitempty"`
	DnsSearchDomains       []string                `json:"dnsSearchDomains,omitempty"`
	DnsServers             []string                `json:"dnsServers,omitempty"`
	DockerLabels           map[string]string       `json:"dockerLabels,omitempty"`
	DockerSecurityOptions  []string                `json:"dockerSecurityOptions,omitempty"`
	EntryPoint             []string                `json:"entryPoint,omitempty"`
	Environment            []KeyValuePair          `json:"environment,omitempty"`
	EnvironmentFiles       []EnvironmentFile       `json:"environmentFiles,omitempty"`
	Essential              *bool                   `json:"essential,omitempty"`
	ExtraHosts             []HostEntry             `json:"extraHosts,omitempty"`
	FirelensConfiguration  *FirelensConfiguration  `json:"firelensConfiguration,omitempty"`
	HealthCheck            *HealthCheck            `json:"healthCheck,omitempty"`
	Hostname               string                  `json:"hostname,omitempty"`
	Image                  string                  `json:"image,omitempty"`
	Interactive            *bool                   `json:"interactive,omitempty"`
	Links                  []string                `json:"links,omitempty"`
	LinuxParameters        *LinuxParameters        `json:"linuxParameters,omitempty"`
	LogConfiguration       *LogConfiguration       `json:"logConfiguration,omitempty"`
	Memory                 *int                    `json:"memory,omitempty"`
	MemoryReservation      *int                    `json:"memoryReservation,omitempty"`
	MountPoints            []MountPoint            `json:"mountPoints,omitempty"`
	Name                   string                  `json:"name,omitempty"`
	PortMappings           []PortMapping           `json:"portMappings,omitempty"`
	Privileged             *bool                   `json:"privileged,omitempty"`
	PseudoTerminal         *bool                   `json:"pseudoTerminal,omitempty"`
	ReadonlyRootFilesystem *bool                   `json:"readonlyRootFilesystem,omitempty"`
	RepositoryCredentials  *RepositoryCredentials  `json:"repositoryCredentials,omitempty"`
	ResourceRequirements   []ResourceRequirement   `json:"resourceRequirements,omitempty"`
	RestartPolicy          *ContainerRestartPolicy `json:"restartPolicy,omitempty"`
	Secrets                []Secret                `json:"secrets,omitempty"`
	StartTimeout           *int                    `json:"startTimeout,omitempty"`
	StopTimeout            *int                    `json:"stopTimeout,omitempty"`
	SystemControls         []SystemControl         `json:"systemControls,omitempty"`
	Ulimits                []Ulimit                `json:"ulimits,omitempty"`
	User                   string                  `json:"user,omitempty"`
	VersionConsistency     string                  `json:"versionConsistency,omitempty"`
	VolumesFrom            []VolumeFrom            `json:"volumesFrom,omitempty"`
	WorkingDirectory       string                  `json:"workingDirectory,omitempty"`
}

// ContainerDependency lets a container start after another: START, HEALTHY, COMPLETE or
// SUCCESS.
type ContainerDependency struct {
	Condition     string `json:"condition,omitempty"`
	ContainerName string `json:"containerName,omitempty"`
}

// EnvironmentFile is kept and shown again: see the Amazon ECS API reference.
type EnvironmentFile struct {
	Type  string `json:"type,omitempty"`
	Value string `json:"value,omitempty"`
}

// HostEntry is kept and shown again: see the Amazon ECS API reference.
type HostEntry struct {
	Hostname  string `json:"hostname,omitempty"`
	IpAddress string `json:"ipAddress,omitempty"`
}

// FirelensConfiguration is kept and shown again: see the Amazon ECS API reference.
type FirelensConfiguration struct {
	Type    string            `json:"type,omitempty"`
	Options map[string]string `json:"options,omitempty"`
}

// HealthCheck is a command that tells whether a container is healthy; times are in
// seconds.
type HealthCheck struct {
	Command     []string `json:"command,omitempty"`
	Interval    *int     `json:"interval,omitempty"`
	Retries     *int     `json:"retries,omitempty"`
	StartPeriod *int     `json:"startPeriod,omitempty"`
	Timeout     *int     `json:"timeout,omitempty"`
}

// LinuxParameters is kept and shown again: see the Amazon ECS API reference.
type LinuxParameters struct {
	Capabilities       *KernelCapabilities `json:"capabilities,omitempty"`
	Devices            []Device            `json:"devices,omitempty"`
	InitProcessEnabled *bool               `json:"initProcessEnabled,omitempty"`
	MaxSwap            *int                `json:"maxSwap,omitempty"`
	SharedMemorySize   *int                `json:"sharedMemorySize,omitempty"`
	Swappiness         *int                `json:"swappiness,omitempty"`
	Tmpfs              []Tmpfs             `json:"tmpfs,omitempty"`
}

// KernelCapabilities is kept and shown again: see the Amazon ECS API reference.
type KernelCapabilities struct {
	Add  []string `json:"add,omitempty"`
	Drop []string `json:"drop,omitempty"`
}

// Device is kept and shown again: see the Amazon ECS API reference.
type Device struct {
	HostPath      string   `json:"hostPath,omitempty"`
	ContainerPath string   `json:"containerPath,omitempty"`
	Permissions   []string `json:"permissions,omitempty"`
}

// Tmpfs is kept and shown again: see the Amazon ECS API reference.
type Tmpfs struct {
	ContainerPath string   `json:"containerPath,omitempty"`
	Size          int      `json:"size,omitempty"`
	MountOptions  []string `json:"mountOptions,omitempty"`
}

// LogConfiguration is kept and shown again: see the Amazon ECS API reference.
type LogConfiguration struct {
	LogDriver     string            `json:"logDriver,omitempty"`
	Options       map[string]string `json:"options,omitempty"`
	SecretOptions []Secret          `json:"secretOptions,omitempty"`
}

// Secret is kept and shown again: see the Amazon ECS API reference.
type Secret struct {
	Name      string `json:"name,omitempty"`
	ValueFrom string `json:"valueFrom,omitempty"`
}

// MountPoint is kept and shown again: see the Amazon ECS API reference.
type MountPoint struct {
	ContainerPath string `json:"containerPath,omitempty"`
	ReadOnly      *bool  `json:"readOnly,omitempty"`
	SourceVolume  string `json:"sourceVolume,omitempty"`
}

// PortMapping opens a port of a container at the address of its task.
type PortMapping struct {
	AppProtocol        string `json:"appProtocol,omitempty"`
	ContainerPort      *int   `json:"containerPort,omitempty"`
	ContainerPortRange string `json:"containerPortRange,omitempty"`
	HostPort           *int   `json:"hostPort,omitempty"`
	Name               string `json:"name,omitempty"`
	Protocol           string `json:"protocol,omitempty"`
}

// RepositoryCredentials is kept and shown again: see the Amazon ECS API reference.
type RepositoryCredentials struct {
	CredentialsParameter string `json:"credentialsParameter,omitempty"`
}

// ResourceRequirement is kept and shown again: see the Amazon ECS API reference.
type ResourceRequirement struct {
	Type            string `json:"type,omitempty"`
	SharingStrategy any    `json:"sharingStrategy,omitempty"`
	Value           string `json:"value,omitempty"`
}

// ContainerRestartPolicy restarts a container in its task; refused when enabled.
type ContainerRestartPolicy struct {
	Enabled              *bool `json:"enabled,omitempty"`
	IgnoredExitCodes     []int `json:"ignoredExitCodes,omitempty"`
	RestartAttemptPeriod *int  `json:"restartAttemptPeriod,omitempty"`
}

// SystemControl is kept and shown again: see the Amazon ECS API reference.
type SystemControl struct {
	Namespace string `json:"namespace,omitempty"`
	Value     string `json:"value,omitempty"`
}

// Ulimit is kept and shown again: see the Amazon ECS API reference.
type Ulimit struct {
	HardLimit int    `json:"hardLimit,omitempty"`
	Name      string `json:"name,omitempty"`
	SoftLimit int    `json:"softLimit,omitempty"`
}

// VolumeFrom is kept and shown again: see the Amazon ECS API reference.
type VolumeFrom struct {
	ReadOnly        *bool  `json:"readOnly,omitempty"`
	SourceContainer string `json:"sourceContainer,omitempty"`
}
