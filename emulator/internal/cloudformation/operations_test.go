package cloudformation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
)

// pair is a frame that a wheel depends on.
const pair = `
Parameters:
  Name: {Type: String, Default: round}
  Colour: {Type: String, Default: red}
Resources:
  Frame: {Type: Test::Thing, Properties: {Name: !Ref Name, Colour: !Ref Colour}}
  Wheel: {Type: Test::Thing, Properties: {Frame: !Ref Frame, Colour: !GetAtt Frame.Colour}}
Outputs:
  Frame: {Value: !Ref Frame}
`

func TestCreateGoesInOrder(t *testing.T) {
	t.Parallel()
	h := start(t)
	st := h.create("bike", pair)
	h.wantStatus(st, types.StackStatusCreateComplete)
	want := []string{
		"bike CREATE_IN_PROGRESS User Initiated",
		"Frame CREATE_IN_PROGRESS",
		"Frame CREATE_IN_PROGRESS Resource creation Initiated",
		"Frame CREATE_COMPLETE",
		"Wheel CREATE_IN_PROGRESS",
		"Wheel CREATE_IN_PROGRESS Resource creation Initiated",
		"Wheel CREATE_COMPLETE",
		"bike CREATE_COMPLETE",
	}
	if diff := cmp.Diff(want, h.events("bike")); diff != "" {
		t.Error(diff)
	}
	if got := *st.Outputs[0].OutputValue; got != "frame-1" {
		t.Errorf("output %q, want the physical id of Frame", got)
	}
	_, err := h.CreateStack(t.Context(), &cfn.CreateStackInput{StackName: aws.String("bike"), TemplateBody: aws.String(pair)})
	h.refused(err, "AlreadyExistsException", "Stack [bike] already exists")
}

func TestReplacementIsFollowedAndCleanedUp(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create("bike", pair)
	h.things.took()
	st := h.update("bike", pair, set("Name", "square"), previous("Colour"))
	h.wantStatus(st, types.StackStatusUpdateComplete)
	if diff := cmp.Diff([]string{"create Frame", "update Wheel wheel-2", "delete Frame frame-1"}, h.things.took()); diff != "" {
		t.Error(diff)
	}
	events := h.events("bike")
	want := []string{
		"bike UPDATE_IN_PROGRESS User Initiated",
		"Frame UPDATE_IN_PROGRESS Requested update requires the creation of a new physical resource; hence creating one.",
		"Frame UPDATE_IN_PROGRESS Resource creation Initiated",
		"Frame UPDATE_COMPLETE",
		"Wheel UPDATE_IN_PROGRESS",
		"Wheel UPDATE_COMPLETE",
		"bike UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
		"Frame DELETE_IN_PROGRESS",
		"Frame DELETE_COMPLETE",
		"bike UPDATE_COMPLETE",
	}
	if diff := cmp.Diff(want, events[len(events)-len(want):]); diff != "" {
		t.Error(diff)
	}
}

func TestRetainedReplacementStays(t *testing.T) {
	t.Parallel()
	h := start(t)
	body := strings.Replace(pair, "Frame: {Type: Test::Thing,", "Frame: {Type: Test::Thing, UpdateReplacePolicy: Retain, DeletionPolicy: Retain,", 1)
	h.create("bike", body)
	h.things.took()
	h.wantStatus(h.update("bike", body, set("Name", "square")), types.StackStatusUpdateComplete)
	if diff := cmp.Diff([]string{"create Frame", "update Wheel wheel-2"}, h.things.took()); diff != "" {
		t.Error(diff)
	}
	if events := h.events("bike"); !slices.Contains(events, "Frame DELETE_SKIPPED") {
		t.Errorf("no DELETE_SKIPPED in %v", events)
	}
	_, err := h.DeleteStack(t.Context(), &cfn.DeleteStackInput{StackName: aws.String("bike")})
	h.must(err)
	h.gone("bike")
	if diff := cmp.Diff([]string{"delete Wheel wheel-2"}, h.things.took()); diff != "" {
		t.Error(diff)
	}
}

// gone waits until the stack can no longer be found by name.
func (h harness) gone(name string) {
	h.Helper()
	for {
		_, err := h.DescribeStacks(h.Context(), &cfn.DescribeStacksInput{StackName: &name})
		if err != nil {
			h.refused(err, "ValidationError", "Stack with id "+name+" does not exist")
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func TestFailedCreateRollsBack(t *testing.T) {
	t.Parallel()
	h := start(t)
	body := strings.Replace(pair, "{Frame: !Ref Frame,", "{Frame: !Ref Frame, Fail: create,", 1)
	st := h.create("bike", body)
	h.wantStatus(st, types.StackStatusRollbackComplete)
	if diff := cmp.Diff([]string{"create Frame", "create Wheel", "delete Frame frame-1"}, h.things.took()); diff != "" {
		t.Error(diff)
	}
	events := h.events("bike")
	for _, want := range []string{
		"Wheel CREATE_FAILED out of things",
		"bike ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [Wheel]. Rollback requested by user.",
	} {
		if !slices.Contains(events, want) {
			t.Errorf("no event %q in %q", want, events)
		}
	}
	_, err := h.UpdateStack(t.Context(), &cfn.UpdateStackInput{StackName: aws.String("bike"), TemplateBody: aws.String(pair)})
	h.refused(err, "ValidationError", "is in ROLLBACK_COMPLETE state and can not be updated.")
}

func TestFailedUpdateRestoresWhatWas(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create("bike", pair)
	h.things.took()
	body := strings.Replace(pair, "{Frame: !Ref Frame,", "{Frame: !Ref Frame, Fail: update,", 1) + "  Name: {Value: !Ref Name}\n"
	st := h.update("bike", body, set("Name", "square"))
	h.wantStatus(st, types.StackStatusUpdateRollbackComplete)
	if diff := cmp.Diff([]string{
		"create Frame", "update Wheel wheel-2", // forward
		"update Wheel wheel-2", "delete Frame frame-3", // back, and the new frame goes
	}, h.things.took()); diff != "" {
		t.Error(diff)
	}
	for _, p := range st.Parameters {
		if *p.ParameterKey == "Name" && *p.ParameterValue != "round" {
			t.Errorf("parameter Name is %q after the rollback, want %q", *p.ParameterValue, "round")
		}
	}
	res, err := h.DescribeStackResource(t.Context(), &cfn.DescribeStackResourceInput{StackName: aws.String("bike"), LogicalResourceId: aws.String("Frame")})
	h.must(err)
	if got := *res.StackResourceDetail.PhysicalResourceId; got != "frame-1" {
		t.Errorf("Frame is %s after the rollback, want frame-1", got)
	}
	// A rolled-back stack can be updated again.
	h.wantStatus(h.update("bike", pair, set("Colour", "blue")), types.StackStatusUpdateComplete)
}

func TestCancelledUpdateRollsBack(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create("bike", pair)
	name := aws.String("bike")
	_, err := h.CancelUpdateStack(t.Context(), &cfn.CancelUpdateStackInput{StackName: name})
	h.refused(err, "ValidationError", "CancelUpdateStack cannot be called from current stack status")

	holding := strings.Replace(pair, "{Frame: !Ref Frame,", "{Frame: !Ref Frame, Hold: on-purpose,", 1)
	_, err = h.UpdateStack(t.Context(), &cfn.UpdateStackInput{StackName: name, TemplateBody: &holding})
	h.must(err)
	_, err = h.UpdateStack(t.Context(), &cfn.UpdateStackInput{StackName: name, TemplateBody: &holding})
	h.refused(err, "ValidationError", "is in UPDATE_IN_PROGRESS state and can not be updated.")
	for !slices.Contains(h.events("bike"), "Wheel UPDATE_IN_PROGRESS") {
		time.Sleep(time.Millisecond)
	}
	_, err = h.CancelUpdateStack(t.Context(), &cfn.CancelUpdateStackInput{StackName: name})
	h.must(err)
	h.wantStatus(h.settled("bike"), types.StackStatusUpdateRollbackComplete)
	if events := h.events("bike"); !slices.Contains(events, "Wheel UPDATE_FAILED Resource update cancelled") {
		t.Errorf("the cancelled resource does not say so: %q", events)
	}
}

func TestParametersOfAnUpdate(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create("bike", pair, set("Name", "oval"), set("Colour", "green"))
	for _, tc := range []struct {
		name       string
		parameters []types.Parameter
		want       map[string]string
	}{
		{"previous value", []types.Parameter{previous("Name"), set("Colour", "blue")}, map[string]string{"Name": "oval", "Colour": "blue"}},
		// The article's trap: what is left out falls back to the template's default.
		{"left out", []types.Parameter{set("Colour", "grey")}, map[string]string{"Name": "round", "Colour": "grey"}},
	} {
		st := h.update("bike", pair, tc.parameters...)
		got := map[string]string{}
		for _, p := range st.Parameters {
			got[*p.ParameterKey] = *p.ParameterValue
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: %s", tc.name, diff)
		}
	}
	_, err := h.UpdateStack(t.Context(), &cfn.UpdateStackInput{
		StackName: aws.String("bike"), UsePreviousTemplate: aws.Bool(true), Parameters: []types.Parameter{previous("Name"), previous("Colour")},
	})
	h.refused(err, "ValidationError", "No updates are to be performed.")
	_, err = h.UpdateStack(t.Context(), &cfn.UpdateStackInput{
		StackName: aws.String("bike"), UsePreviousTemplate: aws.Bool(true), Parameters: []types.Parameter{set("Weight", "1")},
	})
	h.refused(err, "ValidationError", "Weight")
}

func TestTokenMakesAnUpdateIdempotent(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create("bike", pair)
	in := &cfn.UpdateStackInput{
		StackName: aws.String("bike"), TemplateBody: aws.String(pair), ClientRequestToken: aws.String("once"),
		Parameters: []types.Parameter{set("Colour", "blue")},
	}
	for range 2 {
		_, err := h.UpdateStack(t.Context(), in)
		h.must(err)
		h.settled("bike")
	}
	updates := 0
	for _, e := range h.events("bike") {
		if e == "bike UPDATE_IN_PROGRESS User Initiated" {
			updates++
		}
	}
	if updates != 1 {
		t.Errorf("the same token started %d updates, want 1", updates)
	}
}

func TestExportsInUse(t *testing.T) {
	t.Parallel()
	h := start(t)
	const exporting = `
Parameters: {Name: {Type: String, Default: round}}
Resources: {Frame: {Type: Test::Thing, Properties: {Name: !Ref Name}}}
Outputs: {Frame: {Value: !Ref Frame, Export: {Name: !Sub "${AWS::StackName}:Frame"}}}
`
	const importing = `
Parameters: {From: {Type: String}}
Resources:
  Wheel: {Type: Test::Thing, Properties: {Frame: {"Fn::ImportValue": !Join [":", [!Ref From, Frame]]}}}
`
	h.create("frames", exporting)
	h.create("wheels", importing, set("From", "frames"))

	exports, err := h.ListExports(t.Context(), &cfn.ListExportsInput{})
	h.must(err)
	if len(exports.Exports) != 1 || *exports.Exports[0].Name != "frames:Frame" || *exports.Exports[0].Value != "frame-1" {
		t.Errorf("exports %v", exports.Exports)
	}
	imports, err := h.ListImports(t.Context(), &cfn.ListImportsInput{ExportName: aws.String("frames:Frame")})
	h.must(err)
	if diff := cmp.Diff([]string{"wheels"}, imports.Imports); diff != "" {
		t.Error(diff)
	}

	// Replacing Frame would change the export.
	h.wantStatus(h.update("frames", exporting, set("Name", "square")), types.StackStatusUpdateRollbackComplete)
	if events := h.events("frames"); !slices.Contains(events, "frames UPDATE_ROLLBACK_IN_PROGRESS Cannot update export frames:Frame as it is in use by wheels. ") {
		t.Errorf("no word of the export in %q", events)
	}

	_, err = h.DeleteStack(t.Context(), &cfn.DeleteStackInput{StackName: aws.String("frames")})
	h.must(err)
	st := h.settled("frames")
	h.wantStatus(st, types.StackStatusUpdateRollbackComplete)
	if got, want := aws.ToString(st.StackStatusReason), "Delete canceled. Cannot delete export frames:Frame as it is in use by wheels."; got != want {
		t.Errorf("reason %q, want %q", got, want)
	}
	for _, name := range []string{"wheels", "frames"} {
		_, err = h.DeleteStack(t.Context(), &cfn.DeleteStackInput{StackName: &name})
		h.must(err)
		h.gone(name)
	}

	missing := "nowhere"
	_, err = h.CreateStack(t.Context(), &cfn.CreateStackInput{StackName: aws.String("wheels"), TemplateBody: aws.String(importing), Parameters: []types.Parameter{set("From", missing)}})
	h.must(err)
	h.wantStatus(h.settled("wheels"), types.StackStatusRollbackComplete)
	if events := h.events("wheels"); !slices.ContainsFunc(events, func(e string) bool { return strings.Contains(e, "No export named nowhere:Frame found.") }) {
		t.Errorf("no word of the missing export in %q", events)
	}
}

func TestExportNamesAreUnique(t *testing.T) {
	t.Parallel()
	h := start(t)
	const exporting = `
Resources: {Frame: {Type: Test::Thing}}
Outputs: {Frame: {Value: !Ref Frame, Export: {Name: frame}}}
`
	h.create("first", exporting)
	for name, body := range map[string]string{
		"first": exporting,
		"twice": strings.Replace(exporting, "Outputs: {", "Outputs: {A: {Value: a, Export: {Name: own}}, B: {Value: b, Export: {Name: own}}, ", 1),
	} {
		st := h.create("second-"+name, body)
		h.wantStatus(st, types.StackStatusRollbackComplete)
		want := "ROLLBACK_IN_PROGRESS Export with name frame is already exported by stack first. Rollback requested by user."
		if name == "twice" {
			want = "ROLLBACK_IN_PROGRESS Export with name own is already exported by stack second-twice. Rollback requested by user."
		}
		if events := h.events(*st.StackName); !slices.Contains(events, *st.StackName+" "+want) {
			t.Errorf("no %q in %q", want, events)
		}
	}
}

func TestCapabilitiesAreAskedFor(t *testing.T) {
	t.Parallel()
	h := start(t)
	const role = `{"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}}}}`
	in := &cfn.CreateStackInput{StackName: aws.String("roles"), TemplateBody: aws.String(role)}
	_, err := h.CreateStack(t.Context(), in)
	h.refused(err, "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]")
	in.Capabilities = []types.Capability{types.CapabilityCapabilityIam}
	_, err = h.CreateStack(t.Context(), in)
	h.must(err)
	h.wantStatus(h.settled("roles"), types.StackStatusCreateComplete)
}

func TestTerminationProtection(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create("bike", pair)
	name := aws.String("bike")
	_, err := h.UpdateTerminationProtection(t.Context(), &cfn.UpdateTerminationProtectionInput{StackName: name, EnableTerminationProtection: aws.Bool(true)})
	h.must(err)
	_, err = h.DeleteStack(t.Context(), &cfn.DeleteStackInput{StackName: name})
	h.refused(err, "ValidationError", "cannot be deleted while TerminationProtection is enabled")
}

func TestUnsupportedParametersAreRefused(t *testing.T) {
	t.Parallel()
	h := start(t)
	_, err := h.CreateStack(t.Context(), &cfn.CreateStackInput{StackName: aws.String("bike"), TemplateBody: aws.String(pair), ResourceTypes: []string{"Test::Thing"}})
	h.refused(err, "ValidationError", "ResourceTypes")
	_, err = h.ListGeneratedTemplates(t.Context(), &cfn.ListGeneratedTemplatesInput{})
	h.refused(err, "InvalidAction", "Could not find operation ListGeneratedTemplates for version 2010-05-15")
}

// TestWhatCannotBeHadIsRefused: at once, with nothing made, unless a condition keeps the
// resource from being asked for.
func TestWhatCannotBeHadIsRefused(t *testing.T) {
	t.Parallel()
	h := start(t)
	body := strings.Replace(pair, "{Frame: !Ref Frame,", "{Frame: !Ref Frame, Fail: refuse,", 1)
	const want = "Template error: resource Wheel: no such things here"
	_, err := h.CreateStack(t.Context(), &cfn.CreateStackInput{StackName: aws.String("bike"), TemplateBody: &body})
	h.refused(err, "ValidationError", want)
	_, err = h.CreateChangeSet(t.Context(), &cfn.CreateChangeSetInput{
		StackName: aws.String("bike"), ChangeSetName: aws.String("first"), ChangeSetType: types.ChangeSetTypeCreate, TemplateBody: &body,
	})
	h.refused(err, "ValidationError", want)
	_, err = h.DescribeStacks(t.Context(), &cfn.DescribeStacksInput{StackName: aws.String("bike")})
	h.refused(err, "ValidationError", "does not exist")

	h.wantStatus(h.create("bike", pair), types.StackStatusCreateComplete)
	h.things.took()
	_, err = h.UpdateStack(t.Context(), &cfn.UpdateStackInput{StackName: aws.String("bike"), TemplateBody: &body})
	h.refused(err, "ValidationError", want)
	if calls := h.things.took(); calls != nil {
		t.Errorf("the refused update has done %q", calls)
	}

	never := "Conditions: {Never: !Equals [a, b]}\n" + strings.Replace(body, "Wheel: {", "Wheel: {Condition: Never, ", 1)
	h.wantStatus(h.create("frame", never), types.StackStatusCreateComplete)
}

func TestMacrosAreRefused(t *testing.T) {
	t.Parallel()
	h := start(t)
	_, err := h.CreateStack(t.Context(), &cfn.CreateStackInput{
		StackName: aws.String("bike"), TemplateBody: aws.String("Transform: AWS::Serverless-2016-10-31\n" + pair),
		Capabilities: []types.Capability{types.CapabilityCapabilityAutoExpand},
	})
	h.refused(err, "ValidationError", "Transform AWS::Serverless-2016-10-31 is not supported")
}

func TestExportNamesAreChecked(t *testing.T) {
	t.Parallel()
	h := start(t)
	st := h.create("bike", pair+"  Bad: {Value: x, Export: {Name: !Sub \"${AWS::StackName}/x\"}}\n")
	h.wantStatus(st, types.StackStatusRollbackComplete)
	if events := h.events("bike"); !slices.ContainsFunc(events, func(e string) bool {
		return strings.Contains(e, "The Name field of every Export member must be specified and consist only of alphanumeric characters")
	}) {
		t.Errorf("no word of the export's name in %q", events)
	}
}
