package load

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var start = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func at(ms, latency int, failure Failure, version string) Sample {
	return Sample{
		Start:   start.Add(time.Duration(ms) * time.Millisecond),
		Latency: time.Duration(latency) * time.Millisecond,
		Failure: failure,
		Version: version,
	}
}

func TestResultCounts(t *testing.T) {
	t.Parallel()
	type counts struct {
		Requests, Failed int
		Failures         map[Failure]int
		Versions         map[string]int
		Latency          Latency
	}
	hundred := make([]Sample, 0, 100)
	for i := range 100 {
		hundred = append(hundred, at(i, 100-i, "", "v1"))
	}
	tests := []struct {
		name    string
		samples []Sample
		want    counts
	}{
		{"nothing", nil, counts{Failures: map[Failure]int{}, Versions: map[string]int{}}},
		{
			"one", []Sample{at(0, 7, "", "v1")},
			counts{
				Requests: 1, Failures: map[Failure]int{}, Versions: map[string]int{"v1": 1},
				Latency: Latency{7 * time.Millisecond, 7 * time.Millisecond, 7 * time.Millisecond, 7 * time.Millisecond},
			},
		},
		{
			"failures are counted by kind and have no latency",
			[]Sample{at(0, 5, "", "v1"), at(1, 9000, TimedOut, ""), at(2, 1, StatusFailure(502), ""), at(3, 1, StatusFailure(502), ""), at(4, 6, "", "v2")},
			counts{
				Requests: 5, Failed: 3,
				Failures: map[Failure]int{TimedOut: 1, "HTTP 502": 2},
				Versions: map[string]int{"v1": 1, "v2": 1},
				Latency:  Latency{5 * time.Millisecond, 6 * time.Millisecond, 6 * time.Millisecond, 6 * time.Millisecond},
			},
		},
		{
			"percentiles are exact", hundred,
			counts{
				Requests: 100, Failures: map[Failure]int{}, Versions: map[string]int{"v1": 100},
				Latency: Latency{50 * time.Millisecond, 95 * time.Millisecond, 99 * time.Millisecond, 100 * time.Millisecond},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := &Result{Samples: tt.samples, Started: start}
			got := counts{r.Requests(), r.Failed(), r.Failures(), r.Versions(), r.Latency()}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTimeline(t *testing.T) {
	t.Parallel()
	r := &Result{Started: start, Samples: []Sample{
		at(320, 1, "", "v2"), // came back before an earlier one
		at(0, 1, "", "v1"),
		at(99, 1, "", "v1"),
		at(100, 1, "", "v2"),
		at(150, 1, Reset, ""),
	}}
	none, ms := map[Failure]int{}, Latency{time.Millisecond, time.Millisecond, time.Millisecond, time.Millisecond}
	want := []Bucket{
		{Start: start, Requests: 2, Failures: none, Versions: map[string]int{"v1": 2}, Latency: ms},
		{
			Start: start.Add(100 * time.Millisecond), Requests: 2, Failed: 1,
			Failures: map[Failure]int{Reset: 1}, Versions: map[string]int{"v2": 1}, Latency: ms,
		},
		{Start: start.Add(200 * time.Millisecond), Failures: none, Versions: map[string]int{}},
		{Start: start.Add(300 * time.Millisecond), Requests: 1, Failures: none, Versions: map[string]int{"v2": 1}, Latency: ms},
	}
	if diff := cmp.Diff(want, r.Timeline(100*time.Millisecond)); diff != "" {
		t.Errorf("Timeline (-want +got):\n%s", diff)
	}
	if got := r.Between(start.Add(100*time.Millisecond), start.Add(320*time.Millisecond)); got.Requests() != 2 || got.Failed() != 1 {
		t.Errorf("between 100 and 320 ms there are %d requests, %d failed; want 2 and 1", got.Requests(), got.Failed())
	}
	if got := r.Timeline(0); got != nil {
		t.Errorf("Timeline(0) = %v, want nil", got)
	}
}
