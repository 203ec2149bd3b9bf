package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/internal/live"
)

func newRecover() *cobra.Command {
	var request deploy.RecoverRequest
	cmd := &cobra.Command{
		Use:   "recover STACK",
		Short: "Get a stack out of a state in which it cannot be updated",
		Long: `Recover does what the state of the stack asks for, and waits until it is done:

  UPDATE_ROLLBACK_FAILED    tries the rollback again. A resource that cannot be
                            rolled back is left as it is with --skip;
                            CloudFormation then believes that it was rolled
                            back, so put it right by hand
  UPDATE_FAILED             rolls the update back, which was made without
                            rollback
  ROLLBACK_COMPLETE, ROLLBACK_FAILED, CREATE_FAILED, DELETE_FAILED,
  REVIEW_IN_PROGRESS
                            deletes the stack, with --delete only: nothing
                            else is left

A stack that can be updated is left as it is, with exit code 0.`,
		Example: `  slipway recover slipway-service
  slipway recover slipway-service --skip Service
  slipway recover slipway-service --delete`,
		Args: exactly("STACK"),
	}
	format := outputFlag(cmd)
	timeout := timeoutFlag(cmd, "how long it may take before it is left to itself")
	cmd.Flags().StringSliceVar(&request.Skip, "skip", nil, "a `RESOURCE` to leave as it is, by its logical id; can be repeated")
	cmd.Flags().BoolVar(&request.Delete, "delete", false, "delete a stack that can only be deleted")
	cmd.Flags().StringVar(&request.RoleARN, "role-arn", "", "the `ROLE` that CloudFormation works with, from now on (default: the stack's last one, or your own rights)")

	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, err := configFor(cmd, args[0])
		if err != nil {
			return format.failed(cmd, err)
		}
		request.Stack = args[0]
		n := newNarrator(cmd, *format)
		n.show(cmd.Context(), &live.View{})
		done, err := deploy.New(cfg, deploy.Options{Observe: n.tell, Timeout: *timeout}).Recover(cmd.Context(), request)
		n.end()
		if err != nil {
			return format.failed(cmd, err)
		}
		if format.machine() {
			return format.print(cmd.OutOrStdout(), struct {
				Outcome string `json:"result"`
				*deploy.Recovery
			}{recovered(done), done})
		}
		switch recovered(done) {
		case "nothing-to-recover":
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "nothing to recover: stack %s is in state %s\n", done.Stack, done.To)
		case "deleted":
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "deleted: stack %s, which was in state %s\n", done.Stack, done.From)
		default:
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "recovered: stack %s is in state %s, before %s\n", done.Stack, done.To, done.From)
		}
		return err
	}
	return cmd
}

// recovered is the result of a recovery, in a word.
func recovered(done *deploy.Recovery) string {
	switch {
	case done.From == done.To:
		return "nothing-to-recover"
	case done.To == "DELETE_COMPLETE":
		return "deleted"
	}
	return "recovered"
}
