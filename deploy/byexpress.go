package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"

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
	} else if err := r.compareAfter(ctx, op); err != nil {
		return nil, err
	}
	for _, one := range rollouts {
		one.moving, one.done, one.ended = true, false, false // CloudFormation is, ECS is not
	}
	err = r.seeServices(ctx, rollouts, func(ctx context.Context, why string) error {
		return r.compensate(ctx, rollouts, why)
	})
	return claims, err
}

// compensate puts the former image back into the stack, in the way in which the new one
// came, and waits until the services run it.
func (r *run) compensate(ctx context.Context, rollouts []*rollout, why string) error {
	d, name, former := r.d, r.t.stack.name(), r.result.PreviousImage
	unknown := &StackStateError{
		Stack: name, Status: updateComplete, Reason: why + "; the stack says that " + r.image.String() + " runs",
		Advice: "let the stack say what runs with: slipway reconcile " + name + " --to running",
	}
	ref, err := imageref.Parse(former)
	if err != nil {
		return unknown // the task definition that ran before cannot be read any more
	}
	now, err := d.readTarget(ctx, r.t.stack.id(), r.t.reach.parameter)
	if err != nil {
		unknown.Reason += "; putting " + former + " back: " + err.Error()
		return unknown
	}
	d.observe(Reverting{at: at{d.clock.Now()}, Stack: name, Image: former, Why: why})
	back := &run{d: d, req: r.req, image: ref, phases: r.phases, t: now, result: &Result{PreviousImage: r.image.String()}}
	back.req.NoWait = false
	op := back.operation(operationID(now.stack, append(back.aim(), "instead of "+r.image.String())...))
	in, err := updateStackInput(now, op.token, former)
	if err != nil {
		return err
	}
	in.DisableRollback, in.DeploymentConfig = nil, expressly()
	if now.image != former {
		if err := back.startUpdate(ctx, in, op); err != nil {
			unknown.Reason += "; putting " + former + " back: " + err.Error()
			return unknown
		}
		restored := unknownBefore(now.rollouts())
		if _, err := back.see(ctx, op, restored); err != nil {
			return err
		}
		for _, one := range restored {
			one.moving, one.done, one.ended = true, false, false
		}
		failed, err := d.watchServices(ctx, name, restored, -1)
		switch {
		case err != nil:
			return err
		case failed != nil:
			return r.stuckServices(op.status, why, failed)
		}
	}
	r.t.stack = now.stack
	for _, one := range rollouts {
		one.undone = true
	}
	return nil
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
	token, err := r.d.lastBeginning(ctx, s)
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

// owns tells whether an operation was begun by an earlier run with the same request.
func (r *run) owns(token string) bool {
	return strings.HasPrefix(token, operationPrefix+aimID(r.t.stack, r.aim()...)+"-")
}
