package cloudformation

import "time"

// ManagedExecution says whether operations on a stack set wait for each other, in place of
// being refused.
type ManagedExecution struct{ Active bool }

// StackSetOperationPreferences say how an operation goes through regions and accounts.
type StackSetOperationPreferences struct {
	RegionConcurrencyType      string
	RegionOrder                []string
	FailureToleranceCount      *int
	FailureTolerancePercentage *int
	MaxConcurrentCount         *int
	MaxConcurrentPercentage    *int
	ConcurrencyMode            string
}

// StackSetDescription is a stack set as DescribeStackSet shows it.
type StackSetDescription struct {
	StackSetName                  string
	StackSetId                    string
	Description                   string
	Status                        string
	TemplateBody                  string
	Parameters                    []ParameterOutput
	Capabilities                  []string
	Tags                          []Tag
	StackSetARN                   string
	AdministrationRoleARN         string
	ExecutionRoleName             string
	StackSetDriftDetectionDetails StackSetDrift
	PermissionModel               string
	ManagedExecution              ManagedExecution
	Regions                       []string
}

// StackSetDrift says whether the stacks of a set have drifted, which nothing looks for.
type StackSetDrift struct {
	DriftStatus              string
	TotalStackInstancesCount int
}

// StackSetSummary is a stack set as ListStackSets shows it.
type StackSetSummary struct {
	StackSetName     string
	StackSetId       string
	Description      string
	Status           string
	PermissionModel  string
	DriftStatus      string
	ManagedExecution ManagedExecution
}

// StackInstanceDescription is a stack instance as DescribeStackInstance shows it.
type StackInstanceDescription struct {
	StackSetId          string
	Region              string
	Account             string
	StackId             string
	ParameterOverrides  []ParameterOutput
	Status              string
	StackInstanceStatus DetailedInstanceStatus
	StatusReason        string
	DriftStatus         string
	LastOperationId     string
}

// StackInstanceSummary is a stack instance as ListStackInstances shows it.
type StackInstanceSummary struct {
	StackSetId          string
	Region              string
	Account             string
	StackId             string
	Status              string
	StatusReason        string
	StackInstanceStatus DetailedInstanceStatus
	DriftStatus         string
	LastOperationId     string
}

// DetailedInstanceStatus is how the last operation on a stack instance stands.
type DetailedInstanceStatus struct{ DetailedStatus string }

// StackSetOperation is an operation as DescribeStackSetOperation shows it.
type StackSetOperation struct {
	OperationId           string
	StackSetId            string
	Action                string
	Status                string
	OperationPreferences  *StackSetOperationPreferences
	RetainStacks          *bool // of a deletion
	AdministrationRoleARN string
	ExecutionRoleName     string
	CreationTimestamp     time.Time
	EndTimestamp          time.Time
	StatusDetails         StackSetOperationDetails
}

// StackSetOperationDetails count what has failed.
type StackSetOperationDetails struct{ FailedStackInstancesCount int }

// StackSetOperationSummary is an operation as ListStackSetOperations shows it.
type StackSetOperationSummary struct {
	OperationId          string
	Action               string
	Status               string
	CreationTimestamp    time.Time
	EndTimestamp         time.Time
	StatusDetails        StackSetOperationDetails
	OperationPreferences *StackSetOperationPreferences
}

// StackSetOperationResult is how an operation stands in an account and region.
type StackSetOperationResult struct {
	Account           string
	Region            string
	Status            string
	StatusReason      string
	AccountGateResult *AccountGateResult
}

// AccountGateResult is what the function that may keep an operation off an account says.
// The embedded AWS has no Lambda, and so never one.
type AccountGateResult struct{ Status, StatusReason string }

// StackInstanceFilter narrows what ListStackInstances returns.
type StackInstanceFilter struct{ Name, Values string }

// OperationResultFilter narrows what ListStackSetOperationResults returns.
type OperationResultFilter struct{ Name, Values string }
