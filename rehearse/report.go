package rehearse

import (
	"math"
	"time"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/load"
)

// Outcome is how a rehearsed rollout ended.
type Outcome string

// The two ways in which a rollout ends.
const (
	Deployed   Outcome = "deployed"
	RolledBack Outcome = "rolled-back"
)

// Report is what a rehearsal has shown. Times named Seconds are AWS time; times
// named WallSeconds are what one waited for them here.
type Report struct {
	Result        Outcome         `json:"result"`
	Image         string          `json:"image"`
	PreviousImage string          `json:"previousImage"`
	Strategy      deploy.Strategy `json:"strategy"`

	Requests int `json:"requests"`
	Failed   int `json:"failed"`
	// Failures counts the failed requests by kind: "HTTP 502", "timeout", ...
	Failures map[load.Failure]int `json:"failures"`
	// Versions counts the answered requests by the image that answered them.
	Versions map[string]int `json:"versions"`
	Latency  Latency        `json:"latencyMilliseconds"`
	Rate     int            `json:"rate"` // requests per second of real time

	// MinHealthyPercent is the lowest number of healthy targets at any moment of the
	// rollout, in percent of the desired count, rounded down.
	MinHealthyPercent int `json:"minHealthyPercent"`

	// Seconds and WallSeconds are what the rollout itself took, from the first call of
	// the deployer until it was sure of the outcome.
	Seconds     float64 `json:"seconds"`
	WallSeconds float64 `json:"wallSeconds"`
	Speed       float64 `json:"speed"`

	// Calls counts the calls of the AWS API that the rollout took, by operation.
	Calls map[string]int `json:"calls"`
	// Drift is each way in which the services run another thing than the stack says, once
	// the rollout is over.
	Drift []string `json:"drift,omitempty"`

	// Phases are the parts of the whole rehearsal, in order.
	Phases []Phase `json:"phases"`

	// Timeline divides the load into equal spans. RolloutStart and RolloutEnd are in
	// its time.
	Timeline     []Moment `json:"timeline"`
	RolloutStart float64  `json:"rolloutStart"`
	RolloutEnd   float64  `json:"rolloutEnd"`

	// Tasks is how many tasks there were of which version, as the deployer saw it: the first
	// moment is that before the rollout. Its times are those of Timeline.
	Tasks []TaskMoment `json:"tasks"`
	// Events are those of the stack, in the same time.
	Events []StackEvent `json:"events"`

	// Reason is why the rollout was rolled back, in the words of CloudFormation or
	// ECS, and StoppedTasks are the tasks that it failed by. Empty when it succeeded.
	Reason       string               `json:"reason,omitempty"`
	StoppedTasks []deploy.StoppedTask `json:"stoppedTasks,omitempty"`
}

// Phase is a part of a rehearsal and what it took.
type Phase struct {
	Name        string  `json:"name"`
	Seconds     float64 `json:"seconds"`
	WallSeconds float64 `json:"wallSeconds"`
}

// Latency is how long answered requests took, in milliseconds of real time.
type Latency struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// Moment is a span of the load.
type Moment struct {
	Second   float64        `json:"second"` // AWS time since the load was put on
	Requests int            `json:"requests"`
	Failed   int            `json:"failed"`
	Versions map[string]int `json:"versions"`
}

// TaskMoment is how many tasks there were from a moment on.
type TaskMoment struct {
	Second   float64 `json:"second"`
	Old      int     `json:"old"`     // running, of the previous version
	New      int     `json:"new"`     // running, of the new one
	Pending  int     `json:"pending"` // of the new one, starting
	Healthy  int     `json:"healthy"` // targets of both that get requests
	Draining int     `json:"draining"`
}

// StackEvent is an event of the service stack.
type StackEvent struct {
	Second   float64 `json:"second"`
	Resource string  `json:"resource"`
	Status   string  `json:"status"`
	Reason   string  `json:"reason,omitempty"`
}

// moments is about how many spans a timeline has.
const moments = 60

// newReport puts together what the rollout and the load have shown.
func (r *rehearsal) newReport(ro rollout, requests *load.Result) *Report {
	report := &Report{
		Result:        Deployed,
		Image:         r.Image,
		PreviousImage: r.PreviousImage,
		Strategy:      r.Strategy,
		Calls:         countCalls(ro.calls),
		Drift:         ro.status.Drift,
		Requests:      requests.Requests(),
		Failed:        requests.Failed(),
		Failures:      requests.Failures(),
		Versions:      requests.Versions(),
		Latency:       milliseconds(requests.Latency()),
		Rate:          r.Rate,
		Speed:         r.Speed,
		Phases:        r.laps.phases,
		Timeline:      timeline(requests, r.Speed),
		RolloutStart:  r.Speed * ro.start.wall.Sub(requests.Started).Seconds(),
		RolloutEnd:    r.Speed * ro.end.wall.Sub(requests.Started).Seconds(),
	}
	report.Seconds, report.WallSeconds = ro.end.since(ro.start)
	second := func(at instant) float64 { return r.Speed * at.wall.Sub(requests.Started).Seconds() }
	report.Tasks = []TaskMoment{{Old: desired(ro.before), Healthy: desired(ro.before)}}
	report.Events = []StackEvent{}
	for _, s := range r.seen {
		switch e := s.event.(type) {
		case deploy.DeploymentProgress:
			report.Tasks = append(report.Tasks, TaskMoment{
				Second: second(s.at), Old: e.OldRunning, New: e.Running, Pending: e.Pending, Healthy: e.HealthyTargets, Draining: e.DrainingTargets,
			})
		case deploy.StackEvent:
			at := report.RolloutStart + e.When().Sub(ro.start.aws).Seconds() // when it was, not when it was seen
			report.Events = append(report.Events, StackEvent{Second: at, Resource: e.Resource, Status: e.Status, Reason: e.Reason})
		}
	}
	if ro.rolledBack != nil {
		report.Result = RolledBack
		report.Reason = ro.rolledBack.Reason
		report.StoppedTasks = ro.rolledBack.Tasks
	}
	return report
}

func countCalls(calls []emulator.Call) map[string]int {
	counts := make(map[string]int)
	for _, c := range calls {
		counts[c.Operation]++
	}
	return counts
}

// timeline divides the load into spans of whole AWS seconds.
func timeline(requests *load.Result, speed float64) []Moment {
	total := requests.Ended.Sub(requests.Started).Seconds() * speed
	width := max(math.Ceil(total/moments), 1)
	var line []Moment
	for i, b := range requests.Timeline(time.Duration(width / speed * float64(time.Second))) {
		line = append(line, Moment{
			Second:   float64(i) * width,
			Requests: b.Requests,
			Failed:   b.Failed,
			Versions: b.Versions,
		})
	}
	return line
}

func milliseconds(l load.Latency) Latency {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return Latency{P50: ms(l.P50), P95: ms(l.P95), P99: ms(l.P99), Max: ms(l.Max)}
}
