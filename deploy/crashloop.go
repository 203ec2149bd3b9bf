package deploy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// DefaultMaxFailedTasks is how many tasks of a rollout may stop for a cause that will
// not go away when [Request.MaxFailedTasks] is zero.
const DefaultMaxFailedTasks = 3

// crashLoop tells whether a rollout is to be ended early, and why: as many of its tasks as
// limit have stopped for a cause that will not go away. It returns nothing for a rollout
// that may still succeed, or whose end ECS's circuit breaker brings about.
//
// The circuit breaker counts failures in a row. A task that becomes healthy and crashes
// then sets its count to zero, and a service without a breaker has none: CloudFormation
// waits up to three hours for those.
func (r *rollout) crashLoop(limit int) string {
	if limit < 0 || r.undone || r.done || r.progress.RolloutState == string(types.DeploymentRolloutStateFailed) {
		return ""
	}
	threshold := breakerThreshold(r.breaker, r.progress.Desired)
	if threshold > 0 {
		if r.progress.Failed >= threshold {
			return "" // it is about to end by itself
		}
		limit = min(limit, threshold)
	}
	return r.lastingFailures(limit)
}

// lastingFailures tells of the tasks that have stopped for a cause that will not go away,
// where there are as many as limit.
func (r *rollout) lastingFailures(limit int) string {
	var lasting []StoppedTask
	for _, task := range r.failures {
		if task.lasting(r.sick) {
			lasting = append(lasting, task)
		}
	}
	if limit <= 0 || len(lasting) < limit {
		return ""
	}
	return fmt.Sprintf("%d tasks of service %s have stopped, last: %s", len(lasting), r.service.name, lasting[len(lasting)-1].Cause())
}

// crashing is the error of an update that was to be cancelled for a crash loop, and had
// come to its end by then: ECS counts a task that becomes healthy and crashes then as a
// good one.
func (r *run) crashing(op *operation, rollouts []*rollout) error {
	for _, one := range rollouts {
		why := one.lastingFailures(op.maxFailedTasks)
		if op.tooLate == "" || why == "" {
			continue
		}
		e := &CrashingError{Stack: op.stackName, Service: one.service.name, Why: why, Tasks: one.failures, Advice: "go back with: slipway rollback " + op.stackName}
		if r.kind == rollbackKind { // which another one would take for done
			e.Advice = fmt.Sprintf("see what else ran with slipway history %s, and go to that with slipway rollback %s --to VERSION", op.stackName, op.stackName)
		}
		return e
	}
	return nil
}

// inVain tells whether a rollout's tasks have stopped as often as may be.
func inVain(op *operation, rollouts []*rollout) bool {
	return slices.ContainsFunc(rollouts, func(r *rollout) bool { return r.lastingFailures(op.maxFailedTasks) != "" })
}

// breakerThreshold is the number of failed tasks at which the circuit breaker ends a
// deployment; 0 when there is no breaker, and no less than what ECS takes by rounding.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
func breakerThreshold(b *types.DeploymentCircuitBreaker, desired int) int {
	const lowest, highest, percent = 3, 200, 50
	if b == nil || !b.Enable {
		return 0
	}
	share := func(percent int) int { return (desired*percent + 99) / 100 }
	c := b.ThresholdConfiguration
	if c == nil {
		return min(max(share(percent), lowest), highest)
	}
	switch value := int(c.Value); c.Type {
	case types.ThresholdTypeCount:
		return max(value, 1)
	case types.ThresholdTypeUnboundedPercent:
		return max(share(value), 1)
	default:
		return min(max(share(value), lowest), highest)
	}
}

// lasting tells whether a task failed for a cause that the next task will fail for, too:
// its image cannot be pulled, its essential container exited, or its health check got
// the wrong answer. Lack of capacity, an interruption of Spot or a check without any
// answer may pass.
func (t *StoppedTask) lasting(targets []TargetHealth) bool {
	reason := t.Reason + " " + t.ContainerReason
	switch {
	case strings.Contains(reason, "CannotPullContainer"):
		return !mayPullLater(reason)
	case t.StopCode == string(types.TaskStopCodeEssentialContainerExited):
		return true
	case strings.Contains(reason, "failed container health checks"):
		return true
	case strings.Contains(reason, "failed ELB health checks"):
		for _, target := range targets {
			if target.Reason == "Target.ResponseCodeMismatch" {
				return true
			}
		}
	}
	return false
}

// mayPullLater tells whether an image could not be pulled only this time. Any other reason
// stays: no such image, no such platform, no permission.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html
func mayPullLater(reason string) bool {
	return slices.ContainsFunc([]string{
		"timeout", "timed out", "toomanyrequests", "Too Many Requests", "connection reset", "EOF", "500 Internal", "503 Service",
	}, func(part string) bool { return strings.Contains(reason, part) })
}
