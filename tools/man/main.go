// Command man writes a man page of the slipway command, and of each of its subcommands,
// into a directory:
//
//	go run ./tools/man DIRECTORY
//
// SOURCE_DATE_EPOCH dates them, in seconds; without it, they bear today's date.
package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra/doc"

	"github.com/slipway-go/slipway/internal/cli"
)

func main() {
	if err := run(os.Args[1:], os.Getenv("SOURCE_DATE_EPOCH")); err != nil {
		fmt.Fprintln(os.Stderr, "man:", err)
		os.Exit(1)
	}
}

func run(args []string, epoch string) error {
	if len(args) != 1 {
		return errors.New("name the directory to write to")
	}
	day := time.Now()
	if epoch != "" {
		seconds, err := strconv.ParseInt(epoch, 10, 64)
		if err != nil {
			return fmt.Errorf("SOURCE_DATE_EPOCH is %q, want seconds since 1970", epoch)
		}
		day = time.Unix(seconds, 0).UTC()
	}
	dir := args[0]
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root := cli.Command()
	root.DisableAutoGenTag = true
	header := &doc.GenManHeader{Title: "SLIPWAY", Section: "1", Source: "Slipway", Manual: "Slipway", Date: &day}
	if err := doc.GenManTree(root, header, dir); err != nil {
		return fmt.Errorf("writing into %s: %w", dir, err)
	}
	return nil
}
