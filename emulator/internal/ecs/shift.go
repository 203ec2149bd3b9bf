package ecs

import (
	"math"
	"slices"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/elb"
)

// Deployment strategies.
const (
	strategyRolling   = "ROLLING"
	strategyBlueGreen = "BLUE_GREEN"
	strategyLinear    = "LINEAR"
	strategyCanary    = "CANARY"
)

// Lifecycle stages of a service deployment that shifts traffic, in their order.
// PRE_PRODUCTION_TRAFFIC_SHIFT is only a stage for hooks: DescribeServiceDeployments
// has no such lifecycle stage.
const (
	stageReconcile       = "RECONCILE_SERVICE"
	stagePreScaleUp      = "PRE_SCALE_UP"
	stageScaleUp         = "SCALE_UP"
	stagePostScaleUp     = "POST_SCALE_UP"
	stageTestShift       = "TEST_TRAFFIC_SHIFT"
	stagePostTestShift   = "POST_TEST_TRAFFIC_SHIFT"
	stagePreProduction   = "PRE_PRODUCTION_TRAFFIC_SHIFT"
	stageProductionShift = "PRODUCTION_TRAFFIC_SHIFT"
	stagePostProduction  = "POST_PRODUCTION_TRAFFIC_SHIFT"
	stageBake            = "BAKE_TIME"
	stageCleanUp         = "CLEAN_UP"
)

// stageTime is how long a lifecycle stage takes at least. AWS publishes no figure; its
// stages last long enough to be seen.
const stageTime = 5 * time.Second

// What LINEAR and CANARY do where the configuration does not say, by the API reference
// of LinearConfiguration and CanaryConfiguration.
const (
	defaultLinearPercent = 10.0
	defaultLinearMinutes = 6
	defaultCanaryPercent = 5.0
	defaultCanaryMinutes = 10
)

// shift is how far a service deployment with the strategy BLUE_GREEN, LINEAR or CANARY
// is: it starts all tasks of its revision in the target groups that are not in use,
// moves the traffic over, and then stops those of the source.
type shift struct {
	source   *deployment // what had the traffic before; nil for the first deployment
	stages   []string    // still to come, the current one first
	entered  time.Time   // the current one
	reached  bool        // its hooks have been
	begun    bool        // its hooks are over, and its work was ordered
	percents []float64   // of the production traffic, still to come
	percent  float64     // of it that the target has
	test     float64     // of the test traffic
	step     time.Duration
	bake     time.Duration
	hooks    []*pauseHook // that have been reached
}

// forwardShift is the shift of a new deployment. Others are active where tasks run that
// are not the source's.
func forwardShift(c *DeploymentConfiguration, source *deployment, others bool) *shift {
	stages := []string{
		stagePreScaleUp, stageScaleUp, stagePostScaleUp, stageTestShift, stagePostTestShift,
		stagePreProduction, stageProductionShift, stagePostProduction, stageBake, stageCleanUp,
	}
	if others {
		stages = slices.Insert(stages, 0, stageReconcile)
	}
	sh := &shift{source: source, stages: stages}
	sh.percents, sh.step = trafficSteps(c)
	if c.BakeTimeInMinutes != nil {
		sh.bake = minutes(*c.BakeTimeInMinutes)
	}
	if source == nil { // there is nothing to shift from, nor to go back to
		sh.percents, sh.bake, sh.percent, sh.test = []float64{100}, 0, 100, 100
	}
	return sh
}

// backShift is the shift of a rollback: all traffic at once, as soon as the tasks that
// get it are healthy, which they still are before CLEAN_UP.
func backShift(failed *deployment) *shift {
	return &shift{
		source:   failed,
		stages:   []string{stageScaleUp, stageTestShift, stageProductionShift, stageCleanUp},
		percents: []float64{100},
	}
}

// trafficSteps are the parts of the production traffic that the target gets one after
// the other, in percent, and the time between two.
func trafficSteps(c *DeploymentConfiguration) ([]float64, time.Duration) {
	switch c.Strategy {
	case strategyLinear:
		percent, bake := defaultLinearPercent, defaultLinearMinutes
		if l := c.LinearConfiguration; l != nil {
			percent, bake = orDefault(l.StepPercent, percent), orDefault(l.StepBakeTimeInMinutes, bake)
		}
		var steps []float64
		for i := 1.0; i*percent < 100; i++ {
			steps = append(steps, math.Round(i*percent*10)/10)
		}
		return append(steps, 100), minutes(bake)
	case strategyCanary:
		percent, bake := defaultCanaryPercent, defaultCanaryMinutes
		if c := c.CanaryConfiguration; c != nil {
			percent, bake = orDefault(c.CanaryPercent, percent), orDefault(c.CanaryBakeTimeInMinutes, bake)
		}
		if percent >= 100 {
			return []float64{100}, minutes(bake)
		}
		return []float64{percent, 100}, minutes(bake)
	default:
		return []float64{100}, 0
	}
}

func orDefault[T any](p *T, fallback T) T {
	if p == nil {
		return fallback
	}
	return *p
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }

func (sh *shift) stage() string { return sh.stages[0] }

// shown is the stage as DescribeServiceDeployments names it.
func (sh *shift) shown() string {
	if sh.stage() == stagePreProduction {
		return stageProductionShift
	}
	return sh.stage()
}

// passed reports whether the shift is beyond a stage.
func (sh *shift) passed(stage string) bool { return !slices.Contains(sh.stages, stage) }

// shifts reports whether deployments with this configuration shift traffic.
func (c *DeploymentConfiguration) shifts() bool {
	return c != nil && c.Strategy != "" && c.Strategy != strategyRolling
}

// trafficOrder is a change of a listener rule that the scheduler has to make.
type trafficOrder struct {
	rule   string // ARN
	groups []elb.TargetGroupTuple
}

// order gives the deployment a share of what a rule of each load balancer forwards; the
// other target group of the pair gets the rest.
func (r *revision) order(ruleOf func(*AdvancedConfiguration) string, percent float64) []trafficOrder {
	var orders []trafficOrder
	for i, lb := range r.spec.LoadBalancers {
		if lb.AdvancedConfiguration == nil || ruleOf(lb.AdvancedConfiguration) == "" {
			continue
		}
		own, other := weights(percent)
		orders = append(orders, trafficOrder{rule: ruleOf(lb.AdvancedConfiguration), groups: []elb.TargetGroupTuple{
			{TargetGroupArn: r.groups[i], Weight: &own},
			{TargetGroupArn: lb.other(r.groups[i]), Weight: &other},
		}})
	}
	return orders
}

func productionRule(a *AdvancedConfiguration) string { return a.ProductionListenerRule }
func testRule(a *AdvancedConfiguration) string       { return a.TestListenerRule }

// weights are percents of whole ones, or of tenths, which target group weights can just
// about tell: they end at 999.
func weights(percent float64) (own, other int) {
	if percent == math.Trunc(percent) {
		return int(percent), 100 - int(percent)
	}
	own = int(math.Round(percent * 10))
	return own, 1000 - own
}

// other is the other target group of the pair.
func (lb LoadBalancer) other(group string) string {
	if group == lb.TargetGroupArn {
		return lb.AdvancedConfiguration.AlternateTargetGroupArn
	}
	return lb.TargetGroupArn
}

// targetGroups are those that the tasks of a revision get into, one for each load
// balancer: with a shift the ones that the source does not use, without one those that
// it uses, and what the service names where there is no source.
func targetGroups(spec revisionSpec, source *revision, shifts bool) []string {
	groups := make([]string, len(spec.LoadBalancers))
	for i, lb := range spec.LoadBalancers {
		groups[i] = lb.TargetGroupArn
		if source == nil || lb.AdvancedConfiguration == nil || i >= len(source.groups) {
			continue
		}
		used := source.groups[i]
		if used != lb.TargetGroupArn && used != lb.AdvancedConfiguration.AlternateTargetGroupArn {
			continue // the service has moved to another pair
		}
		groups[i] = used
		if shifts {
			groups[i] = lb.other(used)
		}
	}
	return groups
}

// inTraffic is the deployment that has the production traffic, nil where there is none.
// The mutex is held.
func (svc *service) inTraffic() *deployment {
	d := svc.primary()
	if d == nil || d.state == rolloutCompleted {
		return d
	}
	if sh := d.release.shift; sh != nil && sh.percent == 100 && sh.source != nil {
		return d
	}
	return svc.lastCompleted
}

// share is what a revision has of the production and test traffic of its service, nil
// where no traffic is shifted. The mutex is held.
func (svc *service) share(r *release, of *revision) (production, test *float64) {
	sh := r.shift
	if sh == nil {
		return nil, nil
	}
	target := r.target
	if r.rollback != nil && sh.source != nil {
		target = svc.revisionOf(r.rollback.ServiceRevisionArn)
	}
	p, t := sh.percent, sh.test
	switch {
	case of == target:
	case sh.source != nil && of == sh.source.revision:
		p, t = 100-p, 100-t
	default:
		p, t = 0, 0
	}
	return &p, &t
}

func (svc *service) revisionOf(arn string) *revision {
	i := slices.IndexFunc(svc.revisions, func(r *revision) bool { return r.arn == arn })
	if i < 0 {
		return nil
	}
	return svc.revisions[i]
}
