package stacks

import (
	"strings"
	"testing"

	"github.com/slipway-go/slipway/constructs"
)

func TestValidateIsFineWithNothing(t *testing.T) {
	for name, props := range map[string]interface{ Validate() error }{
		"no network stack":    (*NetworkStackProps)(nil),
		"no service stack":    (*ServiceStackProps)(nil),
		"no task stack":       (*TaskStackProps)(nil),
		"empty network stack": &NetworkStackProps{},
		"empty service stack": &ServiceStackProps{Alarms: &constructs.AlarmsProps{}},
		"empty task stack":    &TaskStackProps{},
	} {
		if err := props.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestValidateLooksInside: what is wrong with the constructs of a stack, its props say.
func TestValidateLooksInside(t *testing.T) {
	half := 1.5
	for _, tt := range []struct {
		props interface{ Validate() error }
		want  string
	}{
		{&NetworkStackProps{NetworkProps: constructs.NetworkProps{Zones: &half}}, "Zones is 1.5"},
		{&ServiceStackProps{Alarms: &constructs.AlarmsProps{CpuPercent: &half}}, "CpuPercent is 1.5"},
		{&ServiceStackProps{FargateServiceProps: constructs.FargateServiceProps{StickinessSeconds: &half}}, "StickinessSeconds is 1.5"},
		{&ServiceStackProps{FargateServiceProps: constructs.FargateServiceProps{LogRetention: "A_WHILE"}}, `LogRetention is "A_WHILE"`},
		{&TaskStackProps{FargateTaskProps: constructs.FargateTaskProps{StopTimeoutSeconds: &half}}, "StopTimeoutSeconds is 1.5"},
	} {
		if err := tt.props.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got error %v, want one with %q", err, tt.want)
		}
	}
}
