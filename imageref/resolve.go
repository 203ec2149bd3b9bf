package imageref

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// DefaultTimeout is how long a registry has for all that is asked about one image when
// [Resolver.Timeout] is zero. It is some small files; a registry that is well answers
// within a second or two.
const DefaultTimeout = 30 * time.Second

// Resolver asks registries what references name. It is safe for concurrent use. The zero
// value is good for use: it has the credentials that docker login left.
type Resolver struct {
	// Keychain has the credentials for registries. Default: [authn.DefaultKeychain],
	// which reads Docker's and Podman's configuration and asks their credential helpers.
	Keychain authn.Keychain

	// Timeout bounds one call of Resolve, in real time. Default: [DefaultTimeout].
	Timeout time.Duration

	// Transport sends the requests. Plain HTTP is left to registries on this machine
	// (localhost, 127.0.0.1), as with Docker. Default: [remote.DefaultTransport].
	Transport http.RoundTripper
}

// Resolved is an image that a registry has.
type Resolved struct {
	// Ref is the reference as it was asked for, pinned to the digest of what it names. For
	// an index of images that is the index itself, not the image for the platform: so ECS
	// resolves a tag, and so a rollback brings back the very same.
	Ref Ref

	// Platforms are what the image is for. An image that does not tell, as those of the
	// oldest form do not, has an unknown one.
	Platforms []Platform
}

// Resolve finds out which image a reference names, and that it is for a platform; the zero
// Platform takes any. A reference with a digest is looked for, too. Nothing of a reference
// is changed but that a digest is added.
//
// Its errors are *NotFoundError, *DeniedError, *CredentialsError, *UnavailableError,
// *PlatformError and *NotImageError; anything else is unexpected, or ctx has ended.
func (r *Resolver) Resolve(ctx context.Context, ref Ref, platform Platform) (Resolved, error) {
	timeout := r.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	late := &lateError{timeout}
	within, cancel := context.WithTimeoutCause(ctx, timeout, late)
	defer cancel()
	found, err := r.resolve(within, ref, platform)
	switch {
	case err == nil:
		return found, nil
	case ctx.Err() != nil:
		return Resolved{}, fmt.Errorf("resolving image %s: %w", ref, context.Cause(ctx))
	case within.Err() != nil:
		return Resolved{}, &UnavailableError{Registry: ref.Registry(), Reason: "cannot be reached: " + late.Error(), Err: late}
	}
	return Resolved{}, err
}

// lateError is why a registry was not waited for any longer.
type lateError struct{ after time.Duration }

func (e *lateError) Error() string { return fmt.Sprintf("no answer within %s", e.after) }

func (r *Resolver) resolve(ctx context.Context, ref Ref, want Platform) (Resolved, error) {
	q, err := r.question(ref)
	if err != nil {
		return Resolved{}, err
	}
	what, err := q.get(ctx, q.identifier())
	if err != nil {
		return Resolved{}, q.explained(err)
	}
	pinned, err := ref.Pin(what.Digest.String())
	if err != nil {
		return Resolved{}, err
	}
	have, err := q.platforms(ctx, what, want, maxNested)
	switch {
	case err != nil:
		return Resolved{}, q.explained(err)
	case !fits(have, want) || len(have) == 0:
		return Resolved{}, &PlatformError{Ref: ref, Want: want, Have: have}
	}
	return Resolved{Ref: pinned, Platforms: have}, nil
}

// question is what is asked about one reference.
type question struct {
	ref    Ref
	repo   name.Repository
	keys   *askedKeychain
	puller *remote.Puller
}

// retries is how a request is tried again that failed in a way that passes: after about
// 0.3 s and then 0.9 s. Nobody should wait long for the word that a registry is down.
func retries() remote.Backoff {
	return remote.Backoff{Duration: 300 * time.Millisecond, Factor: 3, Jitter: 0.2, Steps: 3}
}

func (r *Resolver) question(ref Ref) (*question, error) {
	repo, err := name.NewRepository(ref.Repository())
	if err != nil { // Parse lets none through that is bad
		return nil, &SyntaxError{Text: ref.String(), Err: err}
	}
	keys, transport := &askedKeychain{keychain: r.Keychain}, r.Transport
	if keys.keychain == nil {
		keys.keychain = authn.DefaultKeychain
	}
	if transport == nil {
		transport = remote.DefaultTransport
	}
	puller, err := remote.NewPuller(
		remote.WithAuthFromKeychain(keys),
		remote.WithTransport(guardedTransport{transport}),
		remote.WithRetryBackoff(retries()),
		remote.WithUserAgent("slipway"),
	)
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w", Host(ref.Registry()), err)
	}
	return &question{ref: ref, repo: repo, keys: keys, puller: puller}, nil
}

// identifier is what the reference names in its repository. A digest decides over a tag.
func (q *question) identifier() name.Reference {
	if q.ref.Pinned() {
		return q.repo.Digest(q.ref.Digest())
	}
	return q.repo.Tag(q.ref.Tag())
}

// get reads a manifest.
func (q *question) get(ctx context.Context, what name.Reference) (*remote.Descriptor, error) {
	return q.puller.Get(ctx, what)
}

// How much is looked into before a decision: an index in an index is a rarity, and one in
// that unheard of.
const (
	maxNested = 2
	maxUntold = 8 // entries of an index that do not tell their platform
)

// platforms are what something in a registry is for. It reads no more than it takes to
// find want: most indexes tell their platforms themselves.
func (q *question) platforms(ctx context.Context, what *remote.Descriptor, want Platform, nested int) ([]Platform, error) {
	switch {
	case what.MediaType.IsIndex():
		return q.platformsOfIndex(ctx, what, want, nested)
	case what.MediaType.IsImage():
		return q.platformOfImage(what)
	case what.MediaType.IsSchema1():
		return []Platform{{}}, nil // its configuration is not a file of its own
	}
	return nil, &NotImageError{Ref: q.ref, MediaType: string(what.MediaType)}
}

func (q *question) platformsOfIndex(ctx context.Context, what *remote.Descriptor, want Platform, nested int) ([]Platform, error) {
	index, err := v1.ParseIndexManifest(bytes.NewReader(what.Manifest))
	if err != nil {
		return nil, fmt.Errorf("reading index %s: %w", what.Digest, err)
	}
	var have []Platform
	var untold []v1.Descriptor
	for _, entry := range index.Manifests {
		switch {
		case isAttestation(entry), !entry.MediaType.IsIndex() && !entry.MediaType.IsImage():
		case entry.Platform == nil || entry.Platform.Architecture == "":
			untold = append(untold, entry)
		default:
			have = append(have, platformOf(entry.Platform.OS, entry.Platform.Architecture))
		}
	}
	for _, entry := range untold[:min(len(untold), maxUntold)] {
		if len(have) > 0 && fits(have, want) {
			break
		}
		if entry.MediaType.IsIndex() && nested == 0 {
			continue
		}
		inside, err := q.get(ctx, q.repo.Digest(entry.Digest.String()))
		if err != nil {
			return nil, fmt.Errorf("reading what index %s lists: %w", what.Digest, err)
		}
		told, err := q.platforms(ctx, inside, want, nested-1)
		var other *NotImageError
		if err != nil && !errors.As(err, &other) { // other things may be listed beside images
			return nil, err
		}
		have = append(have, told...)
	}
	return have, nil
}

func (q *question) platformOfImage(what *remote.Descriptor) ([]Platform, error) {
	image, err := what.Image()
	if err != nil {
		return nil, fmt.Errorf("reading manifest %s: %w", what.Digest, err)
	}
	manifest, err := image.Manifest()
	if err != nil {
		return nil, fmt.Errorf("reading manifest %s: %w", what.Digest, err)
	}
	// Charts, signatures and the like have manifests of images, too.
	if kind := manifest.Config.MediaType; !kind.IsConfig() {
		return nil, &NotImageError{Ref: q.ref, MediaType: string(kind)}
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("reading the configuration of %s: %w", what.Digest, err)
	}
	return []Platform{platformOf(config.OS, config.Architecture)}, nil
}

// askedKeychain notes what a keychain has answered.
type askedKeychain struct {
	keychain  authn.Keychain
	anonymous atomic.Bool
}

// Resolve implements [authn.Keychain].
func (k *askedKeychain) Resolve(target authn.Resource) (authn.Authenticator, error) {
	return k.ResolveContext(context.Background(), target)
}

// ResolveContext implements [authn.ContextKeychain].
func (k *askedKeychain) ResolveContext(ctx context.Context, target authn.Resource) (authn.Authenticator, error) {
	auth, err := authn.Resolve(ctx, k.keychain, target)
	if err != nil {
		return nil, &CredentialsError{Registry: target.RegistryStr(), Err: err}
	}
	k.anonymous.Store(auth == authn.Anonymous)
	return auth, nil
}
