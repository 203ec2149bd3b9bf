package deploy_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/slipway-go/slipway/deploy"
)

// deniedTo is the deployer of somebody who may not make some calls.
func (w *world) deniedTo(operations ...string) *deploy.Deployer {
	cfg := w.cfg.Copy()
	for _, operation := range operations {
		cfg.APIOptions = append(cfg.APIOptions, answerOnly("AccessDeniedException", "User: joe is not authorized to perform: x:"+operation, operation))
	}
	return deploy.New(cfg, deploy.Options{Clock: w.srv.Clock(), Observe: w.observe})
}

// writes are the operations that change something, but for change sets that are made to be
// judged.
var writes = []string{
	"ExecuteChangeSet", "UpdateStack", "CreateStack", "DeleteStack", "CancelUpdateStack", "UpdateService", "RegisterTaskDefinition",
}

// TestDeployDenied: a permission that watching or proving a rollout takes is missed before
// it begins.
func TestDeployDenied(t *testing.T) {
	t.Parallel()
	always := []string{"ListTasks", "DescribeTasks", "ListServiceDeployments", "DescribeServiceRevisions"}
	for strategy, operations := range map[deploy.Strategy][]string{
		deploy.StrategyChangeSet: append([]string{"DescribeStackEvents"}, always...),
		deploy.StrategyUpdate:    append([]string{"DescribeStackEvents"}, always...),
		deploy.StrategyExpress:   append([]string{"DescribeStackEvents", "DescribeServiceDeployments"}, always...),
		deploy.StrategyECS:       append([]string{"DescribeServiceDeployments"}, always...),
		deploy.StrategyRecreate:  append([]string{"DescribeStackEvents"}, always...),
	} {
		t.Run(string(strategy), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, deploy.Options{})
			w.upShop(t, storeTemplate, v1)
			for _, operation := range operations {
				w.srv.ForgetCalls()
				_, err := w.deniedTo(operation).Deploy(ctxOf(t), deploy.Request{
					Stack: shop, Image: v2, Strategy: strategy, AcceptDowntime: strategy == deploy.StrategyRecreate,
				})
				var input *deploy.InputError
				if !errors.As(err, &input) || !strings.Contains(err.Error(), "AWS denies it: User: joe is not authorized to perform: x:"+operation+
					"; use credentials that have this permission, or have it granted (slipway policy shop prints all that a deploy takes)") {
					t.Errorf("without %s: %v; want an *InputError that tells what to have granted", operation, err)
				}
				for _, c := range w.srv.Calls() {
					if slices.Contains(writes, c.Operation) {
						t.Errorf("without %s, %s was called", operation, c.Operation)
					}
				}
			}
			if left := w.changeSets(t, shop); len(left) > 0 {
				t.Errorf("change sets left behind: %v", left)
			}
			w.requireShop(t, v1, v1, false)
		})
	}
}

// TestDeployUnseen: what only shows more of a rollout is told to be missing, once.
func TestDeployUnseen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.srv.SetImage(":v2", slowStart)
	w.up(t, v1)
	result, err := w.deniedTo("DescribeTargetHealth").Deploy(ctxOf(t), deploy.Request{Stack: service, Image: v2})
	if err != nil || len(result.Services) != 1 {
		t.Fatalf("%+v, %v", result, err)
	}
	var told []string
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		if e, ok := e.(deploy.Warning); ok {
			told = append(told, e.Text)
		}
	}
	want := "the rollout is watched without the health of its targets: AWS denies it: User: joe is not authorized to perform: x:DescribeTargetHealth"
	if len(told) != 1 || told[0] != want {
		t.Errorf("told %q; want %q once", told, want)
	}
}

// TestDeployDeniedLater: a permission that is taken away while a rollout is under way is
// missed in words that say what to do.
func TestDeployDeniedLater(t *testing.T) {
	t.Parallel()
	for operation, want := range map[string]string{
		"ecs:DescribeServices": `the operation on stack shop was left running: AWS denies what it takes to look on: .*perform: ecs:DescribeServices .*; have it granted \(slipway policy shop prints all that a deploy takes\)`,
		"ecs:ListTasks":        `stack shop is updated, but it is not proven what runs: AWS denies what it takes to look on: .*perform: ecs:ListTasks .*; have it granted`,
	} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, deploy.Options{})
			w.upShop(t, storeTemplate, v1)
			cfg := w.cfg.Copy()
			cfg.APIOptions = append(cfg.APIOptions, before("ExecuteChangeSet", func() {
				policy := `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "` + operation + `", "Resource": "*"}]}`
				if err := w.srv.BindPolicy("AKID", policy); err != nil {
					t.Error(err)
				}
			}))
			_, err := deploy.New(cfg, deploy.Options{Clock: w.srv.Clock()}).Deploy(ctxOf(t), deploy.Request{Stack: shop, Image: v2})
			if err == nil || !regexp.MustCompile(want).MatchString(err.Error()) {
				t.Errorf("%v; want %q", err, want)
			}
		})
	}
}
