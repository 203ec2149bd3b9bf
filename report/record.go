package report

import (
	"math"
	"slices"
	"time"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/load"
)

// Instant is a moment on both clocks, which are one in an account.
type Instant struct{ AWS, Wall time.Time }

// Now is the instant by the deployer's clock.
func Now(clock deploy.Clock) Instant { return Instant{clock.Now(), time.Now()} }

// Since is the time between two moments, in seconds on both clocks.
func (i Instant) Since(earlier Instant) (seconds, wallSeconds float64) {
	return i.AWS.Sub(earlier.AWS).Seconds(), i.Wall.Sub(earlier.Wall).Seconds()
}

// Record is what is kept of a rollout while it goes on. Its zero value is empty.
type Record struct {
	Begun, Over Instant // the rollout itself
	// Desired is how many tasks there are to be. Default: as the deployer told.
	Desired int
	// Load is what came of the load; nil without one.
	Load *load.Result

	seen []seen
}

// seen is something that the deployer told, and when.
type seen struct {
	at    Instant
	event deploy.Event
}

// Tell keeps an event of the deployer.
func (r *Record) Tell(at Instant, e deploy.Event) { r.seen = append(r.seen, seen{at, e}) }

// Told tells whether the deployer has told anything yet but what it was about to do.
func (r *Record) Told() bool {
	return slices.ContainsFunc(r.seen, func(s seen) bool {
		switch s.event.(type) {
		case deploy.PhaseStarted, deploy.StackRead:
			return false
		}
		return true
	})
}

// second is a moment in the time of the report.
func (r *Record) second(at Instant, speed float64) float64 {
	return speed * at.Wall.Sub(r.zero()).Seconds()
}

// zero is when the report's time begins.
func (r *Record) zero() time.Time {
	if r.Load != nil {
		return r.Load.Started
	}
	return r.Begun.Wall
}

// Into fills in all that follows from what was kept: requests, times, tasks, events and the
// plan. The report has its Speed already.
func (r *Record) Into(report *Report) {
	report.RolloutStart, report.RolloutEnd = r.second(r.Begun, report.Speed), r.second(r.Over, report.Speed)
	report.Seconds, report.WallSeconds = r.Over.Since(r.Begun)
	report.Failures, report.Versions = map[load.Failure]int{}, map[string]int{}
	report.Timeline, report.Events = []Moment{}, []StackEvent{}
	if r.Load != nil {
		r.requests(report)
	}
	r.rollout(report)
}

// rollout fills in what the deployer told.
func (r *Record) rollout(report *Report) {
	latest := map[string]TaskMoment{} // by service
	desired := map[string]int{}
	report.Tasks = []TaskMoment{{}}
	for _, s := range r.seen {
		switch e := s.event.(type) {
		case deploy.DeploymentProgress:
			desired[e.Service] = e.Desired
			m := TaskMoment{
				Old: e.OldRunning, New: e.Running, Pending: e.Pending,
				Healthy: e.HealthyTargets, Draining: e.DrainingTargets,
			}
			if e.Targets+e.DrainingTargets == 0 {
				m.Healthy = e.OldRunning + e.Running // nobody checks them
			}
			latest[e.Service] = m
			report.Tasks = append(report.Tasks, total(r.second(s.at, report.Speed), latest))
		case deploy.StackEvent:
			// When it was, and not when it was seen: but not later than that, by clocks that
			// do not agree.
			at := report.RolloutStart + max(e.When().Sub(r.Begun.AWS).Seconds(), 0)
			at = min(at, r.second(s.at, report.Speed))
			report.Events = append(report.Events, StackEvent{Second: at, Resource: e.Resource, Status: e.Status, Reason: e.Reason})
		case deploy.ChangesAccepted:
			report.Changes, report.Predictions = e.Changes, e.Predictions
		}
	}
	all := r.Desired
	if all == 0 {
		for _, n := range desired {
			all += n
		}
	}
	report.Tasks[0] = TaskMoment{Old: all, Healthy: all}
	lowest := all
	for _, m := range report.Tasks {
		if len(latest) == 1 || m.Old+m.New >= all { // of several services, all have been seen
			lowest = min(lowest, m.Healthy)
		}
	}
	report.MinHealthyPercent = Percent(lowest, all)
}

// total is how many tasks all services have.
func total(second float64, services map[string]TaskMoment) TaskMoment {
	sum := TaskMoment{Second: second}
	for _, m := range services {
		sum.Old, sum.New, sum.Pending = sum.Old+m.Old, sum.New+m.New, sum.Pending+m.Pending
		sum.Healthy, sum.Draining = sum.Healthy+m.Healthy, sum.Draining+m.Draining
	}
	return sum
}

// requests fills in what came of the load.
func (r *Record) requests(report *Report) {
	l := r.Load
	report.Requests, report.Failed = l.Requests(), l.Failed()
	report.Failures, report.Versions = l.Failures(), l.Versions()
	report.Latency = milliseconds(l.Latency())
	report.LatencyAround = LatencyAround{
		Before: milliseconds(l.Between(l.Started, r.Begun.Wall).Latency()),
		During: milliseconds(l.Between(r.Begun.Wall, r.Over.Wall).Latency()),
		After:  milliseconds(l.Between(r.Over.Wall, l.Ended).Latency()),
	}
	report.Timeline = timelineOf(l, report.Speed)
}

// moments is about how many spans a timeline has.
const moments = 60

// timelineOf divides the load into spans of whole AWS seconds.
func timelineOf(l *load.Result, speed float64) []Moment {
	total := l.Ended.Sub(l.Started).Seconds() * speed
	width := max(math.Ceil(total/moments), 1)
	line := []Moment{}
	for i, b := range l.Timeline(time.Duration(width / speed * float64(time.Second))) {
		latency := milliseconds(b.Latency)
		line = append(line, Moment{
			Second:   float64(i) * width,
			Requests: b.Requests, Failed: b.Failed, Failures: b.Failures, Versions: b.Versions,
			P50: latency.P50, P99: latency.P99,
		})
	}
	return line
}

func milliseconds(l load.Latency) Latency {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return Latency{P50: ms(l.P50), P95: ms(l.P95), P99: ms(l.P99), Max: ms(l.Max)}
}

// Percent is the integer floor of n in percent of all; 100 when all is nothing.
func Percent(n, all int) int {
	if all <= 0 {
		return 100
	}
	return n * 100 / all
}
