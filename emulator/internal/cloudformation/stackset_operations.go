package cloudformation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// newSetOperation is an operation as a request asks for it. id is the request's
// OperationId, a member of in.
func (s *Service) newSetOperation(action string, id *string, in any) *setOperation {
	op := &setOperation{id: *id, action: action, created: s.now()}
	*id = ""
	sum := sha256.Sum256([]byte(action + encodeJSON(in))) // there may be secrets in it
	op.request = hex.EncodeToString(sum[:])
	if op.id == "" {
		op.id = wire.NewUUID()
	}
	*id = op.id
	return op
}

// mayBegin refuses an operation that cannot begin now, and tells whether it is the set's
// last one, asked for again. The caller holds s.sets.mu.
func (s *Service) mayBegin(set *stackSet, op *setOperation) (again bool, err error) {
	if same, err := set.operation(op.id); err == nil {
		switch {
		case same.request != op.request:
			return false, wire.Errorf("OperationIdAlreadyExistsException", "Operation id %s already exists", op.id)
		case same != set.operations[len(set.operations)-1]:
			return false, wire.Errorf("StaleRequestException", "Another operation has been performed on StackSet %s since operation %s", set.name, op.id)
		}
		return true, nil
	}
	if set.busy() && !set.managed {
		return false, s.inProgress(set)
	}
	return false, nil
}

// beginSetOperation lets an operation run, or wait for those before it. The caller holds
// s.sets.mu.
func (s *Service) beginSetOperation(set *stackSet, op *setOperation) {
	op.status = setQueued
	op.administration, op.execution = set.definition.administration, set.definition.execution
	set.operations = append(set.operations, op)
	s.dequeue(set)
}

// dequeue lets the operations run that wait, in the order of their requests, up to one that
// does not go together with what runs. The caller holds s.sets.mu.
func (s *Service) dequeue(set *stackSet) {
	for _, op := range set.operations {
		if op.status != setQueued {
			continue
		}
		for _, other := range set.operations {
			if other.status != setQueued && !other.over() && other.conflicts(op) {
				return
			}
		}
		s.runSetOperation(set, op)
	}
}

// conflicts tells whether two operations are about the same instances. An update of the
// set is about all that will ever be.
func (op *setOperation) conflicts(other *setOperation) bool {
	if op.definition || other.definition {
		return true
	}
	return slices.ContainsFunc(op.targets, func(region string) bool { return slices.Contains(other.targets, region) })
}

// DescribeStackSetOperationInput is a request of DescribeStackSetOperation.
type DescribeStackSetOperationInput struct{ StackSetName, OperationId, CallAs string }

// DescribeStackSetOperationOutput is the answer.
type DescribeStackSetOperationOutput struct{ StackSetOperation StackSetOperation }

// DescribeStackSetOperation describes an operation on a stack set.
func (s *Service) DescribeStackSetOperation(_ context.Context, in *DescribeStackSetOperationInput) (*DescribeStackSetOperationOutput, error) {
	if err := selfManaged("DescribeStackSetOperation", "", in.CallAs); err != nil {
		return nil, err
	}
	s.sets.mu.Lock()
	defer s.sets.mu.Unlock()
	set, op, err := s.findSetOperation(in.StackSetName, in.OperationId)
	if err != nil {
		return nil, err
	}
	out := StackSetOperation{
		OperationId: op.id, StackSetId: set.id, Action: op.action, Status: op.status, OperationPreferences: op.preferences.shown(),
		AdministrationRoleARN: op.administration, ExecutionRoleName: op.execution,
		CreationTimestamp: op.created, EndTimestamp: op.ended, StatusDetails: op.details(),
	}
	if op.action == setDelete {
		retain := op.retain
		out.RetainStacks = &retain
	}
	return &DescribeStackSetOperationOutput{StackSetOperation: out}, nil
}

// findSetOperation finds an operation and its set. The caller holds s.sets.mu.
func (s *Service) findSetOperation(setName, id string) (*stackSet, *setOperation, error) {
	set, err := s.findSet(setName)
	if err != nil {
		return nil, nil, err
	}
	op, err := set.operation(id)
	return set, op, err
}

func (op *setOperation) details() StackSetOperationDetails {
	return StackSetOperationDetails{FailedStackInstancesCount: op.failures("")}
}

// ListStackSetOperationsInput is a request of ListStackSetOperations.
type ListStackSetOperationsInput struct {
	StackSetName, NextToken string
	MaxResults              int
	CallAs                  string
}

// ListStackSetOperationsOutput is the answer.
type ListStackSetOperationsOutput struct {
	Summaries []StackSetOperationSummary
	NextToken string
}

// ListStackSetOperations lists the operations on a stack set, the newest first.
func (s *Service) ListStackSetOperations(_ context.Context, in *ListStackSetOperationsInput) (*ListStackSetOperationsOutput, error) {
	if err := selfManaged("ListStackSetOperations", "", in.CallAs); err != nil {
		return nil, err
	}
	s.sets.mu.Lock()
	defer s.sets.mu.Unlock()
	set, err := s.findSet(in.StackSetName)
	if err != nil {
		return nil, err
	}
	all := []StackSetOperationSummary{}
	for _, op := range slices.Backward(set.operations) {
		all = append(all, StackSetOperationSummary{
			OperationId: op.id, Action: op.action, Status: op.status, CreationTimestamp: op.created, EndTimestamp: op.ended,
			StatusDetails: op.details(), OperationPreferences: op.preferences.shown(),
		})
	}
	shown, next, err := page(all, in.NextToken, pageSize(in.MaxResults))
	return &ListStackSetOperationsOutput{Summaries: shown, NextToken: next}, err
}

// ListStackSetOperationResultsInput is a request of ListStackSetOperationResults.
type ListStackSetOperationResultsInput struct {
	StackSetName, OperationId, NextToken string
	MaxResults                           int
	CallAs                               string
	Filters                              []OperationResultFilter
}

// ListStackSetOperationResultsOutput is the answer.
type ListStackSetOperationResultsOutput struct {
	Summaries []StackSetOperationResult
	NextToken string
}

// ListStackSetOperationResults lists how an operation stands in each region, in the order
// in which it goes through them.
func (s *Service) ListStackSetOperationResults(_ context.Context, in *ListStackSetOperationResultsInput) (*ListStackSetOperationResultsOutput, error) {
	if err := selfManaged("ListStackSetOperationResults", "", in.CallAs); err != nil {
		return nil, err
	}
	s.sets.mu.Lock()
	defer s.sets.mu.Unlock()
	_, op, err := s.findSetOperation(in.StackSetName, in.OperationId)
	if err != nil {
		return nil, err
	}
	all := []StackSetOperationResult{}
	for _, r := range op.results {
		if slices.ContainsFunc(in.Filters, func(f OperationResultFilter) bool { return f.Values != r.status }) {
			continue
		}
		shown := StackSetOperationResult{Account: wire.AccountID, Region: r.region, Status: r.status, StatusReason: r.reason}
		if r.gated {
			shown.AccountGateResult = &AccountGateResult{
				Status:       "SKIPPED",
				StatusReason: "Function not found: arn:aws:lambda:" + r.region + ":" + wire.AccountID + ":function:AWSCloudFormationStackSetAccountGate",
			}
		}
		all = append(all, shown)
	}
	shown, next, err := page(all, in.NextToken, pageSize(in.MaxResults))
	return &ListStackSetOperationResultsOutput{Summaries: shown, NextToken: next}, err
}

// StopStackSetOperationInput is a request of StopStackSetOperation.
type StopStackSetOperationInput struct{ StackSetName, OperationId, CallAs string }

// StopStackSetOperationOutput is the answer.
type StopStackSetOperationOutput struct{}

// StopStackSetOperation lets an operation begin nothing more. What it has begun goes on to
// its end.
func (s *Service) StopStackSetOperation(_ context.Context, in *StopStackSetOperationInput) (*StopStackSetOperationOutput, error) {
	if err := selfManaged("StopStackSetOperation", "", in.CallAs); err != nil {
		return nil, err
	}
	s.sets.mu.Lock()
	defer s.sets.mu.Unlock()
	set, op, err := s.findSetOperation(in.StackSetName, in.OperationId)
	if err != nil {
		return nil, err
	}
	switch op.status {
	case setRunning:
		op.status = setStopping
	case setQueued:
		op.status, op.ended = setStopped, s.now()
		s.dequeue(set)
	default:
		return nil, wire.Errorf("InvalidOperationException", "Operation %s cannot be stopped: it is in %s state", op.id, op.status)
	}
	return &StopStackSetOperationOutput{}, nil
}
