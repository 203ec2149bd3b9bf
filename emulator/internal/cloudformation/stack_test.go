package cloudformation

import (
	"fmt"
	"testing"
	"time"
)

// TestEventIDsDiffer: also within a millisecond, after the clock went back, and after a
// restart.
func TestEventIDsDiffer(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 10, 0, 0, 999e6, time.UTC)
	st, seen := &stack{}, map[string]bool{}
	tell := func(prefix string, at time.Time) string {
		t.Helper()
		id := st.resourceEventID(prefix, at)
		if seen[id] {
			t.Errorf("two events are %s", id)
		}
		seen[id] = true
		st.events = append(st.events, Event{EventId: id, LogicalResourceId: "Topic", ResourceStatus: "UPDATE_COMPLETE", Timestamp: at})
		return id
	}
	if got, want := tell("Topic-UPDATE_COMPLETE", at), "Topic-UPDATE_COMPLETE-2026-11-24T10:00:00.999Z"; got != want {
		t.Errorf("the id is %s, want %s", got, want)
	}
	if got, want := tell("Topic-UPDATE_COMPLETE", at.Add(300*time.Microsecond)), "Topic-UPDATE_COMPLETE-2026-11-24T10:00:01.000Z"; got != want {
		t.Errorf("the next id is %s, want %s", got, want)
	}
	tell("Topic-UPDATE_COMPLETE", at.Add(-time.Minute))
	tell("Topic-UPDATE_COMPLETE", at)
	st.lastEvents = nil // as after a restart
	tell("Topic-UPDATE_COMPLETE", at)
}

// BenchmarkEvents: an event costs the same however many there are.
func BenchmarkEvents(b *testing.B) {
	for _, before := range []int{100, 100_000} {
		b.Run(fmt.Sprintf("after %d", before), func(b *testing.B) {
			st, at := &stack{}, time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
			for i := range before {
				id := st.resourceEventID("Topic-UPDATE_COMPLETE", at.Add(time.Duration(i)*time.Second))
				st.events = append(st.events, Event{EventId: id, LogicalResourceId: "Topic", ResourceStatus: "UPDATE_COMPLETE"})
			}
			for b.Loop() {
				at = at.Add(time.Hour)
				st.resourceEventID("Topic-UPDATE_COMPLETE", at)
			}
		})
	}
}
