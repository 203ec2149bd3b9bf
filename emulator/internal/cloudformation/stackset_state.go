package cloudformation

import (
	"fmt"
	"time"
)

// SavedStackSets are the stack sets that a Service keeps over a restart, for
// encoding/json, as [Saved] are its stacks. They are to be saved before the stacks of any
// region: an operation then is never further in them than its stacks are.
type SavedStackSets []savedStackSet

type savedStackSet struct {
	ID, Name, Description string
	Deleted               bool
	Token                 string
	Updated, Managed      bool
	Definition            savedDefinitionOfSet
	Instances             []savedInstance
	Operations            []savedSetOperation
}

type savedDefinitionOfSet struct {
	Body                      string
	Parameters                map[string]string
	Capabilities              []string
	Tags                      []Tag
	Administration, Execution string
}

type savedInstance struct {
	Region, StackName, StackID string
	Overrides                  map[string]string
	Status, Detailed, Reason   string
	LastOperation              string
}

type savedSetOperation struct {
	ID, Action, Status, Request string
	Preferences                 *StackSetOperationPreferences
	Retain, Everywhere          bool
	Targets                     []string
	Definition                  bool
	Administration, Execution   string
	Created, Ended              time.Time
	Results                     []savedSetResult
}

type savedSetResult struct {
	Region, Status, Reason string
	Gated                  bool
}

// SaveStackSets is what there is to keep of stack sets.
func (s *Service) SaveStackSets() SavedStackSets {
	s.sets.mu.Lock()
	defer s.sets.mu.Unlock()
	var saved SavedStackSets
	for _, set := range s.sets.all {
		d := set.definition
		kept := savedStackSet{
			ID: set.id, Name: set.name, Description: set.description, Deleted: set.deleted, Token: set.token,
			Updated: set.updated, Managed: set.managed,
			Definition: savedDefinitionOfSet{
				Body: d.body, Parameters: d.parameters, Capabilities: d.capabilities, Tags: d.tags,
				Administration: d.administration, Execution: d.execution,
			},
		}
		for _, in := range set.instances {
			kept.Instances = append(kept.Instances, savedInstance{
				Region: in.region, StackName: in.stackName, StackID: in.stackID, Overrides: in.overrides,
				Status: in.status, Detailed: in.detailed, Reason: in.reason, LastOperation: in.lastOperation,
			})
		}
		for _, op := range set.operations {
			kept.Operations = append(kept.Operations, op.save())
		}
		saved = append(saved, kept)
	}
	return saved
}

func (op *setOperation) save() savedSetOperation {
	kept := savedSetOperation{
		ID: op.id, Action: op.action, Status: op.status, Request: op.request, Preferences: op.preferences,
		Retain: op.retain, Everywhere: op.everywhere, Targets: op.targets, Definition: op.definition,
		Administration: op.administration, Execution: op.execution, Created: op.created, Ended: op.ended,
	}
	for _, r := range op.results {
		kept.Results = append(kept.Results, savedSetResult{Region: r.region, Status: r.status, Reason: r.reason, Gated: r.gated})
	}
	return kept
}

// RestoreStackSets takes over what a Service has saved, before the first request.
func (s *Service) RestoreStackSets(saved SavedStackSets) error {
	s.sets.mu.Lock()
	defer s.sets.mu.Unlock()
	for _, k := range saved {
		set := &stackSet{
			id: k.ID, name: k.Name, description: k.Description, deleted: k.Deleted, token: k.Token,
			updated: k.Updated, managed: k.Managed,
			definition: &setDefinition{
				body: k.Definition.Body, parameters: k.Definition.Parameters, capabilities: k.Definition.Capabilities,
				tags: k.Definition.Tags, administration: k.Definition.Administration, execution: k.Definition.Execution,
			},
		}
		if !set.deleted {
			var err error
			if set.definition.template, err = parse(k.Definition.Body); err != nil {
				return fmt.Errorf("restoring stack set %s: %w", k.ID, err)
			}
		}
		for _, in := range k.Instances {
			set.instances = append(set.instances, &stackInstance{
				region: in.Region, stackName: in.StackName, stackID: in.StackID, overrides: in.Overrides,
				status: in.Status, detailed: in.Detailed, reason: in.Reason, lastOperation: in.LastOperation,
			})
		}
		for _, op := range k.Operations {
			set.operations = append(set.operations, op.restore())
		}
		s.sets.all = append(s.sets.all, set)
	}
	return nil
}

func (k savedSetOperation) restore() *setOperation {
	op := &setOperation{
		id: k.ID, action: k.Action, status: k.Status, request: k.Request, preferences: k.Preferences,
		retain: k.Retain, everywhere: k.Everywhere, targets: k.Targets, definition: k.Definition,
		administration: k.Administration, execution: k.Execution, created: k.Created, ended: k.Ended,
	}
	for _, r := range k.Results {
		op.results = append(op.results, &setResult{region: r.Region, status: r.Status, reason: r.Reason, gated: r.Gated})
	}
	return op
}

// ResumeStackSets goes on with the operations that were in progress, once the stacks of all
// regions are restored: a stack whose operation was cut off has failed, and that counts as
// every failure does.
func (s *Service) ResumeStackSets() {
	s.sets.mu.Lock()
	defer s.sets.mu.Unlock()
	for _, set := range s.sets.all {
		for _, op := range set.operations {
			if op.status == setRunning || op.status == setStopping {
				s.wg.Go(func() { s.workOnSet(set, op) })
			}
		}
		s.dequeue(set)
	}
}
