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

// What EXPRESS mode does is in the user guide ("Deploy CloudFormation stacks faster with
// express mode"); what follows a failure in it, in aws-cdk-cli's issues 1739 and 1931.

var express = &types.DeploymentConfig{Mode: types.DeploymentConfigModeExpress}

// holding never settles; in EXPRESS mode nobody waits for it.
var holding = strings.Replace(pair, "{Frame: !Ref Frame,", "{Frame: !Ref Frame, Hold: on,", 1)

func TestExpressDoesNotWait(t *testing.T) {
	t.Parallel()
	h := start(t)
	_, err := h.CreateStack(t.Context(), &cfn.CreateStackInput{StackName: aws.String("bike"), TemplateBody: &holding, DeploymentConfig: express})
	h.must(err)
	st := h.settled("bike")
	h.wantStatus(st, types.StackStatusCreateComplete)
	if diff := cmp.Diff(types.DeploymentConfigModeExpress, st.DeploymentConfig.Mode); diff != "" {
		t.Error(diff)
	}
	const reason = " Resource operation completed using Express Mode. It may continue becoming available in the background."
	if events := h.events("bike"); !slices.Contains(events, "Wheel CREATE_COMPLETE"+reason) {
		t.Errorf("no word of express mode in %q", events)
	}
	in := bikeChangeSet("deploy", set("Colour", "blue"))
	in.DeploymentConfig = express
	h.changeSet(in)
	_, err = h.ExecuteChangeSet(t.Context(), &cfn.ExecuteChangeSetInput{StackName: in.StackName, ChangeSetName: in.ChangeSetName})
	h.must(err)
	h.wantStatus(h.settled("bike"), types.StackStatusUpdateComplete)
	_, err = h.DeleteStack(t.Context(), &cfn.DeleteStackInput{StackName: st.StackId, DeploymentConfig: express})
	h.must(err)
	h.wantStatus(h.settled(*st.StackId), types.StackStatusDeleteComplete)
	if events := h.events(*st.StackId); !slices.Contains(events, "Wheel DELETE_COMPLETE"+reason) {
		t.Errorf("no word of express mode in %q", events)
	}
}

func TestExpressDoesNotRollBackUnlessAsked(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create("bike", pair)
	failing := strings.Replace(pair, "{Frame: !Ref Frame,", "{Frame: !Ref Frame, Fail: update,", 1)
	name := aws.String("bike")
	_, err := h.UpdateStack(t.Context(), &cfn.UpdateStackInput{
		StackName: name, TemplateBody: &failing,
		DeploymentConfig: &types.DeploymentConfig{Mode: types.DeploymentConfigModeExpress, DisableRollback: aws.Bool(false)},
	})
	h.must(err)
	h.wantStatus(h.settled("bike"), types.StackStatusUpdateRollbackComplete)

	_, err = h.UpdateStack(t.Context(), &cfn.UpdateStackInput{StackName: name, TemplateBody: &failing, DeploymentConfig: express})
	h.must(err)
	h.wantStatus(h.settled("bike"), types.StackStatusUpdateFailed)
	_, err = h.RollbackStack(t.Context(), &cfn.RollbackStackInput{StackName: name})
	h.refused(err, "ValidationError", "RollbackStack is not supported for stacks that were last updated using EXPRESS deployment mode and are in a failed state")
	_, err = h.UpdateStack(t.Context(), &cfn.UpdateStackInput{StackName: name, TemplateBody: aws.String(pair), DisableRollback: aws.Bool(true)})
	h.refused(err, "ValidationError", "Follow-up operations must use the same DeploymentConfig (mode=EXPRESS)")
	_, err = h.CreateChangeSet(t.Context(), bikeChangeSet("again", set("Colour", "blue")))
	h.refused(err, "ValidationError", "Follow-up operations must use the same DeploymentConfig (mode=EXPRESS)")

	// The way out: the last configuration that was good.
	_, err = h.UpdateStack(t.Context(), &cfn.UpdateStackInput{StackName: name, TemplateBody: aws.String(pair), DeploymentConfig: express})
	h.must(err)
	h.wantStatus(h.settled("bike"), types.StackStatusUpdateComplete)
	h.wantStatus(h.update("bike", pair, set("Colour", "blue")), types.StackStatusUpdateComplete)
}

// TestExpressWithARollbackReplaces: a replacement needs the rollback, in any mode.
func TestExpressWithARollbackReplaces(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		disable *bool
		want    types.StackStatus
	}{
		{nil, types.StackStatusUpdateFailed},
		{aws.Bool(false), types.StackStatusUpdateComplete},
	} {
		h := start(t)
		h.create("bike", pair)
		_, err := h.UpdateStack(t.Context(), &cfn.UpdateStackInput{
			StackName: aws.String("bike"), TemplateBody: aws.String(pair), Parameters: []types.Parameter{set("Name", "square")},
			DeploymentConfig: &types.DeploymentConfig{Mode: types.DeploymentConfigModeExpress, DisableRollback: tc.disable},
		})
		h.must(err)
		h.wantStatus(h.settled("bike"), tc.want)
	}
}

func TestUnknownDeploymentModes(t *testing.T) {
	t.Parallel()
	h := start(t)
	_, err := h.CreateStack(t.Context(), &cfn.CreateStackInput{
		StackName: aws.String("bike"), TemplateBody: aws.String(pair), DeploymentConfig: &types.DeploymentConfig{Mode: "FAST"},
	})
	h.refused(err, "ValidationError", "Member must satisfy enum value set: [STANDARD, EXPRESS]")
}
