package deploy

import (
	"context"
	"crypto/rand"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// Cancellation is an update that was taken back, or the news that there was none.
type Cancellation struct {
	Stack  string      `json:"stack"`
	From   StackStatus `json:"from"` // when it was to be cancelled
	To     StackStatus `json:"to"`   // UPDATE_ROLLBACK_COMPLETE; the same as From, where nothing was under way
	Phases []Phase     `json:"phases"`
}

// CancelUpdate takes back the update of a stack that is under way, whoever has begun it,
// and returns when the stack is as it was before. One that is on its way back already, or
// about to be complete, is watched. Where nothing is under way, nothing is done. What takes
// longer than [Options.Timeout] is left to itself.
//
// A deploy that CloudFormation has no part in ([StrategyECS]), or is through with while ECS
// is not ([StrategyExpress]), is no update of the stack: the same deploy, started again,
// goes on with it, and cancels it when it is interrupted.
//
// Its errors are *InputError, *InterruptedError, *TimeoutError and *StackStateError, that
// of an update which had come too far to be cancelled included; anything else is
// unexpected.
func (d *Deployer) CancelUpdate(ctx context.Context, stack string) (*Cancellation, error) {
	phases := &phases{d: d, stack: stack}
	phases.enter(PhaseRead)
	reading, cancel := d.reading(ctx)
	defer cancel()
	s, err := d.existingStack(reading, stack)
	if err != nil {
		return nil, err
	}
	done := &Cancellation{Stack: s.name(), From: s.status(), To: s.status()}
	watchOnly := false
	switch status := types.StackStatus(s.status()); {
	case s.updatable() == nil:
		done.Phases = phases.done()
		return done, nil
	case status == types.StackStatusUpdateRollbackInProgress, status == types.StackStatusUpdateRollbackCompleteCleanupInProgress,
		status == types.StackStatusUpdateCompleteCleanupInProgress:
		watchOnly = true
	case s.status().InProgress() && status != types.StackStatusUpdateInProgress:
		return nil, &StackStateError{Stack: s.name(), Status: s.status(), Reason: s.reason(), Advice: "only an update can be cancelled, and this is none"}
	case status != types.StackStatusUpdateInProgress:
		return nil, s.updatable()
	}
	op := &operation{stackID: s.id(), stackName: s.name(), token: operationPrefix + rand.Text()}
	if err := d.join(reading, op, s); err != nil {
		return nil, d.beforeChange(reading, s.name(), "reading the events of stack "+s.name(), err)
	}
	phases.enter(PhaseStack)
	if !watchOnly {
		if err := d.cancel(ctx, op, nil, "somebody has asked for it"); err != nil {
			return nil, d.changeRejected(ctx, s.name(), "cancelling the update of stack "+s.name(), errors.Unwrap(err))
		}
	}
	if err := d.watch(ctx, op, nil); err != nil {
		return nil, err
	}
	if op.status == StackStatus(types.StackStatusUpdateComplete) {
		return nil, &StackStateError{
			Stack: s.name(), Status: op.status,
			Advice: "the update had come too far to be cancelled; where it was one of the image, go back with: slipway rollback " + s.name(),
		}
	}
	if err := checkUpdatable(s.name(), op.status, op.reason); err != nil {
		return nil, d.stillStuck(ctx, s, err)
	}
	done.To, done.Phases = op.status, phases.done()
	return done, nil
}
