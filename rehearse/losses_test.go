package rehearse

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/load"
	"github.com/slipway-go/slipway/report"
)

// TestReasonFor: what the load balancer saw, what became of the task, and which of both
// it was.
func TestReasonFor(t *testing.T) {
	t.Parallel()
	const v1 = "docker.io/acme/shop:v1"
	code := func(n int) *int { return &n }
	loss := func(cause emulator.LossCause) emulator.Loss {
		l := emulator.Loss{Time: second(60), TargetGroupARN: "group", Status: 502, Cause: cause}
		l.Target.ID, l.Target.Port = "10.0.1.5", 8080
		return l
	}
	state := func(state string) []emulator.TargetHealth {
		return []emulator.TargetHealth{{Time: second(50), TargetGroupARN: "group", Target: "10.0.1.5:8080", State: state}}
	}
	running := life{image: v1, running: second(10)}
	told := life{image: v1, running: second(10), sigterm: second(60), exited: second(60), exitCode: code(143)}
	tests := []struct {
		name      string
		loss      emulator.Loss
		by        life
		health    []emulator.TargetHealth
		what, why string
	}{
		{"nothing is there", loss(emulator.LostNoTarget), life{}, nil, "no task to send them to", "stopped before a new one"},
		{"the application says no", loss(emulator.LostAnswered), running, state("healthy"), "v1 answered them with HTTP 502", "not the rollout"},
		{"slow", loss(emulator.LostTimedOut), running, state("healthy"), "v1 did not answer in time", "idle timeout"},
		{"longer than the drain", loss(emulator.LostCut), told, state("draining"), "cut off while v1", "deregistration delay"},
		{"fail-open", loss(emulator.LostRefused), running, state("initial"), "health checks did not pass", "sends requests to all"},
		{"ends at SIGTERM", loss(emulator.LostClosed), told, state("draining"), "tasks of v1 ended while", "on SIGTERM, v1 ends at once, while its target was still draining (exit code 143)"},
		{
			"ends a little after SIGTERM", loss(emulator.LostReset), life{image: v1, sigterm: second(58), exited: second(61), exitCode: code(0)}, state("draining"),
			"tasks of v1 ended while", "on SIGTERM, v1 ends 3 s after it, while its target was still draining (exit code 0)",
		},
		{
			"killed", loss(emulator.LostReset), life{image: v1, sigterm: second(30), exited: second(60), exitCode: code(137)}, state("draining"),
			"tasks of v1 were killed", "SIGKILL came 30 s after SIGTERM",
		},
		{
			"crash", loss(emulator.LostClosed), life{image: v1, stopCode: "EssentialContainerExited", sigterm: second(60), exitCode: code(2)}, state("healthy"),
			"a task of v1 ended under them (exit code 2)", "crashed",
		},
		{"closes idle connections", loss(emulator.LostClosed), running, state("healthy"), "v1 closed the connection", "closes idle connections earlier"},
		{"no HTTP", loss(emulator.LostGarbled), running, state("healthy"), "failed them: no HTTP", "not known"},
		{"of a task that nobody knows", loss(emulator.LostRefused), life{}, nil, "a task of the service failed them", "not known"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := reasonFor(tt.loss, tt.by, tt.health)
			if !strings.Contains(got.what, tt.what) || !strings.Contains(got.why, tt.why) || got.remedy == "" {
				t.Errorf("got %+v; want %q because %q", got, tt.what, tt.why)
			}
		})
	}
}

// TestFindingsAreCounted: requests that were lost for one reason are one finding, and what
// was lost before the load is none.
func TestFindingsAreCounted(t *testing.T) {
	t.Parallel()
	w := &witness{}
	w.task(emulator.TaskChange{Time: second(5), Image: "shop:v1", Address: "10.0.1.5", Status: "RUNNING"})
	w.task(emulator.TaskChange{Time: second(40), Image: "shop:v1", Address: "10.0.1.5", Status: "STOPPING"})
	w.task(emulator.TaskChange{Time: second(40), Image: "shop:v1", Address: "10.0.1.5", Status: "DEPROVISIONING"})
	for _, at := range []int{1, 40, 41, 42} {
		l := emulator.Loss{Time: second(at), Cause: emulator.LostReset}
		l.Target.ID = "10.0.1.5"
		w.lost(l)
	}
	w.lost(emulator.Loss{Time: second(50), Cause: emulator.LostNoTarget})
	got := w.findings(nil, second(2), func(at time.Time) float64 { return at.Sub(began).Seconds() })
	if len(got) != 2 || got[0].Requests != 3 || got[0].From != 40 || got[0].Until != 42 || got[1].Requests != 1 {
		t.Errorf("findings %+v; want 3 requests from 40 to 42 s, and one", got)
	}
}

// TestRunOfAVersionThatCrashesOn: where the update is through before it can be cancelled,
// there is a report of it.
func TestRunOfAVersionThatCrashesOn(t *testing.T) {
	t.Parallel()
	o := quick()
	o.Parameters = map[string]string{"DeregistrationDelaySeconds": "400"}
	o.Conducts = map[string]emulator.Conduct{DefaultImage: {Crash: true, Serves: true, CrashAfter: 100 * time.Second}}
	o.Faults = []TimedFault{{Fault: emulator.FaultError{
		FaultCalls: emulator.FaultCalls{Operation: "CancelUpdateStack"}, Code: "ValidationError", Status: 400, Message: "too late",
	}}}
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Result != report.Failed || !strings.Contains(r.Reason, "does not seem to stay up") || len(r.StoppedTasks) < deploy.DefaultMaxFailedTasks || r.Requests == 0 {
		t.Errorf("%s after %d requests, because %q, with %d stopped tasks", r.Result, r.Requests, r.Reason, len(r.StoppedTasks))
	}
}

// endsEarly is what is found of it; on a busy machine its end is seen later.
var endsEarly = regexp.MustCompile(`^on SIGTERM, v1 ends (at once|\d+ s after it), while its target was still draining`)

// TestRunSaysWhyRequestsWereLost, for a version that does nothing about SIGTERM.
func TestRunSaysWhyRequestsWereLost(t *testing.T) {
	t.Parallel()
	o := quick()
	o.Speed = 30
	o.EarlySIGTERM = true
	// Slow enough that requests are in flight when the old tasks are told to stop.
	o.Conducts = map[string]emulator.Conduct{DefaultPreviousImage: {Abrupt: true, Latency: 6 * time.Second}}
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Result != report.Deployed || r.Failed == 0 {
		t.Fatalf("%s, %d of %d lost; want requests to be lost", r.Result, r.Failed, r.Requests)
	}
	if len(r.Findings) == 0 || !endsEarly.MatchString(r.Findings[0].Why) {
		t.Errorf("findings %+v", r.Findings)
	}
	told := 0
	for _, f := range r.Findings {
		told += f.Requests
	}
	if told != r.Failed {
		t.Errorf("%d of %d lost requests are accounted for: %+v", told, r.Failed, r.Findings)
	}
}

// TestRunWithSteps: the load has the shape that was asked for.
func TestRunWithSteps(t *testing.T) {
	t.Parallel()
	o := quick()
	o.Steps = []load.Step{{Rate: 20, For: time.Second}, {Rate: 200}}
	o.Faults = []TimedFault{{After: time.Second, Fault: emulator.FaultThrottle{FaultCalls: emulator.FaultCalls{Operation: "DescribeServices"}, FaultWhen: emulator.FaultWhen{Times: 2}}}}
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	first, later := 0, 0
	for _, m := range r.Timeline {
		switch {
		case m.Second+(r.Timeline[1].Second) <= 60:
			first += m.Requests
		default:
			later += m.Requests
		}
	}
	if first > 30 || later < o.MinRequests-30 {
		t.Errorf("%d requests in the first second, %d later; want about 20 and the rest", first, later)
	}
	if r.Failed != 0 || r.Result != report.Deployed {
		t.Errorf("%s, %d lost %v", r.Result, r.Failed, r.Failures)
	}
}
