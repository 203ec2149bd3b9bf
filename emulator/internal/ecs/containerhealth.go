package ecs

import (
	"context"
	"fmt"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/container"
)

// The health status of containers and tasks.
const (
	statusHealthy   = "HEALTHY"
	statusUnhealthy = "UNHEALTHY"
	statusUnknown   = "UNKNOWN" // there is no check, or none has come to a result
)

// What a container health check has where it does not say, by the API reference of
// HealthCheck.
const (
	defaultCheckInterval = 30 // seconds
	defaultCheckTimeout  = 5  // seconds
	defaultCheckRetries  = 3
)

// validate holds a health check to the ranges that the API reference of HealthCheck
// gives. Its words are ours.
func (check *HealthCheck) validate(container string) error {
	if check == nil {
		return nil
	}
	for _, of := range []struct {
		name        string
		value       *int
		least, most int
	}{
		{"interval", check.Interval, 5, 300},
		{"timeout", check.Timeout, 2, 60},
		{"retries", check.Retries, 1, 10},
		{"startPeriod", check.StartPeriod, 0, 300},
	} {
		if of.value != nil && !between(*of.value, of.least, of.most) {
			return clientError("The healthCheck %s of container %s must be between %d and %d.", of.name, container, of.least, of.most)
		}
	}
	return nil
}

func seconds(n *int, fallback int) time.Duration {
	if n != nil {
		fallback = *n
	}
	return time.Duration(fallback) * time.Second
}

// checkResult is what the checks of a container have come to.
type checkResult struct {
	status   string // empty: UNKNOWN
	failures int    // in a row
}

// record counts a check of a container that has run for some time. In the start period
// failures do not count, unless a check has passed in it.
func (r *checkResult) record(check *HealthCheck, passed bool, age time.Duration) {
	if passed {
		r.status, r.failures = statusHealthy, 0
		return
	}
	if r.status == "" && age < seconds(check.StartPeriod, 0) {
		return
	}
	r.failures++
	retries := defaultCheckRetries
	if check.Retries != nil {
		retries = *check.Retries
	}
	if r.failures >= retries {
		r.status = statusUnhealthy
	}
}

// checked reports whether the container has a health check. NONE turns off the one that
// the image may bring.
func (c *taskContainer) checked() bool {
	check := c.definition.HealthCheck
	return check != nil && len(check.Command) > 0 && check.Command[0] != "NONE"
}

// healthStatus of a container. The mutex is held.
func (c *taskContainer) healthStatus() string {
	switch {
	case !c.checked():
		return statusUnknown
	case c.status == taskStopped:
		return statusUnhealthy
	}
	return orElse(c.health.status, statusUnknown)
}

// checked reports whether a health check of a container decides on the task's health.
func (t *task) checked() bool {
	for _, c := range t.containers {
		if c.essential() && c.checked() {
			return true
		}
	}
	return false
}

// healthStatus of a task is the worst of its essential containers with health checks.
// The mutex is held.
func (t *task) healthStatus() string {
	if !t.checked() {
		return statusUnknown
	}
	worst := statusHealthy
	for _, c := range t.containers {
		if !c.essential() || !c.checked() {
			continue
		}
		switch c.healthStatus() {
		case statusUnhealthy:
			return statusUnhealthy
		case statusUnknown:
			worst = statusUnknown
		}
	}
	return worst
}

// checkContainer checks a container, first after one interval, as Docker does, until it
// exits or the task is asked to stop.
func (s *Service) checkContainer(t *task, c *taskContainer) {
	check := c.definition.HealthCheck
	started := s.now()
	for {
		next := s.options.Clock.Timer(seconds(check.Interval, defaultCheckInterval))
		select {
		case <-next.C:
		case <-c.exited:
			next.Stop()
			return
		case <-t.asked.Done():
			next.Stop()
			return
		}
		passed := s.checkOnce(t, c)
		if t.asked.Err() != nil {
			return // which may have cut the check short
		}
		s.mu.Lock()
		before := c.health.status
		c.health.record(check, passed, s.options.Clock.Since(started))
		if c.health.status != before {
			s.setStatus(t, t.lastStatus) // the same, but all who wait should look
		}
		s.mu.Unlock()
	}
}

// checkOnce runs the command of a container's health check.
func (s *Service) checkOnce(t *task, c *taskContainer) (passed bool) {
	checker, ok := c.process.(container.HealthChecker)
	if !ok {
		return true // see HealthChecker
	}
	check := c.definition.HealthCheck
	ctx, cancel := context.WithTimeout(t.asked, s.options.Clock.IOTimeout(seconds(check.Timeout, defaultCheckTimeout)))
	defer cancel()
	return checker.CheckHealth(ctx, check.Command) == nil
}

// awaitHealthy waits for a container that another depends on. Without a health check it
// counts as healthy once it runs.
func (s *Service) awaitHealthy(ctx context.Context, t *task, on *taskContainer) error {
	if !on.checked() {
		return nil
	}
	return s.awaitIn(ctx, func() *service { return t.service }, func() (bool, error) {
		switch on.healthStatus() {
		case statusHealthy:
			return true, nil
		case statusUnhealthy:
			return false, &startFailure{stopFailedToStart, fmt.Sprintf("dependency: container %s is UNHEALTHY", on.definition.Name)}
		}
		return false, nil
	})
}
