package ecs

import "time"

// TaskChange is a task that has come to another status.
type TaskChange struct {
	Time     time.Time // AWS time
	TaskARN  string
	Service  string // name; empty for a task of RunTask
	Image    string // of the first essential container
	Address  string // in the private network; empty before it has one
	Status   string // PENDING, RUNNING, DEACTIVATING (draining), STOPPING (SIGTERM is sent), DEPROVISIONING (the containers have exited), ...
	StopCode string // why it stops; empty before
	ExitCode *int   // of the first essential container that has exited
}

// tellTask tells the task's status. The mutex is held.
func (s *Service) tellTask(t *task) {
	if s.options.OnTask == nil {
		return
	}
	c := TaskChange{Time: s.now(), TaskARN: t.arn, Status: string(t.lastStatus), StopCode: t.stopCode}
	if t.service != nil {
		c.Service = t.service.name
	}
	if t.address.IsValid() {
		c.Address = t.address.String()
	}
	for _, container := range t.containers {
		if !container.essential() {
			continue
		}
		if c.Image == "" {
			c.Image = container.definition.Image
		}
		if c.ExitCode == nil {
			c.ExitCode = container.exitCode
		}
	}
	s.options.OnTask(c)
}
