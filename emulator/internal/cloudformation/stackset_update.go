package cloudformation

import (
	"context"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// UpdateStackSetInput is a request of UpdateStackSet.
type UpdateStackSetInput struct {
	StackSetName              string
	Description               string
	TemplateBody, TemplateURL string
	UsePreviousTemplate       bool
	Parameters                []ParameterInput
	Capabilities              []string
	Tags                      []Tag
	OperationPreferences      *StackSetOperationPreferences
	AdministrationRoleARN     string
	ExecutionRoleName         string
	PermissionModel           string
	OperationId               string
	Accounts, Regions         []string
	CallAs                    string
	ManagedExecution          *ManagedExecution
}

// UpdateStackSetOutput is the answer.
type UpdateStackSetOutput struct{ OperationId string }

// UpdateStackSet changes a stack set, and begins to bring its instances, or those in some
// regions, up to it. The set stays changed whatever comes of that.
func (s *Service) UpdateStackSet(_ context.Context, in *UpdateStackSetInput) (*UpdateStackSetOutput, error) {
	if err := selfManaged("UpdateStackSet", in.PermissionModel, in.CallAs); err != nil {
		return nil, err
	}
	if err := in.OperationPreferences.check(); err != nil {
		return nil, err
	}
	s.sets.mu.Lock()
	defer s.sets.mu.Unlock()
	set, err := s.findSet(in.StackSetName)
	if err != nil {
		return nil, err
	}
	op := s.newSetOperation(setUpdate, &in.OperationId, in)
	if again, err := s.mayBegin(set, op); again || err != nil {
		return &UpdateStackSetOutput{OperationId: op.id}, err
	}
	op.preferences, op.definition, op.everywhere = in.OperationPreferences, true, len(in.Accounts) == 0 && len(in.Regions) == 0
	if !op.everywhere {
		if op.targets, err = targets("UpdateStackSet", in.Accounts, in.Regions); err != nil {
			return nil, err
		}
		if err := set.has(op.targets); err != nil {
			return nil, err
		}
	}
	next, err := s.redefine(set, in)
	if err != nil {
		return nil, err
	}
	set.definition, set.updated = next, true
	if in.Description != "" {
		set.description = in.Description
	}
	if in.ManagedExecution != nil {
		set.managed = in.ManagedExecution.Active
	}
	if in.TemplateBody != "" || in.TemplateURL != "" || in.Parameters != nil {
		for _, instance := range set.instances {
			if instance.status == instanceCurrent {
				instance.status, instance.detailed, instance.reason = instanceOutdated, resultPending, ""
			}
		}
	}
	s.beginSetOperation(set, op)
	return &UpdateStackSetOutput{OperationId: op.id}, nil
}

// redefine is the definition that an update asks for. The caller holds s.sets.mu.
func (s *Service) redefine(set *stackSet, in *UpdateStackSetInput) (*setDefinition, error) {
	previous := set.definition
	if in.AdministrationRoleARN == "" && previous.administration != administrationRole {
		return nil, invalid("AdministrationRoleARN must be specified for a StackSet that has been created with a customized administrator role")
	}
	if in.ManagedExecution != nil && in.ManagedExecution.Active != set.managed && set.busy() {
		return nil, wire.Errorf("InvalidOperationException", "ManagedExecution of StackSet %s cannot be modified while there are running or queued operations", set.name)
	}
	return s.define(definition{
		body: in.TemplateBody, url: in.TemplateURL, usePrevious: in.UsePreviousTemplate,
		parameters: in.Parameters, capabilities: in.Capabilities, tags: in.Tags,
	}, previous, in.AdministrationRoleARN, in.ExecutionRoleName)
}

// has refuses regions in which the set has no instance.
func (set *stackSet) has(regions []string) error {
	for _, region := range regions {
		if set.instance(region) == nil {
			return set.noInstance(region)
		}
	}
	return nil
}

func (set *stackSet) noInstance(region string) error {
	return wire.Errorf("StackInstanceNotFoundException", "Stack instance of StackSet %s in account %s and Region %s not found", set.name, wire.AccountID, region)
}
