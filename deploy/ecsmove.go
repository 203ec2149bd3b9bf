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
		switch {
		case err == nil:
			continue
		case i == 0:
			return d.beforeChange(ctx, name, "updating service "+one.service.name, err)
		}
		why := fmt.Sprintf("updating service %s: %v", one.service.name, err)
		if err := r.moveBack(ctx, rollouts[:i], why); err != nil {
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

// moveService has ECS move one service, unless it is on its way already. Deployments of
// the same task definition that were there before are none of ours.
func (d *Deployer) moveService(ctx context.Context, r *rollout) error {
	r.moving = true
	if r.origin == r.next {
		return d.findOrigin(ctx, r)
	}
	earlier, err := d.serviceDeployments(ctx, r.service)
	if err != nil {
		return err
	}
	for _, b := range earlier {
		r.earlier = append(r.earlier, aws.ToString(b.ServiceDeploymentArn))
	}
	_, err = d.ecs.UpdateService(ctx, &ecs.UpdateServiceInput{
		Cluster: aws.String(r.service.cluster), Service: aws.String(r.service.arn), TaskDefinition: &r.next,
	})
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
	var back []*rollout
	told := false
	for _, one := range rollouts {
		switch now := taskDefinitionOf(services[one.service.arn]); {
		case one.origin == "" || one.origin == one.next:
			return fail(errors.New("it is not known what it ran before"))
		case now == one.origin && one.undone:
			continue // the circuit breaker has brought it back
		}
		if !told {
			d.observe(Reverting{at: at{d.clock.Now()}, Stack: name, Image: r.result.PreviousImage, Why: why})
			told = true
		}
		restored := &rollout{service: one.service, next: one.origin, origin: one.next, seen: make(map[string]bool)}
		if err := d.moveService(ctx, restored); err != nil {
			return fail(err)
		}
		one.undone = true
		back = append(back, restored)
	}
	if len(back) == 0 {
		return nil
	}
	failed, err := d.watchServices(ctx, name, back, -1)
	if failed != nil {
		return r.stuckServices(r.t.stack.status(), why, failed)
	}
	return err
}
