package ecs

import (
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

// stopContainers sends SIGTERM to all containers, waits for the stop timeout of each,
// and kills what is left. Close kills at once.
func (s *Service) stopContainers(t *task) {
	for _, c := range t.containers {
		if c.process != nil {
			c.process.Terminate()
		}
	}
	began := s.now()
	for _, c := range t.containers {
		if c.process == nil {
			continue
		}
		left := c.stopTimeout() - s.options.Clock.Since(began)
		timer := s.options.Clock.Timer(max(left, 0))
		select {
		case <-c.exited:
		case <-timer.C:
			c.process.Kill()
		case <-s.life.Done():
			c.process.Kill()
		}
		timer.Stop()
		<-c.exited
	}
}
