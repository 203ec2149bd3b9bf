package deploy

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/slipway-go/slipway/imageref"
)

// expressly makes CloudFormation return once the services are told what to run. Rollback
// is off by default in this mode, and a replaced task definition cannot do without.
func expressly() *types.DeploymentConfig {
	return &types.DeploymentConfig{Mode: types.DeploymentConfigModeExpress, DisableRollback: aws.Bool(false)}
}

// byExpress updates the stack as byUpdate does, but in EXPRESS mode, and then watches ECS
// itself. Where ECS fails, the stack says what does not run: a second update puts the
// former image back.
//
// The state between the two is that of the stack: it has the image, was updated in
// EXPRESS mode by our token, and ECS is at work or has rolled back. By that a rerun knows
// where it stands (see leftByExpress).
func (r *run) byExpress(ctx context.Context) ([]claim, error) {
	in, op, err := r.guardedUpdate(ctx)
	if err != nil {
		return nil, err
	}
	in.DisableRollback, in.DeploymentConfig = nil, expressly()
	r.phases.enter(PhaseRollout)
	if err := r.startUpdate(ctx, in, op); err != nil {
		return nil, err
	}
	return r.express(ctx, op, r.t.rollouts())
}

// resumeExpress sees a deploy to its end that an earlier run has begun in EXPRESS mode.
func (r *run) resumeExpress(ctx context.Context) ([]claim, error) {
	r.result.Resumed, r.result.PreviousImage = true, ""
	r.d.observe(Resuming{at: at{r.d.clock.Now()}, Stack: r.t.stack.name(), Operation: r.running.token})
	r.phases.enter(PhaseRollout)
	return r.express(ctx, r.running, unknownBefore(r.t.rollouts()))
}

// unknownBefore makes the rollouts learn from the operation's events which task
// definitions ran before it: the stack may have the new ones already.
func unknownBefore(rollouts []*rollout) []*rollout {
	for _, one := range rollouts {
		for id := range one.old {
			one.old[id] = ""
		}
	}
	return rollouts
}

// express sees an operation in EXPRESS mode to its end, and then the services.
func (r *run) express(ctx context.Context, op *operation, rollouts []*rollout) ([]claim, error) {
	claims, err := r.follow(ctx, op, rollouts)
	if err != nil || r.result.Started {
		return nil, guarded(err, op)
	}
	if r.result.Resumed {
		for _, one := range rollouts {
			if err := r.d.findOrigin(ctx, one); err != nil {
				return nil, fmt.Errorf("reading what service %s ran before: %w", one.service.name, err)
			}
			one.former = one.origin
		}
		r.result.PreviousImage = r.previousImage(ctx, rollouts)
	} else if err := r.compareAfter(ctx, op); err != nil && ctx.Err() == nil {
		return nil, err // else it is asked first what is to become of it
	}
	for _, one := range rollouts {
		one.moving, one.done, one.ended = true, false, false // CloudFormation is, ECS is not
	}
	err = r.seeServices(ctx, rollouts, func(ctx context.Context, why string) error {
		return r.compensate(ctx, op, rollouts, why)
	})
	return claims, err
}

// compensate puts the former image back into the stack, in the way in which the new one
// came, and waits until the services run it. It does so only while nobody else has begun
// anything since op, by which the new image came.
func (r *run) compensate(ctx context.Context, op *operation, rollouts []*rollout, why string) error {
	d, name, former := r.d, r.t.stack.name(), r.result.PreviousImage
	unknown := func(status StackStatus, and string) error {
		return &StackStateError{
			Stack: name, Status: status, Reason: why + "; the stack says that " + r.image.String() + " runs" + and,
			Advice: "let the stack say what runs with: slipway reconcile " + name + " --to running",
		}
	}
	failed := func(status StackStatus, err error) error {
		var left *InterruptedError
		if errors.As(err, &left) {
			return err
		}
		return unknown(status, "; putting "+former+" back: "+inShort(err))
	}
	now, err := d.readTarget(ctx, r.t.stack.id(), r.t.reach.parameter)
	if err != nil {
		return failed(r.t.stack.status(), err)
	}
	overtaker, err := r.expressOvertaker(ctx, now, op, rollouts)
	switch {
	case err != nil:
		return failed(now.stack.status(), err)
	case overtaker != "":
		return r.overtakenBy(ctx, overtaker)
	}
	ref, err := imageref.Parse(former)
	if err != nil {
		return unknown(now.stack.status(), "") // the task definition that ran before cannot be read any more
	}
	d.observe(Reverting{at: at{d.clock.Now()}, Stack: name, Image: former, Why: why})
	back := &run{d: d, req: r.req, image: ref, phases: r.phases, t: now, result: &Result{PreviousImage: r.image.String()}}
	undo := back.operation(operationID(now.stack, append(back.aim(), "instead of "+r.image.String())...))
	undo.maxFailedTasks = -1 // cancelling it would bring the bad image back
	in, err := updateStackInput(now, undo.token, former)
	if err != nil {
		return failed(now.stack.status(), err)
	}
	in.DisableRollback, in.DeploymentConfig = nil, expressly()
	if err := back.startUpdate(ctx, in, undo); err != nil {
		var state *StackStateError
		if errors.As(err, &state) && state.busy {
			return r.overtakenBy(ctx, "another operation on the stack has just begun")
		}
		return failed(now.stack.status(), err)
	}
	restored := unknownBefore(now.rollouts())
	if err := d.watch(ctx, undo, restored); err != nil {
		return err
	}
	if undo.status.InProgress() {
		return r.overtakenBy(ctx, "another operation on the stack took the place of the one that was to put "+former+" back")
	}
	err = rolloutOutcome(undo, restored, former)
	if err == nil {
		_, err = newClaims(restored, ref)
	}
	if err != nil {
		return failed(undo.status, err)
	}
	for _, one := range restored {
		one.moving, one.done, one.ended = true, false, false
	}
	again, err := d.watchServices(ctx, name, restored, -1)
	if err := r.notBack(ctx, undo.status, why, again, err); err != nil {
		return err
	}
	r.t.stack = now.stack
	for _, one := range rollouts {
		one.undone = true
	}
	return nil
}

// expressOvertaker tells what somebody else has done to the stack, as it is now, or its
// services since an operation in EXPRESS mode began; empty when it is nothing.
func (r *run) expressOvertaker(ctx context.Context, now *target, op *operation, rollouts []*rollout) (string, error) {
	what, err := r.d.stackOvertaker(ctx, now.stack, op.token, r.t.reach.parameter)
	if err != nil || what != "" {
		return what, err
	}
	services, err := r.d.describeServices(ctx, r.t.services)
	if err != nil {
		return "", err
	}
	return r.d.serviceOvertaker(ctx, rollouts, services)
}

// inShort is an error without the next step that it advises, which is not the one to take.
func inShort(err error) string {
	var rolledBack *RolledBackError
	if errors.As(err, &rolledBack) {
		return rolledBack.Summary()
	}
	return err.Error()
}

// leftByExpress looks whether what a run is refused for is what an earlier run with the
// same request has left: a stack that has the image, updated by its token in EXPRESS mode,
// and services that ECS is still busy with, or has rolled back. If so, that is gone on
// with.
func (r *run) leftByExpress(ctx context.Context, refusal error) error {
	var refused *RefusedError
	s := r.t.stack
	if !errors.As(refusal, &refused) || r.req.Strategy != StrategyExpress || r.t.image != r.image.String() ||
		s.DeploymentConfig == nil || s.DeploymentConfig.Mode != types.DeploymentConfigModeExpress {
		return refusal
	}
	token, err := r.d.lastToken(ctx, s)
	if err != nil {
		return r.d.beforeChange(ctx, s.name(), "reading the events of stack "+s.name(), err)
	}
	if !r.owns(token) {
		return refusal
	}
	for _, c := range r.t.claims(r.image) {
		brief, err := r.d.deploymentOf(ctx, c.service, c.taskDefinition, nil)
		switch {
		case err != nil:
			return r.d.beforeChange(ctx, s.name(), "reading the services of stack "+s.name(), err)
		case brief == nil || brief.Status == ecstypes.ServiceDeploymentStatusSuccessful && !r.result.AlreadyCurrent:
			return refusal // it ended well, and what is wrong now came later
		}
	}
	r.running, r.result.AlreadyCurrent = r.operation(token), false
	return nil
}
