package rehearse

import (
	"slices"
	"strings"
	"testing"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/report"
)

// TestStrategies rolls out by each strategy under load: which calls change something, that
// users notice nothing, but of a recreation, and whether stack and services agree
// afterwards. go test -v prints what it costs in calls and time, too.
func TestStrategies(t *testing.T) {
	t.Parallel()
	type shown struct {
		writes        []string
		drifts, loses bool
	}
	for strategy, want := range map[deploy.Strategy]shown{
		deploy.StrategyChangeSet: {writes: []string{"CreateChangeSet", "ExecuteChangeSet"}},
		deploy.StrategyUpdate:    {writes: []string{"UpdateStack"}},
		deploy.StrategyExpress:   {writes: []string{"UpdateStack"}},
		deploy.StrategyECS:       {writes: []string{"RegisterTaskDefinition", "UpdateService"}, drifts: true},
		deploy.StrategyRecreate:  {writes: []string{"CreateStack", "DeleteStack"}, loses: true},
	} {
		t.Run(string(strategy), func(t *testing.T) {
			t.Parallel()
			o := quick()
			o.Strategy = strategy
			r, err := Run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			calls, writes := 0, []string{}
			for operation, n := range r.Calls {
				calls += n
				if !isRead(operation) {
					writes = append(writes, operation)
					if n != 1 {
						t.Errorf("%d calls of %s", n, operation)
					}
				}
			}
			slices.Sort(writes)
			t.Logf("%-9s %3.0f s of AWS time, %2d calls (%s), %d of %d requests lost, capacity at least %d %%, drift %q",
				strategy, r.Seconds, calls, strings.Join(writes, ", "), r.Failed, r.Requests, r.MinHealthyPercent, r.Drift)
			switch {
			case r.Result != report.Deployed || r.Strategy != strategy:
				t.Errorf("%s by %s: %s", r.Result, r.Strategy, r.Reason)
			case r.Versions[DefaultImage] == 0:
				t.Error("the new version has answered nothing")
			case want.loses != (r.Failed > 0):
				t.Errorf("%d of %d requests failed: %v", r.Failed, r.Requests, r.Failures)
			case want.drifts != (len(r.Drift) > 0):
				t.Errorf("drift %q", r.Drift)
			case !want.loses && r.MinHealthyPercent < 100:
				t.Errorf("capacity fell to %d %%", r.MinHealthyPercent)
			case !slices.Equal(writes, want.writes):
				t.Errorf("calls that change something: %q, want %q", writes, want.writes)
			}
		})
	}
}

func isRead(operation string) bool {
	for _, verb := range []string{"Describe", "List", "Get"} {
		if strings.HasPrefix(operation, verb) {
			return true
		}
	}
	return false
}
