package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/slipway-go/slipway/imageref"
)

// Deploy puts req.Image into req.Stack and returns when it runs. Where the same request
// has begun already, in a process that is gone, it goes on with that.
//
// Its errors are *InputError, *RefusedError, *RolledBackError, *NotProvenError,
// *CrashingError, *InterruptedError, *TimeoutError, *StackStateError and
// *OverreachError; anything else is unexpected.
func (d *Deployer) Deploy(ctx context.Context, req Request) (*Result, error) {
	r, err := d.newRun(req)
	if err != nil {
		return nil, err
	}
	err = r.patiently(ctx, r.attempt)
	if err != nil {
		return nil, err
	}
	r.result.Phases = r.phases.done()
	return r.result, nil
}

// checkForeignChanges refuses to deploy over what the stack does not know.
func (d *Deployer) checkForeignChanges(ctx context.Context, t *target) error {
	services, err := d.describeServices(ctx, t.services)
	if err != nil {
		return d.beforeChange(ctx, t.stack.name(), "reading the services of stack "+t.stack.name(), err)
	}
	t.described = services
	if reasons := foreignChanges(t, services); len(reasons) > 0 {
		return drifted(t, reasons)
	}
	return nil
}

// drifted is the refusal to deploy over drift.
func drifted(t *target, reasons []Reason) *RefusedError {
	name := t.stack.name()
	return &RefusedError{
		Stack: name, Reasons: reasons,
		Advice: fmt.Sprintf("see it with: slipway status %s\nend it with: slipway reconcile %s", name, name),
	}
}

// confirmCurrent proves that the image which the stack's parameter has already is what
// runs.
func (d *Deployer) confirmCurrent(ctx context.Context, t *target, image imageref.Ref) ([]ServiceResult, error) {
	results, unproven, err := d.checkClaims(ctx, t.stack.name(), t.claims(image), false)
	switch {
	case err != nil:
		return nil, d.beforeChange(ctx, t.stack.name(), "reading what stack "+t.stack.name()+" runs", err)
	case unproven != nil:
		return nil, drifted(t, []Reason{{
			Resource: t.resourceOf(unproven.Service),
			Why: fmt.Sprintf("drift: parameter %s is %s already, but service %s does not run it: %s",
				t.reach.parameter, t.image, unproven.Service, unproven.Fact),
		}})
	}
	return results, nil
}

// resourceOf is the logical id of a service by its name.
func (t *target) resourceOf(service string) string {
	for _, ref := range t.services {
		if ref.name == service {
			return ref.resource
		}
	}
	return ""
}

// review waits for the change set, judges it, and tells all that it changes.
func (d *Deployer) review(ctx context.Context, t *target, cs *changeSet, image string) ([]Change, error) {
	detailed, plain, err := d.awaitChangeSet(ctx, cs)
	if err != nil {
		err = d.unreviewed(ctx, cs, err)
	}
	switch {
	case errors.Is(err, errNoChange):
		return nil, &RefusedError{Stack: t.stack.name(), ChangeSet: cs.name, Reasons: []Reason{noChange(t, image)}}
	case err != nil:
		return nil, err
	}
	_, reasons := judge(evidence{
		detailed: detailed, plain: plain,
		stack: t.stack.Stack, before: t.image, after: image, physical: t.physical, reach: t.reach,
	})
	changes := changesOf(detailed, plain)
	if len(reasons) > 0 {
		// A change set of another state than the one that was read proves nothing.
		if now, err := d.readStack(ctx, t.stack.id()); err == nil && now != nil && !now.version().Equal(t.stack.version()) {
			return nil, d.overtaken(ctx, cs)
		}
		return nil, &RefusedError{Stack: t.stack.name(), ChangeSet: cs.name, Reasons: reasons, Changes: changes}
	}
	return changes, nil
}

// noChange is why an image is not rolled out that CloudFormation sees no change in.
func noChange(t *target, image string) Reason {
	return Reason{
		Resource: "Parameters/" + t.reach.parameter, Before: t.image, After: image,
		Why: "the new value changes nothing: as the stack's other parameters are, it reaches no container",
	}
}

// refusedByState looks whether bad input is really another operation that has begun
// since the stack was read, as check tells of the stack as it is now.
func (d *Deployer) refusedByState(ctx context.Context, s *stack, err error, check func(*stack) error) error {
	var input *InputError
	if !errors.As(err, &input) {
		return err
	}
	if code, _ := apiError(err); code != "ValidationError" {
		return err
	}
	if now, readErr := d.readStack(ctx, s.id()); readErr == nil && now != nil {
		if stateErr := check(now); stateErr != nil {
			return stateErr
		}
	}
	return err
}

// execute starts the operation of a change set. It returns nil when it runs. Where it does
// not, the change set is deleted, so that it never will.
func (d *Deployer) execute(ctx context.Context, cs *changeSet, op *operation) error {
	if ctx.Err() != nil {
		return withCleanup(&InterruptedError{Stack: op.stackName, Err: context.Cause(ctx)}, d.discard(ctx, cs))
	}
	calling, cancel := outlasting(ctx)
	_, err := d.cfn.ExecuteChangeSet(calling, executeChangeSetInput(cs))
	cancel()
	if err == nil {
		return nil
	}
	doing := "executing " + cs.String()
	begun, readErr := d.hasBegun(ctx, op)
	switch {
	case begun:
		return nil
	case readErr != nil:
		return leftUnknown(ctx, op.stackName, doing, err)
	}
	ran, discardErr := d.discardUnexecuted(ctx, cs)
	switch {
	case ran:
		return nil
	case unanswered(err) && discardErr != nil:
		return leftUnknown(ctx, op.stackName, doing, err)
	case isOvertaken(err):
		return withCleanup(d.overtaken(ctx, cs), discardErr)
	}
	return withCleanup(d.refusedByState(ctx, cs.stack, d.beforeChange(ctx, op.stackName, doing, err), (*stack).updatable), discardErr)
}

// rollouts are the services to be watched.
func (t *target) rollouts() []*rollout {
	var list []*rollout
	for _, ref := range t.services {
		old := make(map[string]string)
		for _, td := range t.reach.services[ref.resource] {
			old[td] = t.physical[td]
		}
		list = append(list, &rollout{service: ref, old: old, groups: t.groups, seen: make(map[string]bool)})
	}
	return list
}

// newClaims are what the services should run after the rollout.
func newClaims(rollouts []*rollout, image imageref.Ref) ([]claim, error) {
	var claims []claim
	for _, r := range rollouts {
		if r.next == "" {
			return nil, fmt.Errorf("the stack's events do not tell the new task definition of service %s", r.service.name)
		}
		claims = append(claims, claim{service: r.service, taskDefinition: r.next, image: image})
	}
	return claims, nil
}

// rolloutOutcome tells how the stack operation of a deploy has ended: nil when the
// stack is updated.
func rolloutOutcome(op *operation, rollouts []*rollout, image string) error {
	switch op.status {
	case StackStatus(types.StackStatusUpdateComplete):
		return nil
	case StackStatus(types.StackStatusUpdateRollbackComplete):
		return rolledBack(op, rollouts, image)
	}
	failed := rolledBack(op, rollouts, image)
	state := &StackStateError{Stack: op.stackName, Status: op.status, Reason: firstNonEmpty(failed.Reason, op.reason)}
	var known *StackStateError
	if errors.As(checkUpdatable(op.stackName, op.status, ""), &known) {
		state.Advice = known.Advice
	} else {
		state.Advice = "it was expected to be UPDATE_COMPLETE; see its events"
	}
	if len(failed.Tasks) > 0 {
		state.Reason += "; last stopped task " + failed.Tasks[len(failed.Tasks)-1].String()
	}
	return state
}

// rolledBack gathers what is known about a failed rollout.
func rolledBack(op *operation, rollouts []*rollout, image string) *RolledBackError {
	e := &RolledBackError{
		Stack: op.stackName, StackStatus: op.status, Image: image,
		Reason: firstNonEmpty(op.reason, op.trouble), Advice: "it is as it was before; put that right, then try again",
	}
	if op.status == StackStatus(types.StackStatusRollbackComplete) {
		e.Advice = "put that right, delete the stack (aws cloudformation delete-stack --stack-name " + op.stackName + "), then create it anew"
	}
	resource, elsewhere := "", false
	switch {
	case op.cancelled != "":
		e.Reason = "the update was cancelled: " + op.cancelled
		if e.Interrupted = op.cancelled == whyInterrupted; e.Interrupted {
			e.Advice = "it is as it was before"
		}
	case op.trouble == userInitiated && op.status == StackStatus(types.StackStatusUpdateRollbackComplete):
		e.Reason, elsewhere = "the update was cancelled, and not by this run", true
		if !inVain(op, rollouts) { // else that may be why
			e.Interrupted, e.Advice = true, "it is as it was before"
		}
	case op.failure != nil:
		resource = aws.ToString(op.failure.LogicalResourceId)
		e.Reason = aws.ToString(op.failure.ResourceStatusReason)
	}
	i := slices.IndexFunc(rollouts, func(r *rollout) bool { return r.service.resource == resource })
	if i < 0 {
		i = slices.IndexFunc(rollouts, func(r *rollout) bool { return len(r.failures) > 0 })
	}
	if i >= 0 {
		r := rollouts[i]
		e.Cluster, e.Service = r.service.cluster, r.service.name
		e.Tasks, e.Targets = r.failures, r.sick
		if r.recorded != "" && op.cancelled == "" && !elsewhere {
			e.Reason = r.recorded + " (CloudFormation: " + e.Reason + ")"
		}
	} else if resource != "" && e.Reason != "" {
		e.Reason = resource + ": " + e.Reason
	}
	e.Reason = strings.TrimSpace(e.Reason)
	return e
}

func firstNonEmpty(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
