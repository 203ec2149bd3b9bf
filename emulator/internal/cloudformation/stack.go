package cloudformation

import (
	"maps"
	"strings"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/wire"
	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// revision is what one create or update asked for: everything that an update may
// change and a rollback takes back.
type revision struct {
	body         string
	template     *cfntemplate.Template
	parameters   map[string]string
	resolved     map[string]string // values of the parameters that name an SSM parameter
	tags         []Tag
	capabilities []string
	notification []string
	roleARN      string
}

// stack is the state of a stack. Service.mu guards it.
type stack struct {
	id, name   string
	number     int // in order of creation
	status     Status
	reason     string
	created    time.Time
	updated    time.Time
	deleted    time.Time
	revision   revision
	resources  map[string]*resource
	outputs    []StackOutput
	imports    map[string]bool      // names of the exports that the stack uses
	events     []Event              // oldest first
	lastEvents map[string]time.Time // that the ids of events bear, by resource and status
	changeSets []*changeSet
	executed   string // id of the change set that the last operation executed

	drift          drift
	policy         *stackPolicy      // nil for none
	deployment     *DeploymentConfig // of the last create or update
	noRollback     bool
	onFailureGiven string // OnFailure of the request that created it
	protected      bool
	timeoutMinute  int
	operation      *operation         // the last one, running or over
	record         *operationRecord   // the last one that was not the making of a change set
	records        []*operationRecord // all, oldest first
	run            *run               // of the last operation
	unfinished     *run               // the update that failed and was not, or not wholly, rolled back
	stable         bool               // a create or update has succeeded, so that there is something to roll back to

	policyDuringUpdate *stackPolicy // in place of policy, while an update runs that has brought it
}

// assume makes a role the stack's. "CloudFormation always uses this role for all future
// operations on the stack" (API reference, UpdateStack). The caller holds s.mu.
func (st *stack) assume(roleARN string) {
	if roleARN != "" {
		st.revision.roleARN = roleARN
	}
}

// resource is a physical resource of a stack. Values are replaced, never changed in
// place, so that a copy of the pointer is a snapshot.
type resource struct {
	Resource
	logicalID  string
	definition cfntemplate.Resource
	properties map[string]any // evaluated
	shown      map[string]any // properties as descriptions tell them, without secrets
	tags       []Tag          // of the stack when the resource was made or changed
	skipped    bool           // by the rollback of an update: it is not what its template says
	status     string
	reason     string
	updated    time.Time
}

// made tells whether there is a physical resource, or the remains of one.
func (r *resource) made() bool { return r != nil && r.PhysicalID != "" }

// operation is what a request has started and a goroutine works on.
type operation struct {
	record *operationRecord
	token  string
	// cancelToken is that of the request that cancelled it.
	cancelToken string
	cancel      func() // ends the forward part of a create or update
	over        chan struct{}
}

// setStatus moves the stack and records the event that says so.
func (s *Service) setStatus(st *stack, status Status, reason string) {
	st.status, st.reason = status, reason
	token := ""
	if st.operation != nil {
		token = st.operation.token
	}
	rec, outcome := s.enter(st, status)
	st.events = append(st.events, Event{
		StackId: st.id, StackName: st.name, EventId: wire.NewUUID(), OperationId: rec.idOrNone(),
		LogicalResourceId: st.name, PhysicalResourceId: &st.id, ResourceType: "AWS::CloudFormation::Stack",
		Timestamp: s.now(), ResourceStatus: string(status), ResourceStatusReason: reason,
		ClientRequestToken: token,
		record:             rec, outcome: outcome,
	})
	if !status.InProgress() {
		st.stable = st.stable || status == CreateComplete || status == UpdateComplete
		st.policyDuringUpdate = nil
		st.endExecution()
		s.Settled()
	}
}

// setResource stores r as a resource of the stack and records its event.
func (s *Service) setResource(st *stack, r resource, status, reason string) {
	r.status, r.reason, r.updated = status, reason, s.now()
	st.resources[r.logicalID] = &r
	delete(st.drift.resources, r.logicalID) // it was compared before that
	s.recordResource(st, r, status, reason)
}

// recordResource records an event of a resource that is not, or no longer, the
// stack's current one of that logical id.
func (s *Service) recordResource(st *stack, r resource, status, reason string) {
	physical := r.PhysicalID
	at := s.now()
	st.events = append(st.events, Event{
		StackId: st.id, StackName: st.name,
		EventId:           st.resourceEventID(r.logicalID+"-"+status, at),
		LogicalResourceId: r.logicalID, PhysicalResourceId: &physical, ResourceType: r.definition.Type,
		Timestamp: at, ResourceStatus: status, ResourceStatusReason: reason,
		ResourceProperties: encodeJSON(r.shown),
		ClientRequestToken: st.operation.token,
		OperationId:        st.record.idOrNone(), record: st.record,
	})
}

// eventTime is the time in the id of a resource's event.
const eventTime = "2006-01-02T15:04:05.000Z"

// resourceEventID is the id of an event in the form that AWS gives it. Two events of a
// resource may fall into one millisecond; their ids differ all the same, since clients
// tell by them which events they have seen.
func (st *stack) resourceEventID(prefix string, at time.Time) string {
	at = at.UTC().Truncate(time.Millisecond)
	if st.lastEvents == nil {
		st.lastEvents = map[string]time.Time{}
		for _, e := range st.events { // of before a restart
			of := e.LogicalResourceId + "-" + e.ResourceStatus
			if told, err := time.Parse(eventTime, strings.TrimPrefix(e.EventId, of+"-")); err == nil && told.After(st.lastEvents[of]) {
				st.lastEvents[of] = told
			}
		}
	}
	if last := st.lastEvents[prefix]; !at.After(last) {
		at = last.Add(time.Millisecond)
	}
	st.lastEvents[prefix] = at
	return prefix + "-" + at.Format(eventTime)
}

func (s *Service) describe(st *stack) StackDescription {
	d := StackDescription{
		StackId: st.id, StackName: st.name, ChangeSetId: st.executed,
		CreationTime: st.created, LastUpdatedTime: st.updated, DeletionTime: st.deleted,
		StackStatus: st.status, StackStatusReason: st.reason,
		DisableRollback: st.noRollback, DeploymentConfig: st.deployment, TimeoutInMinutes: st.timeoutMinute,
		EnableTerminationProtection: st.protected,
		RollbackConfiguration:       &RollbackConfiguration{},
		NotificationARNs:            append([]string{}, st.revision.notification...),
		Capabilities:                st.revision.capabilities,
		RoleARN:                     st.revision.roleARN,
		Tags:                        append([]Tag{}, st.revision.tags...),
		Outputs:                     st.outputs,
		Parameters:                  describeParameters(st.revision),
		DriftInformation:            st.driftInformation(),
		LastOperations:              st.lastOperations(),
	}
	if st.revision.template != nil {
		d.Description = st.revision.template.Description
	}
	return d
}

func describeParameters(r revision) []ParameterOutput {
	var out []ParameterOutput
	for _, key := range sortedKeys(r.parameters) {
		value := r.parameters[key]
		if r.template.Parameters[key].NoEcho {
			value = "****"
		}
		shown := ParameterOutput{ParameterKey: key, ParameterValue: &value}
		if resolved, ok := r.resolved[key]; ok {
			shown.ResolvedValue = &resolved
		}
		out = append(out, shown)
	}
	return out
}

// remember keeps what a deleted stack had: ListStackResources shows it for 90 days.
func (st *stack) remember(had map[string]*resource, retained func(*resource) bool) {
	for id, r := range had {
		last := *r
		last.status, last.reason = "DELETE"+complete, ""
		if retained(r) {
			last.status = "DELETE" + skipped
		}
		st.resources[id] = &last
	}
}

// sortedResources are the stack's resources by logical id.
func (st *stack) sortedResources() []*resource {
	out := make([]*resource, 0, len(st.resources))
	for _, id := range sortedKeys(st.resources) {
		out = append(out, st.resources[id])
	}
	return out
}

func (st *stack) snapshot() map[string]*resource { return maps.Clone(st.resources) }
