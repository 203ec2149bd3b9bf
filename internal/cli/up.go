package cli

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/imageref"
	"github.com/slipway-go/slipway/templates"
)

// stackNames are the flags that name the two stacks.
type stackNames struct {
	network, service string
}

func (s *stackNames) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.network, "network-stack", contract.NetworkStackName, "`NAME` of the network stack")
	cmd.Flags().StringVar(&s.service, "service-stack", contract.ServiceStackName, "`NAME` of the service stack")
}

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
	var timeout time.Duration
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
	format := outputFlag(cmd)
	stacks.flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&image, "image", "", "the `IMAGE` to run (required)")
	flags.StringVar(&serviceName, "service-name", "app", "`NAME` of the container, the task family and the log streams")
	flags.StringArrayVar(&parameters, "parameter", nil, "another parameter of the service stack, `KEY=VALUE`, repeatable")
	flags.DurationVar(&timeout, "timeout", deploy.DefaultTimeout, "how long each stack may take")

	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		values, err := serviceParameters(stacks.network, serviceName, image, parameters)
		if err != nil {
			return usage(cmd, err)
		}
		cfg, err := awsConfig(cmd)
		if err != nil {
			return err
		}
		d := deploy.New(cfg, deploy.Options{Observe: newNarrator(cmd.ErrOrStderr()).tell, Timeout: timeout})
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

// serviceParameters are the values for the service stack: those that have a flag of
// their own, and the others as KEY=VALUE.
func serviceParameters(network, serviceName, image string, others []string) (map[string]string, error) {
	if image == "" {
		return nil, errors.New("there is no image to run; name one with --image")
	}
	if _, err := imageref.Parse(image); err != nil {
		return nil, fmt.Errorf("reading --image: %w", err)
	}
	own := map[string]string{
		contract.ParameterStackName:   network,
		contract.ParameterServiceName: serviceName,
		contract.ParameterImageURL:    image,
	}
	all := maps.Clone(own)
	for _, other := range others {
		key, value, ok := strings.Cut(other, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("reading --parameter %q: want KEY=VALUE", other)
		}
		if _, ok := own[key]; ok {
			return nil, fmt.Errorf("reading --parameter %q: %s has a flag of its own", other, key)
		}
		all[key] = value
	}
	return all, nil
}
