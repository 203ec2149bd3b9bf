package conformance_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// failing is a template whose group cannot be made, after its topic was.
var failing = resources(topic, "Group: "+refusedGroup+", DependsOn: Topic}", "After: {Type: AWS::SNS::Topic, DependsOn: Group}")

func TestFailedCreation(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	t.Run("CFN-201 a failed creation is rolled back", func(t *testing.T) {
		must(t, c.cfn.CreateStack, createInput("failed", failing))
		c.settled(t, "failed", cfntypes.StackStatusRollbackComplete)
		tells(t, c.story(t, "failed"), "Group CREATE_FAILED", "failed ROLLBACK_IN_PROGRESS", "Topic DELETE_COMPLETE", "failed ROLLBACK_COMPLETE")
	})
	t.Run("CFN-202 the reason of the rollback names what failed", func(t *testing.T) {
		tells(t, c.story(t, "failed"), "failed ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [Group]. Rollback requested by user.")
	})
	t.Run("CFN-203 the reason of the failure is the handler's", func(t *testing.T) {
		tells(t, c.story(t, "failed"), `Group CREATE_FAILED: Resource handler returned message: "Health check interval must be greater than the timeout.`)
	})
	t.Run("CFN-204 what depends on the failed resource is never begun", func(t *testing.T) {
		if story := strings.Join(c.story(t, "failed"), "\n"); strings.Contains(story, "After") {
			t.Errorf("events:\n%s", story)
		}
	})
	t.Run("CFN-205 a stack in ROLLBACK_COMPLETE cannot be updated", func(t *testing.T) {
		says(t, refusal(t, c.cfn.UpdateStack, updateInput("failed", resources(topic))), "ValidationError", "is in ROLLBACK_COMPLETE state and can not be updated.")
	})
	t.Run("CFN-206 nor can a change set be made for it", func(t *testing.T) {
		says(t, refusal(t, c.cfn.CreateChangeSet, changeSetInput("failed", "cs", resources(topic))), "ValidationError", "is in ROLLBACK_COMPLETE state and can not be updated.")
	})
	t.Run("CFN-207 it can be deleted", func(t *testing.T) {
		c.delete(t, "failed")
	})
	t.Run("CFN-208 OnFailure DO_NOTHING leaves everything", func(t *testing.T) {
		in := createInput("left", failing)
		in.OnFailure = cfntypes.OnFailureDoNothing
		must(t, c.cfn.CreateStack, in)
		stack := c.settled(t, "left", cfntypes.StackStatusCreateFailed)
		same(t, "reason", strings.TrimSpace(aws.ToString(stack.StackStatusReason)), "The following resource(s) failed to create: [Group].")
		if c.physical(t, "left", "Topic") == "" {
			t.Error("the topic is gone")
		}
	})
	t.Run("CFN-209 OnFailure DELETE deletes the stack", func(t *testing.T) {
		in := createInput("deleted", failing)
		in.OnFailure = cfntypes.OnFailureDelete
		id := *must(t, c.cfn.CreateStack, in).StackId
		c.settled(t, id, cfntypes.StackStatusDeleteComplete)
		tells(t, c.story(t, id), "deleted DELETE_IN_PROGRESS: The following resource(s) failed to create: [Group]. Delete requested by user.")
	})
	t.Run("CFN-210 DisableRollback is DO_NOTHING", func(t *testing.T) {
		in := createInput("kept", failing)
		in.DisableRollback = aws.Bool(true)
		must(t, c.cfn.CreateStack, in)
		c.settled(t, "kept", cfntypes.StackStatusCreateFailed)
		same(t, "DisableRollback", *c.stack(t, "kept").DisableRollback, true)
	})
	t.Run("CFN-211 DisableRollback and OnFailure exclude each other", func(t *testing.T) {
		in := createInput("both", failing)
		in.DisableRollback, in.OnFailure = aws.Bool(true), cfntypes.OnFailureDelete
		says(t, refusal(t, c.cfn.CreateStack, in), "ValidationError", "Either DisableRollback or OnFailure can be specified, not both.")
	})
	t.Run("CFN-212 DeletionPolicy Retain outlives the rollback of its creation", func(t *testing.T) {
		must(t, c.cfn.CreateStack, createInput("retained", strings.Replace(failing, "Type: AWS::SNS::Topic", "DeletionPolicy: Retain, Type: AWS::SNS::Topic", 1)))
		c.settled(t, "retained", cfntypes.StackStatusRollbackComplete)
		tells(t, c.story(t, "retained"), "retained ROLLBACK_IN_PROGRESS", "Topic DELETE_SKIPPED")
	})
	t.Run("CFN-213 RetainExceptOnCreate does not", func(t *testing.T) {
		must(t, c.cfn.CreateStack, createInput("policy", strings.Replace(failing, "Type: AWS::SNS::Topic", "DeletionPolicy: RetainExceptOnCreate, Type: AWS::SNS::Topic", 1)))
		c.settled(t, "policy", cfntypes.StackStatusRollbackComplete)
		tells(t, c.story(t, "policy"), "policy ROLLBACK_IN_PROGRESS", "Topic DELETE_COMPLETE")
	})
	t.Run("CFN-214 nor does Retain with the request's RetainExceptOnCreate", func(t *testing.T) {
		in := createInput("request", strings.Replace(failing, "Type: AWS::SNS::Topic", "DeletionPolicy: Retain, Type: AWS::SNS::Topic", 1))
		in.RetainExceptOnCreate = aws.Bool(true)
		must(t, c.cfn.CreateStack, in)
		c.settled(t, "request", cfntypes.StackStatusRollbackComplete)
		tells(t, c.story(t, "request"), "request ROLLBACK_IN_PROGRESS", "Topic DELETE_COMPLETE")
	})
	t.Run("CFN-215 what was being made when another failed is cancelled", func(t *testing.T) {
		c := start(t, 30) // the load balancer takes two seconds, the chain before the group a fifth of one
		body := resources("Slow: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: [a, b]}}",
			topic, "Second: {Type: AWS::SNS::Topic, DependsOn: Topic}", "Third: {Type: AWS::SNS::Topic, DependsOn: Second}", "Group: "+refusedGroup+", DependsOn: Third}")
		must(t, c.cfn.CreateStack, createInput("cancelled", body))
		c.settled(t, "cancelled", cfntypes.StackStatusRollbackComplete)
		tells(t, c.story(t, "cancelled"), "Slow CREATE_FAILED: Resource creation cancelled")
	})
	t.Run("CFN-216 a creation that takes longer than TimeoutInMinutes fails", func(t *testing.T) {
		body := resources("One: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: [a, b]}}",
			"Two: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, DependsOn: One, Properties: {Subnets: [a, b]}}")
		in := createInput("timeout", body)
		in.TimeoutInMinutes = aws.Int32(1)
		must(t, c.cfn.CreateStack, in)
		c.settled(t, "timeout", cfntypes.StackStatusRollbackComplete)
		begun := map[cfntypes.ResourceStatus]time.Time{}
		for _, e := range c.events(t, "timeout") {
			if *e.LogicalResourceId == "timeout" {
				begun[e.ResourceStatus] = *e.Timestamp
			}
		}
		if took := begun[cfntypes.ResourceStatusRollbackInProgress].Sub(begun[cfntypes.ResourceStatusCreateInProgress]); took < time.Minute {
			t.Errorf("given up after %v", took)
		}
	})
}

func TestFailedUpdate(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	const before = "Parameters: {P: {Type: String, Default: one}}\nResources:\n  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref P}}\n  Named: {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub 'x-${P}'}}\nOutputs: {P: {Value: !Ref P}}\n"
	after := strings.Replace(before, "Outputs:", "  Group: "+refusedGroup+", DependsOn: [Topic, Named]}\nOutputs:", 1)
	c.create(t, "stack", before)
	topic, named := c.physical(t, "stack", "Topic"), c.physical(t, "stack", "Named")
	in := updateInput("stack", after)
	in.Parameters = []cfntypes.Parameter{parameter("P", "two")}
	must(t, c.cfn.UpdateStack, in)
	c.settled(t, "stack", cfntypes.StackStatusUpdateRollbackComplete)

	t.Run("CFN-217 a failed update is rolled back, step by step", func(t *testing.T) {
		tells(t, c.story(t, "stack"), "stack UPDATE_IN_PROGRESS: User Initiated", "Group CREATE_FAILED",
			"stack UPDATE_ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [Group].",
			"Topic UPDATE_COMPLETE", "stack UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "stack UPDATE_ROLLBACK_COMPLETE")
	})
	t.Run("CFN-218 a replaced resource gets its old physical id back", func(t *testing.T) {
		same(t, "Named", c.physical(t, "stack", "Named"), named)
		same(t, "Topic", c.physical(t, "stack", "Topic"), topic)
	})
	t.Run("CFN-219 what the update has made goes in the clean-up", func(t *testing.T) {
		tells(t, c.story(t, "stack"), "stack UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "Named DELETE_COMPLETE", "stack UPDATE_ROLLBACK_COMPLETE")
		tells(t, c.story(t, "stack"), "stack UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "Group DELETE_COMPLETE", "stack UPDATE_ROLLBACK_COMPLETE")
	})
	t.Run("CFN-220 parameters, outputs and template are the former ones", func(t *testing.T) {
		same(t, "P", parameters(c.stack(t, "stack"))["P"], "one")
		same(t, "output", outputs(c.stack(t, "stack"))["P"], "one")
		same(t, "template", *must(t, c.cfn.GetTemplate, &cloudformation.GetTemplateInput{StackName: aws.String("stack")}).TemplateBody, before)
	})
	t.Run("CFN-221 UsePreviousValue means the value before the failed update", func(t *testing.T) {
		stack := c.update(t, "stack", strings.Replace(before, "Outputs:", "  Third: {Type: AWS::SNS::Topic}\nOutputs:", 1), previous("P"))
		same(t, "P", parameters(stack)["P"], "one")
	})
	t.Run("CFN-222 DisableRollback leaves a failed update in UPDATE_FAILED", func(t *testing.T) {
		c.create(t, "paused", resources(topicNamed("one")))
		in := updateInput("paused", resources(topicNamed("two"), "Group: "+refusedGroup+", DependsOn: Topic}"))
		in.DisableRollback = aws.Bool(true)
		must(t, c.cfn.UpdateStack, in)
		c.settled(t, "paused", cfntypes.StackStatusUpdateFailed)
		tells(t, c.story(t, "paused"), "Topic UPDATE_COMPLETE", "Group CREATE_FAILED", "paused UPDATE_FAILED: The following resource(s) failed to create: [Group].")
	})
	t.Run("CFN-223 an update goes on from UPDATE_FAILED only without rollback", func(t *testing.T) {
		in := updateInput("paused", resources(topicNamed("two"), "Group: {Type: AWS::SNS::Topic}"))
		says(t, refusal(t, c.cfn.UpdateStack, in), "ValidationError", "This stack is currently in a non-terminal [UPDATE_FAILED] state.")
	})
	t.Run("CFN-224 a replacement fails with DisableRollback", func(t *testing.T) {
		c.create(t, "named", resources("Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: one}}"))
		in := updateInput("named", resources("Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: two}}"))
		in.DisableRollback = aws.Bool(true)
		must(t, c.cfn.UpdateStack, in)
		c.settled(t, "named", cfntypes.StackStatusUpdateFailed)
		tells(t, c.story(t, "named"), "Topic UPDATE_FAILED: Replacement type updates not supported on stack with disable-rollback.")
	})
	t.Run("CFN-234 RollbackStack goes back from UPDATE_FAILED", func(t *testing.T) {
		must(t, c.cfn.RollbackStack, &cloudformation.RollbackStackInput{StackName: aws.String("named")})
		c.settled(t, "named", cfntypes.StackStatusUpdateRollbackComplete)
	})
	t.Run("CFN-235 an update with DisableRollback goes on from UPDATE_FAILED", func(t *testing.T) {
		in := updateInput("paused", resources(topicNamed("two"), "Another: {Type: AWS::SNS::Topic}"))
		in.DisableRollback = aws.Bool(true)
		must(t, c.cfn.UpdateStack, in)
		c.settled(t, "paused", cfntypes.StackStatusUpdateComplete)
	})
	t.Run("CFN-302 a rollback goes the way of the update", func(t *testing.T) {
		chain := func(display string, more ...string) string {
			return resources(append([]string{topicNamed(display),
				"Second: {Type: AWS::SNS::Topic, DependsOn: Topic, Properties: {DisplayName: " + display + "}}",
				"Third: {Type: AWS::SNS::Topic, DependsOn: Second, Properties: {DisplayName: " + display + "}}"}, more...)...)
		}
		c.create(t, "chain", chain("one"))
		must(t, c.cfn.UpdateStack, updateInput("chain", chain("two", "Group: "+refusedGroup+", DependsOn: Third}")))
		c.settled(t, "chain", cfntypes.StackStatusUpdateRollbackComplete)
		tells(t, c.story(t, "chain"), "chain UPDATE_ROLLBACK_IN_PROGRESS", "Topic UPDATE_IN_PROGRESS", "Topic UPDATE_COMPLETE",
			"Second UPDATE_IN_PROGRESS", "Second UPDATE_COMPLETE", "Third UPDATE_IN_PROGRESS", "Third UPDATE_COMPLETE", "chain UPDATE_ROLLBACK_COMPLETE")
	})
	t.Run("CFN-225 after a rollback, the stack can be updated", func(t *testing.T) {
		c.create(t, "again", resources(topicNamed("one")))
		must(t, c.cfn.UpdateStack, updateInput("again", failing))
		c.settled(t, "again", cfntypes.StackStatusUpdateRollbackComplete)
		c.update(t, "again", resources(topicNamed("two")))
	})
}

func topicNamed(display string) string {
	return "Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: " + display + "}}"
}

func TestCancelledUpdate(t *testing.T) {
	t.Parallel()
	c := start(t, 20) // slow enough to cancel in time on a busy machine
	c.create(t, "stack", resources(topicNamed("one")))
	t.Run("CFN-226 only an update that is under way can be cancelled", func(t *testing.T) {
		says(t, refusal(t, c.cfn.CancelUpdateStack, &cloudformation.CancelUpdateStackInput{StackName: aws.String("stack")}), "ValidationError", "CancelUpdateStack cannot be called from current stack status")
	})
	must(t, c.cfn.UpdateStack, updateInput("stack", resources(topicNamed("two"), "Slow: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, DependsOn: Topic, Properties: {Subnets: [a, b]}}")))
	c.wait(t, "the load balancer to be begun", func() bool {
		return strings.Contains(strings.Join(c.story(t, "stack"), "\n"), "Slow CREATE_IN_PROGRESS")
	})
	cancel := &cloudformation.CancelUpdateStackInput{StackName: aws.String("stack"), ClientRequestToken: aws.String("enough")}
	must(t, c.cfn.CancelUpdateStack, cancel)
	must(t, c.cfn.CancelUpdateStack, cancel)
	c.settled(t, "stack", cfntypes.StackStatusUpdateRollbackComplete)
	t.Run("CFN-310 the same token again is the same request", func(t *testing.T) {
		must(t, c.cfn.CancelUpdateStack, cancel) // as it was while the rollback ran
		other := *cancel
		other.ClientRequestToken = aws.String("another")
		says(t, refusal(t, c.cfn.CancelUpdateStack, &other), "ValidationError", "CancelUpdateStack cannot be called from current stack status")
	})
	t.Run("CFN-227 a cancelled update is rolled back", func(t *testing.T) {
		tells(t, c.story(t, "stack"), "stack UPDATE_ROLLBACK_IN_PROGRESS: User Initiated", "Topic UPDATE_COMPLETE", "stack UPDATE_ROLLBACK_COMPLETE")
	})
	t.Run("CFN-228 what was under way is cancelled", func(t *testing.T) {
		tells(t, c.story(t, "stack"), "Slow CREATE_FAILED: Resource creation cancelled")
	})
}

func TestFailedDeletion(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	// A load balancer with deletion protection cannot be deleted.
	protected := resources(topic, "Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, DependsOn: Topic, Properties: {Subnets: [a, b], LoadBalancerAttributes: [{Key: deletion_protection.enabled, Value: 'true'}]}}")
	c.create(t, "stack", protected)
	balancer := c.physical(t, "stack", "Balancer")
	t.Run("CFN-229 RetainResources is for stacks in DELETE_FAILED", func(t *testing.T) {
		in := &cloudformation.DeleteStackInput{StackName: aws.String("stack"), RetainResources: []string{"Balancer"}}
		says(t, refusal(t, c.cfn.DeleteStack, in), "ValidationError", "DELETE_FAILED")
	})
	t.Run("CFN-230 a resource that cannot be deleted fails the deletion", func(t *testing.T) {
		must(t, c.cfn.DeleteStack, &cloudformation.DeleteStackInput{StackName: aws.String("stack")})
		stack := c.settled(t, "stack", cfntypes.StackStatusDeleteFailed)
		same(t, "reason", strings.TrimSpace(aws.ToString(stack.StackStatusReason)), "The following resource(s) failed to delete: [Balancer].")
	})
	t.Run("CFN-231 a stack in DELETE_FAILED cannot be updated", func(t *testing.T) {
		says(t, refusal(t, c.cfn.UpdateStack, updateInput("stack", resources(topic))), "ValidationError", "is in DELETE_FAILED state and can not be updated.")
	})
	t.Run("CFN-232 RetainResources leaves the resource behind", func(t *testing.T) {
		id := *c.stack(t, "stack").StackId
		must(t, c.cfn.DeleteStack, &cloudformation.DeleteStackInput{StackName: aws.String("stack"), RetainResources: []string{"Balancer"}})
		c.settled(t, id, cfntypes.StackStatusDeleteComplete)
		tells(t, c.story(t, id), "Balancer DELETE_SKIPPED", "stack DELETE_COMPLETE")
		same(t, "load balancers", *c.balancers(t)[0].LoadBalancerArn, balancer)
	})
	t.Run("CFN-233 FORCE_DELETE_STACK leaves behind what cannot be deleted", func(t *testing.T) {
		c.create(t, "forced", protected)
		id := *c.stack(t, "forced").StackId
		force := &cloudformation.DeleteStackInput{StackName: aws.String("forced"), DeletionMode: cfntypes.DeletionModeForceDeleteStack}
		says(t, refusal(t, c.cfn.DeleteStack, force), "ValidationError", "DELETE_FAILED")
		must(t, c.cfn.DeleteStack, &cloudformation.DeleteStackInput{StackName: aws.String("forced")})
		c.settled(t, id, cfntypes.StackStatusDeleteFailed)
		must(t, c.cfn.DeleteStack, force)
		c.settled(t, id, cfntypes.StackStatusDeleteComplete)
	})
}
