package deploy

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// InputError is a request that cannot be carried out as it stands, found before
// anything was changed: a stack that does not exist, an image that cannot be read,
// missing credentials or permissions.
type InputError struct {
	Problem string // what is wrong with what
	Advice  string // what to do about it; may be empty
	Err     error  // the cause, where there is one; Problem tells it in better words
}

func (e *InputError) Error() string {
	if e.Advice == "" {
		return e.Problem
	}
	return e.Problem + "; " + e.Advice
}

func (e *InputError) Unwrap() error { return e.Err }

// RefusedError is an operation that was refused: a deploy that would change more than
// the image, or whose stack does not tell the truth about what runs (drift), or an
// update by [Deployer.Up] that would remove or replace what the stack has. Nothing was
// changed.
type RefusedError struct {
	Stack   string
	Reasons []Reason // at least one, sorted by resource and path

	// ChangeSet is the name of the change set that was judged and is deleted; empty
	// when the operation was refused before one was made.
	ChangeSet string

	// Changes are all attributes that the change set would have changed, those that are
	// accepted among them; none when there was no change set, or it was one of Up.
	Changes []Change

	// Advice is the next step, where it is known.
	Advice string
}

func (e *RefusedError) Error() string {
	lines := make([]string, 0, len(e.Reasons)+1)
	lines = append(lines, fmt.Sprintf("refused to update stack %s:", e.Stack))
	for _, r := range e.Reasons {
		lines = append(lines, "  "+r.String())
	}
	if e.Advice != "" {
		lines = append(lines, e.Advice)
	}
	return strings.Join(lines, "\n")
}

// Reason is one thing that the gate found wrong.
type Reason struct {
	Resource string `json:"resource,omitempty"` // logical id; empty for the change set as a whole
	Path     string `json:"path,omitempty"`     // "/Properties/Cpu"; empty for the resource as a whole
	Before   string `json:"before,omitempty"`
	After    string `json:"after,omitempty"`
	Why      string `json:"why"`
}

func (r Reason) String() string {
	var b strings.Builder
	b.WriteString(r.Resource + r.Path)
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(r.Why)
	if r.Before != "" || r.After != "" {
		fmt.Fprintf(&b, " (%s -> %s)", quoted(r.Before), quoted(r.After))
	}
	return b.String()
}

// quoted shows an attribute's value in a message, which may be absent.
func quoted(value string) string {
	if value == "" {
		return "nothing"
	}
	return fmt.Sprintf("%q", value)
}

// RolledBackError is an operation that failed and was undone: after a deploy or an
// update the stack is back at what it had, after a creation it can only be deleted.
type RolledBackError struct {
	Stack       string
	StackStatus StackStatus
	Image       string // what was to be deployed; empty when it was no deploy
	Cluster     string // of Service
	Service     string // the service whose deployment failed; empty when something else did
	Reason      string // CloudFormation's or ECS's own words
	Advice      string // the next step
	Tasks       []StoppedTask
	Targets     []TargetHealth // the load balancer's view while the deployment failed

	// Interrupted tells that it was undone because somebody wanted it to be, and not for
	// what it did.
	Interrupted bool

	byECS bool // whether the services came back, rather than the stack
}

func (e *RolledBackError) Error() string {
	text := e.headline()
	if len(e.Tasks) == 0 {
		text = e.Summary()
	} else {
		for i, c := range Causes(e.Tasks) {
			separator := "; "
			if i == 0 {
				separator = ": "
			}
			text += separator + c.String()
		}
	}
	if e.Advice != "" {
		text += "; " + e.Advice
	}
	return text
}

// Summary is the error in short, without the tasks that it was caused by and the next
// step. It leads to why most of the tasks stopped, which tells more than CloudFormation's
// Reason: of a failed rollout that says only that the circuit breaker was triggered.
func (e *RolledBackError) Summary() string {
	switch cause := e.mainCause(); {
	case cause != "":
		return e.headline() + ": " + cause
	case e.Reason != "":
		return e.headline() + ": " + e.Reason
	}
	return e.headline()
}

// mainCause is why most of the tasks stopped; empty when none did.
func (e *RolledBackError) mainCause() string {
	var most Cause
	for _, c := range Causes(e.Tasks) {
		if len(c.Tasks) > len(most.Tasks) {
			most = c
		}
	}
	return most.Text
}

func (e *RolledBackError) headline() string {
	if e.Image == "" {
		return fmt.Sprintf("stack %s rolled back", e.Stack)
	}
	if e.byECS {
		return fmt.Sprintf("deploying %s: the services of stack %s rolled back", e.Image, e.Stack)
	}
	return fmt.Sprintf("deploying %s: stack %s rolled back", e.Image, e.Stack)
}

// StoppedTask is a task that ended, and why.
type StoppedTask struct {
	ID        string    `json:"id"`       // the last part of its ARN
	StopCode  string    `json:"stopCode"` // "EssentialContainerExited", "TaskFailedToStart", ...
	Reason    string    `json:"reason"`
	StoppedAt time.Time `json:"stoppedAt"`
	// Container is the container that tells most about the end: one that exited with
	// an error or could not be started.
	Container       string `json:"container,omitempty"`
	ContainerReason string `json:"containerReason,omitempty"`
	ExitCode        *int   `json:"exitCode,omitempty"` // nil when it never ran
	Image           string `json:"image,omitempty"`

	// Log is the end of what the container wrote to CloudWatch Logs, oldest line first;
	// empty when it has no log there, or one that may not be read.
	Log []string `json:"log,omitempty"`
}

func (t StoppedTask) String() string { return strings.TrimSpace(t.ID + " " + t.Cause()) }

// Cause is why the task stopped, without saying which task it was.
func (t StoppedTask) Cause() string {
	var b strings.Builder
	b.WriteString(t.StopCode)
	if t.Reason != "" {
		if b.Len() > 0 {
			b.WriteString(": ")
		}
		b.WriteString(t.Reason)
	}
	if t.Container != "" {
		fmt.Fprintf(&b, " (container %s", t.Container)
		if t.ExitCode != nil {
			fmt.Fprintf(&b, " exited with code %d", *t.ExitCode)
		}
		if t.ContainerReason != "" && t.ContainerReason != t.Reason {
			b.WriteString(": " + t.ContainerReason)
		}
		b.WriteString(")")
	}
	return b.String()
}

// TargetHealth is a load balancer's view of one task.
type TargetHealth struct {
	Group       string `json:"group"` // name of the target group
	ID          string `json:"id"`    // address of the task
	Port        int    `json:"port"`
	State       string `json:"state"` // "healthy", "initial", "unhealthy", "draining", ...
	Reason      string `json:"reason,omitempty"`
	Description string `json:"description,omitempty"`
}

// place tells targets apart. Blue/green has two target groups.
func (t TargetHealth) place() string { return t.Group + " " + t.ID + ":" + strconv.Itoa(t.Port) }

func (t TargetHealth) String() string {
	s := fmt.Sprintf("%s:%d %s", t.ID, t.Port, t.State)
	if t.Reason != "" {
		s += " " + t.Reason
	}
	if t.Description != "" {
		s += ": " + t.Description
	}
	return s
}

// InterruptedError is an operation that could not be seen to its end: its context
// ended, or AWS stopped answering our questions. If Left is true, CloudFormation
// carries on without us.
type InterruptedError struct {
	Stack  string
	Left   bool   // whether an operation on the stack was left running
	During string // what was going on where nothing was changed or left: "reading stack web"
	Advice string // how to look at it
	Err    error  // why: the context's cause, or the error of the call
}

func (e *InterruptedError) Error() string {
	text := fmt.Sprintf("interrupted before stack %s was changed", e.Stack)
	switch {
	case e.During != "":
		text = "interrupted while " + e.During
	case e.Left:
		text = fmt.Sprintf("interrupted: the operation on stack %s was left running", e.Stack)
	}
	if e.Err != nil && !errors.Is(e.Err, context.Canceled) { // "interrupted" says that already
		text += ": " + e.Err.Error()
	}
	if e.Advice != "" {
		text += "; " + e.Advice
	}
	return text
}

func (e *InterruptedError) Unwrap() error { return e.Err }

// TimeoutError is an operation that took longer than Options.Timeout. A deploy has the
// update cancelled then; any other operation is left running.
type TimeoutError struct {
	Stack   string
	Timeout time.Duration
	Advice  string // how to look at it

	// RolledBack is how the stack came back to what it had before; nil where it was left
	// running.
	RolledBack *RolledBackError
}

func (e *TimeoutError) Error() string {
	text := fmt.Sprintf("stack %s has not settled within %s", e.Stack, e.Timeout)
	if e.RolledBack == nil {
		return text + " and was left running; " + e.Advice
	}
	text += ": the update was cancelled and rolled back"
	if cause := e.RolledBack.mainCause(); cause != "" {
		text += "; its tasks stopped: " + cause
	}
	return text + "; give it more time (--timeout), or put right what keeps it"
}

// StackStateError is a stack in a state that the operation cannot start from, or
// that it ended in and that needs a hand; or one that somebody else has begun to change
// before a rollout had ended, or the proof of it, so that this one was overtaken.
type StackStateError struct {
	Stack  string
	Status StackStatus
	Reason string // CloudFormation's, where it gave one
	Advice string // the next step

	// busy tells that nothing but another operation is in the way, which ends by itself.
	busy bool
}

func (e *StackStateError) Error() string {
	s := fmt.Sprintf("stack %s is in state %s", e.Stack, e.Status)
	if e.Reason != "" {
		s += " (" + e.Reason + ")"
	}
	return s + "; " + e.Advice
}

// NotProvenError is a deploy after which the stack says that all is well while a
// fact of success does not hold: what runs is not what was asked for.
type NotProvenError struct {
	Stack   string
	Service string
	Fact    string // what does not hold
}

func (e *NotProvenError) Error() string {
	return fmt.Sprintf("stack %s is updated, but service %s does not run the image: %s", e.Stack, e.Service, e.Fact)
}

// CrashingError is a deploy that was to be cancelled because tasks of the new version had
// stopped again and again (see [Request.MaxFailedTasks]), when the update had just come to
// its end. The stack has the new image, and nothing was taken back. The same deploy,
// started again, finds the image there and says so.
type CrashingError struct {
	Stack   string
	Service string
	Why     string        // how many tasks, and why the last
	Tasks   []StoppedTask // at least one
	Advice  string        // the next step
}

func (e *CrashingError) Error() string {
	return fmt.Sprintf("stack %s is updated, but its new version does not seem to stay up: %s; the update had ended before it could be cancelled; %s",
		e.Stack, e.Why, e.Advice)
}

// OverreachError is an update that has changed more than the image, although its guard
// should have kept CloudFormation from that ([StrategyUpdate], [StrategyExpress]). The
// image runs; what else has changed was not undone.
type OverreachError struct {
	Stack   string
	Changed []Reason // at least one
}

func (e *OverreachError) Error() string {
	lines := make([]string, 0, len(e.Changed)+1)
	lines = append(lines, fmt.Sprintf("stack %s is updated, but more than the image has changed; look at it, and undo it by hand:", e.Stack))
	for _, r := range e.Changed {
		lines = append(lines, "  "+r.String())
	}
	return strings.Join(lines, "\n")
}
