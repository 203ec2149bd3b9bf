package cloudformation

import (
	"context"
	"slices"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

func (s *Service) newStack(name string) *stack {
	return &stack{
		id: s.arn("stack", name), name: name, created: s.now(),
		resources: map[string]*resource{}, imports: map[string]bool{},
	}
}

// CreateStackInput is a request of CreateStack.
type CreateStackInput struct {
	StackName                   string
	TemplateBody, TemplateURL   string
	Parameters                  []ParameterInput
	Capabilities                []string
	Tags                        []Tag
	NotificationARNs            []string
	RoleARN                     string
	RollbackConfiguration       *RollbackConfiguration
	ClientRequestToken          string
	DisableRollback             bool
	OnFailure                   string
	EnableTerminationProtection bool
	StackPolicyBody             string
	StackPolicyURL              string
	TimeoutInMinutes            int
	RetainExceptOnCreate        bool
	DeploymentConfig            *DeploymentConfig
}

// CreateStackOutput is the answer.
type CreateStackOutput struct{ StackId, OperationId string }

// CreateStack begins to create a stack.
func (s *Service) CreateStack(_ context.Context, in *CreateStackInput) (*CreateStackOutput, error) {
	if err := checkStackName(in.StackName); err != nil {
		return nil, err
	}
	onFailure := in.OnFailure
	switch onFailure {
	case "", "ROLLBACK", "DO_NOTHING", "DELETE":
	default:
		return nil, invalid("1 validation error detected: Value '%s' at 'onFailure' failed to satisfy constraint: Member must satisfy enum value set: [ROLLBACK, DELETE, DO_NOTHING]", onFailure)
	}
	if err := in.DeploymentConfig.check(); err != nil {
		return nil, err
	}
	if in.DisableRollback || in.DeploymentConfig.noRollback() && (onFailure == "" || in.DeploymentConfig.DisableRollback != nil) {
		if onFailure != "" {
			return nil, invalid("Either DisableRollback or OnFailure can be specified, not both.")
		}
		onFailure = "DO_NOTHING"
	}
	policy, err := givenPolicy(in.StackPolicyBody, in.StackPolicyURL, "StackPolicy")
	if err != nil {
		return nil, err
	}
	st := s.newStack(in.StackName)
	st.policy, st.onFailureGiven = policy, in.OnFailure
	r, err := s.prepare(st.name, st.id, definition{
		body: in.TemplateBody, url: in.TemplateURL, parameters: in.Parameters, capabilities: in.Capabilities,
		tags: in.Tags, notification: in.NotificationARNs, roleARN: in.RoleARN, rollbackTrigger: in.RollbackConfiguration,
	}, revision{})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if existing := s.find(in.StackName); existing != nil {
		if token := in.ClientRequestToken; token != "" && existing.operation != nil && existing.operation.token == token && existing.operation.record.kind == CreateStackOperation {
			return &CreateStackOutput{StackId: existing.id, OperationId: existing.operation.record.id}, nil
		}
		return nil, wire.Errorf("AlreadyExistsException", "Stack [%s] already exists", in.StackName)
	}
	st.protected, st.timeoutMinute, st.noRollback = in.EnableTerminationProtection, in.TimeoutInMinutes, onFailure == "DO_NOTHING"
	s.add(st)
	s.startCreate(st, r, conduct{
		token: in.ClientRequestToken, onFailure: onFailure, retainExceptOnCreate: in.RetainExceptOnCreate,
		deployment: in.DeploymentConfig,
	})
	return &CreateStackOutput{StackId: st.id, OperationId: st.record.id}, nil
}

// UpdateStackInput is a request of UpdateStack.
type UpdateStackInput struct {
	StackName                 string
	TemplateBody, TemplateURL string
	UsePreviousTemplate       bool
	Parameters                []ParameterInput
	Capabilities              []string
	Tags                      []Tag
	NotificationARNs          []string
	RoleARN                   string
	RollbackConfiguration     *RollbackConfiguration
	ClientRequestToken        string
	DisableRollback           bool
	RetainExceptOnCreate      bool
	DeploymentConfig          *DeploymentConfig

	StackPolicyBody, StackPolicyURL                         string
	StackPolicyDuringUpdateBody, StackPolicyDuringUpdateURL string
}

// UpdateStackOutput is the answer.
type UpdateStackOutput struct{ StackId, OperationId string }

// UpdateStack begins to update a stack. The same token again, while the operation
// that bears it is the stack's last one, starts nothing.
func (s *Service) UpdateStack(_ context.Context, in *UpdateStackInput) (*UpdateStackOutput, error) {
	if err := in.DeploymentConfig.check(); err != nil {
		return nil, err
	}
	noRollback := in.DisableRollback || in.DeploymentConfig.noRollback()
	policy, err := givenPolicy(in.StackPolicyBody, in.StackPolicyURL, "StackPolicy")
	if err != nil {
		return nil, err
	}
	duringUpdate, err := givenPolicy(in.StackPolicyDuringUpdateBody, in.StackPolicyDuringUpdateURL, "StackPolicyDuringUpdate")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	st := s.find(in.StackName)
	if st == nil {
		s.mu.Unlock()
		return nil, invalid("Stack [%s] does not exist", in.StackName)
	}
	if token := in.ClientRequestToken; token != "" && st.operation != nil && st.operation.token == token {
		rec := st.operation.record
		s.mu.Unlock()
		if rec.kind == UpdateStackOperation {
			return &UpdateStackOutput{StackId: st.id, OperationId: rec.id}, nil
		}
		return nil, tokenTaken(token)
	}
	status, previous := st.status, st.revision
	err = st.followUp(noRollback, in.DeploymentConfig, "update-stack")
	s.mu.Unlock()
	if !status.Updatable() {
		return nil, notUpdatable(st, status)
	}
	if err != nil {
		return nil, err
	}
	r, err := s.prepareUpdate(st, definition{
		body: in.TemplateBody, url: in.TemplateURL, usePrevious: in.UsePreviousTemplate, parameters: in.Parameters,
		capabilities: in.Capabilities, tags: in.Tags, notification: in.NotificationARNs, roleARN: in.RoleARN,
		rollbackTrigger: in.RollbackConfiguration,
	}, previous)
	if err != nil {
		return nil, err
	}
	p, err := s.plan(st, r)
	if err != nil {
		return nil, err
	}
	if p.empty() && slices.Equal(r.tags, previous.tags) {
		return nil, invalid("No updates are to be performed.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !st.status.Updatable() { // another update was faster
		return nil, notUpdatable(st, st.status)
	}
	st.outdate()
	how := conduct{
		token: in.ClientRequestToken, retainExceptOnCreate: in.RetainExceptOnCreate,
		policy: policy, policyDuringUpdate: duringUpdate, deployment: in.DeploymentConfig,
	}
	if noRollback {
		how.onFailure = "DO_NOTHING"
	}
	s.startUpdate(st, r, how)
	return &UpdateStackOutput{StackId: st.id, OperationId: st.record.id}, nil
}

// prepareUpdate is prepare with what an update may not do.
func (s *Service) prepareUpdate(st *stack, d definition, previous revision) (revision, error) {
	r, err := s.prepare(st.name, st.id, d, previous)
	if err != nil {
		return revision{}, err
	}
	var changed []string
	for _, id := range sortedKeys(r.template.Resources) {
		before, ok := previous.template.Resources[id]
		if ok && before.Type != r.template.Resources[id].Type {
			changed = append(changed, id)
		}
	}
	if len(changed) > 0 {
		return revision{}, invalid("Update of resource type is not permitted. The new template modifies resource type of the following resources: [%s]", strings.Join(changed, ", "))
	}
	return r, nil
}

// CancelUpdateStackInput is a request of CancelUpdateStack.
type CancelUpdateStackInput struct{ StackName, ClientRequestToken string }

// CancelUpdateStackOutput is the answer.
type CancelUpdateStackOutput struct{}

// CancelUpdateStack ends an update and begins its rollback.
func (s *Service) CancelUpdateStack(_ context.Context, in *CancelUpdateStackInput) (*CancelUpdateStackOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.get(in.StackName)
	if err != nil {
		return nil, err
	}
	if token := in.ClientRequestToken; token != "" && st.operation != nil {
		if st.operation.cancelToken == token {
			return &CancelUpdateStackOutput{}, nil // the same request again
		}
		if st.operation.token == token {
			return nil, tokenTaken(token)
		}
	}
	if st.status != UpdateInProgress {
		return nil, invalid("CancelUpdateStack cannot be called from current stack status")
	}
	s.setStatus(st, UpdateRollbackInProgress, "User Initiated")
	st.operation.cancelToken = in.ClientRequestToken
	st.operation.cancel()
	return &CancelUpdateStackOutput{}, nil
}

// DeleteStackInput is a request of DeleteStack.
type DeleteStackInput struct {
	StackName, RoleARN, ClientRequestToken, DeletionMode string
	RetainResources                                      []string
	DeploymentConfig                                     *DeploymentConfig
}

// DeleteStackOutput is the answer.
type DeleteStackOutput struct{}

// DeleteStack begins to delete a stack. A stack that does not exist is no error.
func (s *Service) DeleteStack(_ context.Context, in *DeleteStackInput) (*DeleteStackOutput, error) {
	if err := in.DeploymentConfig.check(); err != nil {
		return nil, err
	}
	force := in.DeletionMode == "FORCE_DELETE_STACK"
	if !force && in.DeletionMode != "" && in.DeletionMode != "STANDARD" {
		return nil, invalid("1 validation error detected: Value '%s' at 'deletionMode' failed to satisfy constraint: Member must satisfy enum value set: [FORCE_DELETE_STACK, STANDARD]", in.DeletionMode)
	}
	if in.StackName == "" {
		_, err := s.get("")
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.find(in.StackName)
	switch {
	case st == nil || st.status == DeleteComplete || st.status == DeleteInProgress:
		return &DeleteStackOutput{}, nil
	case in.ClientRequestToken != "" && st.operation != nil && st.operation.token == in.ClientRequestToken && st.operation.record.kind != DeleteStackOperation:
		return nil, tokenTaken(in.ClientRequestToken)
	case st.protected:
		return nil, invalid("Stack [%s] cannot be deleted while TerminationProtection is enabled", st.name)
	case st.status.InProgress() && st.status != CreateInProgress:
		return nil, invalid("Stack [%s] cannot be deleted while in status %s", st.name, st.status)
	case force && st.status != DeleteFailed:
		return nil, invalid("Invalid operation on stack [%s]. DeletionMode FORCE_DELETE_STACK can be specified only for a stack in DELETE_FAILED state.", st.id)
	case len(in.RetainResources) > 0 && st.status != DeleteFailed:
		return nil, invalid("Invalid operation on stack [%s]. RetainResources can be specified only for a stack in DELETE_FAILED state.", st.id)
	}
	for _, id := range in.RetainResources {
		if st.resources[id] == nil {
			return nil, invalid("RetainResources: resource %s does not exist for stack %s", id, st.name)
		}
	}
	st.assume(in.RoleARN)
	s.startDelete(st, conduct{
		token: in.ClientRequestToken, deployment: in.DeploymentConfig,
		retainResources: in.RetainResources, forceDelete: force, former: st.status,
	})
	return &DeleteStackOutput{}, nil
}

// UpdateTerminationProtectionInput is a request of UpdateTerminationProtection.
type UpdateTerminationProtectionInput struct {
	StackName                   string
	EnableTerminationProtection bool
}

// UpdateTerminationProtectionOutput is the answer.
type UpdateTerminationProtectionOutput struct{ StackId string }

// UpdateTerminationProtection protects a stack from deletion, or no longer.
func (s *Service) UpdateTerminationProtection(_ context.Context, in *UpdateTerminationProtectionInput) (*UpdateTerminationProtectionOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.get(in.StackName)
	if err != nil {
		return nil, err
	}
	st.protected = in.EnableTerminationProtection
	return &UpdateTerminationProtectionOutput{StackId: st.id}, nil
}
