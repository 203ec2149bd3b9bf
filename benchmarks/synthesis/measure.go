package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// measurement is what each app took, in one Node.js with the validator on or off.
type measurement struct {
	node              node
	validator         string
	goApp, javascript sample
}

// sample is in seconds: from start to end, of each run, and on the processors,
// user and system time together, on average for each call of hyperfine.
type sample struct{ elapsed, processor []float64 }

func (s *sample) add(other sample) {
	s.elapsed = append(s.elapsed, other.elapsed...)
	s.processor = append(s.processor, other.processor...)
}

// measureAll goes through all measurements again and again, so that what else
// the machine has to do meanwhile falls on both apps.
func measureAll(ctx context.Context, o options, apps apps, nodes []node, work string) ([]measurement, error) {
	var measurements []measurement
	for _, n := range nodes {
		if o.rounds > 0 {
			measurements = append(measurements, measurement{node: n, validator: validatorOff})
		}
		if o.validatedRounds > 0 {
			measurements = append(measurements, measurement{node: n, validator: validatorOn})
		}
	}
	for round := range max(o.rounds, o.validatedRounds) {
		for i := range measurements {
			m := &measurements[i]
			rounds, runs := o.rounds, o.runs
			if m.validator == validatorOn {
				rounds, runs = o.validatedRounds, 1
			}
			if round >= rounds {
				continue
			}
			for _, target := range []struct {
				app    app
				sample *sample
			}{{apps.goApp, &m.goApp}, {apps.javascriptApp, &m.javascript}} {
				name := fmt.Sprintf("%s-node%s-validator-%s", target.app.name, m.node.version, m.validator)
				fmt.Fprintf(os.Stderr, "round %d of %d: %s\n", round+1, rounds, name)
				export := filepath.Join(o.results, fmt.Sprintf("%s-%d.json", name, round+1))
				sample, err := measure(ctx, target.app, m.node, m.validator, filepath.Join(work, name), export, runs)
				if err != nil {
					return nil, err
				}
				target.sample.add(sample)
			}
		}
	}
	return measurements, nil
}

// measure has hyperfine run the app, once to warm up and then measured.
func measure(ctx context.Context, a app, n node, validator, outdir, export string, runs int) (sample, error) {
	var words []string
	for _, word := range a.args(n) {
		words = append(words, "'"+word+"'") // hyperfine takes a command apart as a shell does
	}
	args := []string{"--shell=none", "--style=none", "--warmup=1", "--runs=" + strconv.Itoa(runs), "--export-json=" + export}
	cmd := exec.CommandContext(ctx, "hyperfine", append(args, strings.Join(words, " "))...)
	cmd.Env = environment(n, validator, outdir)
	if out, err := cmd.CombinedOutput(); err != nil {
		return sample{}, fmt.Errorf("measuring the %s app: %w\n%s", a.name, err, out)
	}
	// The CDK writes this file whenever the validator has run.
	_, err := os.Stat(filepath.Join(outdir, "validation-report.json"))
	if validated := err == nil; validated != (validator == validatorOn) {
		return sample{}, fmt.Errorf("measuring the %s app: CDK_VALIDATION was %s, and the validator has run: %t", a.name, validator, validated)
	}
	text, err := os.ReadFile(export)
	if err != nil {
		return sample{}, err
	}
	return parseExport(text)
}

func parseExport(export []byte) (sample, error) {
	var parsed struct {
		Results []struct {
			Times        []float64
			User, System float64
		}
	}
	if err := json.Unmarshal(export, &parsed); err != nil {
		return sample{}, fmt.Errorf("parsing hyperfine's export: %w", err)
	}
	if len(parsed.Results) != 1 || len(parsed.Results[0].Times) == 0 {
		return sample{}, errors.New("parsing hyperfine's export: it has no times of one command")
	}
	result := parsed.Results[0]
	return sample{result.Times, []float64{result.User + result.System}}, nil
}

func median(times []float64) float64 {
	sorted := slices.Sorted(slices.Values(times))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// printTable has the ratios first: they say more on a machine that has other
// things to do as well, the one of processor time the most.
func printTable(out io.Writer, measurements []measurement) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "Node\tvalidator\ttime\tGo/JavaScript\tGo\tJavaScript")
	for _, m := range measurements {
		validator := "off"
		if m.validator == validatorOn {
			validator = "on"
		}
		row := func(time string, goApp, javascript float64) {
			fmt.Fprintf(table, "%s\t%s\t%s\t%.2f\t%.2f s\t%.2f s\n", m.node.version, validator, time, goApp/javascript, goApp, javascript)
		}
		row("median", median(m.goApp.elapsed), median(m.javascript.elapsed))
		row("least", slices.Min(m.goApp.elapsed), slices.Min(m.javascript.elapsed))
		row("processor", median(m.goApp.processor), median(m.javascript.processor))
	}
	return table.Flush()
}
