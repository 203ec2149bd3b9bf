package cloudformation

import (
	"context"
	"slices"
	"sync"
)

// walk calls do once for each key of dependencies, as many at a time as the order
// allows: a key's turn comes when all that it depends on are done. The first error
// ends ctx for those that run and keeps the others from starting; walk returns the
// keys that failed, sorted, those that ended because of ctx included.
func walk(ctx context.Context, dependencies map[string][]string, do func(ctx context.Context, key string) error) (failed []string) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return walkOn(ctx, dependencies, func(ctx context.Context, key string) error {
		err := do(ctx, key)
		if err != nil {
			cancel()
		}
		return err
	})
}

// walkOn is walk in which an error holds back what depends on the key, and nothing else.
func walkOn(ctx context.Context, dependencies map[string][]string, do func(ctx context.Context, key string) error) (failed []string) {
	type turn struct {
		over chan struct{}
		done bool // to be read when it is over
	}
	turns := make(map[string]*turn, len(dependencies))
	for key := range dependencies {
		turns[key] = &turn{over: make(chan struct{})}
	}
	var (
		wg sync.WaitGroup
		mu sync.Mutex
	)
	for key, needs := range dependencies {
		wg.Go(func() {
			own := turns[key]
			defer close(own.over)
			for _, need := range needs {
				if turns[need] == nil {
					continue // not part of this walk
				}
				select {
				case <-turns[need].over:
				case <-ctx.Done():
					return
				}
				if !turns[need].done {
					return
				}
			}
			if ctx.Err() != nil {
				return
			}
			if err := do(ctx, key); err != nil {
				mu.Lock()
				failed = append(failed, key)
				mu.Unlock()
				return
			}
			own.done = true
		})
	}
	wg.Wait()
	slices.Sort(failed)
	return failed
}

// reversed turns "depends on" into "is needed by", for deletion.
func reversed(dependencies map[string][]string) map[string][]string {
	out := make(map[string][]string, len(dependencies))
	for key := range dependencies {
		out[key] = nil
	}
	for key, needs := range dependencies {
		for _, need := range needs {
			if _, ok := out[need]; ok {
				out[need] = append(out[need], key)
			}
		}
	}
	return out
}
