package cli

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/slipway-go/slipway/deploy"
)

// completeValues lets the shell complete the values of flags that have only some. Names
// of stacks it does not know: a shell should not wait for AWS.
func completeValues(root *cobra.Command) {
	values := map[string][]string{
		"FORMAT":   {string(outputText), string(outputJSON), string(outputJSONL)},
		"POLICY":   {string(interruptAsk), string(interruptCancel), string(interruptLeave)},
		"STRATEGY": {},
		"SIDE":     {},
	}
	for _, s := range deploy.Strategies() {
		values["STRATEGY"] = append(values["STRATEGY"], string(s))
	}
	for _, s := range deploy.Sides() {
		values["SIDE"] = append(values["SIDE"], string(s))
	}
	for _, cmd := range root.Commands() {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			some, ok := values[f.Value.Type()]
			if !ok {
				return
			}
			if _, plans := f.Value.(*planFormat); plans {
				some = append(slices.Clip(some), string(outputMarkdown))
			}
			// It fails for a flag that is not there, or for the second time: neither is.
			_ = cmd.RegisterFlagCompletionFunc(f.Name, cobra.FixedCompletions(some, cobra.ShellCompDirectiveNoFileComp))
		})
	}
}
