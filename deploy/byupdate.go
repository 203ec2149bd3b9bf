package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// byUpdate rolls the image out with one UpdateStack call, which nothing reviews. Three
// things stand in for the review: the template says that the parameter feeds nothing but
// images; a stack policy for this update denies everything else; and what has changed is
// compared with what should have.
func (r *run) byUpdate(ctx context.Context) ([]claim, error) {
	in, op, err := r.guardedUpdate(ctx)
	if err != nil {
		return nil, err
	}
	r.phases.enter(PhaseRollout)
	if err := r.startUpdate(ctx, in, op); err != nil {
		return nil, err
	}
	claims, err := r.follow(ctx, op, r.t.rollouts())
	if crashing := (*CrashingError)(nil); errors.As(err, &crashing) {
		return nil, errors.Join(err, r.compareAfter(ctx, op))
	}
	if err != nil || r.result.Started {
		return nil, guarded(err, op)
	}
	return claims, r.compareAfter(ctx, op)
}

// guardedUpdate checks beforehand what can be, and returns the request and the operation
// that it will start.
func (r *run) guardedUpdate(ctx context.Context) (*cloudformation.UpdateStackInput, *operation, error) {
	ctx, cancel := r.d.reading(ctx)
	defer cancel()
	t := r.t
	if reasons := t.strays(); len(reasons) > 0 {
		return nil, nil, &RefusedError{Stack: t.stack.name(), Reasons: reasons}
	}
	own, err := r.d.cfn.GetStackPolicy(ctx, &cloudformation.GetStackPolicyInput{StackName: t.stack.StackId})
	if err != nil {
		return nil, nil, r.d.beforeChange(ctx, t.stack.name(), "reading the stack policy of stack "+t.stack.name(), err)
	}
	if reasons := protections(aws.ToString(own.StackPolicyBody), t.reach); len(reasons) > 0 {
		return nil, nil, &RefusedError{Stack: t.stack.name(), Reasons: reasons}
	}
	if err := r.checkReadable(ctx); err != nil {
		return nil, nil, err
	}
	op := r.operation(r.token())
	in, err := updateStackInput(t, op.token, r.image.String())
	if err != nil {
		return nil, nil, err
	}
	if r.req.RoleARN != "" {
		in.RoleARN = &r.req.RoleARN
	}
	r.announce(t.expectedChanges(r.image.String()), r.d.predictions(ctx, t))
	return in, op, nil
}

// updateStackInput is the request for an update that gives the image parameter a new
// value, leaves the template and all other parameters as they are, and is held to what
// the image reaches. What is left out (tags, role, notifications, rollback triggers)
// CloudFormation keeps.
func updateStackInput(t *target, token, image string) (*cloudformation.UpdateStackInput, error) {
	guard, err := guardPolicy(t.reach)
	if err != nil {
		return nil, err
	}
	in := &cloudformation.UpdateStackInput{
		StackName:                   t.stack.StackId,
		Capabilities:                t.stack.Capabilities,
		ClientRequestToken:          &token,
		DisableRollback:             aws.Bool(false),
		Parameters:                  pinned(t.stack, map[string]string{t.reach.parameter: image}),
		StackPolicyDuringUpdateBody: &guard,
	}
	if t.resend == "" {
		in.UsePreviousTemplate = aws.Bool(true)
	} else {
		in.TemplateBody = &t.resend
	}
	return in, nil
}

// strays are the places other than images that an update to a new image would change, by
// the template: each a reason not to update without a change set.
func (t *target) strays() []Reason { return append(t.strayUses(), t.dependents()...) }

// strayUses are the places other than images that the image parameter feeds.
func (t *target) strayUses() []Reason {
	var reasons []Reason
	parameter := t.reach.parameter
	for _, use := range t.template.ParameterUses(parameter) {
		_, image := imageIndex(use)
		switch {
		case use.Section == "Conditions" || use.Section == "Rules":
			continue // it decides something only where it is used, which is told, too
		case use.Section == "Resources" && (image || t.physical[use.ID] == ""):
			continue
		case use.Section == "Outputs" && !slices.Contains(t.reach.exports, use.ID):
			continue
		}
		reasons = append(reasons, Reason{
			Resource: use.Section + "/" + use.ID, Path: "/" + strings.Join(use.Path, "/"),
			Why: "parameter " + parameter + " feeds this, too, which is no part of a rollout",
		})
	}
	return reasons
}

// dependents are the places that name a task definition of the image, and change with
// every new revision, other than where the services do, and the rules and schedules that
// start tasks of it.
func (t *target) dependents() []Reason {
	var reasons []Reason
	for _, id := range sortedKeys(t.template.Resources) {
		resource := t.template.Resources[id]
		if t.physical[id] == "" {
			continue
		}
		for _, ref := range cfntemplate.References(resource.Attributes()) {
			_, fed := t.reach.containers[ref.Target]
			follows := resource.Type == typeService && len(ref.Path) > 1 && ref.Path[0] == "Properties" && ref.Path[1] == "TaskDefinition"
			_, starts := t.reach.followers[id].places["/"+strings.TrimSuffix(strings.Join(ref.Path, "/"), "/Ref")]
			if !fed || follows || starts {
				continue
			}
			reasons = append(reasons, Reason{
				Resource: "Resources/" + id, Path: "/" + strings.Join(ref.Path, "/"),
				Why: fmt.Sprintf("this %s refers to task definition %s and would follow it, which is no part of a rollout", resource.Type, ref.Target),
			})
		}
	}
	return reasons
}

// startUpdate starts an update. It returns nil when it runs.
func (r *run) startUpdate(ctx context.Context, in *cloudformation.UpdateStackInput, op *operation) error {
	d := r.d
	if ctx.Err() != nil {
		return &InterruptedError{Stack: op.stackName, Err: context.Cause(ctx)}
	}
	calling, cancel := outlasting(ctx)
	_, err := d.cfn.UpdateStack(calling, in)
	cancel()
	if err == nil {
		return nil
	}
	doing := "updating stack " + op.stackName
	begun, readErr := d.hasBegun(ctx, op)
	switch code, message := apiError(err); {
	case begun:
		return nil
	case unanswered(err) || readErr != nil:
		return leftUnknown(ctx, op.stackName, doing, err)
	case strings.Contains(message, "No updates are to be performed"):
		return &RefusedError{Stack: op.stackName, Reasons: []Reason{noChange(r.t, r.image.String())}}
	case isDenied(code) && strings.Contains(message, "SetStackPolicy"):
		return &InputError{
			Problem: fmt.Sprintf("%s: AWS denies the stack policy that guards the update: %s", doing, message),
			Advice:  "have cloudformation:SetStackPolicy granted for this stack, or deploy by a change set (--strategy changeset); nothing was changed",
			Err:     err,
		}
	}
	return d.refusedByState(ctx, r.t.stack, d.beforeChange(ctx, op.stackName, doing, err), (*stack).updatable)
}

// guarded tells of an update that was rolled back because the guard denied something
// that the guard did, rather than the services.
func guarded(err error, op *operation) error {
	var rolledBack *RolledBackError
	if !errors.As(err, &rolledBack) || op.failure == nil || !strings.Contains(aws.ToString(op.failure.ResourceStatusReason), "by stack policy") {
		return err
	}
	rolledBack.Service, rolledBack.Cluster = "", ""
	rolledBack.Reason = fmt.Sprintf("the guard of the update held: CloudFormation would have changed %s (%s), which the image does not reach: %s",
		aws.ToString(op.failure.LogicalResourceId), aws.ToString(op.failure.ResourceType), aws.ToString(op.failure.ResourceStatusReason))
	rolledBack.Advice = fmt.Sprintf("the stack is as it was before; see what else would change with: slipway plan %s %s", op.stackName, rolledBack.Image)
	return err
}

// compareAfter compares what an update has changed with what it should have: the
// resources that it touched, the parameters, and the task definitions themselves. What
// there is by then may be somebody else's doing.
func (r *run) compareAfter(ctx context.Context, op *operation) error {
	changed, overtaker, err := r.overreach(ctx, op)
	switch {
	case err != nil && ctx.Err() != nil:
		return &InterruptedError{Stack: op.stackName, Err: context.Cause(ctx),
			During: fmt.Sprintf("comparing what has changed: stack %s is updated", op.stackName), Advice: "see what runs with: slipway status " + op.stackName}
	case err != nil:
		return fmt.Errorf("comparing what the update of stack %s has changed: %w", op.stackName, worded(op.stackName, err))
	case overtaker != "":
		return r.overtakenBy(ctx, overtaker)
	case len(changed) > 0:
		return &OverreachError{Stack: op.stackName, Changed: changed}
	}
	return nil
}

func (r *run) overreach(ctx context.Context, op *operation) (changed []Reason, overtaker string, err error) {
	d, t := r.d, r.t
	now, err := d.readStack(ctx, op.stackID)
	switch {
	case err != nil:
		return nil, "", err
	case now == nil:
		return nil, "the stack was deleted", nil
	}
	changed = append(t.touchedBeyond(op), parametersBeyond(t, now, r.image.String())...)
	revised, err := r.revisedBeyond(ctx, now)
	if err != nil {
		return nil, "", err
	}
	if changed = append(changed, revised...); len(changed) > 0 {
		overtaker, err = d.stackOvertaker(ctx, now, op.token, t.reach.parameter)
	}
	return changed, overtaker, err
}

// revisedBeyond are the places other than images in which the task definitions that a
// stack has now differ from those that it had.
func (r *run) revisedBeyond(ctx context.Context, now *stack) ([]Reason, error) {
	d, t := r.d, r.t
	next, err := d.resources(ctx, now)
	if err != nil {
		return nil, err
	}
	var changed []Reason
	for _, id := range sortedKeys(t.reach.containers) {
		before, after := t.physical[id], next[id]
		if before == "" || after == "" || before == after {
			continue
		}
		other, err := d.compareRevisions(ctx, before, after, t.reach.containers[id])
		if err != nil {
			return nil, err
		}
		for _, o := range other {
			if _, named := t.template.Resources[id].Properties["Family"]; o.path == "/Family" && !named {
				continue // CloudFormation makes up a new name for each
			}
			changed = append(changed, Reason{Resource: id, Path: "/Properties" + o.path, Before: show(o.before), After: show(o.after),
				Why: "it is not the image of a container that the parameter feeds"})
		}
	}
	return changed, nil
}

// compareRevisions reads two revisions and tells in what they differ but for the image of
// some containers.
func (d *Deployer) compareRevisions(ctx context.Context, before, after string, containers []int) ([]difference, error) {
	b, _, err := d.readTaskDefinition(ctx, before)
	if err != nil {
		return nil, err
	}
	a, _, err := d.readTaskDefinition(ctx, after)
	if err != nil {
		return nil, err
	}
	return imageOnly(b, a, containers)
}

// touchedBeyond are the resources that an operation has worked on without the image
// reaching them.
func (t *target) touchedBeyond(op *operation) []Reason {
	var reasons []Reason
	for _, id := range sortedKeys(op.touched) {
		_, containers := t.reach.containers[id]
		_, service := t.reach.services[id]
		_, follower := t.reach.followers[id]
		if !containers && !service && !follower {
			reasons = append(reasons, Reason{Resource: id, Why: fmt.Sprintf("CloudFormation has worked on this %s, which the image does not reach", op.touched[id])})
		}
	}
	return reasons
}

// parametersBeyond are the parameters other than the image that are not what they were.
func parametersBeyond(t *target, now *stack, image string) []Reason {
	resolved := func(p types.Parameter) string {
		return firstNonEmpty(aws.ToString(p.ResolvedValue), aws.ToString(p.ParameterValue))
	}
	before := make(map[string]string, len(t.stack.Parameters))
	for _, p := range t.stack.Parameters {
		before[aws.ToString(p.ParameterKey)] = resolved(p)
	}
	before[t.reach.parameter] = image
	var reasons []Reason
	for _, p := range now.Parameters {
		key := aws.ToString(p.ParameterKey)
		if old, new := before[key], resolved(p); old != new {
			reasons = append(reasons, Reason{Resource: "Parameters/" + key, Before: old, After: new, Why: "the parameter is not what it should be"})
		}
	}
	return reasons
}
