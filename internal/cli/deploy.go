package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
)

func newDeploy() *cobra.Command {
	var imageParameter, roleARN string
	onInterrupt := interruptAsk
	cmd := &cobra.Command{
		Use:   "deploy STACK IMAGE",
		Short: "Roll an image version out",
		Long: `Deploy puts the image into the stack's image parameter with a change set, proves
that nothing but container images change, executes it, and waits until the new
version runs and the old one is gone. It works on any stack whose template feeds a
container image from a parameter.

An image that runs already is left as it is, with exit code 0.

After --timeout the deploy ends with exit code 5, and CloudFormation goes on without
it. A rollout that is never healthy is ended sooner by ECS's circuit breaker.`,
		Example: `  slipway deploy slipway-service registry.example.com/shop:1.4.2
  slipway deploy shop nginx:1.29 --image-parameter SidecarImage
  slipway deploy shop nginx:1.29 --output json`,
		Args: exactly("STACK", "IMAGE"),
	}
	format := outputFlag(cmd)
	cmd.Flags().StringVar(&imageParameter, "image-parameter", "", "the `PARAMETER` that takes the image (default: the only one that does)")
	cmd.Flags().StringVar(&roleARN, "role-arn", "", "the `ROLE` that CloudFormation works with, from now on (default: the stack's last one, or your own rights)")
	timeout := timeoutFlag(cmd, "how long the rollout may take before it is left to itself")
	cmd.Flags().Var(&onInterrupt, "on-interrupt", "what Ctrl-C does to a rollout under way: ask, cancel or leave; without a terminal, ask is leave")

	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if args[0] == "" {
			return usage(cmd, errNoStack)
		}
		cfg, err := awsConfig(cmd)
		if err != nil {
			return format.failed(cmd, err)
		}
		d := deploy.New(cfg, deploy.Options{
			Observe:     newNarrator(cmd.ErrOrStderr()).tell,
			Timeout:     *timeout,
			OnInterrupt: onInterrupt.decide(cmd),
		})
		result, err := d.Deploy(cmd.Context(), deploy.Request{
			Stack: args[0], Image: args[1], ImageParameter: imageParameter, RoleARN: roleARN,
		})
		if *format == outputJSON {
			return errors.Join(err, printDeployJSON(cmd.OutOrStdout(), args[0], args[1], result, err))
		}
		if err != nil {
			return err
		}
		return printDeploy(cmd.OutOrStdout(), result)
	}
	return cmd
}

func printDeploy(w io.Writer, r *deploy.Result) error {
	var b strings.Builder
	switch {
	case r.AlreadyCurrent:
		fmt.Fprintf(&b, "already current: %s runs %s\n", r.Stack, r.Image)
	case len(r.Services) == 0:
		fmt.Fprintf(&b, "updated: %s has %s, before %s\n", r.Stack, r.Image, r.PreviousImage)
	default:
		fmt.Fprintf(&b, "deployed: %s runs %s, before %s\n", r.Stack, r.Image, r.PreviousImage)
	}
	if len(r.Services) == 0 {
		fmt.Fprintln(&b, "  no service of this stack uses it; the stack has it only as a task definition")
	}
	for _, s := range r.Services {
		switch {
		case s.Desired == 0 && s.Running == 0:
			fmt.Fprintf(&b, "  %s: no task runs, the desired count is 0\n", s.Service)
		case !r.AlreadyCurrent:
			fmt.Fprintf(&b, "  %s: %s of %s\n", s.Service, count(s.Running, "task"), short(s.Digest))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// deployOutcome is what deploy prints as JSON: how it ended, and the deploy.Result of
// one that succeeded.
type deployOutcome struct {
	Outcome string `json:"result"` // deployed, already-current, or as resultOf names it
	Stack   string `json:"stack"`
	Image   string `json:"image"`
	Error   string `json:"error,omitempty"`

	Refused      []deploy.Reason       `json:"refused,omitempty"`
	Reason       string                `json:"reason,omitempty"`
	StoppedTasks []deploy.StoppedTask  `json:"stoppedTasks,omitempty"`
	Targets      []deploy.TargetHealth `json:"targets,omitempty"`

	*deploy.Result
}

// printDeployJSON prints how a deploy has ended, well or not.
func printDeployJSON(w io.Writer, stack, image string, result *deploy.Result, err error) error {
	o := deployOutcome{Stack: stack, Image: image, Result: result}
	var refused *deploy.RefusedError
	var rolledBack *deploy.RolledBackError
	switch {
	case err != nil:
		o.Outcome, o.Error = resultOf(err), withoutLongWords(err.Error())
	case result.AlreadyCurrent:
		o.Outcome = "already-current"
	default:
		o.Outcome = "deployed"
	}
	if errors.As(err, &refused) {
		o.Refused = refused.Reasons
	}
	if errors.As(err, &rolledBack) {
		o.Reason, o.StoppedTasks, o.Targets = rolledBack.Reason, rolledBack.Tasks, rolledBack.Targets
	}
	return printJSON(w, o)
}
