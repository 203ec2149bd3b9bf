package ecs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/elb"
)

// What Fargate needs around the life of the containers. AWS publishes no figures;
// these are near what small tasks show.
const (
	provisioningTime   = 5 * time.Second // a network interface is made and attached
	pendingTime        = 1 * time.Second // a host takes the task on
	deprovisioningTime = 5 * time.Second // the network interface is given back
)

// startFailure is why a task did not reach RUNNING.
type startFailure struct {
	code, reason string
}

func (f *startFailure) Error() string { return f.reason }

// run is the life of a task, from PROVISIONING to STOPPED.
func (s *Service) run(t *task) {
	defer t.ask() // frees the context of a task that ended by itself
	err := s.startTask(t)
	if err == nil {
		<-t.asked.Done() // a user, the scheduler, an exit, or Close
	}
	s.mu.Lock()
	var failure *startFailure
	switch {
	case errors.As(err, &failure):
		t.requestStop(failure.code, failure.reason, false)
	case t.live():
		t.requestStop(stopByScheduler, "The embedded AWS was closed.", false)
	}
	s.taskLost(t)
	s.mu.Unlock()
	s.stopTask(t)
}

// startTask brings a task to RUNNING. An error that is no startFailure means that the
// task was asked to stop meanwhile.
func (s *Service) startTask(t *task) error {
	if err := s.options.Clock.Sleep(t.asked, provisioningTime); err != nil {
		return err
	}
	s.mu.Lock()
	t.address = s.options.Network.Address()
	s.setStatus(t, taskPending)
	s.mu.Unlock()
	if err := s.options.Clock.Sleep(t.asked, pendingTime); err != nil {
		return err
	}
	if err := s.pullImages(t); err != nil {
		return err
	}
	for _, definition := range t.order {
		if err := s.startContainer(t, t.container(definition.Name)); err != nil {
			return err
		}
	}
	if err := s.registerTargets(t); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !t.live() {
		return context.Canceled
	}
	t.startedAt = s.now()
	s.setStatus(t, taskRunning)
	return nil
}

// pullImages resolves and pulls what the containers run.
func (s *Service) pullImages(t *task) error {
	s.mu.Lock()
	t.pullStartedAt = s.now()
	s.setStatus(t, taskActivating)
	s.mu.Unlock()
	for _, c := range t.containers {
		digest, err := s.resolve(t, c)
		if err == nil {
			err = s.options.Faults.Pull(c.definition.Image)
		}
		if err == nil {
			err = s.options.Runtime.Pull(t.asked, c.definition.Image, digest)
		}
		if t.asked.Err() != nil {
			return t.asked.Err()
		}
		s.mu.Lock()
		if err != nil {
			c.reason = err.Error()
			s.mu.Unlock()
			return &startFailure{stopFailedToStart, err.Error()}
		}
		c.digest = digest
		s.mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t.pullStoppedAt = s.now()
	return nil
}

// resolve returns the digest of a container's image. A service revision keeps what was
// resolved first (version consistency), so that a tag which is pushed again changes
// nothing until the next deployment.
func (s *Service) resolve(t *task, c *taskContainer) (string, error) {
	consistent := t.revision != nil && c.definition.VersionConsistency != "disabled"
	if consistent {
		s.mu.Lock()
		digest := t.revision.digests[c.definition.Name]
		s.mu.Unlock()
		if digest != "" {
			return digest, nil
		}
	}
	digest, err := s.options.Runtime.Resolve(t.asked, c.definition.Image)
	if err != nil || t.revision == nil {
		return digest, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := t.revision.digests[c.definition.Name]; known != "" && consistent {
		return known, nil // another task was faster
	}
	t.revision.digests[c.definition.Name] = digest
	return digest, nil
}

// startContainer waits for what the container depends on and starts it.
func (s *Service) startContainer(t *task, c *taskContainer) error {
	for _, d := range c.definition.DependsOn {
		if err := s.awaitDependency(t, d); err != nil {
			return err
		}
	}
	output, err := s.openLog(t, c.definition)
	if err != nil {
		return err
	}
	process, err := s.options.Runtime.Start(t.asked, t.spec(c, output))
	if t.asked.Err() != nil {
		if process != nil {
			process.Kill()
			<-process.Exited()
		}
		_ = output.Close()
		return t.asked.Err()
	}
	if err != nil {
		_ = output.Close()
		reason := "CannotStartContainerError: " + err.Error()
		s.mu.Lock()
		c.reason = reason
		s.mu.Unlock()
		return &startFailure{stopFailedToStart, reason}
	}
	ports := t.ports(c.definition)
	for _, port := range ports {
		s.options.Network.Bind(port, process.Addr())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c.process, c.status, c.startedAt = process, taskRunning, s.now()
	t.announce(s)
	s.work.Go(func() { s.watch(t, c, ports, output) }) // the task's own goroutine waits for it, even during Close
	if c.checked() {
		s.work.Go(func() { s.checkContainer(t, c) })
	}
	return nil
}

// awaitDependency waits for a container in the way of another, as long as that one's
// start timeout says. START holds once it runs, and it was started before.
func (s *Service) awaitDependency(t *task, d ContainerDependency) error {
	on := t.container(d.ContainerName)
	if !slices.Contains([]string{"HEALTHY", "COMPLETE", "SUCCESS"}, d.Condition) {
		return nil
	}
	ctx := t.asked
	if limit := on.definition.StartTimeout; limit != nil {
		bounded, cancel := s.options.Clock.WithTimeout(ctx, seconds(limit, 0)-s.options.Clock.Since(on.startedAt))
		defer cancel()
		ctx = bounded
	}
	err := s.awaitCondition(ctx, t, d, on)
	if err != nil && ctx.Err() != nil && t.asked.Err() == nil {
		return &startFailure{stopFailedToStart, fmt.Sprintf("dependency: container %s was not %s within its start timeout of %d seconds", d.ContainerName, d.Condition, *on.definition.StartTimeout)}
	}
	return err
}

func (s *Service) awaitCondition(ctx context.Context, t *task, d ContainerDependency, on *taskContainer) error {
	if d.Condition == "HEALTHY" {
		return s.awaitHealthy(ctx, t, on)
	}
	select {
	case <-on.exited:
	case <-ctx.Done():
		return ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.Condition == "SUCCESS" && *on.exitCode != 0 {
		return &startFailure{stopFailedToStart, fmt.Sprintf("dependency: container %s exited with code %d, not with 0", d.ContainerName, *on.exitCode)}
	}
	return nil
}

// watch waits for a container's exit, which ends the task if the container is essential.
func (s *Service) watch(t *task, c *taskContainer, ports []netip.AddrPort, output io.Closer) {
	<-c.process.Exited()
	_ = output.Close()
	for _, port := range ports {
		s.options.Network.Unbind(port)
	}
	code := c.process.ExitCode()
	s.mu.Lock()
	defer s.mu.Unlock()
	c.status, c.exitCode = taskStopped, &code
	close(c.exited)
	if c.essential() {
		t.requestStop(stopEssentialExit, "Essential container in task exited", false)
	}
	t.announce(s)
}

// registerTargets makes the task a target of its service's target groups.
func (s *Service) registerTargets(t *task) error {
	if t.revision == nil {
		return nil
	}
	for i, lb := range t.revision.spec.LoadBalancers {
		group := t.revision.groups[i]
		target := taskTarget{group, elb.Target{ID: t.address.String(), Port: *lb.ContainerPort}}
		err := s.options.Targets.Register(target.group, target.target, t.zone)
		s.mu.Lock()
		if err != nil {
			t.service.event("failed to register targets in (target-group %s) with (error %v)", group, err)
			s.mu.Unlock()
			return &startFailure{stopFailedToStart, fmt.Sprintf("registering target %s:%d in (target-group %s): %v", target.target.ID, target.target.Port, group, err)}
		}
		t.targets = append(t.targets, target)
		t.service.news.registered[group]++
		s.mu.Unlock()
	}
	return nil
}

// environment is what the container gets, overrides of RunTask included.
func (t *task) environment(definition ContainerDefinition) map[string]string {
	env := map[string]string{}
	for _, v := range definition.Environment {
		env[v.Name] = v.Value
	}
	if t.overrides != nil {
		for _, o := range t.overrides.ContainerOverrides {
			if o.Name != definition.Name {
				continue
			}
			for _, v := range o.Environment {
				env[v.Name] = v.Value
			}
		}
	}
	return env
}

// ports are the addresses at which the container answers.
func (t *task) ports(definition ContainerDefinition) []netip.AddrPort {
	var ports []netip.AddrPort
	seen := map[int]bool{}
	add := func(port int) {
		if port > 0 && port <= 65535 && !seen[port] {
			seen[port] = true
			ports = append(ports, netip.AddrPortFrom(t.address, uint16(port)))
		}
	}
	add(t.servedPort(definition))
	for _, p := range definition.PortMappings {
		if p.ContainerPort != nil {
			add(*p.ContainerPort)
		}
	}
	return ports
}

// servedPort is the container port that the service's load balancer sends to, or else
// the first that is mapped; 0 where there is none.
func (t *task) servedPort(definition ContainerDefinition) int {
	if t.revision != nil {
		for _, lb := range t.revision.spec.LoadBalancers {
			if lb.ContainerName == definition.Name {
				return *lb.ContainerPort
			}
		}
	}
	for _, p := range definition.PortMappings {
		if p.ContainerPort != nil {
			return *p.ContainerPort
		}
	}
	return 0
}
