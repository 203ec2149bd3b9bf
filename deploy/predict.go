package deploy

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// This file predicts a rollout. It makes no call: its input is what AWS says about a
// service and its earlier rollouts, its output is arithmetic on that.

// pace is what is known of how a service replaces its tasks. Durations are zero where
// there is no such thing, or it is not known.
type pace struct {
	desired        int // tasks
	minimumHealthy int // percent of desired
	maximum        int // percent of desired

	strategy types.DeploymentStrategy
	steps    int           // in which LINEAR and CANARY shift the production traffic
	stepBake time.Duration // between two of them
	bake     time.Duration // after the last
	hooks    int           // lifecycle hooks, which hold a rollout as long as they like
	alarms   bool          // CloudWatch alarms are watched, for a time that ECS chooses
	early    bool          // early success criteria can end it sooner

	balanced       bool          // whether a target group decides on a task's health
	targetCheck    time.Duration // interval of the target groups' health checks, the longest
	delay          time.Duration // deregistration delay of the target groups, the longest
	containerCheck time.Duration // interval of the containers' health checks, the longest
	stopTimeout    time.Duration // of the containers, the longest

	rollouts []time.Duration // what the latest rollouts took, the newest first
	creation time.Duration   // what the first tasks took until they were healthy
	starts   span            // what the running tasks took to start

	timeout time.Duration // after which the deploy has the update cancelled
}

// span is a range of time.
type span struct{ least, most time.Duration }

func (s span) plus(o span) span { return span{s.least + o.least, s.most + o.most} }

func (s span) times(n int) span { return span{s.least * time.Duration(n), s.most * time.Duration(n)} }

func (s span) String() string {
	least, most := inWords(s.least), inWords(s.most)
	if least == most {
		return most
	}
	return least + " to " + most
}

// inWords writes a duration as people say it: "45 s", "3 min 20 s", "2 h".
func inWords(d time.Duration) string {
	d = d.Round(time.Second)
	var parts []string
	add := func(n time.Duration, unit string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, unit))
		}
	}
	add(d/time.Hour, "h")
	add(d%time.Hour/time.Minute, "min")
	add(d%time.Minute/time.Second, "s")
	if len(parts) == 0 {
		return "0 s"
	}
	return strings.Join(parts, " ")
}

const (
	// uncheckedTime is how long a task without any health check has to run before it
	// counts towards minimumHealthyPercent (ECS API reference, DeploymentConfiguration, of
	// services without a load balancer). Where nothing waits for that, it is no wait.
	uncheckedTime = 40 * time.Second
	// bootTime is what a process may take from its start until it answers health checks,
	// where no start of it is on record. An assumption.
	bootTime = 10 * time.Second
	// stepLag is what ECS may take to see that a task is healthy or has ended, and to act
	// on it. AWS publishes no figure.
	stepLag = 10 * time.Second
	// trafficStages are the lifecycle stages of BLUE_GREEN, LINEAR and CANARY that have
	// no time of their own: before and after the scale-up, both test stages, the first
	// shift of production traffic and what follows the last.
	trafficStages = 6
	// maxRollouts is how many earlier rollouts a prediction rests on.
	maxRollouts = 5
)

// unknownStart is what a task on Fargate takes from PROVISIONING to RUNNING, where no start is
// on record: a network interface, and an image of some ten to some hundred MB. An
// assumption: AWS publishes no figure.
func unknownStart() span { return span{15 * time.Second, 90 * time.Second} }

// replacement is how ECS replaces the tasks of a service.
type replacement struct {
	batches  int // groups of new tasks, each started when the one before is healthy
	lastStop int // how many batches are healthy when the last old tasks are stopped

	leastHealthy int // tasks at the lowest
	mostTasks    int // starting and healthy tasks at the highest
	blocked      bool
}

// rolling is the replacement by the strategy ROLLING: never fewer healthy tasks than the
// minimum, rounded up, never more starting and running ones than the maximum, rounded
// down. Tasks that are being stopped count neither way (ECS API reference,
// DeploymentConfiguration).
func rolling(desired, minimumHealthy, maximum int) replacement {
	least := min((desired*minimumHealthy+99)/100, desired)
	most := desired * maximum / 100
	r := replacement{leastHealthy: desired, mostTasks: desired}
	for old, fresh := desired, 0; old > 0 || fresh < desired; {
		if stop := min(old, max(old+fresh-least, 0)); stop > 0 {
			old -= stop
			r.lastStop = r.batches
		}
		start := min(desired-fresh, max(most-old-fresh, 0))
		r.leastHealthy = min(r.leastHealthy, old+fresh)
		r.mostTasks = max(r.mostTasks, old+fresh+start)
		if start == 0 && fresh < desired {
			r.blocked = true
			return r
		}
		if start > 0 {
			fresh += start
			r.batches++
		}
	}
	return r
}

// shifts tells whether the strategy moves traffic between two sets of tasks.
func (p pace) shifts() bool { return p.strategy != "" && p.strategy != types.DeploymentStrategyRolling }

// replacement is that of the service's strategy. With a shift of traffic the new tasks
// all start beside the old ones, whatever the percentages.
func (p pace) replacement() replacement {
	switch {
	case p.desired == 0:
		return replacement{}
	case p.shifts():
		return replacement{batches: 1, lastStop: 1, leastHealthy: p.desired, mostTasks: 2 * p.desired}
	}
	return rolling(p.desired, p.minimumHealthy, p.maximum)
}

// checks is the time from RUNNING until a task counts as healthy, if its process answers
// at once. A new target is healthy after its first passed check, which can be due at once
// or after an interval (ELB user guide, "Health checks for your target groups"); Docker
// makes the first check of a container after an interval.
func (p pace) checks() span {
	var s span
	if p.balanced {
		s.most = p.targetCheck
	}
	if p.containerCheck > 0 {
		s.least = max(s.least, p.containerCheck)
		s.most = max(s.most, 2*p.containerCheck)
	}
	if !p.balanced && p.containerCheck == 0 {
		s.most = uncheckedTime
	}
	return s
}

// ready is the time from the start of a task until it counts as healthy.
func (p pace) ready() span {
	checks := p.checks()
	switch {
	case p.creation > 0:
		// The check that passes first can be one earlier or later than it was then.
		slack := max(checks.most-checks.least, stepLag/2)
		return span{max(p.creation-slack, p.creation/2), p.creation + slack}
	case p.starts.most > 0:
		return p.starts.plus(checks).plus(span{0, bootTime})
	}
	return unknownStart().plus(checks).plus(span{0, bootTime})
}

// ending is the time from the decision to stop a task until it has stopped: its target
// drains, and then it has stopTimeout to obey SIGTERM.
func (p pace) ending() span { return span{p.delay, p.delay + p.stopTimeout + stepLag} }

// computed is what the rollout takes if each task takes so long to be ready.
func (p pace) computed(r replacement, ready span) span {
	batches := ready.plus(span{0, stepLag})
	whole := batches.times(r.batches)
	last := batches.times(r.lastStop).plus(p.ending())
	whole = span{max(whole.least, last.least), max(whole.most, last.most)}
	if p.shifts() {
		shift := p.stepBake*time.Duration(max(p.steps-1, 0)) + p.bake
		whole = whole.plus(span{shift, shift + trafficStages*stepLag})
	}
	if p.early {
		whole.least = min(whole.least, batches.least)
	}
	return whole
}

// duration is what the rollout takes, and what this rests on. What the latest rollouts
// took tells most. Where it would not suffice for the settings of now, they may have
// changed, or ECS not wait as its documentation says: then the range holds both.
func (p pace) duration(r replacement) (span, []string) {
	if len(p.rollouts) == 0 {
		return p.computed(r, p.ready()), p.parts()
	}
	seen := span{slices.Min(p.rollouts), slices.Max(p.rollouts)}
	told := fmt.Sprintf("its last %d rollouts took %s", len(p.rollouts), seen)
	if len(p.rollouts) == 1 {
		told = fmt.Sprintf("its last rollout took %s", seen)
	}
	slack := max(seen.most/10, stepLag/2)
	took := span{max(seen.least-slack, 0), seen.most + slack}
	if certain := p.computed(r, span{least: p.checks().least}).least; seen.most < certain {
		took.most = p.computed(r, p.ready()).most
		return took, append([]string{told + ", less than its settings ask for now"}, p.parts()...)
	}
	return took, []string{told}
}

// parts names the times that a computed duration is made of.
func (p pace) parts() []string {
	var parts []string
	switch {
	case p.creation > 0:
		parts = append(parts, fmt.Sprintf("its first tasks took %s to be healthy", inWords(p.creation)))
	case p.starts.most > 0:
		parts = append(parts, fmt.Sprintf("its running tasks took %s to start", p.starts))
	default:
		parts = append(parts, fmt.Sprintf("%s to start is assumed, none is on record", unknownStart()))
	}
	if p.balanced {
		parts = append(parts, fmt.Sprintf("a target group checks every %s", inWords(p.targetCheck)))
	}
	if p.containerCheck > 0 {
		parts = append(parts, fmt.Sprintf("ECS checks containers every %s", inWords(p.containerCheck)))
	}
	if !p.balanced && p.containerCheck == 0 {
		parts = append(parts, fmt.Sprintf("ECS waits up to %s, there is no health check", inWords(uncheckedTime)))
	}
	if p.delay > 0 {
		parts = append(parts, fmt.Sprintf("old targets drain for %s", inWords(p.delay)))
	}
	return append(parts, fmt.Sprintf("old tasks may take %s to stop", inWords(p.stopTimeout)))
}

// predict says what the rollout will be like.
func (p pace) predict() Prediction {
	r := p.replacement()
	prediction := Prediction{
		Strategy: string(types.DeploymentStrategyRolling), Desired: p.desired,
		Batches: r.batches, LeastHealthy: r.leastHealthy, MostTasks: r.mostTasks,
	}
	if p.shifts() {
		prediction.Strategy = string(p.strategy)
	}
	if !r.blocked && p.desired > 0 {
		took, basis := p.duration(r)
		prediction.Shortest, prediction.Longest = rounded(took.least, math.Floor), rounded(took.most, math.Ceil)
		prediction.Basis = append(basis, p.shiftParts()...)
	}
	prediction.Warnings = p.warnings(r, prediction.Longest)
	return prediction
}

// rounded is a duration in whole 5 s: more would be more than is known.
func rounded(d time.Duration, round func(float64) float64) time.Duration {
	const unit = 5 * time.Second
	return time.Duration(round(float64(d)/float64(unit))) * unit
}

// shiftParts names the times that the strategy waits in between.
func (p pace) shiftParts() []string {
	if !p.shifts() {
		return nil
	}
	var parts []string
	if p.steps > 1 {
		parts = append(parts, fmt.Sprintf("traffic moves in %d steps, %s apart", p.steps, inWords(p.stepBake)))
	}
	return append(parts, fmt.Sprintf("both versions run for a bake time of %s", inWords(p.bake)))
}

// warnings are what a person should know before the rollout begins.
func (p pace) warnings(r replacement, longest time.Duration) []string {
	var list []string
	warn := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	switch {
	case p.desired == 0:
		warn("the desired count is 0: nothing runs that would show whether the new version is good")
	case r.blocked:
		warn("ECS can neither start nor stop a task: minimumHealthyPercent %d and maximumPercent %d of %s leave no room; raise maximumPercent, or lower minimumHealthyPercent",
			p.minimumHealthy, p.maximum, tasksInWords(p.desired))
	case r.leastHealthy == 0:
		warn("there is an outage: all old tasks are stopped before a new one is healthy; raise minimumHealthyPercent from %d", p.minimumHealthy)
	}
	if p.delay > 0 && r.batches > 0 && 2*p.delay > longest && p.delay >= time.Minute {
		warn("most of the time is the deregistration delay of %s; lower it if requests are shorter", inWords(p.delay))
	}
	if p.timeout > 0 && longest > p.timeout {
		warn("it can take longer than the timeout of %s, after which the update is cancelled", inWords(p.timeout))
	}
	if p.alarms && !p.shifts() && len(p.rollouts) == 0 {
		warn("ECS watches CloudWatch alarms for a bake time of its own, which is not in the prediction")
	}
	if p.hooks > 0 && p.shifts() {
		warn("lifecycle hooks hold the rollout, for a time that is not in the prediction")
	}
	return list
}

func tasksInWords(n int) string {
	if n == 1 {
		return "1 task"
	}
	return fmt.Sprintf("%d tasks", n)
}
