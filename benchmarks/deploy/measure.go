package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// cost is what one deploy took.
type cost struct {
	processor time.Duration // of the command and all that it has started
	wall      time.Duration
	overhead  time.Duration // of wall, what is not the stack's own update
	memory    int64         // MiB, of the largest of its processes
	calls     int           // of the AWS API

	// rollout is what the stack itself took, and lag what passed from its end until the
	// command's, in AWS time.
	rollout, lag time.Duration

	// own is what is left of overhead without the time that CloudFormation takes to make a
	// change set, which each of the tools has it make and waits for.
	own time.Duration
}

// The tools, in the order in which they are told.
const (
	slipway = "slipway deploy"
	script  = "AWS CLI script"
	cdk     = "cdk deploy"
)

func tools() []string { return []string{slipway, script, cdk} }

// median is the middle one of some costs, member by member.
func median(costs []cost) cost {
	return cost{
		processor: middle(costs, func(c cost) time.Duration { return c.processor }),
		wall:      middle(costs, func(c cost) time.Duration { return c.wall }),
		overhead:  middle(costs, func(c cost) time.Duration { return c.overhead }),
		memory:    middle(costs, func(c cost) int64 { return c.memory }),
		calls:     middle(costs, func(c cost) int { return c.calls }),
		rollout:   middle(costs, func(c cost) time.Duration { return c.rollout }),
		lag:       middle(costs, func(c cost) time.Duration { return c.lag }),
	}
}

func middle[T cmp.Ordered](costs []cost, of func(cost) T) T {
	var none T
	if len(costs) == 0 {
		return none
	}
	values := make([]T, len(costs))
	for i, c := range costs {
		values[i] = of(c)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// share is a part of a baseline; zero where there is none.
func share[T ~int64](part, baseline T) float64 {
	if baseline <= 0 {
		return 0
	}
	return float64(part) / float64(baseline)
}

// part tells which part of a tool's cost is slipway's: "1/5.5".
func part[T ~int64](costs map[string]cost, tool string, of func(cost) T) string {
	return fmt.Sprintf("1/%.1f", 1/max(share(of(costs[slipway]), of(costs[tool])), 0.001))
}

func processorOf(c cost) time.Duration { return c.processor }
func wallOf(c cost) time.Duration      { return c.wall }
func overheadOf(c cost) time.Duration  { return c.overhead }
func ownOf(c cost) time.Duration       { return c.own }
func memoryOf(c cost) int64            { return c.memory }

// printOverhead writes each cost with slipway's part of it.
func printOverhead(w io.Writer, costs map[string]cost) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "\tprocessor\tpart\twall\tpart\tbeyond the update\tpart\tmemory\tpart\tcalls\t")
	for _, tool := range tools() {
		c := costs[tool]
		fmt.Fprintf(tw, "%s\t%.2f s\t%s\t%.1f s\t%s\t%.1f s\t%s\t%d MiB\t%s\t%d\t\n", tool,
			c.processor.Seconds(), part(costs, tool, processorOf), c.wall.Seconds(), part(costs, tool, wallOf),
			c.overhead.Seconds(), part(costs, tool, overheadOf), c.memory, part(costs, tool, memoryOf), c.calls)
	}
	_ = tw.Flush() // to a terminal
}

func printWatched(w io.Writer, costs map[string]cost) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "\trollout\twall\tbeyond the update\tpart\tthe tool's own\tpart\tof it after the end\tcalls\t")
	for _, tool := range tools() {
		c := costs[tool]
		fmt.Fprintf(tw, "%s\t%.0f s\t%.1f s\t%.1f s\t%s\t%.1f s\t%s\t%.1f s\t%d\t\n", tool,
			c.rollout.Seconds(), c.wall.Seconds(), c.overhead.Seconds(), part(costs, tool, overheadOf),
			c.own.Seconds(), part(costs, tool, ownOf), c.lag.Seconds(), c.calls)
	}
	_ = tw.Flush() // to a terminal
}

// The goals.
const (
	partOfCDK    = 1.0 / 10 // of its overhead, at most
	partOfScript = 1.0 / 5
	mostLag      = 2 * time.Second
	mostCalls    = 60 // in a rollout of two minutes
)

// goals tells which were missed. Overhead counts by processor time, and by the time at AWS's
// own speed that neither the stack's update takes nor the making of the change set.
func goals(overhead, watched map[string]cost) []string {
	var missed []string
	for tool, most := range map[string]float64{cdk: partOfCDK, script: partOfScript} {
		if is := share(overhead[slipway].processor, overhead[tool].processor); is > most {
			missed = append(missed, fmt.Sprintf("processor time is %.2f of %s's, the goal %.2f", is, tool, most))
		}
		if is := share(watched[slipway].own, watched[tool].own); is > most {
			missed = append(missed, fmt.Sprintf("own time is %.2f of %s's, the goal %.2f", is, tool, most))
		}
	}
	slices.Sort(missed)
	if is := watched[slipway].lag; is > mostLag {
		missed = append(missed, fmt.Sprintf("it ended %s after the stack, the goal is %s", is.Round(time.Millisecond), mostLag))
	}
	if is := watched[slipway].calls; is > mostCalls {
		missed = append(missed, fmt.Sprintf("it made %d calls, the goal is %d", is, mostCalls))
	}
	return missed
}
