package clock

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestSleepIsScaled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(60)
		real, aws := time.Now(), c.Now()
		if err := c.Sleep(t.Context(), time.Minute); err != nil {
			t.Fatal(err)
		}
		if got := time.Since(real); got != time.Second {
			t.Errorf("a minute at speed 60 took %v of real time, want 1s", got)
		}
		if got := c.Since(aws); got != time.Minute {
			t.Errorf("Since = %v, want 1m", got)
		}
	})
}

func TestSleepEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := New(1).Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("Sleep = %v, want %v", err, context.Canceled)
	}
}

func TestIOTimeoutHasAFloor(t *testing.T) {
	for _, tc := range []struct {
		speed float64
		limit time.Duration
		want  time.Duration
	}{
		{1, 5 * time.Second, 5 * time.Second},
		{60, 5 * time.Second, time.Second},
		{2, 120 * time.Second, time.Minute},
		{0, 10 * time.Second, 10 * time.Second},
	} {
		if got := New(tc.speed).IOTimeout(tc.limit); got != tc.want {
			t.Errorf("New(%v).IOTimeout(%v) = %v, want %v", tc.speed, tc.limit, got, tc.want)
		}
	}
}

func TestSetSpeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(60)
		began := c.Now()
		time.Sleep(time.Second)
		c.SetSpeed(1)
		if got := c.Since(began); got != time.Minute {
			t.Errorf("a second at speed 60 took %v of AWS time", got)
		}
		time.Sleep(time.Second)
		if got := c.Since(began); got != 61*time.Second {
			t.Errorf("with a second at speed 1 after it, it took %v", got)
		}
		if got := c.Real(time.Minute); got != time.Minute || c.Speed() != 1 {
			t.Errorf("a minute takes %v at speed %v", got, c.Speed())
		}
	})
}
