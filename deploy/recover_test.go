package deploy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
)

// stuck brings the shop's stack to UPDATE_ROLLBACK_FAILED: its new image is missing, and
// by then its old one as well.
func stuck(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, deploy.Options{})
	w.srv.SetImage(":v2", emulator.Conduct{Missing: true})
	w.upShop(t, variant("# breaker", "      DeploymentConfiguration: {DeploymentCircuitBreaker: {Enable: true, Rollback: false}}"), v1)
	w.srv.SetImage(":v1", emulator.Conduct{Missing: true})
	w.byHand(t, &cloudformation.UpdateStackInput{Parameters: []types.Parameter{given("Image", v2), asBefore("Greeting")}})
	if is := w.describe(t, shop).StackStatus; is != types.StackStatusUpdateRollbackFailed {
		t.Fatalf("the stack is %s", is)
	}
	return w
}

func TestRecoverRollback(t *testing.T) {
	t.Parallel()
	w := stuck(t)
	ctx := ctxOf(t)
	_, err := w.Deploy(ctx, deploy.Request{Stack: shop, Image: "acme/web:v3"})
	var state *deploy.StackStateError
	if !errors.As(err, &state) || !strings.Contains(err.Error(), "slipway recover "+shop) {
		t.Fatalf("error %v; want a *StackStateError that names the way out", err)
	}
	// While the cause is there, it says what is in the way, and how to go past it.
	if _, err := w.Recover(ctx, deploy.RecoverRequest{Stack: shop}); !errors.As(err, &state) || !strings.Contains(err.Error(), "Service: ") || !strings.Contains(err.Error(), "slipway recover shop --skip Service") {
		t.Errorf("error %v; want a *StackStateError that tells what is in the way", err)
	}
	if _, err := w.Recover(ctx, deploy.RecoverRequest{Stack: shop, Skip: []string{"Cluster"}}); !isInput(err, "those that can be skipped: Service") {
		t.Errorf("error %v; want an *InputError", err)
	}
	if _, err := w.Recover(ctx, deploy.RecoverRequest{Stack: shop, Delete: true}); !isInput(err, "need not be deleted") {
		t.Errorf("error %v; want an *InputError", err)
	}
	w.srv.SetImage(":v1", emulator.Conduct{})
	// A failed deployment does not begin anew by itself.
	_, err = ecs.NewFromConfig(w.cfg).UpdateService(ctx, &ecs.UpdateServiceInput{Cluster: aws.String(shop), Service: aws.String(shop), ForceNewDeployment: true})
	if err != nil {
		t.Fatal(err)
	}
	done, err := w.Recover(ctx, deploy.RecoverRequest{Stack: shop})
	if err != nil || done.From != "UPDATE_ROLLBACK_FAILED" || done.To != "UPDATE_ROLLBACK_COMPLETE" {
		t.Fatalf("%+v, %v", done, err)
	}
	if again, err := w.Recover(ctx, deploy.RecoverRequest{Stack: shop}); err != nil || again.From != again.To {
		t.Errorf("%+v, %v; want nothing to be done", again, err)
	}
	if _, err := w.Deploy(ctx, deploy.Request{Stack: shop, Image: "acme/web:v3"}); err != nil {
		t.Errorf("the next deploy: %v", err)
	}
}

func TestRecoverSkips(t *testing.T) {
	t.Parallel()
	w := stuck(t)
	done, err := w.Recover(ctxOf(t), deploy.RecoverRequest{Stack: shop, Skip: []string{"Service"}})
	if err != nil || done.To != "UPDATE_ROLLBACK_COMPLETE" || len(done.Skipped) != 1 {
		t.Fatalf("%+v, %v", done, err)
	}
}

func TestRecoverOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	ctx := ctxOf(t)
	client := cloudformation.NewFromConfig(w.cfg)
	w.srv.SetImage(":gone", emulator.Conduct{Missing: true})
	create := func(name string, onFailure types.OnFailure) {
		t.Helper()
		in := &cloudformation.CreateStackInput{StackName: &name, TemplateBody: aws.String(storeTemplate), OnFailure: onFailure,
			Parameters: []types.Parameter{given("Image", "acme/web:gone")}}
		if _, err := client.CreateStack(ctx, in); err != nil {
			t.Fatal(err)
		}
		w.awaitIdle(t, name)
	}
	for name, onFailure := range map[string]types.OnFailure{"rolled-back": types.OnFailureRollback, "failed": types.OnFailureDoNothing} {
		create(name, onFailure)
		var state *deploy.StackStateError
		if _, err := w.Recover(ctx, deploy.RecoverRequest{Stack: name}); !errors.As(err, &state) || !strings.Contains(err.Error(), "--delete") {
			t.Errorf("%s: error %v; want a *StackStateError", name, err)
		}
		if done, err := w.Recover(ctx, deploy.RecoverRequest{Stack: name, Delete: true}); err != nil || done.To != "DELETE_COMPLETE" {
			t.Errorf("%s: %+v, %v", name, done, err)
		}
	}
	if _, err := w.Recover(ctx, deploy.RecoverRequest{Stack: "rolled-back"}); !isInput(err, "does not exist") {
		t.Errorf("error %v; want an *InputError", err)
	}

	// An update that is under way is waited for.
	w.upShop(t, storeTemplate, v1)
	w.srv.SetImage(":slow", slowStart)
	if _, err := w.Deploy(ctx, deploy.Request{Stack: shop, Image: "acme/web:slow", NoWait: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Recover(ctx, deploy.RecoverRequest{Stack: shop}); err == nil || !strings.Contains(err.Error(), "another operation is under way") {
		t.Errorf("error %v; want it to be waited for", err)
	}
	w.awaitIdle(t, shop)

	// An update without rollback.
	w.byHand(t, &cloudformation.UpdateStackInput{DisableRollback: aws.Bool(true), Parameters: []types.Parameter{given("Image", "acme/web:gone"), asBefore("Greeting")}})
	if done, err := w.Recover(ctx, deploy.RecoverRequest{Stack: shop}); err != nil || done.From != "UPDATE_FAILED" || done.To != "UPDATE_ROLLBACK_COMPLETE" {
		t.Errorf("%+v, %v", done, err)
	}
	w.requireShop(t, "acme/web:slow", "acme/web:slow", false)
}
