package deploy_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
)

const v3 = "acme/web:v3"

// update begins an update of the shop's stack as somebody else does.
func (w *world) update(t *testing.T, image string) {
	t.Helper()
	_, err := cloudformation.NewFromConfig(w.cfg).UpdateStack(context.Background(), &cloudformation.UpdateStackInput{
		StackName: aws.String(shop), UsePreviousTemplate: aws.Bool(true), ClientRequestToken: aws.String("theirs"),
		Parameters: []types.Parameter{given("Image", image), asBefore("Greeting")},
	})
	if err != nil {
		t.Error(err)
	}
}

// isOvertaken tells whether a deploy says that something has overtaken it.
func isOvertaken(err error, what string) bool {
	var state *deploy.StackStateError
	return errors.As(err, &state) && strings.Contains(state.Reason, "was overtaken") && strings.Contains(state.Reason, what)
}

// undone counts what a deployer has done to bring something back.
func (w *world) undone() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, e := range w.events {
		switch e.(type) {
		case deploy.Reverting, deploy.Cancelling:
			n++
		}
	}
	return n
}

// Somebody else deploys while ECS is at work for us: theirs stays, and is not fought.
func TestDeployOvertakenInECS(t *testing.T) {
	t.Parallel()
	byHand := func(force bool, image string) func(*testing.T, *world) error {
		return func(t *testing.T, w *world) error {
			client := ecs.NewFromConfig(w.cfg)
			in := &ecs.UpdateServiceInput{Cluster: aws.String(shop), Service: aws.String(shop), ForceNewDeployment: force}
			if image != "" {
				out, err := client.DescribeTaskDefinition(ctxOf(t), &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String(shop)})
				if err != nil {
					return err
				}
				td := out.TaskDefinition
				td.ContainerDefinitions[0].Image = &image
				made, err := client.RegisterTaskDefinition(ctxOf(t), &ecs.RegisterTaskDefinitionInput{
					Family: td.Family, ContainerDefinitions: td.ContainerDefinitions, Cpu: td.Cpu, Memory: td.Memory,
					NetworkMode: td.NetworkMode, RequiresCompatibilities: td.RequiresCompatibilities,
				})
				if err != nil {
					return err
				}
				in.TaskDefinition = made.TaskDefinition.TaskDefinitionArn
			}
			_, err := client.UpdateService(ctxOf(t), in)
			return err
		}
	}
	by := func(strategy deploy.Strategy) func(*testing.T, *world) error {
		return func(t *testing.T, w *world) error {
			_, err := deploy.New(w.cfg, deploy.Options{Clock: w.srv.Clock()}).Deploy(ctxOf(t), deploy.Request{Stack: shop, Image: v3, Strategy: strategy})
			return err
		}
	}
	tests := map[string]struct {
		strategy   deploy.Strategy
		theirs     func(*testing.T, *world) error
		what       string // has overtaken ours; empty when nothing has
		says, runs string
	}{
		"express by express":            {deploy.StrategyExpress, by(deploy.StrategyExpress), "somebody else", v3, v3},
		"express by a change set":       {deploy.StrategyExpress, by(deploy.StrategyChangeSet), "somebody else", v3, v3},
		"express by hand":               {deploy.StrategyExpress, byHand(false, v3), "service shop was given shop:3 by somebody else", v2, v3},
		"express by the same once more": {deploy.StrategyExpress, byHand(true, ""), "", v2, v2},
		"ecs by ecs":                    {deploy.StrategyECS, by(deploy.StrategyECS), "service shop was given shop:3 by somebody else", v1, v3},
		"ecs by the same once more":     {deploy.StrategyECS, byHand(true, ""), "", v1, v2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, deploy.Options{})
			w.srv.SetImage(":v2", slowStart)
			w.upShop(t, storeTemplate, v1)
			begun := make(chan struct{})
			var once sync.Once
			w.onEvent(func(e deploy.Event) {
				if p, ok := e.(deploy.DeploymentProgress); ok && p.Pending > 0 {
					once.Do(func() { close(begun) })
				}
			})
			ours := make(chan error, 1)
			go func() {
				_, err := w.Deploy(ctxOf(t), deploy.Request{Stack: shop, Image: v2, Strategy: tt.strategy})
				ours <- err
			}()
			<-begun
			if err := tt.theirs(t, w); err != nil {
				t.Errorf("theirs: %v", err)
			}
			if err := <-ours; tt.what == "" && err != nil || tt.what != "" && !isOvertaken(err, tt.what) {
				t.Errorf("ours: %v; want it overtaken by %q", err, tt.what)
			}
			if n := w.undone(); n > 0 {
				t.Errorf("ours has brought something back, %d times", n)
			}
			w.awaitIdle(t, shop)
			w.awaitStable(t)
			w.requireShop(t, tt.says, tt.runs, tt.says != tt.runs)
		})
	}
}

// awaitStable waits until the shop's service has come to rest.
func (w *world) awaitStable(t *testing.T) {
	t.Helper()
	client := ecs.NewFromConfig(w.cfg)
	in := &ecs.DescribeServicesInput{Cluster: aws.String(shop), Services: []string{shop}}
	quick := func(o *ecs.ServicesStableWaiterOptions) {
		o.MinDelay, o.MaxDelay = 50*time.Millisecond, 50*time.Millisecond
	}
	if err := ecs.NewServicesStableWaiter(client, quick).Wait(ctxOf(t), in, time.Minute); err != nil {
		t.Fatal(err)
	}
}

// Interrupted or too late, a rollout is not taken back over somebody else's.
func TestDeployOvertakenBeforeItIsTakenBack(t *testing.T) {
	t.Parallel()
	for _, strategy := range []deploy.Strategy{deploy.StrategyExpress, deploy.StrategyECS} {
		t.Run(string(strategy), func(t *testing.T) {
			t.Parallel()
			var w *world
			w = newWorld(t, deploy.Options{OnInterrupt: func(string) deploy.Interrupt { // whoever is asked takes a while
				w.update(t, v3)
				w.awaitIdle(t, shop)
				return deploy.Cancel
			}})
			w.srv.SetImage(":v2", slowStart)
			w.upShop(t, storeTemplate, v1)
			ctx, cancel := context.WithCancel(ctxOf(t))
			defer cancel()
			w.onEvent(func(e deploy.Event) {
				if p, ok := e.(deploy.DeploymentProgress); ok && p.Pending > 0 {
					cancel()
				}
			})
			_, err := w.Deploy(ctx, deploy.Request{Stack: shop, Image: v2, Strategy: strategy})
			if !isOvertaken(err, "") || w.undone() > 0 {
				t.Errorf("ours: %v, brought back: %d; want it overtaken", err, w.undone())
			}
			w.requireShop(t, v3, v3, false)
		})
	}
}

// The next update begins before we have seen the end of ours. How that ends is none of
// ours.
func TestDeployOvertakenAtItsEnd(t *testing.T) {
	t.Parallel()
	for _, strategy := range []deploy.Strategy{deploy.StrategyChangeSet, deploy.StrategyUpdate} {
		for name, conduct := range map[string]emulator.Conduct{"well": {PullTime: 30 * time.Second}, "badly": {Crash: true}} {
			t.Run(string(strategy)+" by one that ends "+name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, deploy.Options{})
				w.srv.SetImage(":v3", conduct)
				w.upShop(t, storeTemplate, v1)
				var once sync.Once
				w.onEvent(func(e deploy.Event) {
					if p, ok := e.(deploy.DeploymentProgress); ok && p.RolloutState == "COMPLETED" {
						once.Do(func() { // before the next look
							w.awaitIdle(t, shop)
							w.update(t, v3)
						})
					}
				})
				// Their bad version is gone again when ours is proven, or is not yet.
				_, err := w.Deploy(ctxOf(t), deploy.Request{Stack: shop, Image: v2, Strategy: strategy})
				if !isOvertaken(err, "(theirs), and parameter Image is acme/web:v") && (name == "well" || err != nil) {
					t.Errorf("ours: %v; want it overtaken", err)
				}
				if n := w.calls()["CancelUpdateStack"]; n > 0 {
					t.Error("their update was cancelled")
				}
			})
		}
	}
}

// Asked what is to become of a rollout, a person takes a while: by then it has ended, and
// somebody else's has begun.
func TestDeployCancelsNobodyElse(t *testing.T) {
	t.Parallel()
	var w *world
	w = newWorld(t, deploy.Options{OnInterrupt: func(string) deploy.Interrupt {
		w.awaitIdle(t, shop)
		w.update(t, v3)
		return deploy.Cancel
	}})
	w.srv.SetImage(":v2", emulator.Conduct{PullTime: 30 * time.Second})
	w.srv.SetImage(":v3", slowStart)
	w.upShop(t, storeTemplate, v1)
	ctx, cancel := context.WithCancel(ctxOf(t))
	defer cancel()
	w.onEvent(func(e deploy.Event) {
		if _, rolling := e.(deploy.DeploymentProgress); rolling {
			cancel()
		}
	})
	_, err := w.Deploy(ctx, deploy.Request{Stack: shop, Image: v2})
	var left *deploy.InterruptedError
	if !errors.As(err, &left) || left.Left || !strings.Contains(err.Error(), "stack shop is updated") {
		t.Errorf("error %v; want an *InterruptedError that says that it is updated", err)
	}
	w.awaitIdle(t, shop)
	if s := w.describe(t, shop); s.StackStatus != types.StackStatusUpdateComplete || w.calls()["CancelUpdateStack"] > 0 {
		t.Errorf("their update ended %s", s.StackStatus)
	}
}

// What cannot be cancelled is asked for once.
func TestDeployCancelRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.srv.SetImage(":bad", emulator.Conduct{Missing: true})
	w.upShop(t, variant("# breaker", "      DeploymentConfiguration: {DeploymentCircuitBreaker: {Enable: true, Rollback: true, ThresholdConfiguration: {Type: COUNT, Value: 16}}}"), v1)
	if _, err := w.srv.Inject(emulator.FaultError{
		FaultCalls: emulator.FaultCalls{Operation: "CancelUpdateStack"}, Code: "ValidationError", Message: "CancelUpdateStack cannot be called from current stack status", Status: 400,
	}); err != nil {
		t.Fatal(err)
	}
	_, err := deployShop(t, w, deploy.StrategyChangeSet, "acme/web:bad")
	var rolledBack *deploy.RolledBackError
	if !errors.As(err, &rolledBack) || strings.Contains(rolledBack.Reason, "cancelled") {
		t.Errorf("error %v; want a *RolledBackError by the circuit breaker", err)
	}
	if n := w.srv.Faults()[0].Strikes; n != 1 {
		t.Errorf("the update was to be cancelled %d times", n)
	}
}
