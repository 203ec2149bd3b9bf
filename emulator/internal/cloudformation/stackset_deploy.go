package cloudformation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// instanceOrder is what a stack set wants of the CloudFormation of a region.
type instanceOrder struct {
	of           *setDefinition
	action       string
	retain       bool   // of a deletion: leave the stack
	token        string // the operation's id, by which what has begun is known again
	name         string // of the stack
	stackID      string
	role         string // execution role, by name
	body         string
	parameters   map[string]string
	capabilities []string
	tags         []Tag
}

// instanceResult is what has become of it.
type instanceResult struct {
	failed bool
	reason string // of a failure
}

// deploy has an order done in a region, and waits for its end; false where the emulator
// closes meanwhile. begun is told the stack's id as soon as there is one.
func (s *Service) deploy(region string, o instanceOrder, begun func(stackID string)) (instanceResult, bool) {
	peer, leave := s.Regions.Enter(region)
	if peer == nil {
		return instanceResult{}, false
	}
	s.Regions.Assume(region, o.name, "arn:aws:iam::"+wire.AccountID+":role/"+o.role)
	id, over, err := peer.take(o)
	leave()
	if id != "" {
		begun(id)
	}
	if err != nil {
		return instanceResult{failed: true, reason: reasonOf(err)}, true
	}
	result := instanceResult{}
	for over != nil { // where it is, there is nothing to be done
		select {
		case <-over:
		case <-s.ctx.Done():
			return instanceResult{}, false
		}
		if peer, leave = s.Regions.Enter(region); peer == nil {
			return instanceResult{}, false
		}
		var settled bool
		result, over, settled = peer.became(id, o)
		leave()
		if !settled && over == nil {
			return instanceResult{}, false
		}
	}
	return result, true
}

// take begins what an order is about, and returns the stack and what is closed at the end;
// nil where there is nothing to be done. An order that was taken before is not begun again.
func (s *Service) take(o instanceOrder) (stackID string, over <-chan struct{}, err error) {
	if o.action == setDelete {
		return s.takeDeletion(o)
	}
	s.mu.Lock()
	st := s.find(o.name)
	s.mu.Unlock()
	if st == nil {
		return s.takeCreation(o)
	}
	return s.takeUpdate(st, o)
}

// definition is that of the stack. The template comes with the former revision: the limit
// for what a request has in it does not hold for what a stack set has from S3.
func (o instanceOrder) definition() definition {
	d := definition{usePrevious: true, capabilities: o.capabilities, tags: o.tags}
	for _, key := range sortedKeys(o.parameters) {
		value := o.parameters[key]
		d.parameters = append(d.parameters, ParameterInput{ParameterKey: key, ParameterValue: &value})
	}
	return d
}

// takeCreation creates the stack. One that cannot be created does not stay (user guide,
// "Troubleshooting CloudFormation StackSets": "a status of DELETED (for failed create
// operations)").
func (s *Service) takeCreation(o instanceOrder) (string, <-chan struct{}, error) {
	st := s.newStack(o.name)
	r, err := s.prepare(st.name, st.id, o.definition(), revision{body: o.body})
	if err != nil {
		return "", nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(st)
	s.startCreate(st, r, conduct{token: o.token, onFailure: "DELETE"})
	return st.id, st.operation.over, nil
}

func (s *Service) takeUpdate(st *stack, o instanceOrder) (string, <-chan struct{}, error) {
	s.mu.Lock()
	status, previous := st.status, st.revision
	var taken <-chan struct{}
	if st.operation != nil && st.operation.token == o.token {
		taken = st.operation.over
	}
	err := st.followUp(false, nil, "update-stack")
	s.mu.Unlock()
	switch {
	case taken != nil:
		return st.id, taken, nil
	case !status.Updatable():
		return st.id, nil, notUpdatable(st, status)
	case err != nil:
		return st.id, nil, err
	}
	former := previous
	former.body = o.body
	r, err := s.prepareUpdate(st, o.definition(), former)
	if err != nil {
		return st.id, nil, err
	}
	p, err := s.plan(st, r)
	if err != nil {
		return st.id, nil, err
	}
	if p.empty() && slices.Equal(r.tags, previous.tags) {
		return st.id, nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !st.status.Updatable() { // another update was faster
		return st.id, nil, notUpdatable(st, st.status)
	}
	st.outdate()
	s.startUpdate(st, r, conduct{token: o.token})
	return st.id, st.operation.over, nil
}

func (s *Service) takeDeletion(o instanceOrder) (string, <-chan struct{}, error) {
	s.mu.Lock()
	st := s.find(cmp.Or(o.stackID, o.name))
	gone := st == nil || st.status == DeleteComplete
	s.mu.Unlock()
	if o.retain || gone {
		return o.stackID, nil, nil
	}
	if _, err := s.DeleteStack(s.ctx, &DeleteStackInput{StackName: st.id, ClientRequestToken: o.token}); err != nil {
		return st.id, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return st.id, st.operation.over, nil
}

// became tells what has become of an order that was taken. Where the stack is not settled,
// somebody has begun another operation, which ends with next, or the emulator closes.
func (s *Service) became(id string, o instanceOrder) (result instanceResult, next <-chan struct{}, settled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.byID[id]
	switch {
	case st == nil: // deleted, and forgotten since
		result.failed = o.action != setDelete
	case st.status.InProgress():
		select {
		case <-st.operation.over:
			return instanceResult{}, nil, false
		default:
			return instanceResult{}, st.operation.over, false
		}
	case o.action == setDelete:
		result.failed = st.status != DeleteComplete
	default:
		result.failed = st.status != CreateComplete && st.status != UpdateComplete
	}
	if result.failed && st != nil {
		result.reason = st.failure(o.token)
	}
	return result, nil, true
}

// failure is why an operation on the stack has failed: the first resource that did by
// itself, in the form of the CLI's example of describe-stack-instance, or the stack's own
// reason. The caller holds Service.mu.
func (st *stack) failure(token string) string {
	own := st.reason
	for _, e := range st.events {
		switch {
		case e.ClientRequestToken != token || e.ResourceStatusReason == "" || strings.HasSuffix(e.ResourceStatusReason, "cancelled"):
		case *e.PhysicalResourceId == st.id && !e.operationOnly:
			if own == "" && e.ResourceStatusReason != "User Initiated" {
				own = e.ResourceStatusReason
			}
		case strings.HasSuffix(e.ResourceStatus, failed):
			return fmt.Sprintf("ResourceLogicalId:%s, ResourceType:%s, ResourceStatusReason:%s.", e.LogicalResourceId, e.ResourceType, e.ResourceStatusReason)
		}
	}
	return strings.TrimSpace(own)
}
