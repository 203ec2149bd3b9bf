package cloudformation

import (
	"context"
	"fmt"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// ContinueUpdateRollbackInput is a request of ContinueUpdateRollback.
type ContinueUpdateRollbackInput struct {
	StackName, RoleARN, ClientRequestToken string
	ResourcesToSkip                        []string
	ForceRollback                          bool
}

// ContinueUpdateRollbackOutput is the answer.
type ContinueUpdateRollbackOutput struct{}

// ContinueUpdateRollback tries again to roll an update back that could not be.
func (s *Service) ContinueUpdateRollback(_ context.Context, in *ContinueUpdateRollbackInput) (*ContinueUpdateRollbackOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.get(in.StackName)
	if err != nil {
		return nil, err
	}
	if token := in.ClientRequestToken; token != "" && st.operation != nil && st.operation.token == token {
		return &ContinueUpdateRollbackOutput{}, tokenOf(st.operation, ContinueRollbackOperation)
	}
	if st.status != UpdateRollbackFailed {
		return nil, invalid("ContinueUpdateRollback cannot be called from stack with %s status", st.status)
	}
	r := st.unfinished
	st.run = r
	skip := in.ResourcesToSkip
	if in.ForceRollback {
		if len(skip) > 0 {
			return nil, invalid("ForceRollback and ResourcesToSkip are mutually exclusive. Specify only one of them.")
		}
		skip = sortedKeys(r.stuck)
	}
	for _, id := range skip {
		if err := r.mayBeSkipped(id); err != nil {
			return nil, err
		}
	}
	st.assume(in.RoleARN)
	s.begin(st, ContinueRollbackOperation, in.ClientRequestToken, func(ctx, _ context.Context) {
		r.skip(skip)
		r.rollBack(ctx)
	})
	s.setStatus(st, UpdateRollbackInProgress, "User Initiated")
	return &ContinueUpdateRollbackOutput{}, nil
}

// tokenOf tells whether a token seen before came with the same kind of request.
func tokenOf(op *operation, kind OperationType) error {
	if op.record.kind == kind {
		return nil
	}
	return tokenTaken(op.token)
}

func tokenTaken(token string) error {
	return wire.Errorf("TokenAlreadyExistsException", "Token %s has been used for another operation", token)
}

// mayBeSkipped refuses resources that a rollback can do without skipping, as the API
// reference says: only what failed because the rollback failed may be skipped. The
// caller holds s.mu.
func (r *run) mayBeSkipped(id string) error {
	res := r.st.resources[id]
	switch {
	case strings.Contains(id, "."):
		return invalid("ResourcesToSkip: %s is a resource of a nested stack, which the embedded AWS does not have", id)
	case res == nil:
		return invalid("Resource %s does not exist for stack %s", id, r.st.name)
	case res.status != "UPDATE"+failed:
		return invalid("Resource %s of stack %s cannot be skipped: it is in %s state, and only resources in UPDATE_FAILED state can be", id, r.st.name, res.status)
	case !r.stuck[id]:
		return invalid("Resource %s of stack %s cannot be skipped: it is in UPDATE_FAILED state for another reason than a failed rollback", id, r.st.name)
	}
	return nil
}

// skip leaves resources as they are, and takes them for what the template of the stack's
// last stable state says.
func (r *run) skip(ids []string) {
	r.locked(func() {
		for _, id := range ids {
			left, before := *r.st.resources[id], r.touched[id].before
			left.definition, left.properties, left.shown, left.tags = before.definition, before.properties, before.shown, before.tags
			left.skipped = true
			r.s.setResource(r.st, left, "UPDATE"+complete, "")
			delete(r.stuck, id)
		}
	})
}

// RollbackStackInput is a request of RollbackStack.
type RollbackStackInput struct {
	StackName, RoleARN, ClientRequestToken string
	RetainExceptOnCreate                   bool
	DeploymentConfig                       *DeploymentConfig
}

// RollbackStackOutput is the answer.
type RollbackStackOutput struct{ StackId, OperationId string }

// RollbackStack takes a stack whose create or update failed, and was left as it was, back
// to its last stable state. Where there is none, its resources are deleted.
func (s *Service) RollbackStack(_ context.Context, in *RollbackStackInput) (*RollbackStackOutput, error) {
	if err := in.DeploymentConfig.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.get(in.StackName)
	if err != nil {
		return nil, err
	}
	if token := in.ClientRequestToken; token != "" && st.operation != nil && st.operation.token == token {
		return &RollbackStackOutput{StackId: st.id, OperationId: st.operation.record.id}, tokenOf(st.operation, RollbackOperation)
	}
	if st.status != CreateFailed && st.status != UpdateFailed {
		return nil, invalid("RollbackStack cannot be called from stack with %s status", st.status)
	}
	if st.deployment.express() {
		return nil, invalid("RollbackStack is not supported for stacks that were last updated using EXPRESS deployment mode and are in a failed state")
	}
	st.assume(in.RoleARN)
	r := st.unfinished
	if r == nil || !st.stable {
		r = s.newRun(st, st.revision)
	}
	st.run = r
	r.conduct = conduct{token: in.ClientRequestToken, retainExceptOnCreate: in.RetainExceptOnCreate, deployment: in.DeploymentConfig}
	status, back := UpdateRollbackInProgress, r.rollBack
	if !st.stable {
		status = RollbackInProgress
		back = func(ctx context.Context) {
			r.remove(ctx, r.unmaking(RollbackComplete, RollbackFailed))
		}
	}
	s.begin(st, RollbackOperation, in.ClientRequestToken, func(ctx, _ context.Context) { back(ctx) })
	s.setStatus(st, status, "User Initiated")
	return &RollbackStackOutput{StackId: st.id, OperationId: st.record.id}, nil
}

// rollBack brings the stack back to the revision before the update, or as far as that
// can be done.
func (r *run) rollBack(ctx context.Context) {
	stuck := r.rollback(ctx)
	if ctx.Err() != nil {
		return // the emulator closes
	}
	if len(stuck) > 0 {
		r.locked(func() {
			r.st.unfinished = r
			r.s.setStatus(r.st, UpdateRollbackFailed, fmt.Sprintf("The following resource(s) failed to update: [%s]. ", strings.Join(stuck, ", ")))
		})
		return
	}
	r.locked(func() {
		role := r.st.revision.roleARN
		r.st.revision = r.old
		r.s.setImports(r.st, r.oldImports)
		r.st.assume(role) // which stays the stack's, also after an update that failed
		r.s.setStatus(r.st, UpdateRollbackCompleteCleanupInProgress, "")
	})
	r.rolledBack(ctx)
}

// rolledBack deletes what the update made and the rollback has taken out of use.
func (r *run) rolledBack(ctx context.Context) {
	r.cleanUp(ctx, r.next)
	if ctx.Err() == nil { // the emulator does not close
		r.finish(UpdateRollbackComplete)
	}
}

// followUp says why a stack in a failed state cannot be updated in that way: until it is
// stable again, nothing that follows may roll back. The caller holds s.mu.
func (st *stack) followUp(noRollback bool, deployment *DeploymentConfig, api string) error {
	if !st.leftFailed() {
		return nil
	}
	if err := st.sameMode(deployment); err != nil {
		return err
	}
	switch {
	case st.status == CreateFailed && st.onFailureGiven == "DO_NOTHING":
		return invalid("This stack cannot be updated from [CREATE_FAILED] state because it contains [on-failure: DO_NOTHING]. Please use disable-rollback option instead during stack creation.")
	case !noRollback:
		return invalid("This stack is currently in a non-terminal [%s] state. To update the stack from this state, please use the disable-rollback parameter with %s API. To rollback to the last known good state, use the rollback-stack API", st.status, api)
	}
	return nil
}

// leftFailed tells whether an operation has failed and was not rolled back.
func (st *stack) leftFailed() bool { return st.status == CreateFailed || st.status == UpdateFailed }

// sameMode refuses to follow an operation in EXPRESS mode that failed with one in another
// mode. The caller holds s.mu.
func (st *stack) sameMode(deployment *DeploymentConfig) error {
	if !st.leftFailed() || !st.deployment.express() || deployment.express() {
		return nil
	}
	return invalid("This stack is in a %s state from a previous operation that used EXPRESS deployment mode with disable-rollback. "+
		"Follow-up operations must use the same DeploymentConfig (mode=EXPRESS) until the stack reaches a *_COMPLETE state.", st.status)
}
