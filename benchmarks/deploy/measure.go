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
	memory    int64 // MiB, of the largest of its processes
	calls     int   // of the AWS API

	// rollout is what the stack itself took, and lag what passed from its end until the
	// command's, in AWS time.
	rollout, lag time.Duration
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
func share(part, baseline time.Duration) float64 {
	if baseline <= 0 {
		return 0
	}
	return float64(part) / float64(baseline)
}

func printOverhead(w io.Writer, costs map[string]cost) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "\tprocessor\tslipway's part of it\twall\tmemory\tcalls\t")
	for _, tool := range tools() {
		c := costs[tool]
		fmt.Fprintf(tw, "%s\t%.2f s\t1/%.1f\t%.1f s\t%d MiB\t%d\t\n",
			tool, c.processor.Seconds(), 1/max(share(costs[slipway].processor, c.processor), 0.001), c.wall.Seconds(), c.memory, c.calls)
	}
	_ = tw.Flush() // to a terminal
}

func printWatched(w io.Writer, costs map[string]cost) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "\trollout\tfrom its end to the command's\tcalls\t")
	for _, tool := range tools() {
		c := costs[tool]
		fmt.Fprintf(tw, "%s\t%.0f s\t%.1f s\t%d\t\n", tool, c.rollout.Seconds(), c.lag.Seconds(), c.calls)
	}
	_ = tw.Flush() // to a terminal
}

// The goals.
const (
	partOfCDK    = 1.0 / 10 // of its processor time, at most
	partOfScript = 1.0 / 5
	mostLag      = 2 * time.Second
	mostCalls    = 60 // in a rollout of two minutes
)

// goals tells which were missed.
func goals(overhead, watched map[string]cost) []string {
	var missed []string
	ours := overhead[slipway].processor
	if is := share(ours, overhead[cdk].processor); is > partOfCDK {
		missed = append(missed, fmt.Sprintf("processor time is %.2f of cdk deploy's, the goal %.2f", is, partOfCDK))
	}
	if is := share(ours, overhead[script].processor); is > partOfScript {
		missed = append(missed, fmt.Sprintf("processor time is %.2f of the script's, the goal %.2f", is, partOfScript))
	}
	if is := watched[slipway].lag; is > mostLag {
		missed = append(missed, fmt.Sprintf("it ended %s after the stack, the goal is %s", is.Round(time.Millisecond), mostLag))
	}
	if is := watched[slipway].calls; is > mostCalls {
		missed = append(missed, fmt.Sprintf("it made %d calls, the goal is %d", is, mostCalls))
	}
	return missed
}
