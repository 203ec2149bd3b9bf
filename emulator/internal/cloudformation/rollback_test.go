package cloudformation_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
)

// rusty is a frame that can be painted but not painted back, and a wheel that the second
// paint breaks; the bell does not depend on them.
const rusty = `
Resources:
  Frame: {Type: Test::Thing, Properties: {Fail: update, Colour: red}}
  Wheel: {Type: Test::Thing, DependsOn: [Frame, Bell], Properties: {Colour: red}}
  Bell: {Type: Test::Thing, Properties: {Colour: red}}
`

// stuck brings a stack to UPDATE_ROLLBACK_FAILED, because of Frame.
func (h harness) stuck() {
	h.Helper()
	h.create("bike", rusty)
	painted := strings.NewReplacer("{Fail: update, Colour: red}", "{Colour: blue}", "[Frame, Bell], Properties: {Colour: red}", "[Frame, Bell], Properties: {Colour: blue, Fail: update}").Replace(rusty)
	h.wantStatus(h.update("bike", painted), types.StackStatusUpdateRollbackFailed)
	h.things.took()
}

func TestRollbackThatFailsIsContinued(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.stuck()
	name := aws.String("bike")
	_, err := h.UpdateStack(t.Context(), &cfn.UpdateStackInput{StackName: name, TemplateBody: aws.String(rusty)})
	h.refused(err, "ValidationError", "is in UPDATE_ROLLBACK_FAILED state and can not be updated.")

	_, err = h.ContinueUpdateRollback(t.Context(), &cfn.ContinueUpdateRollbackInput{StackName: name})
	h.must(err)
	st := h.settled("bike")
	h.wantStatus(st, types.StackStatusUpdateRollbackFailed)
	if got := operations(st); len(got) != 1 || !strings.HasPrefix(got[0], "CONTINUE_ROLLBACK ") {
		t.Errorf("last operations %q, want the continued rollback", got)
	}
	if got := h.events("bike"); got[len(got)-1] != "bike UPDATE_ROLLBACK_FAILED The following resource(s) failed to update: [Frame]. " {
		t.Errorf("the last event is %q", got[len(got)-1])
	}

	h.things.mend()
	h.things.took()
	_, err = h.ContinueUpdateRollback(t.Context(), &cfn.ContinueUpdateRollbackInput{StackName: name})
	h.must(err)
	h.wantStatus(h.settled("bike"), types.StackStatusUpdateRollbackComplete)
	if took := h.tookFrom(); !slices.Contains(took, "update Frame") {
		t.Errorf("the frame has not been painted back: %q", took)
	}
	_, err = h.UpdateStack(t.Context(), &cfn.UpdateStackInput{StackName: name, TemplateBody: aws.String(rusty)})
	h.refused(err, "ValidationError", "No updates are to be performed.")
	_, err = h.ContinueUpdateRollback(t.Context(), &cfn.ContinueUpdateRollbackInput{StackName: name})
	h.refused(err, "ValidationError", "cannot be called from stack with UPDATE_ROLLBACK_COMPLETE status")
}

// TestDependentsOfAStuckResource: what stands behind a resource that a rollback could not
// undo is undone when the rollback goes on, whether that resource is mended or skipped.
func TestDependentsOfAStuckResource(t *testing.T) {
	t.Parallel()
	const red = `
Resources:
  Frame: {Type: Test::Thing, Properties: {Fail: update, Colour: red}}
  Wheel: {Type: Test::Thing, DependsOn: Frame, Properties: {Colour: red}}
  Tyre: {Type: Test::Thing, DependsOn: Wheel, Properties: {Name: round}}
  Bell: {Type: Test::Thing, DependsOn: Tyre, Properties: {Colour: red}}
`
	blue := strings.NewReplacer("{Fail: update, Colour: red}", "{Colour: blue}", "Frame, Properties: {Colour: red}", "Frame, Properties: {Colour: blue}",
		"Name: round", "Name: square", "Tyre, Properties: {Colour: red}", "Tyre, Properties: {Colour: blue, Fail: update}").Replace(red)
	for _, tc := range []struct {
		name string
		mend bool
		in   cfn.ContinueUpdateRollbackInput
		want []string
	}{
		{"mended", true, cfn.ContinueUpdateRollbackInput{}, []string{"update Frame", "update Wheel", "update Bell", "delete Tyre"}},
		{"skipped", false, cfn.ContinueUpdateRollbackInput{ResourcesToSkip: []string{"Frame"}}, []string{"update Wheel", "update Bell", "delete Tyre"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			h.create("bike", red)
			h.wantStatus(h.update("bike", blue), types.StackStatusUpdateRollbackFailed)
			if tc.mend {
				h.things.mend()
			}
			h.things.took()
			tc.in.StackName = aws.String("bike")
			_, err := h.ContinueUpdateRollback(t.Context(), &tc.in)
			h.must(err)
			h.wantStatus(h.settled("bike"), types.StackStatusUpdateRollbackComplete)
			if diff := cmp.Diff(tc.want, h.tookFrom()); diff != "" {
				t.Error(diff)
			}
			// Nothing but what was skipped is other than the template says.
			h.things.took()
			h.wantStatus(h.update("bike", red+"  Saddle: {Type: Test::Thing}\n"), types.StackStatusUpdateComplete)
			if diff := cmp.Diff([]string{"create Saddle"}, h.tookFrom()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestResourcesAreSkipped(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		in      cfn.ContinueUpdateRollbackInput
		refusal string
	}{
		{"by name", cfn.ContinueUpdateRollbackInput{ResourcesToSkip: []string{"Frame"}}, ""},
		{"all that failed", cfn.ContinueUpdateRollbackInput{ForceRollback: aws.Bool(true)}, ""},
		{"both", cfn.ContinueUpdateRollbackInput{ForceRollback: aws.Bool(true), ResourcesToSkip: []string{"Frame"}}, "mutually exclusive"},
		{"unknown", cfn.ContinueUpdateRollbackInput{ResourcesToSkip: []string{"Saddle"}}, "Resource Saddle does not exist"},
		{"not failed", cfn.ContinueUpdateRollbackInput{ResourcesToSkip: []string{"Bell"}}, "only resources in UPDATE_FAILED state"},
		{"failed on the way forward", cfn.ContinueUpdateRollbackInput{ResourcesToSkip: []string{"Wheel"}}, "another reason than a failed rollback"},
		{"of a nested stack", cfn.ContinueUpdateRollbackInput{ResourcesToSkip: []string{"Inner.Frame"}}, "nested stack"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			h.stuck()
			tc.in.StackName = aws.String("bike")
			_, err := h.ContinueUpdateRollback(t.Context(), &tc.in)
			if tc.refusal != "" {
				h.refused(err, "ValidationError", tc.refusal)
				h.wantStatus(h.describe("bike"), types.StackStatusUpdateRollbackFailed)
				return
			}
			h.must(err)
			h.wantStatus(h.settled("bike"), types.StackStatusUpdateRollbackComplete)
			if took := h.tookFrom(); slices.Contains(took, "update Frame") {
				t.Errorf("the skipped frame was painted: %q", took)
			}
			out, err := h.DescribeStackResource(t.Context(), &cfn.DescribeStackResourceInput{StackName: aws.String("bike"), LogicalResourceId: aws.String("Frame")})
			h.must(err)
			if got := out.StackResourceDetail.ResourceStatus; got != types.ResourceStatusUpdateComplete {
				t.Errorf("the skipped frame is %s, want UPDATE_COMPLETE", got)
			}
		})
	}
}

func TestRollbackStack(t *testing.T) {
	t.Parallel()
	const body = `
Resources:
  Frame: {Type: Test::Thing, DeletionPolicy: Retain}
  Wheel: {Type: Test::Thing, DependsOn: Frame, Properties: {Fail: create}}
`
	for _, tc := range []struct {
		name   string
		except bool
		want   []string
	}{
		{"keeps what is retained", false, nil},
		{"deletes it", true, []string{"delete Frame"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			_, err := h.CreateStack(t.Context(), &cfn.CreateStackInput{StackName: aws.String("bike"), TemplateBody: aws.String(body), DisableRollback: aws.Bool(true)})
			h.must(err)
			h.wantStatus(h.settled("bike"), types.StackStatusCreateFailed)
			h.things.took()
			out, err := h.RollbackStack(t.Context(), &cfn.RollbackStackInput{StackName: aws.String("bike"), RetainExceptOnCreate: &tc.except})
			h.must(err)
			st := h.settled("bike")
			h.wantStatus(st, types.StackStatusRollbackComplete)
			if diff := cmp.Diff([]string{"ROLLBACK " + *out.OperationId}, operations(st)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tc.want, h.tookFrom()); diff != "" {
				t.Error(diff)
			}
			_, err = h.RollbackStack(t.Context(), &cfn.RollbackStackInput{StackName: aws.String("bike")})
			h.refused(err, "ValidationError", "cannot be called from stack with ROLLBACK_COMPLETE status")
		})
	}
}

func TestFailedStacksAreUpdatedWithoutRollbackOnly(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create("bike", pair)
	failing := strings.Replace(pair, "{Frame: !Ref Frame,", "{Frame: !Ref Frame, Fail: update,", 1)
	h.wantStatus(h.withoutRollback("bike", failing), types.StackStatusUpdateFailed)
	_, err := h.UpdateStack(t.Context(), &cfn.UpdateStackInput{StackName: aws.String("bike"), TemplateBody: aws.String(pair)})
	h.refused(err, "ValidationError", "This stack is currently in a non-terminal [UPDATE_FAILED] state.")
	h.changeSet(bikeChangeSet("again", set("Colour", "blue")))
	_, err = h.ExecuteChangeSet(t.Context(), &cfn.ExecuteChangeSetInput{StackName: aws.String("bike"), ChangeSetName: aws.String("again")})
	h.refused(err, "ValidationError", "This stack is currently in a non-terminal [UPDATE_FAILED] state.")

	creation := strings.Replace(pair, "{Frame: !Ref Frame,", "{Frame: !Ref Frame, Fail: create,", 1)
	_, err = h.CreateStack(t.Context(), &cfn.CreateStackInput{StackName: aws.String("trike"), TemplateBody: &creation, OnFailure: types.OnFailureDoNothing})
	h.must(err)
	h.wantStatus(h.settled("trike"), types.StackStatusCreateFailed)
	_, err = h.UpdateStack(t.Context(), &cfn.UpdateStackInput{StackName: aws.String("trike"), TemplateBody: aws.String(pair), DisableRollback: aws.Bool(true)})
	h.refused(err, "ValidationError", "it contains [on-failure: DO_NOTHING]")
}

// TestReplacementWithoutRollback: it fails where it is due, and the last configuration
// once more takes the stack out of its failed state.
func TestReplacementWithoutRollback(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create("bike", pair)
	h.things.took()
	h.wantStatus(h.withoutRollback("bike", pair, set("Name", "square")), types.StackStatusUpdateFailed)
	if events := h.events("bike"); !slices.Contains(events, "Frame UPDATE_FAILED Replacement type updates not supported on stack with disable-rollback.") {
		t.Errorf("no word of the replacement in %q", events)
	}
	if took := h.things.took(); took != nil {
		t.Errorf("the update has done %q", took)
	}
	h.wantStatus(h.withoutRollback("bike", pair), types.StackStatusUpdateComplete)
}
