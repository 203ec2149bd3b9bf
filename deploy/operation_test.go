package deploy

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
)

// event is a stack event; the stack's own have no resource.
func event(id int, resource, status, token, reason string) types.StackEvent {
	e := types.StackEvent{
		EventId: aws.String(fmt.Sprint(id)), LogicalResourceId: aws.String(resource), PhysicalResourceId: aws.String(resource + "-id"),
		ResourceType: aws.String("AWS::SNS::Topic"), ResourceStatus: types.ResourceStatus(status),
		ClientRequestToken: aws.String(token), ResourceStatusReason: aws.String(reason),
	}
	if resource == "" {
		e.LogicalResourceId, e.PhysicalResourceId, e.ResourceType = aws.String("web"), aws.String(testStackID), aws.String(typeStack)
	}
	return e
}

// A history of two operations, oldest first: ours, "new", is rolled back, and the
// rollback's events carry no token.
func history() []types.StackEvent {
	return []types.StackEvent{
		event(1, "", "CREATE_IN_PROGRESS", "old", ""),
		event(2, "Bad", "CREATE_FAILED", "old", "of another operation"),
		event(3, "", "CREATE_COMPLETE", "old", ""),
		event(4, "", "UPDATE_IN_PROGRESS", "new", "User Initiated"),
		event(5, "Other", "UPDATE_IN_PROGRESS", "new", ""),
		event(6, "Other", "UPDATE_FAILED", "new", "Resource update cancelled"),
		event(7, "Topic", "UPDATE_FAILED", "new", "it broke"),
		event(8, "Nested", "UPDATE_FAILED", "new", "broke later"),
		event(9, "", "UPDATE_ROLLBACK_IN_PROGRESS", "", "The following resource(s) failed"),
		event(10, "Topic", "UPDATE_COMPLETE", "", ""),
		event(11, "", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "", ""),
		event(12, "", "UPDATE_ROLLBACK_COMPLETE", "", ""),
	}
}

// take reads a history through fresh in pages of the given size, as newEvents does.
func take(o *operation, oldestFirst []types.StackEvent, pageSize int) []string {
	newestFirst := slices.Clone(oldestFirst)
	slices.Reverse(newestFirst)
	var found []types.StackEvent
	for page := range slices.Chunk(newestFirst, pageSize) {
		events, older := o.fresh(page)
		found = append(found, events...)
		if !older {
			break
		}
	}
	slices.Reverse(found)
	found = o.within(found)
	o.take(found)
	var ids []string
	for _, e := range found {
		ids = append(ids, *e.EventId)
	}
	return ids
}

func TestOperation(t *testing.T) {
	t.Parallel()
	events := history()
	o := &operation{stackID: testStackID, stackName: "web", token: "new"}

	if got := take(o, events[:3], 100); got != nil || o.begun {
		t.Errorf("before it begins it has events %v", got)
	}
	if got, want := take(o, events[:6], 100), []string{"4", "5", "6"}; !cmp.Equal(got, want) {
		t.Errorf("the first look gives %v, want %v", got, want)
	}
	if !o.begun || o.settled() || o.status != "UPDATE_IN_PROGRESS" || o.failure != nil {
		t.Errorf("after the first look: %+v", o)
	}
	if got := take(o, events[:6], 100); got != nil {
		t.Errorf("with nothing new it gives %v", got)
	}
	if got, want := take(o, events[:11], 2), []string{"7", "8", "9", "10", "11"}; !cmp.Equal(got, want) {
		t.Errorf("over pages it gives %v, want %v", got, want)
	}
	if o.settled() {
		t.Error("it has settled while it cleans up")
	}
	take(o, events, 1)
	if !o.settled() || o.status != "UPDATE_ROLLBACK_COMPLETE" {
		t.Errorf("in the end: %+v", o)
	}
	if got := aws.ToString(o.failure.ResourceStatusReason); got != "it broke" {
		t.Errorf("the cause is %q, want that of the first resource that was not cancelled", got)
	}
}

// An operation that is over before the first look is read from its beginning.
func TestOperationSeenLate(t *testing.T) {
	t.Parallel()
	o := &operation{stackID: testStackID, token: "old"}
	if got, want := take(o, history()[:3], 2), []string{"1", "2", "3"}; !cmp.Equal(got, want) {
		t.Errorf("it has events %v, want %v", got, want)
	}
	if !o.settled() || o.status != "CREATE_COMPLETE" {
		t.Errorf("in the end: %+v", o)
	}
}

// A nested stack's events are those of a resource.
func TestOperationIgnoresNestedStack(t *testing.T) {
	t.Parallel()
	nested := event(2, "Nested", "UPDATE_COMPLETE", "new", "")
	nested.ResourceType = aws.String(typeStack)
	o := &operation{stackID: testStackID, token: "new"}
	take(o, []types.StackEvent{event(1, "", "UPDATE_IN_PROGRESS", "new", ""), nested}, 100)
	if o.settled() {
		t.Errorf("it has settled with its nested stack: %+v", o)
	}
}

// What follows the end of an operation is none of it, however the next one ends.
func TestOperationEnds(t *testing.T) {
	t.Parallel()
	ours := []types.StackEvent{
		event(1, "", "UPDATE_IN_PROGRESS", "new", "User Initiated"),
		event(2, "Topic", "UPDATE_COMPLETE", "new", ""),
		event(3, "", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "new", ""),
		event(4, "", "UPDATE_COMPLETE", "new", ""),
	}
	theirs := append(slices.Clone(ours),
		event(5, "", "UPDATE_IN_PROGRESS", "theirs", "User Initiated"),
		event(6, "Other", "UPDATE_FAILED", "theirs", "it broke"),
		event(7, "", "UPDATE_ROLLBACK_IN_PROGRESS", "", ""),
		event(8, "", "UPDATE_ROLLBACK_COMPLETE", "", ""),
	)
	for _, seen := range []int{0, 1, 3, 4} {
		for _, end := range []int{5, 6, 8} {
			o := &operation{stackID: testStackID, token: "new"}
			take(o, theirs[:seen], 100)
			take(o, theirs[:end], 100)
			take(o, theirs, 100)
			if !o.settled() || o.status != "UPDATE_COMPLETE" || o.failure != nil || o.next != nil {
				t.Errorf("after looks at %d and %d events, it is %s, settled: %t", seen, end, o.status, o.settled())
			}
			if diff := cmp.Diff(map[string]string{"Topic": "AWS::SNS::Topic"}, o.touched); diff != "" {
				t.Errorf("it has touched (-want +got):\n%s", diff)
			}
		}
	}
}

// CloudFormation deletes a stack that is being created: its creation never ends.
func TestOperationReplaced(t *testing.T) {
	t.Parallel()
	events := []types.StackEvent{
		event(1, "", "CREATE_IN_PROGRESS", "new", "User Initiated"),
		event(2, "", "DELETE_IN_PROGRESS", "theirs", "User Initiated"),
		event(3, "Topic", "DELETE_COMPLETE", "theirs", ""),
	}
	o := &operation{stackID: testStackID, token: "new"}
	take(o, events, 100)
	if !o.settled() || o.status != "CREATE_IN_PROGRESS" || o.next == nil || aws.ToString(o.next.ClientRequestToken) != "theirs" {
		t.Errorf("it is %s, settled: %t, and followed by %v", o.status, o.settled(), o.next)
	}
}
