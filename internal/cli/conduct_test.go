package cli

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/emulator"
)

func TestParseConduct(t *testing.T) {
	t.Parallel()
	tests := []struct {
		words string
		want  emulator.Conduct
	}{
		{"healthy", emulator.Conduct{}},
		{"crash", emulator.Conduct{Crash: true}},
		{"unhealthy", emulator.Conduct{Unhealthy: true}},
		{"missing", emulator.Conduct{Missing: true}},
		{"exit=3,crash-after=1m", emulator.Conduct{Crash: true, ExitCode: 3, CrashAfter: time.Minute}},
		{"start=20s,latency=200ms,ignore-sigterm", emulator.Conduct{StartTime: 20 * time.Second, Latency: 200 * time.Millisecond, IgnoreSIGTERM: true}},
		{"pull=0", emulator.Conduct{PullTime: -1}},
		{"serve-until=2m,exit=3", emulator.Conduct{Crash: true, Serves: true, CrashAfter: 2 * time.Minute, ExitCode: 3}},
		{"health-status=503", emulator.Conduct{HealthStatus: 503}},
		{"health=/ready", emulator.Conduct{HealthPath: "/ready"}},
	}
	for _, tt := range tests {
		t.Run(tt.words, func(t *testing.T) {
			t.Parallel()
			got, err := parseConduct(tt.words)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("parseConduct (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseConductRefuses(t *testing.T) {
	t.Parallel()
	for _, words := range []string{"", "slow", "crash=yes", "start", "start=soon", "latency=-1s", "exit=0", "exit=256", "exit=x", "health=ready", "health-status=x", "health-status=99", "serve-until=", "crash,"} {
		if got, err := parseConduct(words); err == nil {
			t.Errorf("parseConduct(%q) = %+v without an error", words, got)
		}
	}
}

func TestImageFlag(t *testing.T) {
	t.Parallel()
	images := imageConducts{}
	for _, value := range []string{":v3=crash", "host:5000/app:v2=start=20s"} {
		if err := images.Set(value); err != nil {
			t.Fatal(err)
		}
	}
	want := imageConducts{":v3": {Crash: true}, "host:5000/app:v2": {StartTime: 20 * time.Second}}
	if diff := cmp.Diff(want, images); diff != "" {
		t.Errorf("images (-want +got):\n%s", diff)
	}
	for _, value := range []string{"", "x", "=crash", "x="} {
		if images.Set(value) == nil {
			t.Errorf("Set(%q) has no error", value)
		}
	}
}
