package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
)

func newStatus() *cobra.Command {
	var imageParameter string
	cmd := &cobra.Command{
		Use:   "status STACK",
		Short: "Show what a stack says and what its services run",
		Long: `Status shows the stack's images, the tasks that run in its services, the health
of their targets, and each way in which what runs differs from what the stack
says.`,
		Example: `  slipway status slipway-service
  slipway status slipway-service --output json | jq .drift`,
		Args: exactly("STACK"),
	}
	format := outputFlag(cmd)
	timeout := timeoutFlag(cmd, "how long the reading may take")
	cmd.Flags().StringVar(&imageParameter, "image-parameter", "", "the `PARAMETER` that takes the image (default: the only one that does)")

	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, err := configFor(cmd, args[0])
		if err != nil {
			return format.failed(cmd, err)
		}
		s, err := deploy.New(cfg, deploy.Options{Timeout: *timeout}).Status(cmd.Context(), args[0], imageParameter)
		if err != nil {
			return format.failed(cmd, err)
		}
		if format.machine() {
			return format.print(cmd.OutOrStdout(), struct {
				Outcome string `json:"result"`
				*deploy.Status
			}{resultRead, s})
		}
		return printStatus(cmd.OutOrStdout(), s)
	}
	return cmd
}

// printStatus writes for a terminal of 80 columns: a label, and what is long on lines
// of its own below.
func printStatus(w io.Writer, s *deploy.Status) error {
	var b strings.Builder
	row := func(label string, lines ...string) {
		for _, line := range lines {
			if line != "" {
				fmt.Fprintf(&b, "%-10s%s\n", label, line)
				label = ""
			}
		}
	}
	row("stack", s.Stack+" "+string(s.StackStatus), placeText(s.Place), s.StackReason)
	for _, image := range s.Images {
		row("image", fmt.Sprintf("%s (parameter %s)", short(image.Image), image.Parameter))
	}
	for _, service := range s.Services {
		row("service", service.Service, serviceState(service), service.RolloutReason)
		for _, image := range service.Images {
			row("  runs", short(image.Image), fmt.Sprintf("%s, container %s, %s", count(image.Tasks, "task"), image.Container, short(image.Digest)))
		}
		for _, target := range service.Targets {
			row("  target", fmt.Sprintf("%s:%d %s", target.ID, target.Port, withReason(target.State, target.Reason)))
		}
	}
	for _, drift := range s.Drift {
		row("drift", drift)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func serviceState(s deploy.ServiceStatus) string {
	state := fmt.Sprintf("%d/%d tasks running", s.Running, s.Desired)
	if s.Pending > 0 {
		state += fmt.Sprintf(", %d pending", s.Pending)
	}
	if s.RolloutState != "" {
		state += ", rollout " + s.RolloutState
	}
	return state
}

func withReason(state, reason string) string {
	if reason == "" {
		return state
	}
	return state + " (" + reason + ")"
}
