package cloudformation

import (
	"context"
	"slices"
)

// DescribeStacksInput is a request of DescribeStacks.
type DescribeStacksInput struct{ StackName, NextToken string }

// DescribeStacksOutput is the answer.
type DescribeStacksOutput struct {
	Stacks    []StackDescription
	NextToken string
}

// DescribeStacks describes one stack, by name or id, or all that are not deleted.
func (s *Service) DescribeStacks(_ context.Context, in *DescribeStacksInput) (*DescribeStacksOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.StackName != "" {
		st := s.find(in.StackName)
		if st == nil {
			return nil, invalid("Stack with id %s does not exist", in.StackName)
		}
		return &DescribeStacksOutput{Stacks: []StackDescription{s.describe(st)}}, nil
	}
	all := s.newestFirst(func(st *stack) bool { return st.status != DeleteComplete })
	shown, next, err := page(all, in.NextToken, 100)
	stacks := make([]StackDescription, 0, len(shown))
	for _, st := range shown {
		stacks = append(stacks, s.describe(st))
	}
	return &DescribeStacksOutput{Stacks: stacks, NextToken: next}, err
}

// ListStacksInput is a request of ListStacks.
type ListStacksInput struct {
	NextToken         string
	StackStatusFilter []string
}

// ListStacksOutput is the answer.
type ListStacksOutput struct {
	StackSummaries []StackSummary
	NextToken      string
}

// ListStacks lists stacks, deleted ones included unless a filter says otherwise.
func (s *Service) ListStacks(_ context.Context, in *ListStacksInput) (*ListStacksOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.newestFirst(func(st *stack) bool {
		return len(in.StackStatusFilter) == 0 || slices.Contains(in.StackStatusFilter, string(st.status))
	})
	shown, next, err := page(all, in.NextToken, 100)
	summaries := make([]StackSummary, 0, len(shown))
	for _, st := range shown {
		d := s.describe(st)
		summaries = append(summaries, StackSummary{
			StackId: d.StackId, StackName: d.StackName, TemplateDescription: d.Description,
			CreationTime: d.CreationTime, LastUpdatedTime: d.LastUpdatedTime, DeletionTime: d.DeletionTime,
			StackStatus: d.StackStatus, StackStatusReason: d.StackStatusReason, DriftInformation: d.DriftInformation,
			LastOperations: d.LastOperations,
		})
	}
	return &ListStacksOutput{StackSummaries: summaries, NextToken: next}, err
}

// DescribeStackEventsInput is a request of DescribeStackEvents.
type DescribeStackEventsInput struct{ StackName, NextToken string }

// DescribeStackEventsOutput is the answer.
type DescribeStackEventsOutput struct {
	StackEvents []Event
	NextToken   string
}

// DescribeStackEvents lists a stack's events, the newest first.
func (s *Service) DescribeStackEvents(_ context.Context, in *DescribeStackEventsInput) (*DescribeStackEventsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.get(in.StackName)
	if err != nil {
		return nil, err
	}
	all := slices.DeleteFunc(slices.Clone(st.events), func(e Event) bool { return e.operationOnly })
	slices.Reverse(all)
	events, next, err := page(all, in.NextToken, 100)
	return &DescribeStackEventsOutput{StackEvents: events, NextToken: next}, err
}

// DescribeStackResourceInput is a request of DescribeStackResource.
type DescribeStackResourceInput struct{ StackName, LogicalResourceId string }

// DescribeStackResourceOutput is the answer.
type DescribeStackResourceOutput struct{ StackResourceDetail StackResourceDetail }

// DescribeStackResource describes one resource.
func (s *Service) DescribeStackResource(_ context.Context, in *DescribeStackResourceInput) (*DescribeStackResourceOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.find(in.StackName)
	if st == nil {
		return nil, invalid("Stack '%s' does not exist", in.StackName)
	}
	r := st.resources[in.LogicalResourceId]
	if r == nil {
		return nil, invalid("Resource %s does not exist for stack %s", in.LogicalResourceId, in.StackName)
	}
	detail := StackResourceDetail{
		StackName: st.name, StackId: st.id, LogicalResourceId: r.logicalID, PhysicalResourceId: r.PhysicalID,
		ResourceType: r.definition.Type, LastUpdatedTimestamp: r.updated, ResourceStatus: r.status,
		ResourceStatusReason: r.reason, DriftInformation: st.driftOf(r.logicalID),
	}
	if len(r.definition.Metadata) > 0 {
		detail.Metadata = encodeJSON(r.definition.Metadata)
	}
	return &DescribeStackResourceOutput{StackResourceDetail: detail}, nil
}

// DescribeStackResourcesInput is a request of DescribeStackResources.
type DescribeStackResourcesInput struct{ StackName, LogicalResourceId, PhysicalResourceId string }

// DescribeStackResourcesOutput is the answer.
type DescribeStackResourcesOutput struct{ StackResources []StackResource }

// DescribeStackResources describes a stack's resources, or those of the stack that a
// physical resource belongs to.
func (s *Service) DescribeStackResources(_ context.Context, in *DescribeStackResourcesInput) (*DescribeStackResourcesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.ofStackOrResource(in.StackName, in.PhysicalResourceId)
	if err != nil {
		return nil, err
	}
	out := []StackResource{}
	for _, r := range st.sortedResources() {
		if in.LogicalResourceId != "" && r.logicalID != in.LogicalResourceId {
			continue
		}
		out = append(out, StackResource{
			StackName: st.name, StackId: st.id, LogicalResourceId: r.logicalID, PhysicalResourceId: r.PhysicalID,
			ResourceType: r.definition.Type, Timestamp: r.updated, ResourceStatus: r.status,
			ResourceStatusReason: r.reason, DriftInformation: st.driftOf(r.logicalID),
		})
	}
	return &DescribeStackResourcesOutput{StackResources: out}, nil
}

func (s *Service) ofStackOrResource(stackName, physicalID string) (*stack, error) {
	if stackName != "" || physicalID == "" {
		return s.get(stackName)
	}
	for _, st := range s.stacks {
		for _, r := range st.resources {
			if r.PhysicalID == physicalID {
				return st, nil
			}
		}
	}
	return nil, invalid("Stack for %s does not exist", physicalID)
}

// ListStackResourcesInput is a request of ListStackResources.
type ListStackResourcesInput struct{ StackName, NextToken string }

// ListStackResourcesOutput is the answer.
type ListStackResourcesOutput struct {
	StackResourceSummaries []StackResourceSummary
	NextToken              string
}

// ListStackResources lists a stack's resources.
func (s *Service) ListStackResources(_ context.Context, in *ListStackResourcesInput) (*ListStackResourcesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.find(in.StackName)
	if st == nil {
		return nil, invalid("Stack with id %s does not exist", in.StackName)
	}
	var all []StackResourceSummary
	for _, r := range st.sortedResources() {
		all = append(all, StackResourceSummary{
			LogicalResourceId: r.logicalID, PhysicalResourceId: r.PhysicalID, ResourceType: r.definition.Type,
			LastUpdatedTimestamp: r.updated, ResourceStatus: r.status, ResourceStatusReason: r.reason,
			DriftInformation: st.driftOf(r.logicalID),
		})
	}
	resources, next, err := page(all, in.NextToken, 100)
	return &ListStackResourcesOutput{StackResourceSummaries: resources, NextToken: next}, err
}
