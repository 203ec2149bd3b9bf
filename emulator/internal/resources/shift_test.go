package resources

import (
	"testing"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/ecs"
)

// TestCheckLinear: CloudFormation takes no deployment longer than 33 hours; the last
// step has no bake time. With steps of 11 percent there are 9 that have.
func TestCheckLinear(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		strategy   string
		percent    float64
		step, bake int // minutes
		ok         bool
	}{
		{"LINEAR", 50, 1440, 540, true},  // 1440+540 = 33 h
		{"LINEAR", 50, 1440, 541, false}, // though there are two shifts
		{"LINEAR", 11, 220, 0, true},     // 9*220 = 33 h
		{"LINEAR", 11, 221, 0, false},
		{"CANARY", 50, 1440, 1440, true},
	} {
		c := &ecs.DeploymentConfiguration{
			Strategy: tt.strategy, BakeTimeInMinutes: &tt.bake,
			LinearConfiguration: &ecs.LinearConfiguration{StepPercent: &tt.percent, StepBakeTimeInMinutes: &tt.step},
		}
		if err := checkLinear(c); (err == nil) != tt.ok {
			t.Errorf("%s by %v percent every %d minutes, bake time %d: %v", tt.strategy, tt.percent, tt.step, tt.bake, err)
		}
	}
	if got := serviceWait(&ecs.DeploymentConfiguration{Strategy: "CANARY"}); got != 36*time.Hour {
		t.Errorf("CloudFormation waits %s for a CANARY deployment, want 36h", got)
	}
}
