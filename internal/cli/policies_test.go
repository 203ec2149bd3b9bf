package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEmulateRefusesBadPolicies(t *testing.T) {
	t.Parallel()
	bad := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(bad, []byte(`{"Version": "2012-10-17", "Statement": [{"Effect": "Permit"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for policy, want := range map[string]string{
		"nobody":                   "want CALLER=FILE",
		"jane=" + bad:              `its Effect is "Permit"`,
		"jane=" + bad + "-missing": "no such file",
	} {
		var stdout, stderr bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		code := Run(ctx, []string{"emulate", "--addr", "127.0.0.1:0", "--policy", policy}, strings.NewReader(""), &stdout, &stderr)
		cancel()
		if code != 2 || !strings.Contains(stderr.String(), want) {
			t.Errorf("--policy %s: exit code %d, stderr %q; want 2 and %q", policy, code, &stderr, want)
		}
	}
}
