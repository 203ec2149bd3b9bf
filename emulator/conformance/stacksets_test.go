package conformance_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/slipway-go/slipway/emulator"
)

// account is the one that the emulator has.
const account = "123456789012"

// The regions in which the tests have instances; stack sets themselves are in the first.
const ireland, frankfurt = "eu-west-1", "eu-central-1"

// in is the same cloud, seen from another region.
func (c *cloud) in(region string) *cloud {
	return &cloud{
		Server: c.Server, elb: c.elb,
		cfn: cloudformation.New(c.cfn.Options(), func(o *cloudformation.Options) { o.Region = region }),
		ecs: ecs.New(c.ecs.Options(), func(o *ecs.Options) { o.Region = region }),
	}
}

// named is a template with a topic, whose name is a parameter; it cannot be made with the
// name "bad" in Frankfurt, nor with the name "worse" anywhere.
const named = `
Parameters:
  Name: {Type: String, Default: one}
  Colour: {Type: String, Default: red}
Conditions:
  Bad: !Or [!Equals [!Ref Name, worse], !And [!Equals [!Ref Name, bad], !Equals [!Ref AWS::Region, eu-central-1]]]
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Sub "${Name} ${Colour}"}}
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Condition: Bad
    Properties: {Port: 80, Protocol: HTTP, TargetType: ip, VpcId: vpc-1, HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 6}
Outputs:
  Name: {Value: !Ref Name}
`

// setOf creates a stack set with an instance in each region.
func (c *cloud) setOf(t *testing.T, name, template string, parameters []cfntypes.Parameter, regions ...string) {
	t.Helper()
	must(t, c.cfn.CreateStackSet, &cloudformation.CreateStackSetInput{StackSetName: &name, TemplateBody: &template, Parameters: parameters})
	if len(regions) == 0 {
		return
	}
	op := must(t, c.cfn.CreateStackInstances, &cloudformation.CreateStackInstancesInput{StackSetName: &name, Accounts: []string{account}, Regions: regions})
	c.ended(t, name, *op.OperationId, cfntypes.StackSetOperationStatusSucceeded)
}

// ended waits for the end of an operation on a stack set and checks how it ended.
func (c *cloud) ended(t *testing.T, set, id string, want cfntypes.StackSetOperationStatus) *cfntypes.StackSetOperation {
	t.Helper()
	var op *cfntypes.StackSetOperation
	c.wait(t, set+" to be done with "+id, func() bool {
		op = c.setOperation(t, set, id)
		return op.EndTimestamp != nil
	})
	if op.Status != want {
		t.Fatalf("operation %s of %s is %s, want %s: %q", id, set, op.Status, want, c.results(t, set, id))
	}
	return op
}

func (c *cloud) setOperation(t *testing.T, set, id string) *cfntypes.StackSetOperation {
	t.Helper()
	return must(t, c.cfn.DescribeStackSetOperation, &cloudformation.DescribeStackSetOperationInput{StackSetName: &set, OperationId: &id}).StackSetOperation
}

// results are how an operation stands: "region STATUS: reason, region STATUS".
func (c *cloud) results(t *testing.T, set, id string) string {
	t.Helper()
	var lines []string
	for _, r := range must(t, c.cfn.ListStackSetOperationResults, &cloudformation.ListStackSetOperationResultsInput{StackSetName: &set, OperationId: &id}).Summaries {
		line := *r.Region + " " + string(r.Status)
		if r.StatusReason != nil {
			line += ": " + *r.StatusReason
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, ", ")
}

func (c *cloud) instance(t *testing.T, set, region string) *cfntypes.StackInstance {
	t.Helper()
	return must(t, c.cfn.DescribeStackInstance, &cloudformation.DescribeStackInstanceInput{
		StackSetName: &set, StackInstanceAccount: aws.String(account), StackInstanceRegion: &region,
	}).StackInstance
}

// states are how the instances of a set stand: "region STATUS DETAILED_STATUS, ...".
func (c *cloud) states(t *testing.T, set string) string {
	t.Helper()
	var lines []string
	for _, s := range must(t, c.cfn.ListStackInstances, &cloudformation.ListStackInstancesInput{StackSetName: &set}).Summaries {
		lines = append(lines, *s.Region+" "+string(s.Status)+" "+string(s.StackInstanceStatus.DetailedStatus))
	}
	return strings.Join(lines, ", ")
}

// instanceStack is the stack of an instance.
func (c *cloud) instanceStack(t *testing.T, set, region string) cfntypes.Stack {
	t.Helper()
	return c.in(region).stack(t, *c.instance(t, set, region).StackId)
}

func updateSet(name string, parameters ...cfntypes.Parameter) *cloudformation.UpdateStackSetInput {
	return &cloudformation.UpdateStackSetInput{StackSetName: &name, UsePreviousTemplate: aws.Bool(true), Parameters: parameters}
}

func TestStackSets(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	topics := aws.String("topics")

	t.Run("CFN-279 CreateStackSet makes no stack", func(t *testing.T) {
		out := must(t, c.cfn.CreateStackSet, &cloudformation.CreateStackSetInput{StackSetName: topics, TemplateBody: aws.String(named)})
		same(t, *out.StackSetId, regexp.MustCompile(`^topics:[0-9a-f-]{36}$`).MatchString(*out.StackSetId), true)
		set := must(t, c.cfn.DescribeStackSet, &cloudformation.DescribeStackSetInput{StackSetName: out.StackSetId}).StackSet
		same(t, "ARN", *set.StackSetARN, "arn:aws:cloudformation:eu-west-1:123456789012:stackset/"+*out.StackSetId)
		same(t, "status", set.Status, cfntypes.StackSetStatusActive)
		same(t, "execution role", *set.ExecutionRoleName, "AWSCloudFormationStackSetExecutionRole")
		same(t, "stacks", len(must(t, c.cfn.ListStacks, &cloudformation.ListStacksInput{}).StackSummaries), 0)
	})
	t.Run("CFN-280 the name of a stack set is unique", func(t *testing.T) {
		says(t, refusal(t, c.cfn.CreateStackSet, &cloudformation.CreateStackSetInput{StackSetName: topics, TemplateBody: aws.String(named)}), "NameAlreadyExistsException", "topics already exists")
	})
	t.Run("CFN-281 a stack set that does not exist", func(t *testing.T) {
		says(t, refusal(t, c.cfn.DescribeStackSet, &cloudformation.DescribeStackSetInput{StackSetName: aws.String("gone")}), "StackSetNotFoundException", "StackSet gone not found")
	})
	t.Run("CFN-282 an instance is a stack", func(t *testing.T) {
		op := must(t, c.cfn.CreateStackInstances, &cloudformation.CreateStackInstancesInput{StackSetName: topics, Accounts: []string{account}, Regions: []string{ireland, frankfurt}})
		c.ended(t, "topics", *op.OperationId, cfntypes.StackSetOperationStatusSucceeded)
		same(t, "instances", c.states(t, "topics"), "eu-west-1 CURRENT SUCCEEDED, eu-central-1 CURRENT SUCCEEDED")
		for _, region := range []string{ireland, frankfurt} {
			stack := c.instanceStack(t, "topics", region)
			same(t, *stack.StackName, regexp.MustCompile(`^StackSet-topics-[0-9a-f-]{36}$`).MatchString(*stack.StackName), true)
			same(t, "status", stack.StackStatus, cfntypes.StackStatusCreateComplete)
			same(t, "region", strings.Split(*stack.StackId, ":")[3], region)
		}
	})
	override := func(t *testing.T, region string, overrides ...cfntypes.Parameter) {
		t.Helper()
		op := must(t, c.cfn.UpdateStackInstances, &cloudformation.UpdateStackInstancesInput{
			StackSetName: topics, Accounts: []string{account}, Regions: []string{region}, ParameterOverrides: overrides,
		})
		c.ended(t, "topics", *op.OperationId, cfntypes.StackSetOperationStatusSucceeded)
	}
	valuesIn := func(t *testing.T, region string) string {
		t.Helper()
		values := parameters(c.instanceStack(t, "topics", region))
		return values["Name"] + " " + values["Colour"]
	}
	t.Run("CFN-283 overrides win over the values of the set", func(t *testing.T) {
		override(t, frankfurt, parameter("Name", "two"), parameter("Colour", "blue"))
		same(t, "values in Frankfurt", valuesIn(t, frankfurt), "two blue")
		same(t, "values in Ireland", valuesIn(t, ireland), "one red")
		same(t, "overrides", len(c.instance(t, "topics", frankfurt).ParameterOverrides), 2)
	})
	t.Run("CFN-284 an update of the set leaves overrides", func(t *testing.T) {
		op := must(t, c.cfn.UpdateStackSet, updateSet("topics", parameter("Name", "three"), parameter("Colour", "green")))
		c.ended(t, "topics", *op.OperationId, cfntypes.StackSetOperationStatusSucceeded)
		same(t, "values in Frankfurt", valuesIn(t, frankfurt), "two blue")
		same(t, "values in Ireland", valuesIn(t, ireland), "three green")
	})
	t.Run("CFN-285 a list of overrides replaces the former one", func(t *testing.T) {
		override(t, frankfurt, previous("Name"))
		same(t, "values in Frankfurt", valuesIn(t, frankfurt), "two green")
		says(t, refusal(t, c.cfn.UpdateStackInstances, &cloudformation.UpdateStackInstancesInput{
			StackSetName: topics, Accounts: []string{account}, Regions: []string{frankfurt}, ParameterOverrides: []cfntypes.Parameter{parameter("Size", "1")},
		}), "ValidationError", "Parameters: [Size] do not exist in the template")
	})

	repeated := updateSet("topics", parameter("Name", "four"), previous("Colour"))
	repeated.OperationId = aws.String("deploy-4")
	t.Run("CFN-286 the same OperationId and request again begin nothing", func(t *testing.T) {
		for range 2 {
			same(t, "operation", *must(t, c.cfn.UpdateStackSet, repeated).OperationId, "deploy-4")
		}
		c.ended(t, "topics", "deploy-4", cfntypes.StackSetOperationStatusSucceeded)
		same(t, "operation", *must(t, c.cfn.UpdateStackSet, repeated).OperationId, "deploy-4")
		count := 0
		for _, op := range must(t, c.cfn.ListStackSetOperations, &cloudformation.ListStackSetOperationsInput{StackSetName: topics}).Summaries {
			if *op.OperationId == "deploy-4" {
				count++
			}
		}
		same(t, "operations", count, 1)
	})
	t.Run("CFN-287 an OperationId of another request is refused", func(t *testing.T) {
		other := updateSet("topics", parameter("Name", "five"))
		other.OperationId = aws.String("deploy-4")
		says(t, refusal(t, c.cfn.UpdateStackSet, other), "OperationIdAlreadyExistsException", "")
	})

	t.Run("CFN-290 a set with instances cannot be deleted", func(t *testing.T) {
		says(t, refusal(t, c.cfn.DeleteStackSet, &cloudformation.DeleteStackSetInput{StackSetName: topics}), "StackSetNotEmptyException", "StackSet is not empty")
	})
	remove := func(t *testing.T, retain bool, regions []string, want cfntypes.StackSetOperationStatus) {
		t.Helper()
		op := must(t, c.cfn.DeleteStackInstances, &cloudformation.DeleteStackInstancesInput{
			StackSetName: topics, Accounts: []string{account}, Regions: regions, RetainStacks: &retain,
		})
		c.ended(t, "topics", *op.OperationId, want)
	}
	retained := *c.instance(t, "topics", ireland).StackId
	t.Run("CFN-291 RetainStacks leaves the stack", func(t *testing.T) {
		remove(t, true, []string{ireland}, cfntypes.StackSetOperationStatusSucceeded)
		same(t, "instances", c.states(t, "topics"), "eu-central-1 CURRENT SUCCEEDED")
		same(t, "the stack", c.stack(t, retained).StackStatus, cfntypes.StackStatusUpdateComplete)
	})
	stack := *c.instance(t, "topics", frankfurt).StackId
	t.Run("CFN-293 an instance that cannot be deleted is INOPERABLE, and excluded from updates", func(t *testing.T) {
		there := c.in(frankfurt)
		protect := func(yes bool) {
			must(t, there.cfn.UpdateTerminationProtection, &cloudformation.UpdateTerminationProtectionInput{StackName: &stack, EnableTerminationProtection: &yes})
		}
		protect(true)
		remove(t, false, []string{frankfurt}, cfntypes.StackSetOperationStatusFailed)
		same(t, "instances", c.states(t, "topics"), "eu-central-1 INOPERABLE INOPERABLE")
		op := must(t, c.cfn.UpdateStackSet, updateSet("topics", parameter("Name", "six")))
		c.ended(t, "topics", *op.OperationId, cfntypes.StackSetOperationStatusSucceeded)
		same(t, "results", c.results(t, "topics", *op.OperationId), "")
		protect(false)
	})
	t.Run("CFN-292 without instances the set can be deleted", func(t *testing.T) {
		remove(t, false, []string{frankfurt, "us-east-1"}, cfntypes.StackSetOperationStatusSucceeded)
		same(t, "the stack", c.in(frankfurt).stack(t, stack).StackStatus, cfntypes.StackStatusDeleteComplete)
		must(t, c.cfn.DeleteStackSet, &cloudformation.DeleteStackSetInput{StackSetName: topics})
		listed := must(t, c.cfn.ListStackSets, &cloudformation.ListStackSetsInput{Status: cfntypes.StackSetStatusActive}).Summaries
		same(t, "active sets", len(listed), 0)
	})
}

func TestStackSetFailures(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	c.setOf(t, "topics", named, nil, ireland, frankfurt, "eu-north-1")
	update := func(t *testing.T, preferences *cfntypes.StackSetOperationPreferences, want cfntypes.StackSetOperationStatus, values ...cfntypes.Parameter) *cfntypes.StackSetOperation {
		t.Helper()
		in := updateSet("topics", values...)
		in.OperationPreferences = preferences
		return c.ended(t, "topics", *must(t, c.cfn.UpdateStackSet, in).OperationId, want)
	}
	order := []string{"eu-north-1", frankfurt, ireland}
	const reason = ": ResourceLogicalId:Group, ResourceType:AWS::ElasticLoadBalancingV2::TargetGroup, ResourceStatusReason:"

	t.Run("CFN-295 without tolerance an operation stops at the first region that fails", func(t *testing.T) {
		op := update(t, &cfntypes.StackSetOperationPreferences{RegionOrder: order}, cfntypes.StackSetOperationStatusFailed, parameter("Name", "bad"))
		results := strings.Split(c.results(t, "topics", *op.OperationId), ", eu-")
		same(t, "first", results[0], "eu-north-1 SUCCEEDED")
		same(t, results[1], strings.HasPrefix(results[1], "central-1 FAILED"+reason), true)
		same(t, "last", results[2], "west-1 CANCELLED: Cancelled since failure tolerance has exceeded")
		same(t, "instances", c.states(t, "topics"), "eu-west-1 OUTDATED CANCELLED, eu-central-1 OUTDATED FAILED, eu-north-1 CURRENT SUCCEEDED")
		same(t, "stack in Frankfurt", c.instanceStack(t, "topics", frankfurt).StackStatus, cfntypes.StackStatusUpdateRollbackComplete)
		same(t, "stack in Ireland", parameters(c.instanceStack(t, "topics", ireland))["Name"], "one")
	})
	t.Run("CFN-296 within the tolerance an operation goes on and succeeds", func(t *testing.T) {
		op := update(t, &cfntypes.StackSetOperationPreferences{RegionOrder: order, FailureToleranceCount: aws.Int32(1)}, cfntypes.StackSetOperationStatusSucceeded, parameter("Name", "bad"))
		same(t, "failed instances", *op.StatusDetails.FailedStackInstancesCount, 1)
		same(t, "instances", c.states(t, "topics"), "eu-west-1 CURRENT SUCCEEDED, eu-central-1 OUTDATED FAILED, eu-north-1 CURRENT SUCCEEDED")
		same(t, "stack in Ireland", parameters(c.instanceStack(t, "topics", ireland))["Name"], "bad")
	})
	t.Run("CFN-297 the set stays changed, and outdated instances can be tried again", func(t *testing.T) {
		set := must(t, c.cfn.DescribeStackSet, &cloudformation.DescribeStackSetInput{StackSetName: aws.String("topics")}).StackSet
		same(t, "value of the set", parameters(cfntypes.Stack{Parameters: set.Parameters})["Name"], "bad")
		op := must(t, c.cfn.UpdateStackInstances, &cloudformation.UpdateStackInstancesInput{
			StackSetName: aws.String("topics"), Accounts: []string{account}, Regions: []string{frankfurt}, ParameterOverrides: []cfntypes.Parameter{parameter("Name", "good")},
		})
		c.ended(t, "topics", *op.OperationId, cfntypes.StackSetOperationStatusSucceeded)
		same(t, "instances", c.states(t, "topics"), "eu-west-1 CURRENT SUCCEEDED, eu-central-1 CURRENT SUCCEEDED, eu-north-1 CURRENT SUCCEEDED")
	})
	t.Run("CFN-298 an update of some regions leaves the others OUTDATED", func(t *testing.T) {
		in := updateSet("topics", parameter("Name", "seven"))
		in.Accounts, in.Regions = []string{account}, []string{ireland}
		c.ended(t, "topics", *must(t, c.cfn.UpdateStackSet, in).OperationId, cfntypes.StackSetOperationStatusSucceeded)
		same(t, "instances", c.states(t, "topics"), "eu-west-1 CURRENT SUCCEEDED, eu-central-1 OUTDATED PENDING, eu-north-1 OUTDATED PENDING")
		in.Regions, in.OperationId = []string{"us-east-1"}, nil
		says(t, refusal(t, c.cfn.UpdateStackSet, in), "StackInstanceNotFoundException", "us-east-1")
	})
	t.Run("CFN-300 an instance whose creation fails has no stack", func(t *testing.T) {
		c.setOf(t, "worse", named, []cfntypes.Parameter{parameter("Name", "worse")})
		op := must(t, c.cfn.CreateStackInstances, &cloudformation.CreateStackInstancesInput{StackSetName: aws.String("worse"), Accounts: []string{account}, Regions: []string{ireland}})
		c.ended(t, "worse", *op.OperationId, cfntypes.StackSetOperationStatusFailed)
		same(t, "instances", c.states(t, "worse"), "eu-west-1 OUTDATED FAILED")
		same(t, "stack", c.instanceStack(t, "worse", ireland).StackStatus, cfntypes.StackStatusDeleteComplete)
		again := must(t, c.cfn.UpdateStackSet, updateSet("worse", parameter("Name", "better")))
		c.ended(t, "worse", *again.OperationId, cfntypes.StackSetOperationStatusSucceeded)
		same(t, "stack", c.instanceStack(t, "worse", ireland).StackStatus, cfntypes.StackStatusCreateComplete)
	})
}

func TestStackSetRollout(t *testing.T) {
	t.Parallel()
	c := start(t, 100)
	c.SetImage("app:endless", emulator.Conduct{PullTime: 1000 * time.Hour})
	c.setOf(t, "web", serviceStack, []cfntypes.Parameter{parameter("Image", "app:v1")}, ireland, frankfurt)
	images := func(t *testing.T) string {
		t.Helper()
		var found []string
		for _, region := range []string{ireland, frankfurt} {
			live := c.in(region).live(t, *c.instance(t, "web", region).StackId)
			definition := must(t, c.in(region).ecs.DescribeTaskDefinition, &ecs.DescribeTaskDefinitionInput{TaskDefinition: live.TaskDefinition})
			found = append(found, *definition.TaskDefinition.ContainerDefinitions[0].Image)
		}
		return strings.Join(found, " ")
	}
	t.Run("CFN-294 a new image in all regions, with the previous template", func(t *testing.T) {
		op := must(t, c.cfn.UpdateStackSet, updateSet("web", parameter("Image", "app:v2")))
		c.ended(t, "web", *op.OperationId, cfntypes.StackSetOperationStatusSucceeded)
		same(t, "results", c.results(t, "web", *op.OperationId), "eu-central-1 SUCCEEDED, eu-west-1 SUCCEEDED")
		same(t, "images", images(t), "app:v2 app:v2")
		tells(t, c.story(t, *c.instance(t, "web", ireland).StackId), "TaskDefinition UPDATE_COMPLETE", "Service UPDATE_COMPLETE")
	})

	endless := updateSet("web", parameter("Image", "app:endless"))
	endless.OperationPreferences = &cfntypes.StackSetOperationPreferences{RegionOrder: []string{ireland, frankfurt}}
	// giveUp ends the update of the stack in Ireland, which would not end by itself.
	giveUp := func(t *testing.T) {
		t.Helper()
		stack := c.instance(t, "web", ireland).StackId
		c.wait(t, "the update in Ireland", func() bool { return c.stack(t, *stack).StackStatus == cfntypes.StackStatusUpdateInProgress })
		must(t, c.cfn.CancelUpdateStack, &cloudformation.CancelUpdateStackInput{StackName: stack})
	}
	first := *must(t, c.cfn.UpdateStackSet, endless).OperationId
	t.Run("CFN-288 a set on which an operation runs is busy", func(t *testing.T) {
		set := must(t, c.cfn.DescribeStackSet, &cloudformation.DescribeStackSetInput{StackSetName: aws.String("web")}).StackSet
		says(t, refusal(t, c.cfn.UpdateStackSet, updateSet("web", parameter("Image", "app:v3"))), "OperationInProgressException", "Another Operation on StackSet "+*set.StackSetARN+" is in progress")
		says(t, refusal(t, c.cfn.DeleteStackSet, &cloudformation.DeleteStackSetInput{StackSetName: aws.String("web")}), "OperationInProgressException", "")
	})
	t.Run("CFN-299 a stopped operation begins nothing more", func(t *testing.T) {
		must(t, c.cfn.StopStackSetOperation, &cloudformation.StopStackSetOperationInput{StackSetName: aws.String("web"), OperationId: &first})
		same(t, "status", c.setOperation(t, "web", first).Status, cfntypes.StackSetOperationStatusStopping)
		giveUp(t)
		c.ended(t, "web", first, cfntypes.StackSetOperationStatusStopped)
		same(t, "instances", c.states(t, "web"), "eu-west-1 OUTDATED FAILED, eu-central-1 OUTDATED CANCELLED")
		same(t, "images", images(t), "app:v2 app:v2")
		says(t, refusal(t, c.cfn.StopStackSetOperation, &cloudformation.StopStackSetOperationInput{StackSetName: aws.String("web"), OperationId: &first}), "InvalidOperationException", "")
	})
	t.Run("CFN-289 with managed execution operations wait for each other", func(t *testing.T) {
		endless.ManagedExecution, endless.OperationId = &cfntypes.ManagedExecution{Active: aws.Bool(true)}, nil
		first := *must(t, c.cfn.UpdateStackSet, endless).OperationId
		second := *must(t, c.cfn.UpdateStackSet, updateSet("web", parameter("Image", "app:v3"))).OperationId
		same(t, "status", c.setOperation(t, "web", second).Status, cfntypes.StackSetOperationStatusQueued)
		giveUp(t)
		c.ended(t, "web", first, cfntypes.StackSetOperationStatusFailed)
		c.ended(t, "web", second, cfntypes.StackSetOperationStatusSucceeded)
		same(t, "images", images(t), "app:v3 app:v3")
	})
}
