package cloudformation

import "context"

// interrupted begins the reason of a stack whose operation was cut off.
const interrupted = "The embedded AWS was stopped during the operation. "

// resume goes on with what the stack was in the middle of. The caller holds s.mu.
func (s *Service) resume(st *stack) {
	for _, cs := range st.changeSets {
		if cs.status == "CREATE_PENDING" || cs.status == "CREATE_IN_PROGRESS" {
			s.wg.Go(func() { s.workOut(st, cs) })
		}
	}
	r := st.run
	if r == nil {
		return
	}
	var do func(ctx context.Context)
	switch st.status {
	case CreateInProgress:
		r.cancelled()
		do = func(ctx context.Context) { r.createFailed(ctx, interrupted) }
	case UpdateInProgress:
		r.cancelled()
		do = func(ctx context.Context) { r.updateFailed(ctx, interrupted) }
	case UpdateCompleteCleanupInProgress:
		do = r.updated
	case RollbackInProgress:
		do = func(ctx context.Context) { r.remove(ctx, r.unmaking(RollbackComplete, RollbackFailed)) }
	case UpdateRollbackInProgress:
		if !r.rollingBack {
			r.cancelled()
		}
		do = r.rollBack
	case UpdateRollbackCompleteCleanupInProgress:
		do = r.rolledBack
	case DeleteInProgress:
		do = r.deleteStack
		if r.conduct.onFailure == "DELETE" { // a creation that failed
			do = func(ctx context.Context) { r.remove(ctx, r.unmaking(DeleteComplete, DeleteFailed)) }
		}
	default:
		return
	}
	for id, old := range r.retired {
		if old.leaves && st.resources[id] == nil {
			delete(r.retired, id) // has gone already
		}
	}
	s.work(st, st.operation.record, st.operation.token, func(ctx, _ context.Context) { do(ctx) })
}

// cancelled fails the resources that were being made or changed. What had been asked of
// their services has come about or has not, and the rollback undoes both. The caller
// holds Service.mu.
func (r *run) cancelled() {
	for _, res := range r.st.sortedResources() {
		switch res.status {
		case "CREATE" + inProgress:
			r.s.setResource(r.st, *res, "CREATE"+failed, "Resource creation cancelled")
		case "UPDATE" + inProgress:
			r.s.setResource(r.st, *res, "UPDATE"+failed, "Resource update cancelled")
		}
	}
}
