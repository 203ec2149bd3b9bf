package ecs

// CreateClusterInput is the request of CreateCluster.
type CreateClusterInput struct {
	CapacityProviders               []string                              `json:"capacityProviders,omitempty"`
	ClusterName                     string                                `json:"clusterName,omitempty"`
	Configuration                   *ClusterConfiguration                 `json:"configuration,omitempty"`
	DefaultCapacityProviderStrategy []CapacityProviderStrategyItem        `json:"defaultCapacityProviderStrategy,omitempty"`
	ServiceConnectDefaults          *ClusterServiceConnectDefaultsRequest `json:"serviceConnectDefaults,omitempty"`
	Settings                        []ClusterSetting                      `json:"settings,omitempty"`
	Tags                            []Tag                                 `json:"tags,omitempty"`
}

// ClusterConfiguration is kept and shown again: see the Amazon ECS API reference.
type ClusterConfiguration struct {
	ExecuteCommandConfiguration *ExecuteCommandConfiguration `json:"executeCommandConfiguration,omitempty"`
	ManagedStorageConfiguration *ManagedStorageConfiguration `json:"managedStorageConfiguration,omitempty"`
}

// ExecuteCommandConfiguration is kept and shown again: see the Amazon ECS API reference.
type ExecuteCommandConfiguration struct {
	KmsKeyId         string                          `json:"kmsKeyId,omitempty"`
	LogConfiguration *ExecuteCommandLogConfiguration `json:"logConfiguration,omitempty"`
	Logging          string                          `json:"logging,omitempty"`
}

// ExecuteCommandLogConfiguration is kept and shown again: see the Amazon ECS API
// reference.
type ExecuteCommandLogConfiguration struct {
	CloudWatchEncryptionEnabled bool   `json:"cloudWatchEncryptionEnabled,omitempty"`
	CloudWatchLogGroupName      string `json:"cloudWatchLogGroupName,omitempty"`
	S3BucketName                string `json:"s3BucketName,omitempty"`
	S3EncryptionEnabled         bool   `json:"s3EncryptionEnabled,omitempty"`
	S3KeyPrefix                 string `json:"s3KeyPrefix,omitempty"`
}

// ManagedStorageConfiguration is kept and shown again: see the Amazon ECS API reference.
type ManagedStorageConfiguration struct {
	FargateEphemeralStorageKmsKeyId string `json:"fargateEphemeralStorageKmsKeyId,omitempty"`
	KmsKeyId                        string `json:"kmsKeyId,omitempty"`
}

// ClusterServiceConnectDefaultsRequest is kept and shown again: see the Amazon ECS API
// reference.
type ClusterServiceConnectDefaultsRequest struct {
	Namespace string `json:"namespace,omitempty"`
}

// ClusterSetting is kept and shown again: see the Amazon ECS API reference.
type ClusterSetting struct {
	Name  string `json:"name,omitempty"`
	Value string `json:"value,omitempty"`
}

// CreateClusterOutput is the answer of CreateCluster.
type CreateClusterOutput struct {
	Cluster *Cluster `json:"cluster,omitempty"`
}

// Cluster is a cluster as DescribeClusters shows it.
type Cluster struct {
	ActiveServicesCount               int                            `json:"activeServicesCount"`
	CapacityProviders                 []string                       `json:"capacityProviders,omitempty"`
	ClusterArn                        string                         `json:"clusterArn,omitempty"`
	ClusterName                       string                         `json:"clusterName,omitempty"`
	Configuration                     *ClusterConfiguration          `json:"configuration,omitempty"`
	DefaultCapacityProviderStrategy   []CapacityProviderStrategyItem `json:"defaultCapacityProviderStrategy,omitempty"`
	PendingTasksCount                 int                            `json:"pendingTasksCount"`
	RegisteredContainerInstancesCount int                            `json:"registeredContainerInstancesCount"`
	RunningTasksCount                 int                            `json:"runningTasksCount"`
	ServiceConnectDefaults            *ClusterServiceConnectDefaults `json:"serviceConnectDefaults,omitempty"`
	Settings                          []ClusterSetting               `json:"settings,omitempty"`
	Statistics                        []KeyValuePair                 `json:"statistics,omitempty"`
	Status                            string                         `json:"status,omitempty"`
	Tags                              []Tag                          `json:"tags,omitempty"`
}

// ClusterServiceConnectDefaults is kept and shown again: see the Amazon ECS API
// reference.
type ClusterServiceConnectDefaults struct {
	Namespace string `json:"namespace,omitempty"`
}

// DescribeClustersInput is the request of DescribeClusters.
type DescribeClustersInput struct {
	Clusters []string `json:"clusters,omitempty"`
	Include  []string `json:"include,omitempty"`
}

// DescribeClustersOutput is the answer of DescribeClusters.
type DescribeClustersOutput struct {
	Clusters []Cluster `json:"clusters"`
	Failures []Failure `json:"failures"`
}

// ListClustersInput is the request of ListClusters.
type ListClustersInput struct {
	MaxResults *int   `json:"maxResults,omitempty"`
	NextToken  string `json:"nextToken,omitempty"`
}

// ListClustersOutput is the answer of ListClusters.
type ListClustersOutput struct {
	ClusterArns []string `json:"clusterArns"`
	NextToken   string   `json:"nextToken,omitempty"`
}

// UpdateClusterInput is the request of UpdateCluster.
type UpdateClusterInput struct {
	Cluster                string                                `json:"cluster,omitempty"`
	Configuration          *ClusterConfiguration                 `json:"configuration,omitempty"`
	ServiceConnectDefaults *ClusterServiceConnectDefaultsRequest `json:"serviceConnectDefaults,omitempty"`
	Settings               []ClusterSetting                      `json:"settings,omitempty"`
}

// UpdateClusterOutput is the answer of UpdateCluster.
type UpdateClusterOutput struct {
	Cluster *Cluster `json:"cluster,omitempty"`
}

// UpdateClusterSettingsInput is the request of UpdateClusterSettings.
type UpdateClusterSettingsInput struct {
	Cluster  string           `json:"cluster,omitempty"`
	Settings []ClusterSetting `json:"settings,omitempty"`
}

// UpdateClusterSettingsOutput is the answer of UpdateClusterSettings.
type UpdateClusterSettingsOutput struct {
	Cluster *Cluster `json:"cluster,omitempty"`
}

// DeleteClusterInput is the request of DeleteCluster.
type DeleteClusterInput struct {
	Cluster string `json:"cluster,omitempty"`
}

// DeleteClusterOutput is the answer of DeleteCluster.
type DeleteClusterOutput struct {
	Cluster *Cluster `json:"cluster,omitempty"`
}

// PutClusterCapacityProvidersInput is the request of PutClusterCapacityProviders.
type PutClusterCapacityProvidersInput struct {
	CapacityProviders               []string                       `json:"capacityProviders,omitempty"`
	Cluster                         string                         `json:"cluster,omitempty"`
	DefaultCapacityProviderStrategy []CapacityProviderStrategyItem `json:"defaultCapacityProviderStrategy,omitempty"`
}

// PutClusterCapacityProvidersOutput is the answer of PutClusterCapacityProviders.
type PutClusterCapacityProvidersOutput struct {
	Cluster *Cluster `json:"cluster,omitempty"`
}

// DescribeCapacityProvidersInput is the request of DescribeCapacityProviders.
type DescribeCapacityProvidersInput struct {
	CapacityProviders []string `json:"capacityProviders,omitempty"`
	Cluster           string   `json:"cluster,omitempty"`
	Include           []string `json:"include,omitempty"`
	MaxResults        *int     `json:"maxResults,omitempty"`
	NextToken         string   `json:"nextToken,omitempty"`
}

// DescribeCapacityProvidersOutput is the answer of DescribeCapacityProviders.
type DescribeCapacityProvidersOutput struct {
	CapacityProviders []CapacityProvider `json:"capacityProviders"`
	Failures          []Failure          `json:"failures"`
	NextToken         string             `json:"nextToken,omitempty"`
}

// CapacityProvider is kept and shown again: see the Amazon ECS API reference.
type CapacityProvider struct {
	CapacityProviderArn string `json:"capacityProviderArn,omitempty"`
	Name                string `json:"name,omitempty"`
	Status              string `json:"status,omitempty"`
	Tags                []Tag  `json:"tags,omitempty"`
	Type                string `json:"type,omitempty"`
}
