package ecs

import (
	"fmt"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/elb"
)

// settleTime is how long a task without a health check has to run before it counts as
// proven: a process that exits soon after its start must not clear the circuit
// breaker's count, nor complete a deployment.
const settleTime = 10 * time.Second

// health is what the scheduler knows of a task's health.
type health struct {
	healthy bool   // passes its checks now
	proven  bool   // has been healthy
	ailing  bool   // proven, and fails its checks after the grace period
	illness string // why it would be stopped
	stopped bool   // it was
}

// observation is the state of one target of a task.
type observation struct {
	task   *task
	target taskTarget
	state  elb.State
	reason string // of an unhealthy one, as service events give it
}

// targets appends the targets of running tasks. The mutex is held.
func (svc *service) targets(all []observation) []observation {
	for _, t := range svc.tasks {
		if t.live() && t.lastStatus == taskRunning {
			for _, target := range t.targets {
				all = append(all, observation{task: t, target: target})
			}
		}
	}
	return all
}

// look asks the target groups. The mutex is not held.
func (s *Service) look(observations []observation) {
	for i := range observations {
		o := &observations[i]
		o.state, _ = s.options.Targets.Health(o.target.group, o.target.target)
		if o.state == elb.Unhealthy {
			o.reason = s.options.Targets.HealthDescription(o.target.group, o.target.target)
		}
	}
}

// examine judges the tasks by what was observed, and stops those that never passed
// their health checks within the grace period. The mutex is held.
func (svc *service) examine(observations []observation) {
	for _, t := range svc.tasks {
		if !t.live() || t.lastStatus != taskRunning {
			continue
		}
		svc.examineTask(t, observations)
	}
}

func (svc *service) examineTask(t *task, observations []observation) {
	sick := (*observation)(nil)
	checked := t.checked()
	healthy := !checked || t.healthStatus() == statusHealthy
	seen := 0
	for i := range observations {
		o := &observations[i]
		if o.task != t {
			continue
		}
		seen++
		healthy = healthy && (o.state == elb.Healthy || o.state == elb.Unavailable)
		if o.state == elb.Unhealthy {
			sick = o
		}
	}
	if seen < len(t.targets) {
		return // it reached RUNNING after the observation
	}
	now := svc.ecs.now()
	h := &t.health
	h.healthy = healthy
	if healthy {
		h.ailing, h.illness = false, ""
		if !h.proven && (checked || len(t.targets) > 0 || now.Sub(t.startedAt) >= settleTime) {
			h.proven = true
			svc.noteHealthy(t.deployment)
		}
		return
	}
	failed := t.healthStatus() == statusUnhealthy
	if sick == nil && !failed || now.Sub(t.startedAt) < svc.gracePeriod() {
		return
	}
	switch {
	case h.illness != "": // told already
	case failed:
		svc.event("(task %s) failed container health checks.", t.id)
		h.illness = "Task failed container health checks"
	default:
		svc.event("(task %s) (port %d) is unhealthy in (target-group %s) due to (reason %s)",
			t.id, sick.target.target.Port, sick.target.group, sick.reason)
		h.illness = fmt.Sprintf("Task failed ELB health checks in (target-group %s)", sick.target.group)
	}
	if h.proven {
		h.ailing = true // replaced first, stopped then: see census.next
	} else {
		svc.stopForHealth(t)
	}
}

func (svc *service) stopForHealth(t *task) {
	if t.requestStop(stopByScheduler, t.health.illness, true) {
		t.health.stopped = true
	}
}

func (svc *service) gracePeriod() time.Duration {
	if svc.graceSeconds == nil {
		return 0
	}
	return time.Duration(*svc.graceSeconds) * time.Second
}
