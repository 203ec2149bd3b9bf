package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/slipway-go/slipway/internal/cli"
)

// Every command has a page, which is the same whenever it is made.
func TestManPages(t *testing.T) {
	t.Parallel()
	dir, again := t.TempDir(), t.TempDir()
	for _, d := range []string{dir, again} {
		if err := run([]string{d}, "1700000000"); err != nil {
			t.Fatal(err)
		}
	}
	for _, cmd := range cli.Command().Commands() {
		if cmd.Hidden || cmd.Name() == "help" {
			continue
		}
		page := "slipway-" + cmd.Name() + ".1"
		text, err := os.ReadFile(filepath.Join(dir, page))
		if err != nil {
			t.Fatal(err)
		}
		same, err := os.ReadFile(filepath.Join(again, page))
		if err != nil || string(same) != string(text) {
			t.Errorf("%s: %v, or another text the second time", page, err)
		}
		for _, want := range []string{cmd.Short, ".SH SYNOPSIS", "Nov 2023"} {
			if !strings.Contains(strings.ReplaceAll(string(text), `\`, ""), want) {
				t.Errorf("%s has no %q", page, want)
			}
		}
	}
	if err := run(nil, ""); err == nil {
		t.Error("it writes nowhere, and is content")
	}
	if err := run([]string{dir}, "today"); err == nil {
		t.Error("it takes a date that is none")
	}
}
