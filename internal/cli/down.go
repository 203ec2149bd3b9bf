package cli

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

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
	var yes bool
	cmd := &cobra.Command{
		Use:   "down",
		Short: "Delete the service and network stacks",
		Long: `Down deletes the service stack and then the network stack, whose exports the
service imports, and waits for each. A stack that does not exist is gone
already. Other services on the network have to go first: while one is there,
nothing is deleted, and the exit code is 2.

At a terminal it asks first: what is to go, and where.`,
		Example: `  slipway down
  slipway down --network-stack staging-network --service-stack staging-shop`,
		Args: exactly(),
	}
	format := outputFlag(cmd)
	stacks.flags(cmd)
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "ask nothing")
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
		if !yes && terminal(cmd.InOrStdin()) && !mayDelete(cmd.InOrStdin(), cmd.ErrOrStderr(), cfg, order) {
			return &deploy.InputError{Problem: "nothing was deleted: the answer was not " + order[0], Advice: "answer with that name, or give --yes"}
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

// mayDelete asks whether the stacks are to go. The answer is the name of the first.
func mayDelete(in io.Reader, out io.Writer, cfg aws.Config, stacks []string) bool {
	where := "region " + cfg.Region
	if endpoint := aws.ToString(cfg.BaseEndpoint); endpoint != "" {
		where += " at " + endpoint
	}
	fmt.Fprintf(out, "Deleting the stacks %s in %s, with all that is in them.\nType %s to go on: ", strings.Join(stacks, " and "), where, stacks[0])
	answer, _ := bufio.NewReader(in).ReadString('\n') // no answer is one
	return strings.TrimSpace(answer) == stacks[0]
}
