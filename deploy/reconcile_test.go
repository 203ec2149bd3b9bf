package deploy_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
)

// Drift ends on the side that is said to be right, and then there is none to end.
func TestReconcile(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		to                     deploy.Side
		image                  string
		updates, changes, sets int // calls of UpdateService, changes to the stack, change sets
	}{
		"stack":   {deploy.SideStack, v1, 1, 0, 0},
		"default": {"", v1, 1, 0, 0},
		"running": {deploy.SideRunning, v2, 0, 2, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, deploy.Options{})
			w.upShop(t, storeTemplate, v1)
			if _, err := deployShop(t, w, deploy.StrategyECS, v2); err != nil {
				t.Fatal(err)
			}
			w.srv.ForgetCalls()
			result, err := w.Reconcile(ctxOf(t), deploy.ReconcileRequest{Stack: shop, To: tt.to})
			if err != nil {
				t.Fatal(err)
			}
			if len(result.Drift) != 1 || result.Image != tt.image || len(result.Services) != 1 || result.Services[0].Running != 2 || len(result.Changes) != tt.changes {
				t.Errorf("result %+v", result)
			}
			if calls := w.calls(); calls["UpdateService"] != tt.updates || calls["ExecuteChangeSet"] != tt.sets {
				t.Errorf("calls %v", calls)
			}
			w.requireShop(t, tt.image, tt.image, false)
			w.srv.ForgetCalls()
			again, err := w.Reconcile(ctxOf(t), deploy.ReconcileRequest{Stack: shop, To: tt.to})
			if err != nil || len(again.Drift) != 0 || again.Image != tt.image || len(again.Services) != 1 {
				t.Errorf("again: %+v, %v", again, err)
			}
			if calls := w.calls(); calls["UpdateService"]+calls["CreateChangeSet"] > 0 {
				t.Errorf("calls of the second time: %v", calls)
			}
			if _, err := deployShop(t, w, deploy.StrategyChangeSet, "acme/web:v3"); err != nil {
				t.Errorf("the next deploy: %v", err)
			}
		})
	}
}

// A foreign task definition is taken back, and never taken over.
func TestReconcileForeign(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.upShop(t, storeTemplate, v1)
	ctx, client := ctxOf(t), ecs.NewFromConfig(w.cfg)
	out, err := client.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String(shop)})
	if err != nil {
		t.Fatal(err)
	}
	td := out.TaskDefinition
	made, err := client.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("other"), ContainerDefinitions: td.ContainerDefinitions, Cpu: td.Cpu, Memory: td.Memory,
		NetworkMode: td.NetworkMode, RequiresCompatibilities: td.RequiresCompatibilities,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: aws.String(shop), Service: aws.String(shop), TaskDefinition: made.TaskDefinition.TaskDefinitionArn})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Reconcile(ctx, deploy.ReconcileRequest{Stack: shop, To: deploy.SideRunning})
	var refused *deploy.RefusedError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), `Task/Properties/Family: drift: the task definition that service shop runs differs in more than the image ("shop" -> "other")`) {
		t.Errorf("error %v; want a *RefusedError with the family", err)
	}
	if _, err := w.Reconcile(ctx, deploy.ReconcileRequest{Stack: shop}); err != nil {
		t.Fatal(err)
	}
	status := w.requireShop(t, v1, v1, false)
	if td := status.Services[0].TaskDefinition; !strings.HasSuffix(td, "/shop:1") {
		t.Errorf("the service runs %s", td)
	}
}

func TestReconcileFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.upShop(t, storeTemplate, v1)
	if _, err := deployShop(t, w, deploy.StrategyECS, v2); err != nil {
		t.Fatal(err)
	}
	w.srv.SetImage(":v1", emulator.Conduct{Missing: true}) // it was deleted meanwhile
	_, err := w.Reconcile(ctxOf(t), deploy.ReconcileRequest{Stack: shop})
	var rolledBack *deploy.RolledBackError
	if !errors.As(err, &rolledBack) || !strings.Contains(err.Error(), "CannotPullContainerError") {
		t.Errorf("error %v; want a *RolledBackError", err)
	}
	w.requireShop(t, v1, v2, true)
	_, err = w.Reconcile(ctxOf(t), deploy.ReconcileRequest{Stack: shop, To: "both"})
	var input *deploy.InputError
	if !errors.As(err, &input) {
		t.Errorf("error %v; want an *InputError", err)
	}
}

// Killed at some of its calls and started again, it ends where it would have ended.
func TestReconcileKilled(t *testing.T) {
	t.Parallel()
	for _, to := range deploy.Sides() {
		t.Run(string(to), func(t *testing.T) {
			t.Parallel()
			want := map[deploy.Side]string{deploy.SideStack: v1, deploy.SideRunning: v2}[to]
			w := newWorld(t, deploy.Options{})
			for at := 8; at <= 40; at += 8 {
				w.srv.SetImage(":v1", emulator.Conduct{PullTime: 30 * time.Second})
				if at == 8 {
					w.upShop(t, storeTemplate, v1)
				} else if _, err := deployShop(t, w, deploy.StrategyChangeSet, v1); err != nil {
					t.Fatal(err)
				}
				if _, err := deployShop(t, w, deploy.StrategyECS, v2); err != nil {
					t.Fatal(err)
				}
				request := deploy.ReconcileRequest{Stack: shop, To: to, WaitForStack: time.Hour}
				w.dying(t, &killer{at: at, after: at%16 == 0}, func(ctx context.Context, d *deploy.Deployer) { _, _ = d.Reconcile(ctx, request) })
				if _, err := w.Reconcile(ctxOf(t), request); err != nil {
					t.Errorf("killed at call %d, and started again: %v", at, err)
				}
				w.requireShop(t, want, want, false)
			}
		})
	}
}

// A version that has come to its end well is not taken back for tasks that stopped later.
func TestReconcileLeavesWhatRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.upShop(t, storeTemplate, v1)
	if _, err := deployShop(t, w, deploy.StrategyChangeSet, v2); err != nil {
		t.Fatal(err)
	}
	client, killed := ecs.NewFromConfig(w.cfg), map[string]bool{}
	for len(killed) <= deploy.DefaultMaxFailedTasks {
		w.awaitStable(t)
		running, err := client.ListTasks(ctxOf(t), &ecs.ListTasksInput{Cluster: aws.String(shop), ServiceName: aws.String(shop)})
		if err != nil {
			t.Fatal(err)
		}
		for _, arn := range running.TaskArns {
			if killed[arn] {
				continue // which has not shown yet
			}
			killed[arn] = true
			if _, err := w.srv.Inject(emulator.FaultTaskKill{Task: arn}); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.awaitStable(t)
	if done, err := w.Reconcile(ctxOf(t), deploy.ReconcileRequest{Stack: shop, To: deploy.SideStack}); err != nil || len(done.Drift) > 0 {
		t.Errorf("%+v, %v; want nothing to reconcile", done, err)
	}
	if result, err := deployShop(t, w, deploy.StrategyECS, v2); err != nil || !result.AlreadyCurrent {
		t.Errorf("%+v, %v; want the image to be there", result, err)
	}
	w.requireShop(t, v2, v2, false)
}
