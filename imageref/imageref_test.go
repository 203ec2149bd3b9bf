package imageref_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/imageref"
)

const (
	digestA = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	digestB = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

func TestParse(t *testing.T) {
	t.Parallel()
	type parts struct{ Registry, Repository, Tag, Digest string }
	const hub = "index.docker.io"
	const ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
	tests := map[string]parts{
		"nginx":                                  {hub, hub + "/library/nginx", "latest", ""},
		"nginx:1.27":                             {hub, hub + "/library/nginx", "1.27", ""},
		"nginx@" + digestA:                       {hub, hub + "/library/nginx", "", digestA},
		"nginx:1.27@" + digestA:                  {hub, hub + "/library/nginx", "1.27", digestA},
		"docker.io/nginx":                        {hub, hub + "/library/nginx", "latest", ""},
		"acme/web:v1":                            {hub, hub + "/acme/web", "v1", ""},
		"localhost/web":                          {"localhost", "localhost/web", "latest", ""},
		"localhost:5000/web":                     {"localhost:5000", "localhost:5000/web", "latest", ""},
		"localhost:5000/web:v1":                  {"localhost:5000", "localhost:5000/web", "v1", ""},
		"[::1]:5000/web:v1":                      {"[::1]:5000", "[::1]:5000/web", "v1", ""},
		ecr + "/team/web_app.x--y:V1.0_rc-1":     {ecr, ecr + "/team/web_app.x--y", "V1.0_rc-1", ""},
		"public.ecr.aws/nginx/nginx:stable":      {"public.ecr.aws", "public.ecr.aws/nginx/nginx", "stable", ""},
		"registry.k8s.io/a/b/c/d@" + digestA:     {"registry.k8s.io", "registry.k8s.io/a/b/c/d", "", digestA},
		"slipway.example/app__x:" + longTag(128): {"slipway.example", "slipway.example/app__x", longTag(128), ""},
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			ref, err := imageref.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			got := parts{ref.Registry(), ref.Repository(), ref.Tag(), ref.Digest()}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("parts (-want +got):\n%s", diff)
			}
			if ref.String() != text {
				t.Errorf("String() = %q, want the text as typed", ref.String())
			}
			if ref.Pinned() != (want.Digest != "") {
				t.Errorf("Pinned() = %v", ref.Pinned())
			}
		})
	}
}

func longTag(n int) string { return strings.Repeat("t", n) }

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]string{ // text -> part of the message
		"":                        "empty",
		" nginx":                  "white space",
		"nginx\n":                 "white space",
		"acme/my app":             "white space",
		"https://acme.io/web":     `leave "https://" out`,
		"docker://web":            `leave "docker://" out`,
		"nginx:":                  "tag",
		"nginx:-x":                "tag",
		"nginx:.x":                "tag",
		"nginx:a$b":               "tag",
		"nginx:" + longTag(129):   "tag",
		"Acme/Web":                "repository",
		"acme//web":               "repository",
		"acme/web/":               "repository",
		"/web":                    "repository",
		"-web":                    "repository",
		"web-":                    "repository",
		"a..b/c/d_.e":             "host name",
		"a.b/":                    "repository",
		":v1":                     "repository",
		"@" + digestA:             "repository",
		"nginx@":                  "digest",
		"nginx@sha256:abc":        "digest",
		"nginx@v1":                "digest",
		"nginx@" + digestA + "@x": "digest",
		"nginx@sha256:" + strings.Repeat("A", 64): "digest",
		"${Repo}:v1":       "repository",
		"acme.io:port/web": "host name",
		"foo:1:2":          "more than one tag",
		"nginx@sha512:" + strings.Repeat("a", 128): "digest",
		strings.Repeat("a", 300):                   "more than 255 characters",
		strings.Repeat("a", 248):                   "more than 255 characters", // library/ counts
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			ref, err := imageref.Parse(text)
			var syntax *imageref.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("Parse = %#v, %v; want a *SyntaxError", ref, err)
			}
			if syntax.Text != text || !strings.Contains(err.Error(), want) {
				t.Errorf("error %q does not mention %q", err, want)
			}
			if strings.HasSuffix(err.Error(), ": ") || strings.Contains(err.Error(), "abcdefgh") {
				t.Errorf("error %q is not in the user's terms", err)
			}
		})
	}
}

// A message repeats no more of bad input than finds it.
func TestLongInput(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100_000)
	for _, text := range []string{long, "web:" + long, "web@" + long, long + "://web", long + ".io/web", long + "/web", strings.Repeat("ä", 50_000)} {
		_, err := imageref.Parse(text)
		if err == nil || len(err.Error()) > 500 {
			t.Errorf("%.20s...: error of %d bytes", text, len(fmt.Sprint(err)))
		}
	}
}

func TestSame(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want bool
	}{
		{"nginx", "docker.io/library/nginx:latest", true},
		{"nginx:1", "nginx:2", false},
		{"nginx:1", "acme/nginx:1", false},
		{"nginx@" + digestA, "nginx@" + digestA, true},
		{"nginx@" + digestA, "nginx@" + digestB, false},
		{"nginx:1@" + digestA, "nginx:2@" + digestA, true}, // the digest decides
		{"nginx:1@" + digestA, "nginx:1", false},           // what the tag means is not known here
		{"nginx@" + digestA, "acme/nginx@" + digestA, false},
	}
	for _, tt := range tests {
		a, b := mustParse(t, tt.a), mustParse(t, tt.b)
		if got := a.Same(b); got != tt.want {
			t.Errorf("%s Same %s = %v, want %v", a, b, got, tt.want)
		}
		if a.Same(b) != b.Same(a) {
			t.Errorf("%s Same %s is not symmetric", a, b)
		}
	}
}

func mustParse(t *testing.T, text string) imageref.Ref {
	t.Helper()
	ref, err := imageref.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"nginx", "localhost:5000/a/b:v1", "a.b/c:t@" + digestA, "A//:@", "[::1]:1/x", strings.Repeat("0", 249)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ref, err := imageref.Parse(text)
		if err != nil {
			return
		}
		if ref.String() != text || ref.Repository() == "" || (ref.Tag() == "" && !ref.Pinned()) {
			t.Fatalf("Parse(%q) = %#v", text, ref)
		}
		if again, err := imageref.Parse(ref.String()); err != nil || again != ref {
			t.Fatalf("Parse(%q) = %#v, %v; want %#v again", ref, again, err, ref)
		}
		if !strings.HasPrefix(text, ref.Name()) {
			t.Fatalf("the name of %q is %q", text, ref.Name())
		}
		if !ref.Pinned() {
			pinned, err := ref.Pin(digestB)
			if err != nil || !strings.HasPrefix(pinned.String(), text) || pinned.Digest() != digestB || pinned.Repository() != ref.Repository() {
				t.Fatalf("%q pinned: %#v, %v", text, pinned, err)
			}
		}
		// The normal form reads back as the same image.
		normal := ref.Repository()
		if ref.Pinned() {
			normal += "@" + ref.Digest()
		} else {
			normal += ":" + ref.Tag()
		}
		again, err := imageref.Parse(normal)
		if err != nil || !ref.Same(again) {
			t.Fatalf("Parse(%q) = %v, %v; want the same image as %q", normal, again, err, text)
		}
	})
}

func TestName(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"nginx": "nginx", "nginx:1.29": "nginx", "nginx@" + digestA: "nginx",
		"localhost:5000/shop": "localhost:5000/shop", "localhost:5000/shop:v1@" + digestA: "localhost:5000/shop",
	} {
		if got := mustParse(t, text).Name(); got != want {
			t.Errorf("the name of %s is %s, want %s", text, got, want)
		}
	}
}

func TestPin(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"nginx":                            "nginx@" + digestA,
		"nginx:1.29":                       "nginx:1.29@" + digestA,
		"localhost:5000/shop":              "localhost:5000/shop@" + digestA,
		"docker.io/library/nginx:latest":   "docker.io/library/nginx:latest@" + digestA,
		"nginx:1.29@" + digestA:            "nginx:1.29@" + digestA,
		"nginx@" + digestA:                 "nginx@" + digestA,
		"public.ecr.aws/nginx/nginx:1-alp": "public.ecr.aws/nginx/nginx:1-alp@" + digestA,
	} {
		got, err := mustParse(t, text).Pin(digestA)
		if err != nil || got.String() != want || got != mustParse(t, want) {
			t.Errorf("%s pinned: %s, %v; want %s", text, got, err, want)
		}
	}
	for text, digest := range map[string]string{"nginx@" + digestB: digestA, "nginx": "sha256:abc"} {
		if got, err := mustParse(t, text).Pin(digest); err == nil {
			t.Errorf("%s pinned to %s: %s", text, digest, got)
		}
	}
}
