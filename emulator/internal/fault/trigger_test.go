package fault

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTrigger(t *testing.T) {
	t.Parallel()
	strikes := func(w When, occasions int) []int {
		trigger, struck := New(w), []int{}
		for i := range occasions {
			if trigger.Strike() {
				struck = append(struck, i+1)
			}
		}
		return struck
	}
	for _, tt := range []struct {
		name string
		when When
		want []int
	}{
		{"always", When{}, []int{1, 2, 3, 4, 5, 6}},
		{"twice", When{Times: 2}, []int{1, 2}},
		{"from the fourth", When{Nth: 4}, []int{4, 5, 6}},
		{"the third", When{Nth: 3, Times: 1}, []int{3}},
	} {
		if diff := cmp.Diff(tt.want, strikes(tt.when, 6)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	half := strikes(When{Probability: 0.5, Seed: 7}, 1000)
	if len(half) < 400 || len(half) > 600 {
		t.Errorf("%d of 1000 at probability 0.5", len(half))
	}
	if diff := cmp.Diff(half, strikes(When{Probability: 0.5, Seed: 7}, 1000)); diff != "" {
		t.Errorf("the same seed strikes elsewhere:\n%s", diff)
	}
	if cmp.Equal(half, strikes(When{Probability: 0.5, Seed: 8}, 1000)) {
		t.Error("another seed strikes at the same occasions")
	}
}

func TestClearedTriggerStrikesNoMore(t *testing.T) {
	t.Parallel()
	trigger := New(When{})
	trigger.Strike()
	trigger.Clear()
	trigger.Clear()
	if trigger.Strike() {
		t.Error("strikes after it was cleared")
	}
	if occasions, strikes := trigger.Counts(); occasions != 1 || strikes != 1 {
		t.Errorf("%d occasions, %d strikes; want one of each", occasions, strikes)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for _, w := range []When{{Nth: -1}, {Times: -1}, {Probability: 1.5}, {Probability: -1}} {
		if w.Validate() == nil {
			t.Errorf("%+v is accepted", w)
		}
	}
}
