package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/internal/live"
	"github.com/slipway-go/slipway/templates"
)

// upResult is what up prints.
type upResult struct {
	Outcome string              `json:"result"` // up
	URL     string              `json:"url"`
	Network *deploy.StackResult `json:"network"`
	Service *deploy.StackResult `json:"service"`
}

func newUp() *cobra.Command {
	var stacks stackNames
	var image, serviceName string
	var parameters []string
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Create or update the network and service stacks",
		Long: `Up creates the network stack (VPC, load balancer, cluster) and the service stack
(Fargate service behind it) from the templates in this command, or updates them,
waits for each, and prints where the service answers.

Parameters that are not given keep their values when the stack exists, and so does
the image. An update that would delete or replace what a stack has is refused.

Another --image is rolled out, too, but without the proof that nothing else
changes: new versions are for 'slipway deploy'.`,
		Example: `  slipway up --image registry.example.com/shop:1.4.2
  slipway up --image registry.example.com/shop:1.4.2 --service-name shop \
    --parameter ContainerPort=8080 --parameter HealthCheckPath=/health
  slipway up --image nginx:1.29 --parameter HealthCheckPath=/ --parameter DesiredCount=3`,
		Args: exactly(),
	}
	cmd.Long += "\n\nParameters of the service stack and their defaults, for --parameter:\n\n" + strings.TrimSuffix(listParameters(), "\n")
	format := outputFlag(cmd)
	stacks.flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&image, "image", "", "the `IMAGE` to run (default: the one that the stack has)")
	flags.StringVar(&serviceName, "service-name", "app", "`NAME` of the container, the task family and the log streams")
	flags.StringArrayVar(&parameters, "parameter", nil, "another parameter of the service stack, `KEY=VALUE`, repeatable")
	timeout := timeoutFlag(cmd, "how long each stack may take before it is left to itself")

	up := func(cmd *cobra.Command) error {
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
		n := newNarrator(cmd, *format)
		n.show(cmd.Context(), &live.View{})
		defer n.end()
		d := deploy.New(cfg, deploy.Options{Observe: n.tell, Timeout: *timeout})
		if image == "" {
			if _, err := d.Outputs(cmd.Context(), stacks.service); err != nil {
				n.end()
				return usage(cmd, fmt.Errorf("there is no image for stack %s to keep; name one with --image: %w", stacks.service, err))
			}
		}
		result := upResult{Outcome: "up"}
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
		n.end()
		result.URL = result.Service.Outputs[contract.OutputURL]
		if format.machine() {
			return format.print(cmd.OutOrStdout(), result)
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), result.URL)
		return err
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return format.failed(cmd, withUpAdvice(up(cmd)))
	}
	return cmd
}

// withUpAdvice says what to do about a stack that up would take something from.
func withUpAdvice(err error) error {
	var refused *deploy.RefusedError
	if !errors.As(err, &refused) {
		return err
	}
	return &advisedError{err: err, advice: fmt.Sprintf("Stack %s is unchanged. If it is not slipway's, name others with --network-stack and\n--service-stack; if it is, make this change by hand.", refused.Stack)}
}
