package cli

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

func TestEmulateServesUntilInterrupted(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	out, stdout := io.Pipe()
	var stderr bytes.Buffer
	code := make(chan int, 1)
	go func() {
		c := Run(ctx, []string{"emulate", "--addr", "127.0.0.1:0", "--speed", "60"}, strings.NewReader(""), stdout, &stderr)
		_ = stdout.Close() // a pipe's Close has no error
		code <- c
	}()

	variables := map[string]string{}
	lines := bufio.NewScanner(out)
	for len(variables) < 5 && lines.Scan() {
		variable, ok := strings.CutPrefix(lines.Text(), "export ")
		name, value, isVariable := strings.Cut(variable, "=")
		if !ok || !isVariable {
			t.Fatalf("stdout has %q, want export NAME=VALUE", lines.Text())
		}
		variables[name] = value
	}
	endpoint := variables["AWS_ENDPOINT_URL"]
	if strings.HasSuffix(endpoint, ":0") || variables["AWS_ACCESS_KEY_ID"] == "" || variables["AWS_REGION"] == "" {
		t.Errorf("the environment is %v, want credentials, a region and the real port", variables)
	}
	res, err := http.Post(endpoint, "application/x-www-form-urlencoded", strings.NewReader("Action=DescribeStacks&Version=2010-05-15"))
	if err != nil {
		t.Fatalf("calling the embedded AWS: %v", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("DescribeStacks answers %s", res.Status)
	}

	interrupt()
	if c := <-code; c != 0 {
		t.Errorf("exit code %d, want 0; stderr:\n%s", c, &stderr)
	}
	if !strings.Contains(stderr.String(), "serving the embedded AWS at "+endpoint) {
		t.Errorf("stderr does not say what is served:\n%s", &stderr)
	}
}

func TestEmulateSaysWhatIsWrongWithTheAddress(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() }) // when the parallel subtests have ended
	tests := map[string]string{
		taken.Addr().String(): "something listens on " + taken.Addr().String() + " already; end it, or choose another port with --addr",
		"0.0.0.0:0":           "loopback",
		"4566":                "4566",
		"127.0.0.1:99999":     "99999",
	}
	for addr, want := range tests {
		t.Run(addr, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			code := Run(t.Context(), []string{"emulate", "--addr", addr}, strings.NewReader(""), &stdout, &stderr)
			if code != 2 || !strings.Contains(stderr.String(), want) {
				t.Errorf("exit code %d, stderr %q; want 2 and %q", code, &stderr, want)
			}
			if stdout.Len() > 0 {
				t.Errorf("stdout is not empty: %s", &stdout)
			}
		})
	}
}
