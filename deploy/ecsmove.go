package deploy

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// moveServices has ECS move services to their next task definitions and sees that to its
// end, unless nobody is to wait for it. Where it fails, all of them go back to what they
// ran before: by ECS's circuit breaker, or by another update.
func (r *run) moveServices(ctx context.Context, rollouts []*rollout) error {
	d, name := r.d, r.t.stack.name()
	for i, one := range rollouts {
		err := d.moveService(ctx, one)
		if err == nil {
			continue
		}
		doing := "updating service " + one.service.name
		back := func(ctx context.Context, why string) error { return r.moveBack(ctx, rollouts[:i], why) }
		var unsent *notMovedError
		switch {
		case !errors.As(err, &unsent) && unanswered(err):
			left := leftUnknown(ctx, name, doing, err)
			left.Advice += ", and start the same again, which goes on from there"
			return left
		case i == 0:
			return d.beforeChange(ctx, name, doing, err)
		case ctx.Err() != nil:
			return r.seeServices(ctx, rollouts[:i], back)
		}
		why := fmt.Sprintf("%s: %v", doing, err)
		if err := back(ctx, why); err != nil {
			return err
		}
		return r.putBack(rollouts, nil, why)
	}
	if r.req.NoWait {
		r.result.Started = true
		return nil
	}
	return r.seeServices(ctx, rollouts, func(ctx context.Context, why string) error {
		return r.moveBack(ctx, rollouts, why)
	})
}

// notMovedError is why a service was not asked to move.
type notMovedError struct {
	err error
}

func (e *notMovedError) Error() string { return e.err.Error() }
func (e *notMovedError) Unwrap() error { return e.err }

// moveService has ECS move one service, unless it is on its way already. Deployments of
// the same task definition that were there before are none of ours.
func (d *Deployer) moveService(ctx context.Context, r *rollout) error {
	r.moving = true
	if r.origin == r.next {
		if err := d.findOrigin(ctx, r); err != nil {
			return &notMovedError{err}
		}
		return nil
	}
	earlier, err := d.serviceDeployments(ctx, r.service)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return &notMovedError{err}
	}
	for _, b := range earlier {
		r.earlier = append(r.earlier, aws.ToString(b.ServiceDeploymentArn))
	}
	calling, cancel := outlasting(ctx)
	defer cancel()
	_, err = d.ecs.UpdateService(calling, &ecs.UpdateServiceInput{
		Cluster: aws.String(r.service.cluster), Service: aws.String(r.service.arn), TaskDefinition: &r.next,
	})
	if err == nil {
		return nil
	}
	reading, cancel := outlasting(ctx)
	defer cancel()
	services, readErr := d.describeServices(reading, []serviceRef{r.service})
	if s, ok := services[r.service.arn]; readErr == nil && ok && taskDefinitionOf(s) == r.next {
		return nil // it was carried out
	}
	return err
}

// findOrigin finds out from which task definition a service is on its way that an earlier
// run has moved.
func (d *Deployer) findOrigin(ctx context.Context, r *rollout) error {
	brief, err := d.deploymentOf(ctx, r.service, r.next, nil)
	if err != nil || brief == nil {
		return err
	}
	r.serviceDeployment = aws.ToString(brief.ServiceDeploymentArn)
	dep, err := d.describeDeployment(ctx, r.serviceDeployment)
	if err != nil || dep == nil {
		return err
	}
	for _, source := range dep.SourceServiceRevisions {
		revisions, err := d.ecs.DescribeServiceRevisions(ctx, &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: []string{aws.ToString(source.Arn)}})
		if err != nil {
			return err
		}
		for _, revision := range revisions.ServiceRevisions {
			r.origin = aws.ToString(revision.TaskDefinition)
		}
	}
	return nil
}

// moveBack brings services back to the task definitions that they had before, those that
// ECS has not brought back itself.
func (r *run) moveBack(ctx context.Context, rollouts []*rollout, why string) error {
	d, name := r.d, r.t.stack.name()
	refs := make([]serviceRef, len(rollouts))
	for i, one := range rollouts {
		refs[i] = one.service
	}
	fail := func(err error) error {
		if ctx.Err() != nil {
			return &InterruptedError{Stack: name, Left: true, Err: context.Cause(ctx), Advice: "see what runs with: slipway status " + name}
		}
		return r.stuckServices(r.t.stack.status(), why, &setback{rollout: rollouts[0], reason: err.Error()})
	}
	services, err := d.describeServices(ctx, refs)
	if err != nil {
		return fail(err)
	}
	overtaker, err := d.serviceOvertaker(ctx, rollouts, services)
	switch {
	case err != nil:
		return fail(err)
	case overtaker != "":
		return r.overtakenBy(ctx, overtaker)
	}
	var back []*rollout
	for _, one := range rollouts {
		if one.undone && taskDefinitionOf(services[one.service.arn]) != one.next {
			continue // the circuit breaker has brought it back
		}
		if one.origin == "" || one.origin == one.next {
			return fail(errors.New("it is not known what it ran before"))
		}
		back = append(back, &rollout{service: one.service, next: one.origin, origin: one.next, seen: make(map[string]bool)})
	}
	if len(back) > 0 {
		d.observe(Reverting{at: at{d.clock.Now()}, Stack: name, Image: r.result.PreviousImage, Why: why})
	}
	for _, one := range back {
		if err := d.moveService(ctx, one); err != nil {
			return fail(err)
		}
	}
	for _, one := range rollouts {
		one.undone = true
	}
	if len(back) == 0 {
		return nil
	}
	failed, err := d.watchServices(ctx, name, back, -1)
	return r.notBack(ctx, r.t.stack.status(), why, failed, err)
}
