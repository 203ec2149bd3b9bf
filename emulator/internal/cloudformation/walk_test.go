package cloudformation

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWalkOrder(t *testing.T) {
	t.Parallel()
	dependencies := map[string][]string{"VPC": nil, "Subnet": {"VPC"}, "Gateway": nil, "Route": {"Gateway", "Subnet"}}
	for name, tc := range map[string]struct {
		dependencies map[string][]string
		before       [][2]string
	}{
		"create": {dependencies, [][2]string{{"VPC", "Subnet"}, {"Subnet", "Route"}, {"Gateway", "Route"}}},
		"delete": {reversed(dependencies), [][2]string{{"Subnet", "VPC"}, {"Route", "Subnet"}, {"Route", "Gateway"}}},
	} {
		var mu sync.Mutex
		var order []string
		failed := walk(t.Context(), tc.dependencies, func(_ context.Context, key string) error {
			mu.Lock()
			defer mu.Unlock()
			order = append(order, key)
			return nil
		})
		if len(failed) > 0 || len(order) != 4 {
			t.Errorf("%s: failed %v, order %v", name, failed, order)
		}
		for _, pair := range tc.before {
			if slices.Index(order, pair[0]) > slices.Index(order, pair[1]) {
				t.Errorf("%s: %s came after %s: %v", name, pair[0], pair[1], order)
			}
		}
	}
}

func TestWalkStopsAtAFailure(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	underWay := make(chan struct{})
	failed := walk(t.Context(), map[string][]string{"A": nil, "B": nil, "C": {"B"}}, func(ctx context.Context, key string) error {
		switch key {
		case "A":
			<-underWay
			return broken
		case "B":
			close(underWay)
			<-ctx.Done()
			return ctx.Err()
		}
		t.Errorf("%s was started behind a failure", key)
		return nil
	})
	if diff := cmp.Diff([]string{"A", "B"}, failed); diff != "" {
		t.Error(diff)
	}
}
