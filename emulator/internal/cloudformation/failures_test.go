package cloudformation_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
)

// Operations that fail half way, and what comes after them.

func TestHalfMadeResourceIsDeleted(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.wantStatus(h.create("bike", strings.Replace(pair, "{Name: !Ref Name,", "{Fail: half,", 1)), types.StackStatusRollbackComplete)
	if diff := cmp.Diff([]string{"create Frame", "delete Frame frame-1"}, h.things.took()); diff != "" {
		t.Error(diff)
	}
}

func TestEventsHaveIDsOfTheirOwn(t *testing.T) {
	t.Parallel()
	h := startAt(t, 1) // so slow that events fall into one millisecond
	h.create("bike", pair)
	out, err := h.DescribeStackEvents(t.Context(), &cfn.DescribeStackEventsInput{StackName: aws.String("bike")})
	h.must(err)
	seen := map[string]bool{}
	for _, e := range out.StackEvents {
		if seen[*e.EventId] {
			t.Errorf("two events are %s", *e.EventId)
		}
		seen[*e.EventId] = true
	}
}

// withoutRollback updates the stack and leaves it as it is when that fails.
func (h harness) withoutRollback(name, body string, parameters ...types.Parameter) types.Stack {
	h.Helper()
	_, err := h.UpdateStack(h.Context(), &cfn.UpdateStackInput{StackName: &name, TemplateBody: &body, DisableRollback: aws.Bool(true), Parameters: parameters})
	h.must(err)
	return h.settled(name)
}

func TestFailedResourcesAreTriedAgain(t *testing.T) {
	t.Parallel()
	h := start(t)
	body := strings.Replace(pair, "{Frame: !Ref Frame,", "{Frame: !Ref Frame, Hold: now,", 1) + "Metadata: {}\n"
	_, err := h.CreateStack(t.Context(), &cfn.CreateStackInput{
		StackName: aws.String("bike"), TemplateBody: &body, DisableRollback: aws.Bool(true), TimeoutInMinutes: aws.Int32(1),
	})
	h.must(err)
	h.wantStatus(h.settled("bike"), types.StackStatusCreateFailed)
	h.things.took()
	h.wantStatus(h.withoutRollback("bike", pair), types.StackStatusUpdateComplete)
	if diff := cmp.Diff([]string{"delete Wheel wheel-2", "create Wheel"}, h.things.took()); diff != "" {
		t.Error("a resource that was half created:", diff)
	}

	failing := strings.Replace(pair, "{Frame: !Ref Frame,", "{Frame: !Ref Frame, Fail: update,", 1)
	h.wantStatus(h.withoutRollback("bike", failing), types.StackStatusUpdateFailed)
	h.wantStatus(h.withoutRollback("bike", failing), types.StackStatusUpdateFailed)
	if diff := cmp.Diff([]string{"update Wheel wheel-3", "update Wheel wheel-3"}, h.things.took()); diff != "" {
		t.Error("a resource that was half updated:", diff)
	}
}

func TestRollbackGoesToTheLastStableState(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create("bike", pair)
	failing := strings.Replace(pair, "{Frame: !Ref Frame,", "{Frame: !Ref Frame, Fail: update,", 1)
	bell := strings.NewReplacer("Outputs:", "  Bell: {Type: Test::Thing}\nOutputs:", "Wheel: {", "Wheel: {DependsOn: Bell, ").Replace(failing)
	h.wantStatus(h.withoutRollback("bike", bell), types.StackStatusUpdateFailed)
	h.things.took()
	h.wantStatus(h.withoutRollback("bike", failing, set("Colour", "blue")), types.StackStatusUpdateFailed)
	_, err := h.RollbackStack(t.Context(), &cfn.RollbackStackInput{StackName: aws.String("bike")})
	h.must(err)
	h.wantStatus(h.settled("bike"), types.StackStatusUpdateRollbackComplete)
	if diff := cmp.Diff([]string{
		"update Frame frame-1", "update Wheel wheel-2", "update Frame frame-1", "update Wheel wheel-2", "delete Bell bell-3",
	}, h.things.took()); diff != "" {
		t.Error(diff)
	}
	_, err = h.UpdateStack(t.Context(), &cfn.UpdateStackInput{StackName: aws.String("bike"), TemplateBody: aws.String(pair)})
	h.refused(err, "ValidationError", "No updates are to be performed.")
}

const stuck = `
Resources:
  Frame: {Type: Test::Thing}
  Wheel: {Type: Test::Thing, DependsOn: [Frame, Rack], Properties: {Fail: delete}}
  Bell: {Type: Test::Thing, DependsOn: Wheel}
  Rack: {Type: Test::Thing, DeletionPolicy: RetainExceptOnCreate}
  Lock: {Type: Test::Thing, DependsOn: Lamp}
  Lamp: {Type: Test::Thing}
`

func TestDeletionGoesAsFarAsItCan(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		again cfn.DeleteStackInput
		took  []string
	}{
		{"retain", cfn.DeleteStackInput{RetainResources: []string{"Wheel"}}, []string{"delete Frame"}},
		{"force", cfn.DeleteStackInput{DeletionMode: types.DeletionModeForceDeleteStack}, []string{"delete Wheel", "delete Frame"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			st := h.create("bike", stuck)
			h.wantStatus(st, types.StackStatusCreateComplete)
			h.things.took()
			tc.again.StackName = aws.String("bike")
			_, err := h.DeleteStack(t.Context(), &tc.again)
			h.refused(err, "ValidationError", "can be specified only for a stack in DELETE_FAILED state")

			_, err = h.DeleteStack(t.Context(), &cfn.DeleteStackInput{StackName: tc.again.StackName})
			h.must(err)
			h.wantStatus(h.settled("bike"), types.StackStatusDeleteFailed)
			if diff := cmp.Diff([]string{"delete Bell", "delete Lamp", "delete Lock", "delete Wheel"}, slices.Sorted(slices.Values(h.tookFrom()))); diff != "" {
				t.Error(diff)
			}
			_, err = h.DeleteStack(t.Context(), &cfn.DeleteStackInput{StackName: tc.again.StackName, RetainResources: []string{"Bell"}})
			h.refused(err, "ValidationError", "resource Bell does not exist")

			_, err = h.DeleteStack(t.Context(), &tc.again)
			h.must(err)
			h.wantStatus(h.settled(*st.StackId), types.StackStatusDeleteComplete)
			if diff := cmp.Diff(tc.took, h.tookFrom()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// tookFrom is took without physical ids.
func (h harness) tookFrom() []string {
	calls := h.things.took()
	for i, call := range calls {
		calls[i] = strings.Join(strings.Fields(call)[:2], " ")
	}
	return calls
}

// TestCustomNamesAreNotReplaced: two things cannot have one name in one place.
func TestCustomNamesAreNotReplaced(t *testing.T) {
	t.Parallel()
	const thing = "Resources:\n  Frame: {Type: Test::Thing, Properties: {%s}}\n"
	for _, tc := range []struct{ name, before, after, reason string }{
		{"same name", "Name: a, Size: 1", "Name: a, Size: 2", "Rename a and update the stack again."},
		{"same name and place", "Place: p, Name: a, Size: 1", "Place: p, Name: a, Size: 2", "Rename p|a and update the stack again."},
		{"other name", "Name: a, Size: 1", "Name: b, Size: 2", ""},
		{"other place", "Place: p, Name: a", "Place: q, Name: a", ""},
		{"no name", "Place: p, Size: 1", "Place: p, Size: 2", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := start(t)
			h.create("bike", fmt.Sprintf(thing, tc.before))
			h.things.took()
			st := h.update("bike", fmt.Sprintf(thing, tc.after))
			if tc.reason == "" {
				h.wantStatus(st, types.StackStatusUpdateComplete)
				return
			}
			h.wantStatus(st, types.StackStatusUpdateRollbackComplete)
			want := "Frame UPDATE_FAILED CloudFormation cannot update a stack when a custom-named resource requires replacing. " + tc.reason
			if events := h.events("bike"); !slices.Contains(events, want) {
				t.Errorf("no %q in %q", want, events)
			}
			if took := h.things.took(); took != nil {
				t.Errorf("the update has done %q", took)
			}
		})
	}
}

func TestRetainExceptOnCreate(t *testing.T) {
	t.Parallel()
	const body = `
Resources:
  Frame: {Type: Test::Thing, DeletionPolicy: %s}
  Wheel: {Type: Test::Thing, DependsOn: Frame, Properties: {Fail: create}}
`
	for _, tc := range []struct {
		policy string
		except bool
		want   []string
	}{
		{"Retain", false, []string{"create Frame", "create Wheel"}},
		{"Retain", true, []string{"create Frame", "create Wheel", "delete Frame"}},
		{"RetainExceptOnCreate", false, []string{"create Frame", "create Wheel", "delete Frame"}},
	} {
		h := start(t)
		_, err := h.CreateStack(t.Context(), &cfn.CreateStackInput{
			StackName: aws.String("bike"), TemplateBody: aws.String(fmt.Sprintf(body, tc.policy)), RetainExceptOnCreate: &tc.except,
		})
		h.must(err)
		h.wantStatus(h.settled("bike"), types.StackStatusRollbackComplete)
		if diff := cmp.Diff(tc.want, h.tookFrom()); diff != "" {
			t.Errorf("%s, RetainExceptOnCreate %t: %s", tc.policy, tc.except, diff)
		}
	}
}

func TestCancelComesInTimeOrNotAtAll(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create("bike", pair)
	for i := range 30 {
		_, err := h.UpdateStack(t.Context(), &cfn.UpdateStackInput{
			StackName: aws.String("bike"), TemplateBody: aws.String(pair), Parameters: []types.Parameter{set("Colour", "shade "+strconv.Itoa(i))},
		})
		h.must(err)
		_, err = h.CancelUpdateStack(t.Context(), &cfn.CancelUpdateStackInput{StackName: aws.String("bike")})
		want := types.StackStatusUpdateRollbackComplete
		if err != nil {
			want = types.StackStatusUpdateComplete
		}
		h.wantStatus(h.settled("bike"), want)
	}
}

func TestCancelRollsBackEvenWithoutRollback(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create("bike", pair)
	_, err := h.UpdateStack(t.Context(), &cfn.UpdateStackInput{
		StackName: aws.String("bike"), DisableRollback: aws.Bool(true),
		TemplateBody: aws.String(strings.Replace(pair, "{Frame: !Ref Frame,", "{Frame: !Ref Frame, Hold: on-purpose,", 1)),
	})
	h.must(err)
	_, err = h.CancelUpdateStack(t.Context(), &cfn.CancelUpdateStackInput{StackName: aws.String("bike")})
	h.must(err)
	h.wantStatus(h.settled("bike"), types.StackStatusUpdateRollbackComplete)
}

func TestDeleteEndsACreation(t *testing.T) {
	t.Parallel()
	h := start(t)
	st, err := h.CreateStack(t.Context(), &cfn.CreateStackInput{
		StackName: aws.String("bike"), TemplateBody: aws.String(strings.Replace(pair, "{Frame: !Ref Frame,", "{Frame: !Ref Frame, Hold: on-purpose,", 1)),
	})
	h.must(err)
	for !slices.Contains(h.events("bike"), "Wheel CREATE_IN_PROGRESS Resource creation Initiated") {
		time.Sleep(time.Millisecond)
	}
	_, err = h.DeleteStack(t.Context(), &cfn.DeleteStackInput{StackName: aws.String("bike")})
	h.must(err)
	h.wantStatus(h.settled(*st.StackId), types.StackStatusDeleteComplete)
	if diff := cmp.Diff([]string{"create Frame", "create Wheel", "delete Wheel wheel-2", "delete Frame frame-1"}, h.things.took()); diff != "" {
		t.Error(diff)
	}
}
