package report

import (
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/imageref"
	"github.com/slipway-go/slipway/internal/wording"
)

//go:embed *.html.tmpl
var pages embed.FS

// HTML writes the report as a page that needs nothing but itself: no network, no script.
// It is light or dark as the reader's system is, and fits on paper.
func HTML(w io.Writer, r *Report) error {
	return execute(w, "report.html.tmpl", newPageData(r))
}

func execute(w io.Writer, name string, data any) error {
	t, err := template.New(name).Funcs(template.FuncMap{"known": known, "span": spanOf, "sentence": sentence, "short": shortDigest, "number": wording.Thousands}).ParseFS(pages, name, "style.html.tmpl")
	if err != nil {
		return fmt.Errorf("reading the page of the report: %w", err)
	}
	if err := t.Execute(w, data); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// sentence has a capital and a full stop.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// shortDigest leaves of a digest what tells images apart.
func shortDigest(text string) string {
	return regexp.MustCompile(`sha256:[0-9a-f]{64}`).ReplaceAllStringFunc(text, func(digest string) string {
		const enough = len("sha256:") + 12
		return digest[:enough]
	})
}

// Causes are why tasks have stopped, one line for each cause.
func (d pageData) Causes() []string {
	var all []string
	for _, c := range deploy.Causes(d.StoppedTasks) {
		all = append(all, c.String())
	}
	return all
}

// known is a value as people read it: CloudFormation has a mark for what it makes later.
func known(value string) string {
	if value == "{{changeSet:KNOWN_AFTER_APPLY}}" {
		return "known after it is made"
	}
	return value
}

// Sizes of the charts, in the units of their view boxes.
const (
	chartWidth  = 900.0
	chartHeight = 160.0
)

// pageData is what the page shows, ready to be put in its places.
type pageData struct {
	*Report
	Verdict, Class string
	OldName        string
	NewName        string
	Calls          int
	CallsBy        []count
	FailuresBy     []count
	Versions       []count
	Around         []aroundRow
	Charts         []chart
	Ticks          []tick
	From, Until    float64 // x of the rollout
	Width, Height  float64
}

type count struct {
	Name string
	N    int
}

// aroundRow is the latency of a part of the load.
type aroundRow struct {
	Name string
	Latency
}

// chart is areas and lines over time.
type chart struct {
	ID, Title string
	Areas     []shape
	Lines     []shape
	Legend    []shape
	Top       string // value at the top
	Alt       string // the same in words
	Note      string
}

type shape struct {
	Class, Name, Points string
}

type tick struct {
	X             float64
	Label, Anchor string
}

func newPageData(r *Report) pageData {
	names := shortNames(r)
	for version, name := range names {
		names[version] = shortDigest(name)
	}
	d := pageData{
		Report: r, Verdict: "Deployed, and no request was lost", Class: "good",
		OldName: names[r.PreviousImage], NewName: names[r.Image],
		Width: chartWidth, Height: chartHeight,
	}
	switch {
	case r.Result == RolledBack:
		d.Verdict, d.Class = "Rolled back", "bad"
	case r.Result == Failed:
		d.Verdict, d.Class = "Failed", "bad"
	case r.Result == AlreadyCurrent:
		d.Verdict = "Already current: there was nothing to do"
	case r.Result == Started:
		d.Verdict = "Started: nobody has waited for the end"
	case r.Requests == 0:
		d.Verdict = "Deployed"
	case r.Failed > 0:
		d.Verdict, d.Class = fmt.Sprintf("Deployed, but %s of %s requests were lost", wording.Thousands(r.Failed), wording.Thousands(r.Requests)), "bad"
	}
	before, after := imageref.Labels(r.PreviousImage, r.Image)
	d.OldName, d.NewName = cmp.Or(d.OldName, before, "before"), cmp.Or(d.NewName, after, "new")
	for _, operation := range slices.Sorted(maps.Keys(r.Calls)) {
		d.Calls += r.Calls[operation]
		d.CallsBy = append(d.CallsBy, count{operation, r.Calls[operation]})
	}
	for _, kind := range slices.Sorted(maps.Keys(r.Failures)) {
		d.FailuresBy = append(d.FailuresBy, count{string(kind), r.Failures[kind]})
	}
	for _, version := range slices.Sorted(maps.Keys(r.Versions)) {
		d.Versions = append(d.Versions, count{cmp.Or(names[version], version), r.Versions[version]})
	}
	for _, row := range []aroundRow{{"before the rollout", r.LatencyAround.Before}, {"during it", r.LatencyAround.During}, {"after it", r.LatencyAround.After}} {
		if row.Max > 0 {
			d.Around = append(d.Around, row)
		}
	}
	end := lengthOf(r)
	x := func(second float64) float64 { return round(chartWidth * min(max(second/end, 0), 1)) }
	d.From, d.Until = x(r.RolloutStart), x(r.RolloutEnd)
	d.Ticks = ticks(end, x)
	for _, c := range []chart{
		tasksChart(r, end, x, d.OldName, d.NewName),
		requestsChart(r, end, x, d.OldName, d.NewName),
		latencyChart(r, end, x),
	} {
		if len(c.Areas)+len(c.Lines) > 0 {
			d.Charts = append(d.Charts, c)
		}
	}
	return d
}

// RolloutWidth is how wide the span of the rollout is.
func (d pageData) RolloutWidth() float64 { return max(d.Until-d.From, 0) }

// lengthOf is how many seconds the charts show; never zero.
func lengthOf(r *Report) float64 {
	end := max(r.RolloutEnd, 1)
	if n := len(r.Timeline); n > 0 {
		end = max(end, r.Timeline[n-1].Second+spanSeconds(r.Timeline))
	}
	return end
}

func round(v float64) float64 { return math.Round(v*10) / 10 }

// ticks are about six round seconds.
func ticks(end float64, x func(float64) float64) []tick {
	step := 1.0
	for _, s := range []float64{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600} {
		if step = s; end/s <= 8 {
			break
		}
	}
	var all []tick
	for second := 0.0; second <= end; second += step {
		anchor := "middle"
		if x(second) > chartWidth-20 { // it would not fit
			anchor = "end"
		}
		all = append(all, tick{x(second), fmt.Sprintf("%g s", second), anchor})
	}
	return all
}

// tasksChart stacks the tasks of both versions: what runs, and what starts.
func tasksChart(r *Report, end float64, x func(float64) float64, oldName, newName string) chart {
	return tasksChartAt(r, end, x, oldName, newName, 0, chartHeight)
}

// tasksChartAt is tasksChart at a height, and so high.
func tasksChartAt(r *Report, end float64, x func(float64) float64, oldName, newName string, head, height float64) chart {
	c, top := chart{ID: "tasks", Title: "Tasks"}, 1
	if len(r.Tasks) < 2 {
		return c // nothing is known of the rollout's tasks
	}
	for _, m := range r.Tasks {
		top = max(top, m.Old+m.New+m.Pending, m.Healthy)
	}
	var layers [3][]float64 // upper edges, from below
	var seconds, healthy []float64
	for _, m := range r.Tasks {
		seconds = append(seconds, m.Second)
		layers[0] = append(layers[0], float64(m.Old))
		layers[1] = append(layers[1], float64(m.Old+m.New))
		layers[2] = append(layers[2], float64(m.Old+m.New+m.Pending))
		healthy = append(healthy, float64(m.Healthy))
	}
	y := func(v float64) float64 { return round(head + height*(1-v/float64(top))) }
	zero := make([]float64, len(seconds))
	c.Areas = []shape{
		{"pending", newName + ", starting", stepped(seconds, layers[1], layers[2], end, x, y)},
		{"new", newName, stepped(seconds, layers[0], layers[1], end, x, y)},
		{"old", oldName, stepped(seconds, zero, layers[0], end, x, y)},
	}
	c.Lines = []shape{{"healthy", "healthy targets", steps(seconds, healthy, end, x, y)}}
	c.Legend = []shape{{Class: "old", Name: oldName}, {Class: "new", Name: newName}, c.Areas[0], c.Lines[0]}
	c.Top, c.Alt = fmt.Sprint(top), fmt.Sprintf("Running tasks by version, at most %d at a time", top)
	return c
}

// steps is a line that changes in steps.
func steps(seconds, values []float64, end float64, x, y func(float64) float64) string {
	var line strings.Builder
	for i, second := range seconds {
		until := end
		if i+1 < len(seconds) {
			until = seconds[i+1]
		}
		fmt.Fprintf(&line, "%g,%g %g,%g ", x(second), y(values[i]), x(until), y(values[i]))
	}
	return strings.TrimSpace(line.String())
}

// latencyChart draws what half of the answered requests took, and what nearly all did, in
// each span. Spans in which nothing was answered are left out.
func latencyChart(r *Report, end float64, x func(float64) float64) chart {
	c, top := chart{ID: "latency", Title: "Latency"}, 0.0
	var seconds, half, most []float64
	for _, m := range r.Timeline {
		if m.Requests > m.Failed {
			seconds, half, most = append(seconds, m.Second), append(half, m.P50), append(most, m.P99)
			top = max(top, m.P99)
		}
	}
	if top == 0 {
		return c
	}
	y := func(v float64) float64 { return round(chartHeight * (1 - v/top)) }
	c.Lines = []shape{
		{"most", "p99", steps(seconds, most, end, x, y)},
		{"half", "p50", steps(seconds, half, end, x, y)},
	}
	c.Legend = c.Lines
	c.Top = fmt.Sprintf("%.0f ms", math.Ceil(top))
	c.Alt = fmt.Sprintf("Latency of answered requests, p99 at most %.1f ms", top)
	return c
}

// stepped is the outline of an area between two edges that change in steps.
func stepped(seconds, low, high []float64, end float64, x, y func(float64) float64) string {
	var up, down []string
	for i, second := range seconds {
		until := end
		if i+1 < len(seconds) {
			until = seconds[i+1]
		}
		up = append(up, fmt.Sprintf("%g,%g", x(second), y(high[i])), fmt.Sprintf("%g,%g", x(until), y(high[i])))
		down = append(down, fmt.Sprintf("%g,%g", x(second), y(low[i])), fmt.Sprintf("%g,%g", x(until), y(low[i])))
	}
	slices.Reverse(down)
	return strings.Join(append(up, down...), " ")
}

// requestsChart stacks the requests of each span by who answered, and those that failed on
// top.
func requestsChart(r *Report, end float64, x func(float64) float64, oldName, newName string) chart {
	c, top := chart{ID: "requests", Title: "Requests"}, 1
	if len(r.Timeline) == 0 {
		return c
	}
	var seconds, olds, news, all []float64
	for _, m := range r.Timeline {
		top = max(top, m.Requests)
		failed := float64(m.Failed)
		old := float64(m.Versions[r.PreviousImage])
		seconds, olds = append(seconds, m.Second), append(olds, old)
		news, all = append(news, float64(m.Requests)-failed), append(all, float64(m.Requests))
	}
	y := func(v float64) float64 { return round(chartHeight * (1 - v/float64(top))) }
	zero := make([]float64, len(seconds))
	c.Areas = []shape{
		{"failed", "failed", stepped(seconds, news, all, end, x, y)},
		{"new", newName, stepped(seconds, olds, news, end, x, y)},
		{"old", oldName, stepped(seconds, zero, olds, end, x, y)},
	}
	c.Legend = []shape{{Class: "old", Name: "answered by " + oldName}, {Class: "new", Name: "answered by " + newName}, {Class: "failed", Name: "failed"}}
	c.Note = fmt.Sprintf("in spans of %g s; the grey span is the rollout", spanSeconds(r.Timeline))
	c.Top = fmt.Sprint(top)
	c.Alt = fmt.Sprintf("Requests by the version that answered: %d, of which %d failed", r.Requests, r.Failed)
	return c
}
