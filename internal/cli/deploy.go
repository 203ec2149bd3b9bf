package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/internal/live"
)

func newDeploy() *cobra.Command {
	var file string
	concurrency := deploy.DefaultConcurrency
	var noWait, acceptDowntime bool
	var strategy strategyValue
	var asked probe
	var page reportFile
	cmd := &cobra.Command{
		Use:   "deploy STACK IMAGE | STACK=IMAGE... | --file FILE",
		Short: "Roll an image version out",
		Long: `Deploy puts the image into the stack's image parameter with a change set, proves
that nothing but container images change, executes it, and waits until the new
version runs and the old one is gone. It works on any stack whose template feeds
a container image from a parameter.

A tag is resolved first: the parameter gets it with the digest that it has in
its registry at the moment, so that latest can be deployed, a tag that was
pushed again is a change, and a rollback brings back the very image that ran.
The image has to be there, and for the CPU architecture of the tasks.
Credentials are those of docker login, and for Amazon ECR those for AWS.
--no-resolve leaves all that out.

An image that runs already is left as it is, with exit code 0.

There are other ways to do it, by --strategy:

  changeset  as above: the only way that proves beforehand what will change
  update     one call that updates the stack, with every other parameter pinned,
             behind a stack policy that holds for this update and lets
             CloudFormation touch nothing but task definitions and services;
             what has changed is compared afterwards. Some seconds and calls
             less
  express    the same in CloudFormation's EXPRESS mode, which does not wait for
             ECS; the services are watched by slipway, and if they fail, the
             former image is put back into the stack
  ecs        leaves the stack alone: registers a revision of its task definition
             that differs in the image only, and updates the services. The
             fastest; the stack does not say what runs until slipway reconcile
             or the next deploy by ecs
  recreate   deletes the stack and creates it anew, with everything else as it
             was: for stacks without a service, or with --accept-downtime

A rollout that goes on in vain is ended early: once --max-failed-tasks of its
tasks have stopped for a cause that will not go away (the image cannot be
pulled, an essential container exits, the health check answers the wrong code),
the update is cancelled and rolled back, with the reasons and the ends of the
logs, and exit code 4. After --timeout it is cancelled, too, with exit code 5.

A deploy that was interrupted or killed goes on with the rollout when it is
started again with the same arguments; no second rollout begins.

Several stacks are deployed to with STACK=IMAGE for each, or from a file:

  concurrency: 4
  deploys:
    - {stack: shop, image: registry.example.com/shop:1.4.2}
    - {stack: mail, image: registry.example.com/mail:7, image-parameter: Image}

All change sets are made and judged first, and if one is refused, none is
executed. A rollout that fails stops those that have not begun.`,
		Example: `  slipway deploy slipway-service registry.example.com/shop:1.4.2
  slipway deploy shop nginx:1.29 --image-parameter SidecarImage
  slipway deploy shop nginx:1.29 --output json
  slipway deploy batch registry.example.com/batch:7 --strategy recreate
  slipway deploy shop=registry.example.com/shop:1.4.2 mail=registry.example.com/mail:7
  slipway deploy --file slipway.yaml`,
		Args: func(cmd *cobra.Command, args []string) error { return deployArgs(&file)(cmd, asked.takeURL(args)) },
	}
	format := outputFlag(cmd)
	cmd.Flags().StringVarP(&file, "file", "f", "", "the `FILE` that names several stacks and their images")
	cmd.Flags().Var(boundedInt{&concurrency, maxConcurrency}, "concurrency", "how many of several stacks to work on at the same time")
	flags := rolloutFlags(cmd)
	noResolve := noResolveFlag(cmd)
	cmd.Flags().VarP(&strategy, "strategy", "s", "how to do it: "+strategies())
	cmd.Flags().BoolVar(&acceptDowntime, "accept-downtime", false, "let --strategy recreate delete services: they are down until they are created anew")
	asked.flags(cmd)
	cmd.Flags().Var(&page, "report", "write a report to `FILE`, too: a page by its ending .html, or .json")
	cmd.Flags().BoolVar(&noWait, "no-wait", false, "return once the rollout has begun; the same deploy without it sees it to its end")

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
		args = asked.takeURL(args)
		list := requests(args, fleet, deploy.Request{
			ImageParameter: flags.imageParameter, RoleARN: flags.roleARN,
			Strategy: deploy.Strategy(strategy), AcceptDowntime: acceptDowntime,
			NoResolve: *noResolve, WaitForStack: flags.waitForStack, NoWait: noWait, MaxFailedTasks: flags.maxFailedTasks,
		})
		for _, r := range list {
			if r.Stack == "" {
				return usage(cmd, errNoStack)
			}
		}
		if err := asked.check(len(list), noWait); err != nil {
			return usage(cmd, err)
		}
		if err := page.checkFor(len(list)); err != nil {
			return format.failed(cmd, err)
		}
		cfg, err := awsConfig(cmd)
		if err != nil {
			return format.failed(cmd, err)
		}
		narrator := newNarrator(cmd, *format)
		narrator.brief = len(list) > 1
		if !narrator.brief {
			narrator.show(cmd.Context(), &live.View{})
		}
		one := &probedDeploy{cmd: cmd, narrator: narrator, probe: &asked, page: page, format: *format}
		d := flags.deployer(cmd, one.calls.in(cfg), one)
		if len(list) > 1 {
			return deployFleet(cmd, d, deploy.Fleet{Requests: list, Concurrency: concurrency}, *format)
		}
		return one.run(d, list[0])
	}
	return cmd
}

// maxConcurrency is how many stacks may be worked on at the same time: more would only
// be throttled by AWS, since each makes about a call a second.
const maxConcurrency = 200

func deployFleet(cmd *cobra.Command, d *deploy.Deployer, f deploy.Fleet, format outputFormat) error {
	results, err := d.DeployAll(cmd.Context(), f)
	if format.machine() {
		return errors.Join(err, format.print(cmd.OutOrStdout(), fleetOutcomeOf(results, err)))
	}
	if len(results) == 0 {
		return err
	}
	return errors.Join(err, printFleet(cmd.OutOrStdout(), results))
}
