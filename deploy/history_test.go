package deploy_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
)

// tags are the tags of a history's images with how they ended, the newest first.
func tags(h *deploy.History) []string {
	var all []string
	for _, p := range h.Deployments {
		untagged, _, _ := strings.Cut(p.Image, "@")
		mark := ""
		if p.Current {
			mark = " current"
		}
		all = append(all, untagged[strings.LastIndex(untagged, ":")+1:]+" "+string(p.Status)+" by "+string(p.Origin)+mark)
	}
	return all
}

func (w *world) history(t *testing.T, limit int) *deploy.History {
	t.Helper()
	h, err := w.History(ctxOf(t), deploy.HistoryRequest{Stack: shop, Limit: limit})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// Versions come and go; the history tells which, by whom, and how it ended, and a rollback
// finds its way in it.
func TestHistoryAndRollback(t *testing.T) {
	t.Parallel()
	w, repository := newShop(t, deploy.Options{})
	w.srv.SetImage(":bad", emulator.Conduct{Crash: true, CrashAfter: -1, ExitCode: 1})
	ctx := ctxOf(t)
	digests := map[string]string{}
	for _, tag := range []string{"one", "two", "bad", "three"} {
		digests[tag] = w.push(t, repository+":"+tag, emulator.Image{Content: tag})
	}
	w.upShop(t, storeTemplate, repository+":one")
	if _, err := w.Rollback(ctx, deploy.Request{Stack: shop}); !isInput(err, "has run nothing before what it runs") {
		t.Errorf("error %v; want an *InputError", err)
	}
	ship := func(tag string, strategy deploy.Strategy) *deploy.Result {
		t.Helper()
		result, err := w.Deploy(ctx, deploy.Request{Stack: shop, Image: repository + ":" + tag, Strategy: strategy})
		if tag == "bad" {
			var rolledBack *deploy.RolledBackError
			if !errors.As(err, &rolledBack) {
				t.Fatalf("error %v; want a *RolledBackError", err)
			}
			return nil
		}
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	ship("two", deploy.StrategyChangeSet)
	ship("bad", deploy.StrategyUpdate)
	ship("three", deploy.StrategyUpdate)
	h := w.history(t, 0)
	if h.Stack != shop || h.Parameter != "Image" || !strings.HasPrefix(h.Image, repository+":three@") {
		t.Errorf("history %+v", h)
	}
	got := tags(h)
	if len(got) < 4 || got[0] != "three SUCCESSFUL by slipway current" || got[len(got)-1] != "one SUCCESSFUL by slipway" {
		t.Errorf("history %q", got)
	}
	for _, p := range h.Deployments {
		if p.Succeeded() && (p.Duration() <= 0 || !strings.HasPrefix(p.Digest, "sha256:") || !strings.HasSuffix(p.Reference(), "@"+p.Digest)) {
			t.Errorf("%+v; want a time and a digest", p)
		}
	}
	if newest := w.history(t, 1); len(newest.Deployments) != 1 || !newest.Deployments[0].Current {
		t.Errorf("the newest: %q", tags(newest))
	}

	// Back to what ran before three, past the version that never ran, though its tag has
	// moved.
	w.push(t, repository+":two", emulator.Image{Content: "another two"})
	result, err := w.Rollback(ctx, deploy.Request{Stack: shop})
	if err != nil {
		t.Fatal(err)
	}
	if want := repository + ":two@" + digests["two"]; result.Image != want || result.Services[0].Digest != digests["two"] {
		t.Errorf("rolled back to %s; want %s", result.Image, want)
	}
	// Again: it is rolled back already. Further back only when told.
	if result, err = w.Rollback(ctx, deploy.Request{Stack: shop}); err != nil || !result.AlreadyCurrent || result.Services[0].Digest != digests["two"] {
		t.Errorf("rolled back to %+v, %v; want two to be there already", result, err)
	}
	if result, err = w.Rollback(ctx, deploy.Request{Stack: shop, Image: "one"}); err != nil || result.Services[0].Digest != digests["one"] {
		t.Errorf("rolled back to %+v, %v; want one", result, err)
	}
	if result, err = w.Rollback(ctx, deploy.Request{Stack: shop}); err != nil || !result.AlreadyCurrent {
		t.Errorf("rolled back to %+v, %v; want one to be there already", result, err)
	}
	for _, to := range []string{"three", digests["two"][7:16], repository + ":three@" + digests["three"]} {
		tag := "three"
		if !strings.Contains(to, "three") {
			tag = "two"
		}
		if result, err = w.Rollback(ctx, deploy.Request{Stack: shop, Image: to}); err != nil || result.Services[0].Digest != digests[tag] {
			t.Errorf("to %s: %+v, %v", to, result, err)
		}
	}
	for _, to := range []string{"bad", "four", "sha256:123", "repo:"} {
		if _, err := w.Rollback(ctx, deploy.Request{Stack: shop, Image: to}); !isInput(err, "has run no "+to) {
			t.Errorf("to %s: error %v; want an *InputError", to, err)
		}
	}
	again, err := w.Rollback(ctx, deploy.Request{Stack: shop, Image: "three"})
	if err != nil || !again.AlreadyCurrent {
		t.Errorf("to what runs: %+v, %v; want nothing to be done", again, err)
	}
}

func isInput(err error, part string) bool {
	var input *deploy.InputError
	return errors.As(err, &input) && strings.Contains(err.Error(), part)
}

// What was done without Slipway shows.
func TestHistoryOrigins(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	ctx := ctxOf(t)
	w.upShop(t, storeTemplate, v1)
	if _, err := deployShop(t, w, deploy.StrategyECS, v2); err != nil {
		t.Fatal(err)
	}
	_, err := ecs.NewFromConfig(w.cfg).UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: aws.String(shop), Service: aws.String(shop), ForceNewDeployment: true})
	if err != nil {
		t.Fatal(err)
	}
	w.awaitStable(t)
	if _, err := w.Reconcile(ctx, deploy.ReconcileRequest{Stack: shop, To: deploy.SideRunning}); err != nil {
		t.Fatal(err)
	}
	want := []string{"v2 SUCCESSFUL by slipway current", "v2 SUCCESSFUL by ecs", "v2 SUCCESSFUL by ecs", "v1 SUCCESSFUL by slipway"}
	if diff := cmp.Diff(want, tags(w.history(t, 0))); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
	// Nothing but the version counts for a rollback.
	result, err := w.Rollback(ctx, deploy.Request{Stack: shop})
	if err != nil || !strings.HasPrefix(result.Image, v1) {
		t.Errorf("rolled back to %+v, %v; want %s", result, err, v1)
	}
}

// newHistory is a shop that has run v1, v2, v3, in this order.
func newHistory(t *testing.T, o deploy.Options) *world {
	t.Helper()
	w := newWorld(t, o)
	w.upShop(t, storeTemplate, v1)
	for _, image := range []string{v2, v3} {
		if _, err := deployShop(t, w, deploy.StrategyChangeSet, image); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// A rollback that was killed goes on, and does not go further back.
func TestRollbackResumes(t *testing.T) {
	t.Parallel()
	w := newHistory(t, deploy.Options{})
	w.srv.SetImage(":v2", slowStart)
	begun, err := w.Rollback(ctxOf(t), deploy.Request{Stack: shop, NoWait: true})
	if err != nil || !begun.Started {
		t.Fatalf("%+v, %v", begun, err)
	}
	result, err := w.Rollback(ctxOf(t), deploy.Request{Stack: shop})
	if err != nil || !result.Resumed || result.Image != begun.Image {
		t.Errorf("%+v, %v; want the same rollback resumed", result, err)
	}
}

// Nor does one that was killed when ECS was through with it, at any moment from then on.
func TestRollbackStartedAgain(t *testing.T) {
	t.Parallel()
	for _, strategy := range []deploy.Strategy{deploy.StrategyChangeSet, deploy.StrategyUpdate, deploy.StrategyExpress, deploy.StrategyECS} {
		for _, moment := range []string{"at once", "when the stack is idle"} {
			t.Run(string(strategy)+" "+moment, func(t *testing.T) {
				t.Parallel()
				w := newHistory(t, deploy.Options{})
				ctx, kill := context.WithCancel(ctxOf(t))
				defer kill()
				w.onEvent(func(e deploy.Event) {
					p, ok := e.(deploy.DeploymentProgress)
					if ok && p.RolloutState == "COMPLETED" || isPhase(e, deploy.PhaseVerify) {
						kill()
					}
				})
				if _, err := w.Rollback(ctx, deploy.Request{Stack: shop, Strategy: strategy}); err == nil {
					t.Fatal("it was not killed")
				}
				w.onEvent(nil)
				if moment != "at once" {
					w.awaitIdle(t, shop)
					w.awaitStable(t)
				}
				result, err := w.Rollback(ctxOf(t), deploy.Request{Stack: shop, Strategy: strategy, WaitForStack: time.Hour})
				switch {
				case strategy == deploy.StrategyECS && moment != "at once": // of which there is no record
					if !isInput(err, "ECS does not tell whether by a rollback; name the version to go to (--to") {
						t.Errorf("started again: %+v, %v", result, err)
					}
				case strategy == deploy.StrategyECS && isInput(err, "--to"): // it had been through
				case err != nil || !strings.HasPrefix(result.Image, v2):
					t.Errorf("started again: %+v, %v; want it to end with v2", result, err)
				}
				status, err := w.Status(ctxOf(t), shop, "")
				if err != nil || !strings.HasPrefix(status.Services[0].Images[0].Image, v2) {
					t.Errorf("the stack runs %+v, %v; want v2", status, err)
				}
			})
		}
	}
}

// Whatever else brings a version back is no rollback, and a rollback that failed is none
// that is done.
func TestRollbackAfterOthers(t *testing.T) {
	t.Parallel()
	w := newHistory(t, deploy.Options{})
	w.srv.SetImage(":v2", emulator.Conduct{Missing: true})
	for range 2 {
		var rolledBack *deploy.RolledBackError
		if _, err := w.Rollback(ctxOf(t), deploy.Request{Stack: shop}); !errors.As(err, &rolledBack) || !strings.HasPrefix(rolledBack.Image, v2) {
			t.Fatalf("error %v; want a *RolledBackError of v2", err)
		}
	}
	w.srv.SetImage(":v2", emulator.Conduct{})
	if _, err := deployShop(t, w, deploy.StrategyChangeSet, v2); err != nil {
		t.Fatal(err)
	}
	result, err := w.Rollback(ctxOf(t), deploy.Request{Stack: shop})
	if err != nil || result.AlreadyCurrent || !strings.HasPrefix(result.Image, v1) {
		t.Errorf("after a deploy of v2: %+v, %v; want v1, which ran before v2 first came", result, err)
	}
}
