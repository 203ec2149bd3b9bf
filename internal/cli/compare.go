package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/rehearse"
	"github.com/slipway-go/slipway/report"
)

// compareSettings rehearses with several settings and prints what each costs.
func compareSettings(cmd *cobra.Command, o rehearse.Options, page reportFile, format outputFormat) error {
	o.Observe = nil // a line for each setting is enough
	compared, err := rehearse.Compare(cmd.Context(), o, rehearse.Settings(), func(c rehearse.Comparison) {
		fmt.Fprintf(cmd.ErrOrStderr(), "rehearsed with the settings of %s\n", c.Setting.Name)
	})
	if err != nil {
		return format.failed(cmd, err)
	}
	if err := page.writeComparison(inWords(compared)); err != nil {
		return format.failed(cmd, err)
	}
	if format.machine() {
		return format.print(cmd.OutOrStdout(), struct {
			Outcome  string                `json:"result"`
			Settings []rehearse.Comparison `json:"settings"`
		}{"compared", compared})
	}
	return printComparison(cmd.OutOrStdout(), inWords(compared))
}

// inWords says the settings of comparisons in words.
func inWords(compared []rehearse.Comparison) []report.Compared {
	var all []report.Compared
	for _, c := range compared {
		s, row := c.Setting, report.Compared{Name: c.Setting.Name, Report: c.Report}
		if s.Template == "" {
			row.Checks = fmt.Sprintf("%d x %d s", s.HealthyChecks, s.HealthCheckSeconds)
			row.Drain, row.Healthy = fmt.Sprintf("%d s", s.DrainSeconds), fmt.Sprintf("%d-%d %%", s.MinimumHealthy, s.Maximum)
		}
		all = append(all, row)
	}
	return all
}

// barWidth is how many columns the longest rollout takes.
const barWidth = 40

// printComparison writes a table, and a bar for each rollout: full where all desired
// tasks were there at any moment, light where some were not.
func printComparison(w io.Writer, compared []report.Compared) error {
	var b strings.Builder
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "settings\tchecks\tdrain\thealthy\trollout\tcapacity\tlost")
	longest := 0.0
	for _, c := range compared {
		r := c.Report
		longest = max(longest, r.Seconds)
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%.0f s\t%d %%\t%d of %d\n", c.Name, c.Checks, c.Drain, c.Healthy, r.Seconds, r.MinHealthyPercent, r.Failed, r.Requests)
	}
	if err := tw.Flush(); err != nil {
		return fmt.Errorf("writing the table: %w", err)
	}
	fmt.Fprintln(&b)
	for _, c := range compared {
		bar := "█"
		if c.Report.MinHealthyPercent < 100 {
			bar = "░"
		}
		n := max(int(c.Report.Seconds/max(longest, 1)*barWidth+0.5), 1)
		fmt.Fprintf(&b, "%-13s %s %.0f s, never under %d %%\n", c.Name, strings.Repeat(bar, n), c.Report.Seconds, c.Report.MinHealthyPercent)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// ownTemplates are the flags of rehearse for templates of the user's own.
type ownTemplates struct {
	network, service string
	parameters       []string
}

func (t *ownTemplates) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&t.service, "template", "", "the `FILE` of your own service template")
	cmd.Flags().StringVar(&t.network, "network-template", "", "the `FILE` of your own network template")
	cmd.Flags().StringSliceVar(&t.parameters, "parameter", nil, "a value of the service template as `KEY=VALUE`; can be repeated")
}

// into reads the files into the options of a rehearsal.
func (t *ownTemplates) into(o *rehearse.Options) error {
	for path, text := range map[string]*string{t.service: &o.ServiceTemplate, t.network: &o.NetworkTemplate} {
		if path == "" {
			continue
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return &deploy.InputError{Problem: fmt.Sprintf("reading the template: %v", err), Advice: "name a file", Err: err}
		}
		if len(strings.TrimSpace(string(body))) == 0 {
			return &deploy.InputError{Problem: fmt.Sprintf("template %s is empty", path)}
		}
		*text = string(body)
	}
	for _, p := range t.parameters {
		key, value, ok := strings.Cut(p, "=")
		if !ok || key == "" {
			return &deploy.InputError{Problem: fmt.Sprintf("parameter %q is no KEY=VALUE", p), Err: errors.New("no =")}
		}
		if o.Parameters == nil {
			o.Parameters = make(map[string]string)
		}
		o.Parameters[key] = value
	}
	return nil
}
