package deploy

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// Down deletes a stack and waits until it is gone. A stack that does not exist is
// gone already.
//
// Its errors are *InputError, *InterruptedError, *TimeoutError and *StackStateError;
// anything else is unexpected.
func (d *Deployer) Down(ctx context.Context, name string) error {
	if strings.TrimSpace(name) == "" {
		return &InputError{Problem: "no stack is named"}
	}
	phases := &phases{d: d, stack: name}
	phases.enter(PhaseRead)
	s, err := d.readStack(ctx, name)
	if err != nil {
		return d.beforeChange(ctx, name, "reading stack "+name, err)
	}
	if s == nil {
		return nil
	}
	op := &operation{stackID: s.id(), stackName: s.name(), token: "slipway-" + rand.Text()}
	if s.status() == StackStatus(types.StackStatusDeleteInProgress) {
		if err := d.join(ctx, op, s); err != nil {
			return d.beforeChange(ctx, name, "reading the events of stack "+name, err)
		}
	} else {
		_, err = d.cfn.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: s.StackId, ClientRequestToken: &op.token})
		if err != nil {
			return d.changeRejected(ctx, name, "deleting stack "+name, err)
		}
	}
	phases.enter(PhaseStack)
	if err := d.watch(ctx, op, nil); err != nil {
		return err
	}
	return downOutcome(op)
}

// join makes op the operation that is under way on the stack, whoever started it, from
// the present event on.
func (d *Deployer) join(ctx context.Context, op *operation, s *stack) error {
	page, err := d.cfn.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: s.StackId})
	if err != nil {
		return err
	}
	if len(page.StackEvents) > 0 {
		newest := page.StackEvents[0]
		op.last = aws.ToString(newest.EventId)
		op.begun, op.status = true, s.status()
		if op.isOwn(&newest) {
			op.status = StackStatus(newest.ResourceStatus)
		}
	}
	return nil
}

// downOutcome tells how a deletion has ended: nil when the stack is gone.
func downOutcome(op *operation) error {
	e := rolledBack(op, nil, "")
	switch {
	case op.status == StackStatus(types.StackStatusDeleteComplete):
		return nil
	case strings.Contains(e.Reason, "Cannot delete export"):
		// The stack is as it was before.
		return &InputError{
			Problem: fmt.Sprintf("stack %s was not deleted: %s", op.stackName, e.Reason),
			Advice:  "delete the stack that uses the export first",
		}
	case op.status.Failed():
		return &StackStateError{Stack: op.stackName, Status: op.status, Reason: e.Reason,
			Advice: "put right what stands in the way of the deletion, then delete it again"}
	}
	return &StackStateError{Stack: op.stackName, Status: op.status, Reason: e.Reason, Advice: "it was not deleted; see its events"}
}
