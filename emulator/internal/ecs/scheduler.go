package ecs

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/elb"
)

// A scheduler looks at its service every second of AWS time, whenever something has
// changed, and never more often than minTick of real time.
const (
	tickTime = time.Second
	minTick  = 5 * time.Millisecond
)

func (s *Service) tick() *time.Timer {
	return time.NewTimer(max(s.options.Clock.Real(tickTime), minTick))
}

// schedule keeps a service at what it wants, until it is INACTIVE or life ends.
func (s *Service) schedule(svc *service) {
	var observations []observation
	for nudged := true; ; {
		s.mu.Lock()
		observations = svc.targets(observations[:0])
		s.mu.Unlock()
		s.look(observations)
		s.mu.Lock()
		if !nudged && svc.idle(observations) {
			s.mu.Unlock()
			if nudged = s.rest(svc); s.life.Err() != nil {
				return
			}
			continue
		}
		done := svc.reconcile(observations)
		orders := svc.takeOrders()
		s.mu.Unlock()
		if done {
			return
		}
		s.shiftTraffic(svc, orders)
		if nudged = s.rest(svc); s.life.Err() != nil {
			return
		}
	}
}

// rest waits until the scheduler is to look again, and reports whether it was nudged.
func (s *Service) rest(svc *service) (nudged bool) {
	tick := s.tick()
	defer tick.Stop()
	select {
	case <-svc.wake:
		return true
	case <-tick.C:
	case <-s.life.Done():
	}
	return false
}

// idle reports whether a step of a scheduler that nobody has nudged would change
// nothing: the service was in order after the last one, and its targets still are. All
// that is not a target's health comes with a nudge. With a thousand services that do
// nothing, such steps would be most of what there is to do. The mutex is held.
func (svc *service) idle(observations []observation) bool {
	d := svc.primary()
	if !svc.steady || svc.status != statusActive || len(svc.deployments) != 1 || d.state != rolloutCompleted || !svc.stable(d) {
		return false
	}
	for _, o := range observations {
		if o.state != elb.Healthy && o.state != elb.Unavailable {
			return false
		}
	}
	return true
}

// retire ends a service whose last task has stopped. The mutex is held.
func (svc *service) retire() {
	svc.status, svc.inactiveAt, svc.deployments = statusInactive, svc.ecs.now(), nil
	svc.cluster.inactive = append(svc.cluster.inactive, svc)
	svc.ecs.options.Settled()
}

// inactiveKept is how long a deleted service is shown. AWS gives no time: "INACTIVE
// services may be cleaned up and purged from Amazon ECS record keeping" (API reference,
// DeleteService).
const inactiveKept = 24 * time.Hour

// forgetInactive drops the services that have been INACTIVE for longer than ECS shows
// them. The mutex is held.
func (s *Service) forgetInactive(c *cluster) {
	for len(c.inactive) > 0 && s.now().Sub(c.inactive[0].inactiveAt) > inactiveKept {
		svc := c.inactive[0]
		c.inactive = slices.Delete(c.inactive, 0, 1)
		if c.services[svc.name] == svc { // no other has taken its name
			delete(c.services, svc.name)
			delete(s.tags, svc.arn)
		}
	}
}

// nudge lets the scheduler look at the service at once.
func (svc *service) nudge() {
	select {
	case svc.wake <- struct{}{}:
	default: // it is about to look anyway
	}
}

// taskLost is told of every task that was asked to stop. The mutex is held.
func (s *Service) taskLost(t *task) {
	if t.service == nil {
		return
	}
	if t.failed() {
		t.service.noteFailure(t.deployment)
	}
	t.service.nudge()
	t.service.announce()
}

// reconcile makes one step and reports whether it was the last. The mutex is held.
func (svc *service) reconcile(observations []observation) (done bool) {
	defer svc.announce()
	svc.examine(observations)
	svc.tell()
	svc.forgetStopped()
	if svc.status == statusDraining && len(svc.tasks) == 0 {
		svc.retire()
		return true
	}
	d := svc.primary()
	c := svc.census(d)
	switch {
	case svc.shifting():
		svc.advance(d)
		d = svc.primary() // a hook may have rolled it back
	case d.state == rolloutFailed && svc.status == statusActive:
		svc.act(d, c.stalled())
	default:
		svc.act(d, c.next())
	}
	svc.settle(d)
	return false
}

// census counts the service's tasks. The mutex is held.
func (svc *service) census(primary *deployment) census {
	c := census{
		Desired:               svc.desired,
		MinimumHealthyPercent: *svc.configuration.MinimumHealthyPercent,
		MaximumPercent:        *svc.configuration.MaximumPercent,
	}
	for _, t := range svc.tasks {
		if !t.live() {
			continue
		}
		g := &c.Old
		if t.deployment == primary {
			g = &c.Primary
		}
		*t.health.kind(g)++
	}
	return c
}

// kind is the counter of a group that a task of this health belongs to.
func (h health) kind(g *group) *int {
	switch {
	case h.ailing:
		return &g.Ailing
	case h.healthy:
		return &g.Healthy
	default:
		return &g.Starting
	}
}

// act carries out a plan. The mutex is held.
func (svc *service) act(d *deployment, p plan) {
	old := func(t *task) bool { return t.deployment != d }
	own := func(t *task) bool { return t.deployment == d }
	oldest := func(a, b *task) int { return a.createdAt.Compare(b.createdAt) }
	newest := func(a, b *task) int { return b.createdAt.Compare(a.createdAt) }

	stopped := svc.stop(d, p.StopOld, old, oldest)
	stopped = append(stopped, svc.stop(d, p.StopSurplus, own, newest)...)
	stopped = append(stopped, svc.stop(d, group{Ailing: p.StopReplaced}, own, oldest)...)
	svc.tellDraining(stopped)

	if p.Start > 0 && (d != svc.primary() || svc.restarts.allows(svc.ecs.now())) && !svc.ecs.now().Before(svc.placeAfter) {
		var ids []string
		for range p.Start {
			t := svc.startTask(d)
			if t == nil {
				svc.placeAfter = svc.ecs.now().Add(placementRetry)
				break
			}
			ids = append(ids, t.id)
		}
		if len(ids) > 0 {
			svc.event("has started %d tasks: %s.", len(ids), taskList(ids))
		}
		if len(ids) < p.Start {
			svc.event("was unable to place a task. Reason: %s.", noCapacity)
		}
	}
	if p.Blocked && !d.blocked {
		d.blocked = true
		svc.event("was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.")
	}
}

// tellDraining says in an event how many of the stopped tasks have targets to drain.
func (svc *service) tellDraining(stopped []*task) {
	draining := 0
	for _, t := range stopped {
		if len(t.targets) > 0 {
			draining++
		}
	}
	if draining > 0 {
		svc.event("has begun draining connections on %d tasks.", draining)
	}
}

// stop asks as many tasks of each kind to stop as the group says.
func (svc *service) stop(d *deployment, many group, of func(*task) bool, order func(a, b *task) int) []*task {
	candidates := slices.DeleteFunc(slices.Clone(svc.tasks), func(t *task) bool { return !t.live() || !of(t) })
	slices.SortStableFunc(candidates, order)
	var stopped []*task
	for _, t := range candidates {
		left := t.health.kind(&many)
		if *left == 0 {
			continue
		}
		*left--
		if t.health.ailing {
			svc.stopForHealth(t)
		} else {
			t.requestStop(stopByScheduler, "Scaling activity initiated by (deployment "+d.id+")", true)
		}
		stopped = append(stopped, t)
	}
	return stopped
}

// settle ends the deployment, and the step, when all is as it should be. The mutex is
// held.
func (svc *service) settle(d *deployment) {
	svc.deployments = slices.DeleteFunc(svc.deployments, func(old *deployment) bool {
		gone := old != d && !slices.ContainsFunc(svc.tasks, func(t *task) bool { return t.deployment == old })
		if gone {
			old.status = deploymentInactive
		}
		return gone
	})
	steady := svc.stable(d)
	steady = steady && !svc.shifting() // not as a whole before the deployment is over
	if steady && d.state == rolloutInProgress && svc.status == statusActive {
		svc.complete(d)
	}
	if steady && !svc.steady {
		svc.event("has reached a steady state.")
	}
	svc.steady = steady
}

// stable reports whether just the desired tasks run, all of them proven, and no task
// of another deployment is left. The mutex is held.
func (svc *service) stable(d *deployment) bool {
	proven := 0
	for _, t := range svc.tasks {
		switch {
		case t.deployment != d:
			return false
		case t.live() && (!t.health.healthy || !t.health.proven):
			return false
		case t.live():
			proven++
		}
	}
	return proven == svc.desired
}

// forgetStopped leaves stopped tasks to the cluster, which shows them for a while.
func (svc *service) forgetStopped() {
	svc.tasks = slices.DeleteFunc(svc.tasks, func(t *task) bool { return t.lastStatus == taskStopped })
}

// startTask starts a task of the deployment, nil where there is no place for it. The
// mutex is held.
func (svc *service) startTask(d *deployment) *task {
	t := &task{
		service:    svc,
		deployment: d,
		revision:   d.revision,
		definition: d.revision.definition,
		group:      "service:" + svc.name,
		startedBy:  d.id,
		network:    d.revision.spec.NetworkConfiguration,
		platform:   d.revision.spec.PlatformVersion,
		provider:   svc.nextProvider(d),
		executable: svc.executable,
	}
	if !svc.ecs.place(svc.cluster, t) {
		return nil
	}
	svc.ecs.launch(svc.cluster, t, svc.taskTags(t))
	svc.tasks = append(svc.tasks, t)
	return t
}

// nextProvider picks the capacity provider that is furthest behind its share: first
// what is missing of a base, then by weight. Empty with a launch type.
func (svc *service) nextProvider(d *deployment) string {
	strategy := d.revision.spec.CapacityProviderStrategy
	if len(strategy) == 0 {
		return ""
	}
	have := map[string]int{}
	for _, t := range svc.tasks {
		if t.live() && t.deployment == d {
			have[t.provider]++
		}
	}
	for _, item := range strategy {
		if have[item.CapacityProvider] < item.Base {
			return item.CapacityProvider
		}
	}
	weighted := slices.DeleteFunc(slices.Clone(strategy), func(i CapacityProviderStrategyItem) bool { return i.Weight == 0 })
	if len(weighted) == 0 {
		return strategy[0].CapacityProvider
	}
	return slices.MinFunc(weighted, func(a, b CapacityProviderStrategyItem) int {
		return cmp.Compare((have[a.CapacityProvider]-a.Base+1)*b.Weight, (have[b.CapacityProvider]-b.Base+1)*a.Weight)
	}).CapacityProvider
}

// awaitService implements AwaitService.
func (s *Service) awaitService(ctx context.Context, cluster, name, id string) error {
	return s.awaitIn(ctx, func() *service { return s.service(cluster, name) }, func() (bool, error) {
		svc, err := s.activeService(cluster, name)
		if err != nil {
			return false, err
		}
		if id == "" {
			id = svc.primary().id
		}
		if d := svc.history[id]; d != nil && d.state == rolloutFailed {
			return false, &DeploymentFailedError{Service: svc.name, Deployment: d.id, Reason: d.reason}
		}
		d := svc.primary()
		return d.state == rolloutCompleted && svc.stable(d), nil
	})
}

// awaitInactive implements AwaitServiceInactive.
func (s *Service) awaitInactive(ctx context.Context, cluster, name string) error {
	return s.awaitIn(ctx, func() *service { return s.service(cluster, name) }, func() (bool, error) {
		svc := s.service(cluster, name)
		return svc == nil || svc.status == statusInactive, nil
	})
}
