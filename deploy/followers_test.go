package deploy

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

const nightlyPath = "/Properties/Targets/1/EcsParameters/TaskDefinitionArn"

func nightlyContext(taskDefinition string) string {
	return `{"Properties":{"ScheduleExpression":"rate(1 day)","Targets":[{"Id":"log","Arn":"arn:log"},` +
		`{"Id":"run","Arn":"arn:cluster","EcsParameters":{"TaskDefinitionArn":"` + taskDefinition + `","TaskCount":"1"}}]}}`
}

// withRule is the evidence of a change set that moves a rule to the new revision, too.
func withRule() evidence {
	e := acceptable()
	e.physical["Nightly"] = "web-Nightly-1"
	e.reach.followers = map[string]follower{"Nightly": {typeRule, "Targets", map[string]string{nightlyPath: "TaskDefinition"}}}
	for i, page := range []*[]types.Change{&e.detailed[0].Changes, &e.plain[0].Changes} {
		rule := types.ResourceChange{
			Action: types.ChangeActionModify, LogicalResourceId: aws.String("Nightly"), PhysicalResourceId: aws.String("web-Nightly-1"),
			ResourceType: aws.String(typeRule), Replacement: types.ReplacementFalse,
			Scope:   []types.ResourceAttribute{types.ResourceAttributeProperties},
			Details: []types.ResourceChangeDetail{{CausingEntity: aws.String("TaskDefinition"), Target: target1("Targets")}},
		}
		if i == 0 {
			rule.BeforeContext, rule.AfterContext = aws.String(nightlyContext(oldTaskDef)), aws.String(nightlyContext(knownAfterApply))
			rule.Details[0].Target.Path, rule.Details[0].Target.AfterValue = aws.String(nightlyPath), aws.String(knownAfterApply)
		}
		*page = append(*page, types.Change{Type: types.ChangeTypeResource, ResourceChange: &rule})
	}
	return e
}

// A rule that starts tasks moves to the new revision, and does nothing else.
func TestJudgeFollowers(t *testing.T) {
	t.Parallel()
	changes, reasons := judge(withRule())
	want := Change{Resource: "Nightly", ResourceType: typeRule, Path: nightlyPath, Before: oldTaskDef, After: knownAfterApply}
	if len(reasons) > 0 || len(changes) != 3 || changes[0] != want {
		t.Fatalf("changes %+v, refused for %v; want %+v first", changes, reasons, want)
	}
	for name, tt := range map[string]struct {
		edit func(*evidence)
		want string
	}{
		"another count":    {func(e *evidence) { after(e, "Nightly", `"TaskCount":"1"`, `"TaskCount":"9"`) }, "Nightly/Properties/Targets/1/EcsParameters/TaskCount: it is not the task definition"},
		"another revision": {func(e *evidence) { after(e, "Nightly", knownAfterApply, "web:7") }, "not the one that this change set makes"},
		"another before": {func(e *evidence) { change(e.detailed, "Nightly").BeforeContext = aws.String(nightlyContext("web:0")) },
			"the present task definition is not the stack's"},
		"a replacement": {func(e *evidence) {
			both(e, "Nightly", func(c *types.ResourceChange) { c.Replacement = types.ReplacementTrue })
		}, "Nightly: replacement must be False"},
		"a detail of another property": {func(e *evidence) { change(e.plain, "Nightly").Details[0].Target.Name = aws.String("State") }, "no part of a rollout"},
		"another type": {func(e *evidence) {
			both(e, "Nightly", func(c *types.ResourceChange) { c.ResourceType = aws.String("AWS::Lambda::Function") })
		}, "which is no part of a rollout"},
		"it stays behind": {func(e *evidence) {
			e.detailed[0].Changes, e.plain[0].Changes = e.detailed[0].Changes[:2], e.plain[0].Changes[:2]
		}, "Nightly: it does not follow its new task definition"},
		"it moves alone": {func(e *evidence) {
			e.detailed[0].Changes, e.plain[0].Changes = e.detailed[0].Changes[2:], e.plain[0].Changes[2:]
		}, "Nightly: it changes though none of its task definitions does"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := withRule()
			tt.edit(&e)
			_, reasons := judge(e)
			var all []string
			for _, r := range reasons {
				all = append(all, r.String())
			}
			if !strings.Contains(strings.Join(all, "\n"), tt.want) {
				t.Errorf("refused for %q; want %q", all, tt.want)
			}
		})
	}
}

// A place counts that names the task definition and nothing else.
func TestFollowersOf(t *testing.T) {
	t.Parallel()
	template, err := cfntemplate.Parse(`
Resources:
  Task: {Type: AWS::ECS::TaskDefinition, Properties: {ContainerDefinitions: [{Name: web, Image: x}]}}
  Other: {Type: AWS::ECS::TaskDefinition, Properties: {ContainerDefinitions: [{Name: web, Image: y}]}}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      Targets: [{Arn: a}, {Arn: b, EcsParameters: {TaskDefinitionArn: !Ref Task}}, {Arn: c, EcsParameters: {TaskDefinitionArn: !Ref Other}}]
  Schedule: {Type: AWS::Scheduler::Schedule, Properties: {Target: {EcsParameters: {TaskDefinitionArn: !Ref Task}}}}
  Built: {Type: AWS::Events::Rule, Properties: {Targets: [{EcsParameters: {TaskDefinitionArn: !Sub "${Task}-x"}}]}}
  Odd: {Type: AWS::Events::Rule, Properties: {Targets: {EcsParameters: {TaskDefinitionArn: !Ref Task}}}}
  Function: {Type: AWS::Lambda::Function, Properties: {Targets: [{EcsParameters: {TaskDefinitionArn: !Ref Task}}]}}
`)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]follower{
		"Rule":     {typeRule, "Targets", map[string]string{nightlyPath: "Task"}},
		"Schedule": {typeSchedule, "Target", map[string]string{"/Properties/Target/EcsParameters/TaskDefinitionArn": "Task"}},
	}
	if diff := cmp.Diff(want, followersOf(template, map[string][]int{"Task": {0}}), cmp.AllowUnexported(follower{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if none := followersOf(template, map[string][]int{"Elsewhere": {0}}); none != nil {
		t.Errorf("%v follow nothing", none)
	}
}
