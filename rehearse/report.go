package rehearse

import (
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
	if ro.rolledBack != nil {
		whole.Result = report.RolledBack
		whole.Reason = ro.rolledBack.Reason
		whole.StoppedTasks = ro.rolledBack.Tasks
	}
	return whole
}

func countCalls(calls []emulator.Call) map[string]int {
	counts := make(map[string]int)
	for _, c := range calls {
		counts[c.Operation]++
	}
	return counts
}
