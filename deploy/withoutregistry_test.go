package deploy_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/imageref"
)

// downResolver is a registry that is there, until it is down.
type downResolver struct {
	imageref.Resolver
	down atomic.Bool
}

func (r *downResolver) Resolve(ctx context.Context, ref imageref.Ref, platform imageref.Platform) (imageref.Resolved, error) {
	if r.down.Load() {
		return imageref.Resolved{}, &imageref.UnavailableError{Registry: "registry.example.com", Reason: "cannot be reached"}
	}
	return r.Resolver.Resolve(ctx, ref, platform)
}

// TestRollbackWithoutTheRegistry: what has run by its digest can be gone back to while the
// registry is down; what has not cannot be deployed.
func TestRollbackWithoutTheRegistry(t *testing.T) {
	t.Parallel()
	registry := &downResolver{Resolver: imageref.Resolver{Keychain: noKeys{}}}
	w, repository := newShop(t, deploy.Options{Resolver: registry})
	ctx := ctxOf(t)
	for _, tag := range []string{"old", "one", "two", "three"} {
		w.push(t, repository+":"+tag, emulator.Image{Content: tag})
	}
	w.upShop(t, storeTemplate, repository+":old") // as the tag is, without a digest
	for _, tag := range []string{"one", "two"} {
		if _, err := w.Deploy(ctx, deploy.Request{Stack: shop, Image: repository + ":" + tag}); err != nil {
			t.Fatal(err)
		}
	}
	registry.down.Store(true)
	if _, err := w.Deploy(ctx, deploy.Request{Stack: shop, Image: repository + ":three"}); !isInput(err, "cannot be reached") {
		t.Errorf("a deploy without the registry: %v; want an *InputError", err)
	}
	result, err := w.Rollback(ctx, deploy.Request{Stack: shop})
	if err != nil {
		t.Fatalf("a rollback without the registry: %v", err)
	}
	if status, err := w.Status(ctx, shop, ""); err != nil || status.Image != result.Image || len(status.Drift) > 0 {
		t.Errorf("the stack is %+v, %v; want it at %s", status, err, result.Image)
	}
}
