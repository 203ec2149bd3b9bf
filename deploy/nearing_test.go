package deploy

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestDrainedSince(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	event := func(after time.Duration, message string) types.ServiceEvent {
		return types.ServiceEvent{CreatedAt: aws.Time(began.Add(after)), Message: &message}
	}
	const draining = "(service shop) has begun draining connections on 1 tasks."
	tests := map[string]struct {
		events []types.ServiceEvent
		want   time.Time
	}{
		"nothing yet":            {nil, time.Time{}},
		"another":                {[]types.ServiceEvent{event(time.Minute, "(service shop) has reached a steady state."), {}}, time.Time{}},
		"of the one before":      {[]types.ServiceEvent{event(-time.Minute, draining)}, time.Time{}},
		"the last of two":        {[]types.ServiceEvent{event(2*time.Minute, draining), event(time.Minute, draining)}, began.Add(2 * time.Minute)},
		"in whichever direction": {[]types.ServiceEvent{event(time.Minute, draining), event(2*time.Minute, draining)}, began.Add(2 * time.Minute)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := drainedSince(types.Service{Events: tt.events}, began); !got.Equal(tt.want) {
				t.Errorf("drainedSince = %v, want %v", got, tt.want)
			}
		})
	}
}
