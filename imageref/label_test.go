package imageref

import (
	"strings"
	"testing"
)

func TestLabel(t *testing.T) {
	t.Parallel()
	digest := "@sha256:" + strings.Repeat("0123456789abcdef", 4)
	for image, want := range map[string]string{
		"": "", "shop": "shop", "acme/shop": "shop", "host:5000/acme/shop": "shop",
		"shop:v1": "v1", "host:5000/acme/shop:v1": "v1", "shop:v1" + digest: "v1",
		"host:5000/shop" + digest: "0123456", "shop@sha256:01": "01", "shop@": "shop", "@": ".",
	} {
		if got := Label(image); got != want {
			t.Errorf("Label(%q) = %q, want %q", image, got, want)
		}
	}
}

func TestLabels(t *testing.T) {
	t.Parallel()
	digest := func(c string) string { return "@sha256:" + strings.Repeat(c, 64) }
	for _, tt := range []struct{ before, after, old, fresh string }{
		{"acme/shop:v1", "acme/shop:v2", "v1", "v2"},
		{"acme/shop:latest" + digest("a"), "acme/shop:latest" + digest("b"), "latest@aaaaaaa", "latest@bbbbbbb"},
		{"acme/shop" + digest("a"), "acme/shop" + digest("b"), "aaaaaaa", "bbbbbbb"},
		{"host:5000/shop", "host:5000/mail", "shop", "mail"},
		{"a/shop:v1", "b/shop:v1", "a/shop:v1", "b/shop:v1"},
	} {
		if old, fresh := Labels(tt.before, tt.after); old != tt.old || fresh != tt.fresh {
			t.Errorf("Labels(%s, %s) = %q, %q; want %q, %q", tt.before, tt.after, old, fresh, tt.old, tt.fresh)
		}
	}
}
