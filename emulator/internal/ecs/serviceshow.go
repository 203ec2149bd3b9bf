package ecs

import (
	"context"
	"slices"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// DescribeServices shows services; a missing one is a failure MISSING.
func (s *Service) DescribeServices(_ context.Context, in *DescribeServicesInput) (*DescribeServicesOutput, error) {
	if len(in.Services) == 0 {
		return nil, invalid("Services cannot be empty.")
	}
	if len(in.Services) > 10 {
		return nil, invalid("Services cannot have more than 10 elements.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	out := &DescribeServicesOutput{Services: []ServiceDescription{}, Failures: []Failure{}}
	for _, ref := range in.Services {
		svc := c.services[nameOf(ref)]
		if svc == nil {
			arn := s.arn("service/" + c.shape.ClusterName + "/" + nameOf(ref))
			out.Failures = append(out.Failures, Failure{Arn: arn, Reason: "MISSING"})
			continue
		}
		out.Services = append(out.Services, *svc.show(slices.Contains(in.Include, "TAGS")))
	}
	return out, nil
}

// show is the service as the API describes it. The mutex is held.
func (svc *service) show(tags bool) *ServiceDescription {
	running, pending := svc.counts(nil)
	d := &ServiceDescription{
		ServiceArn:                    svc.arn,
		ServiceName:                   svc.name,
		ClusterArn:                    svc.cluster.shape.ClusterArn,
		Status:                        svc.status,
		CreatedAt:                     wire.EpochOf(svc.createdAt),
		DesiredCount:                  svc.desired,
		RunningCount:                  running,
		PendingCount:                  pending,
		TaskDefinition:                svc.spec.TaskDefinition,
		LaunchType:                    svc.spec.LaunchType,
		CapacityProviderStrategy:      svc.spec.CapacityProviderStrategy,
		PlatformVersion:               svc.spec.PlatformVersion,
		PlatformFamily:                fargatePlatformFamily,
		LoadBalancers:                 append([]LoadBalancer{}, svc.spec.LoadBalancers...),
		NetworkConfiguration:          svc.spec.NetworkConfiguration,
		ServiceRegistries:             svc.spec.ServiceRegistries,
		DeploymentConfiguration:       svc.configuration,
		DeploymentController:          &DeploymentController{Type: "ECS"},
		SchedulingStrategy:            schedulingReplica,
		HealthCheckGracePeriodSeconds: svc.graceSeconds,
		EnableECSManagedTags:          svc.managedTags,
		EnableExecuteCommand:          svc.executable,
		PropagateTags:                 svc.propagateTags,
		AvailabilityZoneRebalancing:   svc.zoneBalancing,
		RoleArn:                       svc.role,
		PlacementConstraints:          svc.constraints,
		PlacementStrategy:             svc.strategy,
		Deployments:                   []Deployment{},
		Events:                        append([]ServiceEvent{}, svc.events...),
	}
	if tags {
		d.Tags = svc.ecs.tags[svc.arn]
	}
	for _, dep := range svc.deployments {
		d.Deployments = append(d.Deployments, svc.showDeployment(dep))
	}
	if p := svc.primary(); p != nil {
		if p.release.running() {
			d.CurrentServiceDeployment = p.release.arn
		}
		for _, r := range svc.running() {
			of := func(t *task) bool { return t.revision == r }
			running, pending := svc.counts(of)
			d.CurrentServiceRevisions = append(d.CurrentServiceRevisions, ServiceCurrentRevisionSummary{
				Arn: r.arn, RunningTaskCount: running, PendingTaskCount: pending, RequestedTaskCount: svc.requested(r),
			})
		}
	}
	return d
}

// counts are the tasks that run and those about to; nil counts all. The mutex is held.
func (svc *service) counts(of func(*task) bool) (running, pending int) {
	for _, t := range svc.tasks {
		switch {
		case of != nil && !of(t) || !t.live():
		case t.lastStatus == taskRunning:
			running++
		case t.lastStatus.starting():
			pending++
		}
	}
	return running, pending
}

// requested is how many tasks the service wants of a revision.
func (svc *service) requested(r *revision) int {
	p := svc.primary()
	if p.revision == r {
		return svc.desired
	}
	if sh := p.release.shift; svc.shifting() && sh.source != nil && sh.source.revision == r && sh.stage() != stageCleanUp {
		return svc.desired
	}
	return 0
}

func (svc *service) showDeployment(d *deployment) Deployment {
	running, pending := svc.counts(func(t *task) bool { return t.deployment == d })
	desired := 0
	if d == svc.primary() {
		desired = svc.desired
	} else {
		desired = running + pending // what is left of it
	}
	spec := d.revision.spec
	return Deployment{
		Id:                          d.id,
		Status:                      d.status,
		TaskDefinition:              spec.TaskDefinition,
		DesiredCount:                desired,
		RunningCount:                running,
		PendingCount:                pending,
		FailedTasks:                 d.failed,
		CreatedAt:                   wire.EpochOf(d.createdAt),
		UpdatedAt:                   wire.EpochOf(d.updatedAt),
		RolloutState:                d.state,
		RolloutStateReason:          d.reason,
		LaunchType:                  spec.LaunchType,
		CapacityProviderStrategy:    spec.CapacityProviderStrategy,
		PlatformVersion:             spec.PlatformVersion,
		PlatformFamily:              fargatePlatformFamily,
		NetworkConfiguration:        spec.NetworkConfiguration,
		ServiceConnectConfiguration: spec.ServiceConnectConfiguration,
		VolumeConfigurations:        spec.VolumeConfigurations,
		VpcLatticeConfigurations:    spec.VpcLatticeConfigurations,
	}
}
