package ecs

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBounds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		desired, minimum, maximum int
		lower, upper              int
	}{
		{2, 100, 200, 2, 4},
		{1, 50, 200, 1, 2},
		{3, 50, 150, 2, 4},
		{3, 66, 133, 2, 3},
		{3, 67, 134, 3, 4},
		{7, 33, 133, 3, 9},
		{1, 0, 100, 0, 1},
		{10, 95, 105, 10, 10},
		{0, 100, 200, 0, 0},
	} {
		c := census{Desired: tt.desired, MinimumHealthyPercent: tt.minimum, MaximumPercent: tt.maximum}
		if lower, upper := c.lowerBound(), c.upperBound(); lower != tt.lower || upper != tt.upper {
			t.Errorf("%d tasks at %d/%d: bounds %d and %d, want %d and %d", tt.desired, tt.minimum, tt.maximum, lower, upper, tt.lower, tt.upper)
		}
	}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	healthy := func(n int) group { return group{Healthy: n} }
	for _, tt := range []struct {
		name string
		c    census
		want plan
	}{
		{"a new service starts all at once", census{3, 100, 200, group{}, group{}}, plan{Start: 3}},
		{"100/200 starts all new tasks first", census{2, 100, 200, group{}, healthy(2)}, plan{Start: 2}},
		{"and waits for their health", census{2, 100, 200, group{Starting: 2}, healthy(2)}, plan{}},
		{"each healthy one lets an old one go", census{2, 100, 200, group{Healthy: 1, Starting: 1}, healthy(2)}, plan{StopOld: healthy(1)}},
		{"and the last all", census{2, 100, 200, healthy(2), healthy(2)}, plan{StopOld: healthy(2)}},
		{"50/100 stops first", census{2, 50, 100, group{}, healthy(2)}, plan{StopOld: healthy(1), Start: 1}},
		{"66/133 of 3 replaces one by one", census{3, 66, 133, group{}, healthy(3)}, plan{StopOld: healthy(1), Start: 1}},
		{"67/134 of 3 starts one first", census{3, 67, 134, group{}, healthy(3)}, plan{Start: 1}},
		{"100/150 of 1 is blocked", census{1, 100, 150, group{}, healthy(1)}, plan{Blocked: true}},
		{"an unfinished deployment goes first", census{2, 100, 200, group{}, group{Healthy: 2, Starting: 2}}, plan{StopOld: group{Starting: 2}, Start: 2}},
		{"scale out", census{4, 100, 200, healthy(2), group{}}, plan{Start: 2}},
		{"scale out within the maximum", census{4, 100, 100, healthy(2), healthy(2)}, plan{Blocked: true}},
		{"scale in", census{1, 100, 200, healthy(3), group{}}, plan{StopSurplus: healthy(2)}},
		{"scale in takes the starting first", census{2, 100, 200, group{Healthy: 2, Starting: 1}, group{}}, plan{StopSurplus: group{Starting: 1}}},
		{"scale in during a deployment", census{1, 100, 200, group{Healthy: 1, Starting: 1}, healthy(2)}, plan{StopSurplus: group{Starting: 1}, StopOld: healthy(2)}},
		{"to nothing", census{0, 100, 200, group{Healthy: 2, Ailing: 1}, group{Healthy: 1, Starting: 1}},
			plan{StopSurplus: healthy(2), StopOld: group{Healthy: 1, Starting: 1}, StopReplaced: 1}},
		{"a lost task is replaced", census{2, 100, 200, healthy(1), group{}}, plan{Start: 1}},
		{"an ailing one gets a replacement first", census{2, 100, 200, group{Healthy: 1, Ailing: 1}, group{}}, plan{Start: 1}},
		{"and goes when that is healthy", census{2, 100, 200, group{Healthy: 2, Ailing: 1}, group{}}, plan{StopReplaced: 1}},
		{"or when there is no room for it", census{2, 50, 100, group{Healthy: 1, Ailing: 1}, group{}}, plan{StopReplaced: 1, Start: 1}},
		{"steady", census{2, 100, 200, healthy(2), group{}}, plan{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, tt.c.next()); diff != "" {
				t.Errorf("plan of %+v (-want +got):\n%s", tt.c, diff)
			}
		})
	}
}

// TestPlanConverges follows plans for every small service: whatever the percentages,
// health stays above the lower bound, the total under the upper one, and the rollout
// ends unless it is blocked.
func TestPlanConverges(t *testing.T) {
	t.Parallel()
	for desired := 1; desired <= 7; desired++ {
		for minimum := 0; minimum <= 100; minimum += 11 {
			for maximum := 100; maximum <= 200; maximum += 9 {
				c := census{Desired: desired, MinimumHealthyPercent: minimum, MaximumPercent: maximum, Old: group{Healthy: desired}}
				for step := 0; c.Old.total() > 0 || c.Primary.Healthy < desired; step++ {
					p := c.next()
					if p.Blocked {
						break
					}
					c.Old.Healthy -= p.StopOld.Healthy
					c.Primary.Starting += p.Start
					if healthy := c.Old.Healthy + c.Primary.Healthy; healthy < c.lowerBound() {
						t.Fatalf("%+v: %d healthy after %+v", c, healthy, p)
					}
					if total := c.Old.total() + c.Primary.total(); total > c.upperBound() {
						t.Fatalf("%+v: %d tasks after %+v", c, total, p)
					}
					if c.Primary.Starting > 0 { // one becomes healthy at a time
						c.Primary.Starting--
						c.Primary.Healthy++
					}
					if step > 100 {
						t.Fatalf("%+v: no end", c)
					}
				}
			}
		}
	}
}
