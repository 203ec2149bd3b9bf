package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/slipway-go/slipway/imageref"
)

// This file finds out from AWS how far the recreation of a stack has come, and what it
// cost.

// stepPrefix begins the token of a step of this recreation, whichever stack it is of. It
// goes by the image as it was asked for: what a tag names may change until a rerun.
func (r *run) stepPrefix(s step) string {
	parts := []string{"recreate", r.t.stack.name(), string(s), r.t.reach.parameter, r.req.Image, r.req.RoleARN}
	return operationPrefix + digestOf(parts...) + "-"
}

// stepToken is the token of the step that a recreation is at.
func (r *run) stepToken(c *recreation) string { return r.stepPrefix(c.step) + digestOf(c.old.id()) }

// readRecreation reads the stack as read does, unless an earlier run with the same request
// has deleted it, or is on its way: then it finds out where to go on.
func (r *run) readRecreation(ctx context.Context) error {
	reading, cancel := r.d.reading(ctx)
	defer cancel()
	name := r.req.Stack
	fault := func(err error) error { return r.d.beforeChange(reading, name, "reading stack "+name, err) }
	now, err := r.d.readStack(reading, name)
	if err != nil {
		return fault(err)
	}
	if now != nil {
		name = now.name()
		if now.updatable() == nil || now.updating() || now.status() == StackStatus(types.StackStatusReviewInProgress) {
			return r.read(ctx) // it is there
		}
	} else if parts := strings.Split(name, "/"); len(parts) == 3 { // an ARN
		name = parts[1]
	}
	old, deleted, err := r.findDeleted(reading, name)
	switch {
	case err != nil:
		return fault(err)
	case now != nil:
		return r.joinStep(reading, now, old)
	case old == nil:
		return r.d.missingStack(r.req.Stack)
	}
	c := &recreation{step: stepCreate, old: old}
	if deleted.id() != old.id() {
		c.step = stepRestore // what was created is gone again
	}
	r.recreation = c
	r.found(r.t)
	return r.resolveAgain(reading)
}

// resolveAgain resolves the image for a recreation that has begun.
func (r *run) resolveAgain(ctx context.Context) error {
	err := r.resolve(ctx)
	r.result.Image = r.image.String()
	return err
}

// joinStep goes on with the step of ours that a stack is in, or has come out of.
func (r *run) joinStep(ctx context.Context, now, old *stack) error {
	deleting := now.status() == StackStatus(types.StackStatusDeleteInProgress)
	if deleting && old == nil {
		if err := r.readOld(ctx, now); err != nil {
			return err
		}
		old = now
	}
	state := now.updatable()
	if old == nil {
		return state
	}
	token, err := r.d.lastToken(ctx, now)
	if err != nil {
		return r.d.beforeChange(ctx, now.name(), "reading the events of stack "+now.name(), err)
	}
	for _, s := range []step{stepDelete, stepCreate, stepUndo, stepRestore} {
		if !strings.HasPrefix(token, r.stepPrefix(s)) {
			continue
		}
		op := r.operation(token)
		op.stackID = now.id()
		r.recreation = &recreation{step: s, op: op, old: old}
		r.found(r.t)
		if s == stepDelete {
			return r.resolveAgain(ctx)
		}
		return r.takeImage(now)
	}
	return state
}

// takeImage makes the image that a stack is being created with, or was, the run's.
func (r *run) takeImage(created *stack) error {
	image, _ := created.parameter(r.t.reach.parameter)
	if r.recreation.step != stepCreate || image == "" {
		return nil
	}
	ref, err := imageref.Parse(image)
	if err != nil {
		return &InputError{Problem: fmt.Sprintf("parameter %s of stack %s: %v", r.t.reach.parameter, created.name(), err), Err: err}
	}
	r.image, r.result.Image = ref, image
	return nil
}

// findDeleted finds the newest stack of a name that a step of this recreation has deleted
// in the first place, and the newest of all that it has deleted; nil when there is none.
// CloudFormation remembers deleted stacks for 90 days.
func (r *run) findDeleted(ctx context.Context, name string) (old, newest *stack, err error) {
	var ids []types.StackSummary
	pages := cloudformation.NewListStacksPaginator(r.d.cfn, &cloudformation.ListStacksInput{StackStatusFilter: []types.StackStatus{types.StackStatusDeleteComplete}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, nil, err
		}
		for _, s := range page.StackSummaries {
			if aws.ToString(s.StackName) == name {
				ids = append(ids, s)
			}
		}
	}
	slices.SortFunc(ids, func(a, b types.StackSummary) int {
		return aws.ToTime(b.DeletionTime).Compare(aws.ToTime(a.DeletionTime))
	})
	for _, summary := range ids {
		out, err := r.d.cfn.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: summary.StackId})
		if err != nil {
			return nil, nil, err
		}
		if len(out.Stacks) == 0 {
			return nil, nil, nil
		}
		s := &stack{out.Stacks[0]}
		if err := r.readOld(ctx, s); err != nil {
			return nil, nil, nil //nolint:nilerr // a stack of another kind bore the name
		}
		token, err := r.d.lastToken(ctx, s)
		if err != nil {
			return nil, nil, err
		}
		undone := strings.HasPrefix(token, r.stepPrefix(stepUndo))
		if !undone && !strings.HasPrefix(token, r.stepPrefix(stepDelete)) {
			return nil, nil, nil // somebody else has deleted it
		}
		if newest == nil {
			newest = s
		}
		if !undone {
			return s, newest, nil
		}
	}
	return nil, nil, nil
}

// readOld makes a stack that is deleted, or being deleted, what the run is about.
func (r *run) readOld(ctx context.Context, s *stack) error {
	template, _, err := r.d.readTemplate(ctx, s)
	if err != nil {
		return err
	}
	t := &target{stack: s, template: template}
	if t.reach, err = findReach(template, s.name(), r.req.ImageParameter); err != nil {
		return err
	}
	t.image, _ = s.parameter(t.reach.parameter)
	if t.physical, err = r.d.resources(ctx, s); err != nil {
		return err
	}
	r.t = t
	r.result = &Result{
		Stack: s.name(), Place: s.place(), Parameter: t.reach.parameter, Requested: r.req.Image,
		Image: r.image.String(), PreviousImage: t.image, Resumed: true,
	}
	return nil
}

// lastToken is the token of the last operation on a stack that began with an event of its
// own; empty when it bears none.
func (d *Deployer) lastToken(ctx context.Context, s *stack) (string, error) {
	last, err := d.lastBeginning(ctx, s)
	if err != nil || last == nil {
		return "", err
	}
	return aws.ToString(last.ClientRequestToken), nil
}

// lastBeginning is the event by which the last operation on a stack began: a rollback is
// none. It is nil when there is none.
func (d *Deployer) lastBeginning(ctx context.Context, s *stack) (*types.StackEvent, error) {
	own := &operation{stackID: s.id()}
	pages := cloudformation.NewDescribeStackEventsPaginator(d.cfn, &cloudformation.DescribeStackEventsInput{StackName: s.StackId})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for i := range page.StackEvents {
			if own.isBeginning(&page.StackEvents[i]) {
				return &page.StackEvents[i], nil
			}
		}
	}
	return nil, nil
}

// Outage is a time without a service.
//
// It is measured by CloudFormation's events: from when it began to delete the first
// service, and ECS took the tasks from their load balancer, until it was through with the
// creation of the last one, whose tasks are all healthy then. So it is never too short.
// Without a load balancer, the last old task may have worked for its stop timeout longer,
// and the first new one sooner.
type Outage struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Duration is how long the outage was.
func (o Outage) Duration() time.Duration { return o.To.Sub(o.From) }

// MarshalJSON adds the duration in seconds.
func (o Outage) MarshalJSON() ([]byte, error) {
	type plain Outage
	return json.Marshal(struct {
		plain
		Seconds float64 `json:"seconds"`
	}{plain(o), o.Duration().Seconds()})
}

// outage measures what a recreation cost; nil where the stack has no service.
func (d *Deployer) outage(ctx context.Context, c *recreation, deletion string) (*Outage, error) {
	o := &Outage{}
	before, err := d.newEvents(ctx, &operation{stackID: c.old.id(), stackName: c.old.name(), token: deletion + digestOf(c.old.id())})
	if err != nil {
		return nil, err
	}
	for _, e := range before {
		if aws.ToString(e.ResourceType) == typeService && e.ResourceStatus == types.ResourceStatusDeleteInProgress &&
			(o.From.IsZero() || e.Timestamp.Before(o.From)) {
			o.From = *e.Timestamp
		}
	}
	after, err := d.newEvents(ctx, &operation{stackID: c.op.stackID, stackName: c.op.stackName, token: c.op.token})
	if err != nil {
		return nil, err
	}
	for _, e := range after {
		if aws.ToString(e.ResourceType) == typeService && e.ResourceStatus == types.ResourceStatusCreateComplete && e.Timestamp.After(o.To) {
			o.To = *e.Timestamp
		}
	}
	if o.From.IsZero() || o.To.IsZero() {
		return nil, nil
	}
	return o, nil
}
