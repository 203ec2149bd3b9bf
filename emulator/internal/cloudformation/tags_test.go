package cloudformation_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestTagsAloneChangeWhatTakesThem: and nothing else, in an update as in a change set.
func TestTagsAloneChangeWhatTakesThem(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create("bike", strings.Replace(pair, "Frame: {Type: Test::Thing", "Frame: {Type: Test::Tagged", 1))
	tags := []types.Tag{{Key: aws.String("team"), Value: aws.String("road")}, {Key: aws.String("cost"), Value: aws.String("1")}}
	in := bikeChangeSet("tags", previous("Name"), previous("Colour"))
	in.Tags = tags
	cs := h.changeSet(in)
	if len(cs.Changes) != 1 {
		t.Fatalf("%d changes, want that of Frame", len(cs.Changes))
	}
	rc := cs.Changes[0].ResourceChange
	if diff := cmp.Diff(&types.ResourceChange{
		Action: types.ChangeActionModify, LogicalResourceId: aws.String("Frame"), ResourceType: aws.String("Test::Tagged"),
		Replacement: types.ReplacementFalse, Scope: []types.ResourceAttribute{types.ResourceAttributeTags},
		Details: []types.ResourceChangeDetail{{
			ChangeSource: types.ChangeSourceDirectModification, Evaluation: types.EvaluationTypeStatic,
			Target: &types.ResourceTargetDefinition{
				Attribute: types.ResourceAttributeTags, RequiresRecreation: types.RequiresRecreationNever, Path: aws.String("/Tags"),
				BeforeValue: aws.String("[]"), AfterValue: aws.String(`[{"Key":"team","Value":"road"},{"Key":"cost","Value":"1"}]`),
				AttributeChangeType: types.AttributeChangeTypeModify,
			},
		}},
	}, rc, cmpopts.IgnoreUnexported(types.ResourceChange{}, types.ResourceChangeDetail{}, types.ResourceTargetDefinition{}),
		cmpopts.IgnoreFields(types.ResourceChange{}, "PhysicalResourceId", "BeforeContext", "AfterContext")); diff != "" {
		t.Error(diff)
	}

	h.things.took()
	update := &cfn.UpdateStackInput{StackName: aws.String("bike"), UsePreviousTemplate: aws.Bool(true), Tags: tags}
	_, err := h.UpdateStack(t.Context(), update)
	h.must(err)
	h.wantStatus(h.settled("bike"), types.StackStatusUpdateComplete)
	if diff := cmp.Diff([]string{"update Frame frame-1"}, h.things.took()); diff != "" {
		t.Error(diff)
	}
	_, err = h.UpdateStack(t.Context(), update)
	h.refused(err, "ValidationError", "No updates are to be performed.")
}
