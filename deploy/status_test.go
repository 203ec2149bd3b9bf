package deploy_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/deploy"
)

const twoImages = `{
	"Parameters": {"Web": {"Type": "String"}, "Proxy": {"Type": "String"}},
	"Resources": {"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Family": "two", "ContainerDefinitions": [
		{"Name": "web", "Image": {"Ref": "Web"}}, {"Name": "proxy", "Image": {"Ref": "Proxy"}}]}}}}`

func TestStatusListsAllImages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	ctx := ctxOf(t)
	_, err := w.Up(ctx, deploy.StackSpec{Name: "two", TemplateBody: twoImages, Parameters: map[string]string{"Web": v1, "Proxy": "envoy:1"}})
	if err != nil {
		t.Fatal(err)
	}
	status, err := w.Status(ctx, "two", "")
	if err != nil {
		t.Fatal(err)
	}
	want := []deploy.ParameterImage{{Parameter: "Proxy", Image: "envoy:1"}, {Parameter: "Web", Image: v1}}
	if diff := cmp.Diff(want, status.Images); diff != "" || status.Parameter != "" {
		t.Errorf("status %+v; images (-want +got):\n%s", status, diff)
	}
	// Without a service only the task definition changes, and nothing runs it.
	result, err := w.Deploy(ctx, deploy.Request{Stack: "two", Image: v2, ImageParameter: "Web"})
	if err != nil || result.Services == nil || len(result.Services) != 0 {
		t.Errorf("Deploy = %+v, %v; want an empty list of services", result, err)
	}
}

func TestStatusOfStackInReview(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	ctx := ctxOf(t)
	_, err := cloudformation.NewFromConfig(w.cfg).CreateChangeSet(ctx, &cloudformation.CreateChangeSetInput{
		StackName: aws.String("review"), ChangeSetName: aws.String("first"), ChangeSetType: types.ChangeSetTypeCreate,
		TemplateBody: aws.String(`{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	status, err := w.Status(ctx, "review", "")
	if err != nil || status.StackStatus != "REVIEW_IN_PROGRESS" {
		t.Errorf("Status = %+v, %v", status, err)
	}
}
