package live

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/deploy"
)

const stack = "shop"

func progress(p deploy.DeploymentProgress) deploy.DeploymentProgress {
	if p.Service == "" {
		p.Service = "shop-Web-AbCdEfGhIjKl"
	}
	return p
}

// rolling is a view of a rollout that is half way, 30 s after its begin.
func rolling(more ...deploy.Event) *View {
	elapsed := 10 * time.Second
	v := &View{Elapsed: func() time.Duration { return elapsed }}
	events := append([]deploy.Event{
		deploy.ChangesAccepted{
			Changes: []deploy.Change{
				{Path: "/Properties/TaskDefinition", Before: "web:1", After: "x"},
				{Path: "/Properties/ContainerDefinitions/0/Image", Before: "acme/shop:v1", After: "acme/shop:v2"},
			},
			Predictions: []deploy.Prediction{{Shortest: 40 * time.Second, Longest: 90 * time.Second}},
		},
		deploy.PhaseStarted{Stack: stack, Phase: deploy.PhaseRollout},
		deploy.StackEvent{Stack: stack, Resource: "Web", ResourceType: "AWS::ECS::Service", Status: "UPDATE_IN_PROGRESS"},
		progress(deploy.DeploymentProgress{
			Desired: 3, Running: 2, Pending: 1, OldRunning: 3, Targets: 4, HealthyTargets: 3, DrainingTargets: 1,
			ByVersion: true, New: deploy.NewTargets{Healthy: 1, Registered: 2},
		}),
	}, more...)
	for _, e := range events {
		v.Tell(e)
	}
	elapsed += 30 * time.Second
	return v
}

func plain(lines []string) string { return ansi.Strip(strings.Join(lines, "\n")) }

func TestLines(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		view          *View
		width, height int
		want          string
	}{
		"before anything": {&View{Elapsed: func() time.Duration { return 0 }}, 80, 24, "starting  0:00"},
		"rollout": {rolling(), 80, 24, "" +
			"shop: rollout  0:30, 0:10 to 1:00 left  Web UPDATE_IN_PROGRESS\n" +
			"  Web  v1  ███  3 running, 2 of 2 healthy, 1 draining\n" +
			"       v2  ██░  2 of 3 running, 1 pending, 1 of 2 healthy"},
		"narrow": {rolling(), 30, 24, "" +
			"shop: rollout  0:30, 0:10 to…\n" +
			"  Web  v1  ███  3 running, 2…\n" +
			"       v2  ██░  2 of 3 runni…"},
		"low":  {rolling(), 80, 3, "shop: rollout  0:30, 0:10 to 1:00 left  Web UPDATE_IN_PROGRESS\n  and 1 more"},
		"none": {rolling(), 80, 1, ""},
		"failed": {rolling(progress(deploy.DeploymentProgress{Desired: 3, Failed: 3, OldRunning: 3, RolloutState: "FAILED"})), 80, 24, "" +
			"shop: rollout  0:30, 0:10 to 1:00 left  Web UPDATE_IN_PROGRESS\n" +
			"  Web  v1  ███  3 running\n" +
			"       v2  ···  0 of 3 running, 3 failed, failed"},
		"resumed": {rolling(progress(deploy.DeploymentProgress{Desired: 3, Running: 1, OldRunning: 3, Targets: 4, HealthyTargets: 3, DrainingTargets: 2})), 80, 24, "" +
			"shop: rollout  0:30, 0:10 to 1:00 left  Web UPDATE_IN_PROGRESS\n" +
			"  Web  v1  ███  3 running\n" +
			"       v2  █··  1 of 3 running, 3 of 4 targets healthy, 2 draining"},
		"paused": {rolling(deploy.Paused{Service: "shop-Web-AbCdEfGhIjKl", Stage: "POST_SCALE_UP"}), 120, 24, "" +
			"shop: rollout  0:30, 0:10 to 1:00 left  Web UPDATE_IN_PROGRESS\n" +
			"  Web  v1  ███  3 running, 2 of 2 healthy, 1 draining\n" +
			"       v2  ██░  2 of 3 running, 1 pending, 1 of 2 healthy, paused at POST_SCALE_UP"},
		"rolled back": {rolling(deploy.StackEvent{Stack: stack, Resource: stack, ResourceType: "AWS::CloudFormation::Stack", Status: "UPDATE_ROLLBACK_IN_PROGRESS"}), 80, 24, "" +
			"shop: rolling back  0:40  stack UPDATE_ROLLBACK_IN_PROGRESS\n" +
			"  Web  v1  ███  3 running, 2 of 2 healthy, 1 draining\n" +
			"       v2  ██░  2 of 3 running, 1 pending, 1 of 2 healthy"},
		"cancelling": {rolling(deploy.Cancelling{Stack: stack}), 80, 24, "" +
			"shop: cancelling  0:40\n" +
			"  Web  v1  ███  3 running, 2 of 2 healthy, 1 draining\n" +
			"       v2  ██░  2 of 3 running, 1 pending, 1 of 2 healthy"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, plain(tt.view.Lines(tt.width, tt.height))); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

// TestLinesFit: whatever is told, there are fewer lines than rows, and none is wider than
// the terminal.
func TestLinesFit(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("very-long-name-日本語-", 12)
	v := rolling(
		deploy.PhaseStarted{Stack: long, Phase: deploy.PhaseRollout},
		deploy.StackEvent{Stack: long, Resource: long, Status: long},
		deploy.DeploymentProgress{Service: long, Desired: 5000, Running: 1234, Pending: 17, OldRunning: 4999, Failed: 3, Targets: 99, Stage: "PRODUCTION_TRAFFIC_SHIFT"},
		deploy.DeploymentProgress{Service: "b", Desired: 1}, deploy.DeploymentProgress{Service: "c"},
	)
	v.load = rate{counts: []counted{{time.Unix(0, 0), 0, 0}, {time.Unix(1, 0), 1234567, 89}}}
	for width := range 200 {
		for height := range 12 {
			lines := v.Lines(width, height)
			if len(lines) >= max(height, 1) {
				t.Fatalf("at %dx%d there are %d lines", width, height, len(lines))
			}
			for _, line := range lines {
				if ansi.StringWidth(line) >= max(width, 1) {
					t.Fatalf("at %dx%d a line is %d wide: %q", width, height, ansi.StringWidth(line), line)
				}
			}
		}
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	at := func(s int) *View {
		v := rolling()
		v.Elapsed = func() time.Duration { return 10*time.Second + time.Duration(s)*time.Second }
		return v
	}
	for seconds, want := range map[int]string{
		0: "0:00, 0:40 to 1:30 left", 50: "0:50, up to 0:40 left", 100: "1:40, longer than predicted", 4000: "1:06:40, longer than predicted",
	} {
		if got := at(seconds).times(); got != want {
			t.Errorf("after %d s: %q, want %q", seconds, got, want)
		}
	}
}

func TestBar(t *testing.T) {
	t.Parallel()
	as := func(text string) string { return text }
	for want, got := range map[string]string{
		"███": bar(3, part{3, "█", as}),
		"█░·": bar(3, part{1, "█", as}, part{1, "░", as}),
		"":    bar(0),
		"█░··················": bar(1000, part{1, "█", as}, part{30, "░", as}),
		"████████████████████": bar(1000, part{1000, "█", as}, part{1000, "░", as}),
	} {
		if got := ansi.Strip(got); got != want {
			t.Errorf("bar is %q, want %q", got, want)
		}
	}
}

type fixed struct{ requests, failed int }

func (f *fixed) Counts() (int, int) { return f.requests, f.failed }

func TestRate(t *testing.T) {
	t.Parallel()
	counter, began := &fixed{}, time.Unix(0, 0)
	r := rate{counter: counter}
	for i := range 30 {
		counter.requests += 20
		r.count(began.Add(time.Duration(i) * 100 * time.Millisecond))
	}
	if got := plain(r.line()); got != "  load  600 requests, 200 a second, none failed" {
		t.Errorf("%q", got)
	}
	counter.failed = 1234
	r.count(began.Add(3 * time.Second))
	if got := plain(r.line()); !strings.HasSuffix(got, ", 1,234 failed") {
		t.Errorf("%q", got)
	}
	if lines := (&rate{}).line(); lines != nil {
		t.Errorf("without load there is %q", lines)
	}
}
