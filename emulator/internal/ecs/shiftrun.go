package ecs

import (
	"slices"
	"time"
)

// advance makes a step of a deployment that shifts traffic: it keeps the tasks that the
// lifecycle stage needs, and goes on to the next stage when all is as it should be. The
// mutex is held.
func (svc *service) advance(d *deployment) {
	sh := d.release.shift
	svc.populate(d, sh)
	if !svc.released(d, sh) {
		return
	}
	if !sh.begun {
		sh.begun, sh.entered = true, svc.ecs.now()
		svc.beginStage(d, sh)
	}
	for svc.stageOver(d, sh) {
		if sh.stage() == stageCleanUp {
			svc.complete(d)
			return
		}
		sh.next()
		d.release.updatedAt = svc.ecs.now()
		if !svc.released(d, sh) {
			return
		}
		sh.begun, sh.entered = true, svc.ecs.now()
		svc.beginStage(d, sh)
	}
}

// next enters the next stage. A production traffic shift is repeated for each step.
func (sh *shift) next() {
	again := sh.stage() == stageProductionShift && len(sh.percents) > 0
	sh.stages = sh.stages[1:]
	if again {
		sh.stages = slices.Insert(slices.Clone(sh.stages), 0, stagePreProduction, stageProductionShift)
	}
	sh.reached, sh.begun = false, false
}

// populate starts and stops tasks: source and target each run as many as are desired,
// the source until CLEAN_UP and the target from SCALE_UP on. A source that has failed
// gets no new ones.
func (svc *service) populate(d *deployment, sh *shift) {
	source := sh.source
	if sh.stage() == stageCleanUp {
		source = nil
	}
	var gone []*task
	for _, t := range svc.tasks {
		if t.live() && t.deployment != d && t.deployment != source {
			t.requestStop(stopByScheduler, "Scaling activity initiated by (deployment "+d.id+")", true)
			gone = append(gone, t)
		}
	}
	svc.tellDraining(gone)
	if source != nil && source.state != rolloutFailed {
		svc.keep(source)
	}
	if sh.passed(stagePreScaleUp) {
		svc.keep(d)
	}
}

// keep brings a deployment to the desired count, whatever other deployments have.
func (svc *service) keep(d *deployment) {
	c := svc.census(d)
	c.Old = group{}
	c.MinimumHealthyPercent, c.MaximumPercent = defaultMinimumPercent, defaultMaximumPercent
	svc.act(d, c.next())
}

// beginStage orders what the stage does with the traffic.
func (svc *service) beginStage(d *deployment, sh *shift) {
	switch sh.stage() {
	case stageReconcile, stagePreScaleUp:
		// Both target groups have to be in a rule, or the targets are not checked.
		svc.orders = append(svc.orders, d.revision.order(productionRule, sh.percent)...)
		svc.orders = append(svc.orders, d.revision.order(testRule, sh.test)...)
	case stageTestShift:
		sh.test = 100
		svc.orders = append(svc.orders, d.revision.order(testRule, sh.test)...)
	case stageProductionShift:
		sh.percent, sh.percents = sh.percents[0], sh.percents[1:]
		svc.orders = append(svc.orders, d.revision.order(productionRule, sh.percent)...)
	}
}

// stageOver reports whether a stage that has begun is at its end.
func (svc *service) stageOver(d *deployment, sh *shift) bool {
	if len(svc.orders) > 0 {
		return false // not carried out yet
	}
	passed := svc.ecs.now().Sub(sh.entered)
	switch sh.stage() {
	case stageReconcile:
		return passed >= stageTime && !slices.ContainsFunc(svc.tasks, func(t *task) bool { return t.deployment != sh.source })
	case stageScaleUp:
		return passed >= stageTime && svc.ready(d)
	case stagePreProduction:
		return true
	case stageProductionShift:
		if len(sh.percents) > 0 {
			return passed >= max(sh.step, stageTime)
		}
	case stageBake:
		return passed >= sh.bake
	case stageCleanUp:
		return svc.stable(d)
	}
	return passed >= stageTime
}

// ready reports whether just the desired tasks of a deployment run, all of them proven.
func (svc *service) ready(d *deployment) bool {
	proven := 0
	for _, t := range svc.tasks {
		switch {
		case t.deployment != d || !t.live():
		case !t.health.healthy || !t.health.proven:
			return false
		default:
			proven++
		}
	}
	return proven == svc.desired
}

// takeOrders are the changes of listener rules to make now. The mutex is held.
func (svc *service) takeOrders() []trafficOrder {
	orders := svc.orders
	svc.orders = nil
	return orders
}

// shiftTraffic changes the listener rules. The mutex is not held.
func (s *Service) shiftTraffic(svc *service, orders []trafficOrder) {
	for _, o := range orders {
		err := s.options.Targets.SetWeights(o.rule, o.groups)
		if err == nil {
			continue
		}
		s.mu.Lock()
		if d := svc.primary(); d != nil && d.release.shift != nil && d.release.running() {
			svc.event("was unable to shift traffic with (listener-rule %s) with (error %v)", o.rule, err)
			svc.fail(d, "ECS deployment", "traffic could not be shifted.", "Service deployment failed because the traffic of "+o.rule+" could not be shifted: "+err.Error(), true)
		}
		s.mu.Unlock()
		return
	}
}

// shifting reports whether a deployment of the service is shifting traffic. The mutex
// is held.
func (svc *service) shifting() bool {
	d := svc.primary()
	return svc.status == statusActive && d != nil && d.release.shift != nil && d.release.running()
}

// shiftBack makes a service deployment one that returns all traffic to where it was.
func (r *release) shiftBack(failed *deployment, now time.Time) {
	back := backShift(failed)
	back.percent, back.test = 100-r.shift.percent, 100-r.shift.test
	back.hooks, back.entered = r.shift.hooks, now
	r.shift = back
}
