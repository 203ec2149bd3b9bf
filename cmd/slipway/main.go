// Command slipway ships new versions of a container to AWS Fargate without
// downtime, and rehearses it without an account. See package cli.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/slipway-go/slipway/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks for an orderly end; a second one ends the process.
	context.AfterFunc(ctx, stop)
	os.Exit(cli.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
