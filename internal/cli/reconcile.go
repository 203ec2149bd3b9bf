package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/internal/live"
)

func newReconcile() *cobra.Command {
	to := sideValue(deploy.SideStack)
	cmd := &cobra.Command{
		Use:   "reconcile STACK",
		Short: "End the drift between a stack and what its services run",
		Long: `Reconcile makes the stack and its services agree again, after somebody has
changed the services through ECS, as slipway deploy --strategy ecs does. status
shows the drift.

  --to stack    ECS moves the services to the task definition that the stack
                says: a stack update would change nothing, since the stack has
                not changed
  --to running  the image that runs is put into the stack's parameter, by a
                change set that changes nothing else. The tasks are replaced by
                others of the same image

Drift that it does not understand is refused, with exit code 3: to the running
side, the task definitions may differ in nothing but the image. A stack without
drift is left as it is, with exit code 0.`,
		Example: `  slipway reconcile slipway-service
  slipway reconcile slipway-service --to running`,
		Args: exactly("STACK"),
	}
	format := outputFlag(cmd)
	flags := rolloutFlags(cmd)
	cmd.Flags().Var(&to, "to", "the side that is right: stack or running")

	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, err := configFor(cmd, args[0])
		if err != nil {
			return format.failed(cmd, err)
		}
		n := newNarrator(cmd, *format)
		n.show(cmd.Context(), &live.View{})
		done, err := flags.deployer(cmd, cfg, n).Reconcile(cmd.Context(), deploy.ReconcileRequest{
			Stack: args[0], ImageParameter: flags.imageParameter, To: deploy.Side(to), RoleARN: flags.roleARN,
			WaitForStack: flags.waitForStack, MaxFailedTasks: flags.maxFailedTasks,
		})
		n.end()
		if format.machine() {
			return errors.Join(err, format.print(cmd.OutOrStdout(), reconcileOutcomeOf(args[0], done, err)))
		}
		if err != nil {
			return err
		}
		return printReconciliation(cmd.OutOrStdout(), done)
	}
	return cmd
}

// reconcileOutcomeOf is what reconcile prints as JSON: how it ended, and the
// deploy.Reconciliation of one that succeeded.
func reconcileOutcomeOf(stack string, done *deploy.Reconciliation, err error) any {
	if err != nil {
		return deployOutcomeOf(stack, "", nil, err)
	}
	return struct {
		Outcome string `json:"result"`
		*deploy.Reconciliation
	}{reconciled(done), done}
}

// reconciled is the result of a reconciliation that succeeded, in a word.
func reconciled(done *deploy.Reconciliation) string {
	if len(done.Drift) == 0 && !done.Resumed {
		return "no-drift"
	}
	return "reconciled"
}

func printReconciliation(w io.Writer, done *deploy.Reconciliation) error {
	var b strings.Builder
	if reconciled(done) == "no-drift" {
		fmt.Fprintf(&b, "no drift: %s says what runs, %s\n", done.Stack, short(done.Image))
	} else {
		fmt.Fprintf(&b, "reconciled: %s says and runs %s\n", done.Stack, short(done.Image))
	}
	for _, d := range done.Drift {
		fmt.Fprintf(&b, "  ended %s\n", d)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// sideValue is the value of --to.
type sideValue deploy.Side

// String, Set and Type make a flag of it.
func (s *sideValue) String() string { return string(*s) }

func (s *sideValue) Type() string { return "SIDE" }

func (s *sideValue) Set(value string) error {
	for _, known := range deploy.Sides() {
		if value == string(known) {
			*s = sideValue(known)
			return nil
		}
	}
	return fmt.Errorf("want %s or %s", deploy.SideStack, deploy.SideRunning)
}
