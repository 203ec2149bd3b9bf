package cloudformation

import "time"

// savedChangeSet is a [changeSet].
type savedChangeSet struct {
	ID, Name, Description string
	Kind, OnFailure       string
	Importing, Nested     bool
	Created               time.Time
	Revision              savedRevision
	Plan                  savedPlan
	Status, Reason        string
	Execution             string
	Token                 string
	Record                string
	Deployment            *DeploymentConfig
}

type savedPlan struct {
	Changes []savedChange
	Outputs bool
	Imports map[string]bool
}

type savedChange struct {
	LogicalID, Action, Replacement string
	Before, After                  *savedResource
	Differences                    []savedDifference
	Scope                          []string
}

type savedDifference struct {
	Path                []string
	Before, After       value
	Kind, Attribute     string
	RequiresReplacement Recreation
	Causes              []savedCause
}

type savedCause struct{ Source, Evaluation, Entity string }

func (cs *changeSet) save() savedChangeSet {
	saved := savedChangeSet{
		ID: cs.id, Name: cs.name, Description: cs.description, Kind: cs.kind, OnFailure: cs.onFailure, Importing: cs.importing, Nested: cs.nested, Created: cs.created,
		Revision: cs.revision.save(), Plan: savedPlan{Outputs: cs.plan.outputs, Imports: cs.plan.imports},
		Status: cs.status, Reason: cs.reason, Execution: cs.execution, Token: cs.token,
		Record: cs.record.idOrNone(), Deployment: cs.deployment,
	}
	for _, c := range cs.plan.changes {
		change := savedChange{
			LogicalID: c.logicalID, Action: c.action, Replacement: c.replacement,
			Before: c.before.save(), After: c.after.save(), Scope: c.scope,
		}
		for _, d := range c.differences {
			difference := savedDifference{
				Path: d.path, Before: value{d.before}, After: value{d.after}, Kind: d.kind,
				Attribute: d.attribute, RequiresReplacement: d.recreation,
			}
			for _, why := range d.causes {
				difference.Causes = append(difference.Causes, savedCause{Source: why.source, Evaluation: why.evaluation, Entity: why.entity})
			}
			change.Differences = append(change.Differences, difference)
		}
		saved.Plan.Changes = append(saved.Plan.Changes, change)
	}
	return saved
}

func (k savedChangeSet) restore(records map[string]*operationRecord) (*changeSet, error) {
	cs := &changeSet{
		id: k.ID, name: k.Name, description: k.Description, kind: k.Kind, onFailure: k.OnFailure, importing: k.Importing, nested: k.Nested, created: k.Created,
		plan:   plan{outputs: k.Plan.Outputs, imports: k.Plan.Imports},
		status: k.Status, reason: k.Reason, execution: k.Execution, token: k.Token,
		record: records[k.Record], deployment: k.Deployment,
	}
	var err error
	if cs.revision, err = k.Revision.restore(); err != nil {
		return nil, err
	}
	for _, c := range k.Plan.Changes {
		change := plannedChange{
			logicalID: c.LogicalID, action: c.Action, replacement: c.Replacement,
			before: c.Before.restore(), after: c.After.restore(), scope: c.Scope,
		}
		for _, d := range c.Differences {
			planned := plannedDifference{
				difference: difference{path: d.Path, before: d.Before.any, after: d.After.any, kind: d.Kind},
				attribute:  d.Attribute, recreation: d.RequiresReplacement,
			}
			for _, why := range d.Causes {
				planned.causes = append(planned.causes, cause{source: why.Source, evaluation: why.Evaluation, entity: why.Entity})
			}
			change.differences = append(change.differences, planned)
		}
		cs.plan.changes = append(cs.plan.changes, change)
	}
	return cs, nil
}
