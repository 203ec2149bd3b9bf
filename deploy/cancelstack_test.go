package deploy_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
)

// updating is a world with an update of the service stack under way.
func updating(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, deploy.Options{})
	w.srv.SetImage(":v2", slowStart)
	w.up(t, v1)
	if _, err := w.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: v2, NoWait: true}); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestCancelUpdate(t *testing.T) {
	t.Parallel()
	w := updating(t)
	done, err := w.CancelUpdate(ctxOf(t), service)
	if err != nil || done.From != "UPDATE_IN_PROGRESS" || done.To != "UPDATE_ROLLBACK_COMPLETE" {
		t.Fatalf("%+v, %v", done, err)
	}
	if !has(w, func(e deploy.Cancelling) bool { return e.Stack == service }) {
		t.Error("that the update is cancelled was not told")
	}
	if image := w.image(t); image != v1 {
		t.Errorf("the stack's image is %s, want %s", image, v1)
	}
	again, err := w.CancelUpdate(ctxOf(t), service)
	if err != nil || again.From != again.To || again.To != "UPDATE_ROLLBACK_COMPLETE" {
		t.Errorf("again: %+v, %v", again, err)
	}
	if _, err := w.CancelUpdate(ctxOf(t), "nowhere"); !isInput(err, "does not exist") {
		t.Errorf("error %v; want an *InputError", err)
	}
}

// A deploy whose update somebody else cancels says so, and whose the targets are that come
// up on the way back.
func TestDeployCancelledByAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.upDraining(t)
	other := deploy.New(w.cfg, deploy.Options{Clock: w.srv.Clock()})
	cancelled := make(chan error, 1)
	once := sync.OnceFunc(func() {
		go func() {
			_, err := other.CancelUpdate(ctxOf(t), service)
			cancelled <- err
		}()
	})
	var last deploy.DeploymentProgress
	w.onEvent(func(e deploy.Event) {
		if p, ok := e.(deploy.DeploymentProgress); ok {
			if last = p; p.OldRunning == 0 {
				once()
			}
		}
	})
	_, err := w.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: v2})
	var rolledBack *deploy.RolledBackError
	if !errors.As(err, &rolledBack) || !rolledBack.Interrupted || rolledBack.Reason != "the update was cancelled, and not by this run" {
		t.Errorf("error %v; want a *RolledBackError that tells of the other", err)
	}
	if err := <-cancelled; err != nil {
		t.Error(err)
	}
	if !last.ByVersion || last.OldRunning != 2 || last.HealthyTargets < 2 || last.New.Healthy != 0 {
		t.Errorf("at the end %+v; want the healthy targets to be the old version's", last)
	}
}

// Who has cancelled and gone may start it again, and sees the rest.
func TestCancelUpdateThatIsOnItsWayBack(t *testing.T) {
	t.Parallel()
	w := updating(t)
	ctx, cancel := context.WithCancel(ctxOf(t))
	defer cancel()
	w.onEvent(func(e deploy.Event) {
		if _, cancelling := e.(deploy.Cancelling); cancelling {
			cancel()
		}
	})
	var left *deploy.InterruptedError
	if _, err := w.CancelUpdate(ctx, service); !errors.As(err, &left) || !left.Left {
		t.Fatalf("error %v; want it left running", err)
	}
	w.onEvent(nil)
	done, err := w.CancelUpdate(ctxOf(t), service)
	if err != nil || done.To != "UPDATE_ROLLBACK_COMPLETE" {
		t.Errorf("%+v, %v", done, err)
	}
}

func TestCancelUpdateTooLate(t *testing.T) {
	t.Parallel()
	w := updating(t)
	_, err := w.srv.Inject(emulator.FaultError{
		FaultCalls: emulator.FaultCalls{Operation: "CancelUpdateStack"}, Code: "ValidationError", Status: 400,
		Message: "CancelUpdateStack cannot be called from current stack status",
	})
	if err != nil {
		t.Fatal(err)
	}
	var state *deploy.StackStateError
	if _, err := w.CancelUpdate(ctxOf(t), service); !errors.As(err, &state) || state.Status != "UPDATE_COMPLETE" || !strings.Contains(err.Error(), "slipway rollback "+service) {
		t.Errorf("error %v; want a *StackStateError that names the way back", err)
	}
	if image := w.image(t); image != v2 {
		t.Errorf("the stack's image is %s, want %s", image, v2)
	}
}

// Of what is no update, nothing is cancelled.
func TestCancelUpdateOfACreation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.srv.SetImage(":v1", slowStart)
	ctx, cancel := context.WithCancel(ctxOf(t))
	defer cancel()
	w.onEvent(func(e deploy.Event) {
		if event, ok := e.(deploy.StackEvent); ok && event.Resource == "Service" {
			cancel()
		}
	})
	_, err := w.Up(ctx, deploy.StackSpec{Name: shop, TemplateBody: storeTemplate, Parameters: map[string]string{"Image": v1}})
	var left *deploy.InterruptedError
	if !errors.As(err, &left) {
		t.Fatalf("error %v; want it left running", err)
	}
	var state *deploy.StackStateError
	if _, err := w.CancelUpdate(ctxOf(t), shop); !errors.As(err, &state) || state.Status != "CREATE_IN_PROGRESS" || !strings.Contains(err.Error(), "only an update can be cancelled") {
		t.Errorf("error %v; want a *StackStateError", err)
	}
}

// A stack that is stuck is not as it was before.
func TestCancelUpdateOfAStuckStack(t *testing.T) {
	t.Parallel()
	w := stuck(t)
	var state *deploy.StackStateError
	if _, err := w.CancelUpdate(ctxOf(t), shop); !errors.As(err, &state) || !strings.Contains(err.Error(), "slipway recover "+shop) {
		t.Errorf("error %v; want a *StackStateError that names the way out", err)
	}
}

func TestCancelUpdateWithoutPermission(t *testing.T) {
	t.Parallel()
	w := updating(t)
	if err := w.srv.BindPolicy("AKID", `{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "*", "Resource": "*"},
		{"Effect": "Deny", "Action": "cloudformation:CancelUpdateStack", "Resource": "*"}]}`); err != nil {
		t.Fatal(err)
	}
	if _, err := w.CancelUpdate(ctxOf(t), service); !isInput(err, "CancelUpdateStack") {
		t.Errorf("error %v; want an *InputError", err)
	}
}
