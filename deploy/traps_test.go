package deploy_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	smithymiddleware "github.com/aws/smithy-go/middleware"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
)

// This file has the traps of updating by hand. Each is sprung first, by the calls that
// scripts make, so that it is seen to be one; then a deploy goes past it.

// byHand updates the shop's stack as a script does.
func (w *world) byHand(t *testing.T, in *cloudformation.UpdateStackInput) {
	t.Helper()
	in.StackName = aws.String(shop)
	if in.TemplateBody == nil {
		in.UsePreviousTemplate = aws.Bool(true)
	}
	if _, err := cloudformation.NewFromConfig(w.cfg).UpdateStack(ctxOf(t), in); err != nil {
		t.Fatal(err)
	}
	w.awaitIdle(t, shop)
}

func given(key, value string) types.Parameter {
	return types.Parameter{ParameterKey: &key, ParameterValue: &value}
}

func asBefore(key string) types.Parameter {
	return types.Parameter{ParameterKey: &key, UsePreviousValue: aws.Bool(true)}
}

// greeting is the shop's other parameter, and whether its template says so.
func (w *world) greeting(t *testing.T) string {
	t.Helper()
	for _, p := range w.describe(t, shop).Parameters {
		if aws.ToString(p.ParameterKey) == "Greeting" {
			return aws.ToString(p.ParameterValue)
		}
	}
	return ""
}

// A parameter that an update leaves out falls back to its default.
func TestTrapParameterLeftOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.upShop(t, storeTemplate, v1) // with a greeting of its own
	for _, strategy := range []deploy.Strategy{deploy.StrategyChangeSet, deploy.StrategyUpdate, deploy.StrategyExpress, deploy.StrategyRecreate} {
		if _, err := w.Deploy(ctxOf(t), deploy.Request{Stack: shop, Image: "acme/web:" + string(strategy), Strategy: strategy, AcceptDowntime: strategy == deploy.StrategyRecreate}); err != nil {
			t.Fatal(err)
		}
		if is := w.greeting(t); is != "good day" {
			t.Errorf("after a deploy by %s, the greeting is %q", strategy, is)
		}
	}
	w.byHand(t, &cloudformation.UpdateStackInput{Parameters: []types.Parameter{given("Image", v1)}})
	if is := w.greeting(t); is != "hello" {
		t.Fatalf("by hand, the greeting is %q: this is no trap any more", is)
	}
}

// rewriteChangeSet changes what a deployer asks for when it makes a change set: what a
// mistake, or somebody at the same time, would do.
func rewriteChangeSet(edit func(*cloudformation.CreateChangeSetInput)) func(*smithymiddleware.Stack) error {
	return func(stack *smithymiddleware.Stack) error {
		return stack.Initialize.Add(smithymiddleware.InitializeMiddlewareFunc("rewrite",
			func(ctx context.Context, in smithymiddleware.InitializeInput, next smithymiddleware.InitializeHandler) (smithymiddleware.InitializeOutput, smithymiddleware.Metadata, error) {
				if create, ok := in.Parameters.(*cloudformation.CreateChangeSetInput); ok {
					edit(create)
				}
				return next.HandleInitialize(ctx, in)
			}), smithymiddleware.After)
	}
}

// Whatever gets into a change set beside the image, the gate sees it.
func TestTrapMoreThanTheImage(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		edit func(*cloudformation.CreateChangeSetInput)
		want []string
	}{
		"another parameter changed": {
			func(in *cloudformation.CreateChangeSetInput) {
				in.Parameters = []types.Parameter{given("Image", v2), given("Greeting", "goodbye")}
			},
			[]string{`Parameters/Greeting: another parameter changes ("good day" -> "goodbye")`, `Task/Properties/ContainerDefinitions/0/Environment/0/Value`},
		},
		"another parameter left out": {
			func(in *cloudformation.CreateChangeSetInput) { in.Parameters = []types.Parameter{given("Image", v2)} },
			[]string{`Parameters/Greeting: another parameter changes ("good day" -> "hello")`},
		},
		"template changed": {
			func(in *cloudformation.CreateChangeSetInput) {
				in.UsePreviousTemplate, in.TemplateBody = nil, aws.String(strings.Replace(storeTemplate, "Cpu: '256'", "Cpu: '512'", 1))
			},
			[]string{`Task/Properties/Cpu: it is not the image of a container that the parameter feeds ("256" -> "512")`},
		},
		"another topic told": {
			func(in *cloudformation.CreateChangeSetInput) {
				in.NotificationARNs = []string{"arn:aws:sns:eu-west-1:123456789012:elsewhere"}
			},
			[]string{`Stack/NotificationARNs: whom CloudFormation tells of the stack's events would change (nothing -> "arn:aws:sns:eu-west-1:123456789012:elsewhere")`},
		},
		"another tag of the stack": {
			func(in *cloudformation.CreateChangeSetInput) {
				in.Tags = []types.Tag{{Key: aws.String("team"), Value: aws.String("other")}}
			},
			[]string{`Stack/Tags: the tags of the stack would change`, "Task: more than properties would change"},
		},
		"resource removed": {
			func(in *cloudformation.CreateChangeSetInput) {
				in.UsePreviousTemplate, in.TemplateBody = nil, aws.String(strings.Split(storeTemplate, "  Service:\n")[0])
			},
			[]string{"Service"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, deploy.Options{})
			w.upShop(t, storeTemplate, v1)
			cfg := w.cfg.Copy()
			cfg.APIOptions = append(cfg.APIOptions, rewriteChangeSet(tt.edit))
			_, err := deploy.New(cfg, deploy.Options{Clock: w.srv.Clock()}).Deploy(ctxOf(t), deploy.Request{Stack: shop, Image: v2})
			var refused *deploy.RefusedError
			if !errors.As(err, &refused) {
				t.Fatalf("error %v; want a *RefusedError", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %v; want %q in it", err, want)
				}
			}
			if left := w.changeSets(t, shop); len(left) > 0 {
				t.Errorf("change sets left behind: %v", left)
			}
			w.requireShop(t, v1, v1, false)
			if is := w.greeting(t); is != "good day" {
				t.Errorf("the greeting is %q", is)
			}
		})
	}
}

// An update with the tag that the stack has already is no update, whatever the tag names
// by now.
func TestTrapLatestPushedAgain(t *testing.T) {
	t.Parallel()
	w, repository := newShop(t, deploy.Options{})
	latest := repository + ":latest"
	w.push(t, latest, emulator.Image{Content: "1"})
	w.upShop(t, storeTemplate, latest)
	second := w.push(t, latest, emulator.Image{Content: "2"})
	_, err := cloudformation.NewFromConfig(w.cfg).UpdateStack(ctxOf(t), &cloudformation.UpdateStackInput{
		StackName: aws.String(shop), UsePreviousTemplate: aws.Bool(true),
		Parameters: []types.Parameter{given("Image", latest), asBefore("Greeting")},
	})
	if err == nil || !strings.Contains(err.Error(), "No updates are to be performed") {
		t.Fatalf("by hand: %v; this is no trap any more", err)
	}
	result, err := w.Deploy(ctxOf(t), deploy.Request{Stack: shop, Image: latest})
	if err != nil || result.AlreadyCurrent || result.Services[0].Digest != second {
		t.Errorf("deployed %+v, %v; want %s", result, err, second)
	}
}

// What was done through ECS, an update of the stack undoes without a word.
func TestTrapBehindTheBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.upShop(t, storeTemplate, v1)
	hotfix := "acme/web:hotfix"
	if _, err := deployShop(t, w, deploy.StrategyECS, hotfix); err != nil {
		t.Fatal(err)
	}
	w.requireShop(t, v1, hotfix, true)
	_, err := w.Deploy(ctxOf(t), deploy.Request{Stack: shop, Image: v2})
	var refused *deploy.RefusedError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "behind CloudFormation's back") || !strings.Contains(err.Error(), "slipway reconcile "+shop) {
		t.Errorf("error %v; want a *RefusedError that says how to end the drift", err)
	}
	w.requireShop(t, v1, hotfix, true)
	w.byHand(t, &cloudformation.UpdateStackInput{Parameters: []types.Parameter{given("Image", v2), asBefore("Greeting")}})
	w.requireShop(t, v2, v2, false) // the hotfix is gone
}

// A change set that was reviewed is not what is executed once the stack has changed.
func TestTrapStaleChangeSet(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.upShop(t, storeTemplate, v1)
	var once sync.Once
	cfg := w.cfg.Copy()
	cfg.APIOptions = append(cfg.APIOptions, before("ExecuteChangeSet", func() {
		once.Do(func() {
			w.byHand(t, &cloudformation.UpdateStackInput{Parameters: []types.Parameter{asBefore("Image"), given("Greeting", "moin")}})
		})
	}))
	_, err := deploy.New(cfg, deploy.Options{Clock: w.srv.Clock()}).Deploy(ctxOf(t), deploy.Request{Stack: shop, Image: v2})
	var state *deploy.StackStateError
	if !errors.As(err, &state) || !strings.Contains(err.Error(), "try again") {
		t.Errorf("error %v; want a *StackStateError", err)
	}
	w.requireShop(t, v1, v1, false)
	if is := w.greeting(t); is != "moin" {
		t.Errorf("the greeting is %q; want what the other update has set", is)
	}
}

// A circuit breaker that puts the old version back ends in a steady service, which
// waiters and eyes take for success.
func TestTrapBreakerIsNoSuccess(t *testing.T) {
	t.Parallel()
	for _, strategy := range []deploy.Strategy{deploy.StrategyChangeSet, deploy.StrategyUpdate, deploy.StrategyExpress, deploy.StrategyECS} {
		t.Run(string(strategy), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, deploy.Options{})
			w.srv.SetImage(":bad", emulator.Conduct{Crash: true, CrashAfter: -1, ExitCode: 1})
			w.upShop(t, storeTemplate, v1)
			// Nobody but ECS's breaker is to end it.
			_, err := w.Deploy(ctxOf(t), deploy.Request{Stack: shop, Image: "acme/web:bad", Strategy: strategy, MaxFailedTasks: -1})
			var rolledBack *deploy.RolledBackError
			if !errors.As(err, &rolledBack) || len(rolledBack.Tasks) == 0 {
				t.Errorf("error %v; want a *RolledBackError with the stopped tasks", err)
			}
			w.awaitStable(t) // else this is no trap any more
			w.requireShop(t, v1, v1, false)
		})
	}
}
