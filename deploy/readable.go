package deploy

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// This file is about calls that are denied. What is missed before anything is changed is
// bad input, and costs nothing; what is missed later leaves a rollout that nobody watches,
// or one whose end nobody can tell.

// checkReadable makes each call once, before anything is changed, by which a rollout is
// seen to its end and proven. A fault other than a denial passes; what only shows more of
// a rollout is done without (see unseen).
func (r *run) checkReadable(ctx context.Context) error {
	if r.req.NoWait {
		return nil
	}
	ctx, cancel := r.d.reading(ctx)
	defer cancel()
	name := r.t.stack.name()
	if r.req.Strategy != StrategyECS {
		_, err := r.d.cfn.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: r.t.stack.StackId})
		if err := r.d.denied(ctx, name, "reading the events of stack "+name, err); err != nil {
			return err
		}
	}
	var revisions, deployments []string
	clusters := make(map[string]bool)
	for _, ref := range r.t.services {
		known, err := r.d.deploymentsOf(ctx, r.t, ref)
		if err := r.d.denied(ctx, name, "listing the deployments of service "+ref.name, err); err != nil {
			return err
		}
		if len(known) > 0 {
			revisions = append(revisions, aws.ToString(known[0].TargetServiceRevisionArn))
			deployments = append(deployments, aws.ToString(known[0].ServiceDeploymentArn))
		}
		if clusters[ref.cluster] {
			continue // tasks are asked of the cluster
		}
		clusters[ref.cluster] = true
		if err := r.d.denied(ctx, name, "reading the tasks of service "+ref.name, r.d.readTask(ctx, ref)); err != nil {
			return err
		}
	}
	return r.d.denied(ctx, name, "reading the deployments of stack "+name, r.readDeployments(ctx, revisions, deployments))
}

// readDeployments reads what some deployments deployed, and, where ECS's record of them is
// all that is to be gone by, how they are.
func (r *run) readDeployments(ctx context.Context, revisions, deployments []string) error {
	if len(revisions) == 0 {
		return nil
	}
	some := func(arns []string) []string { return arns[:min(len(arns), maxRevisionsPerCall)] }
	if _, err := r.d.ecs.DescribeServiceRevisions(ctx, &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: some(revisions)}); err != nil {
		return err
	}
	if r.req.Strategy != StrategyExpress && r.req.Strategy != StrategyECS {
		return nil
	}
	_, err := r.d.ecs.DescribeServiceDeployments(ctx, &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: some(deployments)})
	return err
}

// readTask reads a task of a service, if it has any.
func (d *Deployer) readTask(ctx context.Context, ref serviceRef) error {
	listed, err := d.ecs.ListTasks(ctx, &ecs.ListTasksInput{
		Cluster: aws.String(ref.cluster), ServiceName: aws.String(ref.name), DesiredStatus: types.DesiredStatusRunning, MaxResults: aws.Int32(1),
	})
	if err != nil || len(listed.TaskArns) == 0 {
		return err
	}
	_, err = d.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: aws.String(ref.cluster), Tasks: listed.TaskArns[:1]})
	return err
}

// deploymentsOf are the latest deployments of a service, read once for a target.
func (d *Deployer) deploymentsOf(ctx context.Context, t *target, ref serviceRef) ([]types.ServiceDeploymentBrief, error) {
	if known, ok := t.deployments[ref.arn]; ok {
		return known, nil
	}
	listed, err := d.serviceDeployments(ctx, ref)
	if err != nil {
		return nil, err
	}
	if t.deployments == nil {
		t.deployments = make(map[string][]types.ServiceDeploymentBrief)
	}
	t.deployments[ref.arn] = listed
	return listed, nil
}

// denied is the error of a call that AWS denies, or of one that ctx has ended; nil for any
// other, which may go well the next time.
func (d *Deployer) denied(ctx context.Context, stack, doing string, err error) error {
	if code, _ := apiError(err); err != nil && (isDenied(code) || ctx.Err() != nil) {
		return d.beforeChange(ctx, stack, doing, err)
	}
	return nil
}

// worded says of a call that is denied after the rollout has begun what to do about it. It
// leaves any other error as it is.
func worded(stack string, err error) error {
	code, message := apiError(err)
	if !isDenied(code) {
		return err
	}
	return &wordedError{text: fmt.Sprintf("AWS denies what it takes to look on: %s; have it granted (%s)", message, policyHint(stack)), err: err}
}

// policyHint tells where to look what a deployer has to be allowed.
func policyHint(nameOrID string) string {
	name := nameOrID
	if parts := strings.Split(nameOrID, "/"); len(parts) == 3 { // an ARN
		name = parts[1]
	}
	return "slipway policy " + name + " prints all that a deploy takes"
}

// unseen tells whether a call is denied that only shows more of a rollout. It is told once
// that the rollout is watched without.
func (d *Deployer) unseen(r *rollout, what string, err error) bool {
	code, message := apiError(err)
	if !isDenied(code) {
		return false
	}
	if !r.unseen[what] {
		if r.unseen == nil {
			r.unseen = make(map[string]bool)
		}
		r.unseen[what] = true
		d.observe(Warning{
			at: at{d.clock.Now()}, Cluster: r.service.cluster, Service: r.service.name,
			Text: fmt.Sprintf("the rollout is watched without %s: AWS denies it: %s", what, message),
		})
	}
	return true
}

// What a rollout can be watched without.
const (
	seesTargets = "the health of its targets"
	seesStages  = "the stages of its traffic shift"
)
