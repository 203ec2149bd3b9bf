package ecs

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// ListServiceDeployments lists a service's deployments, newest first.
func (s *Service) ListServiceDeployments(_ context.Context, in *ListServiceDeploymentsInput) (*ListServiceDeploymentsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.cluster(in.Cluster); err != nil {
		return nil, err
	}
	svc := s.service(in.Cluster, in.Service)
	if svc == nil {
		return nil, serviceNotFound()
	}
	briefs := []ServiceDeploymentBrief{}
	for _, r := range svc.releases {
		if !in.selects(r) {
			continue
		}
		briefs = append(briefs, ServiceDeploymentBrief{
			ServiceDeploymentArn:     r.arn,
			ServiceArn:               svc.arn,
			ClusterArn:               svc.cluster.shape.ClusterArn,
			Status:                   r.status,
			StatusReason:             r.statusReason,
			TargetServiceRevisionArn: r.target.arn,
			CreatedAt:                wire.EpochOf(r.createdAt),
			StartedAt:                wire.EpochOf(r.createdAt),
			FinishedAt:               wire.EpochOf(r.finishedAt),
		})
	}
	items, next, err := page(briefs, in.NextToken, in.MaxResults)
	return &ListServiceDeploymentsOutput{ServiceDeployments: items, NextToken: next}, err
}

// selects reports whether a service deployment has one of the statuses asked for and
// was created in the time asked for.
func (in *ListServiceDeploymentsInput) selects(r *release) bool {
	if len(in.Status) > 0 && !slices.Contains(in.Status, r.status) {
		return false
	}
	if c := in.CreatedAt; c != nil {
		if c.After != nil && !r.createdAt.After(time.Time(*c.After)) || c.Before != nil && !r.createdAt.Before(time.Time(*c.Before)) {
			return false
		}
	}
	return true
}

// release finds a service deployment by ARN. The mutex is held.
func (s *Service) release(arn string) (*service, *release) {
	// service-deployment/CLUSTER/SERVICE/ID
	parts := strings.Split(resourceOf(arn), "/")
	if len(parts) != 4 || parts[0] != "service-deployment" {
		return nil, nil
	}
	svc := s.service(parts[1], parts[2])
	if svc == nil {
		return nil, nil
	}
	for _, r := range svc.releases {
		if r.arn == arn {
			return svc, r
		}
	}
	return nil, nil
}

// DescribeServiceDeployments shows service deployments; a missing one is a failure MISSING.
func (s *Service) DescribeServiceDeployments(_ context.Context, in *DescribeServiceDeploymentsInput) (*DescribeServiceDeploymentsOutput, error) {
	if len(in.ServiceDeploymentArns) == 0 {
		return nil, invalid("serviceDeploymentArns cannot be empty.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &DescribeServiceDeploymentsOutput{ServiceDeployments: []ServiceDeployment{}, Failures: []Failure{}}
	for _, arn := range in.ServiceDeploymentArns {
		svc, r := s.release(arn)
		if r == nil {
			out.Failures = append(out.Failures, Failure{Arn: arn, Reason: "MISSING"})
			continue
		}
		out.ServiceDeployments = append(out.ServiceDeployments, svc.showRelease(r))
	}
	return out, nil
}

func (svc *service) showRelease(r *release) ServiceDeployment {
	target := svc.summary(r, r.target)
	d := ServiceDeployment{
		ServiceDeploymentArn:     r.arn,
		ServiceArn:               svc.arn,
		ClusterArn:               svc.cluster.shape.ClusterArn,
		Status:                   r.status,
		StatusReason:             r.statusReason,
		TargetServiceRevision:    &target,
		DeploymentConfiguration:  r.configuration,
		DeploymentCircuitBreaker: &ServiceDeploymentCircuitBreaker{Status: r.breaker, FailureCount: r.failures, Threshold: r.threshold},
		Alarms:                   r.showAlarms(),
		Rollback:                 r.rollback,
		CreatedAt:                wire.EpochOf(r.createdAt),
		StartedAt:                wire.EpochOf(r.createdAt),
		UpdatedAt:                wire.EpochOf(r.updatedAt),
		FinishedAt:               wire.EpochOf(r.finishedAt),
		StoppedAt:                wire.EpochOf(r.stoppedAt),
	}
	for _, source := range r.sources {
		d.SourceServiceRevisions = append(d.SourceServiceRevisions, svc.summary(r, source))
	}
	if r.shift != nil {
		d.LifecycleStage = r.shift.shown()
		for _, h := range r.shift.hooks {
			d.LifecycleHookDetails = append(d.LifecycleHookDetails, h.show())
		}
	}
	return d
}

func (svc *service) summary(of *release, r *revision) ServiceRevisionSummary {
	running, pending := svc.counts(func(t *task) bool { return t.revision == r })
	requested := 0
	if len(svc.deployments) > 0 {
		requested = svc.requested(r)
	}
	production, test := svc.share(of, r)
	return ServiceRevisionSummary{
		Arn: r.arn, RunningTaskCount: running, PendingTaskCount: pending, RequestedTaskCount: requested,
		RequestedProductionTrafficWeight: production, RequestedTestTrafficWeight: test,
	}
}

// StopServiceDeployment stops a running service deployment: with a rollback, which is
// the default, or where it stands (ABORT).
func (s *Service) StopServiceDeployment(_ context.Context, in *StopServiceDeploymentInput) (*StopServiceDeploymentOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	svc, r := s.release(in.ServiceDeploymentArn)
	if r == nil {
		return nil, deploymentNotFound(in.ServiceDeploymentArn)
	}
	if r.status == releaseRollbackInProgress {
		return &StopServiceDeploymentOutput{ServiceDeploymentArn: r.arn}, nil // which goes on, as documented
	}
	if r.status != releaseInProgress {
		return nil, wire.Errorf("ConflictException", "The service deployment is in status %s and cannot be stopped.", r.status)
	}
	stop := orElse(in.StopType, "ROLLBACK")
	if stop != "ROLLBACK" && stop != "ABORT" {
		return nil, invalid("Invalid stopType: %s", stop)
	}
	d := svc.primary()
	svc.event("(deployment %s) deployment stopped by user.", d.id)
	svc.fail(d, "ECS deployment stopped by user", d.id+" was stopped.", "Service deployment stopped by the user.", stop == "ROLLBACK")
	svc.nudge()
	svc.announce()
	return &StopServiceDeploymentOutput{ServiceDeploymentArn: r.arn}, nil
}

// DescribeServiceRevisions shows service revisions with the digests of their images.
func (s *Service) DescribeServiceRevisions(_ context.Context, in *DescribeServiceRevisionsInput) (*DescribeServiceRevisionsOutput, error) {
	if len(in.ServiceRevisionArns) == 0 {
		return nil, invalid("serviceRevisionArns cannot be empty.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &DescribeServiceRevisionsOutput{ServiceRevisions: []ServiceRevision{}, Failures: []Failure{}}
	for _, arn := range in.ServiceRevisionArns {
		svc, r := s.revision(arn)
		if r == nil {
			out.Failures = append(out.Failures, Failure{Arn: arn, Reason: "MISSING"})
			continue
		}
		out.ServiceRevisions = append(out.ServiceRevisions, svc.showRevision(r))
	}
	return out, nil
}

// revision finds a service revision by ARN. The mutex is held.
func (s *Service) revision(arn string) (*service, *revision) {
	// service-revision/CLUSTER/SERVICE/ID
	parts := strings.Split(resourceOf(arn), "/")
	if len(parts) != 4 || parts[0] != "service-revision" {
		return nil, nil
	}
	svc := s.service(parts[1], parts[2])
	if svc == nil {
		return nil, nil
	}
	for _, r := range svc.revisions {
		if r.arn == arn {
			return svc, r
		}
	}
	return nil, nil
}

func (svc *service) showRevision(r *revision) ServiceRevision {
	shown := ServiceRevision{
		ServiceRevisionArn:          r.arn,
		ServiceArn:                  svc.arn,
		ClusterArn:                  svc.cluster.shape.ClusterArn,
		CreatedAt:                   wire.EpochOf(r.createdAt),
		TaskDefinition:              r.spec.TaskDefinition,
		LaunchType:                  r.spec.LaunchType,
		CapacityProviderStrategy:    r.spec.CapacityProviderStrategy,
		PlatformVersion:             r.spec.PlatformVersion,
		PlatformFamily:              fargatePlatformFamily,
		LoadBalancers:               r.spec.LoadBalancers,
		NetworkConfiguration:        r.spec.NetworkConfiguration,
		ServiceRegistries:           r.spec.ServiceRegistries,
		ServiceConnectConfiguration: r.spec.ServiceConnectConfiguration,
		VolumeConfigurations:        r.spec.VolumeConfigurations,
		VpcLatticeConfigurations:    r.spec.VpcLatticeConfigurations,
		GatewayConnectors:           r.spec.GatewayConnectors,
		Monitoring:                  r.spec.Monitoring,
		ContainerImages:             []ContainerImage{},
	}
	if len(r.groups) > 0 {
		shown.ResolvedConfiguration = &ResolvedConfiguration{}
	}
	for i, group := range r.groups {
		lb := ServiceRevisionLoadBalancer{TargetGroupArn: group}
		if a := r.spec.LoadBalancers[i].AdvancedConfiguration; a != nil {
			lb.ProductionListenerRule = a.ProductionListenerRule
		}
		shown.ResolvedConfiguration.LoadBalancers = append(shown.ResolvedConfiguration.LoadBalancers, lb)
	}
	for _, c := range r.definition.ContainerDefinitions {
		shown.ContainerImages = append(shown.ContainerImages, ContainerImage{ContainerName: c.Name, Image: c.Image, ImageDigest: r.digests[c.Name]})
	}
	return shown
}
