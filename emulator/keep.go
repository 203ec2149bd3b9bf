package emulator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
	"github.com/slipway-go/slipway/emulator/internal/store"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// StateError says that the state in Options.StateDir cannot be kept, or that a server
// cannot go on from it.
type StateError struct {
	Dir string
	Err error
}

func (e *StateError) Error() string {
	return fmt.Sprintf("starting the embedded AWS from the state in %s: %v", e.Dir, e.Err)
}

func (e *StateError) Unwrap() error { return e.Err }

// keeper keeps the state of a server. A nil one keeps nothing, at no cost.
type keeper struct {
	store *store.Store

	// making is held, by many, while CloudFormation makes a resource and does not know it
	// yet: a state with the one and without the other would lose the resource for good.
	making sync.RWMutex
}

// changed says that something has come to its end. It returns at once.
func (k *keeper) changed() {
	if k != nil {
		k.store.Changed()
	}
}

// answer lets a call be answered once all that it did, or could have seen to be over, is
// kept.
func (k *keeper) answer(ctx context.Context, out any, err error) (any, error) {
	if k == nil || err != nil {
		return out, err
	}
	if changes(wire.CallFrom(ctx).Operation) {
		k.store.Changed()
	}
	if err := k.store.Settle(ctx); err != nil {
		return nil, fmt.Errorf("keeping the state of the embedded AWS: %w", err)
	}
	return out, nil
}

// changes tells operations that change something from those that only tell.
func changes(operation string) bool {
	return !slices.ContainsFunc([]string{"Describe", "List", "Get", "Head", "Validate", "Filter", "Batch"}, func(prefix string) bool {
		return strings.HasPrefix(operation, prefix)
	})
}

// create lets a provider make a resource, in one piece with CloudFormation's note of it.
func (k *keeper) create(ctx context.Context, p cloudformation.Provider, r cloudformation.Request) (cloudformation.Resource, error) {
	if k == nil {
		return p.Create(ctx, r)
	}
	k.making.RLock()
	noted := sync.OnceFunc(k.making.RUnlock)
	defer noted()
	initiated := r.Initiated
	told := false
	r.Initiated = func(physicalID string) {
		initiated(physicalID)
		told = true
		noted()
	}
	made, err := p.Create(ctx, r)
	if err == nil && !told {
		initiated(made.PhysicalID)
	}
	return made, err
}

// end writes what is left to write, and nothing later.
func (k *keeper) end() error {
	if k == nil {
		return nil
	}
	k.store.Changed() // operations may be further than when something ended last
	return k.store.End()
}

// close sets the folder free.
func (k *keeper) close() error {
	if k == nil {
		return nil
	}
	return k.store.Close()
}

// restore opens the state, goes on from it, and keeps it from now on.
func (s *Server) restore() error {
	kept, err := store.Open(s.options.StateDir)
	if err != nil {
		return err
	}
	s.keeper = &keeper{store: kept}
	data, err := kept.Read()
	if err == nil && data != nil {
		err = s.decode(data)
		if err != nil {
			err = fmt.Errorf("%s: %w", kept.Path(), err)
		}
	}
	if err != nil {
		s.keeper = nil // so that nothing is written over it
		return errors.Join(err, kept.Close())
	}
	kept.Begin(s.encode)
	s.keeper.changed() // operations that go on
	return nil
}
