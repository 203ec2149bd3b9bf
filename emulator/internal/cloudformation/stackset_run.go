package cloudformation

import (
	"slices"
	"sync"
)

// Why an operation does not touch an instance. The first is in the CLI's example of
// list-stack-set-operation-results.
const (
	toleranceExceeded = "Cancelled since failure tolerance has exceeded"
	stoppedByUser     = "Cancelled since the operation was stopped"
)

// runSetOperation begins an operation. The caller holds s.sets.mu.
func (s *Service) runSetOperation(set *stackSet, op *setOperation) {
	op.status = setRunning
	regions := op.targets
	if op.everywhere {
		for _, in := range set.instances {
			regions = append(regions, in.region)
		}
		slices.Sort(regions)
	}
	for _, region := range op.preferences.order(regions) {
		in := set.instance(region)
		if in == nil || op.action == setUpdate && in.status == instanceInoperable {
			continue // it is not there to be deleted, or excluded from updates
		}
		in.detailed, in.reason, in.lastOperation = resultPending, "", op.id
		if op.action != setDelete {
			in.status = instanceOutdated
		}
		op.results = append(op.results, &setResult{region: region, status: resultPending})
	}
	s.wg.Go(func() { s.workOnSet(set, op) })
}

// workOnSet goes through the regions of an operation, or through those that are left of it.
func (s *Service) workOnSet(set *stackSet, op *setOperation) {
	var group sync.WaitGroup
	for _, r := range op.results {
		if op.preferences.parallel() {
			group.Go(func() { s.workOnInstance(set, op, r) })
		} else if !s.workOnInstance(set, op, r) {
			return
		}
	}
	group.Wait()
	s.sets.mu.Lock()
	defer s.sets.mu.Unlock()
	if slices.ContainsFunc(op.results, func(r *setResult) bool { return !r.over() }) {
		return // the emulator closes
	}
	switch {
	case op.status == setStopping:
		op.status = setStopped
	case op.exceeded(""):
		op.status = setFailed
	default:
		op.status = setSucceeded
	}
	op.ended = s.now()
	s.dequeue(set)
	s.Settled()
}

func (r *setResult) over() bool { return r.status != resultPending && r.status != resultRunning }

// failures counts the failures in a region, or in all of them.
func (op *setOperation) failures(region string) int {
	count := 0
	for _, r := range op.results {
		if r.status == resultFailed && (region == "" || region == r.region) {
			count++
		}
	}
	return count
}

// exceeded tells whether the operation has failed more often than it may in a region, or
// in any of them.
func (op *setOperation) exceeded(region string) bool {
	return slices.ContainsFunc(op.results, func(r *setResult) bool {
		return (region == "" || region == r.region) && op.failures(r.region) > op.preferences.tolerance()
	})
}

// cancels is why the operation does not begin in a region any more; empty while it does.
func (op *setOperation) cancels(region string) string {
	if !op.preferences.parallel() {
		region = "" // a region that was given up ends all that come after it
	}
	switch {
	case op.status == setStopping:
		return stoppedByUser
	case op.exceeded(region):
		return toleranceExceeded
	}
	return ""
}

// workOnInstance does what an operation is about in one region; false where the emulator
// closes.
func (s *Service) workOnInstance(set *stackSet, op *setOperation, r *setResult) bool {
	o, ok := s.order(set, op, r)
	if !ok {
		return true // there is nothing left to do
	}
	result, ok := s.deploy(r.region, o, func(stackID string) {
		s.sets.mu.Lock()
		defer s.sets.mu.Unlock()
		set.instance(r.region).stackID = stackID
	})
	if !ok {
		return false
	}
	s.sets.mu.Lock()
	defer s.sets.mu.Unlock()
	in := set.instance(r.region)
	r.status, r.reason = resultSucceeded, ""
	if result.failed {
		r.status, r.reason = resultFailed, result.reason
	}
	in.detailed, in.reason = r.status, r.reason
	switch {
	case op.action != setDelete && !result.failed && o.of == set.definition: // it may be another one by now
		in.status = instanceCurrent
	case op.action == setDelete && !result.failed:
		set.instances = slices.DeleteFunc(slices.Clone(set.instances), func(other *stackInstance) bool { return other == in })
	case op.action == setDelete:
		in.status, in.detailed = instanceInoperable, instanceInoperable
	}
	return true
}

// order is what is to be done in a region; false where that is nothing: it has been done,
// or is cancelled.
func (s *Service) order(set *stackSet, op *setOperation, r *setResult) (instanceOrder, bool) {
	s.sets.mu.Lock()
	defer s.sets.mu.Unlock()
	if r.over() {
		return instanceOrder{}, false
	}
	in := set.instance(r.region)
	if reason := op.cancels(r.region); reason != "" && r.status == resultPending {
		r.status, r.reason = resultCancelled, reason
		in.detailed, in.reason = resultCancelled, reason
		return instanceOrder{}, false
	}
	r.status, r.gated, in.detailed = resultRunning, true, resultRunning
	return instanceOrder{
		of: set.definition, action: op.action, retain: op.retain, token: op.id, name: in.stackName, stackID: in.stackID, role: op.execution,
		body: set.definition.body, parameters: set.parameters(in), capabilities: set.definition.capabilities,
		tags: append([]Tag{}, set.definition.tags...),
	}, true
}
