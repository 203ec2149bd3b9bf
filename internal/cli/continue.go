package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
)

func newContinue() *cobra.Command {
	var rollBack bool
	cmd := &cobra.Command{
		Use:   "continue STACK",
		Short: "Let a deployment go on that waits at a PAUSE hook",
		Long: `Continue lets every service of the stack go on whose blue/green, linear or
canary deployment waits at a lifecycle hook of type PAUSE. With --roll-back, ECS
takes it back to the version before. A deploy that watches the rollout sees the
rest of it.

Where nothing waits, nothing is done, with exit code 0.`,
		Example: `  slipway continue slipway-service
  slipway continue slipway-service --roll-back`,
		Args: exactly("STACK"),
	}
	format := outputFlag(cmd)
	timeout := timeoutFlag(cmd, "how long the reading may take")
	cmd.Flags().BoolVar(&rollBack, "roll-back", false, "roll the deployment back")

	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, err := configFor(cmd, args[0])
		if err != nil {
			return format.failed(cmd, err)
		}
		done, err := deploy.New(cfg, deploy.Options{Timeout: *timeout}).Continue(cmd.Context(), args[0], rollBack)
		if err != nil {
			return format.failed(cmd, err)
		}
		if format.machine() {
			return format.print(cmd.OutOrStdout(), struct {
				Outcome  string             `json:"result"`
				Services []deploy.Continued `json:"services"`
			}{continueResult(done, rollBack), done})
		}
		var b strings.Builder
		if len(done) == 0 {
			fmt.Fprintf(&b, "nothing waits in stack %s\n", args[0])
		}
		for _, c := range done {
			fmt.Fprintf(&b, "%s: %s at %s\n", continueResult(done, rollBack), shortService(c.Service), c.Stage)
		}
		_, err = fmt.Fprint(cmd.OutOrStdout(), b.String())
		return err
	}
	return cmd
}

func continueResult(done []deploy.Continued, rollBack bool) string {
	switch {
	case len(done) == 0:
		return "nothing-waits"
	case rollBack:
		return "rolled-back"
	}
	return "continued"
}
