package deploy_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
)

// way is a deploy of the shop and what comes of it.
type way struct {
	strategy   deploy.Strategy
	image      string
	says, runs string
	rollouts   int      // that of the creation included
	revisions  int      // of the task definition, likewise
	writes     []string // the calls that change something
}

// ways are those that there are.
func ways() map[string]way {
	return map[string]way{
		"changeset": {deploy.StrategyChangeSet, v2, v2, v2, 2, 2, []string{"CreateChangeSet", "ExecuteChangeSet"}},
		"update":    {deploy.StrategyUpdate, v2, v2, v2, 2, 2, []string{"UpdateStack"}},
		"express":   {deploy.StrategyExpress, v2, v2, v2, 2, 2, []string{"UpdateStack"}},
		"ecs":       {deploy.StrategyECS, v2, v1, v2, 2, 2, []string{"RegisterTaskDefinition", "UpdateService"}},
		"recreate":  {deploy.StrategyRecreate, v2, v2, v2, 1, 2, []string{"DeleteStack", "CreateStack"}},
		// Rolled back, since it cannot be pulled.
		"changeset that is cancelled": {deploy.StrategyChangeSet, "acme/web:bad", v1, v1, 3, 2, []string{"CancelUpdateStack"}},
	}
}

func (y way) request() deploy.Request {
	return deploy.Request{Stack: shop, Image: y.image, Strategy: y.strategy, AcceptDowntime: y.strategy == deploy.StrategyRecreate}
}

// newWorldFor is a shop to go this way in.
func (y way) newWorld(t *testing.T, o deploy.Options) *world {
	t.Helper()
	w := newWorld(t, o)
	cfg := w.cfg.Copy()
	cfg.Retryer = func() aws.Retryer { // the SDK's own, which tries three times, in less time
		return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = 20 * time.Millisecond })
	}
	o.Clock, o.Observe = w.srv.Clock(), w.observe
	w.Deployer = deploy.New(cfg, o)
	w.srv.SetImage(":bad", emulator.Conduct{Missing: true})
	w.upShop(t, variant("# breaker", ""), v1)
	w.srv.ForgetCalls()
	return w
}

// require holds that the way was gone to its end, and once.
func (y way) require(t *testing.T, w *world, err error) {
	t.Helper()
	var rolledBack *deploy.RolledBackError
	switch cancelled := errors.As(err, &rolledBack) && strings.Contains(rolledBack.Reason, "cancelled: "); {
	case y.image == v2 && err != nil:
		t.Errorf("error %v", err)
	case y.image != v2 && !cancelled:
		t.Errorf("error %v; want a *RolledBackError by our cancellation", err)
	}
	w.awaitIdle(t, shop)
	w.requireShop(t, y.says, y.runs, y.says != y.runs)
	if err := w.runs(t, shop, y.says, y.runs, y.rollouts); err != nil {
		t.Error(err)
	}
	if n := w.revisions(t); n != y.revisions {
		t.Errorf("%d revisions, want %d", n, y.revisions)
	}
	if left := w.changeSets(t, shop); len(left) > 0 {
		t.Errorf("change sets left behind: %v", left)
	}
}

// AWS throttles, is out of order, and cuts connections before or after it has done what it
// was asked for: what comes of a deploy is the same, and nothing is done twice.
func TestDeployUnderFaults(t *testing.T) {
	t.Parallel()
	for name, y := range ways() {
		faults := map[string]func(operation string) emulator.Fault{
			"throttled": func(operation string) emulator.Fault {
				return emulator.FaultThrottle{FaultCalls: emulator.FaultCalls{Operation: operation}, FaultWhen: emulator.FaultWhen{Times: 2}}
			},
			"out of order": func(operation string) emulator.Fault {
				return emulator.FaultError{FaultCalls: emulator.FaultCalls{Operation: operation}, FaultWhen: emulator.FaultWhen{Times: 2}}
			},
		}
		for fault, of := range faults {
			t.Run(name+" "+fault+" in every operation", func(t *testing.T) {
				t.Parallel()
				w := y.newWorld(t, deploy.Options{})
				for _, operation := range operations(t, y) {
					if _, err := w.srv.Inject(of(operation)); err != nil {
						t.Fatal(err)
					}
				}
				_, err := w.Deploy(ctxOf(t), y.request())
				y.require(t, w, err)
				for _, f := range w.srv.Faults() {
					if f.Strikes != 2 {
						t.Errorf("%+v struck %d times", f.Fault, f.Strikes)
					}
				}
			})
		}
		for _, operation := range y.writes {
			for _, cut := range []struct {
				after bool
				times int
			}{{false, 1}, {false, 2}, {true, 1}, {true, 3}} {
				when := map[bool]string{false: "before", true: "after"}[cut.after]
				t.Run(fmt.Sprintf("%s cut %s %s %d times", name, when, operation, cut.times), func(t *testing.T) {
					t.Parallel()
					w := y.newWorld(t, deploy.Options{})
					_, err := w.srv.Inject(emulator.FaultCut{
						FaultCalls: emulator.FaultCalls{Operation: operation}, FaultWhen: emulator.FaultWhen{Times: cut.times}, After: cut.after,
					})
					if err != nil {
						t.Fatal(err)
					}
					_, err = w.Deploy(ctxOf(t), y.request())
					y.require(t, w, err)
					if n := w.srv.Faults()[0].Strikes; n == 0 {
						t.Error("it was not cut")
					}
				})
			}
		}
	}
}

// operations are those that a deploy calls in any case.
func operations(t *testing.T, y way) []string {
	t.Helper()
	all := append([]string{"DescribeStacks", "GetTemplate", "ListStackResources", "DescribeServices"}, y.writes...)
	switch y.strategy {
	case deploy.StrategyChangeSet:
		all = append(all, "DescribeChangeSet", "DescribeStackEvents")
	case deploy.StrategyUpdate, deploy.StrategyExpress, deploy.StrategyRecreate:
		all = append(all, "GetStackPolicy", "DescribeStackEvents")
	default:
		all = append(all, "DescribeTaskDefinition", "DescribeServiceDeployments")
	}
	if y.image == v2 {
		all = append(all, "ListServiceDeployments", "DescribeServiceRevisions", "ListTasks")
	}
	return all
}
