package deploy

import "strings"

// StackStatus is the status of a CloudFormation stack, in CloudFormation's words.
type StackStatus string

// InProgress tells whether an operation on the stack is under way.
func (s StackStatus) InProgress() bool { return strings.HasSuffix(string(s), "_IN_PROGRESS") }

// Failed tells whether the stack is stuck: an operation, or its rollback, failed.
func (s StackStatus) Failed() bool { return strings.HasSuffix(string(s), "_FAILED") }

// RolledBack tells whether the last operation failed and was undone.
func (s StackStatus) RolledBack() bool { return strings.HasSuffix(string(s), "ROLLBACK_COMPLETE") }
