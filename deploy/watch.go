package deploy

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// watch sees a stack operation to its end: it tells the stack's events and the
// progress of the rollouts, and returns nil once the stack has settled, in whatever
// state. If it cannot see the end, the operation is left running and the error is an
// *InterruptedError or a *TimeoutError.
func (d *Deployer) watch(ctx context.Context, op *operation, rollouts []*rollout) error {
	return d.watchFor(ctx, d.timeout, op, rollouts)
}

// watchRollback sees a cancelled operation to its end. However little time the operation
// was given, its way back may take what rollbacks take.
func (d *Deployer) watchRollback(ctx context.Context, op *operation, rollouts []*rollout) error {
	return d.watchFor(ctx, max(d.timeout, DefaultTimeout), op, rollouts)
}

func (d *Deployer) watchFor(ctx context.Context, timeout time.Duration, op *operation, rollouts []*rollout) error {
	advice := fmt.Sprintf("see how it goes on with: slipway status %s", op.stackName)
	p := newPoller(d.clock, timeout)
	if op.justBegun {
		op.justBegun = false
		_ = d.clock.Sleep(ctx, pollFirst) // an end of ctx shows in the first look
	}
	for {
		known := inVain(op, rollouts)
		err := d.observeOnce(ctx, op, rollouts)
		switch {
		case ctx.Err() != nil:
			return &InterruptedError{Stack: op.stackName, Left: true, Advice: advice, Err: context.Cause(ctx)}
		case err == nil:
			p.answered()
		case passing(err):
			if isThrottle(err) {
				p.throttled()
			}
			d.observe(Retrying{at: at{d.clock.Now()}, Stack: op.stackName, Err: err})
		default:
			return &InterruptedError{Stack: op.stackName, Left: true, Advice: advice, Err: worded(op.stackName, err)}
		}
		if err == nil && op.settled() {
			if !known && inVain(op, rollouts) {
				op.tooLate = "its tasks stop again and again"
			}
			return nil
		}
		if err == nil {
			d.endCrashLoop(ctx, op, rollouts)
		}
		p.nearEnd(ending(rollouts))
		p.endExpected(expectedEnd(rollouts))
		inTime, err := p.wait(ctx)
		if err != nil {
			return &InterruptedError{Stack: op.stackName, Left: true, Advice: advice, Err: context.Cause(ctx)}
		}
		if !inTime {
			return &TimeoutError{Stack: op.stackName, Timeout: timeout, Advice: advice}
		}
	}
}

// endCrashLoop has the update cancelled when a rollout of it goes on in vain. Where this
// is not to be had, the update goes on to the end that it comes to by itself.
func (d *Deployer) endCrashLoop(ctx context.Context, op *operation, rollouts []*rollout) {
	if op.cancelled != "" || op.uncancellable || op.status != StackStatus(cfn.StackStatusUpdateInProgress) {
		return
	}
	for _, r := range rollouts {
		why := r.crashLoop(op.maxFailedTasks)
		if why == "" {
			continue
		}
		if err := d.cancel(ctx, op, rollouts, why); err != nil {
			op.uncancellable = !passing(err)
			d.observe(Retrying{at: at{d.clock.Now()}, Stack: op.stackName, Err: err})
		}
		return
	}
}

// ending tells whether ECS is through with every rollout, so that the stack is about
// to settle.
func ending(rollouts []*rollout) bool {
	for _, r := range rollouts {
		if state := r.progress.RolloutState; state != "COMPLETED" && state != "FAILED" && !r.done && !r.undone {
			return false
		}
	}
	return len(rollouts) > 0
}

// observeOnce takes one look at the stack and at the services that are moving.
func (d *Deployer) observeOnce(ctx context.Context, op *operation, rollouts []*rollout) error {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	if eventsDue(d.clock.Now(), op, rollouts) {
		if err := d.lookAtStack(ctx, op, rollouts); err != nil {
			return err
		}
	}
	rolling := allRolling(rollouts)
	if err := d.lookAtRollouts(ctx, rollouts); err != nil {
		return err
	}
	if rolling && !allRolling(rollouts) { // ECS is through, and CloudFormation may be
		if err := d.lookAtStack(ctx, op, rollouts); err != nil {
			return err
		}
	}
	if !op.settled() || op.status == StackStatus(cfn.StackStatusUpdateComplete) {
		return nil
	}
	// It went wrong: what can be known is asked for once more before it is forgotten.
	for _, r := range rollouts {
		if err := d.gatherFailures(ctx, r); err != nil {
			return err
		}
		d.recall(ctx, r)
	}
	return nil
}

// eventsEvery is how often the stack's events are read while CloudFormation waits for
// ECS: nothing else happens in the stack meanwhile, unless somebody cancels the update.
const eventsEvery = 30 * time.Second

// eventsDue tells whether new events of the stack are to be expected. The way back of one
// that was cancelled is told by them.
func eventsDue(now time.Time, op *operation, rollouts []*rollout) bool {
	return op.cancelled != "" || !allRolling(rollouts) || now.Sub(op.read) >= eventsEvery
}

// lookAtStack reads the stack's new events, tells them, and takes them in.
func (d *Deployer) lookAtStack(ctx context.Context, op *operation, rollouts []*rollout) error {
	now := d.clock.Now()
	events, err := d.newEvents(ctx, op)
	if err != nil {
		return err
	}
	op.read = now
	op.take(events)
	for i := range events {
		d.observe(stackEvent(op, &events[i]))
		for _, r := range rollouts {
			r.note(&events[i])
		}
	}
	return nil
}

// allRolling tells whether ECS is at work on every rollout, and through with none.
func allRolling(rollouts []*rollout) bool {
	for _, r := range rollouts {
		if !r.watched() || r.done || r.progress.RolloutState != "IN_PROGRESS" {
			return false
		}
	}
	return len(rollouts) > 0
}

func stackEvent(op *operation, e *cfn.StackEvent) StackEvent {
	return StackEvent{
		at:           at{aws.ToTime(e.Timestamp)},
		Stack:        op.stackName,
		Resource:     aws.ToString(e.LogicalResourceId),
		ResourceType: aws.ToString(e.ResourceType),
		PhysicalID:   aws.ToString(e.PhysicalResourceId),
		Status:       string(e.ResourceStatus),
		Reason:       aws.ToString(e.ResourceStatusReason),
	}
}

// lookAtRollouts takes one look at the services that are moving.
func (d *Deployer) lookAtRollouts(ctx context.Context, rollouts []*rollout) error {
	var refs []serviceRef
	var watched []*rollout
	for _, r := range rollouts {
		if r.done && r.progress.RolloutState == string(types.DeploymentRolloutStateCompleted) {
			r.ended = true // its end was told already
		}
		if r.watched() {
			watched = append(watched, r)
			refs = append(refs, r.service)
		}
	}
	if len(watched) > 0 {
		services, err := d.describeServices(ctx, refs)
		if err != nil {
			return err
		}
		for _, r := range watched {
			if s, ok := services[r.service.arn]; ok {
				if err := d.look(ctx, r, s); err != nil {
					return err
				}
				r.ended = r.done
			}
		}
	}
	return nil
}
