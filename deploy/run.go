package deploy

import (
	"context"
	"errors"
	"fmt"

	"github.com/slipway-go/slipway/imageref"
)

// run is one deploy on its way.
type run struct {
	d      *Deployer
	req    Request
	image  imageref.Ref // what the image parameter is to hold
	phases *phases

	t      *target // from read on
	result *Result // likewise
}

// newRun checks what needs no AWS to be seen as wrong.
func (d *Deployer) newRun(req Request) (*run, error) {
	image, err := imageref.Parse(req.Image)
	if err != nil {
		return nil, &InputError{Problem: err.Error(), Advice: "nothing was changed", Err: err}
	}
	if err := req.validate(); err != nil {
		return nil, err
	}
	return &run{d: d, req: req, image: image, phases: &phases{d: d, stack: req.Stack}}, nil
}

// read reads the stack and what it runs, and finds out whether there is anything to do.
func (r *run) read(ctx context.Context) error {
	reading, cancel := r.d.reading(ctx)
	defer cancel()
	t, err := r.d.readTarget(reading, r.req.Stack, r.req.ImageParameter)
	if err != nil {
		return err
	}
	r.t = t
	r.result = &Result{Stack: t.stack.name(), Parameter: t.reach.parameter, Image: r.image.String(), PreviousImage: t.image}
	if err := r.d.checkForeignChanges(reading, t); err != nil {
		return err
	}
	if t.image != r.image.String() {
		return nil
	}
	r.result.AlreadyCurrent = true
	r.result.Services, err = r.d.confirmCurrent(reading, t, r.image)
	return err
}

// byChangeSet rolls the image out with a change set that the gate has accepted.
func (r *run) byChangeSet(ctx context.Context) ([]claim, error) {
	d, t := r.d, r.t
	r.phases.enter(PhaseChangeSet)
	parts := []string{t.reach.parameter, r.image.String()}
	if r.req.RoleARN != "" {
		parts = append(parts, r.req.RoleARN)
	}
	cs := &changeSet{name: operationID(t.stack, parts...), stack: t.stack}
	in := createChangeSetInput(t.stack, cs.name, t.reach.parameter, r.image.String(), t.resend)
	if r.req.RoleARN != "" {
		in.RoleARN = &r.req.RoleARN
	}
	err := d.prepare(ctx, cs, in, func() (err error) {
		r.result.Changes, err = d.review(ctx, t, cs, r.image.String())
		return err
	})
	if err != nil {
		return nil, err
	}
	d.observe(ChangesAccepted{at: at{d.clock.Now()}, Stack: t.stack.name(), ChangeSet: cs.name, Changes: r.result.Changes})

	r.phases.enter(PhaseRollout)
	op := &operation{stackID: t.stack.id(), stackName: t.stack.name(), token: cs.name}
	if err := d.execute(ctx, cs, op); err != nil {
		return nil, err
	}
	return r.see(ctx, op)
}

// see watches the stack operation that rolls the image out to its end. It returns what
// the services should run when the stack is updated, and an error when it is not.
func (r *run) see(ctx context.Context, op *operation) ([]claim, error) {
	rollouts := r.t.rollouts()
	err := r.d.watch(ctx, op, rollouts)
	if left := (*InterruptedError)(nil); errors.As(err, &left) {
		err = r.d.interrupted(ctx, op, rollouts, left)
	}
	if err != nil {
		return nil, err
	}
	if err := rolloutOutcome(op, rollouts, r.image.String()); err != nil {
		return nil, err
	}
	return newClaims(rollouts, r.image)
}

// verify proves that the services run what they should.
func (r *run) verify(ctx context.Context, claims []claim) (err error) {
	name := r.t.stack.name()
	r.result.Services, err = r.d.verify(ctx, name, claims)
	if ctx.Err() != nil {
		return &InterruptedError{Stack: name, Err: context.Cause(ctx),
			During: fmt.Sprintf("proving what runs: stack %s is updated", name),
			Advice: "see what runs with: slipway status " + name}
	}
	return err
}
