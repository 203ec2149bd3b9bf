package report

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/load"
)

func htmlOf(t *testing.T, r *Report) string {
	t.Helper()
	var b strings.Builder
	if err := HTML(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func rollout() *Report {
	return &Report{
		Result: Deployed, Image: "acme/shop:v2", PreviousImage: "acme/shop:v1", Strategy: "changeset",
		Requests: 300, Failed: 12, Failures: map[load.Failure]int{load.StatusFailure(503): 12},
		Versions: map[string]int{"acme/shop:v1": 100, "acme/shop:v2": 188},
		Rate:     100, Speed: 60, MinHealthyPercent: 50, Seconds: 71, RolloutStart: 30, RolloutEnd: 101,
		Calls: map[string]int{"DescribeServices": 20, "CreateChangeSet": 1},
		Timeline: []Moment{
			{Second: 0, Requests: 100, Versions: map[string]int{"acme/shop:v1": 100}},
			{Second: 60, Requests: 100, Failed: 12, Versions: map[string]int{"acme/shop:v2": 88}},
			{Second: 120, Requests: 100, Versions: map[string]int{"acme/shop:v2": 100}},
		},
		Tasks:  []TaskMoment{{Old: 2, Healthy: 2}, {Second: 40, Old: 1, Pending: 1, Healthy: 1}, {Second: 60, New: 2, Healthy: 2}},
		Events: []StackEvent{{Second: 31, Resource: "Service", Status: "UPDATE_IN_PROGRESS", Reason: "because"}},
	}
}

// TestHTMLNames: what was before and what came are told apart.
func TestHTMLNames(t *testing.T) {
	t.Parallel()
	digest := func(c string) string { return "@sha256:" + strings.Repeat(c, 64) }
	for name, tt := range map[string]struct{ before, after, old, fresh string }{
		"tags":             {"acme/shop:v1", "acme/shop:v2", "v1", "v2"},
		"one tag":          {"acme/shop:latest" + digest("a"), "acme/shop:latest" + digest("b"), "latest@aaaaaaa", "latest@bbbbbbb"},
		"nothing before":   {"", "acme/shop:v2", "before", "v2"},
		"only the digests": {"acme/shop" + digest("a"), "acme/shop" + digest("b"), "aaaaaaa", "bbbbbbb"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newPageData(&Report{Result: Deployed, PreviousImage: tt.before, Image: tt.after})
			if d.OldName != tt.old || d.NewName != tt.fresh {
				t.Errorf("names %q and %q, want %q and %q", d.OldName, d.NewName, tt.old, tt.fresh)
			}
		})
	}
}

// TestHTMLVerdicts: what has not come to its end is not told as deployed.
func TestHTMLVerdicts(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[Outcome]string{
		Deployed: "Deployed", Started: "Started: nobody has waited for the end", AlreadyCurrent: "Already current: there was nothing to do",
		RolledBack: "Rolled back", Failed: "Failed",
	} {
		if d := newPageData(&Report{Result: outcome, PreviousImage: "shop:v1", Image: "shop:v2"}); d.Verdict != want {
			t.Errorf("of %s the verdict is %q, want %q", outcome, d.Verdict, want)
		}
	}
}

// TestHTML: the numbers of the report are on the page, which asks for nothing else.
func TestHTML(t *testing.T) {
	t.Parallel()
	page := htmlOf(t, rollout())
	for _, want := range []string{
		"<title>v2: Deployed, but 12 of 300 requests were lost</title>", `<dd id="requests">300</dd>`, `<dd id="failed">12</dd>`,
		`<span id="capacity">50</span> %`, `<span id="seconds">71</span> s`, `<dd id="calls">21</dd>`,
		"<td>HTTP 503</td>", ">DescribeServices<", ">UPDATE_IN_PROGRESS<", "acme/shop:v1 → acme/shop:v2", "prefers-color-scheme: dark", "@media print",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if found := regexp.MustCompile(`(?i)<script|<link|src=|href=|url\(|@import|ZgotmplZ|%!|NaN|Inf`).FindAllString(page, -1); found != nil {
		t.Errorf("the page has %q", found)
	}
	// Half of four tasks is in the middle; the rollout is where its seconds are.
	for _, want := range []string{`<rect class="span" x="150" y="0" width="355.0"`, `points="0,0 200,0 200,80 300,80 300,160 900,160 `} {
		if !strings.Contains(page, want) {
			t.Errorf("the charts have no %s", want)
		}
	}
}

// TestHTMLOfOddReports: whatever a report lacks or has, it is a page, and well-formed.
func TestHTMLOfOddReports(t *testing.T) {
	t.Parallel()
	evil := `<script>alert("x")</script>` + strings.Repeat("long", 300)
	code := 3
	odd := map[string]*Report{
		"nothing":  {},
		"no tasks": {Result: RolledBack, Timeline: []Moment{{}}},
		"names": {
			Result: RolledBack, Image: evil, PreviousImage: evil + "2", Reason: evil, Drift: []string{evil},
			Calls: map[string]int{evil: 1}, Failures: map[load.Failure]int{load.Failure(evil): 1},
			Events:       []StackEvent{{Resource: evil, Status: evil, Reason: evil}},
			StoppedTasks: []deploy.StoppedTask{{ID: evil, Reason: evil, ExitCode: &code, Log: []string{evil}}},
		},
		"one moment": {Timeline: []Moment{{Requests: 1}}, Tasks: []TaskMoment{{}, {}}},
		"no time":    {Tasks: []TaskMoment{{Old: 2}, {Second: -5, New: 2}}, RolloutStart: -1, RolloutEnd: -2},
	}
	many := rollout()
	for i := range 5000 {
		many.Tasks = append(many.Tasks, TaskMoment{Second: float64(100 + i), New: i})
		many.Events = append(many.Events, StackEvent{Resource: fmt.Sprint(i)})
	}
	odd["many"] = many
	for name, r := range odd {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := htmlOf(t, r)
			if strings.Contains(page, "<script") || strings.Contains(page, "NaN") || strings.Contains(page, "Inf,") {
				t.Error("the page has what it should not")
			}
			// The body is written as XML would have it, all but the first lines.
			body := page[strings.Index(page, "<main>"):strings.Index(page, "</body>")]
			d := xml.NewDecoder(strings.NewReader("<body>" + body + "</body>"))
			d.Entity = xml.HTMLEntity
			for {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatalf("the page is not well-formed: %v", err)
				}
			}
		})
	}
}
