package cloudformation

import (
	"context"
	"slices"

	"github.com/slipway-go/slipway/emulator/internal/intrinsic"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// CreateStackSetInput is a request of CreateStackSet.
type CreateStackSetInput struct {
	StackSetName              string
	Description               string
	TemplateBody, TemplateURL string
	Parameters                []ParameterInput
	Capabilities              []string
	Tags                      []Tag
	AdministrationRoleARN     string
	ExecutionRoleName         string
	PermissionModel           string
	CallAs                    string
	ClientRequestToken        string
	ManagedExecution          *ManagedExecution
}

// CreateStackSetOutput is the answer.
type CreateStackSetOutput struct{ StackSetId string }

// CreateStackSet makes a stack set without instances.
func (s *Service) CreateStackSet(_ context.Context, in *CreateStackSetInput) (*CreateStackSetOutput, error) {
	if err := selfManaged("CreateStackSet", in.PermissionModel, in.CallAs); err != nil {
		return nil, err
	}
	if !stackName.MatchString(in.StackSetName) {
		return nil, invalid("1 validation error detected: Value '%s' at 'stackSetName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*", in.StackSetName)
	}
	s.sets.mu.Lock()
	defer s.sets.mu.Unlock()
	if existing, err := s.findSet(in.StackSetName); err == nil {
		switch {
		case in.ClientRequestToken == "" || existing.token != in.ClientRequestToken:
			return nil, wire.Errorf("NameAlreadyExistsException", "StackSet %s already exists", in.StackSetName)
		case existing.updated:
			return nil, wire.Errorf("CreatedButModifiedException", "StackSet %s has been created by this request and modified since", in.StackSetName)
		}
		return &CreateStackSetOutput{StackSetId: existing.id}, nil
	}
	set := &stackSet{
		id: in.StackSetName + ":" + wire.NewUUID(), name: in.StackSetName, description: in.Description,
		token: in.ClientRequestToken, managed: in.ManagedExecution != nil && in.ManagedExecution.Active,
	}
	var err error
	set.definition, err = s.define(definition{
		body: in.TemplateBody, url: in.TemplateURL, parameters: in.Parameters, capabilities: in.Capabilities, tags: in.Tags,
	}, &setDefinition{administration: administrationRole, execution: executionRole}, in.AdministrationRoleARN, in.ExecutionRoleName)
	if err != nil {
		return nil, err
	}
	s.sets.all = append(s.sets.all, set)
	return &CreateStackSetOutput{StackSetId: set.id}, nil
}

// selfManaged refuses what is for organizations of accounts.
func selfManaged(operation, permissionModel, callAs string) error {
	if permissionModel == "SERVICE_MANAGED" {
		return invalid("The embedded AWS does not support PermissionModel SERVICE_MANAGED of %s: it has one account and no organization.", operation)
	}
	if callAs == "DELEGATED_ADMIN" {
		return invalid("The embedded AWS does not support CallAs DELEGATED_ADMIN of %s: it has one account and no organization.", operation)
	}
	return nil
}

// define checks the definition of a stack set, as far as that can be done before it is
// known where its stacks will be: each region has its own parameters, exports and zones.
func (s *Service) define(d definition, previous *setDefinition, administration, execution string) (*setDefinition, error) {
	body, err := s.templateBody(d, revision{body: previous.body})
	if err != nil {
		return nil, err
	}
	t, err := parse(body)
	if err != nil {
		return nil, err
	}
	given := map[string]intrinsic.Given{}
	for _, p := range d.parameters {
		given[p.ParameterKey] = intrinsic.Given{Value: p.ParameterValue, UsePrevious: p.UsePreviousValue}
	}
	values, err := intrinsic.ResolveParameters(t, given, previous.parameters)
	if err != nil {
		return nil, asInvalid(err)
	}
	if err := checkCapabilities(revision{template: t, capabilities: d.capabilities}); err != nil {
		return nil, err
	}
	next := *previous
	next.body, next.template, next.parameters, next.capabilities = body, t, values, d.capabilities
	if d.tags != nil {
		next.tags = d.tags
	}
	if administration != "" {
		next.administration = administration
	}
	if execution != "" {
		next.execution = execution
	}
	return &next, nil
}

// DescribeStackSetInput is a request of DescribeStackSet.
type DescribeStackSetInput struct{ StackSetName, CallAs string }

// DescribeStackSetOutput is the answer.
type DescribeStackSetOutput struct{ StackSet StackSetDescription }

// DescribeStackSet describes a stack set.
func (s *Service) DescribeStackSet(_ context.Context, in *DescribeStackSetInput) (*DescribeStackSetOutput, error) {
	if err := selfManaged("DescribeStackSet", "", in.CallAs); err != nil {
		return nil, err
	}
	s.sets.mu.Lock()
	defer s.sets.mu.Unlock()
	set, err := s.findSet(in.StackSetName)
	if err != nil {
		return nil, err
	}
	d := set.definition
	regions := []string{}
	for _, instance := range set.instances {
		regions = append(regions, instance.region)
	}
	return &DescribeStackSetOutput{StackSet: StackSetDescription{
		StackSetName: set.name, StackSetId: set.id, Description: set.description, Status: set.status(),
		TemplateBody: d.body, Parameters: append([]ParameterOutput{}, describeParameters(revision{template: d.template, parameters: d.parameters})...),
		Capabilities: append([]string{}, d.capabilities...), Tags: append([]Tag{}, d.tags...), StackSetARN: s.setARN(set),
		AdministrationRoleARN: d.administration, ExecutionRoleName: d.execution,
		StackSetDriftDetectionDetails: StackSetDrift{DriftStatus: notChecked, TotalStackInstancesCount: len(set.instances)},
		PermissionModel:               selfManagedModel, ManagedExecution: ManagedExecution{Active: set.managed}, Regions: regions,
	}}, nil
}

const (
	selfManagedModel = "SELF_MANAGED"
	notChecked       = "NOT_CHECKED" // the drift of sets and of their instances
)

func (set *stackSet) status() string {
	if set.deleted {
		return "DELETED"
	}
	return "ACTIVE"
}

// ListStackSetsInput is a request of ListStackSets.
type ListStackSetsInput struct {
	NextToken      string
	MaxResults     int
	Status, CallAs string
}

// ListStackSetsOutput is the answer.
type ListStackSetsOutput struct {
	Summaries []StackSetSummary
	NextToken string
}

// ListStackSets lists the stack sets of the region, deleted ones included unless a status
// is asked for.
func (s *Service) ListStackSets(_ context.Context, in *ListStackSetsInput) (*ListStackSetsOutput, error) {
	if err := selfManaged("ListStackSets", "", in.CallAs); err != nil {
		return nil, err
	}
	s.sets.mu.Lock()
	defer s.sets.mu.Unlock()
	all := []StackSetSummary{}
	for _, set := range s.sets.all {
		if in.Status != "" && in.Status != set.status() {
			continue
		}
		all = append(all, StackSetSummary{
			StackSetName: set.name, StackSetId: set.id, Description: set.description, Status: set.status(),
			PermissionModel: selfManagedModel, DriftStatus: notChecked, ManagedExecution: ManagedExecution{Active: set.managed},
		})
	}
	shown, next, err := page(all, in.NextToken, pageSize(in.MaxResults))
	return &ListStackSetsOutput{Summaries: shown, NextToken: next}, err
}

// pageSize is how much a list of stack sets has on a page.
func pageSize(asked int) int {
	if asked == 0 {
		return 100
	}
	return asked
}

// DeleteStackSetInput is a request of DeleteStackSet.
type DeleteStackSetInput struct{ StackSetName, CallAs string }

// DeleteStackSetOutput is the answer.
type DeleteStackSetOutput struct{}

// DeleteStackSet deletes a stack set that has no instances any more. One that does not
// exist is no error: the operation has none for that.
func (s *Service) DeleteStackSet(_ context.Context, in *DeleteStackSetInput) (*DeleteStackSetOutput, error) {
	if err := selfManaged("DeleteStackSet", "", in.CallAs); err != nil {
		return nil, err
	}
	s.sets.mu.Lock()
	defer s.sets.mu.Unlock()
	set, err := s.findSet(in.StackSetName)
	switch {
	case err != nil:
		return &DeleteStackSetOutput{}, nil
	case set.busy():
		return nil, s.inProgress(set)
	case len(set.instances) > 0:
		return nil, wire.Errorf("StackSetNotEmptyException", "StackSet is not empty")
	}
	set.deleted, set.definition, set.operations = true, &setDefinition{}, nil
	return &DeleteStackSetOutput{}, nil
}

func (s *Service) inProgress(set *stackSet) error {
	return wire.Errorf("OperationInProgressException", "Another Operation on StackSet %s is in progress", s.setARN(set))
}

// targets are the regions that a request names for its instances, each once.
func targets(operation string, accounts, regions []string) ([]string, error) {
	if len(accounts) == 0 {
		return nil, invalid("Accounts must be specified for %s of a StackSet with self-managed permissions", operation)
	}
	if len(regions) == 0 {
		return nil, invalid("At least one value must be specified for Regions of %s", operation)
	}
	for _, account := range accounts {
		if account != wire.AccountID {
			return nil, invalid("The embedded AWS does not support Accounts of %s other than its own: %s is not %s.", operation, account, wire.AccountID)
		}
	}
	var each []string
	for _, region := range regions {
		if !slices.Contains(each, region) {
			each = append(each, region)
		}
	}
	return each, nil
}
