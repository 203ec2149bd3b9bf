package clients

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/slipway-go/slipway/emulator"
)

// TestResponses has boto3 call every operation of the embedded AWS and holds each raw
// response against botocore's service models: see boto/strict.py. An operation that is
// added is found missing until boto/responses*.py call it.
func TestResponses(t *testing.T) {
	t.Parallel()
	boto(t, "responses")
}

// TestRequests sends requests that are wrong, through boto3's own client, and looks at
// what boto3 makes of the errors.
func TestRequests(t *testing.T) {
	t.Parallel()
	boto(t, "requests")
}

// TestWaiters has boto3's own waiters wait for all that the embedded AWS does.
func TestWaiters(t *testing.T) {
	t.Parallel()
	boto(t, "waiters")
}

// TestPaginators lists, in the smallest pages there are, all that can be listed.
func TestPaginators(t *testing.T) {
	t.Parallel()
	boto(t, "paginators")
}

// boto runs a module of the Python package boto against an embedded AWS of its own, and
// reports what it finds.
func boto(t *testing.T, module string) {
	t.Helper()
	python := newClientAt(t, 600, ".venv/bin/python", "PYTHONDONTWRITEBYTECODE=1")
	python.server.SetImage(":missing", emulator.Conduct{Missing: true})
	for _, image := range []string{"direct/app:v1", "direct/app:v2", "direct/worker:v1"} {
		if _, err := python.server.PushImage(image, emulator.Image{Content: image}); err != nil {
			t.Fatal(err)
		}
	}
	operations, err := json.Marshal(python.server.Operations())
	if err != nil {
		t.Fatal(err)
	}
	python.env = append(python.env, "OPERATIONS="+string(operations))
	for finding := range strings.Lines(python.must("-m", "boto", module)) {
		t.Error(strings.TrimSpace(finding))
	}
}
