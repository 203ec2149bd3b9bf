package cloudformation

import (
	"fmt"
	"slices"
	"time"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// Saved is what a Service keeps over a restart, for encoding/json. What is in it is
// replaced and never changed in place, so that it can be encoded later.
type Saved struct{ Stacks []savedStack }

type savedStack struct {
	ID, Name                  string
	Status                    Status
	Reason                    string
	Created, Updated, Deleted time.Time
	Revision                  savedRevision
	Resources                 map[string]*savedResource
	Outputs                   []StackOutput
	Imports                   map[string]bool
	Events                    []savedEvent
	ChangeSets                []savedChangeSet
	Executed                  string
	Drift                     savedDrift
	Policy, DuringUpdate      *string
	Deployment                *DeploymentConfig
	NoRollback                bool
	OnFailureGiven            string
	Protected                 bool
	TimeoutMinute             int
	Records                   []savedRecord
	Record                    string          // id
	Operation                 *savedOperation // nil: there was none
	Run                       *savedRun       // of an operation that is in progress
	Unfinished                *savedRun
	Stable                    bool
}

type savedRevision struct {
	Body                 string
	Parameters, Resolved map[string]string
	Tags                 []Tag
	Capabilities         []string
	Notification         []string
	RoleARN              string
}

type savedResource struct {
	PhysicalID, Ref      string
	Attributes           values
	LogicalID            string
	Definition           savedDefinition
	Properties, Shown    values
	Tags                 []Tag
	Skipped              bool
	ResourceStatus       string
	ResourceStatusReason string
	Updated              time.Time
}

// savedDefinition is a [cfntemplate.Resource].
type savedDefinition struct {
	Type, Condition, DeletionPolicy, UpdateReplacePolicy string
	DependsOn                                            []string
	Properties, Metadata, UpdatePolicy, CreationPolicy   values
}

type savedEvent struct {
	Event
	Record, Outcome string
	OperationOnly   bool
}

type savedRecord struct {
	ID             string
	Kind           OperationType
	Token          string
	ChangeSet      string
	Requested      bool
	Started, Ended time.Time
}

type savedOperation struct{ Record, Token, CancelToken string }

type savedDrift struct {
	Status     string
	Checked    time.Time
	Detections []savedDetection
	Resources  map[string]StackResourceDrift
}

type savedDetection struct {
	ID, Status, StackStatus string
	Drifted                 int
	At                      time.Time
}

// Save is what there is to keep. The service stands still while during runs.
func (s *Service) Save(during func()) Saved {
	s.mu.Lock()
	defer s.mu.Unlock()
	during()
	saved := Saved{Stacks: make([]savedStack, len(s.stacks))}
	for i, st := range s.stacks {
		saved.Stacks[i] = st.save()
	}
	return saved
}

func (st *stack) save() savedStack {
	saved := savedStack{
		ID: st.id, Name: st.name, Status: st.status, Reason: st.reason,
		Created: st.created, Updated: st.updated, Deleted: st.deleted,
		Revision: st.revision.save(), Resources: make(map[string]*savedResource, len(st.resources)),
		Outputs: st.outputs, Imports: st.imports, Events: make([]savedEvent, len(st.events)),
		Executed: st.executed, Drift: st.drift.save(), Policy: st.policy.save(), DuringUpdate: st.policyDuringUpdate.save(),
		Deployment: st.deployment, NoRollback: st.noRollback, OnFailureGiven: st.onFailureGiven,
		Protected: st.protected, TimeoutMinute: st.timeoutMinute,
		Record: st.record.idOrNone(), Unfinished: st.unfinished.save(), Stable: st.stable,
	}
	for id, res := range st.resources {
		saved.Resources[id] = res.save()
	}
	for i, e := range st.events {
		saved.Events[i] = savedEvent{Event: e, Record: e.record.idOrNone(), Outcome: e.outcome, OperationOnly: e.operationOnly}
	}
	for _, cs := range st.changeSets {
		saved.ChangeSets = append(saved.ChangeSets, cs.save())
	}
	for _, rec := range st.records {
		saved.Records = append(saved.Records, savedRecord{
			ID: rec.id, Kind: rec.kind, Token: rec.token, ChangeSet: rec.changeSet,
			Requested: rec.requested, Started: rec.started, Ended: rec.ended,
		})
	}
	if op := st.operation; op != nil {
		saved.Operation = &savedOperation{Record: op.record.idOrNone(), Token: op.token, CancelToken: op.cancelToken}
	}
	if st.status.InProgress() {
		saved.Run = st.run.save()
	}
	return saved
}

func (r revision) save() savedRevision {
	return savedRevision{
		Body: r.body, Parameters: r.parameters, Resolved: r.resolved, Tags: r.tags,
		Capabilities: r.capabilities, Notification: r.notification, RoleARN: r.roleARN,
	}
}

func (r *resource) save() *savedResource {
	if r == nil {
		return nil
	}
	d := r.definition
	return &savedResource{
		PhysicalID: r.PhysicalID, Ref: r.Ref, Attributes: r.Attributes, LogicalID: r.logicalID,
		Definition: savedDefinition{
			Type: d.Type, Condition: d.Condition, DeletionPolicy: d.DeletionPolicy, UpdateReplacePolicy: d.UpdateReplacePolicy,
			DependsOn: d.DependsOn, Properties: d.Properties, Metadata: d.Metadata,
			UpdatePolicy: d.UpdatePolicy, CreationPolicy: d.CreationPolicy,
		},
		Properties: r.properties, Shown: r.shown, Tags: r.tags, Skipped: r.skipped,
		ResourceStatus: r.status, ResourceStatusReason: r.reason, Updated: r.updated,
	}
}

func (p *stackPolicy) save() *string {
	if p == nil {
		return nil
	}
	return &p.body
}

func (d drift) save() savedDrift {
	saved := savedDrift{Status: d.status, Checked: d.checked, Resources: map[string]StackResourceDrift{}}
	for _, one := range d.detections {
		saved.Detections = append(saved.Detections, savedDetection{
			ID: one.id, Status: one.status, StackStatus: one.stackStatus, Drifted: one.drifted, At: one.at,
		})
	}
	for id, one := range d.resources {
		saved.Resources[id] = one
	}
	return saved
}

// Restore takes over what a Service has saved, before the first request, and goes on
// with the operations that were in progress: what was being made or changed is rolled
// back, and what was being undone or deleted goes on.
func (s *Service) Restore(saved Saved) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, kept := range saved.Stacks {
		st, err := s.restoreStack(kept)
		if err != nil {
			return fmt.Errorf("restoring stack %s: %w", kept.ID, err)
		}
		s.add(st)
		s.setImports(st, kept.Imports)
		for _, o := range st.outputs {
			if o.ExportName != "" && o.OutputValue != nil {
				s.exports[o.ExportName] = export{value: *o.OutputValue, stack: st}
			}
		}
	}
	for _, st := range s.stacks {
		if st.status == DeleteComplete {
			s.deleted = append(s.deleted, st)
		}
		s.resume(st) // once all exports are there
	}
	slices.SortFunc(s.deleted, func(a, b *stack) int { return a.deleted.Compare(b.deleted) })
	return nil
}

func (s *Service) restoreStack(kept savedStack) (*stack, error) {
	st := &stack{
		id: kept.ID, name: kept.Name, status: kept.Status, reason: kept.Reason,
		created: kept.Created, updated: kept.Updated, deleted: kept.Deleted,
		resources: map[string]*resource{}, outputs: kept.Outputs,
		executed: kept.Executed, drift: kept.Drift.restore(), deployment: kept.Deployment,
		noRollback: kept.NoRollback, onFailureGiven: kept.OnFailureGiven, protected: kept.Protected,
		timeoutMinute: kept.TimeoutMinute, stable: kept.Stable,
	}
	var err error
	if st.revision, err = kept.Revision.restore(); err != nil {
		return nil, err
	}
	if st.policy, err = restorePolicy(kept.Policy); err != nil {
		return nil, err
	}
	if st.policyDuringUpdate, err = restorePolicy(kept.DuringUpdate); err != nil {
		return nil, err
	}
	for id, res := range kept.Resources {
		st.resources[id] = res.restore()
	}
	records := map[string]*operationRecord{}
	for _, k := range kept.Records {
		rec := &operationRecord{
			id: k.ID, kind: k.Kind, token: k.Token, changeSet: k.ChangeSet, requested: k.Requested, started: k.Started, ended: k.Ended,
		}
		records[rec.id] = rec
		st.records = append(st.records, rec)
	}
	st.record = records[kept.Record]
	for _, k := range kept.Events {
		e := k.Event
		e.record, e.outcome, e.operationOnly = records[k.Record], k.Outcome, k.OperationOnly
		st.events = append(st.events, e)
	}
	if op := kept.Operation; op != nil {
		over := make(chan struct{})
		close(over)
		st.operation = &operation{record: records[op.Record], token: op.Token, cancelToken: op.CancelToken, cancel: func() {}, over: over}
	}
	for _, k := range kept.ChangeSets {
		cs, err := k.restore(records)
		if err != nil {
			return nil, err
		}
		st.changeSets = append(st.changeSets, cs)
	}
	if st.unfinished, err = s.restoreRun(st, kept.Unfinished); err != nil {
		return nil, err
	}
	st.run, err = s.restoreRun(st, kept.Run)
	return st, err
}

func (k savedRevision) restore() (revision, error) {
	r := revision{
		body: k.Body, parameters: k.Parameters, resolved: k.Resolved, tags: k.Tags,
		capabilities: k.Capabilities, notification: k.Notification, roleARN: k.RoleARN,
	}
	if k.Body == "" {
		return r, nil
	}
	var err error
	r.template, err = parse(k.Body)
	return r, err
}

func (k *savedResource) restore() *resource {
	if k == nil {
		return nil
	}
	d := k.Definition
	return &resource{
		Resource:  Resource{PhysicalID: k.PhysicalID, Ref: k.Ref, Attributes: k.Attributes},
		logicalID: k.LogicalID,
		definition: cfntemplate.Resource{
			Type: d.Type, Condition: d.Condition, DeletionPolicy: d.DeletionPolicy, UpdateReplacePolicy: d.UpdateReplacePolicy,
			DependsOn: d.DependsOn, Properties: d.Properties, Metadata: d.Metadata,
			UpdatePolicy: d.UpdatePolicy, CreationPolicy: d.CreationPolicy,
		},
		properties: k.Properties, shown: k.Shown, tags: k.Tags, skipped: k.Skipped,
		status: k.ResourceStatus, reason: k.ResourceStatusReason, updated: k.Updated,
	}
}

func restorePolicy(body *string) (*stackPolicy, error) {
	switch {
	case body == nil:
		return nil, nil
	case *body == "":
		return &stackPolicy{}, nil
	}
	return parseStackPolicy(*body)
}

// restore lets detections that were in progress fail: what they had found is gone.
func (k savedDrift) restore() drift {
	d := drift{status: k.Status, checked: k.Checked, resources: k.Resources}
	for _, one := range k.Detections {
		if one.Status == detectionRuns {
			one.Status = detectionFailed
		}
		d.detections = append(d.detections, &detection{
			id: one.ID, status: one.Status, stackStatus: one.StackStatus, drifted: one.Drifted, at: one.At,
		})
	}
	return d
}
