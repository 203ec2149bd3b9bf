package deploy

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
)

const (
	testStackID = "arn:aws:cloudformation:eu-west-1:123456789012:stack/web/1"
	testSetID   = "arn:aws:cloudformation:eu-west-1:123456789012:changeSet/slipway-x/1"
	oldImage    = "acme/web:v1"
	newImage    = "acme/web:v2"
	oldTaskDef  = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1"
	serviceARN  = "arn:aws:ecs:eu-west-1:123456789012:service/main/web"
)

// taskDefinitionContext is a task definition as a change set tells it: the second
// container is fed by the parameter, the first is a sidecar.
func taskDefinitionContext(image string) string {
	return `{"Properties":{"Family":"web","Cpu":"256","Memory":"512","ContainerDefinitions":[` +
		`{"Name":"proxy","Image":"envoy:1","Essential":"true"},` +
		`{"Name":"web","Image":"` + image + `","Environment":[{"Name":"A","Value":"1"}],"PortMappings":[{"ContainerPort":"80"}]}],` +
		`"Volumes":[],"Tags":null},"UpdateReplacePolicy":"Retain"}`
}

func serviceContext(taskDefinition string) string {
	return `{"Properties":{"Cluster":"main","DesiredCount":"2","TaskDefinition":"` + taskDefinition + `","LaunchType":"FARGATE"},"DependsOn":["Rule"]}`
}

// acceptable is the evidence of a change set as AWS describes it for a new image.
func acceptable() evidence {
	stack := types.Stack{
		StackId: aws.String(testStackID),
		Parameters: []types.Parameter{
			{ParameterKey: aws.String("DesiredCount"), ParameterValue: aws.String("2")},
			{ParameterKey: aws.String("ImageUrl"), ParameterValue: aws.String(oldImage)},
			{ParameterKey: aws.String("Secret"), ParameterValue: aws.String("****")},
		},
		Tags:                  []types.Tag{{Key: aws.String("team"), Value: aws.String("shop")}, {Key: aws.String("aws:servicecatalog:x"), Value: aws.String("y")}, {Key: aws.String("cost"), Value: aws.String("7")}},
		NotificationARNs:      []string{"arn:aws:sns:eu-west-1:123456789012:b", "arn:aws:sns:eu-west-1:123456789012:a"},
		RollbackConfiguration: rollbackAlarms(),
	}
	return evidence{
		detailed: []*cloudformation.DescribeChangeSetOutput{description(true)},
		plain:    []*cloudformation.DescribeChangeSetOutput{description(false)},
		stack:    stack,
		before:   oldImage,
		after:    newImage,
		physical: map[string]string{"TaskDefinition": oldTaskDef, "Service": serviceARN},
		reach: &reach{
			parameter:  "ImageUrl",
			containers: map[string][]int{"TaskDefinition": {1}},
			services:   map[string][]string{"Service": {"TaskDefinition"}},
		},
	}
}

func rollbackAlarms() *types.RollbackConfiguration {
	return &types.RollbackConfiguration{
		MonitoringTimeInMinutes: aws.Int32(5),
		RollbackTriggers: []types.RollbackTrigger{
			{Type: aws.String("AWS::CloudWatch::Alarm"), Arn: aws.String("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:errors")},
			{Type: aws.String("AWS::CloudWatch::Alarm"), Arn: aws.String("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:slow")},
		},
	}
}

func description(values bool) *cloudformation.DescribeChangeSetOutput {
	taskDefinition := types.ResourceChange{
		Action: types.ChangeActionModify, LogicalResourceId: aws.String("TaskDefinition"), PhysicalResourceId: aws.String(oldTaskDef),
		ResourceType: aws.String(typeTaskDefinition), Replacement: types.ReplacementTrue, PolicyAction: types.PolicyActionReplaceAndRetain,
		Scope: []types.ResourceAttribute{types.ResourceAttributeProperties},
		Details: []types.ResourceChangeDetail{
			{ChangeSource: types.ChangeSourceParameterReference, CausingEntity: aws.String("ImageUrl"), Evaluation: types.EvaluationTypeStatic, Target: target1("ContainerDefinitions")},
			{ChangeSource: types.ChangeSourceDirectModification, Evaluation: types.EvaluationTypeDynamic, Target: target1("ContainerDefinitions")},
		},
	}
	service := types.ResourceChange{
		Action: types.ChangeActionModify, LogicalResourceId: aws.String("Service"), PhysicalResourceId: aws.String(serviceARN),
		ResourceType: aws.String(typeService), Replacement: types.ReplacementFalse,
		Scope: []types.ResourceAttribute{types.ResourceAttributeProperties},
		Details: []types.ResourceChangeDetail{
			{ChangeSource: types.ChangeSourceResourceReference, CausingEntity: aws.String("TaskDefinition"), Evaluation: types.EvaluationTypeDynamic, Target: target1("TaskDefinition")},
		},
	}
	if values {
		taskDefinition.BeforeContext, taskDefinition.AfterContext = aws.String(taskDefinitionContext(oldImage)), aws.String(taskDefinitionContext(newImage))
		service.BeforeContext, service.AfterContext = aws.String(serviceContext(oldTaskDef)), aws.String(serviceContext(knownAfterApply))
		for i := range taskDefinition.Details {
			t := taskDefinition.Details[i].Target
			t.Path, t.BeforeValue, t.AfterValue = aws.String("/Properties/ContainerDefinitions/1/Image"), aws.String(oldImage), aws.String(newImage)
			t.AttributeChangeType = types.AttributeChangeTypeModify
		}
		t := service.Details[0].Target
		t.Path, t.BeforeValue, t.AfterValue = aws.String("/Properties/TaskDefinition"), aws.String(oldTaskDef), aws.String(knownAfterApply)
		t.AttributeChangeType = types.AttributeChangeTypeModify
	}
	return &cloudformation.DescribeChangeSetOutput{
		ChangeSetId: aws.String(testSetID), StackId: aws.String(testStackID),
		Status: types.ChangeSetStatusCreateComplete, ExecutionStatus: types.ExecutionStatusAvailable,
		IncludeNestedStacks: aws.Bool(false),
		Parameters: []types.Parameter{
			{ParameterKey: aws.String("Secret"), ParameterValue: aws.String("****")},
			{ParameterKey: aws.String("ImageUrl"), ParameterValue: aws.String(newImage)},
			{ParameterKey: aws.String("DesiredCount"), ParameterValue: aws.String("2")},
		},
		Tags:                  []types.Tag{{Key: aws.String("cost"), Value: aws.String("7")}, {Key: aws.String("team"), Value: aws.String("shop")}},
		NotificationARNs:      []string{"arn:aws:sns:eu-west-1:123456789012:a", "arn:aws:sns:eu-west-1:123456789012:b"},
		RollbackConfiguration: rollbackAlarms(),
		Changes: []types.Change{
			{Type: types.ChangeTypeResource, ResourceChange: &service},
			{Type: types.ChangeTypeResource, ResourceChange: &taskDefinition},
		},
	}
}

func target1(property string) *types.ResourceTargetDefinition {
	return &types.ResourceTargetDefinition{Attribute: types.ResourceAttributeProperties, Name: aws.String(property), RequiresRecreation: types.RequiresRecreationAlways}
}

// change finds a resource's change in the only page of a description.
func change(pages []*cloudformation.DescribeChangeSetOutput, id string) *types.ResourceChange {
	for _, c := range pages[0].Changes {
		if aws.ToString(c.ResourceChange.LogicalResourceId) == id {
			return c.ResourceChange
		}
	}
	return nil
}

// both changes a resource in both descriptions.
func both(e *evidence, id string, edit func(*types.ResourceChange)) {
	edit(change(e.detailed, id))
	edit(change(e.plain, id))
}

// context replaces text in a resource's AfterContext.
func after(e *evidence, id, old, replacement string) {
	c := change(e.detailed, id)
	text := strings.Replace(*c.AfterContext, old, replacement, 1)
	if text == *c.AfterContext {
		panic("the context has no " + old)
	}
	c.AfterContext = &text
}

// environment gives the container a variable, before and after.
func environment(e *evidence, value string) {
	c := change(e.detailed, "TaskDefinition")
	for _, context := range []**string{&c.BeforeContext, &c.AfterContext} {
		text := strings.Replace(**context, `"Value":"1"`, `"Value":"`+value+`"`, 1)
		*context = &text
	}
}

func TestJudgeAccepts(t *testing.T) {
	t.Parallel()
	wantChanges := []Change{
		{Resource: "Service", ResourceType: typeService, Path: "/Properties/TaskDefinition", Before: oldTaskDef, After: knownAfterApply},
		{Resource: "TaskDefinition", ResourceType: typeTaskDefinition, Path: "/Properties/ContainerDefinitions/1/Image", Before: oldImage, After: newImage, Replacement: true},
	}
	tests := map[string]func(*evidence){
		"as it is": func(*evidence) {},
		"the old revision is deleted": func(e *evidence) {
			both(e, "TaskDefinition", func(c *types.ResourceChange) { c.PolicyAction = types.PolicyActionReplaceAndDelete })
		},
		"the plain description tells no policy action": func(e *evidence) { change(e.plain, "TaskDefinition").PolicyAction = "" },
		"details lead to the place only": func(e *evidence) {
			change(e.detailed, "TaskDefinition").Details[0].Target.Path = aws.String("/Properties/ContainerDefinitions")
			change(e.detailed, "TaskDefinition").Details[1].Target.Path = nil
		},
		"unchanged parameters are told without values": func(e *evidence) {
			e.plain[0].Parameters[0] = types.Parameter{ParameterKey: aws.String("Secret"), UsePreviousValue: aws.Bool(true)}
		},
		"the tags of the stack are not told": func(e *evidence) { e.detailed[0].Tags, e.plain[0].Tags = nil, []types.Tag{} },
		"a stack without any settings": func(e *evidence) {
			e.stack.Tags, e.stack.NotificationARNs, e.stack.RollbackConfiguration = nil, nil, nil
			for _, p := range []*cloudformation.DescribeChangeSetOutput{e.detailed[0], e.plain[0]} {
				p.Tags, p.NotificationARNs, p.RollbackConfiguration = []types.Tag{}, []string{}, &types.RollbackConfiguration{}
			}
		},
		"the service refers to an attribute of the task definition": func(e *evidence) {
			both(e, "Service", func(c *types.ResourceChange) {
				c.Details[0].ChangeSource, c.Details[0].CausingEntity = types.ChangeSourceResourceAttribute, aws.String("TaskDefinition.TaskDefinitionArn")
			})
		},
		"a reference to a version of a parameter": func(e *evidence) { environment(e, "{{resolve:ssm:/greeting:3}}") },
		"a reference to a version of a secret": func(e *evidence) {
			environment(e, "x{{resolve:secretsmanager:db:SecretString:password::0a1b}}{{resolve:secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-x:SecretString:password::0a1b}}")
		},
		"on two pages": func(e *evidence) {
			first, second := description(true), description(true)
			first.NextToken = aws.String("2")
			first.Changes, second.Changes = first.Changes[:1], second.Changes[1:]
			e.detailed = []*cloudformation.DescribeChangeSetOutput{first, second}
		},
	}
	for name, edit := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := acceptable()
			edit(&e)
			changes, reasons := judge(e)
			if len(reasons) > 0 {
				t.Fatalf("refused: %v", reasons)
			}
			if diff := cmp.Diff(wantChanges, changes); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestJudgeRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		edit func(*evidence)
		want string // in one of the reasons
	}{
		{"environment variable changes", func(e *evidence) { after(e, "TaskDefinition", `"Value":"1"`, `"Value":"acme/web:v2"`) }, `TaskDefinition/Properties/ContainerDefinitions/1/Environment/0/Value: it is not the image of a container that the parameter feeds ("1" -> "acme/web:v2")`},
		{"another container's image changes", func(e *evidence) { after(e, "TaskDefinition", "envoy:1", newImage) }, "TaskDefinition/Properties/ContainerDefinitions/0/Image: it is not the image"},
		{"a container is added", func(e *evidence) {
			after(e, "TaskDefinition", `"ContainerPort":"80"}]}]`, `"ContainerPort":"80"}]},{"Name":"miner"}]`)
		}, "/Properties/ContainerDefinitions/2: it is not the image"},
		{"a container is renamed", func(e *evidence) { after(e, "TaskDefinition", `"Name":"web"`, `"Name":"wob"`) }, "/Properties/ContainerDefinitions/1/Name"},
		{"the memory changes", func(e *evidence) { after(e, "TaskDefinition", `"512"`, `"1024"`) }, `TaskDefinition/Properties/Memory: it is not the image of a container that the parameter feeds ("512" -> "1024")`},
		{"a text becomes a number", func(e *evidence) { after(e, "TaskDefinition", `"512"`, `512`) }, "/Properties/Memory"},
		{"a list becomes empty", func(e *evidence) { after(e, "TaskDefinition", `"Volumes":[]`, `"Volumes":{}`) }, "/Properties/Volumes"},
		{"null goes", func(e *evidence) { after(e, "TaskDefinition", `,"Tags":null`, ``) }, "/Properties/Tags"},
		{"a policy goes", func(e *evidence) { after(e, "TaskDefinition", `,"UpdateReplacePolicy":"Retain"`, ``) }, "TaskDefinition/UpdateReplacePolicy"},
		{"another image arrives", func(e *evidence) { after(e, "TaskDefinition", newImage, "evil:v2") }, "does not go from the running one to the requested one"},
		{"another image left", func(e *evidence) { e.before = "acme/web:v0" }, "does not go from the running"},
		{"a key occurs twice", func(e *evidence) { after(e, "TaskDefinition", `"Cpu":"256"`, `"Cpu":"4096","Cpu":"256"`) }, `key "Cpu" occurs twice`},
		{"a context is truncated", func(e *evidence) {
			c := change(e.detailed, "TaskDefinition")
			c.AfterContext = aws.String((*c.AfterContext)[:100])
		}, "AfterContext cannot be read, it may be truncated"},
		{"text follows a context", func(e *evidence) { after(e, "Service", `"DependsOn":["Rule"]}`, `"DependsOn":["Rule"]} {}`) }, "AfterContext cannot be read"},
		{"a context is missing", func(e *evidence) { change(e.detailed, "Service").BeforeContext = nil }, "Service: BeforeContext is missing"},
		{"a context is a list", func(e *evidence) { change(e.detailed, "Service").BeforeContext = aws.String("[]") }, "BeforeContext cannot be read"},
		{"a context has no properties", func(e *evidence) { change(e.detailed, "Service").BeforeContext = aws.String("{}") }, "BeforeContext has no Properties"},
		{"before and after are the same", func(e *evidence) {
			c := change(e.detailed, "Service")
			c.AfterContext = c.BeforeContext
		}, "before and after are the same"},

		{"the service's count changes", func(e *evidence) { after(e, "Service", `"DesiredCount":"2"`, `"DesiredCount":"0"`) }, `Service/Properties/DesiredCount: it is not the service's task definition ("2" -> "0")`},
		{"the service gets a known task definition", func(e *evidence) { after(e, "Service", knownAfterApply, "web:7") }, "not the one that this change set makes"},
		{"the mark is only a part", func(e *evidence) { after(e, "Service", knownAfterApply, knownAfterApply+":7") }, "not the one that this change set makes"},
		{"the service leaves another task definition", func(e *evidence) { change(e.detailed, "Service").BeforeContext = aws.String(serviceContext("web:0")) }, "not the stack's"},
		{"another service", func(e *evidence) {
			both(e, "Service", func(c *types.ResourceChange) { c.PhysicalResourceId = aws.String("other") })
		}, "Service: it is not the resource that the stack has"},
		{"the service is replaced", func(e *evidence) {
			both(e, "Service", func(c *types.ResourceChange) { c.Replacement = types.ReplacementTrue })
		}, "Service: replacement must be False"},
		{"the service may be replaced", func(e *evidence) {
			both(e, "Service", func(c *types.ResourceChange) { c.Replacement = types.ReplacementConditional })
		}, "Service: replacement must be False"},
		{"the service has a policy action", func(e *evidence) {
			both(e, "Service", func(c *types.ResourceChange) { c.PolicyAction = types.PolicyActionReplaceAndDelete })
		}, "Service: policy action"},
		{"the service does not follow", func(e *evidence) {
			e.detailed[0].Changes, e.plain[0].Changes = e.detailed[0].Changes[1:], e.plain[0].Changes[1:]
		}, "Service: the service does not follow its new task definition"},
		{"only the service changes", func(e *evidence) {
			e.detailed[0].Changes, e.plain[0].Changes = e.detailed[0].Changes[:1], e.plain[0].Changes[:1]
		}, "Service: the service changes though none of its task definitions does"},
		{"the task definition changes in place", func(e *evidence) {
			both(e, "TaskDefinition", func(c *types.ResourceChange) { c.Replacement = types.ReplacementFalse })
		}, "TaskDefinition: replacement must be True"},
		{"the task definition leaves a snapshot", func(e *evidence) {
			both(e, "TaskDefinition", func(c *types.ResourceChange) { c.PolicyAction = types.PolicyActionReplaceAndSnapshot })
		}, "TaskDefinition: policy action"},
		{"the task definition is removed", func(e *evidence) {
			both(e, "TaskDefinition", func(c *types.ResourceChange) { c.Action = types.ChangeActionRemove })
		}, "TaskDefinition: only Modify is accepted"},
		{"an action that nobody knows", func(e *evidence) {
			both(e, "TaskDefinition", func(c *types.ResourceChange) { c.Action = "Transmute" })
		}, "only Modify is accepted"},
		{"tags change", func(e *evidence) {
			both(e, "Service", func(c *types.ResourceChange) { c.Scope = append(c.Scope, types.ResourceAttributeTags) })
		}, "more than properties would change"},
		{"a detail speaks of metadata", func(e *evidence) {
			change(e.plain, "Service").Details[0].Target.Attribute = types.ResourceAttributeMetadata
		}, "Metadata would change"},
		{"a detail speaks of another property", func(e *evidence) { change(e.plain, "TaskDefinition").Details[0].Target.Name = aws.String("Cpu") }, "a property would change that is no part of a rollout"},
		{"a detail speaks of another place", func(e *evidence) {
			change(e.detailed, "TaskDefinition").Details[0].Target.Path = aws.String("/Properties/ContainerDefinitions/0/Image")
		}, "a property would change that is no part of a rollout"},
		{"a detail speaks of another value", func(e *evidence) {
			change(e.detailed, "TaskDefinition").Details[1].Target.AfterValue = aws.String("evil")
		}, "the value is not the expected one"},
		{"a detail adds", func(e *evidence) {
			change(e.detailed, "Service").Details[0].Target.AttributeChangeType = types.AttributeChangeTypeAdd
		}, "Add is no change of a value"},
		{"a detail without target", func(e *evidence) { change(e.detailed, "Service").Details[0].Target = nil }, "a detail of the change has no target"},
		{"no details", func(e *evidence) { change(e.plain, "Service").Details = nil }, "the change has no details"},

		{"another resource is modified", func(e *evidence) {
			for _, pages := range [][]*cloudformation.DescribeChangeSetOutput{e.detailed, e.plain} {
				pages[0].Changes = append(pages[0].Changes, types.Change{Type: types.ChangeTypeResource, ResourceChange: &types.ResourceChange{
					Action: types.ChangeActionModify, LogicalResourceId: aws.String("Label"), ResourceType: aws.String("AWS::SSM::Parameter"),
					Details: []types.ResourceChangeDetail{{Target: &types.ResourceTargetDefinition{Attribute: "Properties", Name: aws.String("Value"), BeforeValue: aws.String(oldImage), AfterValue: aws.String(newImage)}}},
				}})
			}
		}, `Label/Properties/Value: Modify of AWS::SSM::Parameter, which is no part of a rollout ("acme/web:v1" -> "acme/web:v2")`},
		{"another resource is added", func(e *evidence) {
			e.detailed[0].Changes = append(e.detailed[0].Changes, types.Change{Type: types.ChangeTypeResource, ResourceChange: &types.ResourceChange{
				Action: types.ChangeActionAdd, LogicalResourceId: aws.String("Role"), ResourceType: aws.String("AWS::IAM::Role"),
			}})
		}, "Role: Add of AWS::IAM::Role, which is no part of a rollout"},
		{"a task definition that the parameter does not feed", func(e *evidence) { e.reach.containers = map[string][]int{"Other": {0}} }, "TaskDefinition/Properties/ContainerDefinitions/1/Image: parameter ImageUrl feeds this AWS::ECS::TaskDefinition"},
		{"a service under the name of a task definition", func(e *evidence) {
			both(e, "TaskDefinition", func(c *types.ResourceChange) { c.ResourceType = aws.String(typeService) })
		}, "no part of a rollout"},
		{"values hide a change", func(e *evidence) {
			e.plain[0].Changes = append(e.plain[0].Changes, types.Change{Type: types.ChangeTypeResource, ResourceChange: &types.ResourceChange{
				Action: types.ChangeActionRemove, LogicalResourceId: aws.String("Bucket"), ResourceType: aws.String("AWS::S3::Bucket"),
			}})
		}, "Bucket: Remove of AWS::S3::Bucket is missing when property values are asked for"},
		{"only values tell a change", func(e *evidence) { e.plain[0].Changes = e.plain[0].Changes[:1] }, "told only when property values are asked for"},
		{"the descriptions disagree", func(e *evidence) { change(e.plain, "Service").PhysicalResourceId = aws.String("other") }, "the two descriptions of the change disagree"},
		{"a resource twice", func(e *evidence) { e.plain[0].Changes = append(e.plain[0].Changes, e.plain[0].Changes[0]) }, "has the resource twice"},
		{"a change of unknown kind", func(e *evidence) { e.detailed[0].Changes[0].Type = "Hook" }, "unknown kind"},
		{"a change without content", func(e *evidence) {
			e.detailed[0].Changes = append(e.detailed[0].Changes, types.Change{Type: types.ChangeTypeResource})
		}, "unknown kind"},
		{"no change at all", func(e *evidence) { e.detailed[0].Changes, e.plain[0].Changes = nil, nil }, "no container image changes"},

		{"another parameter changes", func(e *evidence) { e.detailed[0].Parameters[2].ParameterValue = aws.String("3") }, `Parameters/DesiredCount: another parameter changes ("2" -> "3")`},
		{"a parameter is missing", func(e *evidence) { e.plain[0].Parameters = e.plain[0].Parameters[:2] }, "Parameters/DesiredCount: the change set does not say"},
		{"a parameter is new", func(e *evidence) {
			e.plain[0].Parameters = append(e.plain[0].Parameters, types.Parameter{ParameterKey: aws.String("New"), ParameterValue: aws.String("x")})
		}, "Parameters/New: the stack has no such parameter"},
		{"a parameter twice", func(e *evidence) {
			e.plain[0].Parameters = append(e.plain[0].Parameters, e.plain[0].Parameters[0])
		}, "the parameter is given twice"},
		{"the image is another one", func(e *evidence) { e.plain[0].Parameters[1].ParameterValue = aws.String("evil") }, "the image parameter does not go"},
		{"the image is said to stay", func(e *evidence) { e.plain[0].Parameters[1].UsePreviousValue = aws.Bool(true) }, "the image parameter does not go"},
		{"a parameter resolves anew", func(e *evidence) { e.detailed[0].Parameters[2].ResolvedValue = aws.String("ami-2") }, "kept in Systems Manager, has a new value"},

		{"values are incomplete", func(e *evidence) {
			e.detailed[0].StatusReason = aws.String("[WARN] --include-property-values option can return incomplete ChangeSet data")
		}, "does not show all of the change set"},
		{"not executable", func(e *evidence) { e.plain[0].ExecutionStatus = types.ExecutionStatusObsolete }, "cannot be executed: it is CREATE_COMPLETE, OBSOLETE"},
		{"not complete", func(e *evidence) { e.plain[0].Status = types.ChangeSetStatusFailed }, "cannot be executed: it is FAILED"},
		{"another stack's", func(e *evidence) { e.detailed[0].StackId = aws.String("other") }, `for another stack, "other"`},
		{"another change set's page", func(e *evidence) { e.plain[0].ChangeSetId = aws.String("other") }, "not of one and the same change set"},
		{"a page is missing", func(e *evidence) { e.detailed[0].NextToken = aws.String("2") }, "not all pages"},
		{"not described", func(e *evidence) { e.plain = nil }, "not described"},
		{"nested stacks", func(e *evidence) { e.detailed[0].IncludeNestedStacks = aws.Bool(true) }, "nested stacks"},
		{"part of a nested change set", func(e *evidence) { e.detailed[0].RootChangeSetId = aws.String("root") }, "nested stacks"},
		{"a nested stack's change", func(e *evidence) {
			both(e, "Service", func(c *types.ResourceChange) { c.ChangeSetId = aws.String("nested") })
		}, "nested stack"},
		{"imports", func(e *evidence) { e.detailed[0].ImportExistingResources = aws.Bool(true) }, "imports existing resources"},
		{"reverts drift", func(e *evidence) { e.detailed[0].DeploymentMode = types.DeploymentModeRevertDrift }, "reverts drift"},
		{"a resource's drift", func(e *evidence) {
			both(e, "Service", func(c *types.ResourceChange) { c.ResourceDriftStatus = types.StackResourceDriftStatusModified })
		}, "about drift"},
		{"executed in another mode", func(e *evidence) {
			e.plain[0].DeploymentConfig = &types.DeploymentConfig{Mode: types.DeploymentConfigModeExpress}
		}, `executed in another way: mode "EXPRESS"`},
		{"executed without rollback", func(e *evidence) {
			e.detailed[0].DeploymentConfig = &types.DeploymentConfig{DisableRollback: aws.Bool(true)}
		}, "rollback disabled: true"},
		{"does not roll back", func(e *evidence) { e.detailed[0].OnStackFailure = types.OnStackFailureDoNothing }, "does not roll back on failure"},
		{"the stack's alarms go", func(e *evidence) { e.detailed[0].RollbackConfiguration = &types.RollbackConfiguration{} },
			`Stack/RollbackConfiguration: the alarms that roll an update of the stack back would change ("AWS::CloudWatch::Alarm arn:aws:cloudwatch:eu-west-1:123456789012:alarm:errors, `},
		{"the stack's alarms are not told", func(e *evidence) { e.plain[0].RollbackConfiguration = nil }, "Stack/RollbackConfiguration"},
		{"another topic is told", func(e *evidence) { e.plain[0].NotificationARNs[1] = "arn:aws:sns:eu-west-1:123456789012:evil" },
			"Stack/NotificationARNs: whom CloudFormation tells of the stack's events would change"},
		{"no topic is told any more", func(e *evidence) { e.detailed[0].NotificationARNs = nil }, "Stack/NotificationARNs"},
		{"another tag of the stack", func(e *evidence) { e.detailed[0].Tags[0].Value = aws.String("8") },
			`Stack/Tags: the tags of the stack would change ("\"cost\"=\"7\", \"team\"=\"shop\"" -> "\"cost\"=\"8\", \"team\"=\"shop\"")`},
		{"a tag of the stack goes", func(e *evidence) { e.plain[0].Tags = e.plain[0].Tags[:1] }, "Stack/Tags"},

		{"a masked parameter is among the causes", func(e *evidence) {
			both(e, "TaskDefinition", func(c *types.ResourceChange) {
				c.Details = append(c.Details, types.ResourceChangeDetail{ChangeSource: types.ChangeSourceParameterReference, CausingEntity: aws.String("Secret"), Evaluation: types.EvaluationTypeStatic, Target: target1("ContainerDefinitions")})
			})
		}, "TaskDefinition/Properties/ContainerDefinitions: the change comes of Secret, and not of the image alone"},
		{"another resource is among the causes", func(e *evidence) {
			change(e.plain, "Service").Details[0].CausingEntity = aws.String("Role")
		}, "Service/Properties/TaskDefinition: the change comes of Role"},
		{"a nested stack is among the causes", func(e *evidence) {
			d := &change(e.plain, "Service").Details[0]
			d.ChangeSource, d.CausingEntity = types.ChangeSourceResourceAttribute, aws.String("Child.Outputs.TaskDefinition")
		}, "the change comes of Child.Outputs.TaskDefinition"},
		{"a nested stack may be", func(e *evidence) {
			d := &change(e.plain, "Service").Details[0]
			d.ChangeSource, d.CausingEntity = types.ChangeSourceAutomatic, nil
		}, `it is not told what the change comes of: "Automatic"`},

		{"a reference to a parameter", func(e *evidence) { environment(e, "x {{resolve:ssm:/greeting}}") },
			`TaskDefinition/Properties/ContainerDefinitions/1/Environment/0/Value: its value is looked up anew with every new image, and the change set does not show it: name its version, or give it to the container by Secrets ("{{resolve:ssm:/greeting}}" -> "{{resolve:ssm:/greeting}}")`},
		{"a reference to a secret", func(e *evidence) { environment(e, "{{resolve:secretsmanager:db:SecretString:password}}") }, "its value is looked up anew"},
		{"a reference to a stage of a secret", func(e *evidence) { environment(e, "{{resolve:secretsmanager:db:SecretString:password:AWSCURRENT}}") }, "its value is looked up anew"},
		{"a reference that nobody knows", func(e *evidence) { environment(e, "{{resolve:ssm:/a:1}}{{resolve:vault:x:1}}") }, `("{{resolve:vault:x:1}}"`},
		{"a reference without an end", func(e *evidence) { environment(e, "{{resolve:ssm:/a") }, "its value is looked up anew"},

		{"texts that are told alike", func(e *evidence) {
			environment(e, `\ud800`)
			after(e, "TaskDefinition", `\ud800`, `\ud801`)
		}, "TaskDefinition: BeforeContext cannot be read, it may be truncated: it has characters that are not told as they are"},
		{"keys that are told alike", func(e *evidence) { after(e, "TaskDefinition", `"Family"`, `"\udfff":"1","Family"`) }, "AfterContext cannot be read"},
		{"bytes that are no text", func(e *evidence) {
			environment(e, "\xff")
			after(e, "TaskDefinition", "\xff", "\xfe")
		}, "it has characters that are not told as they are"},
		{"a parameter that is told otherwise than it is", func(e *evidence) {
			e.stack.Parameters[0].ParameterValue = aws.String("\ufffd")
			e.detailed[0].Parameters[2].ParameterValue, e.plain[0].Parameters[2].ParameterValue = aws.String("\ufffd"), aws.String("\ufffd")
		}, "Parameters/DesiredCount: the value has characters that are not told as they are"},

		{"the image is exported", func(e *evidence) { e.reach.exports = []string{"Image"} }, "Outputs/Image: parameter ImageUrl feeds an output that is exported"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := acceptable()
			tt.edit(&e)
			_, reasons := judge(e)
			if !slices.ContainsFunc(reasons, func(r Reason) bool { return strings.Contains(r.String(), tt.want) }) {
				t.Errorf("reasons %q; want one with %q", reasons, tt.want)
			}
		})
	}
}
