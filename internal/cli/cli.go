// Package cli is the slipway command: it parses, calls a library and prints.
//
// What was asked for goes to stdout, as text or JSON; what happens meanwhile goes
// to stderr. Each subcommand has a file of its own.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// Run runs the command with the arguments that follow its name and returns the exit
// code. It ends soon after ctx does. Region, credentials and endpoint come from the
// environment, as the AWS SDK reads it.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(output{stdout})
	root.SetErr(output{stderr})
	err := fromEnvironment(root, args, os.LookupEnv)
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	var bad *usageError
	if format := formatOf(root, args); errors.As(err, &bad) && format.machine() {
		// The failure is told on stderr; a stdout that is closed cannot be told of.
		_ = format.print(root.OutOrStdout(), failureOf(err))
	}
	var told strings.Builder
	explain(&told, err)
	fmt.Fprint(stderr, reflowed(told.String(), widthOf(stderr)))
	return int(exitCodeOf(err))
}

// Command is the command with all its subcommands, for documentation to be made of it.
func Command() *cobra.Command { return newRoot() }

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "slipway",
		Short: "Ship new versions of a container to AWS Fargate without downtime",
		Long: `Slipway rolls container images out to AWS Fargate through CloudFormation,
and proves first that nothing but the image changes. Every rollout can be
rehearsed on an embedded AWS, under load, without an account.

Region, credentials and endpoint are found as the AWS CLI finds them:
AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL, ~/.aws/config and so on.

Every flag can be set by an environment variable, too: --wait-for-stack by
SLIPWAY_WAIT_FOR_STACK. A flag on the command line comes first.

Exit codes: 0 done, or already so; 1 unexpected; 2 bad input, nothing changed;
3 refused, because more than the image would change; 4 rolled back; 5 timed out
or interrupted; 6 the stack needs recovery; 7 deployed, but requests were lost.`,
		Example: `  slipway rehearse
  slipway deploy slipway-service registry.example.com/shop:1.4.2`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownCommand(cmd, args[0])
		},
	}
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), "Flags.FlagUsages ", "Flags.FlagUsagesWrapped 80 "))
	root.SetVersionTemplate("slipway {{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usage(cmd, err) })
	root.SetHelpCommand(newHelp())
	root.AddCommand(
		newRehearse(),
		newEmulate(),
		newUp(),
		newDown(),
		newPlan(),
		newDeploy(),
		newStatus(),
		newCancel(),
		newContinue(),
		newReconcile(),
		newHistory(),
		newRollback(),
		newRecover(),
		newPolicy(),
	)
	completeValues(root)
	return root
}

// newHelp is cobra's help command, except that it knows what does not exist.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(cmd.Root(), strings.Join(args, " "))
			}
			return about.Help()
		},
	}
}

// unknownCommand is the error of a first argument that is no subcommand.
func unknownCommand(root *cobra.Command, name string) error {
	root.SuggestionsMinimumDistance = 2
	problem := fmt.Errorf("there is no command %q", name)
	if near := root.SuggestionsFor(name); len(near) > 0 {
		problem = fmt.Errorf("%w; did you mean %s?", problem, strings.Join(near, " or "))
	}
	return usage(root, problem)
}

// exactly is the check of a subcommand's arguments: as many as its usage names.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == len(names) {
			return nil
		}
		want := "no arguments"
		if len(names) > 0 {
			want = strings.Join(names, " ")
		}
		return usage(cmd, fmt.Errorf("%s takes %s, got %s", cmd.Name(), want, count(len(args), "argument")))
	}
}

// count says how many there are of something, in the plural that goes with it.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// version is what the module was built as: a release, or a revision in development.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
