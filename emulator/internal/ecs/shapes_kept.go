package ecs

// Members of services and tasks that the emulator only keeps: Service Connect, VPC
// Lattice, gateways, EBS volumes and monitoring.

// ServiceConnectConfiguration is kept and shown again: see the Amazon ECS API reference.
type ServiceConnectConfiguration struct {
	Enabled                 bool                                  `json:"enabled,omitempty"`
	AccessLogConfiguration  *ServiceConnectAccessLogConfiguration `json:"accessLogConfiguration,omitempty"`
	ContainerConfigurations []any                                 `json:"containerConfigurations,omitempty"`
	LogConfiguration        *LogConfiguration                     `json:"logConfiguration,omitempty"`
	Namespace               string                                `json:"namespace,omitempty"`
	Services                []ServiceConnectService               `json:"services,omitempty"`
}

// ServiceConnectAccessLogConfiguration is kept and shown again: see the Amazon ECS API
// reference.
type ServiceConnectAccessLogConfiguration struct {
	Format                 string `json:"format,omitempty"`
	IncludeQueryParameters string `json:"includeQueryParameters,omitempty"`
}

// ServiceConnectService is kept and shown again: see the Amazon ECS API reference.
type ServiceConnectService struct {
	PortName            string                          `json:"portName,omitempty"`
	ClientAliases       []ServiceConnectClientAlias     `json:"clientAliases,omitempty"`
	DiscoveryName       string                          `json:"discoveryName,omitempty"`
	IngressPortOverride *int                            `json:"ingressPortOverride,omitempty"`
	Timeout             *TimeoutConfiguration           `json:"timeout,omitempty"`
	Tls                 *ServiceConnectTlsConfiguration `json:"tls,omitempty"`
}

// ServiceConnectClientAlias is kept and shown again: see the Amazon ECS API reference.
type ServiceConnectClientAlias struct {
	Port             *int                            `json:"port,omitempty"`
	DnsName          string                          `json:"dnsName,omitempty"`
	TestTrafficRules *ServiceConnectTestTrafficRules `json:"testTrafficRules,omitempty"`
}

// ServiceConnectTestTrafficRules is kept and shown again: see the Amazon ECS API
// reference.
type ServiceConnectTestTrafficRules struct {
	Header *ServiceConnectTestTrafficHeaderRules `json:"header,omitempty"`
}

// ServiceConnectTestTrafficHeaderRules is kept and shown again: see the Amazon ECS API
// reference.
type ServiceConnectTestTrafficHeaderRules struct {
	Name  string                                     `json:"name,omitempty"`
	Value *ServiceConnectTestTrafficHeaderMatchRules `json:"value,omitempty"`
}

// ServiceConnectTestTrafficHeaderMatchRules is kept and shown again: see the Amazon ECS
// API reference.
type ServiceConnectTestTrafficHeaderMatchRules struct {
	Exact string `json:"exact,omitempty"`
}

// TimeoutConfiguration is kept and shown again: see the Amazon ECS API reference.
type TimeoutConfiguration struct {
	IdleTimeoutSeconds       *int `json:"idleTimeoutSeconds,omitempty"`
	PerRequestTimeoutSeconds *int `json:"perRequestTimeoutSeconds,omitempty"`
}

// ServiceConnectTlsConfiguration is kept and shown again: see the Amazon ECS API
// reference.
type ServiceConnectTlsConfiguration struct {
	IssuerCertificateAuthority *ServiceConnectTlsCertificateAuthority `json:"issuerCertificateAuthority,omitempty"`
	KmsKey                     string                                 `json:"kmsKey,omitempty"`
	RoleArn                    string                                 `json:"roleArn,omitempty"`
}

// ServiceConnectTlsCertificateAuthority is kept and shown again: see the Amazon ECS API
// reference.
type ServiceConnectTlsCertificateAuthority struct {
	AwsPcaAuthorityArn string `json:"awsPcaAuthorityArn,omitempty"`
}

// VpcLatticeConfiguration is kept and shown again: see the Amazon ECS API reference.
type VpcLatticeConfiguration struct {
	PortName              string                           `json:"portName,omitempty"`
	RoleArn               string                           `json:"roleArn,omitempty"`
	TargetGroupArn        string                           `json:"targetGroupArn,omitempty"`
	AdvancedConfiguration *VpcLatticeAdvancedConfiguration `json:"advancedConfiguration,omitempty"`
}

// VpcLatticeAdvancedConfiguration is kept and shown again: see the Amazon ECS API
// reference.
type VpcLatticeAdvancedConfiguration struct {
	AlternateTargetGroupArn string `json:"alternateTargetGroupArn,omitempty"`
	ProductionListenerRule  string `json:"productionListenerRule,omitempty"`
	TestListenerRule        string `json:"testListenerRule,omitempty"`
}

// GatewayConnector is kept and shown again: see the Amazon ECS API reference.
type GatewayConnector struct {
	PortName    string                       `json:"portName,omitempty"`
	Filters     *GatewayConnectorFilters     `json:"filters,omitempty"`
	HealthCheck *GatewayConnectorHealthCheck `json:"healthCheck,omitempty"`
}

// GatewayConnectorFilters is kept and shown again: see the Amazon ECS API reference.
type GatewayConnectorFilters struct {
	AccessTypes []string `json:"accessTypes,omitempty"`
}

// GatewayConnectorHealthCheck is kept and shown again: see the Amazon ECS API reference.
type GatewayConnectorHealthCheck struct {
	HealthCheckIntervalSeconds *int                                `json:"healthCheckIntervalSeconds,omitempty"`
	HealthCheckPath            string                              `json:"healthCheckPath,omitempty"`
	HealthCheckPort            *int                                `json:"healthCheckPort,omitempty"`
	HealthCheckProtocol        string                              `json:"healthCheckProtocol,omitempty"`
	HealthCheckTimeoutSeconds  *int                                `json:"healthCheckTimeoutSeconds,omitempty"`
	HealthyThresholdCount      *int                                `json:"healthyThresholdCount,omitempty"`
	Matcher                    *GatewayConnectorHealthCheckMatcher `json:"matcher,omitempty"`
	UnhealthyThresholdCount    *int                                `json:"unhealthyThresholdCount,omitempty"`
}

// GatewayConnectorHealthCheckMatcher is kept and shown again: see the Amazon ECS API
// reference.
type GatewayConnectorHealthCheckMatcher struct {
	GrpcCode string `json:"grpcCode,omitempty"`
	HttpCode string `json:"httpCode,omitempty"`
}

// ServiceVolumeConfiguration is kept and shown again: see the Amazon ECS API reference.
type ServiceVolumeConfiguration struct {
	Name             string                                `json:"name,omitempty"`
	ManagedEBSVolume *ServiceManagedEBSVolumeConfiguration `json:"managedEBSVolume,omitempty"`
}

// ServiceManagedEBSVolumeConfiguration is kept and shown again: see the Amazon ECS API
// reference.
type ServiceManagedEBSVolumeConfiguration struct {
	RoleArn                  string                `json:"roleArn,omitempty"`
	Encrypted                *bool                 `json:"encrypted,omitempty"`
	FilesystemType           string                `json:"filesystemType,omitempty"`
	Iops                     *int                  `json:"iops,omitempty"`
	KmsKeyId                 string                `json:"kmsKeyId,omitempty"`
	SizeInGiB                *int                  `json:"sizeInGiB,omitempty"`
	SnapshotId               string                `json:"snapshotId,omitempty"`
	TagSpecifications        []EBSTagSpecification `json:"tagSpecifications,omitempty"`
	Throughput               *int                  `json:"throughput,omitempty"`
	VolumeInitializationRate *int                  `json:"volumeInitializationRate,omitempty"`
	VolumeType               string                `json:"volumeType,omitempty"`
}

// EBSTagSpecification is kept and shown again: see the Amazon ECS API reference.
type EBSTagSpecification struct {
	ResourceType  string `json:"resourceType,omitempty"`
	PropagateTags string `json:"propagateTags,omitempty"`
	Tags          []Tag  `json:"tags,omitempty"`
}

// TaskVolumeConfiguration is kept and shown again: see the Amazon ECS API reference.
type TaskVolumeConfiguration struct {
	Name             string                             `json:"name,omitempty"`
	ManagedEBSVolume *TaskManagedEBSVolumeConfiguration `json:"managedEBSVolume,omitempty"`
}

// TaskManagedEBSVolumeConfiguration is kept and shown again: see the Amazon ECS API
// reference.
type TaskManagedEBSVolumeConfiguration struct {
	RoleArn                  string                                 `json:"roleArn,omitempty"`
	Encrypted                *bool                                  `json:"encrypted,omitempty"`
	FilesystemType           string                                 `json:"filesystemType,omitempty"`
	Iops                     *int                                   `json:"iops,omitempty"`
	KmsKeyId                 string                                 `json:"kmsKeyId,omitempty"`
	SizeInGiB                *int                                   `json:"sizeInGiB,omitempty"`
	SnapshotId               string                                 `json:"snapshotId,omitempty"`
	TagSpecifications        []EBSTagSpecification                  `json:"tagSpecifications,omitempty"`
	TerminationPolicy        *TaskManagedEBSVolumeTerminationPolicy `json:"terminationPolicy,omitempty"`
	Throughput               *int                                   `json:"throughput,omitempty"`
	VolumeInitializationRate *int                                   `json:"volumeInitializationRate,omitempty"`
	VolumeType               string                                 `json:"volumeType,omitempty"`
}

// TaskManagedEBSVolumeTerminationPolicy is kept and shown again: see the Amazon ECS API
// reference.
type TaskManagedEBSVolumeTerminationPolicy struct {
	DeleteOnTermination *bool `json:"deleteOnTermination,omitempty"`
}

// MonitoringConfiguration is kept and shown again: see the Amazon ECS API reference.
type MonitoringConfiguration struct {
	MetricConfigurations []MetricConfiguration `json:"metricConfigurations,omitempty"`
}

// MetricConfiguration is kept and shown again: see the Amazon ECS API reference.
type MetricConfiguration struct {
	MetricNames       []string `json:"metricNames,omitempty"`
	ResolutionSeconds *int     `json:"resolutionSeconds,omitempty"`
}
