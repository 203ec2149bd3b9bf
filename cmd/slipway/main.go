// Command slipway ships new versions of a container to AWS Fargate without
// downtime, and rehearses it without an account. See package cli.
package main

import (
	"os"

	"github.com/slipway-go/slipway/internal/cli"
)

func main() { os.Exit(cli.Main()) }
