package cloudformation

import (
	"context"
	"slices"
	"strings"
	"time"
)

// EventFilter narrows what DescribeEvents returns.
type EventFilter struct{ FailedEvents bool }

// DescribeEventsInput is a request of DescribeEvents.
type DescribeEventsInput struct {
	StackName, ChangeSetName, OperationId, NextToken string
	Filters                                          *EventFilter
}

// DescribeEventsOutput is the answer.
type DescribeEventsOutput struct {
	OperationEvents []OperationEvent
	NextToken       string
}

// OperationEvent is an event as DescribeEvents shows it, with the operation it belongs to.
type OperationEvent struct {
	EventId              string
	StackId              string
	OperationId          string
	OperationType        OperationType
	OperationStatus      string
	EventType            string
	LogicalResourceId    string
	PhysicalResourceId   *string
	ResourceType         string
	Timestamp            time.Time
	StartTime            time.Time
	EndTime              time.Time
	ResourceStatus       string
	ResourceStatusReason string
	ResourceProperties   string
	ClientRequestToken   string
}

// OperationEntry names an operation of a stack.
type OperationEntry struct {
	OperationType OperationType
	OperationId   string
}

// The types of events that the embedded AWS has: it validates nothing ahead of an
// operation that could fail later, and has no hooks.
const (
	stackEvent        = "STACK_EVENT"
	progressEvent     = "PROGRESS_EVENT"
	provisioningError = "PROVISIONING_ERROR"
)

// DescribeEvents lists the events of a stack, a change set or an operation, the newest
// first, a hundred a page.
func (s *Service) DescribeEvents(_ context.Context, in *DescribeEventsInput) (*DescribeEventsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, wanted, err := s.eventsAskedFor(in)
	if err != nil {
		return nil, err
	}
	all := []OperationEvent{}
	for _, e := range slices.Backward(st.events) {
		if !wanted(e) {
			continue
		}
		if o := e.ofOperation(); in.Filters == nil || !in.Filters.FailedEvents || o.failed() {
			all = append(all, o)
		}
	}
	events, next, err := page(all, in.NextToken, 100)
	return &DescribeEventsOutput{OperationEvents: events, NextToken: next}, err
}

// eventsAskedFor finds the stack, and which of its events a request means. The caller
// holds s.mu.
func (s *Service) eventsAskedFor(in *DescribeEventsInput) (*stack, func(Event) bool, error) {
	ofOperation := func(e Event) bool { return in.OperationId == "" || e.OperationId == in.OperationId }
	switch {
	case in.ChangeSetName != "":
		st, cs, err := s.findChangeSet(in.StackName, in.ChangeSetName)
		if err != nil {
			return nil, nil, err
		}
		return st, func(e Event) bool { return e.record != nil && e.record.changeSet == cs.id && ofOperation(e) }, nil
	case in.StackName != "":
		st, err := s.get(in.StackName)
		return st, ofOperation, err
	case in.OperationId != "":
		for _, st := range s.stacks {
			if slices.ContainsFunc(st.records, func(rec *operationRecord) bool { return rec.id == in.OperationId }) {
				return st, ofOperation, nil
			}
		}
		return nil, nil, invalid("Operation [%s] does not exist", in.OperationId)
	}
	return nil, nil, invalid("One of ChangeSetName, OperationId or StackName must be specified as input.")
}

// ofOperation is the event as DescribeEvents shows it.
func (e Event) ofOperation() OperationEvent {
	o := OperationEvent{
		EventId: e.EventId, StackId: e.StackId, OperationId: e.OperationId, Timestamp: e.Timestamp,
		LogicalResourceId: e.LogicalResourceId, PhysicalResourceId: e.PhysicalResourceId, ResourceType: e.ResourceType,
		ResourceStatus: e.ResourceStatus, ResourceStatusReason: e.ResourceStatusReason,
		ResourceProperties: e.ResourceProperties, ClientRequestToken: e.ClientRequestToken,
	}
	if e.record != nil {
		o.OperationType = e.record.kind
	}
	switch {
	case e.operationOnly || e.PhysicalResourceId != nil && *e.PhysicalResourceId == e.StackId:
		o.EventType, o.OperationStatus = stackEvent, e.outcome
		if e.record != nil {
			o.StartTime = e.record.started
		}
		if e.outcome == operationSucceeded || e.outcome == operationFailed {
			o.EndTime = e.Timestamp
		}
	case strings.HasSuffix(e.ResourceStatus, failed):
		o.EventType = provisioningError
	default:
		o.EventType = progressEvent
	}
	return o
}

// failed tells whether the event is one that the filter FailedEvents keeps.
func (o OperationEvent) failed() bool {
	return o.EventType == provisioningError || o.OperationStatus == operationFailed
}
