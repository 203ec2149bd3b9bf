package conformance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

func changeSetInput(stack, name, template string) *cloudformation.CreateChangeSetInput {
	return &cloudformation.CreateChangeSetInput{StackName: &stack, ChangeSetName: &name, TemplateBody: &template}
}

// changeSet creates a change set for an existing stack and waits until it is worked out.
func (c *cloud) changeSet(t *testing.T, stack, name, template string, parameters ...cfntypes.Parameter) *cloudformation.DescribeChangeSetOutput {
	t.Helper()
	in := changeSetInput(stack, name, template)
	in.Parameters = parameters
	must(t, c.cfn.CreateChangeSet, in)
	return c.planned(t, stack, name)
}

// planned waits until a change set is worked out.
func (c *cloud) planned(t *testing.T, stack, name string) *cloudformation.DescribeChangeSetOutput {
	t.Helper()
	var out *cloudformation.DescribeChangeSetOutput
	c.wait(t, "change set "+name, func() bool {
		out = must(t, c.cfn.DescribeChangeSet, &cloudformation.DescribeChangeSetInput{StackName: &stack, ChangeSetName: &name})
		return out.Status == cfntypes.ChangeSetStatusCreateComplete || out.Status == cfntypes.ChangeSetStatusFailed
	})
	return out
}

func (c *cloud) execute(t *testing.T, stack, name string) {
	t.Helper()
	must(t, c.cfn.ExecuteChangeSet, &cloudformation.ExecuteChangeSetInput{StackName: &stack, ChangeSetName: &name})
}

// changes are the changes of a change set by logical id.
func changes(cs *cloudformation.DescribeChangeSetOutput) map[string]*cfntypes.ResourceChange {
	byID := map[string]*cfntypes.ResourceChange{}
	for _, change := range cs.Changes {
		byID[*change.ResourceChange.LogicalResourceId] = change.ResourceChange
	}
	return byID
}

func TestChangeSetOfANewStack(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	in := changeSetInput("new", "first", resources(topic))
	in.ChangeSetType = cfntypes.ChangeSetTypeCreate
	created := must(t, c.cfn.CreateChangeSet, in)
	cs := c.planned(t, "new", "first")

	t.Run("CFN-101 a change set of type CREATE makes a stack in REVIEW_IN_PROGRESS", func(t *testing.T) {
		same(t, "status", c.stack(t, "new").StackStatus, cfntypes.StackStatusReviewInProgress)
		same(t, "stack id", *created.StackId, *c.stack(t, "new").StackId)
		out := must(t, c.cfn.DescribeStackResources, &cloudformation.DescribeStackResourcesInput{StackName: aws.String("new")})
		same(t, "resources", len(out.StackResources), 0)
	})
	t.Run("CFN-102 all its changes are additions", func(t *testing.T) {
		same(t, "action", changes(cs)["Topic"].Action, cfntypes.ChangeActionAdd)
		same(t, "replacement", changes(cs)["Topic"].Replacement, "")
	})
	t.Run("CFN-103 CREATE_COMPLETE and AVAILABLE when worked out", func(t *testing.T) {
		same(t, "status", cs.Status, cfntypes.ChangeSetStatusCreateComplete)
		same(t, "execution status", cs.ExecutionStatus, cfntypes.ExecutionStatusAvailable)
	})
	t.Run("CFN-104 a stack in REVIEW_IN_PROGRESS cannot be updated", func(t *testing.T) {
		says(t, refusal(t, c.cfn.UpdateStack, updateInput("new", resources(topic))), "ValidationError", "is in REVIEW_IN_PROGRESS state and can not be updated")
	})
	t.Run("CFN-105 its execution creates the stack", func(t *testing.T) {
		c.execute(t, "new", "first")
		c.settled(t, "new", cfntypes.StackStatusCreateComplete)
		tells(t, c.story(t, "new"), "new REVIEW_IN_PROGRESS: User Initiated", "new CREATE_IN_PROGRESS: User Initiated", "Topic CREATE_COMPLETE", "new CREATE_COMPLETE")
	})
	t.Run("CFN-106 an executed change set can be described by its ARN", func(t *testing.T) {
		out := must(t, c.cfn.DescribeChangeSet, &cloudformation.DescribeChangeSetInput{ChangeSetName: created.Id})
		same(t, "execution status", out.ExecutionStatus, cfntypes.ExecutionStatusExecuteComplete)
	})
	t.Run("CFN-107 DescribeStacks names the change set", func(t *testing.T) {
		same(t, "ChangeSetId", aws.ToString(c.stack(t, "new").ChangeSetId), *created.Id)
	})
	t.Run("CFN-108 type CREATE for a stack that exists", func(t *testing.T) {
		again := changeSetInput("new", "second", resources(topic))
		again.ChangeSetType = cfntypes.ChangeSetTypeCreate
		says(t, refusal(t, c.cfn.CreateChangeSet, again), "ValidationError", "already exists and cannot be created again with the changeSet [second]")
	})
	t.Run("CFN-109 type UPDATE for a stack that does not exist", func(t *testing.T) {
		says(t, refusal(t, c.cfn.CreateChangeSet, changeSetInput("nowhere", "x", resources(topic))), "ValidationError", "Stack [nowhere] does not exist")
	})
}

func TestChangeSetLifecycle(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	const stack = "cycle"
	template := resources(topic)
	other := resources("Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: two}}")
	c.create(t, stack, template)

	t.Run("CFN-110 a change set without changes fails", func(t *testing.T) {
		cs := c.changeSet(t, stack, "empty", template)
		same(t, "status", cs.Status, cfntypes.ChangeSetStatusFailed)
		same(t, "execution status", cs.ExecutionStatus, cfntypes.ExecutionStatusUnavailable)
		same(t, "reason", *cs.StatusReason, "The submitted information didn't contain changes. Submit different information to create a change set.")
	})
	t.Run("CFN-111 a failed change set cannot be executed", func(t *testing.T) {
		in := &cloudformation.ExecuteChangeSetInput{StackName: aws.String(stack), ChangeSetName: aws.String("empty")}
		says(t, refusal(t, c.cfn.ExecuteChangeSet, in), "InvalidChangeSetStatus", "cannot be executed in its current execution status of [UNAVAILABLE]")
	})
	t.Run("CFN-112 a change set changes nothing by itself", func(t *testing.T) {
		c.changeSet(t, stack, "waiting", other)
		same(t, "status", c.stack(t, stack).StackStatus, cfntypes.StackStatusCreateComplete)
		out := must(t, c.cfn.GetTemplate, &cloudformation.GetTemplateInput{StackName: aws.String(stack)})
		same(t, "template", *out.TemplateBody, template)
	})
	t.Run("CFN-113 GetTemplate of a change set", func(t *testing.T) {
		out := must(t, c.cfn.GetTemplate, &cloudformation.GetTemplateInput{StackName: aws.String(stack), ChangeSetName: aws.String("waiting")})
		same(t, "template", *out.TemplateBody, other)
	})
	t.Run("CFN-114 names are unique in a stack", func(t *testing.T) {
		says(t, refusal(t, c.cfn.CreateChangeSet, changeSetInput(stack, "waiting", other)), "AlreadyExistsException", "ChangeSet waiting cannot be created")
	})
	t.Run("CFN-115 ListChangeSets shows those not executed", func(t *testing.T) {
		var names []string
		for _, s := range must(t, c.cfn.ListChangeSets, &cloudformation.ListChangeSetsInput{StackName: aws.String(stack)}).Summaries {
			names = append(names, *s.ChangeSetName)
		}
		same(t, "names", strings.Join(names, " "), "empty waiting")
	})
	t.Run("CFN-116 an update makes waiting change sets OBSOLETE", func(t *testing.T) {
		c.update(t, stack, resources("Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: three}}"))
		same(t, "execution status", c.planned(t, stack, "waiting").ExecutionStatus, cfntypes.ExecutionStatusObsolete)
	})
	t.Run("CFN-117 an obsolete change set cannot be executed", func(t *testing.T) {
		in := &cloudformation.ExecuteChangeSetInput{StackName: aws.String(stack), ChangeSetName: aws.String("waiting")}
		says(t, refusal(t, c.cfn.ExecuteChangeSet, in), "InvalidChangeSetStatus", "[OBSOLETE]")
	})
	t.Run("CFN-118 a deleted change set is gone, and deleting it again is no error", func(t *testing.T) {
		in := &cloudformation.DeleteChangeSetInput{StackName: aws.String(stack), ChangeSetName: aws.String("waiting")}
		must(t, c.cfn.DeleteChangeSet, in)
		must(t, c.cfn.DeleteChangeSet, in)
		says(t, refusal(t, c.cfn.DescribeChangeSet, &cloudformation.DescribeChangeSetInput{StackName: in.StackName, ChangeSetName: in.ChangeSetName}),
			"ChangeSetNotFound", "ChangeSet [waiting] does not exist")
	})
	t.Run("CFN-119 executing one deletes all others of the stack", func(t *testing.T) {
		c.changeSet(t, stack, "one", other)
		c.changeSet(t, stack, "two", template)
		c.execute(t, stack, "one")
		c.settled(t, stack, cfntypes.StackStatusUpdateComplete)
		same(t, "change sets", len(must(t, c.cfn.ListChangeSets, &cloudformation.ListChangeSetsInput{StackName: aws.String(stack)}).Summaries), 0)
		says(t, refusal(t, c.cfn.DescribeChangeSet, &cloudformation.DescribeChangeSetInput{StackName: aws.String(stack), ChangeSetName: aws.String("two")}),
			"ChangeSetNotFound", "")
	})
	t.Run("CFN-120 the token of the execution marks its events", func(t *testing.T) {
		c.changeSet(t, stack, "token", template)
		must(t, c.cfn.ExecuteChangeSet, &cloudformation.ExecuteChangeSetInput{StackName: aws.String(stack), ChangeSetName: aws.String("token"), ClientRequestToken: aws.String("my-token")})
		c.settled(t, stack, cfntypes.StackStatusUpdateComplete)
		events := c.events(t, stack)
		same(t, "token", aws.ToString(events[len(events)-1].ClientRequestToken), "my-token")
	})
	t.Run("CFN-121 a change set that was executed cannot be executed again", func(t *testing.T) {
		in := &cloudformation.ExecuteChangeSetInput{StackName: aws.String(stack), ChangeSetName: aws.String("token")}
		says(t, refusal(t, c.cfn.ExecuteChangeSet, in), "InvalidChangeSetStatus", "cannot be executed")
	})
	t.Run("CFN-122 a change set with tags only", func(t *testing.T) {
		in := changeSetInput(stack, "tags", template)
		in.Tags = []cfntypes.Tag{{Key: aws.String("team"), Value: aws.String("a")}}
		must(t, c.cfn.CreateChangeSet, in)
		same(t, "status", c.planned(t, stack, "tags").Status, cfntypes.ChangeSetStatusCreateComplete)
	})
	t.Run("CFN-123 deleting a stack under review", func(t *testing.T) {
		in := changeSetInput("review", "x", template)
		in.ChangeSetType = cfntypes.ChangeSetTypeCreate
		must(t, c.cfn.CreateChangeSet, in)
		c.planned(t, "review", "x")
		c.delete(t, "review")
	})
	t.Run("CFN-124 the kinds of change set", func(t *testing.T) {
		in := changeSetInput(stack, "kind", template)
		in.ChangeSetType = "REPLACE"
		says(t, refusal(t, c.cfn.CreateChangeSet, in), "ValidationError", "at 'changeSetType' failed to satisfy constraint")
	})
}

// TestChangeSetLimit piles up change sets without changes, as a pipeline does that never
// deletes them.
func TestChangeSetLimit(t *testing.T) {
	t.Parallel()
	c := start(t, 6000)
	c.create(t, "pile", resources(topic))
	for i := range 1000 {
		must(t, c.cfn.CreateChangeSet, changeSetInput("pile", fmt.Sprintf("n%d", i), resources(topic)))
	}
	t.Run("CFN-312 a stack has so many change sets at most, failed ones included", func(t *testing.T) {
		in := changeSetInput("pile", "more", resources(topicNamed("two")))
		says(t, refusal(t, c.cfn.CreateChangeSet, in), "LimitExceededException", "ChangeSet limit exceeded for stack "+*c.stack(t, "pile").StackId)
		c.planned(t, "pile", "n0")
		must(t, c.cfn.DeleteChangeSet, &cloudformation.DeleteChangeSetInput{StackName: aws.String("pile"), ChangeSetName: aws.String("n0")})
		must(t, c.cfn.CreateChangeSet, in)
	})
}

func TestChangeSetChanges(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	const before = `
Parameters:
  Display: {Type: String, Default: one}
Resources:
  InPlace: {Type: AWS::SNS::Topic, Properties: {DisplayName: one}}
  Replaced: {Type: AWS::SNS::Topic, Properties: {TopicName: one}}
  Removed: {Type: AWS::SNS::Topic}
  Kept: {Type: AWS::SNS::Topic, DeletionPolicy: Retain}
  ByParameter: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref Display}}
  Dependent: {Type: AWS::SNS::Topic, Properties: {DisplayName: !GetAtt Replaced.TopicName}}
  Untouched: {Type: AWS::SNS::Topic}
`
	c.create(t, "diff", before)
	after := strings.NewReplacer("{DisplayName: one}", "{DisplayName: two}", "{TopicName: one}", "{TopicName: two}",
		"  Removed: {Type: AWS::SNS::Topic}\n", "  Added: {Type: AWS::SNS::Topic}\n",
		"  Kept: {Type: AWS::SNS::Topic, DeletionPolicy: Retain}\n", "").Replace(before)
	c.changeSet(t, "diff", "all", after, parameter("Display", "two"))
	cs := must(t, c.cfn.DescribeChangeSet, &cloudformation.DescribeChangeSetInput{StackName: aws.String("diff"), ChangeSetName: aws.String("all"), IncludePropertyValues: aws.Bool(true)})
	found := changes(cs)

	t.Run("CFN-125 a change in place", func(t *testing.T) {
		same(t, "action", found["InPlace"].Action, cfntypes.ChangeActionModify)
		same(t, "replacement", found["InPlace"].Replacement, cfntypes.ReplacementFalse)
		same(t, "name", *found["InPlace"].Details[0].Target.Name, "DisplayName")
		same(t, "recreation", found["InPlace"].Details[0].Target.RequiresRecreation, cfntypes.RequiresRecreationNever)
		same(t, "source", found["InPlace"].Details[0].ChangeSource, cfntypes.ChangeSourceDirectModification)
	})
	t.Run("CFN-126 a replacement", func(t *testing.T) {
		same(t, "replacement", found["Replaced"].Replacement, cfntypes.ReplacementTrue)
		same(t, "recreation", found["Replaced"].Details[0].Target.RequiresRecreation, cfntypes.RequiresRecreationAlways)
	})
	t.Run("CFN-127 additions and removals", func(t *testing.T) {
		same(t, "added", found["Added"].Action, cfntypes.ChangeActionAdd)
		same(t, "removed", found["Removed"].Action, cfntypes.ChangeActionRemove)
		if aws.ToString(found["Removed"].PhysicalResourceId) == "" || aws.ToString(found["Added"].PhysicalResourceId) != "" {
			t.Error("a removal names what is to go, an addition has no physical id yet")
		}
	})
	t.Run("CFN-128 the policy action of a removal", func(t *testing.T) {
		same(t, "removed", found["Removed"].PolicyAction, cfntypes.PolicyActionDelete)
		same(t, "kept", found["Kept"].PolicyAction, cfntypes.PolicyActionRetain)
	})
	t.Run("CFN-129 a parameter as the cause of a change", func(t *testing.T) {
		var sources []string
		for _, d := range found["ByParameter"].Details {
			sources = append(sources, string(d.ChangeSource)+"/"+string(d.Evaluation)+"/"+aws.ToString(d.CausingEntity))
		}
		same(t, "details", strings.Join(sources, " "), "ParameterReference/Static/Display DirectModification/Dynamic/")
	})
	t.Run("CFN-130 a replacement reaches the dependents", func(t *testing.T) {
		same(t, "action", found["Dependent"].Action, cfntypes.ChangeActionModify)
		detail := found["Dependent"].Details[0]
		same(t, "source", detail.ChangeSource, cfntypes.ChangeSourceResourceAttribute)
		same(t, "cause", aws.ToString(detail.CausingEntity), "Replaced.TopicName")
	})
	t.Run("CFN-131 what does not change is not listed", func(t *testing.T) {
		if found["Untouched"] != nil {
			t.Errorf("%+v", found["Untouched"])
		}
	})
	t.Run("CFN-132 values before and after", func(t *testing.T) {
		target := found["InPlace"].Details[0].Target
		same(t, "path", aws.ToString(target.Path), "/Properties/DisplayName")
		same(t, "before", aws.ToString(target.BeforeValue), "one")
		same(t, "after", aws.ToString(target.AfterValue), "two")
		if !strings.Contains(aws.ToString(found["InPlace"].AfterContext), `"DisplayName":"two"`) {
			t.Errorf("AfterContext = %s", aws.ToString(found["InPlace"].AfterContext))
		}
	})
	t.Run("CFN-133 values are told only when asked for", func(t *testing.T) {
		plain := changes(c.planned(t, "diff", "all"))
		if target := plain["InPlace"].Details[0].Target; target.BeforeValue != nil || target.AfterValue != nil || plain["InPlace"].BeforeContext != nil {
			t.Errorf("%+v", target)
		}
	})
	t.Run("CFN-134 a value that is known only later", func(t *testing.T) {
		same(t, "after", aws.ToString(found["Dependent"].Details[0].Target.AfterValue), "{{changeSet:KNOWN_AFTER_APPLY}}")
	})
	t.Run("CFN-135 the plan comes true", func(t *testing.T) {
		replaced, kept := c.physical(t, "diff", "Replaced"), c.physical(t, "diff", "InPlace")
		c.execute(t, "diff", "all")
		c.settled(t, "diff", cfntypes.StackStatusUpdateComplete)
		same(t, "InPlace", c.physical(t, "diff", "InPlace"), kept)
		if c.physical(t, "diff", "Replaced") == replaced {
			t.Error("Replaced has not been replaced")
		}
	})
}
