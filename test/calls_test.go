package test

import (
	"os"
	"os/exec"
	"testing"
	"time"

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

// BenchmarkSynthesisAgain is what the two default stacks cost in a process that has
// synthesized before, as tests do, beside the first time, which starts the CDK's process
// and loads it.
func BenchmarkSynthesisAgain(b *testing.B) {
	if nodeError != nil {
		b.Skip(nodeError)
	}
	synthesize := func() { stacks.NewApp(jsii.String(b.TempDir())).Synth(nil) }
	jsii.Close() // whatever ran before
	began := time.Now()
	synthesize()
	first := time.Since(began)

	for b.Loop() {
		synthesize()
	}
	again := b.Elapsed() / time.Duration(b.N)
	b.ReportMetric(float64(first.Milliseconds()), "ms/first")
	b.ReportMetric(float64(again.Milliseconds()), "ms/again")
	b.ReportMetric(float64(first)/float64(again), "first/again")
	b.ReportMetric(0, "ns/op") // said in milliseconds
}
