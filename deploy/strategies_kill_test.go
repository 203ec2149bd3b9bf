package deploy_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	smithymiddleware "github.com/aws/smithy-go/middleware"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
)

// killer is a client of AWS that dies at one of its calls, before AWS has it or after AWS
// has carried it out: none of its calls arrives from then on.
type killer struct {
	at        int    // the number of the call
	operation string // or its operation
	after     bool
	die       context.CancelFunc

	mu    sync.Mutex
	calls int
	dead  bool
}

var errKilled = errors.New("killed")

func (k *killer) Do(r *http.Request) (*http.Response, error) {
	k.mu.Lock()
	k.calls++
	late := k.dead
	k.dead = k.dead || k.calls == k.at || k.operation != "" && r.Context().Value(operationKey{}) == k.operation
	dead := k.dead
	k.mu.Unlock()
	switch {
	case !dead:
		return http.DefaultClient.Do(r)
	case !late && k.after:
		if answer, err := http.DefaultClient.Do(r); err == nil {
			answer.Body.Close()
		}
	}
	k.die()
	return nil, errKilled
}

// named puts the name of the operation into a request's context.
func named(stack *smithymiddleware.Stack) error {
	return stack.Initialize.Add(smithymiddleware.InitializeMiddlewareFunc("name",
		func(ctx context.Context, in smithymiddleware.InitializeInput, next smithymiddleware.InitializeHandler) (smithymiddleware.InitializeOutput, smithymiddleware.Metadata, error) {
			return next.HandleInitialize(context.WithValue(ctx, operationKey{}, middleware.GetOperationName(ctx)), in)
		}), smithymiddleware.After)
}

// dying does something with a client that dies at a call, and tells how many it has made.
func (w *world) dying(t *testing.T, k *killer, do func(context.Context, *deploy.Deployer)) (calls int) {
	t.Helper()
	ctx, die := context.WithCancel(ctxOf(t))
	defer die()
	if k.die == nil {
		k.die = die
	}
	cfg := w.cfg.Copy()
	cfg.HTTPClient, cfg.RetryMaxAttempts, cfg.APIOptions = k, 1, append(cfg.APIOptions, named)
	do(ctx, deploy.New(cfg, deploy.Options{Clock: w.srv.Clock()}))
	return k.calls
}

// killedAt deploys with a client that dies at a call, and tells how many it has made.
func (w *world) killedAt(t *testing.T, request deploy.Request, k *killer) (calls int, err error) {
	t.Helper()
	calls = w.dying(t, k, func(ctx context.Context, d *deploy.Deployer) { _, err = d.Deploy(ctx, request) })
	return calls, err
}

func (k *killer) String() string {
	where := fmt.Sprintf("call %d", k.at)
	if k.operation != "" {
		where = k.operation
	}
	if k.after {
		return "after " + where
	}
	return "before " + where
}

// Killed at any call and started again, each strategy ends where it would have ended, with
// as many rollouts.
func TestStrategiesKilledAtEveryCall(t *testing.T) {
	t.Parallel()
	const bad = "acme/web:bad"
	unbroken := variant("# breaker", "") // so that it is cancelled
	tests := map[string]struct {
		strategy    deploy.Strategy
		template    string
		image       string
		says, runs  string
		deployments int // at most; that of the creation included
	}{
		"update":                {deploy.StrategyUpdate, storeTemplate, v2, v2, v2, 2},
		"express":               {deploy.StrategyExpress, storeTemplate, v2, v2, v2, 2},
		"ecs":                   {deploy.StrategyECS, storeTemplate, v2, v1, v2, 2},
		"change set that fails": {deploy.StrategyChangeSet, unbroken, bad, v1, v1, 5},
		"update that fails":     {deploy.StrategyUpdate, unbroken, bad, v1, v1, 5},
		"express that fails":    {deploy.StrategyExpress, storeTemplate, bad, v1, v1, 5},
		"ecs that fails":        {deploy.StrategyECS, storeTemplate, bad, v1, v1, 4},
		"recreate":              {deploy.StrategyRecreate, storeTemplate, v2, v2, v2, 1},
		"recreate that fails":   {deploy.StrategyRecreate, storeTemplate, bad, v1, v1, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, deploy.Options{})
			w.srv.SetImage(":bad", emulator.Conduct{Missing: true}) // which never runs, however busy the machine is
			w.srv.SetImage(":v2", emulator.Conduct{PullTime: 30 * time.Second})
			fails := tt.image != v2
			request := deploy.Request{Stack: shop, Image: tt.image, Strategy: tt.strategy, AcceptDowntime: tt.strategy == deploy.StrategyRecreate}
			w.upShop(t, tt.template, v1)
			w.srv.ForgetCalls()
			calls, err := w.killedAt(t, request, &killer{})
			if err != nil != fails {
				t.Fatalf("unharmed: %v", err)
			}
			if calls < 15 {
				t.Fatalf("it made %d calls; want all of them counted", calls)
			}
			var killers []*killer
			for at := 1; at <= calls; at++ {
				switch {
				case !fails:
					killers = append(killers, &killer{at: at}, &killer{at: at, after: true})
				case at%3 == 0: // an end that takes long is not awaited for every call
					killers = append(killers, &killer{at: at, after: at%2 == 0})
				}
			}
			if n := w.calls()["CancelUpdateStack"]; n > 0 {
				killers = append(killers, &killer{operation: "CancelUpdateStack"}, &killer{operation: "CancelUpdateStack", after: true})
			} else if tt.template == unbroken {
				t.Error("it was not cancelled")
			}
			var kills sync.WaitGroup
			slots := make(chan struct{}, killsAtOnce)
			for i, k := range killers {
				kills.Go(func() {
					slots <- struct{}{}
					defer func() { <-slots }()
					request, deployments := request, tt.deployments
					request.Stack = fmt.Sprintf("shop-%d", i)
					if k.operation != "" {
						deployments = 3 // it went on with the one rollout, and its rollback
					}
					if err := w.killedAndStartedAgain(t, request, tt.template, k, fails); err != nil {
						t.Errorf("killed %s: %v", k, err)
						return
					}
					if err := w.runs(t, request.Stack, tt.says, tt.runs, deployments); err != nil {
						t.Errorf("killed %s: %v", k, err)
					}
				})
			}
			kills.Wait()
		})
	}
}

// killsAtOnce is how many deploys run at the same time; most of theirs is waiting.
const killsAtOnce = 6

func (w *world) killedAndStartedAgain(t *testing.T, request deploy.Request, template string, k *killer, fails bool) error {
	_, err := w.Up(ctxOf(t), deploy.StackSpec{Name: request.Stack, TemplateBody: template, Parameters: map[string]string{"Image": v1}})
	if err != nil {
		return err
	}
	_, _ = w.killedAt(t, request, k)
	request.WaitForStack = time.Hour
	_, err = w.Deploy(ctxOf(t), request)
	var rolledBack *deploy.RolledBackError
	if fails && errors.As(err, &rolledBack) {
		return nil
	}
	return err
}

// runs compares what a stack says, what its service runs, and how many deployments that
// took.
func (w *world) runs(t *testing.T, stack, says, runs string, deployments int) error {
	status, err := w.Status(ctxOf(t), stack, "")
	if err != nil {
		return err
	}
	images := status.Services[0].Images
	i := slices.IndexFunc(images, func(i deploy.RunningImage) bool { return i.Container == shop })
	if status.Image != says || i < 0 || images[i].Image != runs || images[i].Tasks != 2 {
		return fmt.Errorf("the stack says %s, and %+v run; want %s and %s", status.Image, images, says, runs)
	}
	listed, err := ecs.NewFromConfig(w.cfg).ListServiceDeployments(ctxOf(t), &ecs.ListServiceDeploymentsInput{Cluster: &stack, Service: &stack})
	if err == nil && len(listed.ServiceDeployments) > deployments {
		err = fmt.Errorf("there were %d deployments, want %d at most", len(listed.ServiceDeployments), deployments)
	}
	return err
}
