package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// This file watches rollouts that CloudFormation does not wait for. What a service's
// deployment has come to is what ECS records of it (DescribeServiceDeployments): the
// service itself forgets a deployment as soon as it is rolled back.

// setback is a rollout that does not come to its end.
type setback struct {
	rollout   *rollout
	status    types.ServiceDeploymentStatus // empty when we gave it up
	reason    string
	overtaker string // what somebody else has done to the service, for which ECS stopped it; empty when nothing
}

// why is a setback in words that follow "because".
func (s *setback) why() string {
	if s.status == "" {
		return s.reason
	}
	text := fmt.Sprintf("the deployment of service %s is %s", s.rollout.service.name, s.status)
	if s.reason != "" {
		text += ": " + s.reason
	}
	return text
}

// over tells whether ECS is through with a deployment.
func over(status types.ServiceDeploymentStatus) bool {
	switch status {
	case types.ServiceDeploymentStatusSuccessful, types.ServiceDeploymentStatusStopped,
		types.ServiceDeploymentStatusRollbackSuccessful, types.ServiceDeploymentStatusRollbackFailed:
		return true
	}
	return false
}

// rollingBack tells whether a deployment is on its way back, or has come back.
func rollingBack(status types.ServiceDeploymentStatus) bool {
	return strings.HasPrefix(string(status), "ROLLBACK_")
}

// watchServices sees rollouts to their end in ECS. It returns nil when all services run
// their next task definition and nothing else, and the first setback otherwise: a
// deployment that ECS has stopped or rolled back, or one that goes on in vain. An error is
// an *InterruptedError or a *TimeoutError, and the rollouts are left running.
func (d *Deployer) watchServices(ctx context.Context, stack string, rollouts []*rollout, maxFailedTasks int) (*setback, error) {
	advice := "see how it goes on with: slipway status " + stack
	p := newPoller(d.clock, d.timeout)
	for {
		failed, running, err := d.lookAtServices(ctx, rollouts, maxFailedTasks)
		switch {
		case ctx.Err() != nil:
			return nil, &InterruptedError{Stack: stack, Left: true, Advice: advice, Err: context.Cause(ctx)}
		case err == nil:
			p.answered()
		case passing(err):
			if isThrottle(err) {
				p.throttled()
			}
			d.observe(Retrying{at: at{d.clock.Now()}, Stack: stack, Err: err})
		default:
			return nil, &InterruptedError{Stack: stack, Left: true, Advice: advice, Err: worded(stack, err)}
		}
		if err == nil && (failed != nil || !running) {
			return failed, nil
		}
		p.nearEnd(ending(rollouts))
		p.endExpected(expectedEnd(rollouts))
		inTime, err := p.wait(ctx)
		switch {
		case err != nil:
			return nil, &InterruptedError{Stack: stack, Left: true, Advice: advice, Err: context.Cause(ctx)}
		case !inTime:
			return nil, &TimeoutError{Stack: stack, Timeout: d.timeout, Advice: advice}
		}
	}
}

// lookAtServices takes one look at the services. running tells whether one of them is
// not there yet.
func (d *Deployer) lookAtServices(ctx context.Context, rollouts []*rollout, maxFailedTasks int) (failed *setback, running bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	refs := make([]serviceRef, len(rollouts))
	for i, r := range rollouts {
		refs[i] = r.service
	}
	services, err := d.describeServices(ctx, refs)
	if err != nil {
		return nil, false, err
	}
	for _, r := range rollouts {
		s, ok := services[r.service.arn]
		if !ok || aws.ToString(s.Status) == "INACTIVE" {
			return &setback{rollout: r, reason: fmt.Sprintf("service %s is gone", r.service.name)}, false, nil
		}
		status, reason, err := d.deploymentStatus(ctx, r)
		if err != nil {
			return nil, false, err
		}
		r.undone = r.undone || rollingBack(status)
		if err := d.look(ctx, r, s); err != nil {
			return nil, false, err
		}
		// What else runs is on its way out, unless somebody else has brought it since.
		leaving := r.progress.OldRunning > 0 && taskDefinitionOf(s) == r.next
		switch {
		case status == types.ServiceDeploymentStatusSuccessful:
			r.done = true
			running = running || leaving
		case status == "" && r.progress.RolloutState == string(types.DeploymentRolloutStateCompleted):
			r.done = true // long ago: ECS forgets deployments after 90 days
			running = running || leaving
		case over(status):
			followed, overtaker := false, ""
			if status == types.ServiceDeploymentStatusStopped {
				if followed, overtaker, err = d.succeeded(ctx, r); err != nil {
					return nil, false, err
				}
			}
			if followed {
				running = true
				continue
			}
			// What can be known is asked for once more before it is forgotten.
			if err := d.gatherFailures(ctx, r); err != nil {
				return nil, false, err
			}
			return &setback{rollout: r, status: status, reason: reason, overtaker: overtaker}, false, nil
		default:
			running = true
			if why := r.crashLoop(maxFailedTasks); why != "" {
				return &setback{rollout: r, reason: why}, false, nil
			}
		}
	}
	return nil, running, nil
}

// deploymentStatus is what ECS has on record of a rollout's deployment; empty before
// there is a record.
func (d *Deployer) deploymentStatus(ctx context.Context, r *rollout) (types.ServiceDeploymentStatus, string, error) {
	if r.serviceDeployment == "" {
		brief, err := d.deploymentOf(ctx, r.service, r.next, r.earlier)
		if err != nil || brief == nil {
			return "", "", err
		}
		r.serviceDeployment, r.began = aws.ToString(brief.ServiceDeploymentArn), aws.ToTime(brief.CreatedAt)
	}
	one, err := d.describeDeployment(ctx, r.serviceDeployment)
	if err != nil || one == nil {
		return "", "", err
	}
	reason := aws.ToString(one.StatusReason)
	if one.Rollback != nil {
		reason = firstNonEmpty(aws.ToString(one.Rollback.Reason), reason)
	}
	return one.Status, reason, nil
}

// deploymentOf is the newest deployment of a task definition, but for those in earlier;
// nil when ECS has none on record.
func (d *Deployer) deploymentOf(ctx context.Context, ref serviceRef, taskDefinition string, earlier []string) (*types.ServiceDeploymentBrief, error) {
	listed, err := d.serviceDeployments(ctx, ref)
	if err != nil {
		return nil, err
	}
	listed = slices.DeleteFunc(listed, func(b types.ServiceDeploymentBrief) bool {
		return slices.Contains(earlier, aws.ToString(b.ServiceDeploymentArn))
	})
	arns := revisionARNs(types.Service{}, listed)
	if len(arns) == 0 {
		return nil, nil
	}
	out, err := d.ecs.DescribeServiceRevisions(ctx, &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: arns})
	if err != nil {
		return nil, fmt.Errorf("reading the revisions of service %s: %w", ref.name, err)
	}
	brief, _ := matchRevision(taskDefinition, listed, out.ServiceRevisions)
	return brief, nil
}

// serviceDeployments are the newest deployments of a service.
func (d *Deployer) serviceDeployments(ctx context.Context, ref serviceRef) ([]types.ServiceDeploymentBrief, error) {
	out, err := d.ecs.ListServiceDeployments(ctx, &ecs.ListServiceDeploymentsInput{
		Cluster: aws.String(ref.cluster), Service: aws.String(ref.arn),
	})
	if err != nil {
		return nil, fmt.Errorf("listing the deployments of service %s: %w", ref.name, err)
	}
	return out.ServiceDeployments, nil
}

// seeServices watches rollouts that CloudFormation does not wait for. Where they fail,
// take too long or are to be cancelled, revert brings back what ran before, and the error
// tells why it had to.
func (r *run) seeServices(ctx context.Context, rollouts []*rollout, revert func(ctx context.Context, why string) error) error {
	name := r.t.stack.name()
	failed, err := r.d.watchServices(ctx, name, rollouts, r.req.maxFailedTasks())
	var left *InterruptedError
	var late *TimeoutError
	var why string
	switch {
	case errors.As(err, &left):
		if !r.isToCancel(ctx) {
			return left
		}
		ctx, why = context.WithoutCancel(ctx), whyInterrupted
	case errors.As(err, &late):
		why = fmt.Sprintf("it had not settled within %s", r.d.timeout)
	case err != nil:
		return err
	case failed == nil:
		return nil
	case failed.overtaker != "":
		return r.overtakenBy(ctx, failed.overtaker)
	default:
		why = failed.why()
	}
	if err := revert(ctx, why); err != nil {
		return err
	}
	rolledBack := r.putBack(rollouts, failed, why)
	if late != nil {
		late.RolledBack = rolledBack
		return late
	}
	return rolledBack
}

// putBack is the error of a rollout that failed in ECS and was taken back.
func (r *run) putBack(rollouts []*rollout, failed *setback, why string) *RolledBackError {
	e := &RolledBackError{
		Stack: r.t.stack.name(), StackStatus: r.t.stack.status(), Image: r.image.String(),
		Reason: why, Advice: "what ran before runs again; put that right, then try again", byECS: true,
		Interrupted: why == whyInterrupted,
	}
	if e.Interrupted {
		e.Advice = "what ran before runs again"
	}
	i := slices.IndexFunc(rollouts, func(one *rollout) bool { return len(one.failures) > 0 })
	if failed != nil {
		i = slices.Index(rollouts, failed.rollout)
	}
	if i >= 0 {
		one := rollouts[i]
		e.Cluster, e.Service, e.Tasks, e.Targets = one.service.cluster, one.service.name, one.failures, one.sick
	}
	return e
}

// notBack is the error of services that were to be brought back, after they were watched;
// nil when they have come back.
func (r *run) notBack(ctx context.Context, status StackStatus, why string, failed *setback, err error) error {
	switch {
	case err != nil || failed == nil:
		return err
	case failed.overtaker != "":
		return r.overtakenBy(ctx, failed.overtaker)
	}
	return r.stuckServices(status, why, failed)
}

// stuckServices is the error of services that could not be brought back to what they ran
// before.
func (r *run) stuckServices(status StackStatus, why string, failed *setback) error {
	return &StackStateError{
		Stack: r.t.stack.name(), Status: status,
		Reason: fmt.Sprintf("%s, and going back failed, too: %s", why, failed.why()),
		Advice: "see what runs with: slipway status " + r.t.stack.name() + ", put right what keeps its tasks from starting, then run: slipway reconcile " + r.t.stack.name(),
	}
}
