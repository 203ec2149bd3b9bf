package cli

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
)

// interruptPolicy is the value of --on-interrupt.
type interruptPolicy string

const (
	interruptAsk    interruptPolicy = "ask"
	interruptCancel interruptPolicy = "cancel"
	interruptLeave  interruptPolicy = "leave"
)

// String, Set and Type make a flag of it.
func (p *interruptPolicy) String() string { return string(*p) }

func (p *interruptPolicy) Type() string { return "POLICY" }

func (p *interruptPolicy) Set(value string) error {
	switch v := interruptPolicy(value); v {
	case interruptAsk, interruptCancel, interruptLeave:
		*p = v
		return nil
	default:
		return fmt.Errorf("want %s, %s or %s", interruptAsk, interruptCancel, interruptLeave)
	}
}

// decide says, when the time comes, what becomes of a rollout under way. Only a person
// at a terminal is asked; a second Ctrl-C ends the process and leaves the rollout.
func (p *interruptPolicy) decide(cmd *cobra.Command) func(stack string) deploy.Interrupt {
	return func(stack string) deploy.Interrupt {
		switch {
		case *p == interruptCancel:
			fmt.Fprintf(cmd.ErrOrStderr(), "interrupted: cancelling the update of stack %s\n", stack)
			return deploy.Cancel
		case *p == interruptLeave || !terminal(cmd.InOrStdin()):
			return deploy.Leave
		}
		return ask(cmd.InOrStdin(), cmd.ErrOrStderr(), stack)
	}
}

// ask leaves the rollout alone unless the answer is to cancel it.
func ask(in io.Reader, out io.Writer, stack string) deploy.Interrupt {
	fmt.Fprintf(out, "\nStack %s is being updated. Cancel the update and roll it back, or leave it running? [cancel/LEAVE] ", stack)
	answer, _ := bufio.NewReader(in).ReadString('\n') // no answer is one: leave
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "c", "cancel":
		return deploy.Cancel
	}
	return deploy.Leave
}

func terminal(r io.Reader) bool {
	f, ok := r.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}
