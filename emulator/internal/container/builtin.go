package container

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"sync"

	"github.com/slipway-go/slipway/emulator/internal/clock"
)

// Builtin is the runtime that comes with the emulator: a container is an HTTP server
// in this process, on a loopback port of its own. It answers every path with status
// 200 and a text that names its image. It is safe for concurrent use.
type Builtin struct {
	clock *clock.Clock

	mu     sync.RWMutex
	images Images
	closed bool

	running map[*server]struct{}
	exits   sync.WaitGroup
}

// NewBuiltin returns a runtime whose images behave as given; nil means that all of
// them are healthy.
func NewBuiltin(clk *clock.Clock, images Images) *Builtin {
	copied := Images{}
	maps.Copy(copied, images)
	return &Builtin{clock: clk, images: copied, running: map[*server]struct{}{}}
}

// Set changes the conduct of the images that the pattern matches: see [Images].
func (b *Builtin) Set(pattern string, c Conduct) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.images[pattern] = c
}

// Conduct is how an image behaves at the moment.
func (b *Builtin) Conduct(image string) Conduct {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.images.conduct(image)
}

// Resolve implements [Runtime].
func (b *Builtin) Resolve(ctx context.Context, image string) (string, error) {
	if b.Conduct(image).Missing {
		return "", missing(image)
	}
	return Digest(image), ctx.Err()
}

// Pull implements [Runtime]. It takes the conduct's PullTime.
func (b *Builtin) Pull(ctx context.Context, image, _ string) error {
	c := b.Conduct(image)
	if c.Missing {
		return missing(image)
	}
	return b.clock.Sleep(ctx, c.pullTime())
}

// missing is a failed pull in the words of Fargate.
func missing(image string) error {
	return fmt.Errorf("CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref %s: %s: not found", image, image)
}

// Start implements [Runtime].
func (b *Builtin) Start(ctx context.Context, spec Spec) (Container, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting container %s of %s: %w", spec.Name, spec.TaskARN, err)
	}
	s := newServer(b, spec, listener)

	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		_ = listener.Close() // it has served nobody
		return nil, fmt.Errorf("starting container %s of %s: %w", spec.Name, spec.TaskARN, errClosed)
	}
	b.running[s] = struct{}{}
	b.exits.Go(func() {
		s.run()
		b.forget(s)
	})
	return s, nil
}

var errClosed = errors.New("the runtime is closed")

func (b *Builtin) forget(s *server) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.running, s)
}

// Close kills what still runs and waits for its end. Later starts are refused.
func (b *Builtin) Close() error {
	b.mu.Lock()
	b.closed = true
	for s := range b.running {
		s.Kill()
	}
	b.mu.Unlock()
	b.exits.Wait()
	return nil
}
