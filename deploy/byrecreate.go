package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// step is a part of a recreation: an operation of CloudFormation. Its name is a part of
// the operation's token, by which a rerun knows where an earlier run has stopped.
type step string

// The steps, in their order. The last two are taken only where the creation fails.
const (
	stepDelete  step = "delete"           // the stack as it was
	stepCreate  step = "create"           // it anew, with the new image
	stepUndo    step = "delete failed"    // what came of that
	stepRestore step = "create as before" // with the image that it had
)

// recreation is how far the recreation of a stack has come.
type recreation struct {
	step step
	op   *operation // of the step; nil when it has not begun
	old  *stack     // as it was before its deletion
	why  string     // why the creation failed
	late *TimeoutError
}

// byRecreation deletes the stack and creates it anew. It goes on from the step that an
// earlier run has come to. Where the creation fails, the stack is created with the image
// that it had, so that a bad version costs an outage and not the service.
func (r *run) byRecreation(ctx context.Context) ([]claim, error) {
	c := r.recreation
	if c == nil {
		if err := r.checkRecreatable(ctx); err != nil {
			return nil, err
		}
		c = &recreation{step: stepDelete, old: r.t.stack}
		r.announce(r.t.recreationChanges(r.image.String()), nil)
	} else {
		r.d.observe(Resuming{at: at{r.d.clock.Now()}, Stack: c.old.name(), Operation: r.stepToken(c)})
	}
	input, err := r.blueprint(ctx, c.old)
	if err != nil {
		return nil, err
	}
	r.phases.enter(PhaseRollout)
	for {
		if c.op == nil {
			if err := r.beginStep(ctx, c, input); err != nil {
				return nil, err
			}
		}
		err := r.d.watch(ctx, c.op, nil)
		if errors.As(err, &c.late) && c.step == stepCreate {
			err, c.why = nil, fmt.Sprintf("its creation had not ended within %s", r.d.timeout)
		}
		if err != nil {
			return nil, goesOn(err)
		}
		done, err := r.afterStep(c)
		switch {
		case err != nil:
			return nil, err
		case done:
			return r.recreated(ctx, c)
		}
		c.op = nil
	}
}

// afterStep judges a step that has ended and takes the next one. done tells that the
// stack is there with the new image.
func (r *run) afterStep(c *recreation) (done bool, err error) {
	switch c.step {
	case stepDelete:
		if err := downOutcome(c.op); err != nil {
			return false, err
		}
		c.step = stepCreate
	case stepCreate:
		failed := upOutcome(c.op)
		if c.late == nil && failed == nil {
			return true, nil
		}
		if c.why == "" {
			c.why = rolledBack(c.op, nil, "").Reason
		}
		r.d.observe(Reverting{at: at{r.d.clock.Now()}, Stack: c.old.name(), Image: r.result.PreviousImage, Why: c.why})
		c.step = stepUndo
	case stepUndo:
		if err := downOutcome(c.op); err != nil {
			return false, err
		}
		c.step = stepRestore
	case stepRestore:
		if err := upOutcome(c.op); err != nil {
			return false, r.notRecreated(c, fmt.Sprintf("with %s: %s; with %s: %v", r.image, c.why, r.result.PreviousImage, err))
		}
		e := &RolledBackError{
			Stack: c.old.name(), StackStatus: c.op.status, Image: r.image.String(), Reason: firstNonEmpty(c.why, "its creation failed"),
			Advice: fmt.Sprintf("it was created anew with %s; put that right, then try again", r.result.PreviousImage),
		}
		if c.late != nil {
			c.late.RolledBack = e
			return false, c.late
		}
		return false, e
	}
	return false, nil
}

// recreated reads the new stack and the outage that it cost.
func (r *run) recreated(ctx context.Context, c *recreation) ([]claim, error) {
	t, err := r.d.readTarget(ctx, c.op.stackID, r.t.reach.parameter)
	if err != nil {
		return nil, err
	}
	r.t = t
	r.result.Outage, err = r.d.outage(ctx, c, r.stepPrefix(stepDelete))
	if err != nil {
		return nil, fmt.Errorf("measuring the outage of stack %s, which runs again: %w", t.stack.name(), err)
	}
	return t.claims(r.image), nil
}

// beginStep starts the operation of a step.
func (r *run) beginStep(ctx context.Context, c *recreation, input *cloudformation.CreateStackInput) error {
	d, name := r.d, c.old.name()
	op := r.operation(r.stepToken(c))
	op.stackID, op.stackName = c.old.id(), name
	if ctx.Err() != nil {
		return goesOn(&InterruptedError{Stack: name, Left: c.step != stepDelete, Err: context.Cause(ctx)})
	}
	switch c.step {
	case stepDelete, stepUndo:
		if c.step == stepUndo {
			failed, err := d.readStack(ctx, name)
			switch {
			case err != nil:
				return goesOn(&InterruptedError{Stack: name, Left: true, Err: err})
			case failed == nil:
				c.op = op // it is gone already
				op.begun, op.status = true, StackStatus(types.StackStatusDeleteComplete)
				return nil
			}
			op.stackID = failed.id()
		}
		doing := "deleting stack " + name
		err := d.deleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &op.stackID, ClientRequestToken: &op.token, RoleARN: input.RoleARN}, op)
		switch {
		case unanswered(err):
			return goesOn(leftUnknown(ctx, name, doing, err))
		case err != nil && c.step == stepDelete:
			return d.refusedByState(ctx, c.old, d.changeRejected(ctx, name, doing, err), checkIdle)
		case err != nil:
			return r.notRecreated(c, c.why+"; deleting what came of it: "+err.Error())
		}
	case stepCreate, stepRestore:
		image := r.image.String()
		if c.step == stepRestore {
			image = r.result.PreviousImage
		}
		id, err := r.createAnew(ctx, input, image, op.token)
		if err != nil {
			return err
		}
		op.stackID = id
	}
	c.op = op
	return nil
}

// createAnew begins to create the stack and returns its id, also that of a creation which
// a former attempt has begun without getting its answer.
func (r *run) createAnew(ctx context.Context, input *cloudformation.CreateStackInput, image, token string) (id string, err error) {
	d, name := r.d, aws.ToString(input.StackName)
	in := *input
	in.ClientRequestToken = &token
	in.Parameters = append([]types.Parameter{}, input.Parameters...)
	for i, p := range in.Parameters {
		if aws.ToString(p.ParameterKey) == r.t.reach.parameter {
			in.Parameters[i].ParameterValue = &image
		}
	}
	id, err = d.createStack(ctx, &in)
	switch {
	case err == nil:
		return id, nil
	case ctx.Err() != nil || unanswered(err):
		return "", goesOn(leftUnknown(ctx, name, "creating stack "+name, err))
	}
	return "", r.notRecreated(&recreation{old: r.t.stack}, d.beforeChange(ctx, name, "creating it with "+image, err).Error())
}

// notRecreated is the error of a stack that is deleted and cannot be created anew.
func (r *run) notRecreated(c *recreation, reason string) error {
	return &StackStateError{
		Stack: c.old.name(), Status: StackStatus(types.StackStatusDeleteComplete), Reason: "it could not be created anew: " + reason,
		Advice: "put that right, then run the same deploy again, which goes on from there; " +
			"what it was is still told by its id, " + c.old.id(),
	}
}

// goesOn tells how to go on with a recreation that nobody watches any more.
func goesOn(err error) error {
	const advice = "run the same deploy again, which goes on from there: without it, the stack stays deleted"
	var left *InterruptedError
	var late *TimeoutError
	if errors.As(err, &left) && left.Left {
		unknown := strings.HasPrefix(left.Advice, notKnown)
		if left.Advice = advice; unknown {
			left.Advice = notKnown + advice
		}
	}
	if errors.As(err, &late) {
		late.Advice = advice
	}
	return err
}

// blueprint is the request that creates a stack as it is, or was.
func (r *run) blueprint(ctx context.Context, s *stack) (*cloudformation.CreateStackInput, error) {
	ctx, cancel := r.d.reading(ctx)
	defer cancel()
	body, err := r.d.originalTemplate(ctx, s)
	if err != nil {
		return nil, r.d.beforeChange(ctx, s.name(), "reading the template of stack "+s.name(), err)
	}
	policy, err := r.d.cfn.GetStackPolicy(ctx, &cloudformation.GetStackPolicyInput{StackName: s.StackId})
	if err != nil {
		return nil, r.d.beforeChange(ctx, s.name(), "reading the stack policy of stack "+s.name(), err)
	}
	in := createAgainInput(s, body, aws.ToString(policy.StackPolicyBody))
	if r.req.RoleARN != "" {
		in.RoleARN = &r.req.RoleARN
	}
	return in, nil
}

// createAgainInput is the request that creates a stack as another one is: all that
// DescribeStacks tells of it.
func createAgainInput(s *stack, body, policy string) *cloudformation.CreateStackInput {
	in := &cloudformation.CreateStackInput{
		StackName:                   s.StackName,
		TemplateBody:                &body,
		Capabilities:                s.Capabilities,
		Tags:                        s.Tags,
		NotificationARNs:            s.NotificationARNs,
		RoleARN:                     s.RoleARN,
		RollbackConfiguration:       s.RollbackConfiguration,
		TimeoutInMinutes:            s.TimeoutInMinutes,
		EnableTerminationProtection: s.EnableTerminationProtection,
		RetainExceptOnCreate:        s.RetainExceptOnCreate,
	}
	if policy != "" {
		in.StackPolicyBody = &policy
	}
	for _, p := range s.Parameters {
		in.Parameters = append(in.Parameters, types.Parameter{ParameterKey: p.ParameterKey, ParameterValue: p.ParameterValue})
	}
	return in
}
