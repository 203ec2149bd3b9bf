package ecs

import (
	"context"
	"net/netip"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/container"
	"github.com/slipway-go/slipway/emulator/internal/elb"
)

// taskStatus is a state of a task or container, in the order of its life.
type taskStatus string

// The states of a task on Fargate.
const (
	taskProvisioning   taskStatus = "PROVISIONING" // gets a network interface
	taskPending        taskStatus = "PENDING"      // waits for its host
	taskActivating     taskStatus = "ACTIVATING"   // pulls, creates, registers
	taskRunning        taskStatus = "RUNNING"
	taskDeactivating   taskStatus = "DEACTIVATING"   // deregistered, draining
	taskStopping       taskStatus = "STOPPING"       // SIGTERM sent
	taskDeprovisioning taskStatus = "DEPROVISIONING" // gives the network interface back
	taskStopped        taskStatus = "STOPPED"
)

func (s taskStatus) starting() bool {
	return s == taskProvisioning || s == taskPending || s == taskActivating
}

// Stop codes.
const (
	stopFailedToStart = "TaskFailedToStart"
	stopEssentialExit = "EssentialContainerExited"
	stopByUser        = "UserInitiated"
	stopByScheduler   = "ServiceSchedulerInitiated"
)

// task is a task, guarded by the Service's mutex but for what never changes.
type task struct {
	id, arn      string
	cluster      *cluster
	service      *service // nil for a task of RunTask
	deployment   *deployment
	revision     *revision
	definition   *TaskDefinition
	order        []ContainerDefinition // in which containers start
	group        string
	startedBy    string
	token        string // client token of RunTask
	overrides    *TaskOverride
	provider     string // capacity provider; empty with a launch type
	network      *NetworkConfiguration
	subnet, zone string // where it was placed
	platform     string
	executable   bool // enableExecuteCommand
	attachmentID string
	createdAt    time.Time

	lastStatus    taskStatus
	desiredStatus taskStatus // taskRunning, then taskStopped
	version       int64
	address       netip.Addr // from PENDING on
	containers    []*taskContainer
	targets       []taskTarget // registered ones

	pullStartedAt, pullStoppedAt, startedAt   time.Time
	stoppingAt, executionStoppedAt, stoppedAt time.Time

	// asked ends when the task is to stop. Whoever asks first sets code and reason.
	asked         context.Context
	ask           context.CancelFunc
	stopCode      string
	stoppedReason string
	drains        bool // the scheduler waits for the targets to be unused

	health health
}

// taskContainer is a container of a task.
type taskContainer struct {
	definition ContainerDefinition
	arn        string
	runtimeID  string
	digest     string
	status     taskStatus
	exitCode   *int
	reason     string
	health     checkResult
	process    container.Container // nil until it runs
	startedAt  time.Time
	exited     chan struct{} // closed when status is STOPPED
}

// taskTarget is a task as a target of a target group.
type taskTarget struct {
	group  string // ARN
	target elb.Target
}

func (c *taskContainer) essential() bool {
	return c.definition.Essential == nil || *c.definition.Essential
}

func (c *taskContainer) stopTimeout() time.Duration {
	if c.definition.StopTimeout == nil {
		return defaultStopTimeout * time.Second
	}
	return time.Duration(*c.definition.StopTimeout) * time.Second
}

// live reports whether the task is, or is about to be, of use. The mutex is held.
func (t *task) live() bool { return t.desiredStatus == taskRunning }

// requestStop asks the task to stop; the first reason stands. The mutex is held.
func (t *task) requestStop(code, reason string, drains bool) bool {
	if !t.live() {
		return false
	}
	t.desiredStatus, t.stopCode, t.stoppedReason, t.drains = taskStopped, code, reason, drains
	t.version++
	t.ask()
	return true
}

// container finds a container by name.
func (t *task) container(name string) *taskContainer {
	for _, c := range t.containers {
		if c.definition.Name == name {
			return c
		}
	}
	return nil
}

// setStatus moves the task and lets the scheduler and all who wait look. The mutex
// is held.
func (s *Service) setStatus(t *task, status taskStatus) {
	t.lastStatus = status
	t.version++
	if status == taskStopped && t.stoppedAt.IsZero() {
		t.stoppedAt = s.now()
		t.cluster.stopped = append(t.cluster.stopped, t)
	}
	t.announce(s)
	s.tellTask(t)
	if t.service != nil {
		t.service.nudge()
	}
}

// failed reports whether a task that was asked to stop counts as failed: it did not
// start, ended before it was ever healthy, or was stopped for its health checks.
func (t *task) failed() bool {
	switch t.stopCode {
	case stopFailedToStart:
		return true
	case stopEssentialExit:
		return !t.health.proven
	case stopByScheduler:
		return t.health.stopped
	}
	return false
}
