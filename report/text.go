package report

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/internal/wording"
	"github.com/slipway-go/slipway/load"
)

// Text writes the report for a terminal of 80 columns, with or without colour.
func Text(w io.Writer, r *Report, colour bool) error {
	t := &text{Report: r, paint: painter(colour), names: shortNames(r)}
	t.verdict()
	t.facts()
	t.findings()
	t.timeline()
	t.phases()
	t.reasons()
	if _, err := w.Write(t.out.Bytes()); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// text is a report being written.
type text struct {
	*Report
	paint painter
	names map[string]string // of versions, as short as they are distinct
	out   bytes.Buffer
}

func (t *text) printf(format string, args ...any) { fmt.Fprintf(&t.out, format, args...) }

// table writes rows whose cells are parted by tabs.
func (t *text) table(rows ...string) {
	tw := tabwriter.NewWriter(&t.out, 0, 0, 3, ' ', 0)
	for _, row := range rows {
		fmt.Fprintf(tw, "  %s\n", row)
	}
	// A bytes.Buffer takes everything.
	_ = tw.Flush()
}

func (t *text) verdict() {
	verdict := t.paint.good("deployed")
	switch {
	case t.Result == RolledBack:
		verdict = t.paint.bad("rolled back")
	case t.Result == Failed:
		verdict = t.paint.bad("failed")
	case t.Failed > 0:
		verdict = t.paint.bad("deployed, but requests were lost")
	}
	if t.Result == RolledBack {
		t.printf("%s   %s; %s runs as before\n\n", verdict, t.Image, t.PreviousImage)
		return
	}
	t.printf("%s   %s -> %s\n\n", verdict, t.PreviousImage, t.Image)
}

func (t *text) facts() {
	rows := []string{
		fmt.Sprintf("requests\t%s at %d/s, %s failed", wording.Thousands(t.Requests), t.Rate, wording.Thousands(t.Failed)),
	}
	for _, kind := range slices.Sorted(maps.Keys(t.Failures)) {
		rows = append(rows, fmt.Sprintf("\t  %s %s", wording.Thousands(t.Failures[kind]), kind))
	}
	answered := t.Requests - t.Failed
	for i, version := range t.versions() {
		label := ""
		if i == 0 {
			label = "answered by"
		}
		n := t.Versions[version]
		rows = append(rows, fmt.Sprintf("%s\t%s %s (%.1f %%)", label, t.names[version], wording.Thousands(n), percent(n, answered)))
	}
	rows = append(rows,
		fmt.Sprintf("capacity\tnever under %d %% of the desired tasks", t.MinHealthyPercent),
		fmt.Sprintf("latency\tp50 %.1f ms, p95 %.1f ms, p99 %.1f ms, max %.1f ms", t.Latency.P50, t.Latency.P95, t.Latency.P99, t.Latency.Max),
		fmt.Sprintf("rollout\t%.1f s of AWS time, watched in %.1f s", t.Seconds, t.WallSeconds),
	)
	if calls := t.calls(); calls > 0 {
		rows = append(rows, fmt.Sprintf("calls\t%d of the AWS API, by strategy %s", calls, t.Strategy))
	}
	if len(t.Drift) > 0 {
		rows = append(rows, "drift\tthe stack does not say what runs; slipway reconcile ends that")
	}
	t.table(rows...)
	t.printf("\n")
}

// findings say why requests were lost.
func (t *text) findings() {
	if len(t.Findings) == 0 {
		return
	}
	t.printf("%s\n", t.paint.bad("lost because"))
	for _, f := range t.Findings {
		t.printf("  %s\n", wrapped(fmt.Sprintf("%s, %s: %s", wording.Thousands(f.Requests), spanOf(f), f.What), "    "))
		t.printf("    %s\n", wrapped(f.Why, "    "))
		t.printf("    %s\n", wrapped("remedy: "+f.Remedy, "    "))
	}
	t.printf("\n")
}

// spanOf is when the requests of a finding were lost.
func spanOf(f Finding) string {
	if f.Until-f.From < 1 {
		return fmt.Sprintf("at %.0f s", f.From)
	}
	return fmt.Sprintf("from %.0f to %.0f s", f.From, f.Until)
}

// textWidth is where lines are wrapped.
const textWidth = 80

// wrapped breaks text at spaces, for an indent of its lines.
func wrapped(text, indent string) string {
	var lines []string
	for limit := textWidth - len(indent); len(text) > limit; {
		at := strings.LastIndexByte(text[:limit+1], ' ')
		if at <= 0 {
			break // one long word
		}
		lines = append(lines, text[:at])
		text = text[at+1:]
	}
	return strings.Join(append(lines, text), "\n"+indent)
}

// calls is how many calls the rollout took.
func (t *text) calls() int {
	n := 0
	for _, count := range t.Calls {
		n += count
	}
	return n
}

// versions are the versions that answered: the previous one, the new one, others.
func (t *text) versions() []string {
	rank := func(version string) int {
		switch version {
		case t.PreviousImage:
			return 0
		case t.Image:
			return 1
		default:
			return 2
		}
	}
	return slices.SortedFunc(maps.Keys(t.Versions), func(a, b string) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
}

func (t *text) phases() {
	rows := []string{"phase\tAWS\there"}
	for _, p := range t.Phases {
		rows = append(rows, fmt.Sprintf("%s\t%.1f s\t%.1f s", p.Name, p.Seconds, p.WallSeconds))
	}
	t.table(rows...)
}

func (t *text) reasons() {
	if t.Result != RolledBack {
		return
	}
	t.printf("\n%s\n", t.paint.bad("rolled back because"))
	for _, cause := range deploy.Causes(t.StoppedTasks) {
		t.printf("  %s\n", cause)
	}
	if t.Reason != "" {
		t.printf("  %s\n", t.Reason)
	}
}

// shortNames gives each version a name to show: the tag where all are of one
// repository, else the whole reference.
func shortNames(r *Report) map[string]string {
	names := map[string]string{}
	repositories := map[string]bool{}
	for version := range r.Versions {
		if version == load.UnknownVersion {
			names[version] = version
			continue
		}
		at := strings.LastIndexByte(version, ':')
		if at <= strings.LastIndexByte(version, '/') {
			at = len(version) // no tag
		}
		repositories[version[:at]] = true
		names[version] = strings.TrimPrefix(version[at:], ":")
		if names[version] == "" {
			names[version] = version
		}
	}
	if len(repositories) > 1 {
		for version := range names {
			names[version] = version
		}
	}
	return names
}

func percent(n, all int) float64 {
	if all == 0 {
		return 0
	}
	return 100 * float64(n) / float64(all)
}

// painter colours text for a terminal when it is true.
type painter bool

func (p painter) good(s string) string { return p.escape("1;32", s) }
func (p painter) bad(s string) string  { return p.escape("1;31", s) }
func (p painter) dim(s string) string  { return p.escape("2", s) }

func (p painter) escape(code, s string) string {
	if !p {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}
