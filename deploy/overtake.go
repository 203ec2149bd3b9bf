package deploy

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// This file tells a rollout that failed from one that was overtaken: since it began,
// somebody else has begun another operation on the stack, or given a service another task
// definition. What comes of that is none of the rollout's doing, and none of ours to undo.

// overtakenBy is the error of a rollout that something has overtaken.
func (r *run) overtakenBy(ctx context.Context, what string) error {
	s := r.t.stack
	e := &StackStateError{
		Stack: s.name(), Status: s.status(),
		Reason: fmt.Sprintf("the rollout of %s was overtaken: %s", r.image, what),
		Advice: "nothing of that was touched; see what runs with: slipway status " + s.name(),
	}
	if now, err := r.d.readStack(ctx, s.id()); err == nil && now != nil {
		e.Status = now.status()
	}
	return e
}

// stackOvertaker tells of the operation that has begun on a stack, as it was read, since
// the one with a token; empty when none has.
func (d *Deployer) stackOvertaker(ctx context.Context, s *stack, token, parameter string) (string, error) {
	last, err := d.lastBeginning(ctx, s)
	if err != nil || last == nil || aws.ToString(last.ClientRequestToken) == token {
		return "", err
	}
	what := fmt.Sprintf("another operation on the stack began at %s", aws.ToTime(last.Timestamp).UTC().Format(time.RFC3339))
	if by := aws.ToString(last.ClientRequestToken); by != "" {
		what += " (" + by + ")"
	}
	if image, ok := s.parameter(parameter); ok {
		what += fmt.Sprintf(", and parameter %s is %s now", parameter, image)
	}
	return what, nil
}

// serviceOvertaker tells of the first service that somebody else has given another task
// definition than its rollout did; empty when none was. One that ECS itself has brought
// back is none: its newest deployment is still that of the rollout.
func (d *Deployer) serviceOvertaker(ctx context.Context, rollouts []*rollout, services map[string]types.Service) (string, error) {
	for _, one := range rollouts {
		s, ok := services[one.service.arn]
		if !ok {
			return fmt.Sprintf("service %s was deleted", one.service.name), nil
		}
		now := taskDefinitionOf(s)
		if now == one.next {
			continue
		}
		newest, err := d.newestDeployment(ctx, one.service)
		if err != nil {
			return "", err
		}
		if newest == "" || newest != one.serviceDeployment {
			return movedOn(one.service, now), nil
		}
	}
	return "", nil
}

// movedOn says what somebody else has done to a service.
func movedOn(ref serviceRef, taskDefinition string) string {
	return fmt.Sprintf("service %s was given %s by somebody else", ref.name, lastPart(taskDefinition))
}

// succeeded finds what has taken the place of a rollout's deployment, which ECS stopped
// for it: another deployment of the same task definition, which is followed from now on,
// or that of somebody else, of which what tells. It is neither when it was stopped for
// another reason.
func (d *Deployer) succeeded(ctx context.Context, r *rollout) (followed bool, what string, err error) {
	newest, taskDefinition, err := d.newestRevision(ctx, r.service)
	switch {
	case err != nil || newest == "" || newest == r.serviceDeployment:
		return false, "", err
	case taskDefinition != r.next:
		return false, movedOn(r.service, taskDefinition), nil
	}
	r.serviceDeployment = newest
	return true, "", nil
}

// newestRevision is the ARN of a service's newest service deployment, and of the task
// definition that it rolls out; empty when ECS has none on record.
func (d *Deployer) newestRevision(ctx context.Context, ref serviceRef) (deployment, taskDefinition string, err error) {
	deployment, err = d.newestDeployment(ctx, ref)
	if err != nil || deployment == "" {
		return "", "", err
	}
	dep, err := d.describeDeployment(ctx, deployment)
	if err != nil || dep == nil || dep.TargetServiceRevision == nil {
		return "", "", err
	}
	out, err := d.ecs.DescribeServiceRevisions(ctx, &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: []string{aws.ToString(dep.TargetServiceRevision.Arn)}})
	if err != nil {
		return "", "", fmt.Errorf("reading the revisions of service %s: %w", ref.name, err)
	}
	for _, revision := range out.ServiceRevisions {
		return deployment, aws.ToString(revision.TaskDefinition), nil
	}
	return "", "", nil
}

// overtaker tells what has overtaken a rollout that had come to its end, where the proof of
// what runs failed; empty when nothing has, and what is unproven is its own.
func (r *run) overtaker(ctx context.Context, claims []claim) (string, error) {
	if r.followed != nil {
		now, err := r.d.readStack(ctx, r.followed.stackID)
		switch {
		case err != nil:
			return "", err
		case now == nil:
			return "the stack was deleted", nil
		}
		if what, err := r.d.stackOvertaker(ctx, now, r.followed.token, r.t.reach.parameter); err != nil || what != "" {
			return what, err
		}
	}
	for _, c := range claims {
		ours, err := r.d.deploymentOf(ctx, c.service, c.taskDefinition, nil)
		if err != nil {
			return "", err
		}
		newest, taskDefinition, err := r.d.newestRevision(ctx, c.service)
		switch {
		case err != nil:
			return "", err
		case ours == nil || newest == "" || rollingBack(ours.Status) || taskDefinition == c.taskDefinition:
			continue // it is not known that it had come to its end
		}
		return movedOn(c.service, taskDefinition), nil
	}
	return "", nil
}
