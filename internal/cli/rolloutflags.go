package cli

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
)

// rollout is what every command is told that changes what a service runs.
type rollout struct {
	imageParameter string
	roleARN        string
	timeout        *time.Duration
	waitForStack   time.Duration
	maxFailedTasks int
	onInterrupt    interruptPolicy
}

// rolloutFlags adds the flags of a rollout to a command.
func rolloutFlags(cmd *cobra.Command) *rollout {
	r := &rollout{maxFailedTasks: deploy.DefaultMaxFailedTasks, onInterrupt: interruptAsk}
	f := cmd.Flags()
	f.StringVar(&r.imageParameter, "image-parameter", "", "the `PARAMETER` that takes the image (default: the only one that does)")
	f.StringVar(&r.roleARN, "role-arn", "", "the `ROLE` that CloudFormation works with, from now on (default: the stack's last one, or your own rights)")
	r.timeout = timeoutFlag(cmd, "how long the rollout may take before it is cancelled and rolled back")
	f.Var((*optionalDuration)(&r.waitForStack), "wait-for-stack", "how long to wait for another operation on the stack to end (default: not at all)")
	f.Var(taskLimit{&r.maxFailedTasks}, "max-failed-tasks", "how many tasks may fail before the rollout is cancelled; 0 is any number")
	f.Var(&r.onInterrupt, "on-interrupt", "what Ctrl-C does to a rollout under way: ask, cancel or leave; without a terminal, ask is leave")
	return r
}

// teller is told what a deployer does.
type teller interface {
	tell(deploy.Event)
	end() // before somebody is asked something
}

// deployer is one that a command rolls out with, as the flags say.
func (r *rollout) deployer(cmd *cobra.Command, cfg aws.Config, n teller) *deploy.Deployer {
	return deploy.New(cfg, deploy.Options{
		Observe:  n.tell,
		Timeout:  *r.timeout,
		Resolver: imageResolver(cfg),
		OnInterrupt: func(stack string) deploy.Interrupt {
			n.end() // what is asked is seen
			return r.onInterrupt.decide(cmd)(stack)
		},
	})
}
