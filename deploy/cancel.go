package deploy

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// Interrupt is what becomes of a rollout whose deploy is interrupted.
type Interrupt string

const (
	// Leave lets CloudFormation carry on without us. The same deploy, started again,
	// goes on watching.
	Leave Interrupt = "leave"
	// Cancel has CloudFormation cancel the update and roll it back, and watches that.
	Cancel Interrupt = "cancel"
)

// see watches the stack operation that rolls the image out to its end. It returns what
// the services should run when the stack is updated, and an error when it is not.
//
// Three things end a rollout early, each by having it cancelled: its tasks stop again
// and again (see crashLoop), which watch itself looks after; its time is over; and an
// interrupt, if Options.OnInterrupt says so.
func (r *run) see(ctx context.Context, op *operation, rollouts []*rollout) ([]claim, error) {
	err := r.d.watch(ctx, op, rollouts)
	var left *InterruptedError
	var late *TimeoutError
	switch {
	case errors.As(err, &left):
		err = r.d.interrupted(ctx, op, rollouts, left)
	case errors.As(err, &late) && op.cancelled != "": // it is on its way back
		late, err = nil, r.d.watchRollback(ctx, op, rollouts)
	case errors.As(err, &late):
		err = r.d.overdue(ctx, op, rollouts, late)
	}
	if err == nil && op.status.InProgress() { // and will stay so
		return nil, r.overtakenBy(ctx, fmt.Sprintf("another operation on the stack took its place (%s)", op.next.ResourceStatus))
	}
	if err == nil {
		err = rolloutOutcome(op, rollouts, r.image.String())
	}
	if err == nil && r.req.Strategy != StrategyExpress { // which watches ECS on
		err = r.crashing(op, rollouts)
	}
	if err != nil {
		var rolledBack *RolledBackError
		if late != nil && errors.As(err, &rolledBack) {
			late.RolledBack = rolledBack
			return nil, late
		}
		return nil, err
	}
	return newClaims(rollouts, r.image)
}

// whyInterrupted is why a rollout is cancelled that an interrupt has ended.
const whyInterrupted = "it was interrupted"

// beginsWithin is how many looks after its beginning an operation shows in the stack's
// events: they trail what they tell of by a second or two.
const beginsWithin = 10

// cancel has CloudFormation cancel the update and roll it back. One that is past the
// point where it can be cancelled, done or on its way back already, is left to its end.
// So is what somebody else may have begun since the last look.
func (d *Deployer) cancel(ctx context.Context, op *operation, rollouts []*rollout, why string) error {
	fail := func(err error) error { return fmt.Errorf("cancelling the update of stack %s: %w", op.stackName, err) }
	for n := 0; ; n++ {
		if err := d.lookAtStack(ctx, op, rollouts); err != nil {
			return fail(err)
		}
		if op.begun {
			break
		}
		if n == beginsWithin {
			return fail(errors.New("it does not show in the stack's events"))
		}
		if err := d.clock.Sleep(ctx, pollEarly); err != nil {
			return fail(err)
		}
	}
	op.asked = why
	if op.settled() || op.status != StackStatus(types.StackStatusUpdateInProgress) {
		op.uncancellable, op.tooLate = true, why
		return nil
	}
	_, err := d.cfn.CancelUpdateStack(ctx, &cloudformation.CancelUpdateStackInput{StackName: &op.stackID})
	if err != nil { // a retry whose first attempt was carried out fails, too: the events know better
		code, _ := apiError(err)
		if lookErr := d.lookAtStack(ctx, op, rollouts); lookErr != nil || op.cancelled == "" {
			if code == "ValidationError" {
				op.uncancellable, op.tooLate = true, why
				return nil
			}
			return fail(err)
		}
	}
	op.cancelled = why
	d.observe(Cancelling{at: at{d.clock.Now()}, Stack: op.stackName, Why: why})
	return nil
}

// interrupted asks what is to become of a rollout that left says was left running. To
// cancel it, it goes on past the end of ctx until the stack has settled. It returns nil
// when there is an outcome to be told, and left where the rollout stays on its own.
func (d *Deployer) interrupted(ctx context.Context, op *operation, rollouts []*rollout, left *InterruptedError) error {
	if ctx.Err() == nil || d.onInterrupt == nil || d.onInterrupt(op.stackName) != Cancel {
		if op.status == StackStatus(types.StackStatusUpdateInProgress) && op.cancelled == "" {
			left.Advice += ", or take it back with: slipway cancel " + op.stackName
		}
		return left
	}
	ctx = context.WithoutCancel(ctx)
	if err := d.cancel(ctx, op, rollouts, whyInterrupted); err != nil {
		left.Advice = fmt.Sprintf("%v; %s", err, left.Advice)
		return left
	}
	return d.watchRollback(ctx, op, rollouts)
}

// overdue cancels a rollout whose time is over and sees its rollback to the end. It
// returns nil when there is an outcome to be told.
func (d *Deployer) overdue(ctx context.Context, op *operation, rollouts []*rollout, late *TimeoutError) error {
	if err := d.cancel(ctx, op, rollouts, fmt.Sprintf("it had not settled within %s", d.timeout)); err != nil {
		late.Advice = fmt.Sprintf("%v; %s", err, late.Advice)
		return late
	}
	return d.watchRollback(ctx, op, rollouts)
}

// isToCancel tells, once ctx has ended, whether what is under way is to be taken back. Who
// has said so of the stack's update, which had ended by then, is not asked again about the
// services.
func (r *run) isToCancel(ctx context.Context) bool {
	if ctx.Err() == nil || r.d.onInterrupt == nil {
		return false
	}
	return r.followed != nil && r.followed.asked == whyInterrupted || r.d.onInterrupt(r.t.stack.name()) == Cancel
}
