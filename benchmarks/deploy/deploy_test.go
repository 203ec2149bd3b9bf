package main

import (
	"strings"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	t.Parallel()
	got := median([]cost{{processor: 3, overhead: 4, calls: 9}, {processor: 1, overhead: 5, calls: 5}, {processor: 2, overhead: 9, calls: 7}})
	if got.processor != 2 || got.overhead != 5 || got.calls != 7 {
		t.Errorf("median %+v", got)
	}
	if none := median(nil); none != (cost{}) {
		t.Errorf("of nothing: %+v", none)
	}
}

func TestGoals(t *testing.T) {
	t.Parallel()
	overhead := map[string]cost{
		slipway: {processor: time.Second, wall: 4 * time.Second, memory: 30},
		script:  {processor: 6 * time.Second, wall: 6 * time.Second, memory: 60},
		cdk:     {processor: 11 * time.Second, wall: 10 * time.Second, memory: 240},
	}
	watched := map[string]cost{
		slipway: {lag: 2 * time.Second, calls: 60, overhead: 4 * time.Second, own: time.Second},
		script:  {overhead: 60 * time.Second, own: 57 * time.Second}, cdk: {overhead: 14 * time.Second, own: 11 * time.Second},
	}
	if missed := goals(overhead, watched); len(missed) > 0 {
		t.Errorf("missed %q", missed)
	}
	var b strings.Builder
	printOverhead(&b, overhead)
	printWatched(&b, watched)
	for _, want := range []string{"1/11.0", "1/6.0", "1/1.5", "1/2.5", "1/8.0", "1/15.0", "1/3.5", "1/57.0", "1/11.0", "60"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the tables have no %q:\n%s", want, b.String())
		}
	}
	overhead[slipway] = cost{processor: 2 * time.Second}
	watched[slipway] = cost{lag: 3 * time.Second, calls: 61, own: 12 * time.Second}
	if missed := goals(overhead, watched); len(missed) != 6 {
		t.Errorf("missed %q; want all six", missed)
	}
}
