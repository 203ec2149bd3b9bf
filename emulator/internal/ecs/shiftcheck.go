package ecs

import (
	"math"
	"slices"
)

// maxBakeMinutes bounds bakeTimeInMinutes and the bake times of steps (API reference,
// LinearConfiguration and CanaryConfiguration; the CloudFormation schema).
const maxBakeMinutes = 1440

// checkStrategy checks what belongs to a deployment strategy, whatever the service.
func checkStrategy(c *DeploymentConfiguration) error {
	strategy := orElse(c.Strategy, strategyRolling)
	switch {
	case strategy == strategyBlueGreen && c.BakeTimeInMinutes == nil:
		return invalid("bakeTimeInMinutes is required with the deployment strategy BLUE_GREEN.")
	case c.BakeTimeInMinutes != nil && !between(*c.BakeTimeInMinutes, 0, maxBakeMinutes):
		return invalid("bakeTimeInMinutes must be between 0 and %d.", maxBakeMinutes)
	case c.LinearConfiguration != nil && strategy != strategyLinear:
		return invalid("linearConfiguration is only valid with the deployment strategy LINEAR.")
	case c.CanaryConfiguration != nil && strategy != strategyCanary:
		return invalid("canaryConfiguration is only valid with the deployment strategy CANARY.")
	}
	if l := c.LinearConfiguration; l != nil {
		if err := checkStep("stepPercent", l.StepPercent, 3, "stepBakeTimeInMinutes", l.StepBakeTimeInMinutes); err != nil {
			return err
		}
	}
	if l := c.CanaryConfiguration; l != nil {
		if err := checkStep("canaryPercent", l.CanaryPercent, 0.1, "canaryBakeTimeInMinutes", l.CanaryBakeTimeInMinutes); err != nil {
			return err
		}
	}
	return checkHooks(c.LifecycleHooks)
}

// checkStep: percents are multiples of 0.1, bake times at most a day.
func checkStep(name string, percent *float64, least float64, bakeName string, bake *int) error {
	if percent != nil {
		tenths := *percent * 10
		if *percent < least || *percent > 100 || math.Abs(tenths-math.Round(tenths)) > 1e-6 {
			return invalid("%s must be a multiple of 0.1 between %.1f and 100.0.", name, least)
		}
	}
	if bake != nil && !between(*bake, 0, maxBakeMinutes) {
		return invalid("%s must be between 0 and %d.", bakeName, maxBakeMinutes)
	}
	return nil
}

func between(n, least, most int) bool { return least <= n && n <= most }

// checkHooks checks PAUSE hooks; others are refused as not supported before.
func checkHooks(hooks []DeploymentLifecycleHook) error {
	stages := []string{stageReconcile, stagePreScaleUp, stagePostScaleUp, stagePostTestShift, stagePreProduction, stagePostProduction}
	for _, h := range hooks {
		if len(h.LifecycleStages) == 0 {
			return invalid("lifecycleStages cannot be empty for a lifecycle hook.")
		}
		for _, stage := range h.LifecycleStages {
			if !slices.Contains(stages, stage) {
				return invalid("A PAUSE lifecycle hook cannot be configured at the lifecycle stage %s.", stage)
			}
		}
		if c := h.TimeoutConfiguration; c != nil && c.Action != "" && c.Action != hookContinue && c.Action != hookRollback {
			return invalid("Invalid timeout action of a lifecycle hook: %s", c.Action)
		}
	}
	return nil
}

// checkShift checks that a service has what the strategy needs to shift its traffic.
func checkShift(c *DeploymentConfiguration, balancers []LoadBalancer) error {
	if !c.shifts() {
		return nil
	}
	for _, lb := range balancers {
		a := lb.AdvancedConfiguration
		if a == nil {
			return clientError("advancedConfiguration field is required for all loadBalancers when using the %s deployment strategy", strategyInWords(c.Strategy))
		}
		for _, need := range []struct{ name, value string }{
			{"alternateTargetGroupArn", a.AlternateTargetGroupArn},
			{"productionListenerRule", a.ProductionListenerRule},
			{"roleArn", a.RoleArn},
		} {
			if need.value == "" {
				return clientError("%s is required in the advancedConfiguration of all loadBalancers when using the %s deployment strategy", need.name, strategyInWords(c.Strategy))
			}
		}
		if a.AlternateTargetGroupArn == lb.TargetGroupArn {
			return clientError("alternateTargetGroupArn must be different from targetGroupArn: %s", lb.TargetGroupArn)
		}
	}
	return nil
}

// strategyInWords is a strategy as ECS's errors name it ("using the linear deployment
// strategy").
func strategyInWords(strategy string) string {
	switch strategy {
	case strategyBlueGreen:
		return "blue/green"
	case strategyLinear:
		return "linear"
	default:
		return "canary"
	}
}
