package container

import (
	"context"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/registry"
)

// Pulled is a runtime whose images come from a registry. In a repository that the
// registry has, there are the images that were pushed and no others. It is safe for
// concurrent use.
type Pulled struct {
	// Registry has the images.
	Registry *registry.Registry
	// Runtime pulls and runs them, and resolves what is in repositories of which the
	// registry knows nothing.
	Runtime Runtime
	// Strict refuses those instead.
	Strict bool
}

// Resolve implements [Runtime].
func (p Pulled) Resolve(ctx context.Context, image string) (string, error) {
	name, reference := registry.Split(image)
	digest, _, ok := p.Registry.Resolve(name, reference)
	if !ok && (p.Strict || p.Registry.Has(name)) {
		return "", missing(image)
	}
	resolved, err := p.Runtime.Resolve(ctx, p.named(image))
	if ok && err == nil {
		resolved = digest
	}
	return resolved, err
}

// Pull implements [Runtime].
func (p Pulled) Pull(ctx context.Context, image, digest string) error {
	name, _ := registry.Split(image)
	if _, _, ok := p.Registry.Resolve(name, digest); !ok && (p.Strict || p.Registry.Has(name)) {
		return missing(image)
	}
	return p.Runtime.Pull(ctx, p.named(image), digest)
}

// Start implements [Runtime].
func (p Pulled) Start(ctx context.Context, spec Spec) (Container, error) {
	spec.Image = p.named(spec.Image)
	return p.Runtime.Start(ctx, spec)
}

// named adds to a reference by digest alone the tag that it was pushed with, so that
// patterns of tags find it.
func (p Pulled) named(image string) string {
	before, digest, pinned := strings.Cut(image, "@")
	if _, tag := split(image); !pinned || tag != "" {
		return image
	}
	name, _ := registry.Split(image)
	_, tag, ok := p.Registry.Resolve(name, digest)
	if !ok || tag == "" {
		return image
	}
	return before + ":" + tag + "@" + digest
}
