package deploy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/deploy"
)

// TestHeadOfDeploy: every strategy tells beforehand what it changes, for what, and what to
// expect of it.
func TestHeadOfDeploy(t *testing.T) {
	t.Parallel()
	const made = "{{changeSet:KNOWN_AFTER_APPLY}}"
	image := deploy.Change{
		Resource: "Task", ResourceType: "AWS::ECS::TaskDefinition", Action: "Modify", Path: "/Properties/ContainerDefinitions/0/Image",
		Before: v1, After: v2, Replacement: true, Cause: "Image",
	}
	service := deploy.Change{
		Resource: "Service", ResourceType: "AWS::ECS::Service", Action: "Modify", Path: "/Properties/TaskDefinition",
		Before: "shop:1", After: made, Cause: "Task",
	}
	rule := deploy.Change{
		Resource: "Nightly", ResourceType: "AWS::Events::Rule", Action: "Modify", Path: "/Properties/Targets/0/EcsParameters/TaskDefinitionArn",
		Before: "shop:1", After: made, Cause: "Task",
	}
	byECS := image
	byECS.Cause = ""
	anew := func(id, kind string) deploy.Change {
		return deploy.Change{Resource: id, ResourceType: kind, Action: "Modify", Replacement: true}
	}
	for strategy, want := range map[deploy.Strategy][]deploy.Change{
		deploy.StrategyChangeSet: {rule, service, image},
		deploy.StrategyUpdate:    {rule, service, image},
		deploy.StrategyExpress:   {rule, service, image},
		deploy.StrategyECS:       {service, byECS},
		deploy.StrategyRecreate: {
			anew("Cluster", "AWS::ECS::Cluster"), anew("Nightly", "AWS::Events::Rule"), anew("Service", "AWS::ECS::Service"), image,
		},
	} {
		t.Run(string(strategy), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, deploy.Options{})
			w.upShop(t, variant("# more", `  Nightly:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 day)
      Targets: [{Id: run, Arn: !GetAtt Cluster.Arn, RoleArn: "arn:aws:iam::123456789012:role/run", EcsParameters: {TaskDefinitionArn: !Ref Task}}]`), v1)
			request := deploy.Request{Stack: shop, Image: v2, Strategy: strategy, AcceptDowntime: strategy == deploy.StrategyRecreate}
			if _, err := w.Deploy(ctxOf(t), request); err != nil {
				t.Fatal(err)
			}
			var told []deploy.ChangesAccepted
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, e := range w.events {
				if e, ok := e.(deploy.ChangesAccepted); ok {
					told = append(told, e)
				}
			}
			if len(told) != 1 || told[0].Strategy != strategy || (told[0].ChangeSet != "") != (strategy == deploy.StrategyChangeSet) {
				t.Fatalf("told %+v", told)
			}
			changes := slices.Clone(told[0].Changes)
			for i := range changes {
				if _, revision, ok := strings.Cut(changes[i].Before, ":task-definition/"); ok {
					changes[i].Before = revision
				}
			}
			if diff := cmp.Diff(want, changes); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if predicted := len(told[0].Predictions); predicted != 1 && strategy != deploy.StrategyRecreate {
				t.Errorf("%d predictions", predicted)
			}
		})
	}
}
