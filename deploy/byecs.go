package deploy

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// byECS rolls the image out behind CloudFormation's back: the services get a revision of
// the stack's task definition that has the image and nothing else new. The stack says
// from then on what does not run, which Status shows.
//
// A revision that is there already is taken, so that a rerun registers no second one, and
// a service that is on its way to it already is only watched.
func (r *run) byECS(ctx context.Context) ([]claim, error) {
	plan, err := r.planRevisions(ctx)
	if err != nil {
		return nil, err
	}
	idle := !slices.ContainsFunc(plan, func(p *revisionPlan) bool { return p.next == "" || p.next != p.running || !p.settled })
	if idle && r.req.NoResolve && !r.image.Pinned() {
		return nil, r.sameTag("ECS would see no change: it finds out once for each deployment what a tag names")
	}
	r.announceRevisions(ctx, plan)
	r.phases.enter(PhaseRollout)
	for _, p := range plan {
		if err := r.makeRevision(ctx, p, plan); err != nil {
			return nil, err
		}
	}
	rollouts := make([]*rollout, len(plan))
	for i, p := range plan {
		rollouts[i] = &rollout{service: p.service, next: p.next, origin: p.running, seen: make(map[string]bool)}
	}
	if err := r.moveServices(ctx, rollouts); err != nil || r.result.Started {
		return nil, err
	}
	r.result.AlreadyCurrent = idle
	claims, err := newClaims(rollouts, r.image)
	for _, p := range plan {
		if p.next != p.declared {
			r.result.Drift = append(r.result.Drift, fmt.Sprintf("%s: service %s runs %s, %s; the stack says %s, %s",
				p.service.resource, p.service.name, r.image, lastPart(p.next), r.t.image, lastPart(p.declared)))
		}
	}
	return claims, err
}

// revisionPlan is what is to become of a service.
type revisionPlan struct {
	service  serviceRef
	logical  string // id of the task definition
	fed      []int  // indexes of its containers that have the image
	declared string // ARN of the task definition that the stack says
	running  string // and of the one that the service works towards
	settled  bool   // whether it has come there
	next     string // and of the one with the image; empty until it is registered
	wanted   *ecs.RegisterTaskDefinitionInput
}

// planRevisions finds out for each service which task definition it is to have.
func (r *run) planRevisions(ctx context.Context) ([]*revisionPlan, error) {
	ctx, cancel := r.d.reading(ctx)
	defer cancel()
	t, name := r.t, r.t.stack.name()
	if len(t.services) == 0 {
		return nil, &InputError{
			Problem: fmt.Sprintf("no service of stack %s runs the image, so that ECS has nothing to update", name),
			Advice:  "change the stack itself (--strategy changeset); nothing was changed",
		}
	}
	services, err := r.d.describeServices(ctx, t.services)
	if err != nil {
		return nil, r.d.beforeChange(ctx, name, "reading the services of stack "+name, err)
	}
	t.described = services
	if err := r.checkReadable(ctx); err != nil {
		return nil, err
	}
	var plan []*revisionPlan
	for _, ref := range t.services {
		p := &revisionPlan{service: ref, running: taskDefinitionOf(services[ref.arn])}
		if dep := primary(services[ref.arn]); dep != nil {
			p.settled = dep.RolloutState == types.DeploymentRolloutStateCompleted
		}
		if err := r.planRevision(ctx, p); err != nil {
			return nil, r.d.beforeChange(ctx, name, "preparing the task definition of service "+ref.name, err)
		}
		plan = append(plan, p)
	}
	return plan, nil
}

// planRevision finds a revision that is exactly what is wanted: the stack's own, the one
// that the service runs, or the latest of the family.
func (r *run) planRevision(ctx context.Context, p *revisionPlan) error {
	var err error
	if p.logical, p.declared, err = r.t.declaredRevision(p.service, p.running); err != nil {
		return err
	}
	td, tags, err := r.d.readTaskDefinition(ctx, p.declared)
	if err != nil {
		return err
	}
	p.fed = r.t.reach.containers[p.logical]
	if p.wanted, err = withImage(td, tags, p.fed, r.image.String()); err != nil {
		return err
	}
	for _, candidate := range []string{p.declared, p.running, aws.ToString(td.Family)} {
		is, isTags, err := r.d.readTaskDefinition(ctx, candidate)
		if err != nil {
			return err
		}
		if candidate == p.running {
			r.result.PreviousImage = imageOf(is, p.fed)
		}
		if p.next == "" && is.Status == types.TaskDefinitionStatusActive && sameRegistration(registration(is, isTags), p.wanted) {
			p.next = aws.ToString(is.TaskDefinitionArn)
		}
	}
	return nil
}

// declaredRevision is the task definition that the stack says for a service, with its
// logical id. Where a condition of the template chooses among several, it is the one that
// the service runs.
func (t *target) declaredRevision(ref serviceRef, running string) (logical, arn string, err error) {
	ids := slices.DeleteFunc(slices.Clone(t.reach.services[ref.resource]), func(id string) bool { return t.physical[id] == "" })
	if i := slices.IndexFunc(ids, func(id string) bool { return t.physical[id] == running }); i >= 0 {
		return ids[i], running, nil
	}
	if len(ids) != 1 {
		return "", "", &InputError{
			Problem: fmt.Sprintf("the template names %d task definitions for service %s, and none of them is what it runs", len(ids), ref.name),
			Advice:  "change the stack itself (--strategy changeset)",
		}
	}
	return ids[0], t.physical[ids[0]], nil
}

// sameRegistration tells whether two revisions do the same. Of tags, only those that a
// person gave count.
func sameRegistration(a, b *ecs.RegisterTaskDefinitionInput) bool {
	tagsOf := func(in *ecs.RegisterTaskDefinitionInput) map[string]string {
		m := make(map[string]string, len(in.Tags))
		for _, t := range in.Tags {
			m[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
		return m
	}
	x, y := *a, *b
	x.Tags, y.Tags = nil, nil
	return reflect.DeepEqual(x, y) && reflect.DeepEqual(tagsOf(a), tagsOf(b))
}

// makeRevision registers the revision that a service is to have, unless there is one:
// services of one task definition share it.
func (r *run) makeRevision(ctx context.Context, p *revisionPlan, plan []*revisionPlan) error {
	if p.next != "" {
		return nil
	}
	made, err := r.d.register(ctx, p.wanted)
	if err != nil {
		return r.d.beforeChange(ctx, r.t.stack.name(), "registering a revision of task definition "+aws.ToString(p.wanted.Family), err)
	}
	for _, other := range plan {
		if other.declared == p.declared {
			other.next = made
		}
	}
	return nil
}

// registerAttempts is how often the SDK tries a call, by default.
const registerAttempts = 3

// register registers a revision and returns its ARN. The SDK is not let try again by
// itself: each attempt that was carried out without an answer would leave a revision.
func (d *Deployer) register(ctx context.Context, in *ecs.RegisterTaskDefinitionInput) (arn string, err error) {
	p := newPoller(d.clock, d.timeout)
	for attempt := 1; ; attempt++ {
		calling, cancel := outlasting(ctx)
		out, err := d.ecs.RegisterTaskDefinition(calling, in, func(o *ecs.Options) { o.Retryer = aws.NopRetryer{} })
		cancel()
		switch {
		case err == nil && out.TaskDefinition == nil:
			return "", errors.New("ECS tells nothing of it")
		case err == nil:
			return aws.ToString(out.TaskDefinition.TaskDefinitionArn), nil
		}
		newest, tags, readErr := d.readTaskDefinition(ctx, aws.ToString(in.Family))
		if readErr == nil && newest.Status == types.TaskDefinitionStatusActive && sameRegistration(registration(newest, tags), in) {
			return aws.ToString(newest.TaskDefinitionArn), nil
		}
		if attempt == registerAttempts || !passing(err) {
			return "", err
		}
		p.throttled()
		if inTime, sleepErr := p.wait(ctx); sleepErr != nil || !inTime {
			return "", err
		}
	}
}

// checkDrift refuses to deploy over what the stack does not know. An image that an
// earlier deploy by StrategyECS has put behind CloudFormation's back is no obstacle to the
// next one.
func (r *run) checkDrift(ctx context.Context) error {
	if r.req.Strategy != StrategyECS && !r.imageDriftAccepted {
		return r.d.checkForeignChanges(ctx, r.t)
	}
	services, err := r.d.describeServices(ctx, r.t.services)
	if err != nil {
		return r.d.beforeChange(ctx, r.t.stack.name(), "reading the services of stack "+r.t.stack.name(), err)
	}
	reasons, err := r.d.driftBeyondImage(ctx, r.t, services)
	switch {
	case err != nil:
		return r.d.beforeChange(ctx, r.t.stack.name(), "reading what stack "+r.t.stack.name()+" runs", err)
	case len(reasons) > 0:
		return drifted(r.t, reasons)
	}
	return nil
}

// driftBeyondImage are the foreign changes to a stack's services that are more than
// another image in the containers that the parameter feeds.
func (d *Deployer) driftBeyondImage(ctx context.Context, t *target, services map[string]types.Service) ([]Reason, error) {
	var beyond []Reason
	for _, reason := range foreignChanges(t, services) {
		if reason.Path != taskDefinitionPath {
			beyond = append(beyond, reason)
			continue
		}
		i := slices.IndexFunc(t.services, func(ref serviceRef) bool { return ref.resource == reason.Resource })
		ref := t.services[i]
		running := taskDefinitionOf(services[ref.arn])
		logical, declared, err := t.declaredRevision(ref, running)
		if err != nil {
			return nil, err
		}
		other, err := d.compareRevisions(ctx, declared, running, t.reach.containers[logical])
		if err != nil {
			return nil, err
		}
		if len(other) == 0 {
			continue
		}
		beyond = append(beyond, reason)
		for _, o := range other {
			beyond = append(beyond, Reason{
				Resource: logical, Path: "/Properties" + o.path, Before: show(o.before), After: show(o.after),
				Why: fmt.Sprintf("drift: the task definition that service %s runs differs in more than the image", ref.name),
			})
		}
	}
	return beyond, nil
}
