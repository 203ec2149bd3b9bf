package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/internal/live"
)

func newCancel() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cancel STACK",
		Short: "Take back the update of a stack that is under way",
		Long: `Cancel has CloudFormation cancel the update of the stack that is under way,
whoever has begun it, and waits until the stack is as it was before. One that is
rolled back already is watched. A deploy that watches the update elsewhere sees it
rolled back (exit code 4).

An update that has come too far to be cancelled ends as it would have, with exit
code 6: go back with slipway rollback. Where nothing is under way, nothing is done,
with exit code 0; so with a deploy by --strategy ecs, which is no update of the
stack: start the same deploy again and press Ctrl-C.`,
		Example: `  slipway cancel slipway-service`,
		Args:    exactly("STACK"),
	}
	format := outputFlag(cmd)
	timeout := timeoutFlag(cmd, "how long it may take before it is left to itself")

	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, err := configFor(cmd, args[0])
		if err != nil {
			return format.failed(cmd, err)
		}
		n := newNarrator(cmd, *format)
		n.show(cmd.Context(), &live.View{})
		done, err := deploy.New(cfg, deploy.Options{Observe: n.tell, Timeout: *timeout}).CancelUpdate(cmd.Context(), args[0])
		n.end()
		if err != nil {
			return format.failed(cmd, err)
		}
		outcome, text := "cancelled", fmt.Sprintf("cancelled: stack %s is as it was before (%s)\n", done.Stack, done.To)
		if done.From == done.To {
			outcome, text = "nothing-to-cancel", fmt.Sprintf("nothing to cancel: stack %s is in state %s\n", done.Stack, done.To)
		}
		if format.machine() {
			return format.print(cmd.OutOrStdout(), struct {
				Outcome string `json:"result"`
				*deploy.Cancellation
			}{outcome, done})
		}
		_, err = fmt.Fprint(cmd.OutOrStdout(), text)
		return err
	}
	return cmd
}
