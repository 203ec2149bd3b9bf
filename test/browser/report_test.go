// Package browser looks at the pages of reports in a real browser.
package browser

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/rehearse"
	"github.com/slipway-go/slipway/report"
)

// rehearsals are those whose reports are looked at: one in which requests are lost, one
// that goes well, and one that is rolled back.
func rehearsals() map[string]rehearse.Options {
	lost := rehearse.Options{Speed: 30, EarlySIGTERM: true, Conducts: map[string]emulator.Conduct{
		rehearse.DefaultPreviousImage: {Abrupt: true, Latency: 6 * time.Second},
	}}
	return map[string]rehearse.Options{
		"lost": lost, "well": {Speed: 60}, "rolled back": {Speed: 60, Bad: rehearse.BadCrash},
	}
}

// TestReport: the page renders everywhere, asks for nothing, and says what the JSON says.
func TestReport(t *testing.T) {
	t.Parallel()
	b := launch(t)
	for name, o := range rehearsals() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o.Rate, o.MinRequests = 100, 300
			r, err := rehearse.Run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if name == "lost" && (r.Failed == 0 || len(r.Findings) == 0) {
				t.Fatalf("%d requests were lost, for %v; want some, for a reason", r.Failed, r.Findings)
			}
			page := write(t, func(w *bytes.Buffer) error { return report.HTML(w, r) })
			numbers := numbersOf(t, r)
			for _, m := range media() {
				tab := b.open(t, page, m)
				shown := map[string]string{}
				for id := range numbers {
					shown[id] = tab.text(t, "#"+id)
				}
				if diff := cmp.Diff(numbers, shown); diff != "" {
					t.Errorf("%s: numbers (-JSON +page):\n%s", m.name, diff)
				}
				tab.looksRight(t, m)
				for _, chart := range []string{"#tasks-chart", "#requests-chart", "#latency-chart"} {
					tab.drawn(t, chart+" svg")
				}
				if found := tab.count(t, ".finding"); found != len(r.Findings) {
					t.Errorf("%s: %d findings are shown, want %d", m.name, found, len(r.Findings))
				}
				rows := 0
				for i := range r.Failures {
					rows += strings.Count(tab.text(t, "#failures"), string(i))
				}
				if rows != len(r.Failures) {
					t.Errorf("%s: %d kinds of failures are shown, want %d", m.name, rows, len(r.Failures))
				}
			}
		})
	}
}

// TestComparison: so does that of several settings.
func TestComparison(t *testing.T) {
	t.Parallel()
	b := launch(t)
	o := rehearse.Options{Speed: 120, Rate: 50, MinRequests: 100}
	compared, err := rehearse.Compare(t.Context(), o, rehearse.Settings(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var all []report.Compared
	for _, c := range compared {
		all = append(all, report.Compared{Name: c.Setting.Name, Report: c.Report})
	}
	page := write(t, func(w *bytes.Buffer) error { return report.CompareHTML(w, all) })
	for _, m := range media() {
		tab := b.open(t, page, m)
		tab.looksRight(t, m)
		tab.drawn(t, "#picture svg")
		table := tab.text(t, "#comparison")
		for _, c := range all {
			for _, want := range []string{
				c.Name, fmt.Sprintf("%.0f s", c.Report.Seconds), fmt.Sprintf("%d %%", c.Report.MinHealthyPercent),
				fmt.Sprintf("%d of %d", c.Report.Failed, c.Report.Requests),
			} {
				if !strings.Contains(table, want) {
					t.Errorf("%s: the table has no %q:\n%s", m.name, want, table)
				}
			}
		}
	}
}

// numbersOf are the numbers of a report by the ids of their places, out of its JSON.
func numbersOf(t *testing.T, r *report.Report) map[string]string {
	t.Helper()
	var b bytes.Buffer
	if err := report.JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	var read struct {
		Requests, Failed, MinHealthyPercent int
		Seconds                             float64
		Calls                               map[string]int
		LatencyMilliseconds                 struct{ P50, P99 float64 }
	}
	if err := json.Unmarshal(b.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	calls := 0
	for _, n := range read.Calls {
		calls += n
	}
	return map[string]string{
		"requests": grouped(read.Requests), "failed": fmt.Sprint(read.Failed),
		"capacity": fmt.Sprint(read.MinHealthyPercent), "seconds": fmt.Sprintf("%.0f", read.Seconds),
		"calls": fmt.Sprint(calls), "p50": fmt.Sprintf("%.1f", read.LatencyMilliseconds.P50), "p99": fmt.Sprintf("%.1f", read.LatencyMilliseconds.P99),
	}
}

// grouped is a number as the page has it.
func grouped(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}

// write puts a page into a file.
func write(t *testing.T, page func(*bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := page(&b); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
