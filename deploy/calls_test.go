package deploy_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
)

// TestDeployCalls: a rollout of two minutes takes no more calls than the tools that show
// nothing of it. A busy machine looks more rarely, and never more often.
func TestDeployCalls(t *testing.T) {
	t.Parallel()
	const most = 60
	w := newWorld(t, deploy.Options{})
	w.up(t, v1)
	w.srv.SetImage(":v2", emulator.Conduct{PullTime: 60 * time.Second})
	w.srv.ForgetCalls()
	result, err := w.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: v2})
	if err != nil {
		t.Fatal(err)
	}
	calls := map[string]int{}
	total := 0
	for _, c := range w.srv.Calls() {
		calls[c.Operation]++
		total++
	}
	summary := fmt.Sprintf("%d calls for %s: %v", total, result.Phases[2].Duration.Round(time.Second), calls)
	t.Log(summary)
	if total > most {
		t.Errorf("%s; want %d at most", summary, most)
	}
}
