// Package clients holds what Slipway makes against the tools that people have,
// installed beside these tests by `make clients`: it drives the embedded AWS with the
// AWS CLI, boto3 and the cdk command, and has cfn-lint read the templates.
package clients

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/slipway-go/slipway/emulator"
)

// speed lets a stack settle before the AWS CLI looks for the first time, or for the
// second: its deploy command looks again only after 30 real seconds.
const speed = 120

// repository is the root of the module, seen from here.
const repository = "../.."

// client is a command line against an embedded AWS of its own.
type client struct {
	t      *testing.T
	server *emulator.Server
	binary string
	dir    string
	env    []string
}

// installed is the absolute path of a command that `make clients` installs. Where it
// is not, the test is skipped; in CI, which installs it, that is a failure.
func installed(t *testing.T, path string) string {
	t.Helper()
	binary, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(binary); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed, and in CI it has to be: %v", path, err)
		}
		t.Skipf("%s is not installed; `make clients` installs it", path)
	}
	return binary
}

// newClient starts an AWS for the client at path.
func newClient(t *testing.T, path string, env ...string) client {
	t.Helper()
	return newClientAt(t, speed, path, env...)
}

// newClientAt is newClient for a client that does not need the speed of the AWS CLI.
func newClientAt(t *testing.T, speed float64, path string, env ...string) client {
	t.Helper()
	binary := installed(t, path)
	srv, err := emulator.Start(t.Context(), emulator.Options{Speed: speed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
	})
	// Nothing of the user's configuration may reach the client.
	kept := []string{"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull, "AWS_PAGER="}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") {
			kept = append(kept, variable)
		}
	}
	return client{t: t, server: srv, binary: binary, dir: ".", env: append(append(kept, srv.Environment()...), env...)}
}

// run runs the client and returns its standard output and what it said beside it.
func (c client) run(ctx context.Context, args ...string) (stdout, stderr string, err error) {
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, c.binary, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = c.dir, c.env, &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

// must runs the client, which has to succeed, and returns its trimmed output.
func (c client) must(args ...string) string {
	c.t.Helper()
	out, errs, err := c.run(c.t.Context(), args...)
	if err != nil {
		c.t.Fatalf("%s %s: %v\n%s%s", filepath.Base(c.binary), strings.Join(args, " "), err, out, errs)
	}
	return strings.TrimSpace(out)
}

// refused runs the client, which has to fail and say text.
func (c client) refused(text string, args ...string) {
	c.t.Helper()
	out, errs, err := c.run(c.t.Context(), args...)
	if err == nil {
		c.t.Errorf("%s %s succeeded, want %q\n%s", filepath.Base(c.binary), strings.Join(args, " "), text, out)
	} else if !strings.Contains(errs, text) {
		c.t.Errorf("%s %s said\n%swant %q", filepath.Base(c.binary), strings.Join(args, " "), errs, text)
	}
}

// get is the body that url answers with status 200.
func get(t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %s: %s", url, resp.Status, body)
	}
	return string(body)
}

// answers checks that the service behind url runs image.
func answers(t *testing.T, url, image string) {
	t.Helper()
	if body := get(t, url); !strings.Contains(body, image) {
		t.Errorf("%s answers %q, want it from %s", url, body, image)
	}
}
