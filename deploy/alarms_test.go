package deploy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/slipway-go/slipway/deploy"
)

// TestDeployRolledBackByAlarm: an alarm that goes off while the version runs well by all
// that ECS checks is a rollback, by whichever strategy.
func TestDeployRolledBackByAlarm(t *testing.T) {
	t.Parallel()
	template := variant("# breaker", "      DeploymentConfiguration: {Alarms: {AlarmNames: [errors], Enable: true, Rollback: true}}")
	for _, strategy := range []deploy.Strategy{deploy.StrategyChangeSet, deploy.StrategyUpdate, deploy.StrategyExpress, deploy.StrategyECS} {
		t.Run(string(strategy), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, deploy.Options{})
			w.srv.SetImage(":v2", slowStart)
			w.upShop(t, template, v1)
			w.onEvent(func(e deploy.Event) {
				if p, rolling := e.(deploy.DeploymentProgress); rolling && p.Pending > 0 {
					w.srv.SetAlarm(w.cfg.Region, "errors", true)
				}
			})
			_, err := deployShop(t, w, strategy, v2)
			var rolledBack *deploy.RolledBackError
			if !errors.As(err, &rolledBack) || !strings.Contains(err.Error(), "alarm") || len(rolledBack.Tasks) > 0 {
				t.Errorf("error %v; want a *RolledBackError that tells of the alarm, and of no failed task", err)
			}
			w.requireShop(t, v1, v1, false)
		})
	}
}

// TestDeployKeepsOldRevisions: what ran before can be gone back to, since the templates
// have CloudFormation keep the task definitions that it replaces.
func TestDeployKeepsOldRevisions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.up(t, v1)
	before, err := w.Status(ctxOf(t), service, "")
	if err != nil {
		t.Fatal(err)
	}
	result, err := w.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: v2})
	if err != nil {
		t.Fatal(err)
	}
	old := before.Services[0].TaskDefinition
	out, err := ecs.NewFromConfig(w.cfg).DescribeTaskDefinition(ctxOf(t), &ecs.DescribeTaskDefinitionInput{TaskDefinition: &old})
	if err != nil || out.TaskDefinition.Status != types.TaskDefinitionStatusActive || old == result.Services[0].TaskDefinition {
		t.Errorf("the task definition of before, %s, is %+v, %v; want it kept", old, out, err)
	}
}
