package registry

import "testing"

func TestSplit(t *testing.T) {
	t.Parallel()
	for image, want := range map[string][2]string{
		"docker.io/acme/shop:v1":        {"acme/shop", "v1"},
		"docker.io/library/nginx":       {"nginx", "latest"},
		"nginx":                         {"nginx", "latest"},
		"acme/shop":                     {"acme/shop", "latest"},
		"localhost:5000/shop":           {"shop", "latest"},
		"localhost/shop:v1":             {"shop", "v1"},
		"1.dkr.ecr.eu.amazonaws.com/s":  {"s", "latest"},
		"host:5000/a/b:v1@sha256:0123":  {"a/b", "sha256:0123"},
		"acme/shop@sha256:0123":         {"acme/shop", "sha256:0123"},
		"gcr.io/a/library/nginx:stable": {"a/library/nginx", "stable"},
	} {
		if name, reference := Split(image); name != want[0] || reference != want[1] {
			t.Errorf("%s is %s and %s, want %v", image, name, reference, want)
		}
	}
}
