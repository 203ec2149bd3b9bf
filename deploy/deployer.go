package deploy

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/smithy-go/logging"
)

// DefaultTimeout is how long an operation is watched when [Options.Timeout] is zero.
const DefaultTimeout = 30 * time.Minute

// Clock is the time that polling, timeouts and durations go by. The emulator's
// scaled clock is one.
type Clock interface {
	// Now is the current time.
	Now() time.Time
	// Sleep waits for d, or until ctx ends and then returns its error.
	Sleep(ctx context.Context, d time.Duration) error
}

// Options are the knobs of a [Deployer]. The zero value is good for use.
type Options struct {
	// Clock is the time to go by. Default: real time.
	Clock Clock

	// Observe is told what happens as it happens, always from one goroutine at a
	// time. It should return soon: nothing is polled while it runs. Default: nobody.
	Observe func(Event)

	// Timeout is how long a stack operation may take, in the time of Clock. A deploy has
	// an update that takes longer cancelled, and waits as long again for the rollback, or
	// for the default if that is longer; the deployer gives up watching any other
	// operation, which goes on. What is read before that, and by Status, has as much, in
	// real time. Default: [DefaultTimeout].
	Timeout time.Duration

	// Resolver finds out the digest of an image before it is deployed, and that it is
	// there and for the platform of the tasks: an &[imageref.Resolver]{}, say. Then a tag
	// that names another image than before is a change, one that names the same is none,
	// and what has run once can be had again. Default: none; images are deployed as they
	// are named, and one that the parameter has already is taken for current.
	Resolver Resolver

	// OnInterrupt decides what becomes of the rollout of a stack when the context of
	// its Deploy ends. It may take its time, to ask a person: the rollout goes on
	// meanwhile. It is asked once about a fleet, by the names of all its stacks. Default:
	// Leave.
	OnInterrupt func(stack string) Interrupt
}

// Deployer deploys to the stacks of one account and region. It holds no state
// between calls and is safe for concurrent use if Options.Observe is.
type Deployer struct {
	cfn     *cloudformation.Client
	ecs     *ecs.Client
	elb     *elbv2.Client
	logs    *cloudwatchlogs.Client
	region  string
	url     string // the endpoint of cfg; empty for AWS itself
	clock   Clock
	observe func(Event)
	timeout time.Duration

	resolver    Resolver
	onInterrupt func(stack string) Interrupt
}

// New returns a deployer for the account and region of cfg. It makes no call.
func New(cfg aws.Config, o Options) *Deployer {
	if cfg.Logger == nil {
		cfg.Logger = logging.Nop{} // the SDK's default is standard error
	}
	cfg = impatient(cfg)
	d := &Deployer{
		cfn:     cloudformation.NewFromConfig(cfg),
		ecs:     ecs.NewFromConfig(cfg),
		elb:     elbv2.NewFromConfig(cfg),
		logs:    cloudwatchlogs.NewFromConfig(cfg),
		region:  cfg.Region,
		url:     aws.ToString(cfg.BaseEndpoint),
		clock:   o.Clock,
		observe: o.Observe,
		timeout: o.Timeout,

		resolver:    o.Resolver,
		onInterrupt: o.OnInterrupt,
	}
	if d.clock == nil {
		d.clock = realTime{}
	}
	if d.observe == nil {
		d.observe = func(Event) {}
	}
	if d.timeout <= 0 {
		d.timeout = DefaultTimeout
	}
	return d
}

// realTime is the Clock of the world outside the emulator.
type realTime struct{}

func (realTime) Now() time.Time { return time.Now() }

func (realTime) Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
