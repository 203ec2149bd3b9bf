package deploy_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
)

// shopTemplate is a service of one task without anything around it. Its image feeds the
// task's environment, too, where Leak says so, which no deploy may change.
const shopTemplate = `
Parameters:
  Image: {Type: String}
  Leak: {Type: String, Default: 'no'}
Conditions:
  Leaks: !Equals [!Ref Leak, 'yes']
Resources:
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: !Ref AWS::StackName}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: !Ref AWS::StackName
      Cpu: '256'
      Memory: '512'
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions:
        - Name: shop
          Image: !Ref Image
          Environment: [{Name: VERSION, Value: !If [Leaks, !Ref Image, none]}]
  Service:
    Type: AWS::ECS::Service
    Properties:
      ServiceName: !Ref AWS::StackName
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      DesiredCount: 1
      LaunchType: FARGATE
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-0123456789abcdef0]}}
`

// shops creates a stack of shopTemplate for each name.
func (w *world) shops(t *testing.T, parameters map[string]string, names ...string) {
	t.Helper()
	for _, name := range names {
		all := map[string]string{"Image": v1}
		for k, v := range parameters {
			all[k] = v
		}
		if _, err := w.Up(ctxOf(t), deploy.StackSpec{Name: name, TemplateBody: shopTemplate, Parameters: all}); err != nil {
			t.Fatal(err)
		}
	}
}

// outcomes are how the deploys of a fleet ended, in a word each.
func outcomes(results []deploy.FleetResult) map[string]string {
	words := make(map[string]string)
	for _, r := range results {
		var refused *deploy.RefusedError
		var rolledBack *deploy.RolledBackError
		var notBegun *deploy.NotBegunError
		var interrupted *deploy.InterruptedError
		word := "error"
		switch {
		case r.Err == nil && r.Result.AlreadyCurrent:
			word = "already current"
		case r.Err == nil:
			word = "deployed"
		case errors.As(r.Err, &refused):
			word = "refused"
		case errors.As(r.Err, &rolledBack):
			word = "rolled back"
		case errors.As(r.Err, &notBegun):
			word = "not begun after " + notBegun.After
		case errors.As(r.Err, &interrupted) && !interrupted.Left:
			word = "not begun by interrupt"
		case errors.As(r.Err, &interrupted):
			word = "left"
		}
		words[r.Request.Stack] = word
	}
	return words
}

func requests(image string, stacks ...string) []deploy.Request {
	var list []deploy.Request
	for _, s := range stacks {
		list = append(list, deploy.Request{Stack: s, Image: image})
	}
	return list
}

func TestDeployAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.srv.SetImage(":v2", emulator.Conduct{PullTime: time.Minute}) // so that two are under way at once
	w.shops(t, nil, "a", "b", "c")
	rolling, most := map[string]bool{}, 0
	w.onEvent(func(e deploy.Event) { // told by one goroutine at a time
		if p, ok := e.(deploy.PhaseStarted); ok {
			rolling[p.Stack] = p.Phase == deploy.PhaseRollout
			n := 0
			for _, yes := range rolling {
				if yes {
					n++
				}
			}
			most = max(most, n)
		}
	})
	for range 2 {
		results, err := w.DeployAll(ctxOf(t), deploy.Fleet{Requests: requests(v2, "a", "b", "c"), Concurrency: 2})
		if err != nil {
			t.Fatal(err)
		}
		if got := []string{results[0].Request.Stack, results[1].Request.Stack, results[2].Request.Stack}; !slices.Equal(got, []string{"a", "b", "c"}) {
			t.Errorf("results for %v; want the order of the requests", got)
		}
		for _, r := range results {
			if r.Result == nil || r.Result.Image != v2 || len(r.Result.Services) != 1 {
				t.Errorf("result %+v", r)
			}
		}
	}
	if most != 2 {
		t.Errorf("%d rollouts at once, want 2", most)
	}
}

// Nothing begins unless the gate accepts all.
func TestDeployAllRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.shops(t, nil, "a", "b")
	w.shops(t, map[string]string{"Leak": "yes"}, "leaks")
	results, err := w.DeployAll(ctxOf(t), deploy.Fleet{Requests: append(requests(v2, "a", "leaks"), requests(v1, "b")...)})
	var fleet *deploy.FleetError
	if !errors.As(err, &fleet) || fleet.Begun {
		t.Fatalf("error %v; want a *FleetError of a fleet that has not begun", err)
	}
	want := map[string]string{"a": "not begun after leaks", "leaks": "refused", "b": "already current"}
	if diff := cmp.Diff(want, outcomes(results)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	for _, stack := range []string{"a", "leaks", "b"} {
		if left := w.changeSets(t, stack); len(left) > 0 {
			t.Errorf("change sets of stack %s left behind: %v", stack, left)
		}
		if s, err := w.Status(ctxOf(t), stack, ""); err != nil || s.Image != v1 {
			t.Errorf("stack %s: %+v, %v; want its image to be %s", stack, s, err, v1)
		}
	}
}

// A rollout that fails stops what has not begun.
func TestDeployAllRolledBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.srv.SetImage(":bad", emulator.Conduct{Crash: true, CrashAfter: -1})
	w.shops(t, nil, "a", "b", "c")
	f := deploy.Fleet{Requests: slices.Concat(requests(v2, "a"), requests("acme/web:bad", "b"), requests(v2, "c")), Concurrency: 1}
	results, err := w.DeployAll(ctxOf(t), f)
	var fleet *deploy.FleetError
	if !errors.As(err, &fleet) || !fleet.Begun {
		t.Fatalf("error %v; want a *FleetError of a fleet that has begun", err)
	}
	want := map[string]string{"a": "deployed", "b": "rolled back", "c": "not begun after b"}
	if diff := cmp.Diff(want, outcomes(results)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if left := w.changeSets(t, "c"); len(left) > 0 {
		t.Errorf("change sets left behind: %v", left)
	}
}

// What an earlier run has begun goes on, though nothing else begins, and is not said to be
// as it was.
func TestDeployAllLeavesWhatIsRunning(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.shops(t, nil, "a")
	w.shops(t, map[string]string{"Leak": "yes"}, "leaks")
	w.srv.SetImage(":v2", slowStart)
	if _, err := w.Deploy(ctxOf(t), deploy.Request{Stack: "a", Image: v2, NoWait: true}); err != nil {
		t.Fatal(err)
	}
	results, err := w.DeployAll(ctxOf(t), deploy.Fleet{Requests: requests(v2, "a", "leaks")})
	want := map[string]string{"a": "left", "leaks": "refused"}
	if diff := cmp.Diff(want, outcomes(results)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if !strings.Contains(err.Error(), "stack a was left running: an earlier run had begun it") || !strings.Contains(err.Error(), "no other deploy was begun") {
		t.Errorf("error %v", err)
	}
}

func TestDeployAllInterrupted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.srv.SetImage(":v2", emulator.Conduct{PullTime: 4 * time.Minute})
	w.shops(t, nil, "a", "b")
	ctx, cancel := context.WithCancel(ctxOf(t))
	defer cancel()
	w.onEvent(func(e deploy.Event) {
		if _, rolling := e.(deploy.DeploymentProgress); rolling {
			cancel()
		}
	})
	results, err := w.DeployAll(ctx, deploy.Fleet{Requests: requests(v2, "a", "b"), Concurrency: 1})
	if err == nil {
		t.Fatal("no error")
	}
	want := map[string]string{"a": "left", "b": "not begun by interrupt"}
	if diff := cmp.Diff(want, outcomes(results)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if left := w.changeSets(t, "b"); len(left) > 0 {
		t.Errorf("change sets left behind: %v", left)
	}
}

func TestDeployAllOfBadInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.shops(t, nil, "a")
	w.srv.ForgetCalls()
	for name, f := range map[string]deploy.Fleet{
		"nothing":     {},
		"twice":       {Requests: append(requests(v2, "a"), requests(v1, "a")...)},
		"no image":    {Requests: requests("a b", "a")},
		"concurrency": {Requests: requests(v2, "a"), Concurrency: -1},
	} {
		var input *deploy.InputError
		if _, err := w.DeployAll(ctxOf(t), f); !errors.As(err, &input) {
			t.Errorf("%s: error %v; want an *InputError", name, err)
		}
	}
	if calls := w.srv.Calls(); len(calls) > 0 {
		t.Errorf("calls were made: %v", calls)
	}
}
