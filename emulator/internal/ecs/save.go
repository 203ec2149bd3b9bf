package ecs

import (
	"maps"
	"slices"
)

// Save is what there is to keep. The service stands still while during runs.
func (s *Service) Save(during func()) Saved {
	s.mu.Lock()
	defer s.mu.Unlock()
	during()
	saved := Saved{
		Clusters: map[string]savedCluster{}, Families: map[string][]*TaskDefinition{},
		Tags: maps.Clone(s.tags), Alarms: maps.Clone(s.alarms),
	}
	for name, f := range s.families {
		saved.Families[name] = slices.Clone(f.revisions)
	}
	for name, c := range s.clusters {
		kept := savedCluster{Shape: c.shape, Services: map[string]savedService{}, Starts: map[string]savedStart{}}
		for name, svc := range c.services {
			kept.Services[name] = svc.save()
		}
		for _, t := range c.tasks {
			kept.Tasks = append(kept.Tasks, t.save())
		}
		for token, started := range c.starts {
			of := savedStart{Request: started.request, At: started.at}
			for _, t := range started.tasks {
				of.Tasks = append(of.Tasks, t.id)
			}
			kept.Starts[token] = of
		}
		saved.Clusters[name] = kept
	}
	return saved
}

func (svc *service) save() savedService {
	saved := savedService{
		ARN: svc.arn, Status: svc.status, CreatedAt: svc.createdAt, InactiveAt: svc.inactiveAt, Spec: svc.spec, Desired: svc.desired,
		Configuration: svc.configuration, GraceSeconds: svc.graceSeconds, ManagedTags: svc.managedTags,
		Executable: svc.executable, PropagateTags: svc.propagateTags, ZoneBalancing: svc.zoneBalancing, Role: svc.role, Token: svc.token, Request: svc.request,
		Constraints: svc.constraints, Strategy: svc.strategy, LastCompleted: svc.lastCompleted.idOrNone(), Events: svc.events,
	}
	for _, d := range svc.deployments {
		saved.Deployments = append(saved.Deployments, d.id)
	}
	for _, id := range slices.Sorted(maps.Keys(svc.history)) {
		d := svc.history[id]
		saved.History = append(saved.History, savedDeployment{
			ID: d.id, Status: d.status, Revision: d.revision.arn, Release: d.release.arn, Rollback: d.rollback,
			CreatedAt: d.createdAt, UpdatedAt: d.updatedAt, State: d.state, Reason: d.reason, Failed: d.failed, Blocked: d.blocked,
		})
	}
	for _, r := range svc.releases {
		saved.Releases = append(saved.Releases, r.save())
	}
	for _, r := range svc.revisions {
		saved.Revisions = append(saved.Revisions, savedRevision{
			ARN: r.arn, CreatedAt: r.createdAt, Spec: r.spec, Groups: r.groups, Digests: maps.Clone(r.digests),
		})
	}
	return saved
}

func (d *deployment) idOrNone() string {
	if d == nil {
		return ""
	}
	return d.id
}

func (r *release) save() savedRelease {
	saved := savedRelease{
		ARN: r.arn, Status: r.status, StatusReason: r.statusReason, Target: r.target.arn, Configuration: r.configuration,
		Rollback: r.rollback, Shift: r.shift.save(), Breaker: r.breaker, Failures: r.failures, Threshold: r.threshold,
		Alarms: r.alarms, Triggered: slices.Clone(r.triggered),
		CreatedAt: r.createdAt, UpdatedAt: r.updatedAt, FinishedAt: r.finishedAt, StoppedAt: r.stoppedAt,
	}
	for _, source := range r.sources {
		saved.Sources = append(saved.Sources, source.arn)
	}
	return saved
}

func (sh *shift) save() *savedShift {
	if sh == nil {
		return nil
	}
	saved := &savedShift{
		Source: sh.source.idOrNone(), Stages: slices.Clone(sh.stages), Entered: sh.entered, Reached: sh.reached, Begun: sh.begun,
		Percents: slices.Clone(sh.percents), Percent: sh.percent, Test: sh.test, Step: sh.step, Bake: sh.bake,
	}
	for _, h := range sh.hooks {
		saved.Hooks = append(saved.Hooks, savedHook{ID: h.id, Stage: h.stage, Status: h.status, AtTimeout: h.atTimeout, ExpiresAt: h.expiresAt})
	}
	return saved
}

func (t *task) save() savedTask {
	saved := savedTask{
		ID: t.id, ARN: t.arn, Deployment: t.deployment.idOrNone(), Definition: t.definition.TaskDefinitionArn,
		Group: t.group, StartedBy: t.startedBy, Overrides: t.overrides, Provider: t.provider, Network: t.network,
		Subnet: t.subnet, Zone: t.zone, Platform: t.platform, Executable: t.executable, Attachment: t.attachmentID,
		LastStatus: t.lastStatus, DesiredStatus: t.desiredStatus, Version: t.version, StopCode: t.stopCode, Reason: t.stoppedReason,
		CreatedAt: t.createdAt, PullStartedAt: t.pullStartedAt, PullStoppedAt: t.pullStoppedAt, StartedAt: t.startedAt,
		StoppingAt: t.stoppingAt, ExecutionStoppedAt: t.executionStoppedAt, StoppedAt: t.stoppedAt,
	}
	if t.service != nil {
		saved.Service = t.service.name
	}
	if t.revision != nil {
		saved.Revision = t.revision.arn
	}
	if t.address.IsValid() {
		saved.Address = t.address.String()
	}
	for _, c := range t.containers {
		saved.Containers = append(saved.Containers, savedContainer{
			Name: c.definition.Name, ARN: c.arn, RuntimeID: c.runtimeID, Digest: c.digest,
			Status: c.status, ExitCode: c.exitCode, Reason: c.reason, Health: c.health.status,
		})
	}
	return saved
}
