package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// operation is one operation on a stack, known by its token, as far as its events have
// been read. An operation has begun with the first event of the stack itself that
// carries the token; a rollback is a second operation, so from there on every event
// counts, whatever its token, until the stack itself is said to be in no progress any
// more. What comes after that is somebody else's.
type operation struct {
	stackID, stackName, token string

	// joined tells that somebody else has begun it, by a token that is not known.
	joined bool

	// maxFailedTasks is how many tasks may stop before the operation is cancelled, as
	// [Request.MaxFailedTasks] says.
	maxFailedTasks int

	justBegun bool // we have begun it just now: there is nothing to be seen yet
	begun     bool
	read      time.Time // when the events were read last
	last      string    // id of the newest event that was read
	status    StackStatus
	reason    string // that came with status

	touched map[string]string // the types of the resources that it has worked on, by logical id
	next    *types.StackEvent // by which another operation began in its place; nil when none was seen

	trouble   string            // the first reason that the stack itself gave for going back
	failure   *types.StackEvent // the first event that tells of a failure
	asked     string            // why we asked for it to be cancelled
	cancelled string            // why we had it cancelled; empty when we had not
	// uncancellable is set once cancelling was refused, so that it is not asked for again.
	uncancellable bool
	// tooLate is why it was to be cancelled when it had come to its end, or too far.
	tooLate string
}

// settled tells whether the operation has ended, or another one has taken its place.
func (o *operation) settled() bool { return o.begun && (!o.status.InProgress() || o.next != nil) }

// userInitiated is CloudFormation's reason for what somebody has asked for.
const userInitiated = "User Initiated"

// take reads the operation's new events, oldest first.
func (o *operation) take(events []types.StackEvent) {
	if o.touched == nil {
		o.touched = make(map[string]string)
	}
	for i := range events {
		e := &events[i]
		o.last = aws.ToString(e.EventId)
		if o.isOwn(e) {
			o.begun = true
			o.status = StackStatus(e.ResourceStatus)
			o.reason = aws.ToString(e.ResourceStatusReason)
			if text := string(o.status); o.trouble == "" && (strings.Contains(text, "ROLLBACK") || strings.Contains(text, "FAILED")) {
				o.trouble = o.reason
			}
			if e.ResourceStatus == types.ResourceStatusUpdateRollbackInProgress && o.cancelled == "" && o.reason == userInitiated {
				o.cancelled = o.asked // the answer to which was lost
			}
			continue
		}
		o.touched[aws.ToString(e.LogicalResourceId)] = aws.ToString(e.ResourceType)
		if o.failure == nil && strings.HasSuffix(string(e.ResourceStatus), "_FAILED") && !cancelled(e) {
			o.failure = e
		}
	}
}

// isOwn tells whether an event is one of the stack itself rather than of a resource in
// it; a nested stack's has another physical id.
func (o *operation) isOwn(e *types.StackEvent) bool {
	return aws.ToString(e.ResourceType) == typeStack && aws.ToString(e.PhysicalResourceId) == o.stackID
}

// cancelled tells whether a resource failed only because another one did.
func cancelled(e *types.StackEvent) bool {
	return strings.Contains(aws.ToString(e.ResourceStatusReason), "cancelled")
}

// isFirst tells whether an event is the one by which the operation began.
func (o *operation) isFirst(e *types.StackEvent) bool {
	return o.isBeginning(e) && aws.ToString(e.ClientRequestToken) == o.token
}

// isBeginning tells whether an event is one by which an operation on the stack began. A
// rollback is none.
func (o *operation) isBeginning(e *types.StackEvent) bool {
	if !o.isOwn(e) {
		return false
	}
	switch e.ResourceStatus {
	case types.ResourceStatusCreateInProgress, types.ResourceStatusUpdateInProgress, types.ResourceStatusDeleteInProgress:
		return true
	}
	return false
}

// fresh picks from one page, newest first, the events of the operation that have not
// been taken. older tells whether the next page may hold more of them.
func (o *operation) fresh(page []types.StackEvent) (events []types.StackEvent, older bool) {
	ours := o.begun
	for i := range page {
		if o.begun && aws.ToString(page[i].EventId) == o.last {
			return page[:i], false
		}
		if !o.begun && o.isFirst(&page[i]) {
			return page[:i+1], false
		}
		ours = ours || aws.ToString(page[i].ClientRequestToken) == o.token
	}
	if !ours {
		return nil, false // it has not begun: these events belong to others
	}
	return page, true
}

// within cuts off what is no more of the operation from new events, oldest first: what
// follows its end, and what another one begins with that takes its place before that.
func (o *operation) within(events []types.StackEvent) []types.StackEvent {
	begun, ended := o.begun, o.settled()
	for i := range events {
		e := &events[i]
		switch {
		case ended:
			return events[:i]
		case begun && o.isBeginning(e) && !o.isFirst(e) && !o.joined:
			o.next = e
			return events[:i]
		case o.isOwn(e):
			begun, ended = true, !StackStatus(e.ResourceStatus).InProgress()
		}
	}
	return events
}

// newEvents reads the events that the operation has had since the last call, oldest
// first.
func (d *Deployer) newEvents(ctx context.Context, o *operation) ([]types.StackEvent, error) {
	var found []types.StackEvent
	pages := cloudformation.NewDescribeStackEventsPaginator(d.cfn, &cloudformation.DescribeStackEventsInput{StackName: &o.stackID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading the events of stack %s: %w", o.stackName, err)
		}
		events, older := o.fresh(page.StackEvents)
		found = append(found, events...)
		if !older {
			break
		}
	}
	slices.Reverse(found)
	return o.within(found), nil
}
