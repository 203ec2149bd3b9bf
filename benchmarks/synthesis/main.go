// Command synthesis times how long the CDK app of this repository takes to write
// its two stacks, beside an app in JavaScript that writes the same resources:
// what it costs to have a CDK app in Go. See README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/slipway-go/slipway/internal/jsiicalls"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var o options
	flag.IntVar(&o.rounds, "rounds", 5, "how often to go through the measurements with the validator off")
	flag.IntVar(&o.runs, "runs", 4, "runs of each app in such a round")
	flag.IntVar(&o.validatedRounds, "validated-rounds", 2, "how often to go through those with the validator on, one run each")
	flag.StringVar(&o.results, "results", filepath.Join(directory, "results"), "the directory for hyperfine's exports")
	flag.Parse()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "synthesis:", err)
		os.Exit(1)
	}
}

// directory is where this command is, from the root of the module, where it runs.
const directory = "benchmarks/synthesis"

type options struct {
	rounds, runs, validatedRounds int
	results                       string
}

func run(ctx context.Context, o options) error {
	if _, err := exec.LookPath("hyperfine"); err != nil {
		return errors.New("it measures with hyperfine, which is not on PATH: apt-get install hyperfine, or see https://github.com/sharkdp/hyperfine")
	}
	nodes, err := findNodes(ctx)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "slipway-synthesis-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work) //nolint:errcheck // a temporary directory
	if err := os.MkdirAll(o.results, 0o755); err != nil {
		return err
	}
	apps, err := buildApps(ctx, work)
	if err != nil {
		return err
	}
	pins, err := readPins(filepath.Join(directory, "javascript"))
	if err != nil {
		return err
	}

	fmt.Printf("%s/%s, %d processors, %s, aws-cdk-lib %s\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), pins["aws-cdk-lib"])
	resources, err := sameResources(ctx, apps, nodes[0], work)
	if err != nil {
		return err
	}
	fmt.Printf("both apps: %s\n", resources)
	calls, err := jsiicalls.Run(apps.goApp.command(ctx, nodes[0], validatorOff, filepath.Join(work, "calls")))
	if err != nil {
		return err
	}
	fmt.Printf("calls of the Go app to the CDK's process: %s\n\n", calls)

	measurements, err := measureAll(ctx, o, apps, nodes, work)
	if err != nil {
		return err
	}
	return printTable(os.Stdout, measurements)
}

// node is a Node.js to run the CDK in.
type node struct{ path, version string }

// findNodes are the one on PATH and the newest LTS, which npm has installed
// beside the JavaScript app.
func findNodes(ctx context.Context) ([]node, error) {
	installed, err := exec.LookPath("node")
	if err != nil {
		return nil, errors.New("synthesis needs Node.js 20 or newer, and there is no node on PATH")
	}
	pinned, err := filepath.Abs(filepath.Join(directory, "javascript", "node_modules", "node", "bin", "node"))
	if err != nil {
		return nil, err
	}
	var nodes []node
	for _, path := range []string{installed, pinned} {
		version, err := exec.CommandContext(ctx, path, "--version").Output()
		if err != nil {
			return nil, fmt.Errorf("asking %s for its version: %w; make benchmark-synthesis installs what the JavaScript app needs", path, err)
		}
		nodes = append(nodes, node{path, strings.TrimSpace(string(version))})
	}
	return nodes, nil
}
