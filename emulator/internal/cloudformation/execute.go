package cloudformation

import (
	"context"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// ExecuteChangeSetInput is a request of ExecuteChangeSet.
type ExecuteChangeSetInput struct {
	ChangeSetName, StackName, ClientRequestToken string
	DisableRollback                              bool
	RetainExceptOnCreate                         bool
}

// ExecuteChangeSetOutput is the answer.
type ExecuteChangeSetOutput struct{}

// ExecuteChangeSet does what a change set plans. All other change sets of the stack
// are deleted with it: they were planned against a stack that is no more.
func (s *Service) ExecuteChangeSet(_ context.Context, in *ExecuteChangeSetInput) (*ExecuteChangeSetOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, cs, err := s.findChangeSet(in.StackName, in.ChangeSetName)
	if err != nil {
		return nil, err
	}
	if token := in.ClientRequestToken; token != "" && st.operation != nil && st.operation.token == token {
		if cs.id == st.executed {
			return &ExecuteChangeSetOutput{}, nil // the same request again
		}
		return nil, tokenTaken(token)
	}
	if cs.execution != "AVAILABLE" {
		return nil, wire.Errorf("InvalidChangeSetStatus", "ChangeSet [%s] cannot be executed in its current execution status of [%s]", cs.id, cs.execution)
	}
	if cs.kind == "CREATE" && st.status != ReviewInProgress || cs.kind == "UPDATE" && !st.status.Updatable() {
		return nil, notUpdatable(st, st.status)
	}
	if in.DisableRollback && cs.onFailure != "" {
		return nil, invalid("DisableRollback cannot be specified when OnStackFailure was specified for the change set")
	}
	noRollback := in.DisableRollback || cs.onFailure == "DO_NOTHING" || cs.deployment.noRollback()
	if err := st.followUp(noRollback, cs.deployment, "execute-change-set"); err != nil {
		return nil, err
	}
	how := conduct{
		token: in.ClientRequestToken, onFailure: cs.onFailure, retainExceptOnCreate: in.RetainExceptOnCreate,
		deployment: cs.deployment,
	}
	if noRollback {
		how.onFailure = "DO_NOTHING"
	}
	cs.execution, st.executed = "EXECUTE_IN_PROGRESS", cs.id
	st.changeSets = []*changeSet{cs}
	if cs.kind == "CREATE" {
		st.noRollback = noRollback
		s.startCreate(st, cs.revision, how)
	} else {
		s.startUpdate(st, cs.revision, how)
	}
	return &ExecuteChangeSetOutput{}, nil
}

// endExecution tells the change set that is being executed how the stack has settled.
// The caller holds s.mu.
func (st *stack) endExecution() {
	for _, cs := range st.changeSets {
		switch {
		case cs.execution != "EXECUTE_IN_PROGRESS":
		case st.status == CreateComplete || st.status == UpdateComplete:
			cs.execution = "EXECUTE_COMPLETE"
		default:
			cs.execution = "EXECUTE_FAILED"
		}
	}
}

// outdate makes the stack's waiting change sets obsolete: something else updates it.
// The caller holds s.mu.
func (st *stack) outdate() {
	for _, cs := range st.changeSets {
		if cs.execution == "AVAILABLE" || cs.execution == "UNAVAILABLE" && cs.status != "FAILED" {
			cs.execution = "OBSOLETE"
		}
	}
}
