package ecs

import (
	"slices"
	"sync"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/elb"
)

// stoppedKept is how long ECS shows a stopped task.
const stoppedKept = time.Hour

// stopTask takes a task that was asked to stop to STOPPED, as Fargate does: the
// targets are deregistered and drained, then the containers get SIGTERM, then those
// that still run SIGKILL.
func (s *Service) stopTask(t *task) {
	if len(t.targets) > 0 {
		s.mu.Lock()
		s.setStatus(t, taskDeactivating)
		s.mu.Unlock()
		s.deregisterTargets(t)
		if t.drains && !s.options.EarlySIGTERM {
			s.drain(t)
		}
	}
	s.mu.Lock()
	t.stoppingAt = s.now()
	s.setStatus(t, taskStopping)
	if t.stopCode == stopByScheduler && t.service != nil && !t.startedAt.IsZero() {
		t.service.news.stopped = append(t.service.news.stopped, t.id)
	}
	s.mu.Unlock()
	s.stopContainers(t)

	s.mu.Lock()
	t.executionStoppedAt = s.now()
	s.setStatus(t, taskDeprovisioning)
	s.mu.Unlock()
	_ = s.options.Clock.Sleep(s.life, deprovisioningTime) // cut short by Close

	s.mu.Lock()
	defer s.mu.Unlock()
	s.setStatus(t, taskStopped)
	if t.service == nil {
		s.options.Settled()
	}
}

func (s *Service) deregisterTargets(t *task) {
	for _, target := range t.targets {
		err := s.options.Targets.Deregister(target.group, target.target)
		if err != nil { // a target group that was deleted has no targets either
			s.options.Logger.Warn("deregistering a target", "task", t.arn, "targetGroup", target.group, "error", err)
			continue
		}
		s.mu.Lock()
		t.service.news.deregistered[target.group]++
		s.mu.Unlock()
	}
}

// drain waits until no target group has the task any more. Containers that have
// exited by themselves have nothing to drain.
func (s *Service) drain(t *task) {
	for !s.unused(t) {
		poll := s.tick()
		select {
		case <-poll.C:
		case <-s.life.Done():
			poll.Stop()
			return
		}
	}
}

func (s *Service) unused(t *task) bool {
	s.mu.Lock()
	exited := true
	for _, c := range t.containers {
		if c.essential() && c.status != taskStopped {
			exited = false
		}
	}
	s.mu.Unlock()
	if exited {
		return true
	}
	for _, target := range t.targets {
		if state, _ := s.options.Targets.Health(target.group, target.target); state != elb.Unused {
			return false
		}
	}
	return true
}

// stopContainers stops all containers, each when those that depend on it have exited:
// "When a dependency is defined for container startup, for container shutdown it is
// reversed" (API reference, ContainerDefinition).
func (s *Service) stopContainers(t *task) {
	var stopping sync.WaitGroup
	for _, c := range t.containers {
		if c.process != nil {
			stopping.Go(func() { s.stopContainer(t, c) })
		}
	}
	stopping.Wait()
}

// stopContainer sends a container SIGTERM when its turn has come, and SIGKILL when its
// stop timeout is over. Close kills at once.
func (s *Service) stopContainer(t *task, c *taskContainer) {
	for _, other := range t.containers {
		if other.process != nil && other.dependsOn(c) {
			select {
			case <-other.exited:
			case <-s.life.Done():
			}
		}
	}
	c.process.Terminate()
	timer := s.options.Clock.Timer(c.stopTimeout())
	defer timer.Stop()
	select {
	case <-c.exited:
	case <-timer.C:
		c.process.Kill()
	case <-s.life.Done():
		c.process.Kill()
	}
	<-c.exited
}

func (c *taskContainer) dependsOn(other *taskContainer) bool {
	return slices.ContainsFunc(c.definition.DependsOn, func(d ContainerDependency) bool { return d.ContainerName == other.definition.Name })
}
