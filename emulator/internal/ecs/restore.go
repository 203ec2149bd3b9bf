package ecs

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
)

// What a task shows that ran when the embedded AWS was stopped: its containers were
// killed with it.
const (
	lostReason = "The embedded AWS was stopped while the task ran."
	lostExit   = 137 // SIGKILL
)

// Restore takes over what a Service has saved, before the first request. Tasks that ran
// are STOPPED, and services start their desired tasks anew, as after the loss of a zone.
func (s *Service) Restore(saved Saved) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, revisions := range saved.Families {
		s.families[name] = &family{revisions: revisions}
	}
	maps.Copy(s.tags, saved.Tags)
	maps.Copy(s.alarms, saved.Alarms)
	for name, k := range saved.Clusters {
		c := &cluster{shape: k.Shape, services: map[string]*service{}, taskByID: map[string]*task{}, starts: map[string]*start{}}
		s.clusters[name] = c
		for name, kept := range k.Services {
			svc, err := s.restoreService(c, name, kept)
			if err != nil {
				return fmt.Errorf("restoring service %s: %w", kept.ARN, err)
			}
			c.services[name] = svc
			if svc.status == statusInactive {
				c.inactive = append(c.inactive, svc)
			}
		}
		for _, kept := range k.Tasks {
			t, err := s.restoreTask(c, kept)
			if err != nil {
				return fmt.Errorf("restoring task %s: %w", kept.ARN, err)
			}
			c.tasks, c.taskByID[t.id] = append(c.tasks, t), t
		}
		for token, kept := range k.Starts {
			restored := &start{request: kept.Request, at: kept.At}
			for _, id := range kept.Tasks {
				t := c.task(id)
				if t == nil {
					return fmt.Errorf("restoring the client token %s: there is no task %s", token, id)
				}
				t.token = token
				restored.tasks = append(restored.tasks, t)
			}
			c.starts[token] = restored
		}
		c.stopped = slices.Clone(c.tasks) // all of them
		slices.SortStableFunc(c.stopped, func(a, b *task) int { return a.stoppedAt.Compare(b.stoppedAt) })
		slices.SortFunc(c.inactive, func(a, b *service) int { return a.inactiveAt.Compare(b.inactiveAt) })
	}
	for _, c := range s.clusters {
		for _, svc := range c.services {
			if svc.status != statusInactive {
				s.spawn(func() { s.schedule(svc) })
			}
		}
	}
	return nil
}

func (s *Service) restoreService(c *cluster, name string, k savedService) (*service, error) {
	svc := &service{
		ecs: s, cluster: c, name: name, arn: k.ARN, status: k.Status, createdAt: k.CreatedAt, inactiveAt: k.InactiveAt,
		spec: k.Spec, desired: k.Desired, configuration: k.Configuration, graceSeconds: k.GraceSeconds,
		managedTags: k.ManagedTags, executable: k.Executable, propagateTags: k.PropagateTags, token: k.Token, request: k.Request,
		zoneBalancing: k.ZoneBalancing, role: k.Role, constraints: k.Constraints, strategy: k.Strategy,
		history: map[string]*deployment{}, events: k.Events, news: noNews(), wake: make(chan struct{}, 1),
	}
	revisions := map[string]*revision{}
	for _, kept := range k.Revisions {
		r := &revision{
			arn: kept.ARN, createdAt: kept.CreatedAt, spec: kept.Spec, groups: kept.Groups, digests: kept.Digests,
			definition: s.taskDefinition(kept.Spec.TaskDefinition),
		}
		if r.definition == nil {
			return nil, fmt.Errorf("there is no task definition %s", kept.Spec.TaskDefinition)
		}
		revisions[r.arn] = r
		svc.revisions = append(svc.revisions, r)
	}
	releases := map[string]*release{}
	for _, kept := range k.Releases {
		r := kept.restore(revisions)
		releases[r.arn] = r
		svc.releases = append(svc.releases, r)
	}
	for _, kept := range k.History {
		d := &deployment{
			id: kept.ID, status: kept.Status, revision: revisions[kept.Revision], release: releases[kept.Release],
			rollback: kept.Rollback, createdAt: kept.CreatedAt, updatedAt: kept.UpdatedAt,
			state: kept.State, reason: kept.Reason, failed: kept.Failed, blocked: kept.Blocked,
		}
		if d.revision == nil || d.release == nil {
			return nil, fmt.Errorf("deployment %s has no revision or no service deployment", d.id)
		}
		svc.history[d.id] = d
	}
	for i, kept := range k.Releases {
		if kept.Shift != nil {
			svc.releases[i].shift = kept.Shift.restore(svc.history)
		}
	}
	for _, id := range k.Deployments {
		d := svc.history[id]
		if d == nil {
			return nil, fmt.Errorf("there is no deployment %s", id)
		}
		svc.deployments = append(svc.deployments, d)
	}
	if len(svc.deployments) == 0 && svc.status != statusInactive {
		return nil, fmt.Errorf("a service in status %s has no deployment", svc.status)
	}
	svc.lastCompleted = svc.history[k.LastCompleted]
	if d := svc.primary(); svc.shifting() { // the listener rules may not have heard of it
		sh := d.release.shift
		svc.orders = append(d.revision.order(productionRule, sh.percent), d.revision.order(testRule, sh.test)...)
	}
	return svc, nil
}

func (k savedRelease) restore(revisions map[string]*revision) *release {
	r := &release{
		arn: k.ARN, status: k.Status, statusReason: k.StatusReason, target: revisions[k.Target], configuration: k.Configuration,
		rollback: k.Rollback, breaker: k.Breaker, failures: k.Failures, threshold: k.Threshold,
		alarms: k.Alarms, triggered: k.Triggered,
		createdAt: k.CreatedAt, updatedAt: k.UpdatedAt, finishedAt: k.FinishedAt, stoppedAt: k.StoppedAt,
	}
	for _, arn := range k.Sources {
		r.sources = append(r.sources, revisions[arn])
	}
	return r
}

func (k *savedShift) restore(history map[string]*deployment) *shift {
	sh := &shift{
		source: history[k.Source], stages: k.Stages, entered: k.Entered, reached: k.Reached, begun: k.Begun,
		percents: k.Percents, percent: k.Percent, test: k.Test, step: k.Step, bake: k.Bake,
	}
	for _, h := range k.Hooks {
		sh.hooks = append(sh.hooks, &pauseHook{id: h.ID, stage: h.Stage, status: h.Status, atTimeout: h.AtTimeout, expiresAt: h.ExpiresAt})
	}
	return sh
}

func (s *Service) restoreTask(c *cluster, k savedTask) (*task, error) {
	t := &task{
		id: k.ID, arn: k.ARN, cluster: c, definition: s.taskDefinition(k.Definition), group: k.Group, startedBy: k.StartedBy,
		overrides: k.Overrides, provider: k.Provider, network: k.Network, subnet: k.Subnet, zone: k.Zone,
		platform: k.Platform, executable: k.Executable, attachmentID: k.Attachment,
		lastStatus: k.LastStatus, desiredStatus: k.DesiredStatus, version: k.Version, stopCode: k.StopCode, stoppedReason: k.Reason,
		createdAt: k.CreatedAt, pullStartedAt: k.PullStartedAt, pullStoppedAt: k.PullStoppedAt, startedAt: k.StartedAt,
		stoppingAt: k.StoppingAt, executionStoppedAt: k.ExecutionStoppedAt, stoppedAt: k.StoppedAt,
	}
	if t.definition == nil {
		return nil, fmt.Errorf("there is no task definition %s", k.Definition)
	}
	if k.Address != "" {
		var err error
		if t.address, err = netip.ParseAddr(k.Address); err != nil {
			return nil, fmt.Errorf("its address: %w", err)
		}
	}
	if svc := c.services[k.Service]; svc != nil {
		t.service, t.deployment, t.revision = svc, svc.history[k.Deployment], svc.revisionOf(k.Revision)
	}
	t.asked, t.ask = context.WithCancel(s.life)
	t.ask() // nothing of it runs
	for _, kept := range k.Containers {
		i := slices.IndexFunc(t.definition.ContainerDefinitions, func(d ContainerDefinition) bool { return d.Name == kept.Name })
		if i < 0 {
			return nil, fmt.Errorf("its task definition has no container %s", kept.Name)
		}
		exited := make(chan struct{})
		close(exited)
		t.containers = append(t.containers, &taskContainer{
			definition: t.definition.ContainerDefinitions[i], arn: kept.ARN, runtimeID: kept.RuntimeID, digest: kept.Digest,
			status: kept.Status, exitCode: kept.ExitCode, reason: kept.Reason, health: checkResult{status: kept.Health}, exited: exited,
		})
	}
	if t.lastStatus != taskStopped {
		t.lose(s)
	}
	return t, nil
}

// lose stops a task whose containers ended with the process that ran them. Who asked it
// to stop before stays the one who did. The mutex is held.
func (t *task) lose(s *Service) {
	now := s.now()
	if t.live() {
		t.desiredStatus, t.stopCode, t.stoppedReason = taskStopped, stopEssentialExit, lostReason
	}
	t.lastStatus, t.version = taskStopped, t.version+1
	if t.stoppingAt.IsZero() {
		t.stoppingAt = now
	}
	if t.executionStoppedAt.IsZero() {
		t.executionStoppedAt = now
	}
	t.stoppedAt = now
	for _, c := range t.containers {
		if c.status == taskRunning {
			code := lostExit
			c.exitCode = &code
		}
		c.status = taskStopped
	}
}
