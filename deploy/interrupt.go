package deploy

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

// Interrupt is what becomes of a rollout whose deploy is interrupted.
type Interrupt string

const (
	// Leave lets CloudFormation carry on without us.
	Leave Interrupt = "leave"
	// Cancel has CloudFormation cancel the update and roll it back, and watches that.
	Cancel Interrupt = "cancel"
)

// interrupted asks what is to become of a rollout that left says was left running. To
// cancel it, it goes on past the end of ctx until the stack has settled. It returns nil
// when there is an outcome to be told, and left where the rollout stays on its own.
func (d *Deployer) interrupted(ctx context.Context, op *operation, rollouts []*rollout, left *InterruptedError) error {
	if ctx.Err() == nil || d.onInterrupt == nil || d.onInterrupt(op.stackName) != Cancel {
		return left
	}
	ctx = context.WithoutCancel(ctx)
	_, err := d.cfn.CancelUpdateStack(ctx, &cloudformation.CancelUpdateStackInput{StackName: &op.stackID})
	switch code, _ := apiError(err); {
	case err == nil:
		op.cancelled = true
	case code == "ValidationError":
		// It is past the point where it can be cancelled: done, or rolling back.
	default:
		left.Advice = fmt.Sprintf("cancelling it did not succeed (%v); %s", err, left.Advice)
		return left
	}
	return d.watch(ctx, op, rollouts)
}
