package deploy

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// requests compares requests, whose unexported fields carry nothing.
var requests = cmpopts.IgnoreUnexported(
	cloudformation.CreateChangeSetInput{}, cloudformation.ExecuteChangeSetInput{},
	cloudformation.CreateStackInput{}, types.Parameter{},
)

func testStack() *stack {
	updated := time.Date(2026, 11, 1, 12, 0, 0, 123000000, time.UTC)
	return &stack{types.Stack{
		StackName: aws.String("web"), StackId: aws.String(testStackID), StackStatus: types.StackStatusUpdateComplete,
		CreationTime: aws.Time(updated.Add(-time.Hour)), LastUpdatedTime: &updated,
		Capabilities: []types.Capability{types.CapabilityCapabilityIam},
		Parameters: []types.Parameter{
			{ParameterKey: aws.String("Secret"), ParameterValue: aws.String("****")},
			{ParameterKey: aws.String("ImageUrl"), ParameterValue: aws.String(oldImage)},
			{ParameterKey: aws.String("Ami"), ParameterValue: aws.String("/ami"), ResolvedValue: aws.String("ami-1")},
		},
	}}
}

func TestCreateChangeSetInput(t *testing.T) {
	t.Parallel()
	want := &cloudformation.CreateChangeSetInput{
		StackName: aws.String(testStackID), ChangeSetName: aws.String("slipway-1"), ChangeSetType: types.ChangeSetTypeUpdate,
		Description: aws.String("slipway: ImageUrl = " + newImage), Capabilities: []types.Capability{types.CapabilityCapabilityIam},
		IncludeNestedStacks: aws.Bool(false), UsePreviousTemplate: aws.Bool(true),
		Parameters: []types.Parameter{
			{ParameterKey: aws.String("Ami"), UsePreviousValue: aws.Bool(true)},
			{ParameterKey: aws.String("ImageUrl"), ParameterValue: aws.String(newImage)},
			{ParameterKey: aws.String("Secret"), UsePreviousValue: aws.Bool(true)},
		},
	}
	if diff := cmp.Diff(want, createChangeSetInput(testStack(), "slipway-1", "ImageUrl", newImage, ""), requests); diff != "" {
		t.Errorf("with the deployed template (-want +got):\n%s", diff)
	}
	want.UsePreviousTemplate, want.TemplateBody = nil, aws.String("{}")
	if diff := cmp.Diff(want, createChangeSetInput(testStack(), "slipway-1", "ImageUrl", newImage, "{}"), requests); diff != "" {
		t.Errorf("with the template sent again (-want +got):\n%s", diff)
	}
	long := createChangeSetInput(testStack(), "slipway-1", "ImageUrl", strings.Repeat("x", 2000), "")
	if len(*long.Description) > 1024 {
		t.Errorf("the description has %d characters", len(*long.Description))
	}
}

func TestExecuteChangeSetInput(t *testing.T) {
	t.Parallel()
	want := &cloudformation.ExecuteChangeSetInput{
		StackName: aws.String(testStackID), ChangeSetName: aws.String("slipway-1"), ClientRequestToken: aws.String("slipway-1"),
		DisableRollback: aws.Bool(false),
	}
	if diff := cmp.Diff(want, executeChangeSetInput(&changeSet{name: "slipway-1", stack: testStack()}), requests); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUpdateChangeSetInput(t *testing.T) {
	t.Parallel()
	template, err := cfntemplate.Parse(`{"Parameters":{"ImageUrl":{"Type":"String"},"Secret":{"Type":"String"},"New":{"Type":"String"}},"Resources":{"B":{"Type":"AWS::S3::Bucket"}}}`)
	if err != nil {
		t.Fatal(err)
	}
	spec := StackSpec{Name: "web", TemplateBody: "{}", Parameters: map[string]string{"New": "n", "ImageUrl": newImage}, Capabilities: []string{"CAPABILITY_NAMED_IAM", "CAPABILITY_IAM", "CAPABILITY_IAM"}}
	want := &cloudformation.CreateChangeSetInput{
		StackName: aws.String(testStackID), ChangeSetName: aws.String("slipway-1"), ChangeSetType: types.ChangeSetTypeUpdate,
		Description: aws.String("slipway up"), TemplateBody: aws.String("{}"), IncludeNestedStacks: aws.Bool(false),
		Capabilities: []types.Capability{types.CapabilityCapabilityIam, types.CapabilityCapabilityNamedIam},
		Parameters: []types.Parameter{ // Ami is no parameter of the new template
			{ParameterKey: aws.String("ImageUrl"), ParameterValue: aws.String(newImage)},
			{ParameterKey: aws.String("New"), ParameterValue: aws.String("n")},
			{ParameterKey: aws.String("Secret"), UsePreviousValue: aws.Bool(true)},
		},
	}
	if diff := cmp.Diff(want, updateChangeSetInput(spec, template, testStack(), "slipway-1"), requests); diff != "" {
		t.Errorf("update (-want +got):\n%s", diff)
	}
	create := &cloudformation.CreateStackInput{
		StackName: aws.String("web"), TemplateBody: aws.String("{}"), ClientRequestToken: aws.String("token"), Capabilities: want.Capabilities,
		Parameters: want.Parameters[:2],
	}
	if diff := cmp.Diff(create, createStackInput(spec, "token"), requests); diff != "" {
		t.Errorf("create (-want +got):\n%s", diff)
	}
}

func TestOperationID(t *testing.T) {
	t.Parallel()
	id := operationID(testStack(), "ImageUrl", newImage)
	if !regexp.MustCompile(`^[a-zA-Z][-a-zA-Z0-9]*$`).MatchString(id) || len(id) > 128 {
		t.Errorf("%q does not fit CloudFormation's pattern", id)
	}
	if again := operationID(testStack(), "ImageUrl", newImage); again != id {
		t.Errorf("the same deploy is %s and %s", id, again)
	}
	later := testStack()
	later.LastUpdatedTime = aws.Time(later.LastUpdatedTime.Add(time.Millisecond))
	other := testStack()
	other.StackId = aws.String(testStackID + "2")
	seen := map[string]string{id: "the first"}
	for name, got := range map[string]string{
		"another image":         operationID(testStack(), "ImageUrl", oldImage),
		"another parameter":     operationID(testStack(), "Image", newImage),
		"a shifted boundary":    operationID(testStack(), "ImageUrla", "cme/web:v2"),
		"a later state":         operationID(later, "ImageUrl", newImage),
		"another stack":         operationID(other, "ImageUrl", newImage),
		"a stack never updated": operationID(&stack{types.Stack{StackId: aws.String(testStackID)}}, "ImageUrl", newImage),
	} {
		if before, taken := seen[got]; taken {
			t.Errorf("%s has the id of %s", name, before)
		}
		seen[got] = name
	}
}
