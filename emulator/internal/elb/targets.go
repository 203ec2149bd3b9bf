package elb

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strconv"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// registration is a target in a target group, from its registration until it is
// removed: at the end of its drain, or with the target group.
type registration struct {
	target Target
	zone   string // Availability Zone
	state  State
	reason reason

	passed, failed int // health checks in a row

	// One goroutine at a time works for a registration: it checks its health, or
	// waits for the end of its drain. stopWork ends it.
	stopWork context.CancelFunc

	// cut ends with the registration; requests in flight end with it.
	cut      context.Context
	cutNow   context.CancelFunc
	inFlight int
}

// reason is why a target is in its state: the API's code and its description.
type reason struct{ code, description string }

func registering() reason {
	return reason{"Elb.RegistrationInProgress", "Target registration is in progress"}
}

func firstChecks() reason {
	return reason{"Elb.InitialHealthChecking", "Initial health checks in progress"}
}

func deregistering() reason {
	return reason{"Target.DeregistrationInProgress", "Target deregistration is in progress"}
}

func notRegistered() reason {
	return reason{"Target.NotRegistered", "Target is not registered to the target group"}
}

func notInUse() reason {
	return reason{"Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"}
}

// RegisterTargets adds targets to a target group. Targets that are registered stay
// as they are; draining ones begin anew.
func (s *Service) RegisterTargets(_ context.Context, in *RegisterTargetsInput) (*RegisterTargetsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tg, targets, err := s.targetsOf(in.TargetGroupArn, in.Targets)
	if err != nil {
		return nil, err
	}
	for i, t := range targets {
		s.register(tg, t, in.Targets[i].AvailabilityZone)
	}
	return &RegisterTargetsOutput{}, nil
}

// DeregisterTargets begins to drain targets. Those that are not registered count
// as deregistered, as on AWS.
func (s *Service) DeregisterTargets(_ context.Context, in *DeregisterTargetsInput) (*DeregisterTargetsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tg, targets, err := s.targetsOf(in.TargetGroupArn, in.Targets)
	if err != nil {
		return nil, err
	}
	for _, t := range targets {
		s.deregister(tg, t)
	}
	return &DeregisterTargetsOutput{}, nil
}

// DescribeTargetHealth tells the states of a target group's targets, or of those
// named.
func (s *Service) DescribeTargetHealth(_ context.Context, in *DescribeTargetHealthInput) (*DescribeTargetHealthOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tg, targets, err := s.targetsOf(in.TargetGroupArn, in.Targets)
	if err != nil {
		return nil, err
	}
	if len(targets) == 0 {
		for _, r := range tg.targets {
			targets = append(targets, r.target)
		}
	}
	out := &DescribeTargetHealthOutput{TargetHealthDescriptions: []TargetHealthDescription{}}
	for _, t := range targets {
		state, why := tg.health(t)
		zone := ""
		if r := tg.find(t); r != nil {
			zone = r.zone
		}
		out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, TargetHealthDescription{
			Target:          TargetDescription{Id: t.ID, Port: t.Port, AvailabilityZone: zone},
			HealthCheckPort: tg.checkPort(t),
			TargetHealth:    TargetHealth{State: state, Reason: why.code, Description: why.description},
		})
	}
	return out, nil
}

// Register adds a target to a target group, or takes it back from draining. A
// target that is registered stays as it is. Its zone is that of the subnet it is in; of
// an empty one, the region's first. Errors are those of RegisterTargets.
func (s *Service) Register(targetGroupARN string, t Target, zone string) error {
	_, err := s.RegisterTargets(s.ctx, &RegisterTargetsInput{TargetGroupArn: targetGroupARN, Targets: []TargetDescription{{Id: t.ID, Port: t.Port, AvailabilityZone: zone}}})
	return err
}

// Deregister begins to drain a target: it gets no new request, finishes those it
// has, and is unused when the target group's deregistration delay is over. Errors
// are those of DeregisterTargets.
func (s *Service) Deregister(targetGroupARN string, t Target) error {
	_, err := s.DeregisterTargets(s.ctx, &DeregisterTargetsInput{TargetGroupArn: targetGroupARN, Targets: []TargetDescription{{Id: t.ID, Port: t.Port}}})
	return err
}

// Health is the state of a target and the API's reason code for it, which is empty
// for a healthy target. A target that is not registered, not registered any more,
// or whose target group does not exist, is Unused with Target.NotRegistered.
func (s *Service) Health(targetGroupARN string, t Target) (State, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tg, err := s.targetGroup(targetGroupARN)
	if err != nil {
		return Unused, notRegistered().code
	}
	setDefault(&t.Port, tg.Port)
	state, why := tg.health(t)
	return state, why.code
}

// HealthDescription says what led to the state of a target, as DescribeTargetHealth does
// in TargetHealth.Description: "Health checks failed with these codes: [502]". It is
// empty for a healthy target.
func (s *Service) HealthDescription(targetGroupARN string, t Target) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	tg, err := s.targetGroup(targetGroupARN)
	if err != nil {
		return notRegistered().description
	}
	setDefault(&t.Port, tg.Port)
	_, why := tg.health(t)
	return why.description
}

// InUse reports whether a listener or a rule forwards to a target group, with whatever
// weight. It fails where there is no such target group.
func (s *Service) InUse(targetGroupARN string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tg, err := s.targetGroup(targetGroupARN)
	return err == nil && tg.inUse, err
}

// targetsOf finds the target group of a request and the targets it names.
func (s *Service) targetsOf(arn string, given []TargetDescription) (*targetGroup, []Target, error) {
	tg, err := s.targetGroup(arn)
	if err != nil {
		return nil, nil, err
	}
	targets := make([]Target, len(given))
	for i, d := range given {
		if tg.TargetType != "ip" {
			return nil, nil, wire.Errorf("InvalidTarget", "The following targets are not in a running state and cannot be registered: '%s'", d.Id)
		}
		if addr, err := netip.ParseAddr(d.Id); err != nil || !addr.Is4() {
			return nil, nil, wire.Errorf("ValidationError", "The IP address '%s' is not a valid IPv4 address", d.Id)
		}
		if d.Port < 0 || d.Port > 65535 {
			return nil, nil, wire.Errorf("ValidationError", "Target port '%d' must be between 1 and 65535 inclusive", d.Port)
		}
		targets[i] = Target{ID: d.Id, Port: d.Port}
		setDefault(&targets[i].Port, tg.Port)
	}
	return tg, targets, nil
}

func (s *Service) register(tg *targetGroup, t Target, zone string) {
	r := tg.find(t)
	if r == nil {
		setDefault(&zone, s.region+"a")
		r = &registration{target: t, zone: zone, stopWork: func() {}}
		r.cut, r.cutNow = context.WithCancel(s.ctx)
		tg.targets = append(tg.targets, r)
	} else if r.state != Draining {
		return
	}
	s.begin(tg, r)
}

// begin starts the life of a registered target: checked if its target group is in
// use, idle if not.
func (s *Service) begin(tg *targetGroup, r *registration) {
	r.stopWork()
	r.passed, r.failed = 0, 0
	if !tg.inUse {
		s.setState(tg, r, Unused, notInUse())
		return
	}
	s.setState(tg, r, Initial, registering())
	s.work(r, func(ctx context.Context) { s.checkHealth(ctx, tg, r) })
}

// deregister begins a drain. Without a load balancer there is nothing to drain.
func (s *Service) deregister(tg *targetGroup, t Target) {
	r := tg.find(t)
	if r == nil || r.state == Draining {
		return
	}
	r.stopWork()
	delay := tg.drainDelay()
	if r.state == Unused || delay == 0 {
		s.remove(tg, r)
		return
	}
	s.setState(tg, r, Draining, deregistering())
	s.work(r, func(ctx context.Context) {
		// The user guide, "Deregistration delay": the status is draining until the
		// delay is over, even where nothing is in flight.
		if s.clock.Sleep(ctx, delay) != nil {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if ctx.Err() == nil { // nobody registered the target again
			s.remove(tg, r)
		}
	})
}

// remove ends a registration and what is in flight for it.
func (s *Service) remove(tg *targetGroup, r *registration) {
	r.stopWork()
	r.cutNow()
	tg.targets = slices.DeleteFunc(tg.targets, func(other *registration) bool { return other == r })
	s.setState(tg, r, Unused, notRegistered())
}

// work starts the goroutine of a registration.
func (s *Service) work(r *registration, do func(context.Context)) {
	ctx, stop := context.WithCancel(r.cut)
	r.stopWork = stop
	s.run(func() { do(ctx) })
}

// setState records a target's state and tells it where it is a new one.
func (s *Service) setState(tg *targetGroup, r *registration, state State, why reason) {
	changed := r.state != state || why.code == notRegistered().code
	r.state, r.reason = state, why
	if !changed {
		return
	}
	s.logger.Debug("target health", "targetGroup", tg.TargetGroupName, "target", r.target.addr(), "state", state, "reason", why.code)
	s.events.push(HealthEvent{
		Time: s.clock.Now(), TargetGroupARN: tg.TargetGroupArn, Target: r.target, State: state, Reason: why.code,
	})
}

// updateUse brings the target groups of actions that came or went up to date: checks
// begin with the first listener or rule that forwards to one and end with the last.
// Targets that drain go on draining. The actions are of one load balancer, which is the
// only one that may forward to these target groups: see validateForward.
func (s *Service) updateUse(lb *loadBalancer, changed ...[]Action) {
	for _, tg := range s.forwardedTo(changed) {
		tg.LoadBalancerArns = []string{}
		if lb.forwardsTo(tg.TargetGroupArn) {
			tg.LoadBalancerArns = []string{lb.LoadBalancerArn}
		}
		inUse := len(tg.LoadBalancerArns) > 0
		if inUse == tg.inUse {
			continue
		}
		tg.inUse = inUse
		for _, r := range tg.targets {
			if r.state != Draining {
				s.begin(tg, r)
			}
		}
	}
}

// forwardedTo are the target groups of actions, each of them once.
func (s *Service) forwardedTo(lists [][]Action) []*targetGroup {
	var groups []*targetGroup
	for _, a := range slices.Concat(lists...) {
		if a.ForwardConfig == nil {
			continue
		}
		for _, tuple := range a.ForwardConfig.TargetGroups {
			if tg := s.groupByARN[tuple.TargetGroupArn]; tg != nil && !slices.Contains(groups, tg) {
				groups = append(groups, tg)
			}
		}
	}
	return groups
}

func (tg *targetGroup) find(t Target) *registration {
	for _, r := range tg.targets {
		if r.target == t {
			return r
		}
	}
	return nil
}

func (tg *targetGroup) health(t Target) (State, reason) {
	if r := tg.find(t); r != nil {
		return r.state, r.reason
	}
	return Unused, notRegistered()
}

// checkPort is the port of a target's health checks.
func (tg *targetGroup) checkPort(t Target) string {
	if tg.HealthCheckPort == trafficPort {
		return strconv.Itoa(t.Port)
	}
	return tg.HealthCheckPort
}

func (t Target) addr() string { return net.JoinHostPort(t.ID, strconv.Itoa(t.Port)) }
