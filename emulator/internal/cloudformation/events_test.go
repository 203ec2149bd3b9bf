package cloudformation_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
)

// operationEvents are events, oldest first, as "OPERATION EVENT_TYPE logical id STATUS
// OUTCOME".
func (h harness) operationEvents(in *cfn.DescribeEventsInput) []string {
	h.Helper()
	var lines []string
	pages := cfn.NewDescribeEventsPaginator(h.Client, in)
	for pages.HasMorePages() {
		out, err := pages.NextPage(h.Context())
		h.must(err)
		for _, e := range out.OperationEvents {
			line := []string{string(e.OperationType), string(e.EventType), aws.ToString(e.LogicalResourceId), string(e.ResourceStatus), string(e.OperationStatus)}
			lines = append([]string{strings.Join(strings.Fields(strings.Join(line, " ")), " ")}, lines...)
		}
	}
	return lines
}

func TestOperationsHaveEventsOfTheirOwn(t *testing.T) {
	t.Parallel()
	h := start(t)
	body := pair
	created, err := h.CreateStack(t.Context(), &cfn.CreateStackInput{StackName: aws.String("bike"), TemplateBody: &body})
	h.must(err)
	st := h.settled("bike")
	if diff := cmp.Diff([]string{"CREATE_STACK " + *created.OperationId}, operations(st)); diff != "" {
		t.Error(diff)
	}

	failing := strings.Replace(pair, "{Frame: !Ref Frame,", "{Frame: !Ref Frame, Fail: update,", 1)
	in := &cfn.UpdateStackInput{StackName: aws.String("bike"), TemplateBody: &failing, ClientRequestToken: aws.String("once")}
	updated, err := h.UpdateStack(t.Context(), in)
	h.must(err)
	again, err := h.UpdateStack(t.Context(), in)
	h.must(err)
	if *again.OperationId != *updated.OperationId {
		t.Errorf("the same request again is operation %s, and not %s", *again.OperationId, *updated.OperationId)
	}
	st = h.settled("bike")
	h.wantStatus(st, types.StackStatusUpdateRollbackComplete)
	last := operations(st)
	if len(last) != 2 || !strings.HasPrefix(last[0], "ROLLBACK ") || last[1] != "UPDATE_STACK "+*updated.OperationId {
		t.Fatalf("last operations %q, want a rollback behind the update %s", last, *updated.OperationId)
	}
	if diff := cmp.Diff([]string{
		"UPDATE_STACK STACK_EVENT bike UPDATE_IN_PROGRESS IN_PROGRESS",
		"UPDATE_STACK PROGRESS_EVENT Wheel UPDATE_IN_PROGRESS",
		"UPDATE_STACK PROVISIONING_ERROR Wheel UPDATE_FAILED",
		"UPDATE_STACK STACK_EVENT FAILED",
	}, h.operationEvents(&cfn.DescribeEventsInput{OperationId: updated.OperationId})); diff != "" {
		t.Error(diff)
	}
	rollback := strings.Fields(last[0])[1]
	if diff := cmp.Diff([]string{
		"ROLLBACK STACK_EVENT bike UPDATE_ROLLBACK_IN_PROGRESS IN_PROGRESS",
		"ROLLBACK PROGRESS_EVENT Wheel UPDATE_IN_PROGRESS",
		"ROLLBACK PROGRESS_EVENT Wheel UPDATE_COMPLETE",
		"ROLLBACK STACK_EVENT bike UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS IN_PROGRESS",
		"ROLLBACK STACK_EVENT bike UPDATE_ROLLBACK_COMPLETE SUCCEEDED",
	}, h.operationEvents(&cfn.DescribeEventsInput{OperationId: &rollback})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{
		"UPDATE_STACK PROVISIONING_ERROR Wheel UPDATE_FAILED",
		"UPDATE_STACK STACK_EVENT FAILED",
	}, h.operationEvents(&cfn.DescribeEventsInput{StackName: aws.String("bike"), Filters: &types.EventFilter{FailedEvents: aws.Bool(true)}})); diff != "" {
		t.Error(diff)
	}
	for _, line := range h.events("bike") {
		if strings.HasPrefix(line, " ") {
			t.Errorf("DescribeStackEvents shows an event of the operation alone: %q", line)
		}
	}
}

// operations are a stack's last operations, newest first.
func operations(st types.Stack) []string {
	var out []string
	for _, o := range st.LastOperations {
		out = append(out, string(o.OperationType)+" "+*o.OperationId)
	}
	return out
}

func TestEventsOfAChangeSet(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create("bike", pair)
	cs := h.changeSet(bikeChangeSet("none", previous("Name"), previous("Colour")))
	if diff := cmp.Diff([]string{
		"CREATE_CHANGESET STACK_EVENT IN_PROGRESS", "CREATE_CHANGESET STACK_EVENT FAILED",
	}, h.operationEvents(&cfn.DescribeEventsInput{ChangeSetName: cs.ChangeSetId})); diff != "" {
		t.Error(diff)
	}
	if got := operations(h.describe("bike")); len(got) != 1 || !strings.HasPrefix(got[0], "CREATE_STACK ") {
		t.Errorf("last operations %q, want the creation alone", got)
	}
	_, err := h.DescribeEvents(t.Context(), &cfn.DescribeEventsInput{})
	h.refused(err, "ValidationError", "One of ChangeSetName, OperationId or StackName must be specified")
	_, err = h.DescribeEvents(t.Context(), &cfn.DescribeEventsInput{OperationId: aws.String("d0f12313-7bdb-414d-a879-828a99b36f29")})
	h.refused(err, "ValidationError", "does not exist")
}

func TestDeletionEndsTheOperationOfACreation(t *testing.T) {
	t.Parallel()
	h := start(t)
	body := strings.Replace(pair, "{Frame: !Ref Frame,", "{Frame: !Ref Frame, Hold: now,", 1)
	created, err := h.CreateStack(t.Context(), &cfn.CreateStackInput{StackName: aws.String("bike"), TemplateBody: &body})
	h.must(err)
	_, err = h.DeleteStack(t.Context(), &cfn.DeleteStackInput{StackName: aws.String("bike")})
	h.must(err)
	st := h.settled(*created.StackId)
	h.wantStatus(st, types.StackStatusDeleteComplete)
	if got := operations(st); len(got) != 1 || !strings.HasPrefix(got[0], "DELETE_STACK ") {
		t.Errorf("last operations %q, want the deletion", got)
	}
	events := h.operationEvents(&cfn.DescribeEventsInput{StackName: created.StackId, OperationId: created.OperationId})
	if last := events[len(events)-1]; last != "CREATE_STACK STACK_EVENT FAILED" {
		t.Errorf("the creation ended as %q", last)
	}
}
