package cloudformation

import (
	"slices"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// OperationType is what an operation does to a stack.
type OperationType string

// The types of operations, as the API reference of OperationEntry lists them.
const (
	CreateStackOperation      OperationType = "CREATE_STACK"
	UpdateStackOperation      OperationType = "UPDATE_STACK"
	DeleteStackOperation      OperationType = "DELETE_STACK"
	ContinueRollbackOperation OperationType = "CONTINUE_ROLLBACK"
	RollbackOperation         OperationType = "ROLLBACK"
	CreateChangeSetOperation  OperationType = "CREATE_CHANGESET"
)

// The states of an operation, BeaconStackOperationStatus of the API.
const (
	operationRuns      = "IN_PROGRESS"
	operationSucceeded = "SUCCEEDED"
	operationFailed    = "FAILED"
)

// operationRecord is an operation as clients see it. What one request starts may be two
// of them: an update that fails, and the rollback that follows it.
type operationRecord struct {
	id        string
	kind      OperationType
	token     string
	changeSet string // id of the change set, of a CREATE_CHANGESET alone
	requested bool   // by a user, not by the failure of another operation
	started   time.Time
	ended     time.Time // zero while it runs
}

// newRecord begins an operation of the stack. The caller holds s.mu.
func (s *Service) newRecord(st *stack, kind OperationType, token string, requested bool) *operationRecord {
	rec := &operationRecord{id: wire.NewUUID(), kind: kind, token: token, requested: requested, started: s.now()}
	st.records = append(st.records, rec)
	return rec
}

// idOrNone is the operation's id; a stack that is only under review has no operation.
func (rec *operationRecord) idOrNone() string {
	if rec == nil {
		return ""
	}
	return rec.id
}

// continues tells whether the operation goes on in a status, or another one begins: a
// rollback is an operation of its own, and so is the deletion of what could not be created.
func (rec *operationRecord) continues(status Status) (next OperationType, goesOn bool) {
	switch status {
	case RollbackInProgress, UpdateRollbackInProgress:
		return RollbackOperation, rec.kind == RollbackOperation || rec.kind == ContinueRollbackOperation
	case DeleteInProgress:
		return DeleteStackOperation, rec.kind == DeleteStackOperation
	}
	return rec.kind, true
}

// outcome is how the operation stands when its stack has come to a status.
func (rec *operationRecord) outcome(status Status) string {
	done := map[OperationType][]Status{
		CreateStackOperation:      {CreateComplete},
		UpdateStackOperation:      {UpdateComplete},
		DeleteStackOperation:      {DeleteComplete},
		RollbackOperation:         {RollbackComplete, UpdateRollbackComplete},
		ContinueRollbackOperation: {UpdateRollbackComplete},
	}
	switch {
	case status.InProgress():
		return operationRuns
	case slices.Contains(done[rec.kind], status):
		return operationSucceeded
	}
	return operationFailed
}

// enter moves the stack's operation on to a status, and returns it with its own status.
// An operation that another one follows has failed, which [Service.DescribeEvents] tells
// and DescribeStackEvents does not. The caller holds s.mu.
func (s *Service) enter(st *stack, status Status) (*operationRecord, string) {
	rec := st.record
	if rec == nil {
		return nil, ""
	}
	if next, goesOn := rec.continues(status); !goesOn {
		s.close(st, rec, operationFailed, "")
		rec = s.newRecord(st, next, rec.token, false)
		st.record = rec
	}
	outcome := rec.outcome(status)
	if outcome != operationRuns {
		rec.ended = s.now()
	}
	return rec, outcome
}

// close ends an operation without a status of the stack that tells so.
func (s *Service) close(st *stack, rec *operationRecord, outcome, reason string) {
	if !rec.ended.IsZero() {
		return
	}
	rec.ended = s.now()
	s.recordOperation(st, rec, outcome, reason)
	s.Settled()
}

// recordOperation records an event of an operation that is no event of the stack.
func (s *Service) recordOperation(st *stack, rec *operationRecord, outcome, reason string) {
	st.events = append(st.events, Event{
		StackId: st.id, StackName: st.name, EventId: wire.NewUUID(), OperationId: rec.id,
		Timestamp: s.now(), ResourceStatusReason: reason, ClientRequestToken: rec.token,
		record: rec, outcome: outcome, operationOnly: true,
	})
}

// lastOperations are the operation that was asked for last, and the rollback that
// followed it, newest first, as in the user guide's example ("View stack events by
// operation"). A change set counts while nothing else has happened to the stack.
func (st *stack) lastOperations() []OperationEntry {
	out := []OperationEntry{}
	for _, rec := range slices.Backward(st.records) {
		if rec.kind == CreateChangeSetOperation && st.record != nil {
			continue
		}
		out = append(out, OperationEntry{OperationType: rec.kind, OperationId: rec.id})
		if rec.requested {
			break
		}
	}
	return out
}
