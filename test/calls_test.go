package test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/internal/jsiicalls"
	"github.com/slipway-go/slipway/stacks"
)

// countedApp is where the child process of TestSynthesisCalls writes its app.
const countedApp = "SLIPWAY_TEST_COUNTED_APP"

// maxCalls is what the two default stacks need, and a few more. Who asks the CDK
// again for what is known already, an ID or a node, pays in every synthesis.
const maxCalls = 320

// TestSynthesisCalls counts instead of timing: the number is exact. The benchmark
// in benchmarks/synthesis measures the time that it stands for.
func TestSynthesisCalls(t *testing.T) {
	needsNode(t)
	if outdir := os.Getenv(countedApp); outdir != "" {
		stacks.NewApp(jsii.String(outdir)).Synth(nil)
		return
	}

	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSynthesisCalls$")
	child.Env = append(os.Environ(), countedApp+"="+t.TempDir())
	calls, err := jsiicalls.Run(child)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("calls to the CDK: %s", calls)
	if calls.Total() > maxCalls {
		t.Errorf("synthesis makes %s calls to the CDK, allowed are %d: keep what was asked for, or raise the limit for what is new", calls, maxCalls)
	}
}
