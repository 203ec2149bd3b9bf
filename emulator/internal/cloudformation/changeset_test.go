package cloudformation_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// changeSet makes a change set and waits until it is worked out.
func (h harness) changeSet(in *cfn.CreateChangeSetInput) *cfn.DescribeChangeSetOutput {
	h.Helper()
	_, err := h.CreateChangeSet(h.Context(), in)
	h.must(err)
	for {
		out, err := h.DescribeChangeSet(h.Context(), &cfn.DescribeChangeSetInput{
			StackName: in.StackName, ChangeSetName: in.ChangeSetName, IncludePropertyValues: aws.Bool(true),
		})
		h.must(err)
		if out.Status == types.ChangeSetStatusCreateComplete || out.Status == types.ChangeSetStatusFailed {
			return out
		}
		time.Sleep(time.Millisecond)
	}
}

func bikeChangeSet(name string, parameters ...types.Parameter) *cfn.CreateChangeSetInput {
	return &cfn.CreateChangeSetInput{
		StackName: aws.String("bike"), ChangeSetName: &name, UsePreviousTemplate: aws.Bool(true), Parameters: parameters,
	}
}

func TestChangeSetTellsBeforeAndAfter(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create("bike", pair)
	cs := h.changeSet(bikeChangeSet("square", set("Name", "square"), previous("Colour")))
	if cs.ExecutionStatus != types.ExecutionStatusAvailable || len(cs.Changes) != 2 {
		t.Fatalf("execution status %s, %d changes", cs.ExecutionStatus, len(cs.Changes))
	}
	frame, wheel := cs.Changes[0].ResourceChange, cs.Changes[1].ResourceChange

	named := &types.ResourceTargetDefinition{
		Attribute: types.ResourceAttributeProperties, Name: aws.String("Name"), RequiresRecreation: types.RequiresRecreationAlways,
		Path: aws.String("/Properties/Name"), BeforeValue: aws.String("round"), AfterValue: aws.String("square"),
		AttributeChangeType: types.AttributeChangeTypeModify,
	}
	unexported := cmpopts.IgnoreUnexported(types.ResourceChange{}, types.ResourceChangeDetail{}, types.ResourceTargetDefinition{})
	if diff := cmp.Diff(&types.ResourceChange{
		Action: types.ChangeActionModify, LogicalResourceId: aws.String("Frame"), PhysicalResourceId: aws.String("frame-1"),
		ResourceType: aws.String("Test::Thing"), Replacement: types.ReplacementTrue, PolicyAction: types.PolicyActionReplaceAndDelete,
		Scope:         []types.ResourceAttribute{types.ResourceAttributeProperties},
		BeforeContext: aws.String(`{"Properties":{"Colour":"red","Name":"round"}}`),
		AfterContext:  aws.String(`{"Properties":{"Colour":"red","Name":"square"}}`),
		// A parameter change gives a pair.
		Details: []types.ResourceChangeDetail{
			{Target: named, ChangeSource: types.ChangeSourceParameterReference, Evaluation: types.EvaluationTypeStatic, CausingEntity: aws.String("Name")},
			{Target: named, ChangeSource: types.ChangeSourceDirectModification, Evaluation: types.EvaluationTypeDynamic},
		},
	}, frame, unexported); diff != "" {
		t.Error(diff)
	}
	if got := aws.ToString(wheel.AfterContext); got != `{"Properties":{"Colour":"{{changeSet:KNOWN_AFTER_APPLY}}","Frame":"{{changeSet:KNOWN_AFTER_APPLY}}"}}` {
		t.Errorf("Wheel's values are not said to be known after apply: %s", got)
	}
	if wheel.Replacement != types.ReplacementFalse || wheel.Details[1].ChangeSource != types.ChangeSourceResourceReference || aws.ToString(wheel.Details[1].CausingEntity) != "Frame" {
		t.Errorf("Wheel: %+v", wheel)
	}

	plain, err := h.DescribeChangeSet(t.Context(), &cfn.DescribeChangeSetInput{StackName: aws.String("bike"), ChangeSetName: aws.String("square")})
	h.must(err)
	if rc := plain.Changes[0].ResourceChange; rc.BeforeContext != nil || rc.Details[0].Target.Path != nil {
		t.Errorf("values are shown without being asked for: %+v", rc)
	}
}

func TestExecutedChangeSetOutdatesTheOthers(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create("bike", pair)
	h.changeSet(bikeChangeSet("blue", set("Colour", "blue")))
	h.changeSet(bikeChangeSet("green", set("Colour", "green")))
	name := aws.String("bike")
	_, err := h.ExecuteChangeSet(t.Context(), &cfn.ExecuteChangeSetInput{StackName: name, ChangeSetName: aws.String("blue")})
	h.must(err)
	st := h.settled("bike")
	h.wantStatus(st, types.StackStatusUpdateComplete)
	if got := *st.Parameters[0].ParameterValue; got != "blue" {
		t.Errorf("Colour is %q, want blue", got)
	}
	_, err = h.ExecuteChangeSet(t.Context(), &cfn.ExecuteChangeSetInput{StackName: name, ChangeSetName: aws.String("green")})
	h.refused(err, "ChangeSetNotFound", "ChangeSet [green] does not exist")
}

func TestUpdateMakesChangeSetsObsolete(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create("bike", pair)
	h.changeSet(bikeChangeSet("green", set("Colour", "green")))
	h.update("bike", pair, set("Colour", "blue"))
	_, err := h.ExecuteChangeSet(t.Context(), &cfn.ExecuteChangeSetInput{StackName: aws.String("bike"), ChangeSetName: aws.String("green")})
	h.refused(err, "InvalidChangeSetStatus", "cannot be executed in its current execution status of [OBSOLETE]")
}

func TestEmptyChangeSetFails(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create("bike", pair)
	cs := h.changeSet(bikeChangeSet("none", previous("Colour"), previous("Name")))
	if cs.Status != types.ChangeSetStatusFailed || aws.ToString(cs.StatusReason) != "The submitted information didn't contain changes. Submit different information to create a change set." {
		t.Errorf("status %s, reason %q", cs.Status, aws.ToString(cs.StatusReason))
	}
	_, err := h.DeleteChangeSet(t.Context(), &cfn.DeleteChangeSetInput{StackName: aws.String("bike"), ChangeSetName: aws.String("none")})
	h.must(err)
	list, err := h.ListChangeSets(t.Context(), &cfn.ListChangeSetsInput{StackName: aws.String("bike")})
	h.must(err)
	if len(list.Summaries) != 0 {
		t.Errorf("%d change sets are left", len(list.Summaries))
	}
}

func TestChangeSetThatCreates(t *testing.T) {
	t.Parallel()
	h := start(t)
	name := aws.String("bike")
	cs := h.changeSet(&cfn.CreateChangeSetInput{
		StackName: name, ChangeSetName: aws.String("first"), ChangeSetType: types.ChangeSetTypeCreate, TemplateBody: aws.String(pair),
	})
	if st := h.describe("bike"); st.StackStatus != types.StackStatusReviewInProgress {
		t.Errorf("the stack is %s, want REVIEW_IN_PROGRESS", st.StackStatus)
	}
	if len(cs.Changes) != 2 || cs.Changes[0].ResourceChange.Action != types.ChangeActionAdd {
		t.Errorf("changes %+v", cs.Changes)
	}
	_, err := h.ExecuteChangeSet(t.Context(), &cfn.ExecuteChangeSetInput{StackName: name, ChangeSetName: aws.String("first")})
	h.must(err)
	h.wantStatus(h.settled("bike"), types.StackStatusCreateComplete)
}

func TestChangeSetsGoWithTheirStack(t *testing.T) {
	t.Parallel()
	h := start(t)
	name := aws.String("bike")
	cs := h.changeSet(&cfn.CreateChangeSetInput{
		StackName: name, ChangeSetName: aws.String("first"), ChangeSetType: types.ChangeSetTypeCreate, TemplateBody: aws.String(pair),
	})
	_, err := h.DeleteStack(t.Context(), &cfn.DeleteStackInput{StackName: name})
	h.must(err)
	h.gone("bike")
	_, err = h.ExecuteChangeSet(t.Context(), &cfn.ExecuteChangeSetInput{ChangeSetName: cs.ChangeSetId, StackName: cs.StackId})
	h.refused(err, "ChangeSetNotFound", "does not exist")
	if took := h.things.took(); len(took) != 0 {
		t.Errorf("a change set of a deleted stack did %q", took)
	}
}

func TestConcurrentChangeSetsMakeOneStack(t *testing.T) {
	t.Parallel()
	h := start(t)
	var wg sync.WaitGroup
	for _, name := range []string{"one", "two", "three", "four"} {
		wg.Go(func() {
			_, err := h.CreateChangeSet(t.Context(), &cfn.CreateChangeSetInput{
				StackName: aws.String("bike"), ChangeSetName: &name, ChangeSetType: types.ChangeSetTypeCreate, TemplateBody: aws.String(pair),
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	out, err := h.DescribeStacks(t.Context(), &cfn.DescribeStacksInput{})
	h.must(err)
	if len(out.Stacks) != 1 {
		t.Errorf("%d stacks, want 1", len(out.Stacks))
	}
}

func TestExecutionCanBeRepeatedByToken(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create("bike", pair)
	h.changeSet(bikeChangeSet("deploy", set("Colour", "blue")))
	in := &cfn.ExecuteChangeSetInput{StackName: aws.String("bike"), ChangeSetName: aws.String("deploy"), ClientRequestToken: aws.String("once")}
	for range 2 {
		_, err := h.ExecuteChangeSet(t.Context(), in)
		h.must(err)
		h.wantStatus(h.settled("bike"), types.StackStatusUpdateComplete)
	}
	in.ClientRequestToken = aws.String("twice")
	_, err := h.ExecuteChangeSet(t.Context(), in)
	h.refused(err, "InvalidChangeSetStatus", "[EXECUTE_COMPLETE]")

	// The name is free again.
	cs := h.changeSet(bikeChangeSet("deploy", set("Colour", "green")))
	if cs.ExecutionStatus != types.ExecutionStatusAvailable {
		t.Errorf("execution status %s", cs.ExecutionStatus)
	}
}

func TestSecretsAreMasked(t *testing.T) {
	t.Parallel()
	h := start(t)
	const body = `
Parameters: {Key: {Type: String, NoEcho: true}, Keys: {Type: CommaDelimitedList, NoEcho: true}}
Conditions: {Secret: !Equals [!Ref Key, hush-1]}
Resources:
  Lock:
    Type: Test::Thing
    Properties: {Key: !Ref Key, URL: !Sub "x://u:${Key}@h", Keys: !Ref Keys, Colour: !If [Secret, red, blue], Plain: green}
`
	h.create("bike", body, set("Key", "hush-1"), set("Keys", "hush-2,hush-3"))
	cs := h.changeSet(bikeChangeSet("rekey", set("Key", "hush-4"), set("Keys", "hush-5,hush-3")))
	rc := cs.Changes[0].ResourceChange
	if diff := cmp.Diff(`{"Properties":{"Colour":"****","Key":"****","Keys":"****","Plain":"green","URL":"x://u:****@h"}}`, aws.ToString(rc.BeforeContext)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(`{"Properties":{"Colour":"blue","Key":"****","Keys":"****","Plain":"green","URL":"x://u:****@h"}}`, aws.ToString(rc.AfterContext)); diff != "" {
		t.Error(diff)
	}
	for _, d := range rc.Details {
		if strings.Contains(aws.ToString(d.Target.BeforeValue)+aws.ToString(d.Target.AfterValue), "hush") {
			t.Errorf("%s tells the secret", *d.Target.Path)
		}
	}
	if len(rc.Details) == 0 {
		t.Error("the change of the secret is not seen")
	}
	events, err := h.DescribeStackEvents(t.Context(), &cfn.DescribeStackEventsInput{StackName: aws.String("bike")})
	h.must(err)
	for _, e := range events.StackEvents {
		if strings.Contains(aws.ToString(e.ResourceProperties), "hush") {
			t.Errorf("event %s tells the secret: %s", *e.EventId, *e.ResourceProperties)
		}
	}
}

func TestOnStackFailure(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create("bike", pair)
	in := bikeChangeSet("left", set("Colour", "blue"))
	in.OnStackFailure = types.OnStackFailureDelete
	_, err := h.CreateChangeSet(t.Context(), in)
	h.refused(err, "ValidationError", "OnStackFailure DELETE")

	in.OnStackFailure = types.OnStackFailureDoNothing
	in.UsePreviousTemplate, in.TemplateBody = nil, aws.String(strings.Replace(pair, "{Frame: !Ref Frame,", "{Frame: !Ref Frame, Fail: update,", 1))
	h.changeSet(in)
	execute := &cfn.ExecuteChangeSetInput{StackName: in.StackName, ChangeSetName: in.ChangeSetName, DisableRollback: aws.Bool(true)}
	_, err = h.ExecuteChangeSet(t.Context(), execute)
	h.refused(err, "ValidationError", "DisableRollback cannot be specified")
	execute.DisableRollback = nil
	_, err = h.ExecuteChangeSet(t.Context(), execute)
	h.must(err)
	h.wantStatus(h.settled("bike"), types.StackStatusUpdateFailed)
}
