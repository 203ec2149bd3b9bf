package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
)

// maxHistory is what ECS remembers of a service.
const maxHistory = 100

func newHistory() *cobra.Command {
	var imageParameter string
	limit := deploy.DefaultHistory
	cmd := &cobra.Command{
		Use:   "history STACK",
		Short: "Show which versions ran in a stack, and how their rollouts ended",
		Long: `History shows the deployments of the stack's services, the newest first: the
image with its tag and digest, when the rollout began, how long it took, how it
ended, and by whom it was begun: slipway, another update of the stack
(cloudformation), or the ECS API without the stack (ecs). An asterisk marks what
runs. ECS remembers 90 days.

Any of these versions can be gone back to with slipway rollback --to.`,
		Example: `  slipway history slipway-service
  slipway history slipway-service --limit 50 --output json`,
		Args: exactly("STACK"),
	}
	format := outputFlag(cmd)
	timeout := timeoutFlag(cmd, "how long the reading may take")
	cmd.Flags().StringVar(&imageParameter, "image-parameter", "", "the `PARAMETER` that takes the image (default: the only one that does)")
	cmd.Flags().Var(boundedInt{&limit, maxHistory}, "limit", "how many deployments of each service to show")

	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, err := configFor(cmd, args[0])
		if err != nil {
			return format.failed(cmd, err)
		}
		h, err := deploy.New(cfg, deploy.Options{Timeout: *timeout}).History(cmd.Context(), deploy.HistoryRequest{
			Stack: args[0], ImageParameter: imageParameter, Limit: limit,
		})
		if err != nil {
			return format.failed(cmd, err)
		}
		if format.machine() {
			return format.print(cmd.OutOrStdout(), struct {
				Outcome string `json:"result"`
				*deploy.History
			}{resultRead, h})
		}
		return printHistory(cmd.OutOrStdout(), h)
	}
	return cmd
}

func printHistory(w io.Writer, h *deploy.History) error {
	if len(h.Deployments) == 0 {
		_, err := fmt.Fprintf(w, "no service of stack %s runs the image; ECS has no record of it\n", h.Stack)
		return err
	}
	services := make(map[string]bool)
	for _, p := range h.Deployments {
		services[p.Resource] = true
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, p := range h.Deployments {
		mark := " "
		if p.Current {
			mark = "*"
		}
		row := []string{mark + " " + p.Began.Local().Format(time.DateTime), endOf(p), string(p.Origin), shortName(p.Reference())}
		if len(services) > 1 {
			row = append(row, p.Resource)
		}
		fmt.Fprintln(tw, strings.Join(row, "\t"))
	}
	if err := tw.Flush(); err != nil {
		return fmt.Errorf("writing the history: %w", err)
	}
	return nil
}

// endOf tells how a deployment ended, in a few words.
func endOf(p deploy.PastDeployment) string {
	words := strings.ToLower(strings.ReplaceAll(string(p.Status), "_", " "))
	switch {
	case p.Succeeded():
		words = "ran"
	case strings.HasPrefix(words, "rollback"):
		words = "rolled back"
	}
	switch took := p.Duration().Round(time.Second).String(); {
	case p.Duration() <= 0:
	case p.Succeeded():
		words += ", took " + took
	default:
		words += " after " + took
	}
	return words
}

// shortName is an image without its registry and repositories around it, for a table.
func shortName(image string) string {
	name, digest, pinned := strings.Cut(image, "@")
	name = name[strings.LastIndex(name, "/")+1:]
	if pinned {
		return short(name + "@" + digest)
	}
	return name
}
