package ecs

import (
	"context"
	"reflect"
	"slices"
	"time"
)

// The deployment percentages where none are given.
const (
	defaultMaximumPercent = 200
	defaultMinimumPercent = 100
)

// service is a service and what the scheduler knows of it, guarded by the Service's
// mutex.
type service struct {
	ecs       *Service
	cluster   *cluster
	name, arn string
	status    string
	createdAt time.Time

	spec          revisionSpec // of the next deployment
	desired       int
	configuration *DeploymentConfiguration // complete, never changed in place
	graceSeconds  *int
	managedTags   bool
	executable    bool
	propagateTags string
	zoneBalancing string
	role          string
	token         string // of CreateService
	request       string // its fingerprint
	constraints   []PlacementConstraint
	strategy      []PlacementStrategy

	deployments   []*deployment // PRIMARY first; those that still have tasks after it
	history       map[string]*deployment
	lastCompleted *deployment
	releases      []*release // newest first
	revisions     []*revision

	tasks      []*task // that are not STOPPED
	restarts   throttle
	placeAfter time.Time // when there may be capacity again
	steady     bool
	events     []ServiceEvent // newest first
	news       news
	wake       chan struct{}
	changed    notice
	inactiveAt time.Time // when it became INACTIVE

	orders []trafficOrder // changes of listener rules that are to be made
}

// service finds a service by ARN or name, in any status; nil where there is none. The
// mutex is held.
func (s *Service) service(clusterRef, ref string) *service {
	c := s.clusters[clusterNameOf(clusterRef)]
	if c == nil {
		return nil
	}
	return c.services[nameOf(ref)]
}

// activeService is service, with the errors of ECS. The mutex is held.
func (s *Service) activeService(clusterRef, ref string) (*service, error) {
	if _, err := s.cluster(clusterRef); err != nil {
		return nil, err
	}
	switch svc := s.service(clusterRef, ref); {
	case svc == nil:
		return nil, serviceNotFound()
	case svc.status != statusActive:
		return nil, serviceNotActive()
	default:
		return svc, nil
	}
}

// CreateService creates a service and starts its first deployment. The same request with
// the same token again, while the service is ACTIVE, creates nothing.
func (s *Service) CreateService(_ context.Context, in *CreateServiceInput) (*CreateServiceOutput, error) {
	if err := checkCreateService(in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if old := c.services[in.ServiceName]; old != nil {
		switch old.status {
		case statusActive:
			if in.ClientToken != "" && old.token == in.ClientToken && old.request == fingerprint(in) {
				return &CreateServiceOutput{Service: old.show(true)}, nil
			}
			return nil, invalid("Creation of service was not idempotent.")
		case statusDraining:
			return nil, invalid("Unable to Start a service that is still Draining.")
		}
	}
	svc := &service{
		ecs:           s,
		cluster:       c,
		name:          in.ServiceName,
		arn:           s.arn("service/" + c.shape.ClusterName + "/" + in.ServiceName),
		status:        statusActive,
		createdAt:     s.now(),
		desired:       *in.DesiredCount,
		configuration: complete(in.DeploymentConfiguration),
		graceSeconds:  in.HealthCheckGracePeriodSeconds,
		managedTags:   in.EnableECSManagedTags,
		executable:    in.EnableExecuteCommand,
		propagateTags: orElse(in.PropagateTags, "NONE"),
		zoneBalancing: orElse(in.AvailabilityZoneRebalancing, "ENABLED"),
		role:          in.Role,
		token:         in.ClientToken,
		request:       fingerprint(in),
		constraints:   in.PlacementConstraints,
		strategy:      in.PlacementStrategy,
		history:       map[string]*deployment{},
		news:          noNews(),
		wake:          make(chan struct{}, 1),
		spec: revisionSpec{
			TaskDefinition:              in.TaskDefinition,
			LaunchType:                  in.LaunchType,
			CapacityProviderStrategy:    in.CapacityProviderStrategy,
			PlatformVersion:             platformVersion(in.PlatformVersion),
			LoadBalancers:               in.LoadBalancers,
			NetworkConfiguration:        in.NetworkConfiguration,
			ServiceRegistries:           in.ServiceRegistries,
			ServiceConnectConfiguration: in.ServiceConnectConfiguration,
			VolumeConfigurations:        in.VolumeConfigurations,
			VpcLatticeConfigurations:    in.VpcLatticeConfigurations,
			GatewayConnectors:           in.GatewayConnectors,
			Monitoring:                  in.Monitoring,
		},
	}
	if err := s.complete(c, &svc.spec, ""); err != nil {
		return nil, err
	}
	if err := s.checkTargetGroups(in.LoadBalancers); err != nil {
		return nil, err
	}
	if err := checkShift(svc.configuration, svc.spec.LoadBalancers); err != nil {
		return nil, err
	}
	s.forgetInactive(c)
	c.services[svc.name] = svc
	delete(s.tags, svc.arn) // those of a service of this name that is gone
	s.setTags(svc.arn, in.Tags)
	svc.deploy()
	s.spawn(func() { s.schedule(svc) })
	return &CreateServiceOutput{Service: svc.show(true)}, nil
}

// UpdateService changes a service. A change of what a service revision holds, or a
// forced one, starts a new deployment; the rest acts on the running one.
func (s *Service) UpdateService(_ context.Context, in *UpdateServiceInput) (*UpdateServiceOutput, error) {
	if err := checkUpdateService(in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	svc, err := s.activeService(in.Cluster, in.Service)
	if err != nil {
		return nil, err
	}
	spec := svc.spec
	in.change(&spec)
	if err := s.complete(svc.cluster, &spec, svc.spec.TaskDefinition); err != nil {
		return nil, err
	}
	if err := s.checkTargetGroups(in.LoadBalancers); err != nil {
		return nil, err
	}
	if in.HealthCheckGracePeriodSeconds != nil && len(spec.LoadBalancers) == 0 {
		return nil, graceWithoutBalancer()
	}
	configuration := svc.configuration
	if in.DeploymentConfiguration != nil {
		configuration = complete(in.DeploymentConfiguration)
	}
	if err := checkShift(configuration, spec.LoadBalancers); err != nil {
		return nil, err
	}
	svc.configuration = configuration
	if in.DesiredCount != nil {
		svc.desired = *in.DesiredCount
	}
	if in.HealthCheckGracePeriodSeconds != nil {
		svc.graceSeconds = in.HealthCheckGracePeriodSeconds
	}
	if in.EnableECSManagedTags != nil {
		svc.managedTags = *in.EnableECSManagedTags
	}
	if in.EnableExecuteCommand != nil {
		svc.executable = *in.EnableExecuteCommand
	}
	svc.propagateTags = orElse(in.PropagateTags, svc.propagateTags)
	svc.zoneBalancing = orElse(in.AvailabilityZoneRebalancing, svc.zoneBalancing)
	if in.PlacementConstraints != nil {
		svc.constraints = in.PlacementConstraints
	}
	if in.PlacementStrategy != nil {
		svc.strategy = in.PlacementStrategy
	}
	if in.ForceNewDeployment || !reflect.DeepEqual(spec, svc.spec) {
		svc.spec = spec
		svc.deploy()
	}
	svc.steady = svc.steady && svc.stable(svc.primary())
	svc.nudge()
	svc.announce()
	return &UpdateServiceOutput{Service: svc.show(true)}, nil
}

// change puts what the request names into the spec.
func (in *UpdateServiceInput) change(spec *revisionSpec) {
	spec.TaskDefinition = orElse(in.TaskDefinition, spec.TaskDefinition)
	if in.PlatformVersion != "" {
		spec.PlatformVersion = platformVersion(in.PlatformVersion)
	}
	if in.CapacityProviderStrategy != nil {
		spec.CapacityProviderStrategy, spec.LaunchType = in.CapacityProviderStrategy, ""
		if len(in.CapacityProviderStrategy) == 0 {
			spec.LaunchType = launchFargate
		}
	}
	if in.LoadBalancers != nil {
		spec.LoadBalancers = in.LoadBalancers
	}
	if in.NetworkConfiguration != nil {
		spec.NetworkConfiguration = in.NetworkConfiguration
	}
	if in.ServiceRegistries != nil {
		spec.ServiceRegistries = in.ServiceRegistries
	}
	if in.ServiceConnectConfiguration != nil {
		spec.ServiceConnectConfiguration = in.ServiceConnectConfiguration
	}
	if in.VolumeConfigurations != nil {
		spec.VolumeConfigurations = in.VolumeConfigurations
	}
	if in.VpcLatticeConfigurations != nil {
		spec.VpcLatticeConfigurations = in.VpcLatticeConfigurations
	}
	if in.GatewayConnectors != nil {
		spec.GatewayConnectors = in.GatewayConnectors
	}
	if in.Monitoring != nil {
		spec.Monitoring = in.Monitoring
	}
}

// DeleteService lets a service drain: its tasks are stopped, then it is INACTIVE.
func (s *Service) DeleteService(_ context.Context, in *DeleteServiceInput) (*DeleteServiceOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.cluster(in.Cluster); err != nil {
		return nil, err
	}
	svc := s.service(in.Cluster, in.Service)
	if svc == nil || svc.status == statusInactive {
		return nil, serviceNotFound()
	}
	if svc.desired > 0 && (in.Force == nil || !*in.Force) {
		return nil, invalid("The service cannot be stopped while it is scaled above 0.")
	}
	svc.desired, svc.status, svc.steady = 0, statusDraining, false
	if d := svc.primary(); d.release.running() {
		d.release.finish(releaseStopped, "Service deployment stopped because the service was deleted.", s.now())
	}
	svc.nudge()
	svc.announce()
	return &DeleteServiceOutput{Service: svc.show(true)}, nil
}

// ListServices lists the ARNs of the services that are not INACTIVE.
func (s *Service) ListServices(_ context.Context, in *ListServicesInput) (*ListServicesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	var arns []string
	for _, svc := range c.services {
		if svc.status == statusInactive ||
			in.LaunchType != "" && in.LaunchType != svc.spec.LaunchType ||
			in.SchedulingStrategy != "" && in.SchedulingStrategy != schedulingReplica ||
			in.ResourceManagementType == "ECS" { // that of Express Mode services
			continue
		}
		arns = append(arns, svc.arn)
	}
	slices.Sort(arns)
	if in.MaxResults == nil {
		ten := 10 // ECS's default here
		in.MaxResults = &ten
	}
	items, next, err := page(arns, in.NextToken, in.MaxResults)
	return &ListServicesOutput{ServiceArns: items, NextToken: next}, err
}

func orElse(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

func platformVersion(asked string) string {
	if asked == "" || asked == "LATEST" {
		return fargateVersion
	}
	return asked
}
