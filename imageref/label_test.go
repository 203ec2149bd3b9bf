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
