// Package report is what a rollout has shown, for people and for programs: a rehearsal on
// the embedded AWS, or a deploy with a probe.
package report

import (
	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/load"
)

// Kind is what a report is about.
type Kind string

// The kinds of reports.
const (
	Rehearsal Kind = "rehearsal" // on the embedded AWS
	Deploy    Kind = "deploy"    // to an account
)

// Outcome is how a rollout ended.
type Outcome string

// The ways in which a rollout ends.
const (
	Deployed       Outcome = "deployed"
	RolledBack     Outcome = "rolled-back"
	AlreadyCurrent Outcome = "already-current" // there was nothing to do
	Started        Outcome = "started"         // and left to itself, as was asked for
	Failed         Outcome = "failed"          // in another way, which Reason tells
)

// Report is what a rollout has shown. Times named Seconds are AWS time; times named
// WallSeconds are what one waited for them here, which is less in a rehearsal.
type Report struct {
	Kind          Kind            `json:"kind"`
	Result        Outcome         `json:"result"`
	Stack         string          `json:"stack"`
	Image         string          `json:"image"`
	PreviousImage string          `json:"previousImage"`
	Strategy      deploy.Strategy `json:"strategy"`

	Requests int `json:"requests"`
	Failed   int `json:"failed"`
	// Failures counts the failed requests by kind: "HTTP 502", "timeout", ...
	Failures map[load.Failure]int `json:"failures"`
	// Versions counts the answered requests by who answered them.
	Versions map[string]int `json:"versions"`
	// Latency is that of all answered requests; Before, During and After are parts of it,
	// by when a request was sent.
	Latency       Latency       `json:"latencyMilliseconds"`
	LatencyAround LatencyAround `json:"latencyAroundMilliseconds"`
	Rate          int           `json:"rate"` // requests per second of real time; 0 without load

	// Findings say why requests failed, as far as that can be told.
	Findings []Finding `json:"findings,omitempty"`

	// MinHealthyPercent is the lowest number of healthy tasks at any moment of the
	// rollout, in percent of the desired count, rounded down. In a rehearsal every change
	// of a target's health is known; in a deploy, what was seen at each look.
	MinHealthyPercent int `json:"minHealthyPercent"`

	// Seconds and WallSeconds are what the rollout itself took, from the first call of
	// the deployer until it was sure of the outcome.
	Seconds     float64 `json:"seconds"`
	WallSeconds float64 `json:"wallSeconds"`
	Speed       float64 `json:"speed"` // seconds of AWS time in a second here; 1 in an account

	// Calls counts the calls of the AWS API that the rollout took, by operation.
	Calls map[string]int `json:"calls"`
	// Drift is each way in which the services run another thing than the stack says, once
	// the rollout is over.
	Drift []string `json:"drift,omitempty"`

	// Changes are what was accepted, and Predictions what was expected of it.
	Changes     []deploy.Change     `json:"changes,omitempty"`
	Predictions []deploy.Prediction `json:"predictions,omitempty"`

	// Phases are the parts of the whole, in order.
	Phases []Phase `json:"phases"`

	// Timeline divides the load into equal spans; it is empty without load. RolloutStart
	// and RolloutEnd are in its time, whose zero is when the load was put on.
	Timeline     []Moment `json:"timeline"`
	RolloutStart float64  `json:"rolloutStart"`
	RolloutEnd   float64  `json:"rolloutEnd"`

	// Tasks is how many tasks there were of which version, as the deployer saw it: the first
	// moment is that before the rollout. Its times are those of Timeline.
	Tasks []TaskMoment `json:"tasks"`
	// Events are those of the stack, in the same time.
	Events []StackEvent `json:"events"`

	// Reason is why the rollout was rolled back or failed, in the words of CloudFormation
	// or ECS where they said it, and StoppedTasks are the tasks that it failed by. Empty
	// when it succeeded.
	Reason       string               `json:"reason,omitempty"`
	StoppedTasks []deploy.StoppedTask `json:"stoppedTasks,omitempty"`
}

// Finding is why some requests failed.
type Finding struct {
	Requests int     `json:"requests"` // how many failed for it
	From     float64 `json:"from"`     // the first and the last of them, in the timeline's time
	Until    float64 `json:"until"`
	What     string  `json:"what"`   // what happened to them
	Why      string  `json:"why"`    // which setting or conduct it is that they failed for
	Remedy   string  `json:"remedy"` // what to change
}

// Phase is a part of a rollout and what it took.
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

// LatencyAround is the latency before, during and after the rollout.
type LatencyAround struct {
	Before Latency `json:"before"`
	During Latency `json:"during"`
	After  Latency `json:"after"`
}

// Moment is a span of the load.
type Moment struct {
	Second   float64              `json:"second"` // AWS time since the load was put on
	Requests int                  `json:"requests"`
	Failed   int                  `json:"failed"`
	Failures map[load.Failure]int `json:"failures,omitempty"`
	Versions map[string]int       `json:"versions"`
	P50      float64              `json:"p50"` // latency in milliseconds; 0 where nothing was answered
	P99      float64              `json:"p99"`
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

// StackEvent is an event of the stack.
type StackEvent struct {
	Second   float64 `json:"second"`
	Resource string  `json:"resource"`
	Status   string  `json:"status"`
	Reason   string  `json:"reason,omitempty"`
}
