package deploy

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/slipway-go/slipway/imageref"
)

// Side is one of the two that say what a service runs.
type Side string

// The sides.
const (
	// SideStack is the stack: its task definition. It is the default.
	SideStack Side = "stack"
	// SideRunning is ECS: the image that the services run.
	SideRunning Side = "running"
)

// Sides lists both sides, the default first.
func Sides() []Side { return []Side{SideStack, SideRunning} }

// ReconcileRequest says in which stack to end the drift between what it says and what its
// services run.
type ReconcileRequest struct {
	Stack string // name or id

	// ImageParameter is as in [Request].
	ImageParameter string

	// To is the side that is right. Default: [SideStack].
	//
	// For SideStack, ECS moves the services to the stack's task definition: a stack update
	// would not, since CloudFormation sees no change. For SideRunning, the image that runs
	// is put into the stack's parameter, by a change set that the gate accepts; that the
	// services are given another revision with the same image makes them replace their
	// tasks.
	To Side

	// RoleARN, WaitForStack and MaxFailedTasks are as in [Request].
	RoleARN        string
	WaitForStack   time.Duration
	MaxFailedTasks int
}

// Reconciliation is a drift that has ended.
type Reconciliation struct {
	Stack string `json:"stack"`
	To    Side   `json:"to"`

	// Drift is each way in which the services ran another thing than the stack said; empty
	// when there was nothing to be done.
	Drift []Reason `json:"drift"`

	// Resumed is as in [Result]. The drift may have ended already then, so that Drift is
	// empty.
	Resumed bool `json:"resumed,omitempty"`

	Parameter string `json:"parameter"`
	Image     string `json:"image"` // that the stack says and the services run now

	Services []ServiceResult `json:"services"`
	Changes  []Change        `json:"changes,omitempty"` // to the stack; SideRunning only
	Phases   []Phase         `json:"phases"`
}

// Reconcile ends the drift between a stack and its services, and returns when that is
// proven. It ends only drift that it understands, and is refused otherwise: to the side
// of the stack from any task definition, to the running side from one of the same family
// that differs in nothing but the image.
//
// Started again after it was killed, it comes to the same end. Its errors are those of
// [Deployer.Deploy].
func (d *Deployer) Reconcile(ctx context.Context, req ReconcileRequest) (*Reconciliation, error) {
	if req.To == "" {
		req.To = SideStack
	}
	if !slices.Contains(Sides(), req.To) {
		return nil, &InputError{Problem: fmt.Sprintf("there is no side %q", req.To), Advice: "take stack or running; nothing was changed"}
	}
	request := Request{
		Stack: req.Stack, ImageParameter: req.ImageParameter, RoleARN: req.RoleARN,
		WaitForStack: req.WaitForStack, MaxFailedTasks: req.MaxFailedTasks,
		NoResolve: true, // the image is there, and a tag may name another one by now
	}
	if err := request.validate(); err != nil {
		return nil, err
	}
	r := &run{d: d, req: request, phases: &phases{d: d, stack: req.Stack}, imageDriftAccepted: true}
	var found []Reason
	err := r.patiently(ctx, func(ctx context.Context) error {
		drift, err := r.reconcile(ctx, req.To)
		if len(found) == 0 {
			found = drift // what it was before the stack was waited for
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if found == nil {
		found = []Reason{}
	}
	return &Reconciliation{
		Stack: r.result.Stack, To: req.To, Drift: found, Resumed: r.result.Resumed,
		Parameter: r.result.Parameter, Image: r.result.Image,
		Services: r.result.Services, Changes: r.result.Changes, Phases: r.phases.done(),
	}, nil
}

// reconcile ends the drift of a stack that is idle, and returns what it was.
func (r *run) reconcile(ctx context.Context, to Side) ([]Reason, error) {
	r.phases.enter(PhaseRead)
	reading, cancel := r.d.reading(ctx)
	defer cancel()
	t, err := r.d.readTarget(reading, r.req.Stack, r.req.ImageParameter)
	if err != nil {
		return nil, err
	}
	r.found(t)
	if r.image, err = imageref.Parse(r.t.image); err != nil {
		return nil, &InputError{Problem: fmt.Sprintf("parameter %s of stack %s: %v", r.t.reach.parameter, r.t.stack.name(), err), Err: err}
	}
	if r.t.stack.updating() {
		if to == SideRunning {
			return nil, r.attempt(ctx) // it may be ours, which an earlier run has begun
		}
		return nil, r.t.stack.updatable()
	}
	services, err := r.d.describeServices(reading, r.t.services)
	if err != nil {
		return nil, r.d.beforeChange(reading, r.t.stack.name(), "reading the services of stack "+r.t.stack.name(), err)
	}
	found := foreignChanges(r.t, services)
	if to == SideRunning {
		image, err := r.runningImage(reading, services)
		if err != nil {
			return found, err
		}
		if r.image, err = imageref.Parse(image); err != nil {
			return found, &InputError{Problem: fmt.Sprintf("the image that stack %s runs: %v", r.t.stack.name(), err), Err: err}
		}
		return found, r.attempt(ctx)
	}
	return found, r.moveToDeclared(ctx, services, found)
}

// moveToDeclared moves the services to the task definitions that the stack says. A stack
// update cannot: for CloudFormation nothing has changed.
func (r *run) moveToDeclared(ctx context.Context, services map[string]types.Service, found []Reason) error {
	name := r.t.stack.name()
	r.result = &Result{Stack: name, Place: r.t.stack.place(), Parameter: r.t.reach.parameter, Image: r.t.image, PreviousImage: r.t.image}
	reading, cancel := r.d.reading(ctx)
	defer cancel()
	var reasons []Reason
	for _, reason := range found {
		if reason.Path != taskDefinitionPath {
			reasons = append(reasons, reason)
		}
	}
	if len(reasons) > 0 {
		return &RefusedError{Stack: name, Reasons: reasons}
	}
	var rollouts []*rollout
	for _, ref := range r.t.services {
		running := taskDefinitionOf(services[ref.arn])
		logical, declared, err := r.t.declaredRevision(ref, running)
		if err != nil {
			return err
		}
		td, _, err := r.d.readTaskDefinition(reading, declared)
		if err != nil {
			return r.d.beforeChange(reading, name, "reading what stack "+name+" says", err)
		}
		if td.Status != types.TaskDefinitionStatusActive && running != declared {
			reasons = append(reasons, Reason{Resource: logical, Why: fmt.Sprintf(
				"the stack's task definition %s is %s, so that no service can be given it; put what runs into the stack (--to running)", lastPart(declared), td.Status)})
		}
		rollouts = append(rollouts, &rollout{service: ref, next: declared, origin: running, seen: make(map[string]bool)})
	}
	if len(reasons) > 0 {
		return &RefusedError{Stack: name, Reasons: reasons}
	}
	r.phases.enter(PhaseRollout)
	if err := r.moveServices(ctx, rollouts); err != nil {
		return err
	}
	claims, err := newClaims(rollouts, r.image)
	if err != nil {
		return err
	}
	r.phases.enter(PhaseVerify)
	return r.verify(ctx, claims)
}

// runningImage is the one image that all services run which the parameter feeds. What
// they run has to differ from what the stack says in nothing else.
func (r *run) runningImage(ctx context.Context, services map[string]types.Service) (string, error) {
	t, name := r.t, r.t.stack.name()
	reasons, err := r.d.driftBeyondImage(ctx, t, services)
	if err != nil {
		return "", r.d.beforeChange(ctx, name, "reading what stack "+name+" runs", err)
	}
	image := ""
	for _, ref := range t.services {
		if len(reasons) > 0 {
			break
		}
		running := taskDefinitionOf(services[ref.arn])
		logical, _, err := t.declaredRevision(ref, running)
		if err != nil {
			return "", err
		}
		td, _, err := r.d.readTaskDefinition(ctx, running)
		if err != nil {
			return "", r.d.beforeChange(ctx, name, "reading what stack "+name+" runs", err)
		}
		for _, i := range t.reach.containers[logical] {
			if i >= len(td.ContainerDefinitions) {
				continue // told as a difference
			}
			is := aws.ToString(td.ContainerDefinitions[i].Image)
			if image == "" {
				image = is
			}
			if is != image {
				reasons = append(reasons, Reason{
					Resource: ref.resource, Path: "/Properties" + imagePointer(i), Before: image, After: is,
					Why: "what runs has several images, of which parameter " + t.reach.parameter + " can have only one",
				})
			}
		}
	}
	if len(reasons) > 0 {
		return "", &RefusedError{Stack: name, Reasons: reasons}
	}
	return firstNonEmpty(image, t.image), nil
}
