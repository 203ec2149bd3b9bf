package conformance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

func TestStackNames(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	c.create(t, "taken", resources(topic))

	t.Run("CFN-148 a name that is taken", func(t *testing.T) {
		says(t, refusal(t, c.cfn.CreateStack, createInput("taken", resources(topic))), "AlreadyExistsException", "Stack [taken] already exists")
	})
	t.Run("CFN-149 a name that begins with a digit", func(t *testing.T) {
		says(t, refusal(t, c.cfn.CreateStack, createInput("1st", resources(topic))), "ValidationError", "[a-zA-Z][-a-zA-Z0-9]*")
	})
	t.Run("CFN-150 describing a stack that does not exist", func(t *testing.T) {
		says(t, refusal(t, c.cfn.DescribeStacks, &cloudformation.DescribeStacksInput{StackName: aws.String("nowhere")}), "ValidationError", "Stack with id nowhere does not exist")
	})
	t.Run("CFN-151 updating a stack that does not exist", func(t *testing.T) {
		says(t, refusal(t, c.cfn.UpdateStack, updateInput("nowhere", resources(topic))), "ValidationError", "Stack [nowhere] does not exist")
	})
	t.Run("CFN-152 deleting a stack that does not exist is no error", func(t *testing.T) {
		must(t, c.cfn.DeleteStack, &cloudformation.DeleteStackInput{StackName: aws.String("nowhere")})
	})
	t.Run("CFN-153 a stack's id is its ARN", func(t *testing.T) {
		id := *c.stack(t, "taken").StackId
		if !strings.HasPrefix(id, "arn:aws:cloudformation:eu-west-1:") || !strings.Contains(id, ":stack/taken/") {
			t.Errorf("the id is %s", id)
		}
		same(t, "name", *c.stack(t, id).StackName, "taken")
	})
	t.Run("CFN-154 a deleted stack can be found by its id only", func(t *testing.T) {
		id := *c.stack(t, "taken").StackId
		c.delete(t, "taken")
		same(t, "status", c.stack(t, id).StackStatus, cfntypes.StackStatusDeleteComplete)
		says(t, refusal(t, c.cfn.DescribeStacks, &cloudformation.DescribeStacksInput{StackName: aws.String("taken")}), "ValidationError", "Stack with id taken does not exist")
	})
	t.Run("CFN-155 ListStacks shows deleted stacks, DescribeStacks does not", func(t *testing.T) {
		out := must(t, c.cfn.ListStacks, &cloudformation.ListStacksInput{StackStatusFilter: []cfntypes.StackStatus{cfntypes.StackStatusDeleteComplete}})
		same(t, "deleted stacks", len(out.StackSummaries), 1)
		same(t, "described stacks", len(must(t, c.cfn.DescribeStacks, &cloudformation.DescribeStacksInput{}).Stacks), 0)
	})
	t.Run("CFN-156 the name is free again", func(t *testing.T) {
		c.create(t, "taken", resources(topic))
	})
}

func TestStackUpdates(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	const stack = "updates"
	template := resources(topic)
	in := createInput(stack, template)
	in.Tags = []cfntypes.Tag{{Key: aws.String("team"), Value: aws.String("a")}}
	in.RoleARN = aws.String("arn:aws:iam::123456789012:role/deployer")
	must(t, c.cfn.CreateStack, in)

	t.Run("CFN-157 a stack that is being created cannot be updated", func(t *testing.T) {
		slow := start(t, 1)
		must(t, slow.cfn.CreateStack, createInput("slow", resources("Slow: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: [a, b]}}")))
		err := refusal(t, slow.cfn.UpdateStack, updateInput("slow", template))
		says(t, err, "ValidationError", "Stack:"+*slow.stack(t, "slow").StackId+" is in CREATE_IN_PROGRESS state and can not be updated.")
	})
	c.settled(t, stack, cfntypes.StackStatusCreateComplete)
	t.Run("CFN-158 an update without changes", func(t *testing.T) {
		says(t, refusal(t, c.cfn.UpdateStack, updateInput(stack, template)), "ValidationError", "No updates are to be performed.")
	})
	t.Run("CFN-159 a comment or another form is no change", func(t *testing.T) {
		says(t, refusal(t, c.cfn.UpdateStack, updateInput(stack, "# a comment\n"+template)), "ValidationError", "No updates are to be performed.")
	})
	t.Run("CFN-160 a change of an output alone is an update", func(t *testing.T) {
		same(t, "output", outputs(c.update(t, stack, template+"Outputs: {O: {Value: x}}\n"))["O"], "x")
	})
	t.Run("CFN-161 tags and role left out stay", func(t *testing.T) {
		after := c.stack(t, stack)
		same(t, "tag", aws.ToString(after.Tags[0].Value), "a")
		same(t, "role", aws.ToString(after.RoleARN), "arn:aws:iam::123456789012:role/deployer")
	})
	t.Run("CFN-162 an update in place keeps the physical id", func(t *testing.T) {
		before := c.physical(t, stack, "Topic")
		c.update(t, stack, resources("Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: two}}"))
		same(t, "physical id", c.physical(t, stack, "Topic"), before)
	})
	t.Run("CFN-163 a replacement makes the new resource first and deletes the old one in the clean-up", func(t *testing.T) {
		c.update(t, stack, resources("Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: three}}"))
		story := c.story(t, stack)
		tells(t, story,
			"Topic UPDATE_IN_PROGRESS: Requested update requires the creation of a new physical resource; hence creating one.",
			"Topic UPDATE_COMPLETE", stack+" UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "Topic DELETE_IN_PROGRESS", "Topic DELETE_COMPLETE", stack+" UPDATE_COMPLETE")
	})
	t.Run("CFN-164 UpdateReplacePolicy Retain keeps the old resource", func(t *testing.T) {
		c.update(t, stack, resources("Topic: {Type: AWS::SNS::Topic, UpdateReplacePolicy: Retain, Properties: {TopicName: four}}"))
		tells(t, c.story(t, stack), stack+" UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", stack+" UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "Topic DELETE_SKIPPED", stack+" UPDATE_COMPLETE")
	})
	t.Run("CFN-165 a resource cannot change its type", func(t *testing.T) {
		err := refusal(t, c.cfn.UpdateStack, updateInput(stack, resources("Topic: {Type: AWS::Logs::LogGroup}")))
		says(t, err, "ValidationError", "Update of resource type is not permitted. The new template modifies resource type of the following resources: [Topic]")
	})
	t.Run("CFN-166 DeletionPolicy Retain keeps a resource that is removed", func(t *testing.T) {
		c.update(t, stack, resources(topic, "Kept: {Type: AWS::SNS::Topic, DeletionPolicy: Retain}"))
		c.update(t, stack, resources(topic))
		tells(t, c.story(t, stack), "Kept DELETE_SKIPPED", stack+" UPDATE_COMPLETE")
	})
	t.Run("CFN-167 body and previous template exclude each other", func(t *testing.T) {
		in := updateInput(stack, template)
		in.UsePreviousTemplate = aws.Bool(true)
		says(t, refusal(t, c.cfn.UpdateStack, in), "ValidationError", "")
	})
	t.Run("CFN-168 GetTemplate gives the body as it was sent", func(t *testing.T) {
		body := "# the last one\n" + resources("Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: five}}")
		c.update(t, stack, body)
		same(t, "body", *must(t, c.cfn.GetTemplate, &cloudformation.GetTemplateInput{StackName: aws.String(stack)}).TemplateBody, body)
	})
}

func TestStackOrder(t *testing.T) {
	t.Parallel()
	c := start(t, 60)
	c.create(t, "order", resources(
		"First: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: [a, b]}}", // takes a minute
		"Second: {Type: AWS::SNS::Topic, Properties: {DisplayName: !GetAtt First.LoadBalancerName}}",
		"Third: {Type: AWS::SNS::Topic, DependsOn: Second}",
		"Beside: {Type: AWS::SNS::Topic}",
	))
	t.Run("CFN-169 what a resource refers to is made before it", func(t *testing.T) {
		tells(t, c.story(t, "order"), "First CREATE_COMPLETE", "Second CREATE_IN_PROGRESS")
	})
	t.Run("CFN-170 DependsOn is made before", func(t *testing.T) {
		tells(t, c.story(t, "order"), "Second CREATE_COMPLETE", "Third CREATE_IN_PROGRESS")
	})
	t.Run("CFN-171 what is independent is made at the same time", func(t *testing.T) {
		tells(t, c.story(t, "order"), "Beside CREATE_IN_PROGRESS", "Third CREATE_IN_PROGRESS")
		story := c.story(t, "order")
		first := slices.Index(story, "First CREATE_COMPLETE")
		if beside := slices.Index(story, "Beside CREATE_IN_PROGRESS"); beside < 0 || beside > first {
			t.Errorf("Beside began after First was complete:\n\t%s", strings.Join(story, "\n\t"))
		}
	})
	t.Run("CFN-172 a stack is deleted in the opposite order", func(t *testing.T) {
		id := *c.stack(t, "order").StackId
		c.delete(t, "order")
		tells(t, c.story(t, id), "Third DELETE_COMPLETE", "Second DELETE_IN_PROGRESS", "Second DELETE_COMPLETE", "First DELETE_IN_PROGRESS", "First DELETE_COMPLETE", "order DELETE_COMPLETE")
	})
}

func TestStackEvents(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	in := createInput("events", resources(topic))
	in.ClientRequestToken = aws.String("token-1")
	in.EnableTerminationProtection = aws.Bool(true)
	created := must(t, c.cfn.CreateStack, in)

	t.Run("CFN-173 the same token again is the same request", func(t *testing.T) {
		same(t, "stack id", *must(t, c.cfn.CreateStack, in).StackId, *created.StackId)
	})
	c.settled(t, "events", cfntypes.StackStatusCreateComplete)
	t.Run("CFN-174 the events of a creation", func(t *testing.T) {
		want := []string{
			"events CREATE_IN_PROGRESS: User Initiated", "Topic CREATE_IN_PROGRESS", "Topic CREATE_IN_PROGRESS: Resource creation Initiated",
			"Topic CREATE_COMPLETE", "events CREATE_COMPLETE",
		}
		if got := c.story(t, "events"); !slices.Equal(got, want) {
			t.Errorf("events\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
		}
	})
	t.Run("CFN-175 events come newest first", func(t *testing.T) {
		out := must(t, c.cfn.DescribeStackEvents, &cloudformation.DescribeStackEventsInput{StackName: aws.String("events")})
		for i := 1; i < len(out.StackEvents); i++ {
			if out.StackEvents[i].Timestamp.After(*out.StackEvents[i-1].Timestamp) {
				t.Errorf("event %d is newer than the one before it", i)
			}
		}
		same(t, "first", out.StackEvents[0].ResourceStatus, cfntypes.ResourceStatusCreateComplete)
	})
	t.Run("CFN-176 every event bears the token of its operation", func(t *testing.T) {
		for _, e := range c.events(t, "events") {
			same(t, "token", aws.ToString(e.ClientRequestToken), "token-1")
		}
	})
	t.Run("CFN-177 the stack's own events bear its id as physical id", func(t *testing.T) {
		e := c.events(t, "events")[0]
		same(t, "type", *e.ResourceType, "AWS::CloudFormation::Stack")
		same(t, "physical id", *e.PhysicalResourceId, *e.StackId)
	})
	t.Run("CFN-178 termination protection refuses the deletion", func(t *testing.T) {
		says(t, refusal(t, c.cfn.DeleteStack, &cloudformation.DeleteStackInput{StackName: aws.String("events")}), "ValidationError", "Stack [events] cannot be deleted while TerminationProtection is enabled")
		must(t, c.cfn.UpdateTerminationProtection, &cloudformation.UpdateTerminationProtectionInput{StackName: aws.String("events"), EnableTerminationProtection: aws.Bool(false)})
		same(t, "protection", *c.stack(t, "events").EnableTerminationProtection, false)
	})
	t.Run("CFN-179 the events of a deleted stack can be read by its id", func(t *testing.T) {
		c.delete(t, "events")
		story := c.story(t, *created.StackId)
		same(t, "last event", story[len(story)-1], "events DELETE_COMPLETE")
	})
	t.Run("CFN-180 events come a hundred a page", func(t *testing.T) {
		var lines []string
		for i := range 40 {
			lines = append(lines, fmt.Sprintf("Topic%d: {Type: AWS::SNS::Topic}", i))
		}
		c.create(t, "many", resources(lines...))
		in := &cloudformation.DescribeStackEventsInput{StackName: aws.String("many")}
		first := must(t, c.cfn.DescribeStackEvents, in)
		same(t, "first page", len(first.StackEvents), 100)
		in.NextToken = first.NextToken
		same(t, "second page", len(must(t, c.cfn.DescribeStackEvents, in).StackEvents), 22)
	})
	t.Run("CFN-181 a page token that is none", func(t *testing.T) {
		in := &cloudformation.DescribeStackEventsInput{StackName: aws.String("many"), NextToken: aws.String("invented")}
		says(t, refusal(t, c.cfn.DescribeStackEvents, in), "ValidationError", "")
	})
	t.Run("CFN-182 a resource that the stack does not have", func(t *testing.T) {
		in := &cloudformation.DescribeStackResourceInput{StackName: aws.String("many"), LogicalResourceId: aws.String("Nothing")}
		says(t, refusal(t, c.cfn.DescribeStackResource, in), "ValidationError", "Resource Nothing does not exist for stack many")
	})
	t.Run("CFN-183 the stack of a physical resource", func(t *testing.T) {
		physical := c.physical(t, "many", "Topic7")
		out := must(t, c.cfn.DescribeStackResources, &cloudformation.DescribeStackResourcesInput{PhysicalResourceId: &physical})
		same(t, "stack", *out.StackResources[0].StackName, "many")
	})
}
