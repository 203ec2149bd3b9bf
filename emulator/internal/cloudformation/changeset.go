package cloudformation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// changeSetTime is how long CloudFormation takes to work a change set out.
const changeSetTime = 3 * time.Second

// mostChangeSets is how many change sets a stack can have that were not executed, failed
// ones included. AWS publishes no figure; users report this one (awslabs/seed-farmer#441).
const mostChangeSets = 1000

// noChanges is the reason of a change set without changes.
const noChanges = "The submitted information didn't contain changes. Submit different information to create a change set."

// changeSet is a planned operation, kept until it is executed, deleted or outdated.
type changeSet struct {
	id, name, description string
	kind                  string // CREATE, UPDATE
	onFailure             string
	importing             bool // ImportExistingResources
	nested                bool // IncludeNestedStacks
	created               time.Time
	revision              revision
	plan                  plan
	status, reason        string
	execution             string
	token                 string
	record                *operationRecord
	deployment            *DeploymentConfig
}

// CreateChangeSetInput is a request of CreateChangeSet.
type CreateChangeSetInput struct {
	StackName               string
	ChangeSetName           string
	ChangeSetType           string
	Description             string
	ClientToken             string
	TemplateBody            string
	TemplateURL             string
	UsePreviousTemplate     bool
	Parameters              []ParameterInput
	Capabilities            []string
	Tags                    []Tag
	NotificationARNs        []string
	RoleARN                 string
	RollbackConfiguration   *RollbackConfiguration
	IncludeNestedStacks     bool
	OnStackFailure          string
	ImportExistingResources bool
	DeploymentConfig        *DeploymentConfig
}

// CreateChangeSetOutput is the answer.
type CreateChangeSetOutput struct{ Id, StackId string }

// CreateChangeSet plans an operation; the plan is worked out after the call returns.
func (s *Service) CreateChangeSet(_ context.Context, in *CreateChangeSetInput) (*CreateChangeSetOutput, error) {
	if !stackName.MatchString(in.ChangeSetName) {
		return nil, invalid("1 validation error detected: Value '%s' at 'changeSetName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*", in.ChangeSetName)
	}
	if err := in.DeploymentConfig.check(); err != nil {
		return nil, err
	}
	switch in.OnStackFailure {
	case "", "ROLLBACK", "DO_NOTHING":
	case "DELETE":
		if in.ChangeSetType != "CREATE" {
			return nil, invalid("OnStackFailure DELETE is only valid for change sets of type CREATE")
		}
	default:
		return nil, invalid("1 validation error detected: Value '%s' at 'onStackFailure' failed to satisfy constraint: Member must satisfy enum value set: [DO_NOTHING, ROLLBACK, DELETE]", in.OnStackFailure)
	}
	s.mu.Lock()
	st := s.find(in.StackName)
	s.mu.Unlock()
	switch in.ChangeSetType {
	case "", "UPDATE":
		return s.changeSetForUpdate(in, st)
	case "CREATE":
		return s.changeSetForCreate(in, st)
	}
	return nil, invalid("1 validation error detected: Value '%s' at 'changeSetType' failed to satisfy constraint: Member must satisfy enum value set: [CREATE, UPDATE, IMPORT]", in.ChangeSetType)
}

func (s *Service) changeSetForUpdate(in *CreateChangeSetInput, st *stack) (*CreateChangeSetOutput, error) {
	if st == nil {
		return nil, invalid("Stack [%s] does not exist", in.StackName)
	}
	s.mu.Lock()
	status, previous := st.status, st.revision
	err := st.sameMode(in.DeploymentConfig)
	s.mu.Unlock()
	if !status.Updatable() {
		return nil, notUpdatable(st, status)
	}
	if err != nil {
		return nil, err
	}
	r, err := s.prepareUpdate(st, in.definition(), previous)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !st.status.Updatable() { // another operation was faster
		return nil, notUpdatable(st, st.status)
	}
	return s.addChangeSet(in, st, r, "UPDATE")
}

func (s *Service) changeSetForCreate(in *CreateChangeSetInput, st *stack) (*CreateChangeSetOutput, error) {
	if err := checkStackName(in.StackName); err != nil && st == nil {
		return nil, err
	}
	candidate := s.newStack(in.StackName)
	r, err := s.prepare(candidate.name, candidate.id, in.definition(), revision{})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st = s.find(in.StackName)
	switch {
	case st == nil:
		st = candidate
		s.add(st)
		s.setStatus(st, ReviewInProgress, "User Initiated")
	case st.status != ReviewInProgress:
		return nil, invalid("Stack [%s] already exists and cannot be created again with the changeSet [%s].", st.name, in.ChangeSetName)
	}
	return s.addChangeSet(in, st, r, "CREATE")
}

func (in *CreateChangeSetInput) definition() definition {
	return definition{
		body: in.TemplateBody, url: in.TemplateURL, usePrevious: in.UsePreviousTemplate,
		parameters: in.Parameters, capabilities: in.Capabilities, tags: in.Tags,
		notification: in.NotificationARNs, roleARN: in.RoleARN, rollbackTrigger: in.RollbackConfiguration,
	}
}

// addChangeSet keeps a change set and begins to work it out. The caller holds s.mu.
func (s *Service) addChangeSet(in *CreateChangeSetInput, st *stack, r revision, kind string) (*CreateChangeSetOutput, error) {
	waiting := 0
	for _, cs := range st.changeSets {
		if cs.id == st.executed { // which has set its name free
			continue
		}
		waiting++
		if cs.name != in.ChangeSetName {
			continue
		}
		if in.ClientToken != "" && cs.token == in.ClientToken {
			return &CreateChangeSetOutput{Id: cs.id, StackId: st.id}, nil
		}
		return nil, wire.Errorf("AlreadyExistsException", "ChangeSet %s cannot be created due to a mismatch with existing attribute Name", cs.name)
	}
	if waiting >= mostChangeSets {
		return nil, wire.Errorf("LimitExceededException", "ChangeSet limit exceeded for stack %s", st.id)
	}
	cs := &changeSet{
		id: s.arn("changeSet", in.ChangeSetName), name: in.ChangeSetName, description: in.Description,
		kind: kind, onFailure: in.OnStackFailure, importing: in.ImportExistingResources, nested: in.IncludeNestedStacks, created: s.now(), revision: r, deployment: in.DeploymentConfig,
		token: in.ClientToken, status: "CREATE_PENDING", execution: "UNAVAILABLE",
	}
	st.changeSets = append(st.changeSets, cs)
	cs.record = s.newRecord(st, CreateChangeSetOperation, in.ClientToken, true)
	cs.record.changeSet = cs.id
	s.recordOperation(st, cs.record, operationRuns, "")
	s.wg.Go(func() { s.workOut(st, cs) })
	return &CreateChangeSetOutput{Id: cs.id, StackId: st.id}, nil
}

// workOut makes the plan of a change set.
func (s *Service) workOut(st *stack, cs *changeSet) {
	s.mu.Lock()
	cs.status = "CREATE_IN_PROGRESS"
	s.mu.Unlock()
	if s.Clock.Sleep(s.ctx, changeSetTime) != nil {
		return
	}
	p, err := s.plan(st, cs.revision)
	if err == nil && cs.importing {
		err = s.refuseImports(p)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err != nil:
		cs.status, cs.reason = "FAILED", reasonOf(err)
	case p.empty() && slices.Equal(cs.revision.tags, st.revision.tags) && cs.kind == "UPDATE":
		cs.status, cs.reason = "FAILED", noChanges
	default:
		cs.plan, cs.status = p, "CREATE_COMPLETE"
		if cs.execution == "UNAVAILABLE" {
			cs.execution = "AVAILABLE"
		}
	}
	if cs.status == "FAILED" {
		s.close(st, cs.record, operationFailed, cs.reason)
		return
	}
	s.close(st, cs.record, operationSucceeded, "")
}

// refuseImports refuses a plan for which AWS would take something into the stack that is
// there already, instead of making it.
func (s *Service) refuseImports(p plan) error {
	for _, change := range p.changes {
		if change.action == "Add" && s.Types.Exists(change.after.definition.Type, change.after.properties) {
			return invalid("The embedded AWS does not import resources: what %s [%s] is to be exists already. Delete it, or leave ImportExistingResources out.", change.logicalID, change.after.definition.Type)
		}
	}
	return nil
}

// findChangeSet finds a change set by its ARN, or by its name within a stack. The
// caller holds s.mu.
func (s *Service) findChangeSet(stackName, name string) (*stack, *changeSet, error) {
	if strings.HasPrefix(name, "arn:") {
		for _, st := range s.stacks {
			for _, cs := range st.changeSets {
				if cs.id == name {
					return st, cs, nil
				}
			}
		}
	}
	if stackName == "" {
		return nil, nil, invalid("StackName must be specified if ChangeSetName is not specified as an ARN.")
	}
	st, err := s.get(stackName)
	if err != nil {
		return nil, nil, err
	}
	for _, cs := range slices.Backward(st.changeSets) { // behind an executed one of the same name
		if cs.name == name {
			return st, cs, nil
		}
	}
	return nil, nil, wire.Errorf("ChangeSetNotFound", "ChangeSet [%s] does not exist", name)
}

// DescribeChangeSetInput is a request of DescribeChangeSet.
type DescribeChangeSetInput struct {
	ChangeSetName, StackName, NextToken string
	IncludePropertyValues               bool
}

// DescribeChangeSetOutput is the answer.
type DescribeChangeSetOutput struct {
	ChangeSetName, ChangeSetId, StackId, StackName, Description string
	Parameters                                                  []ParameterOutput
	CreationTime                                                time.Time
	ExecutionStatus, Status, StatusReason                       string
	NotificationARNs                                            []string
	RollbackConfiguration                                       *RollbackConfiguration
	Capabilities                                                []string
	Tags                                                        []Tag
	Changes                                                     []Change
	NextToken                                                   string
	IncludeNestedStacks                                         bool
	OnStackFailure                                              string
	ImportExistingResources                                     bool
	DeploymentConfig                                            *DeploymentConfig
}

// DescribeChangeSet shows a change set, a hundred changes a page.
func (s *Service) DescribeChangeSet(_ context.Context, in *DescribeChangeSetInput) (*DescribeChangeSetOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, cs, err := s.findChangeSet(in.StackName, in.ChangeSetName)
	if err != nil {
		return nil, err
	}
	changes, next, err := page(cs.plan.describe(in.IncludePropertyValues), in.NextToken, 100)
	if err != nil {
		return nil, err
	}
	return &DescribeChangeSetOutput{
		ChangeSetName: cs.name, ChangeSetId: cs.id, StackId: st.id, StackName: st.name, Description: cs.description,
		Parameters: describeParameters(cs.revision), CreationTime: cs.created,
		ExecutionStatus: cs.execution, Status: cs.status, StatusReason: cs.reason,
		NotificationARNs: append([]string{}, cs.revision.notification...), RollbackConfiguration: &RollbackConfiguration{},
		Capabilities: cs.revision.capabilities, Tags: append([]Tag{}, cs.revision.tags...),
		Changes: changes, NextToken: next, OnStackFailure: cs.onFailure, ImportExistingResources: cs.importing, IncludeNestedStacks: cs.nested, DeploymentConfig: cs.deployment,
	}, nil
}

// DeleteChangeSetInput is a request of DeleteChangeSet.
type DeleteChangeSetInput struct{ ChangeSetName, StackName string }

// DeleteChangeSetOutput is the answer.
type DeleteChangeSetOutput struct{}

// DeleteChangeSet deletes a change set that is not being executed. One that does not
// exist is no error.
func (s *Service) DeleteChangeSet(_ context.Context, in *DeleteChangeSetInput) (*DeleteChangeSetOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, cs, err := s.findChangeSet(in.StackName, in.ChangeSetName)
	if e := (*wire.Error)(nil); errors.As(err, &e) && e.Code == "ChangeSetNotFound" {
		return &DeleteChangeSetOutput{}, nil
	}
	if err != nil {
		return nil, err
	}
	if cs.execution == "EXECUTE_IN_PROGRESS" || cs.status == "CREATE_IN_PROGRESS" {
		return nil, wire.Errorf("InvalidChangeSetStatus", "ChangeSet [%s] cannot be deleted in status [%s].", cs.id, cs.status)
	}
	st.changeSets = slices.DeleteFunc(st.changeSets, func(other *changeSet) bool { return other == cs })
	return &DeleteChangeSetOutput{}, nil
}

// ListChangeSetsInput is a request of ListChangeSets.
type ListChangeSetsInput struct{ StackName, NextToken string }

// ListChangeSetsOutput is the answer.
type ListChangeSetsOutput struct {
	Summaries []ChangeSetSummary
	NextToken string
}

// ChangeSetSummary is a change set as ListChangeSets shows it.
type ChangeSetSummary struct {
	StackId, StackName, ChangeSetId, ChangeSetName string
	ExecutionStatus, Status, StatusReason          string
	CreationTime                                   time.Time
	Description                                    string
}

// ListChangeSets lists the change sets of a stack that were not executed.
func (s *Service) ListChangeSets(_ context.Context, in *ListChangeSetsInput) (*ListChangeSetsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.get(in.StackName)
	if err != nil {
		return nil, err
	}
	var all []ChangeSetSummary
	for _, cs := range st.changeSets {
		if cs.id == st.executed {
			continue
		}
		all = append(all, ChangeSetSummary{
			StackId: st.id, StackName: st.name, ChangeSetId: cs.id, ChangeSetName: cs.name,
			ExecutionStatus: cs.execution, Status: cs.status, StatusReason: cs.reason,
			CreationTime: cs.created, Description: cs.description,
		})
	}
	summaries, next, err := page(all, in.NextToken, 100)
	return &ListChangeSetsOutput{Summaries: summaries, NextToken: next}, err
}

func notUpdatable(st *stack, status Status) error {
	return invalid("%s", fmt.Sprintf("Stack:%s is in %s state and can not be updated.", st.id, status))
}
