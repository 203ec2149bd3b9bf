package deploy

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// Up creates the stack, or updates it when it exists, and waits until it settles.
//
// Its errors are *InputError, *RolledBackError, *InterruptedError, *TimeoutError and
// *StackStateError; anything else is unexpected.
func (d *Deployer) Up(ctx context.Context, spec StackSpec) (*StackResult, error) {
	template, err := readSpec(spec)
	if err != nil {
		return nil, err
	}
	phases := &phases{d: d, stack: spec.Name}
	phases.enter(PhaseRead)
	s, err := d.readStack(ctx, spec.Name)
	if err != nil {
		return nil, d.beforeChange(ctx, spec.Name, "reading stack "+spec.Name, err)
	}
	op := &operation{stackName: spec.Name, token: "slipway-" + rand.Text()}
	result := &StackResult{Stack: spec.Name}
	if s == nil {
		result.Created = true
		err = d.create(ctx, spec, op)
	} else {
		op.stackID = s.id()
		result.Unchanged, err = d.update(ctx, spec, template, s, op)
		result.Updated = !result.Unchanged
	}
	if err != nil {
		return nil, err
	}
	if !result.Unchanged {
		phases.enter(PhaseStack)
		if err := d.watch(ctx, op, nil); err != nil {
			return nil, err
		}
		if err := upOutcome(op); err != nil {
			return nil, err
		}
		if s, err = d.readStack(ctx, op.stackID); err != nil {
			return nil, fmt.Errorf("reading stack %s: %w", spec.Name, err)
		}
		if s == nil {
			return nil, fmt.Errorf("stack %s was deleted right after it settled", spec.Name)
		}
	}
	result.Status, result.Outputs = s.status(), s.outputs()
	return result, nil
}

// readSpec checks what can be checked of a spec without AWS.
func readSpec(spec StackSpec) (*cfntemplate.Template, error) {
	if strings.TrimSpace(spec.Name) == "" {
		return nil, &InputError{Problem: "no stack is named"}
	}
	template, err := cfntemplate.Parse(spec.TemplateBody)
	if err != nil {
		return nil, &InputError{Problem: fmt.Sprintf("reading the template for stack %s: %v", spec.Name, err), Err: err}
	}
	if n := len(spec.TemplateBody); n > maxTemplateBody {
		return nil, &InputError{Problem: fmt.Sprintf("the template for stack %s has %d bytes, more than the %d that CloudFormation takes inline", spec.Name, n, maxTemplateBody)}
	}
	for _, key := range sortedKeys(spec.Parameters) {
		if _, ok := template.Parameters[key]; !ok {
			return nil, &InputError{
				Problem: fmt.Sprintf("the template for stack %s has no parameter %s", spec.Name, key),
				Advice:  "its parameters: " + listOrNone(sortedKeys(template.Parameters)),
			}
		}
	}
	return template, nil
}

func (d *Deployer) create(ctx context.Context, spec StackSpec, op *operation) error {
	out, err := d.cfn.CreateStack(ctx, createStackInput(spec, op.token))
	if err != nil {
		return d.changeRejected(ctx, spec.Name, "creating stack "+spec.Name, err)
	}
	op.stackID = aws.ToString(out.StackId)
	return nil
}

// createStackInput is the request that creates a stack; parameters without a value
// have the template's defaults.
func createStackInput(spec StackSpec, token string) *cloudformation.CreateStackInput {
	return &cloudformation.CreateStackInput{
		StackName:          &spec.Name,
		TemplateBody:       &spec.TemplateBody,
		Parameters:         pinned(&stack{}, spec.Parameters),
		Capabilities:       capabilities(spec.Capabilities),
		ClientRequestToken: &token,
	}
}

// update updates a stack. unchanged tells that there is nothing to update.
func (d *Deployer) update(ctx context.Context, spec StackSpec, template *cfntemplate.Template, s *stack, op *operation) (unchanged bool, err error) {
	if err := s.updatable(); err != nil {
		return false, err
	}
	_, err = d.cfn.UpdateStack(ctx, updateStackInput(spec, template, s, op.token))
	if _, message := apiError(err); strings.Contains(message, "No updates are to be performed") {
		return true, nil
	}
	if err != nil {
		return false, d.refusedByState(ctx, s, d.changeRejected(ctx, spec.Name, "updating stack "+spec.Name, err), (*stack).updatable)
	}
	return false, nil
}

// updateStackInput is the request that updates a stack: given parameters get their
// values, the others keep theirs as far as the new template still has them.
func updateStackInput(spec StackSpec, template *cfntemplate.Template, s *stack, token string) *cloudformation.UpdateStackInput {
	kept := &stack{}
	for _, p := range s.Parameters {
		if _, ok := template.Parameters[aws.ToString(p.ParameterKey)]; ok {
			kept.Parameters = append(kept.Parameters, p)
		}
	}
	return &cloudformation.UpdateStackInput{
		StackName:          s.StackId,
		TemplateBody:       &spec.TemplateBody,
		Parameters:         pinned(kept, spec.Parameters),
		Capabilities:       capabilities(spec.Capabilities),
		ClientRequestToken: &token,
	}
}

func capabilities(names []string) []types.Capability {
	var list []types.Capability
	for _, n := range names {
		list = append(list, types.Capability(n))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// changeRejected tells why a call that starts an operation on a stack was rejected.
// Without an answer from AWS it is not known whether it was.
func (d *Deployer) changeRejected(ctx context.Context, name, doing string, err error) error {
	code, message := apiError(err)
	var sent *InputError
	switch {
	case code == "InsufficientCapabilitiesException":
		return &InputError{Problem: doing + ": " + message, Advice: "acknowledge these capabilities", Err: err}
	case ctx.Err() != nil:
		return &InterruptedError{Stack: name, Left: true, Err: context.Cause(ctx),
			Advice: "it is not known whether the operation has begun; see with: slipway status " + name}
	case errors.As(d.beforeChange(ctx, name, doing, err), &sent):
		return sent
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// upOutcome tells how a creation or update has ended: nil when well.
func upOutcome(op *operation) error {
	switch types.StackStatus(op.status) {
	case types.StackStatusCreateComplete, types.StackStatusUpdateComplete:
		return nil
	case types.StackStatusRollbackComplete, types.StackStatusUpdateRollbackComplete:
		return rolledBack(op, nil, "")
	}
	e := rolledBack(op, nil, "")
	state := &StackStateError{Stack: op.stackName, Status: op.status, Reason: e.Reason, Advice: "see its events"}
	var known *StackStateError
	if errors.As(checkUpdatable(op.stackName, op.status, ""), &known) {
		state.Advice = known.Advice
	}
	return state
}
