package rehearse

import (
	"time"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/report"
)

// newReport puts together what the rollout and the load have shown.
func (r *rehearsal) newReport(ro rollout, service *deploy.StackResult) *report.Report {
	whole := &report.Report{
		Kind:          report.Rehearsal,
		Result:        report.Deployed,
		Stack:         service.Stack,
		Image:         r.Image,
		PreviousImage: r.PreviousImage,
		Strategy:      r.Strategy,
		Calls:         countCalls(ro.calls),
		Drift:         ro.status.Drift,
		Rate:          r.Rate,
		Speed:         r.Speed,
		Phases:        r.laps.phases,
	}
	r.record.Into(whole)
	lowest := lowestHealthy(r.health.all(), service.Outputs[contract.OutputTargetGroupARN], r.record.Begun.AWS, r.record.Over.AWS)
	whole.MinHealthyPercent = report.Percent(lowest, r.record.Desired)
	whole.Findings = r.findings(whole)
	if ro.crashing != nil {
		whole.Result, whole.Reason, whole.StoppedTasks = report.Failed, ro.crashing.Error(), ro.crashing.Tasks
	}
	if ro.rolledBack != nil {
		whole.Result = report.RolledBack
		whole.Reason = ro.rolledBack.Reason
		whole.StoppedTasks = ro.rolledBack.Tasks
	}
	return whole
}

// findings say why requests were lost, those that the load balancer knows nothing of at
// the end.
func (r *rehearsal) findings(whole *report.Report) []report.Finding {
	if whole.Failed == 0 {
		return nil
	}
	began := r.record.Begun.AWS
	second := func(at time.Time) float64 { return whole.RolloutStart + at.Sub(began).Seconds() }
	before := began.Add(-time.Duration(whole.RolloutStart * float64(time.Second)))
	found := r.witness.findings(r.health.all(), before, second)
	told := 0
	for _, f := range found {
		told += f.Requests
	}
	if left := whole.Failed - told; left > 0 {
		found = append(found, report.Finding{
			Requests: left, From: 0, Until: whole.RolloutEnd,
			What: "they failed between the client and the load balancer", Why: "the load balancer saw nothing wrong with them",
			Remedy: "see the kinds of failures; a machine that is too busy for the load is one cause",
		})
	}
	return found
}

func countCalls(calls []emulator.Call) map[string]int {
	counts := make(map[string]int)
	for _, c := range calls {
		counts[c.Operation]++
	}
	return counts
}
