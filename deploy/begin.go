package deploy

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

// This file has what all calls share that begin an operation. Of such a call it has to be
// known what has come of it: it is not cut off when ctx ends, and where its answer is lost,
// or is that to a second attempt of the SDK, AWS is asked whether it was carried out.

// hasBegun tells whether an operation shows in the stack's events, also after ctx has
// ended. err tells why that cannot be known.
func (d *Deployer) hasBegun(ctx context.Context, op *operation) (begun bool, err error) {
	reading, cancel := outlasting(ctx)
	defer cancel()
	events, err := d.newEvents(reading, op)
	return err == nil && len(events) > 0, err
}

// unanswered tells whether AWS has not answered a call, so that it may have been carried
// out all the same.
func unanswered(err error) bool {
	code, _ := apiError(err)
	return err != nil && code == ""
}

// notKnown begins the advice of an operation of which nobody can tell whether it has begun.
const notKnown = "it is not known whether it has begun; "

// leftUnknown is the error of an operation of which nobody can tell whether it has begun.
func leftUnknown(ctx context.Context, stack, doing string, err error) *InterruptedError {
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	} else {
		err = &wordedError{text: doing + ": " + innermost(err).Error(), err: err}
	}
	return &InterruptedError{Stack: stack, Left: true, Err: err,
		Advice: notKnown + "see with: slipway status " + stack}
}

// createStack begins to create a stack and returns its id, also that of a creation which
// an attempt has begun without getting its answer.
func (d *Deployer) createStack(ctx context.Context, in *cloudformation.CreateStackInput) (id string, err error) {
	calling, cancel := outlasting(ctx)
	defer cancel()
	out, err := d.cfn.CreateStack(calling, in)
	if err == nil {
		return aws.ToString(out.StackId), nil
	}
	reading, cancel := outlasting(ctx)
	defer cancel()
	if s, readErr := d.readStack(reading, aws.ToString(in.StackName)); readErr == nil && s != nil {
		if begun, readErr := d.lastToken(reading, s); readErr == nil && begun == aws.ToString(in.ClientRequestToken) {
			return s.id(), nil
		}
	}
	return "", err
}

// deleteStack begins to delete a stack. It returns nil when that has begun.
func (d *Deployer) deleteStack(ctx context.Context, in *cloudformation.DeleteStackInput, op *operation) error {
	calling, cancel := outlasting(ctx)
	defer cancel()
	_, err := d.cfn.DeleteStack(calling, in)
	if err == nil {
		return nil
	}
	if begun, _ := d.hasBegun(ctx, op); begun {
		return nil
	}
	return err
}
