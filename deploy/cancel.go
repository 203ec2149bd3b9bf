package deploy

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
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
	if err == nil {
		err = rolloutOutcome(op, rollouts, r.image.String())
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

// cancel has CloudFormation cancel the update and roll it back. One that is past the
// point where it can be cancelled, done or on its way back already, is left to its end.
func (d *Deployer) cancel(ctx context.Context, op *operation, why string) error {
	_, err := d.cfn.CancelUpdateStack(ctx, &cloudformation.CancelUpdateStackInput{StackName: &op.stackID})
	switch code, _ := apiError(err); {
	case err == nil:
		op.cancelled = why
		d.observe(Cancelling{at: at{d.clock.Now()}, Stack: op.stackName, Why: why})
	case code == "ValidationError":
	default:
		return fmt.Errorf("cancelling the update of stack %s: %w", op.stackName, err)
	}
	return nil
}

// interrupted asks what is to become of a rollout that left says was left running. To
// cancel it, it goes on past the end of ctx until the stack has settled. It returns nil
// when there is an outcome to be told, and left where the rollout stays on its own.
func (d *Deployer) interrupted(ctx context.Context, op *operation, rollouts []*rollout, left *InterruptedError) error {
	if ctx.Err() == nil || d.onInterrupt == nil || d.onInterrupt(op.stackName) != Cancel {
		return left
	}
	ctx = context.WithoutCancel(ctx)
	if err := d.cancel(ctx, op, "it was interrupted"); err != nil {
		left.Advice = fmt.Sprintf("%v; %s", err, left.Advice)
		return left
	}
	return d.watchRollback(ctx, op, rollouts)
}

// overdue cancels a rollout whose time is over and sees its rollback to the end. It
// returns nil when there is an outcome to be told.
func (d *Deployer) overdue(ctx context.Context, op *operation, rollouts []*rollout, late *TimeoutError) error {
	if err := d.cancel(ctx, op, fmt.Sprintf("it had not settled within %s", d.timeout)); err != nil {
		late.Advice = fmt.Sprintf("%v; %s", err, late.Advice)
		return late
	}
	return d.watchRollback(ctx, op, rollouts)
}
