package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/slipway-go/slipway/deploy"
)

// unusedImage is said of an image that a stack has for tasks which others run.
const unusedImage = "no service of this stack uses it; the stack has it only as a task definition"

func printDeploy(w io.Writer, r *deploy.Result) error {
	var b strings.Builder
	switch {
	case r.AlreadyCurrent:
		fmt.Fprintf(&b, "already current: %s runs %s\n", r.Stack, short(r.Image))
		if r.PreviousImage != r.Image {
			fmt.Fprintf(&b, "  the stack has it as %s\n", short(r.PreviousImage))
		}
	case r.Started:
		fmt.Fprintf(&b, "started: %s is getting %s\n  see it to its end with the same command without --no-wait\n", r.Stack, short(r.Image))
	case len(r.Services) == 0:
		fmt.Fprintf(&b, "updated: %s has %s%s\n", r.Stack, short(r.Image), before(r))
	default:
		fmt.Fprintf(&b, "deployed: %s runs %s%s\n", r.Stack, short(r.Image), before(r))
	}
	if len(r.Services) == 0 && !r.Started {
		fmt.Fprintln(&b, "  "+unusedImage)
	}
	for _, s := range r.Services {
		switch {
		case s.Desired == 0 && s.Running == 0:
			fmt.Fprintf(&b, "  %s: no task runs, the desired count is 0\n", s.Service)
		case !r.AlreadyCurrent:
			fmt.Fprintf(&b, "  %s: %s of %s\n", s.Service, count(s.Running, "task"), short(s.Digest))
		}
	}
	for _, drift := range r.Drift {
		fmt.Fprintf(&b, "  drift: %s\n", drift)
	}
	if len(r.Drift) > 0 {
		fmt.Fprintf(&b, "  end it with: slipway reconcile %s\n", r.Stack)
	}
	if r.Outage != nil {
		fmt.Fprintf(&b, "  down for %s\n", r.Outage.Duration().Round(time.Second))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// before tells the image that was replaced, where it is known.
func before(r *deploy.Result) string {
	if r.PreviousImage == "" {
		return ""
	}
	return ", before " + short(r.PreviousImage)
}

// deployOutcome is what deploy prints as JSON: how it ended, and the deploy.Result of
// one that succeeded.
type deployOutcome struct {
	Outcome   string   `json:"result"` // deployed, started, already-current, or as resultOf names it
	Stack     string   `json:"stack"`
	Requested string   `json:"requested,omitempty"` // the image as it was typed
	Image     string   `json:"image,omitempty"`     // and as it was resolved, where it was
	Error     string   `json:"error,omitempty"`
	ExitCode  exitCode `json:"exitCode"`

	Refused      []deploy.Reason       `json:"refused,omitempty"`
	Reason       string                `json:"reason,omitempty"`
	StoppedTasks []deploy.StoppedTask  `json:"stoppedTasks,omitempty"`
	Targets      []deploy.TargetHealth `json:"targets,omitempty"`

	Probe *probeOutcome `json:"probe,omitempty"`

	*deploy.Result
}

// deployOutcomeOf tells how a deploy has ended, well or not.
func deployOutcomeOf(stack, image string, result *deploy.Result, err error) deployOutcome {
	o := deployOutcome{Stack: stack, Requested: image, Image: image, ExitCode: exitCodeOf(err), Result: result}
	if result != nil {
		o.Image = cmp.Or(result.Image, image)
	}
	var refused *deploy.RefusedError
	var rolledBack *deploy.RolledBackError
	switch {
	case err != nil:
		o.Outcome, o.Error = resultOf(err), withoutLongWords(err.Error())
	case result.AlreadyCurrent:
		o.Outcome = "already-current"
	case result.Started:
		o.Outcome = "started"
	default:
		o.Outcome = "deployed"
	}
	if errors.As(err, &refused) {
		o.Refused = refused.Reasons
	}
	if late := (*deploy.TimeoutError)(nil); errors.As(err, &late) {
		rolledBack = late.RolledBack
	} else {
		errors.As(err, &rolledBack)
	}
	if rolledBack != nil {
		o.Image = cmp.Or(rolledBack.Image, o.Image)
		o.Reason, o.StoppedTasks, o.Targets = rolledBack.Reason, rolledBack.Tasks, rolledBack.Targets
	}
	if crashing := (*deploy.CrashingError)(nil); errors.As(err, &crashing) {
		o.Reason, o.StoppedTasks = crashing.Why, crashing.Tasks
	}
	return o
}
