package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// variableOf is the environment variable that sets a flag.
func variableOf(flag string) string {
	return "SLIPWAY_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// fromEnvironment gives the flags of the command that args name the values which the
// environment has for them. The command line comes after it, and so first. A variable
// that is empty is as good as none.
func fromEnvironment(root *cobra.Command, args []string, lookup func(string) (string, bool)) (err error) {
	cmd, _, findErr := root.Find(args)
	if findErr != nil || cmd == root {
		return nil // Execute will say so
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		value, ok := lookup(variableOf(f.Name))
		if !ok || value == "" || err != nil || f.Name == "help" {
			return
		}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			// Set would have flags of the command line add to it.
			err = list.Replace(strings.Split(value, ","))
		} else {
			err = f.Value.Set(value)
		}
		if err != nil {
			err = usage(cmd, fmt.Errorf("environment variable %s is %q: %w", variableOf(f.Name), value, err))
			return
		}
		f.Changed = true
	})
	return err
}

// formatOf is the output format that a command line asks for, also one that cannot be
// understood otherwise.
func formatOf(root *cobra.Command, args []string) outputFormat {
	cmd, _, err := root.Find(args)
	if err == nil {
		if f := cmd.Flags().Lookup("output"); f != nil && outputFormat(f.Value.String()).machine() {
			return outputFormat(f.Value.String())
		}
	}
	for i, arg := range args {
		value, ok := strings.CutPrefix(arg, "--output=")
		switch {
		case ok:
		case (arg == "--output" || arg == "-o") && i+1 < len(args):
			value = args[i+1]
		case strings.HasPrefix(arg, "-o") && !strings.HasPrefix(arg, "--"):
			value = strings.TrimPrefix(strings.TrimPrefix(arg, "-o"), "=")
		}
		if format := outputFormat(value); slices.Contains([]outputFormat{outputJSON, outputJSONL}, format) {
			return format
		}
	}
	return outputText
}
