package cloudformation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// run is one operation on one stack, from its first event to its last. Its methods
// take Service.mu for each step and never while a provider works.
type run struct {
	s          *Service
	st         *stack
	conduct    conduct
	old, next  revision
	oldImports map[string]bool

	// Guarded by Service.mu:
	touched     map[string]touch
	retired     map[string]retiree
	rollingBack bool            // what is retired is what the update made
	stuck       map[string]bool // resources that could not be rolled back
}

// conduct is what a request says about an operation beside what it is to do.
type conduct struct {
	token     string
	onFailure string // ROLLBACK, which is the default, DO_NOTHING, or DELETE for a creation
	// retainExceptOnCreate deletes what a rolled-back operation has created even where
	// its DeletionPolicy is Retain.
	retainExceptOnCreate bool
	// policy becomes the stack's once an update has succeeded; policyDuringUpdate holds
	// for this update alone.
	policy, policyDuringUpdate *stackPolicy
	deployment                 *DeploymentConfig

	// Of a deletion: what it leaves behind, and what the stack was before it.
	retainResources []string
	forceDelete     bool
	former          Status
}

// touch is what the forward part of an update did to a resource, so that a rollback
// can undo it.
type touch struct {
	before   *resource // nil: the update created it
	replaced bool
}

// retiree is a physical resource that the clean-up deletes.
type retiree struct {
	resource *resource
	retain   bool
	leaves   bool // its logical id goes as well
}

// begin starts an operation in its own goroutine. Its first context lasts as long as
// the emulator, the second ends when the user cancels. The caller holds s.mu and has
// made sure that no operation is running.
func (s *Service) begin(st *stack, kind OperationType, token string, do func(ctx, forward context.Context)) {
	if st.record != nil {
		s.close(st, st.record, operationFailed, "") // a creation that a deletion ends
	}
	st.record = s.newRecord(st, kind, token, true)
	s.work(st, st.record, token, do)
}

// work does what an operation is about. The caller holds s.mu.
func (s *Service) work(st *stack, record *operationRecord, token string, do func(ctx, forward context.Context)) {
	forward, cancel := context.WithCancel(s.ctx)
	op := &operation{record: record, token: token, cancel: cancel, over: make(chan struct{})}
	st.operation = op
	s.wg.Go(func() {
		defer close(op.over)
		defer cancel()
		do(s.ctx, forward)
	})
}

// newRun prepares an operation. One that follows an unfinished update would be rolled
// back, as in CloudFormation, to the last stable state: the one before that update.
func (s *Service) newRun(st *stack, next revision) *run {
	r := &run{
		s: s, st: st, old: st.revision, next: next, oldImports: st.imports,
		touched: map[string]touch{}, retired: map[string]retiree{}, stuck: map[string]bool{},
	}
	if failed := st.unfinished; failed != nil {
		r.old, r.oldImports = failed.old, failed.oldImports
		maps.Copy(r.touched, failed.touched)
	}
	st.run = r
	return r
}

// locked runs do under the service's lock.
func (r *run) locked(do func()) {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	do()
}

// startCreate begins the creation of a stack. The caller holds s.mu.
func (s *Service) startCreate(st *stack, next revision, c conduct) {
	r := s.newRun(st, next)
	r.conduct = c
	st.revision, st.operation, st.deployment = next, nil, c.deployment
	s.begin(st, CreateStackOperation, c.token, r.create)
	s.setStatus(st, CreateInProgress, "User Initiated")
}

func (r *run) create(ctx, forward context.Context) {
	if r.st.timeoutMinute > 0 {
		bounded, cancel := r.s.Clock.WithTimeout(forward, time.Duration(r.st.timeoutMinute)*time.Minute)
		defer cancel()
		forward = bounded
	}
	reason, ok := r.forward(forward, CreateComplete)
	if ok || ctx.Err() != nil { // done, or the emulator closes
		return
	}
	r.createFailed(ctx, reason)
}

// createFailed ends a creation that has failed in the way that its request asked for.
func (r *run) createFailed(ctx context.Context, reason string) {
	status, done, broken := RollbackInProgress, RollbackComplete, RollbackFailed
	switch r.conduct.onFailure {
	case "DO_NOTHING":
		status = CreateFailed
	case "DELETE":
		status, done, broken = DeleteInProgress, DeleteComplete, DeleteFailed
		reason += "Delete requested by user."
	default:
		reason += "Rollback requested by user."
	}
	var deleted bool
	r.locked(func() {
		// A deletion that the user asked for meanwhile takes over.
		if deleted = r.st.status != CreateInProgress; !deleted {
			r.s.setStatus(r.st, status, reason)
		}
	})
	if !deleted && status != CreateFailed {
		r.remove(ctx, r.unmaking(done, broken))
	}
}

// unmaking is how what a failed creation has made is deleted.
func (r *run) unmaking(done, broken Status) removal {
	return removal{retains: r.retainsCreated, done: done, broken: broken}
}

// startUpdate begins an update. The caller holds s.mu.
func (s *Service) startUpdate(st *stack, next revision, c conduct) {
	r := s.newRun(st, next)
	r.conduct = c
	st.revision, st.updated, st.policyDuringUpdate = next, s.now(), c.policyDuringUpdate
	st.deployment, st.drift.status = c.deployment, ""
	s.begin(st, UpdateStackOperation, c.token, r.update)
	s.setStatus(st, UpdateInProgress, "User Initiated")
}

func (r *run) update(ctx, forward context.Context) {
	reason, ok := r.forward(forward, UpdateCompleteCleanupInProgress)
	if ok {
		r.updated(ctx)
		return
	}
	if ctx.Err() != nil {
		return // the emulator closes
	}
	r.updateFailed(ctx, reason)
}

// updated ends an update that has succeeded.
func (r *run) updated(ctx context.Context) {
	r.retireRemoved()
	r.locked(func() {
		if r.conduct.policy != nil {
			r.st.policy = r.conduct.policy
		}
	})
	r.cleanUp(ctx, r.old)
	if ctx.Err() == nil { // the emulator does not close
		r.finish(UpdateComplete)
	}
}

// updateFailed ends an update that has failed in the way that its request asked for.
func (r *run) updateFailed(ctx context.Context, reason string) {
	var left bool
	r.locked(func() {
		cancelled := r.st.status != UpdateInProgress // by the user, and the status tells so
		switch {
		case cancelled:
		case r.conduct.onFailure == "DO_NOTHING":
			left, r.st.unfinished = true, r
			r.s.setStatus(r.st, UpdateFailed, reason)
		default:
			r.s.setStatus(r.st, UpdateRollbackInProgress, reason)
		}
	})
	if !left {
		r.rollBack(ctx)
	}
}

// finish ends an update in a stable state.
func (r *run) finish(status Status) {
	r.locked(func() {
		r.st.unfinished = nil
		r.s.setStatus(r.st, status, "")
	})
}

// startDelete begins a deletion, which ends a creation that is under way. The caller
// holds s.mu.
func (s *Service) startDelete(st *stack, c conduct) {
	before := st.operation
	r := s.newRun(st, st.revision)
	r.conduct = c
	s.begin(st, DeleteStackOperation, c.token, func(ctx, _ context.Context) {
		if before != nil {
			before.cancel()
			<-before.over
		}
		r.deleteStack(ctx)
	})
	s.setStatus(st, DeleteInProgress, "User Initiated")
}

// deleteStack deletes the stack, unless another one uses its exports.
func (r *run) deleteStack(ctx context.Context) {
	var blocked error
	r.locked(func() {
		if blocked = r.s.blockedDelete(r.st); blocked != nil {
			r.s.setStatus(r.st, r.conduct.former, blocked.Error())
		}
	})
	if blocked != nil {
		return
	}
	r.remove(ctx, removal{
		retains: func(res *resource) bool {
			return retains(res) || slices.Contains(r.conduct.retainResources, res.logicalID)
		},
		force: r.conduct.forceDelete, done: DeleteComplete, broken: DeleteFailed,
	})
}

// forward brings every resource of the next revision about, then its outputs, and moves
// the stack to the status done. The reason of a failure is worded for the stack's status.
func (r *run) forward(ctx context.Context, done Status) (reason string, ok bool) {
	env := r.s.env(r.st.name, r.st.id, r.next, r.current)
	dependencies, err := env.Dependencies()
	if err != nil {
		return reasonOf(err) + " ", false
	}
	imports, err := importsOf(env, dependencies)
	if err != nil {
		return reasonOf(err) + " ", false
	}
	r.locked(func() {
		both := maps.Clone(imports)
		maps.Copy(both, r.oldImports) // until the clean-up, both revisions are in use
		r.s.setImports(r.st, both)
	})
	if failed := r.refuseRemovals(dependencies); len(failed) > 0 {
		return r.failureReason(failed), false
	}
	failed := walk(ctx, dependencies, func(ctx context.Context, id string) error { return r.apply(ctx, env, id) })
	if len(failed) > 0 || ctx.Err() != nil {
		return r.failureReason(failed), false
	}
	out, err := r.s.outputs(env)
	if err != nil {
		return reasonOf(err) + " ", false
	}
	r.locked(func() {
		// All in one step: after it, nobody can cancel any more.
		if ctx.Err() != nil {
			return
		}
		if err := r.s.publish(r.st, out); err != nil {
			reason = err.Error() + " "
			return
		}
		r.s.setImports(r.st, imports)
		r.s.setStatus(r.st, done, "")
		ok = true
	})
	return reason, ok
}

func (r *run) failureReason(failed []string) string {
	byVerb := map[string][]string{}
	r.locked(func() {
		for _, id := range failed {
			verb := "update"
			if res := r.st.resources[id]; res != nil && strings.HasPrefix(res.status, "CREATE") {
				verb = "create"
			}
			byVerb[verb] = append(byVerb[verb], id)
		}
	})
	var reason string
	for _, verb := range sortedKeys(byVerb) {
		reason += fmt.Sprintf("The following resource(s) failed to %s: [%s]. ", verb, strings.Join(byVerb[verb], ", "))
	}
	return reason
}

// current is the resource that Ref and Fn::GetAtt see while the run goes on.
func (r *run) current(logicalID string) (Resource, bool) {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	if res := r.st.resources[logicalID]; res != nil {
		return res.Resource, true
	}
	return Resource{}, false
}
