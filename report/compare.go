package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"

	"github.com/slipway-go/slipway/imageref"
)

// Compared is a rehearsal with settings that others are compared with.
type Compared struct {
	Name    string  `json:"name"`
	Checks  string  `json:"checks,omitempty"`  // of the load balancer, in words; these three are empty where a template of the user's says them
	Drain   string  `json:"drain,omitempty"`   // for how long
	Healthy string  `json:"healthy,omitempty"` // how many tasks are kept
	Report  *Report `json:"report"`
}

// CompareJSON writes a comparison as one object.
func CompareJSON(w io.Writer, all []Compared) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(map[string]any{"settings": all}); err != nil {
		return fmt.Errorf("writing the comparison: %w", err)
	}
	return nil
}

// Sizes of a row of the picture.
const (
	rowHeight = 64.0
	rowGap    = 18.0
)

type comparePage struct {
	Title, Images string
	Rows          []compareRow
	Ticks         []tick
	Bottom, TickY float64
}

type compareRow struct {
	Compared
	Areas, Lines []shape

	Head, Middle, Base float64 // y
	End                float64 // x of the rollout's end
}

// CompareHTML writes a comparison as a page like that of [HTML].
func CompareHTML(w io.Writer, all []Compared) error {
	p := comparePage{Title: "What settings make of one rollout"}
	longest := 1.0
	for _, c := range all {
		longest = max(longest, c.Report.Seconds)
		p.Images = c.Report.PreviousImage + " → " + c.Report.Image
	}
	x := func(second float64) float64 { return round(chartWidth * min(max(second/longest, 0), 1)) }
	for i, c := range all {
		p.Rows = append(p.Rows, newCompareRow(c, float64(i)*(rowHeight+rowGap), longest, x))
	}
	p.TickY = float64(len(all))*(rowHeight+rowGap) + 4
	p.Bottom = p.TickY + 16
	p.Ticks = ticks(longest, x)
	return execute(w, "compare.html.tmpl", p)
}

// newCompareRow draws the tasks of a rehearsal from the begin of its rollout on.
func newCompareRow(c Compared, head, longest float64, x func(float64) float64) compareRow {
	row := compareRow{Compared: c, Head: head, Middle: head + rowHeight/2 + 4, Base: head + rowHeight, End: x(c.Report.Seconds)}
	r := *c.Report
	r.Tasks = nil
	for _, m := range c.Report.Tasks {
		m.Second = max(m.Second-c.Report.RolloutStart, 0)
		r.Tasks = append(r.Tasks, m)
	}
	before, after := imageref.Labels(r.PreviousImage, r.Image)
	drawn := tasksChartAt(&r, longest, x, cmp.Or(before, "old"), cmp.Or(after, "new"), head, rowHeight)
	row.Areas, row.Lines = drawn.Areas, drawn.Lines
	return row
}
