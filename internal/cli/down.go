package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
)

// downResult is what down prints as JSON.
type downResult struct {
	Result string   `json:"result"` // gone
	Stacks []string `json:"stacks"` // in the order of their ends
}

func newDown() *cobra.Command {
	var stacks stackNames
	cmd := &cobra.Command{
		Use:   "down",
		Short: "Delete the service and network stacks",
		Long: `Down deletes the service stack and then the network stack, whose exports the
service imports, and waits for each. A stack that does not exist is gone
already. Other services on the network have to go first: while one is there,
nothing is deleted, and the exit code is 2.`,
		Example: `  slipway down
  slipway down --network-stack staging-network --service-stack staging-shop`,
		Args: exactly(),
	}
	format := outputFlag(cmd)
	stacks.flags(cmd)
	timeout := timeoutFlag(cmd, "how long each stack may take before it is left to itself")

	down := func(cmd *cobra.Command) error {
		if err := stacks.check(); err != nil {
			return usage(cmd, err)
		}
		cfg, err := awsConfig(cmd)
		if err != nil {
			return err
		}
		d := deploy.New(cfg, deploy.Options{Observe: newNarrator(cmd, *format).tell, Timeout: *timeout})
		order := []string{stacks.service, stacks.network}
		if err := d.CheckDown(cmd.Context(), order...); err != nil {
			return err
		}
		result := downResult{Result: "gone", Stacks: []string{}}
		for _, stack := range order {
			if err := d.Down(cmd.Context(), stack); err != nil {
				return err
			}
			result.Stacks = append(result.Stacks, stack)
			if *format == outputText {
				fmt.Fprintf(cmd.OutOrStdout(), "%s is gone\n", stack)
			}
		}
		if format.machine() {
			return format.print(cmd.OutOrStdout(), result)
		}
		return nil
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return format.failed(cmd, down(cmd))
	}
	return cmd
}
