package cloudformation

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// CreateStackInstancesInput is a request of CreateStackInstances.
type CreateStackInstancesInput struct {
	StackSetName         string
	Accounts, Regions    []string
	ParameterOverrides   []ParameterInput
	OperationPreferences *StackSetOperationPreferences
	OperationId, CallAs  string
}

// CreateStackInstancesOutput is the answer.
type CreateStackInstancesOutput struct{ OperationId string }

// CreateStackInstances begins to make stacks of a set in regions. Where there is one, it
// is brought up to the set.
func (s *Service) CreateStackInstances(_ context.Context, in *CreateStackInstancesInput) (*CreateStackInstancesOutput, error) {
	id, err := s.changeInstances(setCreate, instancesRequest{
		operation: "CreateStackInstances", set: in.StackSetName, accounts: in.Accounts, regions: in.Regions, callAs: in.CallAs,
		overrides: in.ParameterOverrides, preferences: in.OperationPreferences, id: &in.OperationId, input: in,
	})
	return &CreateStackInstancesOutput{OperationId: id}, err
}

// UpdateStackInstancesInput is a request of UpdateStackInstances.
type UpdateStackInstancesInput struct {
	StackSetName         string
	Accounts, Regions    []string
	ParameterOverrides   []ParameterInput
	OperationPreferences *StackSetOperationPreferences
	OperationId, CallAs  string
}

// UpdateStackInstancesOutput is the answer.
type UpdateStackInstancesOutput struct{ OperationId string }

// UpdateStackInstances begins to bring instances up to their set, with other overrides
// where the request has any.
func (s *Service) UpdateStackInstances(_ context.Context, in *UpdateStackInstancesInput) (*UpdateStackInstancesOutput, error) {
	id, err := s.changeInstances(setUpdate, instancesRequest{
		operation: "UpdateStackInstances", set: in.StackSetName, accounts: in.Accounts, regions: in.Regions, callAs: in.CallAs,
		overrides: in.ParameterOverrides, preferences: in.OperationPreferences, id: &in.OperationId, input: in,
	})
	return &UpdateStackInstancesOutput{OperationId: id}, err
}

// DeleteStackInstancesInput is a request of DeleteStackInstances.
type DeleteStackInstancesInput struct {
	StackSetName         string
	Accounts, Regions    []string
	OperationPreferences *StackSetOperationPreferences
	RetainStacks         bool
	OperationId, CallAs  string
}

// DeleteStackInstancesOutput is the answer.
type DeleteStackInstancesOutput struct{ OperationId string }

// DeleteStackInstances begins to take instances out of a set, with their stacks unless
// those are retained. Regions without an instance are no error.
func (s *Service) DeleteStackInstances(_ context.Context, in *DeleteStackInstancesInput) (*DeleteStackInstancesOutput, error) {
	id, err := s.changeInstances(setDelete, instancesRequest{
		operation: "DeleteStackInstances", set: in.StackSetName, accounts: in.Accounts, regions: in.Regions, callAs: in.CallAs,
		preferences: in.OperationPreferences, retain: in.RetainStacks, id: &in.OperationId, input: in,
	})
	return &DeleteStackInstancesOutput{OperationId: id}, err
}

// instancesRequest is what the requests about instances have in common.
type instancesRequest struct {
	operation, set, callAs string
	accounts, regions      []string
	overrides              []ParameterInput // nil: they stay what they are
	preferences            *StackSetOperationPreferences
	retain                 bool
	id                     *string // OperationId, a member of input
	input                  any
}

func (s *Service) changeInstances(action string, r instancesRequest) (string, error) {
	if err := selfManaged(r.operation, "", r.callAs); err != nil {
		return "", err
	}
	if err := r.preferences.check(); err != nil {
		return "", err
	}
	regions, err := targets(r.operation, r.accounts, r.regions)
	if err != nil {
		return "", err
	}
	s.sets.mu.Lock()
	defer s.sets.mu.Unlock()
	set, err := s.findSet(r.set)
	if err != nil {
		return "", err
	}
	op := s.newSetOperation(action, r.id, r.input)
	op.preferences, op.retain, op.targets = r.preferences, r.retain, regions
	if again, err := s.mayBegin(set, op); again || err != nil {
		return op.id, err
	}
	if action == setUpdate {
		if err := set.has(regions); err != nil {
			return "", err
		}
	}
	if err := set.mayOverride(r.overrides); err != nil {
		return "", err
	}
	for _, region := range regions {
		instance := set.instance(region)
		if instance == nil && action == setCreate {
			instance = &stackInstance{
				region: region, stackName: "StackSet-" + set.name + "-" + wire.NewUUID(),
				status: instanceOutdated, detailed: resultPending,
			}
			set.instances = append(set.instances, instance)
		}
		if instance != nil && action != setDelete {
			instance.override(r.overrides)
		}
	}
	s.beginSetOperation(set, op)
	return op.id, nil
}

// mayOverride refuses overrides of what is no parameter of the set.
func (set *stackSet) mayOverride(overrides []ParameterInput) error {
	var unknown []string
	for _, o := range overrides {
		if _, ok := set.definition.template.Parameters[o.ParameterKey]; !ok {
			unknown = append(unknown, o.ParameterKey)
		}
		if o.UsePreviousValue && o.ParameterValue != nil {
			return invalid("Invalid input for parameter key %s. Cannot specify a parameter value and usePreviousValue as true.", o.ParameterKey)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return invalid("Parameters: [%s] do not exist in the template", strings.Join(unknown, ", "))
	}
	return nil
}

// override sets the instance's overrides as the API reference says of ParameterOverrides: a
// value overrides, UsePreviousValue leaves an override as it is, a parameter that the list
// does not have goes back to the set's value, and without a list nothing changes.
func (in *stackInstance) override(list []ParameterInput) {
	if list == nil {
		return
	}
	next := map[string]string{}
	for _, o := range list {
		present, overridden := in.overrides[o.ParameterKey]
		switch {
		case o.ParameterValue != nil:
			next[o.ParameterKey] = *o.ParameterValue
		case o.UsePreviousValue && overridden:
			next[o.ParameterKey] = present
		}
	}
	in.overrides = next
}

// parameters are the values for the stack of an instance.
func (set *stackSet) parameters(in *stackInstance) map[string]string {
	values := maps.Clone(set.definition.parameters)
	for key, value := range in.overrides {
		if _, ok := values[key]; ok { // another template may not have it any more
			values[key] = value
		}
	}
	return values
}

// DescribeStackInstanceInput is a request of DescribeStackInstance.
type DescribeStackInstanceInput struct {
	StackSetName, StackInstanceAccount, StackInstanceRegion, CallAs string
}

// DescribeStackInstanceOutput is the answer.
type DescribeStackInstanceOutput struct{ StackInstance StackInstanceDescription }

// DescribeStackInstance describes an instance of a stack set.
func (s *Service) DescribeStackInstance(_ context.Context, in *DescribeStackInstanceInput) (*DescribeStackInstanceOutput, error) {
	if err := selfManaged("DescribeStackInstance", "", in.CallAs); err != nil {
		return nil, err
	}
	s.sets.mu.Lock()
	defer s.sets.mu.Unlock()
	set, err := s.findSet(in.StackSetName)
	if err != nil {
		return nil, err
	}
	instance := set.instance(in.StackInstanceRegion)
	if instance == nil || in.StackInstanceAccount != wire.AccountID {
		return nil, set.noInstance(in.StackInstanceRegion)
	}
	shown := describeParameters(revision{template: set.definition.template, parameters: instance.overrides})
	summary := set.summary(instance)
	return &DescribeStackInstanceOutput{StackInstance: StackInstanceDescription{
		StackSetId: set.id, Region: instance.region, Account: wire.AccountID, StackId: instance.stackID,
		ParameterOverrides: append([]ParameterOutput{}, shown...), Status: summary.Status, StatusReason: summary.StatusReason,
		StackInstanceStatus: summary.StackInstanceStatus, DriftStatus: summary.DriftStatus, LastOperationId: summary.LastOperationId,
	}}, nil
}

func (set *stackSet) summary(in *stackInstance) StackInstanceSummary {
	return StackInstanceSummary{
		StackSetId: set.id, Region: in.region, Account: wire.AccountID, StackId: in.stackID,
		Status: in.status, StatusReason: in.reason, StackInstanceStatus: DetailedInstanceStatus{in.detailed},
		DriftStatus: notChecked, LastOperationId: in.lastOperation,
	}
}

// ListStackInstancesInput is a request of ListStackInstances.
type ListStackInstancesInput struct {
	StackSetName, NextToken                           string
	MaxResults                                        int
	Filters                                           []StackInstanceFilter
	StackInstanceAccount, StackInstanceRegion, CallAs string
}

// ListStackInstancesOutput is the answer.
type ListStackInstancesOutput struct {
	Summaries []StackInstanceSummary
	NextToken string
}

// ListStackInstances lists the instances of a stack set.
func (s *Service) ListStackInstances(_ context.Context, in *ListStackInstancesInput) (*ListStackInstancesOutput, error) {
	if err := selfManaged("ListStackInstances", "", in.CallAs); err != nil {
		return nil, err
	}
	s.sets.mu.Lock()
	defer s.sets.mu.Unlock()
	set, err := s.findSet(in.StackSetName)
	if err != nil {
		return nil, err
	}
	all := []StackInstanceSummary{}
	for _, instance := range set.instances {
		summary := set.summary(instance)
		if in.StackInstanceAccount != "" && in.StackInstanceAccount != summary.Account ||
			in.StackInstanceRegion != "" && in.StackInstanceRegion != summary.Region {
			continue
		}
		if !slices.ContainsFunc(in.Filters, summary.filtered) {
			all = append(all, summary)
		}
	}
	shown, next, err := page(all, in.NextToken, pageSize(in.MaxResults))
	return &ListStackInstancesOutput{Summaries: shown, NextToken: next}, err
}

// filtered tells whether a filter leaves the instance out.
func (in StackInstanceSummary) filtered(f StackInstanceFilter) bool {
	value := map[string]string{
		"DETAILED_STATUS": in.StackInstanceStatus.DetailedStatus, "LAST_OPERATION_ID": in.LastOperationId, "DRIFT_STATUS": in.DriftStatus,
	}
	return value[f.Name] != f.Values
}
