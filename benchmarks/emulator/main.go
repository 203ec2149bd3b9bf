// Command emulator measures how the embedded AWS scales: what a stack takes, in time
// and memory, beside ten others and beside thousands. See README.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var o options
	flag.IntVar(&o.stacks, "stacks", 10_000, "the most stacks without tasks; 0 leaves them out")
	flag.IntVar(&o.services, "services", 1_000, "the most service stacks; 0 leaves them out")
	flag.BoolVar(&o.state, "state", false, "keep the state in a folder, as --state does")
	flag.StringVar(&o.cpuProfile, "cpuprofile", "", "a file for a profile of the processor time")
	flag.StringVar(&o.heapProfile, "heapprofile", "", "a file for a profile of the memory in use, with the stacks of the last row")
	flag.Parse()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "emulator:", err)
		os.Exit(1)
	}
}

type options struct {
	stacks, services        int
	state                   bool
	cpuProfile, heapProfile string
}

func run(ctx context.Context, o options) error {
	if o.cpuProfile != "" {
		f, err := os.Create(o.cpuProfile)
		if err != nil {
			return err
		}
		defer f.Close() //nolint:errcheck // what is lost is a profile
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	fmt.Printf("%s/%s, %d processors, %s\n", runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), runtime.Version())
	for _, l := range []load{taskStacks(o.stacks), serviceStacks(o.services)} {
		rows, err := measureAll(ctx, l, o)
		if err != nil {
			return err
		}
		if err := printTable(os.Stdout, l, rows); err != nil {
			return err
		}
	}
	return nil
}
