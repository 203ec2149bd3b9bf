package rehearse

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/load"
	"github.com/slipway-go/slipway/report"
	"github.com/slipway-go/slipway/templates"
)

// quick is a rehearsal that tests can wait for.
func quick() Options { return Options{Rate: 100, MinRequests: 300, Speed: 60} }

func TestRunReportsARollout(t *testing.T) {
	t.Parallel()
	o := quick()
	var phases []string
	o.Observe = func(e Event) {
		if e.Phase != "" {
			phases = append(phases, e.Phase)
		}
	}
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}

	if r.Result != report.Deployed || r.Failed != 0 || r.MinHealthyPercent < 100 {
		t.Errorf("result %s, %d failed %v, capacity %d %%; want a rollout without loss", r.Result, r.Failed, r.Failures, r.MinHealthyPercent)
	}
	if r.Requests < o.MinRequests {
		t.Errorf("%d requests, want at least %d", r.Requests, o.MinRequests)
	}
	if v1, v2 := r.Versions[DefaultPreviousImage], r.Versions[DefaultImage]; v1 == 0 || v2 == 0 || v1+v2 != r.Requests {
		t.Errorf("versions %v of %d requests, want both and no other", r.Versions, r.Requests)
	}
	requests := 0
	for _, m := range r.Timeline {
		requests += m.Requests
	}
	if requests != r.Requests {
		t.Errorf("the timeline has %d requests, the report %d", requests, r.Requests)
	}
	// The load is on before the rollout begins and after it has ended.
	end := r.Timeline[len(r.Timeline)-1].Second
	if !(0 < r.RolloutStart && r.RolloutStart < r.RolloutEnd && r.RolloutEnd < end) {
		t.Errorf("rollout from %g s to %g s of a load of %g s", r.RolloutStart, r.RolloutEnd, end)
	}
	want := []string{PhaseNetwork, PhaseService, PhaseLoadBefore, "read", "change set", "rollout", "verify", PhaseLoadAfter}
	if !slices.Equal(phases, want) {
		t.Errorf("observed the phases %q, want %q", phases, want)
	}
	var reported []string
	for _, p := range r.Phases {
		reported = append(reported, p.Name)
	}
	if !slices.Equal(reported, want) {
		t.Errorf("reported the phases %q, want %q", reported, want)
	}
}

// TestRunLosesNothingWithEarlySIGTERM: the built-in server ends as a good one does, so
// that no request is lost when it is told to end while it still drains.
func TestRunLosesNothingWithEarlySIGTERM(t *testing.T) {
	t.Parallel()
	o := quick()
	o.EarlySIGTERM = true
	o.Speed = DefaultSpeed // the server's time to end shrinks with it
	if aws := (&rehearsal{Options: o}).emulator(); !aws.EarlySIGTERM {
		t.Errorf("the embedded AWS is started with %+v, without EarlySIGTERM", aws)
	}
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Result != report.Deployed || r.Failed != 0 || r.MinHealthyPercent < 100 {
		t.Errorf("result %s, %d of %d failed %v, capacity %d %%; want a rollout without loss", r.Result, r.Failed, r.Requests, r.Failures, r.MinHealthyPercent)
	}
}

// A service that may stop its old tasks first does lose requests: a report that
// cannot show that would prove nothing.
func TestRunShowsLostRequests(t *testing.T) {
	t.Parallel()
	o := quick()
	o.ServiceTemplate = strings.NewReplacer(
		`"MaximumPercent": 200`, `"MaximumPercent": 100`,
		`"MinimumHealthyPercent": 100`, `"MinimumHealthyPercent": 0`,
	).Replace(templates.Service())
	if o.ServiceTemplate == templates.Service() {
		t.Fatal("the template has no such percentages to replace")
	}
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Result != report.Deployed || r.Failures[load.StatusFailure(503)] == 0 || r.MinHealthyPercent != 0 {
		t.Errorf("result %s, failures %v, capacity %d %%; want a rollout with a time without any task", r.Result, r.Failures, r.MinHealthyPercent)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for _, phase := range []string{PhaseService, PhaseLoadBefore, "rollout"} {
		t.Run(phase, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			o := quick()
			o.Observe = func(e Event) {
				if e.Phase == phase {
					cancel()
				}
			}
			r, err := Run(ctx, o)
			if r != nil || !errors.Is(err, context.Canceled) {
				t.Errorf("Run = %v, %v, want no report and %v", r, err, context.Canceled)
			}
		})
	}
}

func TestRunRefusesOptionsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	tests := map[string]Options{
		"bad":            {Bad: "luck"},
		"strategy":       {Strategy: "hope"},
		"rate":           {Rate: -1},
		"speed":          {Speed: -1},
		"high rate":      {Rate: MaxRate + 1},
		"high speed":     {Speed: MaxSpeed + 1},
		"many requests":  {MinRequests: MaxRequests + 1},
		"long load":      {MinRequests: 7200, Rate: 1},
		"requests":       {MinRequests: -1},
		"image":          {Image: "no image"},
		"previous image": {PreviousImage: "no image"},
		"same image":     {Image: "nginx", PreviousImage: "docker.io/library/nginx:latest"},
	}
	for name, o := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var input *deploy.InputError
			if r, err := Run(t.Context(), o); !errors.As(err, &input) {
				t.Errorf("Run = %v, %v, want an InputError", r, err)
			}
		})
	}
}

func TestRunNeedsTheURL(t *testing.T) {
	t.Parallel()
	o := quick()
	o.ServiceTemplate = `{
		"Parameters": {
			"StackName": {"Type": "String"}, "ServiceName": {"Type": "String"}, "ImageUrl": {"Type": "String"},
			"ContainerPort": {"Type": "Number"}, "HealthCheckPath": {"Type": "String"}
		},
		"Resources": {"Logs": {"Type": "AWS::Logs::LogGroup"}}
	}`
	var input *deploy.InputError
	if r, err := Run(t.Context(), o); !errors.As(err, &input) {
		t.Errorf("Run = %v, %v, want an InputError", r, err)
	}
}
