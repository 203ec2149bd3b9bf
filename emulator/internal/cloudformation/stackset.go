package cloudformation

import (
	"slices"
	"sync"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/wire"
	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// Regions are the CloudFormation of every region, as stack sets reach them.
type Regions interface {
	// Enter is the CloudFormation of a region, which stays open until leave is called; nil
	// once the embedded AWS closes.
	Enter(region string) (s *Service, leave func())
	// Assume tells with which role CloudFormation works on a stack from now on.
	Assume(region, stackName, roleARN string)
}

// solo is the Regions of a Service that knows of no other: it is all of them.
type solo struct{ s *Service }

func (r solo) Enter(string) (*Service, func()) { return r.s, func() {} }
func (r solo) Assume(string, string, string)   {}

// stackSets are the stack sets of a region. Its mutex is never held while a Service works
// on stacks: two regions may have stack sets with instances in each other.
type stackSets struct {
	mu  sync.Mutex
	all []*stackSet // in order of creation, deleted ones included
}

// stackSet is a stack set with permissions that the account manages itself. stackSets.mu
// guards it.
type stackSet struct {
	id, name    string // the id is "name:uuid"
	description string
	deleted     bool
	token       string // ClientRequestToken of its creation
	updated     bool   // since its creation
	managed     bool   // ManagedExecution
	definition  *setDefinition
	instances   []*stackInstance // in order of creation
	operations  []*setOperation  // oldest first
}

// setDefinition is what the stacks of a stack set are made of. It is replaced, never
// changed in place.
type setDefinition struct {
	body           string
	template       *cfntemplate.Template
	parameters     map[string]string // of all parameters of the template
	capabilities   []string
	tags           []Tag
	administration string // role ARN
	execution      string // role name
}

// The statuses of a stack instance.
const (
	instanceCurrent    = "CURRENT"
	instanceOutdated   = "OUTDATED"
	instanceInoperable = "INOPERABLE"
)

// stackInstance is a stack of a set in one region, or the wish for one.
type stackInstance struct {
	region        string
	stackName     string // "StackSet-NAME-UUID"
	stackID       string // empty until there is a stack
	overrides     map[string]string
	status        string
	detailed      string // a result's status, or INOPERABLE
	reason        string
	lastOperation string // id
}

// The statuses of an operation on a stack set.
const (
	setQueued    = "QUEUED"
	setRunning   = "RUNNING"
	setStopping  = "STOPPING"
	setStopped   = "STOPPED"
	setSucceeded = "SUCCEEDED"
	setFailed    = "FAILED"
)

// The statuses of an operation's result in one region.
const (
	resultPending   = "PENDING"
	resultRunning   = "RUNNING"
	resultSucceeded = "SUCCEEDED"
	resultFailed    = "FAILED"
	resultCancelled = "CANCELLED"
)

// The kinds of operations on a stack set.
const (
	setCreate = "CREATE"
	setUpdate = "UPDATE"
	setDelete = "DELETE"
)

// setOperation is an operation on a stack set.
type setOperation struct {
	id, action, status string
	request            string // of the request that began it, to know it again
	preferences        *StackSetOperationPreferences
	retain             bool     // RetainStacks of a deletion
	everywhere         bool     // an update of the set and all of its instances
	targets            []string // regions, unless everywhere
	definition         bool     // it comes with another definition of the set
	administration     string
	execution          string
	created, ended     time.Time
	results            []*setResult // in the order of regions; none while it is queued
}

// setResult is how an operation stands in one region.
type setResult struct {
	region, status, reason string
	gated                  bool // the account gate was looked for
}

// The default roles of stack sets (user guide, "Grant self-managed permissions").
const (
	administrationRole = "arn:aws:iam::" + wire.AccountID + ":role/AWSCloudFormationStackSetAdministrationRole"
	executionRole      = "AWSCloudFormationStackSetExecutionRole"
)

// findSet is the stack set of that name or id. The caller holds s.sets.mu.
func (s *Service) findSet(nameOrID string) (*stackSet, error) {
	for _, set := range s.sets.all {
		if !set.deleted && (set.name == nameOrID || set.id == nameOrID) {
			return set, nil
		}
	}
	return nil, wire.Errorf("StackSetNotFoundException", "StackSet %s not found", nameOrID)
}

func (s *Service) setARN(set *stackSet) string {
	return "arn:aws:cloudformation:" + s.Region + ":" + wire.AccountID + ":stackset/" + set.id
}

// instance is the set's instance in a region; nil where there is none.
func (set *stackSet) instance(region string) *stackInstance {
	for _, in := range set.instances {
		if in.region == region {
			return in
		}
	}
	return nil
}

// operation is the operation of that id.
func (set *stackSet) operation(id string) (*setOperation, error) {
	for _, op := range set.operations {
		if op.id == id {
			return op, nil
		}
	}
	return nil, wire.Errorf("OperationNotFoundException", "Operation %s not found", id)
}

// over tells whether the operation has come to its end.
func (op *setOperation) over() bool {
	return op.status == setSucceeded || op.status == setFailed || op.status == setStopped
}

// busy tells whether operations of the set run or wait.
func (set *stackSet) busy() bool {
	return slices.ContainsFunc(set.operations, func(op *setOperation) bool { return !op.over() })
}

// handleStackSets registers the operations of stack sets.
func (s *Service) handleStackSets() {
	wire.Handle(s.api, "CreateStackSet", s.CreateStackSet)
	wire.Handle(s.api, "DescribeStackSet", s.DescribeStackSet)
	wire.Handle(s.api, "ListStackSets", s.ListStackSets)
	wire.Handle(s.api, "UpdateStackSet", s.UpdateStackSet)
	wire.Handle(s.api, "DeleteStackSet", s.DeleteStackSet)
	wire.Handle(s.api, "CreateStackInstances", s.CreateStackInstances)
	wire.Handle(s.api, "UpdateStackInstances", s.UpdateStackInstances)
	wire.Handle(s.api, "DeleteStackInstances", s.DeleteStackInstances)
	wire.Handle(s.api, "DescribeStackInstance", s.DescribeStackInstance)
	wire.Handle(s.api, "ListStackInstances", s.ListStackInstances)
	wire.Handle(s.api, "DescribeStackSetOperation", s.DescribeStackSetOperation)
	wire.Handle(s.api, "ListStackSetOperations", s.ListStackSetOperations)
	wire.Handle(s.api, "ListStackSetOperationResults", s.ListStackSetOperationResults)
	wire.Handle(s.api, "StopStackSetOperation", s.StopStackSetOperation)
}
