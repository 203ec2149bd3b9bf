package ecs

import (
	"fmt"
	"slices"
)

// SetAlarm puts a CloudWatch alarm into the state ALARM, or takes it out. Deployments
// that are in progress and watch the alarm fail when it goes into ALARM, and roll back
// where they are configured to; one that starts later does not mind that it is in ALARM
// already (developer guide, "How CloudWatch alarms detect Amazon ECS deployment
// failures": "has gone into the ALARM state"). Alarms know nothing of metrics here.
func (s *Service) SetAlarm(name string, alarm bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.alarms[name]
	s.alarms[name] = alarm
	if before || !alarm {
		return
	}
	for _, c := range s.clusters {
		for _, svc := range c.services {
			svc.alarmed(name)
		}
	}
	s.announce()
}

// alarmed fails the service's deployment where it watches the alarm. The mutex is held.
func (svc *service) alarmed(name string) {
	d := svc.primary()
	if d == nil || d.release.status != releaseInProgress || !d.release.configuration.Alarms.watch(name) {
		return
	}
	r := d.release
	r.alarms, r.triggered = monitorTriggered, append(r.triggered, name)
	svc.event("(deployment %s) deployment failed: alarm detected.", d.id)
	rollBack := r.configuration.Alarms.Rollback
	why := fmt.Sprintf("Service deployment failed because the alarm %s was triggered.", name)
	if rollBack {
		why = fmt.Sprintf("Service deployment rolled back because the alarm %s was triggered.", name)
	}
	svc.fail(d, "ECS deployment alarms", "alarm detected.", why, rollBack)
	svc.nudge()
}

func (a *DeploymentAlarms) enabled() bool { return a != nil && a.Enable }

func (a *DeploymentAlarms) watch(name string) bool {
	return a.enabled() && slices.Contains(a.AlarmNames, name)
}

// showAlarms are the alarms of a service deployment, nil where it was given none.
func (r *release) showAlarms() *ServiceDeploymentAlarms {
	a := r.configuration.Alarms
	if a == nil {
		return nil
	}
	return &ServiceDeploymentAlarms{Status: r.alarms, AlarmNames: a.AlarmNames, TriggeredAlarmNames: r.triggered}
}
