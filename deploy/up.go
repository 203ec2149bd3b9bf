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

// Up creates the stack, or updates it when it exists, and waits until it settles. It
// removes and replaces nothing that the stack has but revisions of task definitions: an
// update that would is refused, because the stack is another one than was meant, or
// holds what would be lost.
//
// Its errors are *InputError, *RefusedError, *RolledBackError, *InterruptedError,
// *TimeoutError and *StackStateError; anything else is unexpected.
func (d *Deployer) Up(ctx context.Context, spec StackSpec) (*StackResult, error) {
	template, err := readSpec(spec)
	if err != nil {
		return nil, err
	}
	phases := &phases{d: d, stack: spec.Name}
	phases.enter(PhaseRead)
	reading, cancel := d.reading(ctx)
	defer cancel()
	s, err := d.readStack(reading, spec.Name)
	if err != nil {
		return nil, d.beforeChange(reading, spec.Name, "reading stack "+spec.Name, err)
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
	id, err := d.createStack(ctx, createStackInput(spec, op.token))
	if err != nil {
		return d.changeRejected(ctx, spec.Name, "creating stack "+spec.Name, err)
	}
	op.stackID = id
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

// update updates a stack by a change set, so that exactly what was reviewed is carried
// out. unchanged tells that there is nothing to update.
func (d *Deployer) update(ctx context.Context, spec StackSpec, template *cfntemplate.Template, s *stack, op *operation) (unchanged bool, err error) {
	if err := s.updatable(); err != nil {
		return false, err
	}
	cs := &changeSet{name: updateID(s, spec), stack: s}
	op.token = cs.name
	err = d.prepare(ctx, cs, updateChangeSetInput(spec, template, s, cs.name), func() error {
		return d.reviewUpdate(ctx, cs)
	})
	if errors.Is(err, errNoChange) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, d.execute(ctx, cs, op)
}

// updateID is the [operationID] of an update to a spec.
func updateID(s *stack, spec StackSpec) string {
	parts := []string{"up", spec.TemplateBody}
	for _, key := range sortedKeys(spec.Parameters) {
		parts = append(parts, key, spec.Parameters[key])
	}
	return operationID(s, parts...)
}

// updateChangeSetInput is the request for the change set that updates a stack: given
// parameters get their values, the others keep theirs as far as the new template still
// has them.
func updateChangeSetInput(spec StackSpec, template *cfntemplate.Template, s *stack, name string) *cloudformation.CreateChangeSetInput {
	kept := &stack{}
	for _, p := range s.Parameters {
		if _, ok := template.Parameters[aws.ToString(p.ParameterKey)]; ok {
			kept.Parameters = append(kept.Parameters, p)
		}
	}
	return &cloudformation.CreateChangeSetInput{
		StackName:           s.StackId,
		ChangeSetName:       &name,
		ChangeSetType:       types.ChangeSetTypeUpdate,
		Description:         aws.String("slipway up"),
		TemplateBody:        &spec.TemplateBody,
		Parameters:          pinned(kept, spec.Parameters),
		Capabilities:        capabilities(spec.Capabilities),
		IncludeNestedStacks: aws.Bool(false),
	}
}

// reviewUpdate waits for the change set and looks for what the stack would lose.
func (d *Deployer) reviewUpdate(ctx context.Context, cs *changeSet) error {
	made, err := d.awaitMade(ctx, cs)
	if err != nil {
		return d.unreviewed(ctx, cs, err)
	}
	pages, err := d.allPages(ctx, cs, false, made)
	if err != nil {
		return d.unreviewed(ctx, cs, err)
	}
	if reasons := losses(pages); len(reasons) > 0 {
		return &RefusedError{Stack: cs.stack.name(), ChangeSet: cs.name, Reasons: reasons}
	}
	return nil
}

// losses are the reasons not to execute a change set: each resource that the stack would
// lose. A change of unknown kind is one, too. Task definitions are replaced by design:
// every new revision is a new resource.
func losses(pages []*cloudformation.DescribeChangeSetOutput) []Reason {
	var reasons []Reason
	for _, page := range pages {
		for _, change := range page.Changes {
			c := change.ResourceChange
			if c == nil {
				reasons = append(reasons, Reason{Why: fmt.Sprintf("a change of unknown kind %q", change.Type)})
				continue
			}
			if why := loss(c); why != "" {
				reasons = append(reasons, Reason{Resource: aws.ToString(c.LogicalResourceId), Why: why})
			}
		}
	}
	slices.SortFunc(reasons, func(a, b Reason) int { return strings.Compare(a.Resource, b.Resource) })
	return reasons
}

// loss says how a change would take a resource from the stack; it does not, if the
// answer is empty.
func loss(c *types.ResourceChange) string {
	kind := aws.ToString(c.ResourceType)
	switch {
	case c.Action == types.ChangeActionAdd:
		return ""
	case c.Action == types.ChangeActionRemove && c.PolicyAction == types.PolicyActionRetain:
		return fmt.Sprintf("the stack would let go of this %s, which the new template does not have", kind)
	case c.Action == types.ChangeActionRemove:
		return fmt.Sprintf("this %s would be deleted: the new template does not have it", kind)
	case c.Action != types.ChangeActionModify:
		return fmt.Sprintf("%s of this %s is no change that is known to be safe", c.Action, kind)
	case kind == typeTaskDefinition, c.Replacement == types.ReplacementFalse, c.Replacement == "":
		return ""
	}
	verb := "would be deleted and replaced"
	if c.Replacement == types.ReplacementConditional {
		verb = "may be deleted and replaced"
	}
	if properties := changedProperties(c); properties != "" {
		return fmt.Sprintf("this %s %s by a new one, for its %s changes", kind, verb, properties)
	}
	return fmt.Sprintf("this %s %s by a new one", kind, verb)
}

// changedProperties names what the details of a change say would change.
func changedProperties(c *types.ResourceChange) string {
	names := make(map[string]struct{})
	for _, d := range c.Details {
		if d.Target != nil && d.Target.RequiresRecreation != types.RequiresRecreationNever && aws.ToString(d.Target.Name) != "" {
			names[*d.Target.Name] = struct{}{}
		}
	}
	return strings.Join(sortedKeys(names), ", ")
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
	var sent *InputError
	switch {
	case ctx.Err() != nil || unanswered(err):
		return leftUnknown(ctx, name, doing, err)
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
