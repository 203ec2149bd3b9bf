package ecs

import (
	"context"
	"errors"
)

var errNotServed = errors.New("not served yet")

// Service is Amazon ECS in one region.
type Service struct{ options Options }

// New returns a service without clusters.
func New(o Options) *Service { return &Service{options: o} }

// Close stops all tasks and waits for their end.
func (s *Service) Close() error { return nil }
func (s *Service) awaitService(ctx context.Context, cluster, service, deployment string) error {
	return errNotServed
}
func (s *Service) awaitInactive(ctx context.Context, cluster, service string) error {
	return errNotServed
}

// CreateCluster is the operation of that name.
func (s *Service) CreateCluster(ctx context.Context, in *CreateClusterInput) (*CreateClusterOutput, error) {
	return nil, errNotServed
}

// DescribeClusters is the operation of that name.
func (s *Service) DescribeClusters(ctx context.Context, in *DescribeClustersInput) (*DescribeClustersOutput, error) {
	return nil, errNotServed
}

// ListClusters is the operation of that name.
func (s *Service) ListClusters(ctx context.Context, in *ListClustersInput) (*ListClustersOutput, error) {
	return nil, errNotServed
}

// UpdateCluster is the operation of that name.
func (s *Service) UpdateCluster(ctx context.Context, in *UpdateClusterInput) (*UpdateClusterOutput, error) {
	return nil, errNotServed
}

// UpdateClusterSettings is the operation of that name.
func (s *Service) UpdateClusterSettings(ctx context.Context, in *UpdateClusterSettingsInput) (*UpdateClusterSettingsOutput, error) {
	return nil, errNotServed
}

// DeleteCluster is the operation of that name.
func (s *Service) DeleteCluster(ctx context.Context, in *DeleteClusterInput) (*DeleteClusterOutput, error) {
	return nil, errNotServed
}

// PutClusterCapacityProviders is the operation of that name.
func (s *Service) PutClusterCapacityProviders(ctx context.Context, in *PutClusterCapacityProvidersInput) (*PutClusterCapacityProvidersOutput, error) {
	return nil, errNotServed
}

// DescribeCapacityProviders is the operation of that name.
func (s *Service) DescribeCapacityProviders(ctx context.Context, in *DescribeCapacityProvidersInput) (*DescribeCapacityProvidersOutput, error) {
	return nil, errNotServed
}

// RegisterTaskDefinition is the operation of that name.
func (s *Service) RegisterTaskDefinition(ctx context.Context, in *RegisterTaskDefinitionInput) (*RegisterTaskDefinitionOutput, error) {
	return nil, errNotServed
}

// DescribeTaskDefinition is the operation of that name.
func (s *Service) DescribeTaskDefinition(ctx context.Context, in *DescribeTaskDefinitionInput) (*DescribeTaskDefinitionOutput, error) {
	return nil, errNotServed
}

// ListTaskDefinitions is the operation of that name.
func (s *Service) ListTaskDefinitions(ctx context.Context, in *ListTaskDefinitionsInput) (*ListTaskDefinitionsOutput, error) {
	return nil, errNotServed
}

// ListTaskDefinitionFamilies is the operation of that name.
func (s *Service) ListTaskDefinitionFamilies(ctx context.Context, in *ListTaskDefinitionFamiliesInput) (*ListTaskDefinitionFamiliesOutput, error) {
	return nil, errNotServed
}

// DeregisterTaskDefinition is the operation of that name.
func (s *Service) DeregisterTaskDefinition(ctx context.Context, in *DeregisterTaskDefinitionInput) (*DeregisterTaskDefinitionOutput, error) {
	return nil, errNotServed
}

// DeleteTaskDefinitions is the operation of that name.
func (s *Service) DeleteTaskDefinitions(ctx context.Context, in *DeleteTaskDefinitionsInput) (*DeleteTaskDefinitionsOutput, error) {
	return nil, errNotServed
}

// CreateService is the operation of that name.
func (s *Service) CreateService(ctx context.Context, in *CreateServiceInput) (*CreateServiceOutput, error) {
	return nil, errNotServed
}

// UpdateService is the operation of that name.
func (s *Service) UpdateService(ctx context.Context, in *UpdateServiceInput) (*UpdateServiceOutput, error) {
	return nil, errNotServed
}

// DeleteService is the operation of that name.
func (s *Service) DeleteService(ctx context.Context, in *DeleteServiceInput) (*DeleteServiceOutput, error) {
	return nil, errNotServed
}

// DescribeServices is the operation of that name.
func (s *Service) DescribeServices(ctx context.Context, in *DescribeServicesInput) (*DescribeServicesOutput, error) {
	return nil, errNotServed
}

// ListServices is the operation of that name.
func (s *Service) ListServices(ctx context.Context, in *ListServicesInput) (*ListServicesOutput, error) {
	return nil, errNotServed
}

// RunTask is the operation of that name.
func (s *Service) RunTask(ctx context.Context, in *RunTaskInput) (*RunTaskOutput, error) {
	return nil, errNotServed
}

// StopTask is the operation of that name.
func (s *Service) StopTask(ctx context.Context, in *StopTaskInput) (*StopTaskOutput, error) {
	return nil, errNotServed
}

// DescribeTasks is the operation of that name.
func (s *Service) DescribeTasks(ctx context.Context, in *DescribeTasksInput) (*DescribeTasksOutput, error) {
	return nil, errNotServed
}

// ListTasks is the operation of that name.
func (s *Service) ListTasks(ctx context.Context, in *ListTasksInput) (*ListTasksOutput, error) {
	return nil, errNotServed
}

// ListServiceDeployments is the operation of that name.
func (s *Service) ListServiceDeployments(ctx context.Context, in *ListServiceDeploymentsInput) (*ListServiceDeploymentsOutput, error) {
	return nil, errNotServed
}

// DescribeServiceDeployments is the operation of that name.
func (s *Service) DescribeServiceDeployments(ctx context.Context, in *DescribeServiceDeploymentsInput) (*DescribeServiceDeploymentsOutput, error) {
	return nil, errNotServed
}

// StopServiceDeployment is the operation of that name.
func (s *Service) StopServiceDeployment(ctx context.Context, in *StopServiceDeploymentInput) (*StopServiceDeploymentOutput, error) {
	return nil, errNotServed
}

// DescribeServiceRevisions is the operation of that name.
func (s *Service) DescribeServiceRevisions(ctx context.Context, in *DescribeServiceRevisionsInput) (*DescribeServiceRevisionsOutput, error) {
	return nil, errNotServed
}

// TagResource is the operation of that name.
func (s *Service) TagResource(ctx context.Context, in *TagResourceInput) (*TagResourceOutput, error) {
	return nil, errNotServed
}

// UntagResource is the operation of that name.
func (s *Service) UntagResource(ctx context.Context, in *UntagResourceInput) (*UntagResourceOutput, error) {
	return nil, errNotServed
}

// ListTagsForResource is the operation of that name.
func (s *Service) ListTagsForResource(ctx context.Context, in *ListTagsForResourceInput) (*ListTagsForResourceOutput, error) {
	return nil, errNotServed
}

// ListAccountSettings is the operation of that name.
func (s *Service) ListAccountSettings(ctx context.Context, in *ListAccountSettingsInput) (*ListAccountSettingsOutput, error) {
	return nil, errNotServed
}
