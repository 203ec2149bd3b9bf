package rehearse

import (
	"testing"
	"time"

	"github.com/slipway-go/slipway/emulator"
)

var began = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func second(n int) time.Time { return began.Add(time.Duration(n) * time.Second) }

func change(at int, target, state string) emulator.TargetHealth {
	return emulator.TargetHealth{Time: second(at), TargetGroupARN: "group", Target: target, State: state}
}

func TestLowestHealthy(t *testing.T) {
	t.Parallel()
	twoHealthy := []emulator.TargetHealth{
		change(0, "a", "initial"), change(0, "b", "initial"), change(10, "a", "healthy"), change(11, "b", "healthy"),
	}
	tests := []struct {
		name   string
		events []emulator.TargetHealth
		want   int
	}{
		{"no targets", nil, 0},
		{"nothing happens", nil, 2},
		{"before the span does not count", []emulator.TargetHealth{change(15, "a", "unhealthy"), change(16, "a", "healthy")}, 2},
		{"after the span does not count", []emulator.TargetHealth{change(90, "a", "draining")}, 2},
		{"new before old", []emulator.TargetHealth{
			change(30, "c", "initial"), change(31, "d", "initial"), change(35, "c", "healthy"), change(36, "d", "healthy"),
			change(37, "a", "draining"), change(37, "b", "draining"), change(60, "a", "unused"), change(60, "b", "unused"),
		}, 2},
		{"old before new", []emulator.TargetHealth{
			change(30, "a", "draining"), change(35, "c", "healthy"), change(37, "b", "draining"), change(40, "d", "healthy"),
		}, 1},
		{"a moment without any", []emulator.TargetHealth{
			change(30, "a", "draining"), change(30, "b", "draining"), change(30, "c", "healthy"), change(30, "d", "healthy"),
		}, 0},
		{"another group does not count", []emulator.TargetHealth{
			{Time: second(30), TargetGroupARN: "other", Target: "a", State: "unhealthy"},
		}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			events := tt.events
			if tt.want > 0 || events != nil {
				events = append(twoHealthy[:len(twoHealthy):len(twoHealthy)], events...)
			}
			if got := lowestHealthy(events, "group", second(20), second(80)); got != tt.want {
				t.Errorf("lowestHealthy = %d, want %d", got, tt.want)
			}
		})
	}
}

func TestLowestHealthyOfAllGroups(t *testing.T) {
	t.Parallel()
	events := []emulator.TargetHealth{
		{Time: second(1), TargetGroupARN: "one", Target: "a", State: "healthy"},
		{Time: second(1), TargetGroupARN: "two", Target: "a", State: "healthy"},
	}
	if got := lowestHealthy(events, "", second(2), second(3)); got != 2 {
		t.Errorf("lowestHealthy = %d, want 2", got)
	}
}
