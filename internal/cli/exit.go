package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
)

// exitCode is what the command ends with. Scripts depend on each.
type exitCode int

const (
	exitDone        exitCode = 0 // done, or already so
	exitUnexpected  exitCode = 1
	exitInput       exitCode = 2 // bad input: nothing was changed
	exitRefused     exitCode = 3 // refused by the gate: nothing was changed
	exitRolledBack  exitCode = 4
	exitInterrupted exitCode = 5 // timed out, interrupted or left running
	exitStuck       exitCode = 6 // the stack needs recovery
	exitLost        exitCode = 7 // deployed, but requests were lost
)

// usageError is a command line that cannot be understood.
type usageError struct {
	command string
	err     error
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// errNoStack is an argument STACK that is empty, as an unset variable of a script is.
var errNoStack = errors.New("no stack is named; STACK is empty")

func usage(cmd *cobra.Command, err error) error {
	return &usageError{command: cmd.CommandPath(), err: err}
}

// reportedError ends the command with a code after everything has been said.
type reportedError struct {
	code exitCode
}

func (e *reportedError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// interruptedError is something that an interrupt ended before anything was changed.
type interruptedError struct {
	doing string
	cause error
}

func (e *interruptedError) Error() string { return "interrupted while " + e.doing }
func (e *interruptedError) Unwrap() error { return e.cause }

// advisedError is an error with a next step that depends on the command.
type advisedError struct {
	err    error
	advice string
}

func (e *advisedError) Error() string { return e.err.Error() }
func (e *advisedError) Unwrap() error { return e.err }

// exitCodeOf maps an error to the exit code that tells its kind.
func exitCodeOf(err error) exitCode {
	var (
		reported    *reportedError
		bad         *usageError
		input       *deploy.InputError
		refused     *deploy.RefusedError
		rolledBack  *deploy.RolledBackError
		interrupted *deploy.InterruptedError
		timeout     *deploy.TimeoutError
		state       *deploy.StackStateError
		fleet       *deploy.FleetError
		lost        *lostError
	)
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &fleet):
		return worstOf(fleet)
	case errors.As(err, &reported):
		return reported.code
	case errors.As(err, &bad), errors.As(err, &input):
		return exitInput
	case errors.As(err, &refused):
		return exitRefused
	case errors.As(err, &rolledBack):
		return exitRolledBack
	case errors.As(err, &interrupted), errors.As(err, &timeout), errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &state):
		return exitStuck
	case errors.As(err, &lost):
		return exitLost
	default:
		return exitUnexpected
	}
}

// worstOf is the exit code of the deploy that needs most care.
func worstOf(e *deploy.FleetError) exitCode {
	for _, code := range []exitCode{exitStuck, exitUnexpected, exitInterrupted, exitRolledBack, exitRefused} {
		for _, err := range e.Unwrap() {
			var held *deploy.NotBegunError
			if !errors.As(err, &held) && exitCodeOf(err) == code {
				return code
			}
		}
	}
	return exitInput
}

// resultOf names the end of a command that failed, for a program to read.
func resultOf(err error) string {
	var timeout *deploy.TimeoutError
	var fleet *deploy.FleetError
	var held *deploy.NotBegunError
	switch code := exitCodeOf(err); {
	case !errors.As(err, &fleet) && errors.As(err, &held):
		return "not-begun"
	case code == exitInput:
		return "bad-input"
	case code == exitRefused:
		return "refused"
	case code == exitRolledBack:
		return "rolled-back"
	case code == exitInterrupted && errors.As(err, &timeout):
		return "timed-out"
	case code == exitInterrupted:
		return "interrupted"
	case code == exitStuck:
		return "stuck"
	case code == exitLost:
		return "requests-lost"
	default:
		return "failed"
	}
}

// explain says on stderr what went wrong and what to do next.
func explain(stderr io.Writer, err error) {
	var reported *reportedError
	if err == nil || errors.As(err, &reported) {
		return
	}
	if fleet := (*deploy.FleetError)(nil); errors.As(err, &fleet) {
		for _, err := range fleet.Unwrap() {
			if held := (*deploy.NotBegunError)(nil); !errors.As(err, &held) {
				explain(stderr, err)
			}
		}
		return
	}
	var bad *usageError
	var advised *advisedError
	var refused *deploy.RefusedError
	var rolledBack *deploy.RolledBackError
	if errors.As(err, &rolledBack) {
		explainRollback(stderr, rolledBack)
		return
	}
	fmt.Fprintf(stderr, "slipway: %s\n", withoutLongWords(err.Error()))
	var late *deploy.TimeoutError
	var crashing *deploy.CrashingError
	switch {
	case errors.As(err, &crashing):
		explainTasks(stderr, crashing.Tasks)
	case errors.As(err, &late) && late.RolledBack != nil:
		explainTasks(stderr, late.RolledBack.Tasks)
	case errors.As(err, &bad):
		fmt.Fprintf(stderr, "Run '%s --help' for usage.\n", bad.command)
	case errors.As(err, &advised):
		fmt.Fprintln(stderr, advised.advice)
	case errors.As(err, &refused) && refused.Advice != "": // which the error has told
		fmt.Fprintln(stderr, "Nothing was changed.")
	case errors.As(err, &refused):
		fmt.Fprintln(stderr, afterRefusal(refused.Stack, refused.ChangeSet != ""))
	}
}

// afterRefusal is the next step after a refusal, by whether a change set was judged.
func afterRefusal(stack string, judged bool) string {
	if !judged {
		return "Nothing was changed. See what the stack has with:\nslipway status " + stack
	}
	return "Nothing was changed and the change set is deleted.\nLet the parameter feed nothing but the container's image, or make the other change first."
}

// withoutLongWords cuts what nobody can read and no terminal should have to show: words
// longer than any name, ARN or image reference that AWS takes.
func withoutLongWords(text string) string {
	return regexp.MustCompile(`\S{1000}\S+`).ReplaceAllStringFunc(text, func(word string) string {
		return fmt.Sprintf("%s...(%d characters)", strings.ToValidUTF8(word[:64], ""), len(word))
	})
}

func explainRollback(stderr io.Writer, e *deploy.RolledBackError) {
	fmt.Fprintf(stderr, "slipway: %s\n", shortDigests(e.Summary()))
	explainTasks(stderr, e.Tasks)
	for _, target := range e.Targets {
		fmt.Fprintf(stderr, "  target %s\n", target)
	}
	if e.Reason != "" && len(e.Tasks) > 0 { // else the summary has it
		fmt.Fprintf(stderr, "  CloudFormation: %s\n", e.Reason)
	}
	switch {
	case e.Interrupted: // there may be nothing to mend
		fmt.Fprintf(stderr, "Stack %s runs what it ran before.\n", e.Stack)
	case e.Service != "":
		fmt.Fprintf(stderr, "Service %s runs what it ran before. Mend the image and deploy it again.\n", e.Service)
	case e.Advice != "":
		fmt.Fprintf(stderr, "Next: %s.\n", strings.TrimSuffix(e.Advice, "."))
	}
}

// explainTasks tells why tasks stopped, and what they wrote last.
func explainTasks(stderr io.Writer, tasks []deploy.StoppedTask) {
	for _, cause := range deploy.Causes(tasks) {
		fmt.Fprintf(stderr, "  %s\n", cause)
		for _, line := range cause.Log {
			fmt.Fprintf(stderr, "    | %s\n", line)
		}
	}
}

// mainCause is the cause that most tasks stopped for, the first of those with as many.
func mainCause(causes []deploy.Cause) deploy.Cause {
	most := causes[0]
	for _, c := range causes {
		if len(c.Tasks) > len(most.Tasks) {
			most = c
		}
	}
	return most
}
