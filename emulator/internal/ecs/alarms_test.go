package ecs

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestDeploymentAlarms: an alarm that goes into ALARM during a deployment which watches
// it fails the deployment, with any strategy.
func TestDeploymentAlarms(t *testing.T) {
	t.Parallel()
	watched := func(c *DeploymentConfiguration, rollback bool) *DeploymentConfiguration {
		c.Alarms = &DeploymentAlarms{AlarmNames: []string{"errors", "latency"}, Enable: true, Rollback: rollback}
		return c
	}
	disabled := watched(blueGreen(5), true)
	disabled.Alarms.Enable = false
	for _, tt := range []struct {
		name, alarm string
		c           *DeploymentConfiguration
		before      bool // it is in ALARM before the deployment
		status      string
		monitor     string
	}{
		{"in the bake time", "latency", watched(blueGreen(5), true), false, releaseRollbackSuccessful, monitorTriggered},
		{"of a rolling update", "errors", watched(&DeploymentConfiguration{}, true), false, releaseRollbackSuccessful, monitorTriggered},
		{"without rollback", "errors", watched(&DeploymentConfiguration{}, false), false, releaseStopped, monitorTriggered},
		{"of somebody else", "others", watched(blueGreen(0), true), false, releaseSuccessful, monitorDone},
		{"before the deployment", "errors", watched(blueGreen(0), true), true, releaseSuccessful, monitorDone},
		{"disabled", "errors", disabled, false, releaseSuccessful, monitorDisabled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newShifted(t)
				defer w.close()
				w.serve("v1", tt.c)
				w.service.SetAlarm(tt.alarm, tt.before)
				w.deploy(w.register("v2"))
				if tt.c.shifts() {
					time.Sleep(2 * time.Minute)
				} else {
					time.Sleep(15 * time.Second)
				}
				w.service.SetAlarm(tt.alarm, true)
				time.Sleep(10 * time.Minute)
				d := w.newest()
				if d.Status != tt.status || d.Alarms.Status != tt.monitor {
					t.Errorf("service deployment is %s (%s), alarms %s, want %s and %s", d.Status, d.StatusReason, d.Alarms.Status, tt.status, tt.monitor)
				}
				if tt.monitor != monitorTriggered {
					return
				}
				if diff := cmp.Diff([]string{tt.alarm}, d.Alarms.TriggeredAlarmNames); diff != "" || !strings.Contains(d.StatusReason, tt.alarm) {
					t.Errorf("triggered alarms (-want +got):\n%sreason %s", diff, d.StatusReason)
				}
				w.wantEvent("deployment failed: alarm detected.")
				if got := w.weightsOf(w.production); tt.c.shifts() && got != "100/0" {
					t.Errorf("weights %s, want 100/0", got)
				}
			})
		})
	}
}
