package deploy

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// RecoverRequest says which stack to get out of a state in which it cannot be updated.
type RecoverRequest struct {
	Stack string // name or id

	// Skip are the logical ids of resources that could not be rolled back and are to be
	// left as they are. CloudFormation then believes that they were rolled back, so that
	// they have to be put right by hand. Default: none; all are tried again.
	Skip []string

	// Delete lets the stack be deleted, where nothing else is possible: after its creation
	// failed.
	Delete bool

	// RoleARN is as in [Request].
	RoleARN string
}

// Recovery is a stack that can be updated again, or created anew.
type Recovery struct {
	Stack   string      `json:"stack"`
	From    StackStatus `json:"from"`
	To      StackStatus `json:"to"` // the same, where there was nothing to do; DELETE_COMPLETE
	Skipped []string    `json:"skipped,omitempty"`
	Phases  []Phase     `json:"phases"`
}

// Recover gets a stack out of a state in which it cannot be updated, and returns when it
// is. What it does depends on the state:
//
//   - UPDATE_ROLLBACK_FAILED: the rollback is tried again
//   - UPDATE_FAILED: the update, which was made without rollback, is rolled back
//   - UPDATE_ROLLBACK_IN_PROGRESS: the rollback is watched
//   - ROLLBACK_COMPLETE, ROLLBACK_FAILED, CREATE_FAILED, DELETE_FAILED and
//     REVIEW_IN_PROGRESS: the stack is deleted, if the request lets it be
//
// A stack in another state is left as it is. Its errors are *InputError,
// *InterruptedError, *TimeoutError and *StackStateError; anything else is unexpected.
func (d *Deployer) Recover(ctx context.Context, req RecoverRequest) (*Recovery, error) {
	if err := (Request{RoleARN: req.RoleARN}).validate(); err != nil {
		return nil, err
	}
	phases := &phases{d: d, stack: req.Stack}
	phases.enter(PhaseRead)
	reading, cancel := d.reading(ctx)
	defer cancel()
	s, err := d.existingStack(reading, req.Stack)
	if err != nil {
		return nil, err
	}
	if err := checkRecovery(s, req); err != nil {
		return nil, err
	}
	done := &Recovery{Stack: s.name(), From: s.status(), To: s.status()}
	switch {
	case s.status() == StackStatus(types.StackStatusUpdateRollbackFailed):
		if err := d.checkSkipped(reading, s, req.Skip); err != nil {
			return nil, err
		}
		done.Skipped = req.Skip
	case needsDeletion(s):
		if err := d.Down(ctx, s.name()); err != nil {
			return nil, err
		}
		done.To = StackStatus(types.StackStatusDeleteComplete)
		done.Phases = phases.done()
		return done, nil
	case s.updatable() == nil:
		done.Phases = phases.done()
		return done, nil
	}
	op := &operation{stackID: s.id(), stackName: s.name(), token: operationPrefix + rand.Text()}
	if err := d.join(reading, op, s); err != nil {
		return nil, d.beforeChange(reading, s.name(), "reading the events of stack "+s.name(), err)
	}
	if err := d.goBack(ctx, s, op, req); err != nil {
		return nil, err
	}
	phases.enter(PhaseStack)
	if err := d.watch(ctx, op, nil); err != nil {
		return nil, err
	}
	if err := checkUpdatable(s.name(), op.status, op.reason); err != nil {
		return nil, d.stillStuck(ctx, s, err)
	}
	done.To, done.Phases = op.status, phases.done()
	return done, nil
}

// needsDeletion tells whether a stack can only be deleted.
func needsDeletion(s *stack) bool {
	switch types.StackStatus(s.status()) {
	case types.StackStatusRollbackComplete, types.StackStatusRollbackFailed, types.StackStatusCreateFailed,
		types.StackStatusDeleteFailed, types.StackStatusReviewInProgress:
		return true
	}
	return false
}

// checkRecovery refuses a request that does not fit the state.
func checkRecovery(s *stack, req RecoverRequest) error {
	status, state := types.StackStatus(s.status()), s.updatable()
	switch {
	case needsDeletion(s) && !req.Delete:
		return state
	case req.Delete && !needsDeletion(s):
		return &InputError{
			Problem: fmt.Sprintf("stack %s is in state %s and need not be deleted", s.name(), status),
			Advice:  "leave out --delete; nothing was changed",
		}
	case len(req.Skip) > 0 && status != types.StackStatusUpdateRollbackFailed:
		return &InputError{
			Problem: fmt.Sprintf("stack %s is in state %s, in which no resource can be skipped", s.name(), status),
			Advice:  "leave out --skip; nothing was changed",
		}
	case s.status().InProgress() && status != types.StackStatusUpdateRollbackInProgress && status != types.StackStatusReviewInProgress:
		return state // to be waited for
	}
	return nil
}

// goBack starts the rollback of a stack, unless it is on its way already.
func (d *Deployer) goBack(ctx context.Context, s *stack, op *operation, req RecoverRequest) error {
	var role *string
	if req.RoleARN != "" {
		role = &req.RoleARN
	}
	var err error
	doing := "rolling back stack " + s.name()
	switch types.StackStatus(s.status()) {
	case types.StackStatusUpdateRollbackFailed:
		_, err = d.cfn.ContinueUpdateRollback(ctx, &cloudformation.ContinueUpdateRollbackInput{
			StackName: s.StackId, ClientRequestToken: &op.token, ResourcesToSkip: req.Skip, RoleARN: role,
		})
		op.status = StackStatus(types.StackStatusUpdateRollbackInProgress)
	case types.StackStatusUpdateFailed:
		_, err = d.cfn.RollbackStack(ctx, &cloudformation.RollbackStackInput{StackName: s.StackId, ClientRequestToken: &op.token, RoleARN: role})
		op.status = StackStatus(types.StackStatusUpdateRollbackInProgress)
	}
	op.begun = true
	if err != nil {
		return d.changeRejected(ctx, s.name(), doing, err)
	}
	return nil
}

// stuckResources are the resources that could not be rolled back, with the reason.
func (d *Deployer) stuckResources(ctx context.Context, s *stack) (map[string]string, error) {
	stuck := make(map[string]string)
	pages := cloudformation.NewListStackResourcesPaginator(d.cfn, &cloudformation.ListStackResourcesInput{StackName: s.StackId})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range page.StackResourceSummaries {
			if r.ResourceStatus == types.ResourceStatusUpdateFailed {
				stuck[aws.ToString(r.LogicalResourceId)] = aws.ToString(r.ResourceStatusReason)
			}
		}
	}
	return stuck, nil
}

// checkSkipped refuses to skip what did not fail.
func (d *Deployer) checkSkipped(ctx context.Context, s *stack, skip []string) error {
	if len(skip) == 0 {
		return nil
	}
	stuck, err := d.stuckResources(ctx, s)
	if err != nil {
		return d.beforeChange(ctx, s.name(), "listing the resources of stack "+s.name(), err)
	}
	for _, id := range skip {
		// A nested stack's resources are named NESTED.RESOURCE, which its own list has.
		if _, failed := stuck[id]; !failed && !strings.Contains(id, ".") {
			return &InputError{
				Problem: fmt.Sprintf("resource %s of stack %s has not failed to be rolled back", id, s.name()),
				Advice:  "those that can be skipped: " + listOrNone(sortedKeys(stuck)) + "; nothing was changed",
			}
		}
	}
	return nil
}

// stillStuck adds to the state of a stack that could not be recovered which resources
// are in the way, and how to skip them.
func (d *Deployer) stillStuck(ctx context.Context, s *stack, state error) error {
	stuck, err := d.stuckResources(ctx, s)
	known, ok := state.(*StackStateError) //nolint:errorlint // made by checkUpdatable, unwrapped
	if err != nil || !ok || len(stuck) == 0 {
		return state
	}
	var reasons []string
	command := "slipway recover " + s.name()
	for _, id := range sortedKeys(stuck) {
		reasons = append(reasons, id+": "+firstNonEmpty(stuck[id], "no reason is told"))
		command += " --skip " + id
	}
	known.Reason = strings.Join(slices.Compact(reasons), "; ")
	known.Advice = "put that right and run slipway recover again, or leave it as it is: " + command
	return known
}
