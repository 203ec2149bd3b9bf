package deploy

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// ownOperation finds the operation that an earlier run with the same request has begun on
// a stack that is busy; nil when it is another one that keeps the stack busy. It is known
// by its token, which tells what is made of the stack (see aimID). The gate has judged it
// before it began.
func (r *run) ownOperation(ctx context.Context) (*operation, error) {
	token, err := r.d.runningToken(ctx, r.t.stack)
	if err != nil {
		return nil, r.d.beforeChange(ctx, r.t.stack.name(), "reading the events of stack "+r.t.stack.name(), err)
	}
	if !r.owns(token) {
		return nil, nil
	}
	return r.operation(token), nil
}

// runningToken is the token of the update that a stack is in; empty when it bears none,
// or no update is under way.
func (d *Deployer) runningToken(ctx context.Context, s *stack) (string, error) {
	if !s.updating() {
		return "", nil
	}
	return d.lastToken(ctx, s)
}

// resume sees the operation of an earlier run to its end.
func (r *run) resume(ctx context.Context) ([]claim, error) {
	r.result.Resumed, r.result.PreviousImage = true, ""
	r.d.observe(Resuming{at: at{r.d.clock.Now()}, Stack: r.t.stack.name(), Operation: r.running.token})
	r.phases.enter(PhaseRollout)
	// The stack may have the new task definitions already.
	rollouts := unknownBefore(r.t.rollouts())
	claims, err := r.follow(ctx, r.running, rollouts)
	if err != nil || r.result.Started {
		return nil, err
	}
	r.result.PreviousImage = r.previousImage(ctx, rollouts)
	return claims, nil
}

// previousImage is the image that ran before a rollout, by the task definition that ECS
// replaced; empty when that was not seen or cannot be read, since nothing depends on it.
func (r *run) previousImage(ctx context.Context, rollouts []*rollout) string {
	for _, one := range rollouts {
		if one.former == "" {
			continue
		}
		out, err := r.d.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &one.former})
		if err != nil || out.TaskDefinition == nil {
			continue
		}
		for _, id := range sortedKeys(one.old) {
			for _, i := range r.t.reach.containers[id] {
				if containers := out.TaskDefinition.ContainerDefinitions; i < len(containers) {
					return aws.ToString(containers[i].Image)
				}
			}
		}
	}
	return ""
}

// patiently does something, and again from the beginning whenever another operation was in
// the way and has ended.
func (r *run) patiently(ctx context.Context, do func(context.Context) error) error {
	for {
		err := do(ctx)
		var state *StackStateError
		if err == nil || !errors.As(err, &state) || !state.busy {
			return err
		}
		if err := r.awaitIdle(ctx, state); err != nil {
			return err
		}
	}
}

// awaitIdle waits until the stack, which busy tells of, can be worked on, as long as
// Request.WaitForStack allows in all. It returns busy when it does not.
func (r *run) awaitIdle(ctx context.Context, busy *StackStateError) error {
	if r.req.WaitForStack <= 0 {
		return busy
	}
	r.phases.enter(PhaseWait)
	if r.since.IsZero() {
		r.since = r.d.clock.Now()
	}
	p := newPoller(r.d.clock, r.req.WaitForStack-r.d.clock.Now().Sub(r.since))
	r.d.observe(Waiting{at: at{r.d.clock.Now()}, Stack: busy.Stack, Status: busy.Status})
	for {
		inTime, err := p.wait(ctx)
		switch {
		case err != nil:
			return &InterruptedError{Stack: busy.Stack, Err: context.Cause(ctx), During: "waiting for another operation on stack " + busy.Stack,
				Advice: "nothing was changed"}
		case !inTime:
			late := *busy
			late.Reason = fmt.Sprintf("another operation is still under way after %s", r.req.WaitForStack)
			late.Advice = "wait longer (--wait-for-stack), or look what keeps it: slipway status " + busy.Stack
			return &late
		}
		now, err := r.d.readStack(ctx, busy.Stack)
		switch {
		case err != nil && passing(err):
			if isThrottle(err) {
				p.throttled()
			}
			continue
		case err != nil:
			return r.d.beforeChange(ctx, busy.Stack, "reading stack "+busy.Stack, err)
		case now == nil:
			return r.d.missingStack(busy.Stack)
		}
		p.answered()
		busy.Status = now.status()
		if !now.status().InProgress() {
			return nil
		}
	}
}
