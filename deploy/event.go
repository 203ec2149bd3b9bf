package deploy

import (
	"encoding/json"
	"time"
)

// Event is something that [Options.Observe] is told: one of [PhaseStarted],
// [ImageResolved], [ChangesAccepted], [StackEvent], [DeploymentProgress], [Paused],
// [TaskStopped], [Waiting], [Resuming], [Cancelling], [Reverting], [Warning] and
// [Retrying].
type Event interface {
	// When is the time of the event: AWS's where AWS told one, else the Clock's.
	When() time.Time
	event()
}

// at is the time of an event, and what makes its holder an Event.
type at struct {
	Time time.Time `json:"time"`
}

// When is the time of the event.
func (a at) When() time.Time { return a.Time }

func (at) event() {}

// PhaseName names a part of an operation.
type PhaseName string

// The phases, in the order in which a deploy goes through them, but for PhaseWait, which
// can come after the next two and begins anew. Up and Down have only PhaseRead and
// PhaseStack.
const (
	PhaseWait      PhaseName = "wait"       // for another operation on the stack
	PhaseRead      PhaseName = "read"       // the stack, its template and its services are read
	PhaseChangeSet PhaseName = "change set" // the change set is made, read back and judged
	PhaseRollout   PhaseName = "rollout"    // the stack is updated while ECS replaces the tasks
	PhaseVerify    PhaseName = "verify"     // what runs is compared with what was asked for
	PhaseStack     PhaseName = "stack"      // a stack is created, updated or deleted by Up or Down
)

// Phase is a part of an operation and how long it took.
type Phase struct {
	Name     PhaseName     `json:"name"`
	Start    time.Time     `json:"start"`
	Duration time.Duration `json:"-"` // in JSON: seconds
}

// MarshalJSON gives the duration in seconds.
func (p Phase) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Name    PhaseName `json:"name"`
		Start   time.Time `json:"start"`
		Seconds float64   `json:"seconds"`
	}{p.Name, p.Start, p.Duration.Seconds()})
}

// PhaseStarted tells that an operation on a stack enters a phase.
type PhaseStarted struct {
	at
	Stack string    `json:"stack"`
	Phase PhaseName `json:"phase"`
}

// StackRead tells which stack a deploy is about, or whatever else changes what runs.
type StackRead struct {
	at
	Stack   string `json:"stack"`
	Account string `json:"account,omitempty"` // "123456789012"
	Region  string `json:"region,omitempty"`
}

// ImageResolved tells which image a request names.
type ImageResolved struct {
	at
	Stack     string `json:"stack"`
	Requested string `json:"requested"` // as the request names it: "shop:latest"
	Image     string `json:"image"`     // with its digest: "shop:latest@sha256:..."
	Platform  string `json:"platform"`  // what the tasks ask for: "linux/amd64"

	// PlatformUntold tells that the image does not say what it is for, so that only its
	// first task will show whether it runs.
	PlatformUntold bool `json:"platformUntold"`
}

// ChangesAccepted tells what is changed next: what the gate has accepted of a change set,
// or, by the other strategies, what template, stack and services say that there is to
// change.
type ChangesAccepted struct {
	at
	Stack     string   `json:"stack"`
	Strategy  Strategy `json:"strategy"`
	ChangeSet string   `json:"changeSet,omitempty"` // by StrategyChangeSet only
	Changes   []Change `json:"changes"`

	// Predictions are what the rollouts are expected to be like, one for each service; none
	// by StrategyRecreate.
	Predictions []Prediction `json:"predictions,omitempty"`
}

// StackEvent is an event of the stack operation that is being watched.
type StackEvent struct {
	at
	Stack        string `json:"stack"`
	Resource     string `json:"resource"` // logical id
	ResourceType string `json:"resourceType"`
	PhysicalID   string `json:"physicalId,omitempty"`
	Status       string `json:"status"`
	Reason       string `json:"reason,omitempty"`
}

// DeploymentProgress is how far a service's rollout has come. It is told only when
// something in it has changed.
type DeploymentProgress struct {
	at
	Cluster       string `json:"cluster"`
	Service       string `json:"service"`
	Deployment    string `json:"deployment"`   // id of the deployment that the stack operation started
	RolloutState  string `json:"rolloutState"` // IN_PROGRESS, COMPLETED or FAILED
	RolloutReason string `json:"rolloutReason,omitempty"`

	// Stage is the stage of the deployment's life where ECS moves traffic (blue/green,
	// linear, canary): "SCALE_UP", "PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME" and so on, in
	// ECS's words. Empty for a rolling update.
	Stage string `json:"stage,omitempty"`

	Desired    int `json:"desired"` // tasks of the deployment
	Pending    int `json:"pending"`
	Running    int `json:"running"`
	Failed     int `json:"failed"`     // its consecutive failed tasks, as the circuit breaker counts
	OldRunning int `json:"oldRunning"` // running tasks of all other deployments

	// HealthyTargets of Targets registered targets are healthy, over all target groups
	// of the service. Those that are on their way out, which are draining, are counted
	// by DrainingTargets alone. All are zero for a service without a load balancer.
	HealthyTargets  int `json:"healthyTargets"`
	Targets         int `json:"targets"`
	DrainingTargets int `json:"drainingTargets"`

	// ByVersion tells that the targets of the new version are known from those of the old
	// one, which were registered before: New says how many of the three numbers are its own.
	// It is false where the rollout was under way before it was watched.
	ByVersion bool       `json:"targetsByVersion"`
	New       NewTargets `json:"newTargets"`
}

// NewTargets are targets of a new version.
type NewTargets struct {
	Healthy    int `json:"healthy"`
	Registered int `json:"registered"` // not draining
	Draining   int `json:"draining"`
}

// Paused tells that a deployment waits at a PAUSE hook until somebody lets it go on, with
// [Deployer.Continue], say.
type Paused struct {
	at
	Cluster string    `json:"cluster"`
	Service string    `json:"service"`
	Stage   string    `json:"stage,omitempty"` // of the deployment's life
	Until   time.Time `json:"until"`           // when ECS decides by itself
	Then    string    `json:"then"`            // what it does then: CONTINUE or ROLLBACK
}

// TaskStopped tells that a task of the watched deployment has failed.
type TaskStopped struct {
	at
	Cluster string      `json:"cluster"`
	Service string      `json:"service"`
	Task    StoppedTask `json:"task"`
}

// Waiting tells that another operation keeps a stack busy, whose end is waited for.
type Waiting struct {
	at
	Stack  string      `json:"stack"`
	Status StackStatus `json:"status"`
}

// Resuming tells that the same deploy was begun by an earlier run, whose operation is
// under way and is seen to its end.
type Resuming struct {
	at
	Stack     string `json:"stack"`
	Operation string `json:"operation"` // its ClientRequestToken
}

// Cancelling tells that the update of a stack is cancelled, so that CloudFormation rolls
// it back. What comes of it is told by the stack's events.
type Cancelling struct {
	at
	Stack string `json:"stack"`
	Why   string `json:"why"` // in words that follow "because"
}

// Reverting tells that what ran before is put back, by [StrategyExpress] and
// [StrategyECS], where CloudFormation rolls nothing back.
type Reverting struct {
	at
	Stack string `json:"stack"`
	Image string `json:"image"` // the one that is put back
	Why   string `json:"why"`   // in words that follow "because"
}

// Warning tells of something that a deploy goes on without: a call that is denied and
// would only have shown more of a rollout. It is told once.
type Warning struct {
	at
	Cluster string `json:"cluster"`
	Service string `json:"service"`
	Text    string `json:"text"`
}

// Retrying tells that a call failed in a way that passes (throttling, a broken
// connection) while an operation was watched, and that watching goes on.
type Retrying struct {
	at
	Stack string `json:"stack"`
	Err   error  `json:"-"` // in JSON: error, its text
}

// MarshalJSON gives the error as text.
func (r Retrying) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		at
		Stack string `json:"stack"`
		Error string `json:"error"`
	}{r.at, r.Stack, r.Err.Error()})
}

// Change is one attribute that a change set changes.
type Change struct {
	Resource     string `json:"resource"` // logical id
	ResourceType string `json:"resourceType"`
	Action       string `json:"action"` // what is done to the resource: "Modify", "Add", "Remove", ...
	Path         string `json:"path"`   // "/Properties/ContainerDefinitions/0/Image"; empty for the resource as a whole
	Before       string `json:"before"`
	After        string `json:"after"`
	Replacement  bool   `json:"replacement"`     // whether the resource is replaced by a new one, or may be
	Cause        string `json:"cause,omitempty"` // the parameter or resource that it changes for, where CloudFormation tells
}
