package conformance_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/slipway-go/slipway/emulator"
)

const (
	allowAll   = `{"Statement": [{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}`
	denyTopic  = `{"Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "LogicalResourceId/Topic"}, {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}`
	noReplaced = `{"Statement": [{"Effect": "Allow", "Action": "Update:Modify", "Principal": "*", "Resource": "*"}]}`
)

func TestStackPolicies(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	c.create(t, "stack", resources(topicNamed("one"), "Free: {Type: AWS::SNS::Topic, Properties: {DisplayName: one}}"))
	set := func(t *testing.T, policy string) {
		t.Helper()
		must(t, c.cfn.SetStackPolicy, &cloudformation.SetStackPolicyInput{StackName: aws.String("stack"), StackPolicyBody: &policy})
	}
	set(t, denyTopic)
	t.Run("CFN-253 GetStackPolicy gives the policy as it was set", func(t *testing.T) {
		same(t, "policy", aws.ToString(must(t, c.cfn.GetStackPolicy, &cloudformation.GetStackPolicyInput{StackName: aws.String("stack")}).StackPolicyBody), denyTopic)
	})
	t.Run("CFN-254 a denied resource fails the update", func(t *testing.T) {
		must(t, c.cfn.UpdateStack, updateInput("stack", resources(topicNamed("two"), "Free: {Type: AWS::SNS::Topic, Properties: {DisplayName: one}}")))
		c.settled(t, "stack", cfntypes.StackStatusUpdateRollbackComplete)
		tells(t, c.story(t, "stack"), "Topic UPDATE_FAILED: Action denied by stack policy", "stack UPDATE_ROLLBACK_IN_PROGRESS")
	})
	t.Run("CFN-255 other resources can be updated", func(t *testing.T) {
		c.update(t, "stack", resources(topicNamed("one"), "Free: {Type: AWS::SNS::Topic, Properties: {DisplayName: two}}"))
	})
	t.Run("CFN-256 a policy for one update", func(t *testing.T) {
		in := updateInput("stack", resources(topicNamed("three"), "Free: {Type: AWS::SNS::Topic, Properties: {DisplayName: two}}"))
		in.StackPolicyDuringUpdateBody = aws.String(allowAll)
		must(t, c.cfn.UpdateStack, in)
		c.settled(t, "stack", cfntypes.StackStatusUpdateComplete)
		same(t, "policy", aws.ToString(must(t, c.cfn.GetStackPolicy, &cloudformation.GetStackPolicyInput{StackName: aws.String("stack")}).StackPolicyBody), denyTopic)
	})
	t.Run("CFN-257 what no statement allows is denied", func(t *testing.T) {
		set(t, noReplaced)
		must(t, c.cfn.UpdateStack, updateInput("stack", resources("Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: four}}", "Free: {Type: AWS::SNS::Topic, Properties: {DisplayName: two}}")))
		c.settled(t, "stack", cfntypes.StackStatusUpdateRollbackComplete)
	})
	t.Run("CFN-258 a policy that is none", func(t *testing.T) {
		in := &cloudformation.SetStackPolicyInput{StackName: aws.String("stack"), StackPolicyBody: aws.String(`{"Statement": [{"Effect": "Maybe"}]}`)}
		says(t, refusal(t, c.cfn.SetStackPolicy, in), "ValidationError", "Error validating stack policy: Invalid stack policy")
	})
	t.Run("CFN-259 a stack policy does not keep a stack from being deleted", func(t *testing.T) {
		c.delete(t, "stack")
	})
}

func TestOperations(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	created := must(t, c.cfn.CreateStack, createInput("stack", resources(topicNamed("one"))))
	c.settled(t, "stack", cfntypes.StackStatusCreateComplete)
	updated := must(t, c.cfn.UpdateStack, updateInput("stack", failing))
	c.settled(t, "stack", cfntypes.StackStatusUpdateRollbackComplete)
	events := func(t *testing.T, in *cloudformation.DescribeEventsInput) []cfntypes.OperationEvent {
		t.Helper()
		return must(t, c.cfn.DescribeEvents, in).OperationEvents
	}
	t.Run("CFN-260 operations have ids of their own", func(t *testing.T) {
		same(t, "ids", aws.ToString(created.OperationId) != "" && aws.ToString(created.OperationId) != aws.ToString(updated.OperationId), true)
	})
	t.Run("CFN-261 DescribeEvents of an operation", func(t *testing.T) {
		found := events(t, &cloudformation.DescribeEventsInput{OperationId: created.OperationId})
		same(t, "events", len(found) > 0, true)
		for _, e := range found {
			same(t, "operation", aws.ToString(e.OperationId), aws.ToString(created.OperationId))
			same(t, "type", e.OperationType, cfntypes.OperationTypeCreateStack)
		}
	})
	t.Run("CFN-262 a rollback is an operation of its own", func(t *testing.T) {
		var types []string
		for _, o := range c.stack(t, "stack").LastOperations {
			types = append(types, string(o.OperationType))
		}
		same(t, "operations", strings.Join(types, " "), "ROLLBACK UPDATE_STACK")
	})
	t.Run("CFN-263 FailedEvents shows failures only", func(t *testing.T) {
		found := events(t, &cloudformation.DescribeEventsInput{OperationId: updated.OperationId, Filters: &cfntypes.EventFilter{FailedEvents: aws.Bool(true)}})
		var failed []string
		for _, e := range found {
			failed = append(failed, aws.ToString(e.LogicalResourceId))
		}
		same(t, "the group", strings.Contains(strings.Join(failed, " "), "Group"), true)
		same(t, "the topic", strings.Contains(strings.Join(failed, " "), "Topic"), false)
	})
	t.Run("CFN-264 the token of an update again is the same update", func(t *testing.T) {
		in := updateInput("stack", resources(topicNamed("two")))
		in.ClientRequestToken = aws.String("token-2")
		first := must(t, c.cfn.UpdateStack, in)
		same(t, "operation", aws.ToString(must(t, c.cfn.UpdateStack, in).OperationId), aws.ToString(first.OperationId))
		c.settled(t, "stack", cfntypes.StackStatusUpdateComplete)
	})
	t.Run("CFN-311 the token of another kind of operation", func(t *testing.T) {
		token := aws.String("token-2")
		in := &cloudformation.DeleteStackInput{StackName: aws.String("stack"), ClientRequestToken: token}
		says(t, refusal(t, c.cfn.DeleteStack, in), "TokenAlreadyExistsException", "token-2")
		create := createInput("tokened", resources(topic))
		create.ClientRequestToken = token
		must(t, c.cfn.CreateStack, create)
		c.settled(t, "tokened", cfntypes.StackStatusCreateComplete)
		update := updateInput("tokened", resources(topicNamed("two")))
		update.ClientRequestToken = token
		says(t, refusal(t, c.cfn.UpdateStack, update), "TokenAlreadyExistsException", "token-2")
		c.changeSet(t, "tokened", "cs", resources(topicNamed("two")))
		execute := &cloudformation.ExecuteChangeSetInput{StackName: aws.String("tokened"), ChangeSetName: aws.String("cs"), ClientRequestToken: token}
		says(t, refusal(t, c.cfn.ExecuteChangeSet, execute), "TokenAlreadyExistsException", "token-2")
	})
}

func TestExpress(t *testing.T) {
	t.Parallel()
	c := start(t, 100)
	express := &cfntypes.DeploymentConfig{Mode: cfntypes.DeploymentConfigModeExpress}
	c.SetImage("app:missing", emulator.Conduct{Missing: true})
	t.Run("CFN-265 EXPRESS does not wait for a service to be steady", func(t *testing.T) {
		in := createInput("express", serviceStack)
		in.Parameters, in.DeploymentConfig = []cfntypes.Parameter{parameter("Image", "app:missing")}, express
		must(t, c.cfn.CreateStack, in)
		c.settled(t, "express", cfntypes.StackStatusCreateComplete)
		same(t, "running", c.live(t, "express").RunningCount, 0)
	})
	t.Run("CFN-266 EXPRESS does not roll back by default", func(t *testing.T) {
		c.create(t, "left", resources(topicNamed("one")))
		in := updateInput("left", failing)
		in.DeploymentConfig = express
		must(t, c.cfn.UpdateStack, in)
		c.settled(t, "left", cfntypes.StackStatusUpdateFailed)
	})
}
