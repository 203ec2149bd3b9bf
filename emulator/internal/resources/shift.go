package resources

import (
	"fmt"
	"math"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/ecs"
)

// How long CloudFormation waits for a deployment that shifts traffic, and how long one
// with the strategy LINEAR may be by its configuration ("AWS::ECS::Service
// LinearConfiguration" in the template reference).
const (
	shiftTimeout   = 36 * time.Hour
	maxLinearHours = 33
)

// serviceWait is how long CloudFormation waits for a service to become stable.
func serviceWait(c *ecs.DeploymentConfiguration) time.Duration {
	if c == nil || c.Strategy == "" || c.Strategy == "ROLLING" {
		return serviceTimeout
	}
	return shiftTimeout
}

// checkLinear refuses a deployment that would last longer than CloudFormation waits, by
// its own formula: the bake time, and the bake time of each step but the last.
func checkLinear(c *ecs.DeploymentConfiguration) error {
	if c == nil || c.Strategy != "LINEAR" {
		return nil
	}
	percent, step, bake := 10.0, 6, 0 // of the API reference, where nothing is said
	if l := c.LinearConfiguration; l != nil {
		percent, step = valueOr(l.StepPercent, percent), valueOr(l.StepBakeTimeInMinutes, step)
	}
	bake = valueOr(c.BakeTimeInMinutes, bake)
	if percent <= 0 {
		return nil // ECS refuses it
	}
	steps := math.Floor(100 / percent)
	if math.Mod(100, percent) == 0 {
		steps--
	}
	if minutes := float64(bake) + float64(step)*steps; minutes > maxLinearHours*60 {
		return fmt.Errorf("The deployment would take %.0f minutes by BakeTimeInMinutes and LinearConfiguration, which is longer than the %d hours that are allowed.", minutes, maxLinearHours)
	}
	return nil
}

func valueOr[T any](p *T, fallback T) T {
	if p == nil {
		return fallback
	}
	return *p
}
