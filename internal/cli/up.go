package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/templates"
)

// upResult is what up prints.
type upResult struct {
	URL     string              `json:"url"`
	Network *deploy.StackResult `json:"network"`
	Service *deploy.StackResult `json:"service"`
}

func newUp() *cobra.Command {
	var stacks stackNames
	var image, serviceName string
	var parameters []string
	cmd := &cobra.Command{
		Use:   "up --image IMAGE",
		Short: "Create or update the network and service stacks",
		Long: `Up creates the network stack (VPC, load balancer, cluster) and the service stack
(Fargate service behind it) from the templates in this command, or updates them,
waits for each, and prints where the service answers.

Parameters that are not given keep their values when the stack exists. New image
versions go out with 'slipway deploy', which proves that nothing else changes.`,
		Example: `  slipway up --image registry.example.com/shop:1.4.2
  slipway up --image nginx:1.29 --parameter HealthCheckPath=/ --parameter DesiredCount=3`,
		Args: exactly(),
	}
	cmd.Long += "\n\nParameters of the service stack and their defaults, for --parameter:\n\n" + strings.TrimSuffix(listParameters(), "\n")
	format := outputFlag(cmd)
	stacks.flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&image, "image", "", "the `IMAGE` to run (required)")
	flags.StringVar(&serviceName, "service-name", "app", "`NAME` of the container, the task family and the log streams")
	flags.StringArrayVar(&parameters, "parameter", nil, "another parameter of the service stack, `KEY=VALUE`, repeatable")
	timeout := timeoutFlag(cmd, "how long each stack may take before it is left to itself")

	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := stacks.check(); err != nil {
			return usage(cmd, err)
		}
		values, err := serviceParameters(stacks.network, serviceName, image, parameters)
		if err != nil {
			return usage(cmd, err)
		}
		cfg, err := awsConfig(cmd)
		if err != nil {
			return err
		}
		d := deploy.New(cfg, deploy.Options{Observe: newNarrator(cmd.ErrOrStderr()).tell, Timeout: *timeout})
		var result upResult
		result.Network, err = d.Up(cmd.Context(), deploy.StackSpec{
			Name:         stacks.network,
			TemplateBody: templates.Network(),
			Capabilities: []string{"CAPABILITY_IAM"},
		})
		if err != nil {
			return err
		}
		result.Service, err = d.Up(cmd.Context(), deploy.StackSpec{
			Name:         stacks.service,
			TemplateBody: templates.Service(),
			Parameters:   values,
			Capabilities: []string{"CAPABILITY_IAM"},
		})
		if err != nil {
			return err
		}
		result.URL = result.Service.Outputs[contract.OutputURL]
		if *format == outputJSON {
			return printJSON(cmd.OutOrStdout(), result)
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), result.URL)
		return err
	}
	return cmd
}
