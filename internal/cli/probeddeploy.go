package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/load"
	"github.com/slipway-go/slipway/report"
)

// probedDeploy is a deploy to one stack, with a probe and a report where they are asked
// for.
type probedDeploy struct {
	cmd    *cobra.Command
	probe  *probe
	page   reportFile
	format outputFormat
	calls  callCounter
	record report.Record

	*narrator
}

// tell is told what the deployer does.
func (p *probedDeploy) tell(e deploy.Event) {
	p.record.Tell(report.Now(realTime{}), e)
	p.narrator.tell(e)
}

// run deploys, tells what came of it and returns what the command ends with.
func (p *probedDeploy) run(d *deploy.Deployer, request deploy.Request) error {
	result, err := p.deploy(p.cmd.Context(), d, request)
	p.end()
	whole := deployReport(request, p.probe.rate, &p.record, p.calls.counts(), result, err)
	begun := result != nil || p.record.Told()
	if begun { // of what was bad input, there is nothing to report
		err = errors.Join(err, p.page.write(whole))
	}
	err = errors.Join(err, p.tooMany(whole, err))
	if p.format.machine() {
		outcome := deployOutcomeOf(request.Stack, request.Image, result, err)
		if p.record.Load != nil {
			outcome.Probe = probeOutcomeOf(whole)
		}
		return errors.Join(err, p.format.print(p.cmd.OutOrStdout(), outcome))
	}
	if result != nil {
		err = errors.Join(err, printDeploy(p.cmd.OutOrStdout(), result))
	}
	if p.record.Load != nil && begun {
		err = errors.Join(err, printProbe(p.cmd.OutOrStdout(), whole))
	}
	return err
}

// deploy deploys, with the probe around it.
func (p *probedDeploy) deploy(ctx context.Context, d *deploy.Deployer, request deploy.Request) (*deploy.Result, error) {
	p.record.Begun = report.Now(realTime{})
	p.record.Over = p.record.Begun
	if p.probe.on() {
		// An interrupt ends the deploy; what the probe has seen until then is told.
		probing, stop := context.WithTimeout(context.WithoutCancel(ctx), maxProbeTime)
		defer stop()
		l, err := p.probe.start(probing, d, request.Stack, p.watch)
		if l != nil {
			defer func() { p.record.Load = l.Finish() }()
		}
		if err != nil {
			return nil, err
		}
		defer p.around(ctx, l)
	}
	p.record.Begun = report.Now(realTime{})
	defer func() { p.record.Over = report.Now(realTime{}) }()
	return d.Deploy(ctx, request)
}

// watch shows the load.
func (p *probedDeploy) watch(l *load.Load) {
	p.screen.Watch(l)
	p.screen.Enter("probing")
	if !p.screen.Shown() {
		p.say("probing, at %s", count(p.probe.rate, "request")+" a second")
	}
}

// around lets the load go on for a while after the rollout, unless the deploy was ended.
func (p *probedDeploy) around(ctx context.Context, l *load.Load) {
	p.screen.Enter("probing on")
	_ = p.probe.wait(ctx, l) // its only error is the end of ctx
}

// lostError is a deploy during which more requests failed than were allowed.
type lostError struct {
	image               string
	failed, all, limits int
}

func (e *lostError) Error() string {
	return fmt.Sprintf("%s was deployed, but %d of %d requests of the probe failed, and %d may; see which, and when, with --report FILE.html",
		e.image, e.failed, e.all, e.limits)
}

// tooMany is the verdict on the probe. A deploy that failed has one already.
func (p *probedDeploy) tooMany(r *report.Report, err error) error {
	if err != nil || p.record.Load == nil || p.probe.maxFailures < 0 || r.Failed <= p.probe.maxFailures {
		return nil
	}
	return &lostError{r.Image, r.Failed, r.Requests, p.probe.maxFailures}
}

// probeOutcome is what deploy prints of its probe as JSON.
type probeOutcome struct {
	Requests int                  `json:"requests"`
	Failed   int                  `json:"failed"`
	Failures map[load.Failure]int `json:"failures"`
	Versions map[string]int       `json:"versions"`
	Latency  report.LatencyAround `json:"latencyMilliseconds"`
	Seconds  []report.Moment      `json:"timeline"`
}

func probeOutcomeOf(r *report.Report) *probeOutcome {
	return &probeOutcome{r.Requests, r.Failed, r.Failures, r.Versions, r.LatencyAround, r.Timeline}
}

// printProbe tells what users would have noticed.
func printProbe(w io.Writer, r *report.Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "  probe: %s, %d failed\n", count(r.Requests, "request"), r.Failed)
	for _, kind := range slices.Sorted(maps.Keys(r.Failures)) {
		fmt.Fprintf(&b, "    %d %s, %s\n", r.Failures[kind], kind, when(r, kind))
	}
	for _, version := range slices.Sorted(maps.Keys(r.Versions)) {
		fmt.Fprintf(&b, "    %d answered by %s\n", r.Versions[version], short(version))
	}
	for _, part := range []struct {
		name string
		report.Latency
	}{{"before", r.LatencyAround.Before}, {"during", r.LatencyAround.During}, {"after", r.LatencyAround.After}} {
		if part.Max > 0 {
			fmt.Fprintf(&b, "    latency %-6s  p50 %.1f ms, p95 %.1f ms, p99 %.1f ms, max %.1f ms\n", part.name, part.P50, part.P95, part.P99, part.Max)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// when tells in which seconds of the rollout requests failed in a way: "4 to 6 s after its
// begin".
func when(r *report.Report, kind load.Failure) string {
	first, last := -1.0, 0.0
	for _, m := range r.Timeline {
		if m.Failures[kind] > 0 {
			if first < 0 {
				first = m.Second
			}
			last = m.Second
		}
	}
	from, to := first-r.RolloutStart, last-r.RolloutStart
	switch {
	case to < 0:
		return "before the rollout"
	case to-from < 1:
		return fmt.Sprintf("%.0f s after the rollout began", max(from, 0))
	}
	return fmt.Sprintf("%.0f to %.0f s after the rollout began", max(from, 0), to)
}
