package deploy_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
)

// The network fails for good at a call that changes something, before AWS has it or after
// it was carried out. Nobody can tell which, and so it is not said that nothing was
// changed. Started again, the deploy ends as it would have.
func TestDeployCutOff(t *testing.T) {
	t.Parallel()
	for name, y := range ways() {
		if y.image != v2 {
			continue
		}
		for _, operation := range y.writes {
			for _, after := range []bool{false, true} {
				k := &killer{operation: operation, after: after, die: func() {}}
				t.Run(name+" "+k.String(), func(t *testing.T) {
					t.Parallel()
					w := y.newWorld(t, deploy.Options{})
					_, err := w.killedAt(t, y.request(), k)
					var left *deploy.InterruptedError
					var input *deploy.InputError
					switch operation {
					case "CreateChangeSet", "RegisterTaskDefinition": // by which nothing begins
						if !errors.As(err, &input) || !strings.Contains(err.Error(), "cannot be reached") {
							t.Errorf("error %v; want an *InputError", err)
						}
					default:
						if !errors.As(err, &left) || !left.Left || !strings.Contains(err.Error(), "it is not known whether it has begun") {
							t.Errorf("error %v; want an *InterruptedError that says that nothing is known", err)
						}
					}
					request := y.request()
					request.WaitForStack = time.Hour
					_, err = w.Deploy(ctxOf(t), request)
					y.require(t, w, err)
				})
			}
		}
	}
}

// Interrupted at a call that changes something, it is known what has come of it, and what
// has begun is cancelled or left, as is wanted.
func TestDeployInterruptedAtAWrite(t *testing.T) {
	t.Parallel()
	for name, y := range ways() {
		if y.image != v2 {
			continue
		}
		for _, operation := range y.writes {
			for _, policy := range []deploy.Interrupt{deploy.Cancel, deploy.Leave} {
				t.Run(name+" at "+operation+", "+string(policy), func(t *testing.T) {
					t.Parallel()
					w := y.newWorld(t, deploy.Options{})
					w.srv.SetImage(":v2", slowStart)
					ctx, cancel := context.WithCancel(ctxOf(t))
					defer cancel()
					cfg := w.cfg.Copy()
					cfg.APIOptions = append(cfg.APIOptions, before(operation, cancel))
					d := deploy.New(cfg, deploy.Options{Clock: w.srv.Clock(), OnInterrupt: func(string) deploy.Interrupt { return policy }})
					_, err := d.Deploy(ctx, y.request())
					var left *deploy.InterruptedError
					var rolledBack *deploy.RolledBackError
					begins := operation != "CreateChangeSet" && operation != "RegisterTaskDefinition"
					switch {
					case begins && policy == deploy.Cancel && y.strategy != deploy.StrategyRecreate:
						if !errors.As(err, &rolledBack) || !rolledBack.Interrupted || strings.Contains(err.Error(), "try again") {
							t.Errorf("error %v; want a *RolledBackError by the interrupt", err)
						}
						w.requireShop(t, v1, v1, false)
					case !errors.As(err, &left) || left.Left != begins || strings.Contains(err.Error(), "not known"):
						t.Errorf("error %v; want an *InterruptedError with something left: %t", err, begins)
					}
					if left := w.changeSets(t, shop); len(left) > 0 {
						t.Errorf("change sets left behind: %v", left)
					}
				})
			}
		}
	}
}

// Interrupted when all is prepared and nothing has begun, nothing is left.
func TestDeployInterruptedBeforeExecution(t *testing.T) {
	t.Parallel()
	hang := emulator.FaultLatency{FaultCalls: emulator.FaultCalls{Operation: "ExecuteChangeSet"}} // until the caller gives up
	for name, fault := range map[string]emulator.Fault{"before the call": nil, "while it hangs": hang} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, deploy.Options{OnInterrupt: func(string) deploy.Interrupt {
				t.Error("it was asked what is to become of what has not begun")
				return deploy.Leave
			}})
			w.upShop(t, storeTemplate, v1)
			if fault != nil {
				if _, err := w.srv.Inject(fault); err != nil {
					t.Fatal(err)
				}
			}
			ctx, cancel := context.WithCancel(ctxOf(t))
			defer cancel()
			w.onEvent(func(e deploy.Event) {
				if _, accepted := e.(deploy.ChangesAccepted); accepted && fault == nil {
					cancel()
				}
				if isPhase(e, deploy.PhaseRollout) {
					time.AfterFunc(10*time.Millisecond, cancel)
				}
			})
			_, err := w.Deploy(ctx, deploy.Request{Stack: shop, Image: v2})
			var left *deploy.InterruptedError
			if !errors.As(err, &left) || left.Left || !strings.Contains(err.Error(), "before stack shop was changed") {
				t.Errorf("error %v; want an *InterruptedError that has left nothing", err)
			}
			if left := w.changeSets(t, shop); len(left) > 0 {
				t.Errorf("change sets left behind: %v", left)
			}
			w.requireShop(t, v1, v1, false)
		})
	}
}

// A stack whose creation was begun without an answer is created once.
func TestUpUnderFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	if _, err := w.srv.Inject(emulator.FaultCut{FaultCalls: emulator.FaultCalls{Operation: "CreateStack"}, FaultWhen: emulator.FaultWhen{Times: 3}, After: true}); err != nil {
		t.Fatal(err)
	}
	cfg := w.cfg.Copy()
	cfg.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = 20 * time.Millisecond })
	}
	result, err := deploy.New(cfg, deploy.Options{Clock: w.srv.Clock()}).Up(ctxOf(t), deploy.StackSpec{Name: shop, TemplateBody: storeTemplate, Parameters: map[string]string{"Image": v1}})
	if err != nil || !result.Created {
		t.Errorf("%+v, %v; want it created", result, err)
	}
}
