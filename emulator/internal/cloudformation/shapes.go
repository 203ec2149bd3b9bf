package cloudformation

import "time"

// The shapes of requests and results, named as in the API reference: the wire
// package encodes and decodes them by field name.

// Tag is a key and value that a stack gives to its resources.
type Tag struct{ Key, Value string }

// ParameterInput is a parameter as a request gives it.
type ParameterInput struct {
	ParameterKey     string
	ParameterValue   *string
	UsePreviousValue bool
	ResolvedValue    string
}

// ParameterOutput is a parameter as a description shows it.
type ParameterOutput struct {
	ParameterKey   string
	ParameterValue *string
	ResolvedValue  *string // of an SSM parameter
}

// StackOutput is one output of a stack.
type StackOutput struct {
	OutputKey   string
	OutputValue *string
	Description string
	ExportName  string
}

// RollbackConfiguration names the alarms that roll an operation back. The embedded
// AWS has no alarms: only an empty configuration is accepted.
type RollbackConfiguration struct {
	RollbackTriggers        []RollbackTrigger
	MonitoringTimeInMinutes int `wire:"omitempty"`
}

// RollbackTrigger is an alarm that rolls an operation back.
type RollbackTrigger struct{ Arn, Type string }

// StackDescription is a stack as DescribeStacks shows it.
type StackDescription struct {
	StackId                     string
	StackName                   string
	ChangeSetId                 string
	Description                 string
	Parameters                  []ParameterOutput
	CreationTime                time.Time
	DeletionTime                time.Time
	LastUpdatedTime             time.Time
	RollbackConfiguration       *RollbackConfiguration
	StackStatus                 Status
	StackStatusReason           string
	DisableRollback             bool
	DeploymentConfig            *DeploymentConfig
	NotificationARNs            []string
	TimeoutInMinutes            int `wire:"omitempty"`
	Capabilities                []string
	Outputs                     []StackOutput
	RoleARN                     string
	Tags                        []Tag
	EnableTerminationProtection bool
	DriftInformation            DriftInformation
	LastOperations              []OperationEntry
}

// DriftInformation says whether a stack has drifted, and when that was looked for.
type DriftInformation struct {
	StackDriftStatus   string
	LastCheckTimestamp time.Time
}

// StackSummary is a stack as ListStacks shows it.
type StackSummary struct {
	StackId             string
	StackName           string
	TemplateDescription string
	CreationTime        time.Time
	LastUpdatedTime     time.Time
	DeletionTime        time.Time
	StackStatus         Status
	StackStatusReason   string
	DriftInformation    DriftInformation
	LastOperations      []OperationEntry
}

// Event is one line of a stack's history.
type Event struct {
	StackId              string
	EventId              string
	StackName            string
	OperationId          string
	LogicalResourceId    string
	PhysicalResourceId   *string
	ResourceType         string
	Timestamp            time.Time
	ResourceStatus       string
	ResourceStatusReason string
	ResourceProperties   string
	ClientRequestToken   string

	// What DescribeEvents tells beside: the operation, how it stood after the event, and
	// whether the event is the operation's own and none of the stack's.
	record        *operationRecord
	outcome       string
	operationOnly bool
}

// StackResource is a resource as DescribeStackResources shows it.
type StackResource struct {
	StackName            string
	StackId              string
	LogicalResourceId    string
	PhysicalResourceId   string
	ResourceType         string
	Timestamp            time.Time
	ResourceStatus       string
	ResourceStatusReason string
	DriftInformation     ResourceDrift
}

// StackResourceDetail is a resource as DescribeStackResource shows it.
type StackResourceDetail struct {
	StackName            string
	StackId              string
	LogicalResourceId    string
	PhysicalResourceId   string
	ResourceType         string
	LastUpdatedTimestamp time.Time
	ResourceStatus       string
	ResourceStatusReason string
	Metadata             string
	DriftInformation     ResourceDrift
}

// StackResourceSummary is a resource as ListStackResources shows it.
type StackResourceSummary struct {
	LogicalResourceId    string
	PhysicalResourceId   string
	ResourceType         string
	LastUpdatedTimestamp time.Time
	ResourceStatus       string
	ResourceStatusReason string
	DriftInformation     ResourceDrift
}

// ResourceDrift says whether a resource has drifted, and when that was looked for.
type ResourceDrift struct {
	StackResourceDriftStatus string
	LastCheckTimestamp       time.Time
}

// Export is an output that other stacks may import.
type Export struct{ ExportingStackId, Name, Value string }

// Change is one entry of a change set.
type Change struct {
	Type           string
	ResourceChange ResourceChange
}

// ResourceChange is what a change set would do to one resource.
type ResourceChange struct {
	PolicyAction       string
	Action             string
	LogicalResourceId  string
	PhysicalResourceId string
	ResourceType       string
	Replacement        string
	Scope              []string
	Details            []ChangeDetail
	BeforeContext      string
	AfterContext       string
}

// ChangeDetail is one reason why a resource changes.
type ChangeDetail struct {
	Target        ChangeTarget
	Evaluation    string
	ChangeSource  string
	CausingEntity string
}

// ChangeTarget is what of a resource changes.
type ChangeTarget struct {
	Attribute           string
	Name                string
	RequiresRecreation  string
	Path                string
	BeforeValue         *string
	AfterValue          *string
	AttributeChangeType string
}
