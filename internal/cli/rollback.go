package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/internal/live"
)

func newRollback() *cobra.Command {
	var to string
	var noWait bool
	var strategy strategyValue
	cmd := &cobra.Command{
		Use:   "rollback STACK",
		Short: "Go back to the version that ran before",
		Long: `Rollback deploys the version that ran before the present one first came: the
very image, by its digest, wherever its tag points by now. It goes past the same
gate as deploy and ends in the same ways.

Started again, after it was killed or for safety's sake, it changes nothing more:
what a rollback has brought is there already. To go further back, name the
version. With --to, it goes to one of the stack's history: its whole reference,
its tag, or its digest or the beginning of that.

ECS does not record of a version that --strategy ecs has brought back whether that
was a rollback: from there, --to is needed, too.`,
		Example: `  slipway rollback slipway-service
  slipway rollback slipway-service --to 1.4.1
  slipway rollback slipway-service --to sha256:4f2a91c`,
		Args: exactly("STACK"),
	}
	format := outputFlag(cmd)
	flags := rolloutFlags(cmd)
	noResolve := noResolveFlag(cmd)
	cmd.Flags().StringVar(&to, "to", "", "the `VERSION` to go to (default: the one that ran before)")
	cmd.Flags().VarP(&strategy, "strategy", "s", "how to do it: "+strategies())
	cmd.Flags().BoolVar(&noWait, "no-wait", false, "return once the rollout has begun; the same rollback without it sees it to its end")

	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, err := configFor(cmd, args[0])
		if err != nil {
			return format.failed(cmd, err)
		}
		n := newNarrator(cmd, *format)
		n.show(cmd.Context(), &live.View{})
		result, err := flags.deployer(cmd, cfg, n).Rollback(cmd.Context(), deploy.Request{
			Stack: args[0], Image: to, ImageParameter: flags.imageParameter, RoleARN: flags.roleARN,
			Strategy: deploy.Strategy(strategy), NoResolve: *noResolve, WaitForStack: flags.waitForStack, NoWait: noWait, MaxFailedTasks: flags.maxFailedTasks,
		})
		n.end()
		if format.machine() {
			return errors.Join(err, format.print(cmd.OutOrStdout(), deployOutcomeOf(args[0], to, result, err)))
		}
		if err != nil {
			return err
		}
		if result.AlreadyCurrent && to == "" {
			fmt.Fprintf(cmd.ErrOrStderr(), "a rollback has brought this version already; to go further back, name the version with --to (slipway history %s)\n", args[0])
		}
		return printDeploy(cmd.OutOrStdout(), result)
	}
	return cmd
}
