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

	done := make(map[string]chan struct{}, len(dependencies))
	for key := range dependencies {
		done[key] = make(chan struct{})
	}
	var (
		wg sync.WaitGroup
		mu sync.Mutex
	)
	for key, needs := range dependencies {
		wg.Go(func() {
			for _, need := range needs {
				if done[need] == nil {
					continue // not part of this walk
				}
				select {
				case <-done[need]:
				case <-ctx.Done():
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
				cancel()
				return
			}
			close(done[key])
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
