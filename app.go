// The root package is the CDK app: the cdk command runs it, as cdk.json says,
// to synthesize the network and the service stack. With arguments it is the
// slipway command (`go run . rehearse`); to install that alone, without the CDK
// inside, use cmd/slipway.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/internal/cli"
	"github.com/slipway-go/slipway/stacks"
)

func main() { os.Exit(run()) }

func run() (code int) {
	if args := os.Args[1:]; len(args) > 0 {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		// The first signal asks for an orderly end; a second one ends the process.
		context.AfterFunc(ctx, stop)
		return cli.Run(ctx, args, os.Stdin, os.Stdout, os.Stderr)
	}

	if err := stacks.PrepareNode(); err != nil {
		fmt.Fprintln(os.Stderr, "slipway:", err)
		return 2
	}
	defer jsii.Close()
	defer func() {
		// The CDK reports by panic what its validation has found.
		if problem := recover(); problem != nil {
			fmt.Fprintln(os.Stderr, "slipway: synthesizing the stacks:", problem)
			code = 1
		}
	}()
	stacks.NewApp(nil).Synth(nil)
	return 0
}
