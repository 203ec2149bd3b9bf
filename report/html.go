package report

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
)

//go:embed report.html.tmpl
var page string

// HTML writes the report as a page that needs nothing but itself: no network, no script.
// It is light or dark as the reader's system is, and fits on paper.
func HTML(w io.Writer, r *Report) error {
	t, err := template.New("report").Parse(page)
	if err != nil {
		return fmt.Errorf("reading the page of the report: %w", err)
	}
	if err := t.Execute(w, newPageData(r)); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
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
	Tasks          chart
	Requests       chart
	Ticks          []tick
	From, Until    float64 // x of the rollout
	Width, Height  float64
}

type count struct {
	Name string
	N    int
}

// chart is a stack of areas over time.
type chart struct {
	Areas []area
	Top   int    // value at the top
	Line  string // points of a line over it; empty is none
	Alt   string // the same in words
}

type area struct {
	Class, Name, Points string
}

type tick struct {
	X     float64
	Label string
}

func newPageData(r *Report) pageData {
	names := shortNames(r)
	d := pageData{
		Report: r, Verdict: "Deployed, and no request was lost", Class: "good",
		OldName: names[r.PreviousImage], NewName: names[r.Image],
		Width: chartWidth, Height: chartHeight,
	}
	switch {
	case r.Result == RolledBack:
		d.Verdict, d.Class = "Rolled back", "bad"
	case r.Failed > 0:
		d.Verdict, d.Class = fmt.Sprintf("Deployed, but %s of %s requests were lost", thousands(r.Failed), thousands(r.Requests)), "bad"
	}
	d.OldName, d.NewName = cmp.Or(d.OldName, tagOf(r.PreviousImage), "before"), cmp.Or(d.NewName, tagOf(r.Image), "new")
	for _, operation := range slices.Sorted(maps.Keys(r.Calls)) {
		d.Calls += r.Calls[operation]
		d.CallsBy = append(d.CallsBy, count{operation, r.Calls[operation]})
	}
	for _, kind := range slices.Sorted(maps.Keys(r.Failures)) {
		d.FailuresBy = append(d.FailuresBy, count{string(kind), r.Failures[kind]})
	}
	end := lengthOf(r)
	x := func(second float64) float64 { return round(chartWidth * min(max(second/end, 0), 1)) }
	d.From, d.Until = x(r.RolloutStart), x(r.RolloutEnd)
	d.Ticks = ticks(end, x)
	d.Tasks = tasksChart(r, end, x, d.OldName, d.NewName)
	d.Requests = requestsChart(r, end, x, d.OldName, d.NewName)
	return d
}

// tagOf is what follows the last colon of an image's name; empty where nothing does.
func tagOf(image string) string {
	name := image[strings.LastIndex(image, "/")+1:]
	if i := strings.LastIndex(name, ":"); i >= 0 {
		return name[i+1:]
	}
	return ""
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
		all = append(all, tick{x(second), fmt.Sprintf("%g s", second)})
	}
	return all
}

// tasksChart stacks the tasks of both versions: what runs, and what starts.
func tasksChart(r *Report, end float64, x func(float64) float64, oldName, newName string) chart {
	c := chart{Top: 1}
	if len(r.Tasks) < 2 {
		return c // nothing is known of the rollout's tasks
	}
	for _, m := range r.Tasks {
		c.Top = max(c.Top, m.Old+m.New+m.Pending, m.Healthy)
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
	y := func(v float64) float64 { return round(chartHeight * (1 - v/float64(c.Top))) }
	zero := make([]float64, len(seconds))
	c.Areas = []area{
		{"pending", newName + ", starting", stepped(seconds, layers[1], layers[2], end, x, y)},
		{"new", newName, stepped(seconds, layers[0], layers[1], end, x, y)},
		{"old", oldName, stepped(seconds, zero, layers[0], end, x, y)},
	}
	var line strings.Builder
	for i, second := range seconds {
		until := end
		if i+1 < len(seconds) {
			until = seconds[i+1]
		}
		fmt.Fprintf(&line, "%g,%g %g,%g ", x(second), y(healthy[i]), x(until), y(healthy[i]))
	}
	c.Line = strings.TrimSpace(line.String())
	c.Alt = fmt.Sprintf("Running tasks by version, at most %d at a time", c.Top)
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
	c := chart{Top: 1}
	if len(r.Timeline) == 0 {
		return c
	}
	var seconds, olds, news, all []float64
	for _, m := range r.Timeline {
		c.Top = max(c.Top, m.Requests)
		failed := float64(m.Failed)
		old := float64(m.Versions[r.PreviousImage])
		seconds, olds = append(seconds, m.Second), append(olds, old)
		news, all = append(news, float64(m.Requests)-failed), append(all, float64(m.Requests))
	}
	y := func(v float64) float64 { return round(chartHeight * (1 - v/float64(c.Top))) }
	zero := make([]float64, len(seconds))
	c.Areas = []area{
		{"failed", "failed", stepped(seconds, news, all, end, x, y)},
		{"new", newName, stepped(seconds, olds, news, end, x, y)},
		{"old", oldName, stepped(seconds, zero, olds, end, x, y)},
	}
	c.Alt = fmt.Sprintf("Requests by the version that answered: %d, of which %d failed", r.Requests, r.Failed)
	return c
}
