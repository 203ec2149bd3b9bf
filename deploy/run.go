package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/slipway-go/slipway/imageref"
)

// run is one deploy on its way.
type run struct {
	d      *Deployer
	req    Request
	image  imageref.Ref // what the image parameter is to hold; from resolve on with its digest
	phases *phases
	since  time.Time // when the run began to wait for the stack; zero when it has not

	t      *target // from read on
	told   string  // id of the stack that was told of
	result *Result // likewise
	// imageDriftAccepted lets the run deploy over services that run another image than the
	// stack says, and differ in nothing else.
	imageDriftAccepted bool

	// recreation is how far an earlier run with the same request has come that recreates
	// the stack; nil when there was none.
	recreation *recreation

	running *operation // that of an earlier run with the same request, which is under way

	kind     string     // of its operations, as a part of their tokens: rollbackKind, or empty
	followed *operation // on the stack, which brings the image; nil where none does
}

// newRun checks what needs no AWS to be seen as wrong.
func (d *Deployer) newRun(req Request) (*run, error) {
	image, err := imageref.Parse(req.Image)
	if err != nil {
		return nil, &InputError{Problem: err.Error(), Advice: "nothing was changed", Err: err}
	}
	if err := checkLength(image); err != nil {
		return nil, err
	}
	if err := req.validate(); err != nil {
		return nil, err
	}
	return &run{d: d, req: req, image: image, phases: &phases{d: d, stack: req.Stack}}, nil
}

// attempt does all of a deploy, once the stack is idle.
func (r *run) attempt(ctx context.Context) error {
	r.phases.enter(PhaseRead)
	read := r.read
	if r.req.Strategy == StrategyRecreate {
		read = r.readRecreation
	}
	if err := read(ctx); err != nil {
		return err
	}
	return r.finish(ctx, r.rollOut)
}

// finish does what is left to do after the reading: nothing, or roll out, or go on with
// a rollout that is under way, and then the proof.
func (r *run) finish(ctx context.Context, rollOut func(context.Context) ([]claim, error)) error {
	if r.result.AlreadyCurrent {
		return nil
	}
	switch {
	case r.running != nil && r.req.Strategy == StrategyExpress:
		rollOut = r.resumeExpress
	case r.running != nil:
		rollOut = r.resume
	}
	claims, err := rollOut(ctx)
	if err != nil || r.result.Started {
		return err
	}
	r.phases.enter(PhaseVerify)
	return r.verify(ctx, claims)
}

// read reads the stack and what it runs, and finds out what there is to do.
func (r *run) read(ctx context.Context) error {
	reading, cancel := r.d.reading(ctx)
	defer cancel()
	t, err := r.d.readTarget(reading, r.req.Stack, r.req.ImageParameter)
	if err != nil {
		return err
	}
	r.found(t)
	if err := r.resolve(reading); err != nil {
		return err
	}
	r.result = &Result{
		Stack: t.stack.name(), Place: t.stack.place(), Parameter: t.reach.parameter,
		Requested: r.req.Image, Image: r.image.String(), PreviousImage: t.image,
	}
	if busy := t.stack.updatable(); busy != nil {
		r.running, err = r.ownOperation(reading)
		if err != nil || r.running != nil {
			return err
		}
		return busy
	}
	if err := r.checkDrift(reading); err != nil {
		return r.leftByExpress(reading, err)
	}
	if r.req.Strategy == StrategyECS {
		return nil // it looks at ECS, not at the stack
	}
	if r.result.AlreadyCurrent, err = r.current(); err != nil || !r.result.AlreadyCurrent {
		return err
	}
	r.result.Services, err = r.d.confirmCurrent(reading, t, r.image)
	return r.leftByExpress(reading, err)
}

// found takes in what the run is about, and tells which stack that is, once.
func (r *run) found(t *target) {
	r.t = t
	if r.told == t.stack.id() {
		return
	}
	r.told = t.stack.id()
	place := t.stack.place()
	r.d.observe(StackRead{at: at{r.d.clock.Now()}, Stack: t.stack.name(), Account: place.Account, Region: place.Region})
}

// aim is what the run is to make of the stack, as [operationID] takes it.
func (r *run) aim() []string {
	parts := []string{r.t.reach.parameter, r.image.String()}
	if r.req.RoleARN != "" {
		parts = append(parts, r.req.RoleARN)
	}
	return parts
}

// token names the change set and the operation by which the run does it (see
// [operationID]).
func (r *run) token() string {
	return operationPrefix + r.kind + strings.TrimPrefix(operationID(r.t.stack, r.aim()...), operationPrefix)
}

// owns tells whether an operation was begun by an earlier run with the same request.
func (r *run) owns(token string) bool {
	return strings.HasPrefix(token, operationPrefix+r.kind+aimID(r.t.stack, r.aim()...)+"-")
}

// operation is the operation on the run's stack with a token.
func (r *run) operation(token string) *operation {
	return &operation{
		stackID: r.t.stack.id(), stackName: r.t.stack.name(),
		token: token, maxFailedTasks: r.req.maxFailedTasks(),
	}
}

// byChangeSet rolls the image out with a change set that the gate has accepted.
func (r *run) byChangeSet(ctx context.Context) ([]claim, error) {
	cs, err := r.prepareChangeSet(ctx)
	if err != nil {
		return nil, err
	}
	return r.executeChangeSet(ctx, cs)
}

// prepareChangeSet makes the change set and has the gate judge it. It changes nothing.
func (r *run) prepareChangeSet(ctx context.Context) (*changeSet, error) {
	d, t := r.d, r.t
	r.phases.enter(PhaseChangeSet)
	cs := &changeSet{name: r.token(), stack: t.stack}
	var predictions []Prediction
	err := d.prepare(ctx, cs, r.changeSetInput(cs), func() (err error) {
		// While CloudFormation makes the change set:
		if err := r.checkReadable(ctx); err != nil {
			return err
		}
		predictions = d.predictions(ctx, t)
		r.result.Changes, err = d.review(ctx, t, cs, r.image.String())
		return err
	})
	if err != nil {
		return nil, err
	}
	d.observe(ChangesAccepted{
		at: at{d.clock.Now()}, Stack: t.stack.name(), Strategy: StrategyChangeSet, ChangeSet: cs.name,
		Changes: r.result.Changes, Predictions: predictions,
	})
	return cs, nil
}

// executeChangeSet rolls out what has been prepared.
func (r *run) executeChangeSet(ctx context.Context, cs *changeSet) ([]claim, error) {
	r.phases.enter(PhaseRollout)
	op := r.operation(cs.name)
	if err := r.d.execute(ctx, cs, op); err != nil {
		return nil, err
	}
	return r.follow(ctx, op, r.t.rollouts())
}

// changeSetInput is the request for a change set that does what the run is to do.
func (r *run) changeSetInput(cs *changeSet) *cloudformation.CreateChangeSetInput {
	in := createChangeSetInput(r.t.stack, cs.name, r.t.reach.parameter, r.image.String(), r.t.resend)
	if r.req.RoleARN != "" {
		in.RoleARN = &r.req.RoleARN
	}
	return in
}

// follow sees an operation that has begun to its end, unless nobody is to wait for it.
func (r *run) follow(ctx context.Context, op *operation, rollouts []*rollout) ([]claim, error) {
	r.followed = op
	if r.req.NoWait {
		r.result.Started, r.result.Services = true, []ServiceResult{}
		return nil, nil
	}
	op.justBegun = !r.result.Resumed
	return r.see(ctx, op, rollouts)
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
	if unproven := (*NotProvenError)(nil); errors.As(err, &unproven) {
		if overtaker, readErr := r.overtaker(ctx, claims); readErr == nil && overtaker != "" {
			return r.overtakenBy(ctx, "it had come to its end; "+overtaker)
		}
	}
	if code, _ := apiError(err); isDenied(code) {
		return fmt.Errorf("stack %s is updated, but it is not proven what runs: %w", name, worded(name, err))
	}
	return err
}
