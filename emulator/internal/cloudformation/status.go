package cloudformation

import "strings"

// Status is the state of a stack.
type Status string

// The states of a stack that the emulator knows; a stack may be updated only in a
// settled state that is not a failure of its creation.
const (
	ReviewInProgress                        Status = "REVIEW_IN_PROGRESS"
	CreateInProgress                        Status = "CREATE_IN_PROGRESS"
	CreateComplete                          Status = "CREATE_COMPLETE"
	CreateFailed                            Status = "CREATE_FAILED"
	RollbackInProgress                      Status = "ROLLBACK_IN_PROGRESS"
	RollbackComplete                        Status = "ROLLBACK_COMPLETE"
	RollbackFailed                          Status = "ROLLBACK_FAILED"
	UpdateInProgress                        Status = "UPDATE_IN_PROGRESS"
	UpdateCompleteCleanupInProgress         Status = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
	UpdateComplete                          Status = "UPDATE_COMPLETE"
	UpdateFailed                            Status = "UPDATE_FAILED"
	UpdateRollbackInProgress                Status = "UPDATE_ROLLBACK_IN_PROGRESS"
	UpdateRollbackCompleteCleanupInProgress Status = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
	UpdateRollbackComplete                  Status = "UPDATE_ROLLBACK_COMPLETE"
	UpdateRollbackFailed                    Status = "UPDATE_ROLLBACK_FAILED"
	DeleteInProgress                        Status = "DELETE_IN_PROGRESS"
	DeleteComplete                          Status = "DELETE_COMPLETE"
	DeleteFailed                            Status = "DELETE_FAILED"
)

// InProgress reports whether an operation is under way.
func (s Status) InProgress() bool {
	return strings.HasSuffix(string(s), "_IN_PROGRESS") && s != ReviewInProgress
}

// Updatable reports whether UpdateStack accepts a stack in this state.
func (s Status) Updatable() bool {
	switch s {
	case CreateComplete, UpdateComplete, UpdateRollbackComplete, UpdateFailed, CreateFailed:
		return true
	}
	return false
}

// The states of a resource are formed from the operation and its outcome.
const (
	inProgress = "_IN_PROGRESS"
	complete   = "_COMPLETE"
	failed     = "_FAILED"
	skipped    = "_SKIPPED"
)
