package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// app is one of the two that are compared. Which Node.js it runs in is said by
// an argument in JavaScript and by a variable in Go.
type app struct {
	name string
	args func(node) []string
}

type apps struct{ goApp, javascriptApp app }

func (a apps) all() []app { return []app{a.goApp, a.javascriptApp} }

// buildApps builds the Go app beforehand: go run would be timed too.
func buildApps(ctx context.Context, work string) (apps, error) {
	binary := filepath.Join(work, "slipway")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, ".")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return apps{}, fmt.Errorf("building the Go app: %w", err)
	}
	script, err := filepath.Abs(filepath.Join(directory, "javascript", "app.js"))
	if err != nil {
		return apps{}, err
	}
	return apps{
		goApp:         app{"Go", func(node) []string { return []string{binary} }},
		javascriptApp: app{"JavaScript", func(n node) []string { return []string{n.path, script} }},
	}, nil
}

// The values of CDK_VALIDATION.
const (
	validatorOff = "false"
	validatorOn  = "true"
)

// environment has a synthesis run in the given Node.js and write to outdir.
func environment(n node, validator, outdir string) []string {
	return append(os.Environ(), "JSII_NODE="+n.path, "CDK_VALIDATION="+validator, "CDK_OUTDIR="+outdir)
}

func (a app) command(ctx context.Context, n node, validator, outdir string) *exec.Cmd {
	args := a.args(n)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = environment(n, validator, outdir)
	return cmd
}

// resourceCounts are numbers of resources by stack and type.
type resourceCounts map[string]int

func (c resourceCounts) String() string {
	total := 0
	for _, count := range c {
		total += count
	}
	return fmt.Sprintf("%d resources of %d types", total, len(c))
}

// sameResources fails when the comparison is not fair: when one app has
// resources that the other has not.
func sameResources(ctx context.Context, apps apps, n node, work string) (resourceCounts, error) {
	var counts []resourceCounts
	for _, app := range apps.all() {
		outdir := filepath.Join(work, "resources-"+app.name)
		if out, err := app.command(ctx, n, validatorOff, outdir).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("synthesizing the %s app: %w\n%s", app.name, err, out)
		}
		count, err := countResources(outdir)
		if err != nil {
			return nil, fmt.Errorf("reading what the %s app wrote: %w", app.name, err)
		}
		counts = append(counts, count)
	}
	return counts[0], compareResources(counts[0], counts[1])
}

func compareResources(goApp, javascriptApp resourceCounts) error {
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(goApp)) {
		if goApp[key] != javascriptApp[key] {
			errs = append(errs, fmt.Errorf("%s: %d in Go, %d in JavaScript", key, goApp[key], javascriptApp[key]))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(javascriptApp)) {
		if _, both := goApp[key]; !both {
			errs = append(errs, fmt.Errorf("%s: none in Go, %d in JavaScript", key, javascriptApp[key]))
		}
	}
	if errs == nil {
		return nil
	}
	return fmt.Errorf("the two apps are not the same, so their times say nothing; bring %s/javascript up to date:\n%w", directory, errors.Join(errs...))
}

// templateSuffix is what the CDK adds to a stack's name.
const templateSuffix = ".template.json"

func countResources(outdir string) (resourceCounts, error) {
	files, err := filepath.Glob(filepath.Join(outdir, "*"+templateSuffix))
	if err != nil {
		return nil, err
	}
	counts := resourceCounts{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var template struct {
			Resources map[string]struct{ Type string }
		}
		if err := json.Unmarshal(text, &template); err != nil {
			return nil, fmt.Errorf("parsing %s: %w", file, err)
		}
		stack := strings.TrimSuffix(filepath.Base(file), templateSuffix)
		for _, resource := range template.Resources {
			counts[stack+" "+resource.Type]++
		}
	}
	if len(counts) == 0 {
		return nil, fmt.Errorf("there are no resources in %s", outdir)
	}
	return counts, nil
}
