package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
)

func newStatus() *cobra.Command {
	var imageParameter string
	cmd := &cobra.Command{
		Use:   "status STACK",
		Short: "Show what a stack says and what its services run",
		Long: `Status shows the stack's image, the tasks that run in its services, the health of
their targets, and each way in which what runs differs from what the stack says.`,
		Example: `  slipway status slipway-service
  slipway status slipway-service --output json | jq .drift`,
		Args: exactly("STACK"),
	}
	format := outputFlag(cmd)
	cmd.Flags().StringVar(&imageParameter, "image-parameter", "", "the `PARAMETER` that takes the image (default: the only one that does)")

	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if args[0] == "" {
			return usage(cmd, errNoStack)
		}
		cfg, err := awsConfig(cmd)
		if err != nil {
			return err
		}
		s, err := deploy.New(cfg, deploy.Options{}).Status(cmd.Context(), args[0], imageParameter)
		if err != nil {
			return err
		}
		if *format == outputJSON {
			return printJSON(cmd.OutOrStdout(), s)
		}
		return printStatus(cmd.OutOrStdout(), s)
	}
	return cmd
}

func printStatus(w io.Writer, s *deploy.Status) error {
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	row := func(cells ...string) { fmt.Fprintln(tw, strings.Join(cells, "\t")) }

	row("stack", s.Stack, withReason(string(s.StackStatus), s.StackReason))
	if s.Parameter != "" {
		row("image", s.Image, "parameter "+s.Parameter)
	}
	for _, service := range s.Services {
		row("service", service.Service, serviceState(service))
		for _, image := range service.Images {
			row("  runs", image.Image, fmt.Sprintf("%d tasks, container %s, %s", image.Tasks, image.Container, image.Digest))
		}
		for _, target := range service.Targets {
			row("  target", fmt.Sprintf("%s:%d", target.ID, target.Port), withReason(target.State, target.Reason))
		}
	}
	for _, drift := range s.Drift {
		row("drift", drift)
	}
	return tw.Flush()
}

func serviceState(s deploy.ServiceStatus) string {
	state := fmt.Sprintf("%d/%d tasks running", s.Running, s.Desired)
	if s.Pending > 0 {
		state += fmt.Sprintf(", %d pending", s.Pending)
	}
	if s.RolloutState != "" {
		state += ", rollout " + withReason(s.RolloutState, s.RolloutReason)
	}
	return state
}

func withReason(state, reason string) string {
	if reason == "" {
		return state
	}
	return state + " (" + reason + ")"
}
