package main

import (
	"strings"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	t.Parallel()
	got := median([]cost{{processor: 3, calls: 9}, {processor: 1, calls: 5}, {processor: 2, calls: 7}})
	if got.processor != 2 || got.calls != 7 {
		t.Errorf("median %+v", got)
	}
	if none := median(nil); none != (cost{}) {
		t.Errorf("of nothing: %+v", none)
	}
}

func TestGoals(t *testing.T) {
	t.Parallel()
	overhead := map[string]cost{slipway: {processor: time.Second}, script: {processor: 6 * time.Second}, cdk: {processor: 11 * time.Second}}
	watched := map[string]cost{slipway: {lag: 2 * time.Second, calls: 60}}
	if missed := goals(overhead, watched); len(missed) > 0 {
		t.Errorf("missed %q", missed)
	}
	overhead[slipway] = cost{processor: 2 * time.Second}
	watched[slipway] = cost{lag: 3 * time.Second, calls: 61}
	if missed := goals(overhead, watched); len(missed) != 4 {
		t.Errorf("missed %q; want all four", missed)
	}
	var b strings.Builder
	printOverhead(&b, overhead)
	printWatched(&b, watched)
	for _, want := range []string{"1/5.5", "1/3.0", "61"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the tables have no %q:\n%s", want, b.String())
		}
	}
}
