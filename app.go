// The root package is the CDK app: the cdk command runs it, as cdk.json says,
// to synthesize the network and the service stack. With arguments it is the
// slipway command (`go run . rehearse`); to install that alone, without the CDK
// inside, use cmd/slipway.
package main

import (
	"fmt"
	"os"

	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/internal/cli"
	"github.com/slipway-go/slipway/stacks"
)

func main() { os.Exit(run()) }

func run() (code int) {
	// It made a directory for itself when this program began, whatever comes next.
	defer jsii.Close()
	if len(os.Args) > 1 {
		return cli.Main()
	}

	if err := stacks.PrepareNode(); err != nil {
		fmt.Fprintln(os.Stderr, "slipway:", err)
		return 2
	}
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
