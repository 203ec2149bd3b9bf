// Package test holds what is true of several packages together: the committed
// templates are what the stacks synthesize, and they agree with the contract.
//
// Tests that synthesize run one after the other (jsii takes no parallel calls)
// and share one Node process, which only TestMain closes.
package test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/stacks"
)

// Package snapshot reads it.
var _ = flag.Bool("update", false, "write templates/ and testdata/ instead of comparing with them")

// nodeError is why nothing can be synthesized here, if so.
var nodeError error

func TestMain(m *testing.M) {
	flag.Parse()
	// The validator takes seconds for each synthesis; CI runs it once, with cdk.
	if _, set := os.LookupEnv("CDK_VALIDATION"); !set {
		os.Setenv("CDK_VALIDATION", "false")
		jsii.Close() // it took the environment when it began
	}
	if nodeError = stacks.PrepareNode(); nodeError != nil && !errors.Is(nodeError, stacks.ErrNoNode) {
		fmt.Fprintln(os.Stderr, nodeError)
		os.Exit(1)
	}
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// needsNode skips a test that synthesizes where that is impossible.
func needsNode(t *testing.T) {
	t.Helper()
	if nodeError == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal(nodeError)
	}
	t.Skip(nodeError)
}
