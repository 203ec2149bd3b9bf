package emulator

// SetAlarm puts a CloudWatch alarm of a region into the state ALARM, or takes it out:
// metrics, which would do so on AWS, are not emulated. ECS deployments in progress whose
// deploymentConfiguration.alarms name it fail when it goes into ALARM, and roll back
// where that is configured. The alarm need not exist. Once the server closes, SetAlarm
// does nothing.
func (s *Server) SetAlarm(region, name string, alarm bool) {
	r := s.enter(region)
	if r == nil {
		return
	}
	defer s.requests.Done()
	r.ecs.SetAlarm(name, alarm)
}
