package deploy

import (
	"context"
	"crypto/rand"
	"errors"
)

// Plan is what a deploy would do.
type Plan struct {
	Stack string `json:"stack"`
	Place
	Parameter     string `json:"parameter"`
	Requested     string `json:"requested"` // the image as the request names it: "shop:latest"
	Image         string `json:"image"`     // what the parameter is to become: "shop:latest@sha256:..."
	PreviousImage string `json:"previousImage"`

	// AlreadyCurrent tells that the image runs already, so that a deploy would do nothing.
	// Then PreviousImage is what the parameter has: the same image, perhaps by another tag.
	AlreadyCurrent bool `json:"alreadyCurrent"`

	// Changes are all attributes that the change set would change, sorted by resource and
	// path, whether they are accepted or not. None where the deploy would be refused
	// before a change set is made, or do nothing.
	Changes []Change `json:"changes"`

	// Reasons are why a deploy would be refused, sorted by resource and path; none when
	// it would be accepted.
	Reasons []Reason `json:"reasons,omitempty"`
	// Advice is the next step after a refusal, where it is known.
	Advice string `json:"advice,omitempty"`

	// Predictions are what the rollouts would be like, one for each service that runs the
	// image; none when the deploy would be refused.
	Predictions []Prediction `json:"predictions,omitempty"`
}

// Refused tells whether a deploy would be refused.
func (p *Plan) Refused() bool { return len(p.Reasons) > 0 }

// Plan tells what Deploy would do with the same request, and changes nothing: it makes
// the change set, has it judged, and deletes it, also when ctx ends meanwhile. The change
// set is its own, so that a deploy at the same time is not disturbed. A deploy that would
// be refused is no error, but a plan with Reasons.
//
// It plans for [StrategyChangeSet], whatever strategy the request names: the other ones
// change the same, if they can be carried out. Request.WaitForStack and Request.NoWait
// mean nothing here: a stack that is being updated cannot be planned for.
//
// Its errors are *InputError, *InterruptedError and *StackStateError; anything else is
// unexpected. It returns the plan beside an error where only deleting the change set has
// failed.
func (d *Deployer) Plan(ctx context.Context, req Request) (*Plan, error) {
	r, err := d.newRun(req)
	if err != nil {
		return nil, err
	}
	r.req.Strategy = StrategyChangeSet
	r.phases.enter(PhaseRead)
	err = r.read(ctx)
	if err == nil && r.running != nil {
		err = r.t.stack.updatable()
	}
	if r.result == nil {
		return nil, err
	}
	p := &Plan{
		Stack: r.result.Stack, Place: r.result.Place, Parameter: r.result.Parameter,
		Requested: r.result.Requested, Image: r.result.Image, PreviousImage: r.result.PreviousImage,
		AlreadyCurrent: r.result.AlreadyCurrent,
		Changes:        []Change{},
	}
	var refused *RefusedError
	switch {
	case errors.As(err, &refused):
		p.AlreadyCurrent, p.Reasons, p.Advice = false, refused.Reasons, refused.Advice
		return p, nil
	case err != nil:
		return nil, err
	case p.AlreadyCurrent:
		return p, nil
	}
	return r.planByChangeSet(ctx, p)
}

// planByChangeSet makes a change set to see what it would change.
func (r *run) planByChangeSet(ctx context.Context, p *Plan) (*Plan, error) {
	d, t := r.d, r.t
	r.phases.enter(PhaseChangeSet)
	cs := &changeSet{name: operationPrefix + "plan-" + rand.Text(), stack: t.stack}
	err := d.prepare(ctx, cs, r.changeSetInput(cs), func() (err error) {
		p.Changes, err = d.review(ctx, t, cs, r.image.String())
		var refused *RefusedError
		if errors.As(err, &refused) {
			p.Changes, p.Reasons, p.Advice = refused.Changes, refused.Reasons, refused.Advice
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err // the change set is deleted
	}
	if !p.Refused() {
		p.Predictions = d.predictions(ctx, t)
	}
	err = d.discard(ctx, cs)
	if err == nil && ctx.Err() != nil {
		return nil, &InterruptedError{Stack: t.stack.name(), Err: context.Cause(ctx)}
	}
	return p, err
}
