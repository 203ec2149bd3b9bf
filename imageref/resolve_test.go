package imageref_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/slipway-go/slipway/imageref"
)

func amd64() imageref.Platform { return imageref.Platform{OS: "linux", Architecture: "amd64"} }
func arm64() imageref.Platform { return imageref.Platform{OS: "linux", Architecture: "arm64"} }

// anonymous keeps tests away from the credentials of who runs them.
type anonymous struct{}

func (anonymous) Resolve(authn.Resource) (authn.Authenticator, error) { return authn.Anonymous, nil }

// stand is a registry in memory.
type stand struct {
	t    *testing.T
	host string
}

// newStand serves a registry, with what wrap puts before it.
func newStand(t *testing.T, wrap func(http.Handler) http.Handler) *stand {
	t.Helper()
	handler := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	if wrap != nil {
		handler = wrap(handler)
	}
	srv := httptest.NewServer(handler)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0) // HTTPS is tried first
	t.Cleanup(srv.Close)
	return &stand{t: t, host: strings.TrimPrefix(srv.URL, "http://")}
}

func (s *stand) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// image makes an image for a platform; the zero one is not told.
func (s *stand) image(p imageref.Platform) v1.Image {
	s.t.Helper()
	image, err := random.Image(64, 1)
	s.must(err)
	config, err := image.ConfigFile()
	s.must(err)
	config.OS, config.Architecture = p.OS, p.Architecture
	image, err = mutate.ConfigFile(image, config)
	s.must(err)
	return image
}

func entry(image mutate.Appendable, p *v1.Platform) mutate.IndexAddendum {
	return mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: p}}
}

// attestation is what BuildKit adds to an index for each image in it.
func (s *stand) attestation() mutate.IndexAddendum {
	a := entry(s.image(imageref.Platform{}), &v1.Platform{OS: "unknown", Architecture: "unknown"})
	a.Annotations = map[string]string{"vnd.docker.reference.type": "attestation-manifest"}
	return a
}

func index(entries ...mutate.IndexAddendum) v1.ImageIndex {
	return mutate.AppendManifests(empty.Index, entries...)
}

// push puts an image or an index behind a tag and returns its digest.
func (s *stand) push(reference string, what remote.Taggable) string {
	s.t.Helper()
	tag, err := name.NewTag(s.host + "/" + reference)
	s.must(err)
	switch what := what.(type) {
	case v1.Image:
		s.must(remote.Write(tag, what))
	case v1.ImageIndex:
		s.must(remote.WriteIndex(tag, what))
	default:
		s.t.Fatalf("pushing a %T", what)
	}
	found, err := remote.Head(tag)
	s.must(err)
	return found.Digest.String()
}

func (s *stand) ref(reference string) imageref.Ref {
	s.t.Helper()
	return mustParse(s.t, s.host+"/"+reference)
}

func TestResolve(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	linux := func(architecture, variant string) *v1.Platform {
		return &v1.Platform{OS: "linux", Architecture: architecture, Variant: variant}
	}
	both := index(entry(s.image(amd64()), linux("amd64", "")), s.attestation(), entry(s.image(arm64()), linux("arm64", "v8")), s.attestation())
	untold := index(entry(s.image(amd64()), nil), entry(s.image(arm64()), nil))
	nested := index(entry(both, nil))

	tests := map[string]struct {
		reference string
		image     remote.Taggable
		platform  imageref.Platform
		have      []imageref.Platform
	}{
		"an image":                            {"shop:v1", s.image(amd64()), amd64(), []imageref.Platform{amd64()}},
		"an image for ARM":                    {"shop:arm", s.image(arm64()), arm64(), []imageref.Platform{arm64()}},
		"no tag is latest":                    {"untagged", s.image(amd64()), amd64(), []imageref.Platform{amd64()}},
		"an image that tells no platform":     {"shop:old", s.image(imageref.Platform{}), arm64(), []imageref.Platform{{}}},
		"an image that tells no system":       {"shop:older", s.image(imageref.Platform{Architecture: "amd64"}), amd64(), []imageref.Platform{amd64()}},
		"any platform will do":                {"shop:any", s.image(arm64()), imageref.Platform{}, []imageref.Platform{arm64()}},
		"an index":                            {"shop:both", both, amd64(), []imageref.Platform{amd64(), arm64()}},
		"an index, and its second image":      {"shop:second", both, arm64(), []imageref.Platform{amd64(), arm64()}},
		"an index that leaves it to images":   {"shop:untold", untold, arm64(), []imageref.Platform{amd64(), arm64()}},
		"an index in an index, as it happens": {"shop:nested", nested, arm64(), []imageref.Platform{amd64(), arm64()}},
	}
	for title, tt := range tests {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			digest := s.push(tt.reference, tt.image)
			r := &imageref.Resolver{Keychain: anonymous{}}
			ref := s.ref(tt.reference)
			got, err := r.Resolve(t.Context(), ref, tt.platform)
			if err != nil {
				t.Fatal(err)
			}
			if want := ref.String() + "@" + digest; got.Ref.String() != want {
				t.Errorf("resolved to %s, want %s", got.Ref, want)
			}
			if diff := cmp.Diff(tt.have, got.Platforms); diff != "" {
				t.Errorf("platforms (-want +got):\n%s", diff)
			}
			// What is pinned is looked for, and stays as it is.
			again, err := r.Resolve(t.Context(), got.Ref, tt.platform)
			if err != nil || again.Ref != got.Ref {
				t.Errorf("resolved again to %s, %v; want %s", again.Ref, err, got.Ref)
			}
		})
	}
}

// A tag is what it names at the moment.
func TestResolveMovedTag(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	r := &imageref.Resolver{Keychain: anonymous{}}
	for range 2 {
		digest := s.push("shop:latest", s.image(amd64()))
		got, err := r.Resolve(t.Context(), s.ref("shop:latest"), amd64())
		if err != nil || got.Ref.Digest() != digest {
			t.Errorf("resolved to %s, %v; want %s", got.Ref, err, digest)
		}
	}
}

// as finds an error of a type in err, and fails the test when there is none.
func as[E error](t *testing.T, err error) E {
	t.Helper()
	var found E
	if !errors.As(err, &found) {
		t.Fatalf("error %T: %v; want a %T", err, err, found)
	}
	return found
}

func TestResolveRefuses(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	chart := mutate.ConfigMediaType(s.image(amd64()), "application/vnd.cncf.helm.config.v1+json")
	s.push("shop:v1", s.image(amd64()))
	s.push("shop:windows", s.image(imageref.Platform{OS: "windows", Architecture: "amd64"}))
	s.push("shop:index", index(entry(s.image(amd64()), &v1.Platform{OS: "linux", Architecture: "amd64"}), s.attestation()))
	s.push("shop:attestations", index(s.attestation()))
	s.push("shop:chart", chart)
	notFound := func(missing string) func(*testing.T, error) {
		return func(t *testing.T, err error) {
			if e := as[*imageref.NotFoundError](t, err); e.Missing != missing {
				t.Errorf("missing is the %s, want the %s", e.Missing, missing)
			}
		}
	}
	platform := func(t *testing.T, err error) { as[*imageref.PlatformError](t, err) }
	tests := map[string]struct {
		reference string
		platform  imageref.Platform
		check     func(*testing.T, error)
		want      string
	}{
		"no such tag":        {"shop:v9", amd64(), notFound("tag"), "/shop has no tag v9"},
		"no such digest":     {"shop@" + digestA, amd64(), notFound("digest"), "/shop has no image " + digestA},
		"a digest decides":   {"shop:v1@" + digestA, amd64(), notFound("digest"), "/shop has no image " + digestA},
		"no such repository": {"store:v1", amd64(), notFound("repository"), "has no repository "},
		"of another CPU":     {"shop:v1", arm64(), platform, "/shop:v1 is for linux/amd64; needed is linux/arm64"},
		"of another system":  {"shop:windows", amd64(), platform, "/shop:windows is for windows/amd64; needed is linux/amd64"},
		"not in the index":   {"shop:index", arm64(), platform, "/shop:index is for linux/amd64; needed is linux/arm64"},
		"nothing to run":     {"shop:attestations", amd64(), platform, "is an index without any image"},
		"a chart": {"shop:chart", amd64(), func(t *testing.T, err error) { as[*imageref.NotImageError](t, err) },
			`/shop:chart is no container image but "application/vnd.cncf.helm.config.v1+json"`},
	}
	for title, tt := range tests {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			r := &imageref.Resolver{Keychain: anonymous{}}
			_, err := r.Resolve(t.Context(), s.ref(tt.reference), tt.platform)
			tt.check(t, err)
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q; want one line with %q", err, tt.want)
			}
		})
	}
}

// keys is a keychain with one pair of user and password.
type keys struct{ user, password string }

func (k keys) Resolve(authn.Resource) (authn.Authenticator, error) {
	return &authn.Basic{Username: k.user, Password: k.password}, nil
}

type brokenKeys struct{}

func (brokenKeys) Resolve(authn.Resource) (authn.Authenticator, error) {
	return nil, errors.New("the key is bent")
}

func TestResolveWithCredentials(t *testing.T) {
	t.Parallel()
	var locked atomic.Bool
	s := newStand(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if user, password, _ := req.BasicAuth(); locked.Load() && (user != "ada" || password != "secret") {
				w.Header().Set("WWW-Authenticate", `Basic realm="shop"`)
				w.WriteHeader(http.StatusUnauthorized)
				_, _ = io.WriteString(w, `{"errors":[{"code":"UNAUTHORIZED","message":"who are you?"}]}`)
				return
			}
			next.ServeHTTP(w, req)
		})
	})
	digest := s.push("shop:v1", s.image(amd64()))
	locked.Store(true)
	resolve := func(k authn.Keychain) (imageref.Resolved, error) {
		return (&imageref.Resolver{Keychain: k}).Resolve(t.Context(), s.ref("shop:v1"), amd64())
	}

	if got, err := resolve(keys{"ada", "secret"}); err != nil || got.Ref.Digest() != digest {
		t.Errorf("with credentials: %s, %v; want %s", got.Ref, err, digest)
	}
	_, err := resolve(keys{"eve", "guess"})
	if e := as[*imageref.DeniedError](t, err); e.Anonymous || e.Reason != "who are you?" {
		t.Errorf("with wrong credentials: %+v", e)
	}
	_, err = resolve(anonymous{})
	if e := as[*imageref.DeniedError](t, err); !e.Anonymous || !strings.Contains(e.Error(), "without credentials: who are you?") {
		t.Errorf("without credentials: %v", e)
	}
	_, err = resolve(brokenKeys{})
	if e := as[*imageref.CredentialsError](t, err); !strings.Contains(e.Error(), "the key is bent") {
		t.Errorf("error %v", e)
	}
}

// What is no registry, or none that can answer, is told in one line.
func TestResolveUnavailable(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) func(http.Handler) http.Handler {
		return func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				_, _ = io.WriteString(w, body)
			})
		}
	}
	tests := map[string]struct {
		wrap func(http.Handler) http.Handler
		want string
	}{
		"out of order": {answer(503, "<html>"), "answers 503 Service Unavailable"},
		"no registry":  {answer(404, "<html>"), "does not answer as a registry does: 404 Not Found"},
		"too many": {answer(429, `{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]}`),
			"asks for fewer requests: You have reached your pull rate limit."},
	}
	for title, tt := range tests {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			s := newStand(t, tt.wrap)
			_, err := (&imageref.Resolver{Keychain: anonymous{}}).Resolve(t.Context(), s.ref("shop:v1"), amd64())
			if e := as[*imageref.UnavailableError](t, err); e.Error() != s.host+" "+tt.want {
				t.Errorf("error %q; want %q", e, s.host+" "+tt.want)
			}
		})
	}
	t.Run("a web page", func(t *testing.T) {
		t.Parallel()
		s := newStand(t, answer(200, "<html>"))
		_, err := (&imageref.Resolver{Keychain: anonymous{}}).Resolve(t.Context(), s.ref("shop:v1"), amd64())
		as[*imageref.NotImageError](t, err)
	})
	t.Run("nobody there", func(t *testing.T) {
		t.Parallel()
		srv := httptest.NewServer(nil)
		host := strings.TrimPrefix(srv.URL, "http://")
		srv.Close()
		_, err := (&imageref.Resolver{Keychain: anonymous{}}).Resolve(t.Context(), mustParse(t, host+"/shop:v1"), amd64())
		if e := as[*imageref.UnavailableError](t, err); !strings.HasPrefix(e.Error(), host+" cannot be reached: ") || strings.Contains(e.Error(), "Get ") {
			t.Errorf("error %q", e)
		}
	})
}

// A registry that fails once is asked again.
func TestResolveTriesAgain(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	s := newStand(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if strings.Contains(req.URL.Path, "/manifests/") && broken.CompareAndSwap(true, false) {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			next.ServeHTTP(w, req)
		})
	})
	digest := s.push("shop:v1", s.image(amd64()))
	broken.Store(true)
	got, err := (&imageref.Resolver{Keychain: anonymous{}}).Resolve(t.Context(), s.ref("shop:v1"), amd64())
	if err != nil || got.Ref.Digest() != digest || broken.Load() {
		t.Errorf("%s, %v; want %s at the second attempt", got.Ref, err, digest)
	}
}

func TestResolveSlowRegistry(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{}, 100)
	s := newStand(t, func(http.Handler) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
			asked <- struct{}{}
			<-req.Context().Done() // when the client has gone
		})
	})
	_, err := (&imageref.Resolver{Keychain: anonymous{}, Timeout: 500 * time.Millisecond}).Resolve(t.Context(), s.ref("shop:v1"), amd64())
	if e := as[*imageref.UnavailableError](t, err); e.Error() != s.host+" cannot be reached: no answer within 500ms" {
		t.Errorf("error %q", e)
	}

	for len(asked) > 0 {
		<-asked
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	go func() {
		<-asked
		cancel(enough)
	}()
	if _, err := (&imageref.Resolver{Keychain: anonymous{}}).Resolve(ctx, s.ref("shop:v1"), amd64()); !errors.Is(err, enough) {
		t.Errorf("error %v; want that the context has ended, and why", err)
	}
}

// sender is a transport that notes what is sent.
type sender struct{ sent []string }

func (s *sender) RoundTrip(req *http.Request) (*http.Response, error) {
	s.sent = append(s.sent, req.URL.Scheme)
	return nil, errors.New("unplugged")
}

// A registry of a private network is asked by HTTPS alone, as Docker does it: credentials
// do not go over the wire in clear.
func TestResolveWithoutHTTPS(t *testing.T) {
	t.Parallel()
	s := &sender{}
	_, err := (&imageref.Resolver{Keychain: keys{"ada", "secret"}, Transport: s}).Resolve(t.Context(), mustParse(t, "10.0.0.1:5000/shop:v1"), amd64())
	if e := as[*imageref.UnavailableError](t, err); e.Error() != "10.0.0.1:5000 cannot be reached: unplugged" {
		t.Errorf("error %q", e)
	}
	if diff := cmp.Diff([]string{"https"}, s.sent); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// An image of the first schema has its platform in no file of its own.
func TestResolveSchema1(t *testing.T) {
	t.Parallel()
	s := newStand(t, func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if strings.Contains(req.URL.Path, "/manifests/") {
				w.Header().Set("Content-Type", string(types.DockerManifestSchema1))
				_, _ = io.WriteString(w, `{"schemaVersion": 1, "name": "shop", "tag": "v1", "architecture": "amd64"}`)
			}
		})
	})
	got, err := (&imageref.Resolver{Keychain: anonymous{}}).Resolve(t.Context(), s.ref("shop:v1"), arm64())
	if err != nil || !got.Ref.Pinned() {
		t.Fatal(got, err)
	}
	if diff := cmp.Diff([]imageref.Platform{{}}, got.Platforms); diff != "" {
		t.Errorf("platforms (-want +got):\n%s", diff)
	}
}
