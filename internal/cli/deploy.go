package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
)

func newDeploy() *cobra.Command {
	var imageParameter, roleARN, file string
	concurrency := deploy.DefaultConcurrency
	var waitForStack time.Duration
	var noWait bool
	maxFailedTasks := deploy.DefaultMaxFailedTasks
	onInterrupt := interruptAsk
	cmd := &cobra.Command{
		Use:   "deploy STACK IMAGE | STACK=IMAGE... | --file FILE",
		Short: "Roll an image version out",
		Long: `Deploy puts the image into the stack's image parameter with a change set, proves
that nothing but container images change, executes it, and waits until the new
version runs and the old one is gone. It works on any stack whose template feeds a
container image from a parameter.

A tag is resolved first: the parameter gets it with the digest that it has in its
registry at the moment, so that latest can be deployed, a tag that was pushed again is
a change, and a rollback brings back the very image that ran. The image has to be
there, and for the CPU architecture of the tasks. Credentials are those of docker login,
and for Amazon ECR those for AWS. --no-resolve leaves all that out.

An image that runs already is left as it is, with exit code 0.

A rollout that goes on in vain is ended early: once --max-failed-tasks of its tasks
have stopped for a cause that will not go away (the image cannot be pulled, an
essential container exits, the health check answers the wrong code), the update is
cancelled and rolled back, with the reasons and the ends of the logs, and exit code
4. After --timeout it is cancelled, too, with exit code 5.

A deploy that was interrupted or killed goes on with the rollout when it is started
again with the same arguments; no second rollout begins.

Several stacks are deployed to with STACK=IMAGE for each, or from a file:

  concurrency: 4
  deploys:
    - {stack: shop, image: registry.example.com/shop:1.4.2}
    - {stack: mail, image: registry.example.com/mail:7, image-parameter: Image}

All change sets are made and judged first, and if one is refused, none is executed.
A rollout that fails stops those that have not begun.`,
		Example: `  slipway deploy slipway-service registry.example.com/shop:1.4.2
  slipway deploy shop nginx:1.29 --image-parameter SidecarImage
  slipway deploy shop nginx:1.29 --output json
  slipway deploy shop=registry.example.com/shop:1.4.2 mail=registry.example.com/mail:7
  slipway deploy --file slipway.yaml`,
		Args: deployArgs(&file),
	}
	format := outputFlag(cmd)
	cmd.Flags().StringVarP(&file, "file", "f", "", "the `FILE` that names several stacks and their images")
	cmd.Flags().Var(boundedInt{&concurrency, maxConcurrency}, "concurrency", "how many of several stacks to work on at the same time")
	cmd.Flags().StringVar(&imageParameter, "image-parameter", "", "the `PARAMETER` that takes the image (default: the only one that does)")
	cmd.Flags().StringVar(&roleARN, "role-arn", "", "the `ROLE` that CloudFormation works with, from now on (default: the stack's last one, or your own rights)")
	noResolve := noResolveFlag(cmd)
	timeout := timeoutFlag(cmd, "how long the rollout may take before it is cancelled and rolled back")
	cmd.Flags().Var((*optionalDuration)(&waitForStack), "wait-for-stack", "how long to wait for another operation on the stack to end (default: not at all)")
	cmd.Flags().BoolVar(&noWait, "no-wait", false, "return once the rollout has begun; the same deploy without it sees it to its end")
	cmd.Flags().Var(taskLimit{&maxFailedTasks}, "max-failed-tasks", "how many tasks may fail before the rollout is cancelled; 0 is any number")
	cmd.Flags().Var(&onInterrupt, "on-interrupt", "what Ctrl-C does to a rollout under way: ask, cancel or leave; without a terminal, ask is leave")

	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var fleet *fleetFile
		if file != "" {
			var err error
			if fleet, err = readFleetFile(file); err != nil {
				return usage(cmd, err)
			}
			if fleet.Concurrency > 0 && !cmd.Flags().Changed("concurrency") {
				concurrency = fleet.Concurrency
			}
		}
		list := requests(args, fleet, deploy.Request{
			ImageParameter: imageParameter, RoleARN: roleARN,
			NoResolve: *noResolve, WaitForStack: waitForStack, NoWait: noWait, MaxFailedTasks: maxFailedTasks,
		})
		for _, r := range list {
			if r.Stack == "" {
				return usage(cmd, errNoStack)
			}
		}
		cfg, err := awsConfig(cmd)
		if err != nil {
			return format.failed(cmd, err)
		}
		narrator := newNarrator(cmd.ErrOrStderr())
		narrator.brief = len(list) > 1
		d := deploy.New(cfg, deploy.Options{
			Observe:     narrator.tell,
			Timeout:     *timeout,
			Resolver:    imageResolver(cfg),
			OnInterrupt: onInterrupt.decide(cmd),
		})
		if len(list) > 1 {
			return deployFleet(cmd, d, deploy.Fleet{Requests: list, Concurrency: concurrency}, *format)
		}
		result, err := d.Deploy(cmd.Context(), list[0])
		if *format == outputJSON {
			return errors.Join(err, printJSON(cmd.OutOrStdout(), deployOutcomeOf(list[0].Stack, list[0].Image, result, err)))
		}
		if err != nil {
			return err
		}
		return printDeploy(cmd.OutOrStdout(), result)
	}
	return cmd
}

// maxConcurrency is how many stacks may be worked on at the same time: more would only
// be throttled by AWS, since each makes about a call a second.
const maxConcurrency = 200

func deployFleet(cmd *cobra.Command, d *deploy.Deployer, f deploy.Fleet, format outputFormat) error {
	results, err := d.DeployAll(cmd.Context(), f)
	if format == outputJSON {
		return errors.Join(err, printJSON(cmd.OutOrStdout(), fleetOutcomeOf(results, err)))
	}
	if len(results) == 0 {
		return err
	}
	return errors.Join(err, printFleet(cmd.OutOrStdout(), results))
}

// unusedImage is said of an image that a stack has for tasks which others run.
const unusedImage = "no service of this stack uses it; the stack has it only as a task definition"

func printDeploy(w io.Writer, r *deploy.Result) error {
	var b strings.Builder
	switch {
	case r.AlreadyCurrent:
		fmt.Fprintf(&b, "already current: %s runs %s\n", r.Stack, short(r.Image))
		if r.PreviousImage != r.Image {
			fmt.Fprintf(&b, "  the stack has it as %s\n", short(r.PreviousImage))
		}
	case r.Started:
		fmt.Fprintf(&b, "started: %s is getting %s\n  see it to its end with the same command without --no-wait\n", r.Stack, short(r.Image))
	case len(r.Services) == 0:
		fmt.Fprintf(&b, "updated: %s has %s%s\n", r.Stack, short(r.Image), before(r))
	default:
		fmt.Fprintf(&b, "deployed: %s runs %s%s\n", r.Stack, short(r.Image), before(r))
	}
	if len(r.Services) == 0 && !r.Started {
		fmt.Fprintln(&b, "  "+unusedImage)
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

// before tells the image that was replaced, where it is known.
func before(r *deploy.Result) string {
	if r.PreviousImage == "" {
		return ""
	}
	return ", before " + short(r.PreviousImage)
}

// deployOutcome is what deploy prints as JSON: how it ended, and the deploy.Result of
// one that succeeded.
type deployOutcome struct {
	Outcome   string `json:"result"` // deployed, started, already-current, or as resultOf names it
	Stack     string `json:"stack"`
	Requested string `json:"requested"` // the image as it was typed
	Image     string `json:"image"`     // and as it was resolved, where it was
	Error     string `json:"error,omitempty"`

	Refused      []deploy.Reason       `json:"refused,omitempty"`
	Reason       string                `json:"reason,omitempty"`
	StoppedTasks []deploy.StoppedTask  `json:"stoppedTasks,omitempty"`
	Targets      []deploy.TargetHealth `json:"targets,omitempty"`

	*deploy.Result
}

// deployOutcomeOf tells how a deploy has ended, well or not.
func deployOutcomeOf(stack, image string, result *deploy.Result, err error) deployOutcome {
	o := deployOutcome{Stack: stack, Requested: image, Image: image, Result: result}
	if result != nil {
		o.Image = cmp.Or(result.Image, image)
	}
	var refused *deploy.RefusedError
	var rolledBack *deploy.RolledBackError
	switch {
	case err != nil:
		o.Outcome, o.Error = resultOf(err), withoutLongWords(err.Error())
	case result.AlreadyCurrent:
		o.Outcome = "already-current"
	case result.Started:
		o.Outcome = "started"
	default:
		o.Outcome = "deployed"
	}
	if errors.As(err, &refused) {
		o.Refused = refused.Reasons
	}
	if late := (*deploy.TimeoutError)(nil); errors.As(err, &late) {
		rolledBack = late.RolledBack
	} else {
		errors.As(err, &rolledBack)
	}
	if rolledBack != nil {
		o.Image = cmp.Or(rolledBack.Image, o.Image)
		o.Reason, o.StoppedTasks, o.Targets = rolledBack.Reason, rolledBack.Tasks, rolledBack.Targets
	}
	return o
}
