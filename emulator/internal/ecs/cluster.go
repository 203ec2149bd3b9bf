package ecs

import (
	"context"
	"maps"
	"slices"
)

// Statuses that clusters, services and task definitions share.
const (
	statusActive   = "ACTIVE"
	statusDraining = "DRAINING"
	statusInactive = "INACTIVE"
)

// cluster holds services and tasks by name and id.
type cluster struct {
	shape    Cluster // what a request has set; counts are filled in when it is shown
	services map[string]*service
	inactive []*service // in the order in which they became INACTIVE
	tasks    []*task    // oldest first; stopped ones for an hour
	taskByID map[string]*task
	stopped  []*task           // of tasks, in the order in which they stopped
	starts   map[string]*start // by client token
}

// cluster finds an active cluster by ARN or name. The mutex is held.
func (s *Service) cluster(ref string) (*cluster, error) {
	c := s.clusters[clusterNameOf(ref)]
	if c == nil || c.shape.Status != statusActive {
		return nil, clusterNotFound()
	}
	return c, nil
}

// CreateCluster makes a cluster; of an existing one it answers with that.
func (s *Service) CreateCluster(_ context.Context, in *CreateClusterInput) (*CreateClusterOutput, error) {
	if err := onlyFargate(in.DefaultCapacityProviderStrategy); err != nil {
		return nil, err
	}
	name := clusterNameOf(in.ClusterName)
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, err := s.cluster(name); err == nil {
		return &CreateClusterOutput{Cluster: s.showCluster(c)}, nil
	}
	c := &cluster{services: map[string]*service{}, taskByID: map[string]*task{}, starts: map[string]*start{}, shape: Cluster{
		ClusterName:                     name,
		ClusterArn:                      s.arn("cluster/" + name),
		Status:                          statusActive,
		CapacityProviders:               in.CapacityProviders,
		Configuration:                   in.Configuration,
		DefaultCapacityProviderStrategy: in.DefaultCapacityProviderStrategy,
		Settings:                        in.Settings,
	}}
	if in.ServiceConnectDefaults != nil {
		c.shape.ServiceConnectDefaults = &ClusterServiceConnectDefaults{Namespace: in.ServiceConnectDefaults.Namespace}
	}
	if len(c.shape.Settings) == 0 {
		c.shape.Settings = []ClusterSetting{{Name: "containerInsights", Value: "disabled"}}
	}
	s.clusters[name] = c
	s.setTags(c.shape.ClusterArn, in.Tags)
	return &CreateClusterOutput{Cluster: s.showCluster(c)}, nil
}

func (s *Service) showCluster(c *cluster) *Cluster {
	shown := c.shape
	shown.Tags = s.tags[shown.ClusterArn]
	for _, svc := range c.services {
		if svc.status == statusActive {
			shown.ActiveServicesCount++
		}
	}
	for _, t := range c.tasks {
		switch {
		case t.lastStatus == taskRunning:
			shown.RunningTasksCount++
		case t.lastStatus.starting():
			shown.PendingTasksCount++
		}
	}
	return &shown
}

// DescribeClusters shows clusters; without names, the cluster "default".
func (s *Service) DescribeClusters(_ context.Context, in *DescribeClustersInput) (*DescribeClustersOutput, error) {
	asked := in.Clusters
	if len(asked) == 0 {
		asked = []string{"default"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &DescribeClustersOutput{Clusters: []Cluster{}, Failures: []Failure{}}
	for _, ref := range asked {
		c := s.clusters[clusterNameOf(ref)]
		if c == nil {
			out.Failures = append(out.Failures, Failure{Arn: s.arn("cluster/" + clusterNameOf(ref)), Reason: "MISSING"})
			continue
		}
		shown := s.showCluster(c)
		if !slices.Contains(in.Include, "TAGS") {
			shown.Tags = nil
		}
		out.Clusters = append(out.Clusters, *shown)
	}
	return out, nil
}

// ListClusters lists the ARNs of the active clusters.
func (s *Service) ListClusters(_ context.Context, in *ListClustersInput) (*ListClustersOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var arns []string
	for _, name := range slices.Sorted(maps.Keys(s.clusters)) {
		if c := s.clusters[name]; c.shape.Status == statusActive {
			arns = append(arns, c.shape.ClusterArn)
		}
	}
	items, next, err := page(arns, in.NextToken, in.MaxResults)
	return &ListClustersOutput{ClusterArns: items, NextToken: next}, err
}

// UpdateCluster changes configuration, settings and Service Connect defaults.
func (s *Service) UpdateCluster(_ context.Context, in *UpdateClusterInput) (*UpdateClusterOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if in.Configuration != nil {
		c.shape.Configuration = in.Configuration
	}
	if in.ServiceConnectDefaults != nil {
		c.shape.ServiceConnectDefaults = &ClusterServiceConnectDefaults{Namespace: in.ServiceConnectDefaults.Namespace}
	}
	c.set(in.Settings)
	return &UpdateClusterOutput{Cluster: s.showCluster(c)}, nil
}

// UpdateClusterSettings changes the given settings and leaves the others.
func (s *Service) UpdateClusterSettings(_ context.Context, in *UpdateClusterSettingsInput) (*UpdateClusterSettingsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	c.set(in.Settings)
	return &UpdateClusterSettingsOutput{Cluster: s.showCluster(c)}, nil
}

func (c *cluster) set(settings []ClusterSetting) {
	kept := slices.Clone(c.shape.Settings) // answers share the old one
	for _, set := range settings {
		i := slices.IndexFunc(kept, func(k ClusterSetting) bool { return k.Name == set.Name })
		if i < 0 {
			kept = append(kept, set)
		} else {
			kept[i] = set
		}
	}
	c.shape.Settings = kept
}

// DeleteCluster deletes a cluster without services and tasks. It is shown as INACTIVE
// from then on.
func (s *Service) DeleteCluster(_ context.Context, in *DeleteClusterInput) (*DeleteClusterOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	for _, svc := range c.services {
		if svc.status != statusInactive {
			return nil, clusterContains("ClusterContainsServicesException", "Services")
		}
	}
	for _, t := range c.tasks {
		if t.lastStatus != taskStopped {
			return nil, clusterContains("ClusterContainsTasksException", "Tasks")
		}
	}
	c.shape.Status = statusInactive
	return &DeleteClusterOutput{Cluster: s.showCluster(c)}, nil
}

// PutClusterCapacityProviders sets which of FARGATE and FARGATE_SPOT the cluster has.
func (s *Service) PutClusterCapacityProviders(_ context.Context, in *PutClusterCapacityProvidersInput) (*PutClusterCapacityProvidersOutput, error) {
	if err := onlyFargate(in.DefaultCapacityProviderStrategy); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	c.shape.CapacityProviders = in.CapacityProviders
	c.shape.DefaultCapacityProviderStrategy = in.DefaultCapacityProviderStrategy
	return &PutClusterCapacityProvidersOutput{Cluster: s.showCluster(c)}, nil
}

// DescribeCapacityProviders shows the two that every account has.
func (s *Service) DescribeCapacityProviders(_ context.Context, in *DescribeCapacityProvidersInput) (*DescribeCapacityProvidersOutput, error) {
	asked := in.CapacityProviders
	if len(asked) == 0 {
		asked = fargateProviders()
	}
	asked, next, err := pageOf(mostPerShortPage, asked, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	out := &DescribeCapacityProvidersOutput{CapacityProviders: []CapacityProvider{}, Failures: []Failure{}, NextToken: next}
	for _, ref := range asked {
		arn := s.arn("capacity-provider/" + nameOf(ref))
		if !slices.Contains(fargateProviders(), nameOf(ref)) {
			out.Failures = append(out.Failures, Failure{Arn: arn, Reason: "MISSING"})
			continue
		}
		out.CapacityProviders = append(out.CapacityProviders, CapacityProvider{
			CapacityProviderArn: arn, Name: nameOf(ref), Status: statusActive, Type: nameOf(ref),
		})
	}
	return out, nil
}
