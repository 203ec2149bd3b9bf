// Command deploy measures what one deploy costs where it is started from: slipway deploy,
// beside a script with the AWS CLI and cdk deploy --parameters. See README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/slipway-go/slipway/emulator"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var o options
	flag.IntVar(&o.rounds, "rounds", 3, "how many deploys of each to measure the overhead with")
	flag.BoolVar(&o.check, "check", false, "fail where a goal is missed")
	flag.Parse()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "deploy:", err)
		os.Exit(1)
	}
}

type options struct {
	rounds int
	check  bool
}

// fast is the speed at which a rollout takes no time worth mentioning beside that of the
// tools.
const fast = 300

// slowPull makes a rollout of the templates take two minutes.
const slowPull = 65 * time.Second

func run(ctx context.Context, o options) error {
	tools, err := prepare(ctx)
	if err != nil {
		return err
	}
	defer os.RemoveAll(tools.dir) //nolint:errcheck // of temporary files

	fmt.Printf("Overhead of a deploy: medians of %d, in turn, on an embedded AWS at speed %d.\n\n", o.rounds, fast)
	cheap, err := start(ctx, tools, fast)
	if err != nil {
		return err
	}
	overhead, err := cheap.inTurn(ctx, o.rounds)
	if closeErr := cheap.close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	printOverhead(os.Stdout, overhead)

	fmt.Printf("\nA rollout at AWS's own speed, all three at once on stacks of their own.\n\n")
	real, err := start(ctx, tools, 1)
	if err != nil {
		return err
	}
	real.srv.SetImage(image(real.next), emulator.Conduct{PullTime: slowPull})
	making, err := real.makeChangeSet(ctx)
	var watched map[string]cost
	if err == nil {
		watched, err = real.atOnce(ctx, making)
	}
	if closeErr := real.close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	printWatched(os.Stdout, watched)
	fmt.Printf("\nThe tool's own time is without the %.1f s that CloudFormation took to make such a change set.\n", making.Seconds())

	missed := goals(overhead, watched)
	for _, m := range missed {
		fmt.Println("missed:", m)
	}
	if o.check && len(missed) > 0 {
		return errors.New("a goal was missed")
	}
	return nil
}
