package deploy

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// movesTraffic tells whether a service is deployed with a second set of tasks, to which
// ECS moves the requests: blue/green, linear or canary.
func movesTraffic(s types.Service) bool {
	c := s.DeploymentConfiguration
	return c != nil && c.Strategy != "" && c.Strategy != types.DeploymentStrategyRolling
}

// newestDeployment is the ARN of a service's newest service deployment; empty when ECS
// has none on record.
func (d *Deployer) newestDeployment(ctx context.Context, ref serviceRef) (string, error) {
	listed, err := d.ecs.ListServiceDeployments(ctx, &ecs.ListServiceDeploymentsInput{Cluster: &ref.cluster, Service: &ref.arn})
	if err != nil {
		return "", fmt.Errorf("listing the deployments of service %s: %w", ref.name, err)
	}
	var newest types.ServiceDeploymentBrief
	for _, dep := range listed.ServiceDeployments {
		if newest.ServiceDeploymentArn == nil || aws.ToTime(dep.CreatedAt).After(aws.ToTime(newest.CreatedAt)) {
			newest = dep
		}
	}
	return aws.ToString(newest.ServiceDeploymentArn), nil
}

// describeDeployment reads a service deployment; nil when ECS has it no more.
func (d *Deployer) describeDeployment(ctx context.Context, arn string) (*types.ServiceDeployment, error) {
	out, err := d.ecs.DescribeServiceDeployments(ctx, &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{arn}})
	if err != nil {
		return nil, fmt.Errorf("reading service deployment %s: %w", lastPart(arn), err)
	}
	if len(out.ServiceDeployments) == 0 {
		return nil, nil
	}
	return &out.ServiceDeployments[0], nil
}

// lookAtStage takes in at which stage of its life a deployment that moves traffic is,
// and tells of a pause.
func (d *Deployer) lookAtStage(ctx context.Context, r *rollout, now *DeploymentProgress) (err error) {
	if r.serviceDeployment == "" {
		if r.serviceDeployment, err = d.newestDeployment(ctx, r.service); err != nil || r.serviceDeployment == "" {
			return err
		}
	}
	dep, err := d.describeDeployment(ctx, r.serviceDeployment)
	if err != nil || dep == nil {
		return err
	}
	now.Stage = string(dep.LifecycleStage)
	if hook := awaiting(dep); hook != nil && aws.ToString(hook.HookId) != r.hook {
		r.hook = aws.ToString(hook.HookId)
		d.observe(Paused{
			at: at{d.clock.Now()}, Cluster: r.service.cluster, Service: r.service.name, Stage: now.Stage,
			Until: aws.ToTime(hook.ExpiresAt), Then: string(hook.TimeoutAction),
		})
	}
	return nil
}

// awaiting is the hook at which a deployment waits for somebody to let it go on; nil when
// it does not wait.
func awaiting(dep *types.ServiceDeployment) *types.DeploymentLifecycleHookDetail {
	for i := range dep.LifecycleHookDetails {
		if hook := &dep.LifecycleHookDetails[i]; hook.Status == types.DeploymentLifecycleHookStatusAwaitingAction {
			return hook
		}
	}
	return nil
}

// Continued is a service deployment that waited at a hook, and does so no more.
type Continued struct {
	Cluster    string `json:"cluster"`
	Service    string `json:"service"`
	Stage      string `json:"stage"` // of its life, at which it waited: "POST_TEST_TRAFFIC_SHIFT", ...
	RolledBack bool   `json:"rolledBack"`
}

// Continue lets every service of a stack whose deployment waits at a PAUSE hook go on, or
// has ECS roll it back. It returns those, sorted by the services' logical ids; none where
// none waits.
//
// Its errors are *InputError and *InterruptedError; anything else is unexpected.
func (d *Deployer) Continue(ctx context.Context, stack string, rollBack bool) ([]Continued, error) {
	ctx, cancel := d.reading(ctx)
	defer cancel()
	fault := func(doing string, err error) error {
		return d.beforeChange(ctx, stack, doing+" of stack "+stack, err)
	}
	s, err := d.existingStack(ctx, stack)
	if err != nil {
		return nil, err
	}
	template, _, err := d.readTemplate(ctx, s)
	if err != nil {
		return nil, err
	}
	physical, err := d.resources(ctx, s)
	if err != nil {
		return nil, fault("listing the resources", err)
	}
	services, err := allServices(template).existing(physical)
	if err != nil {
		return nil, err
	}
	action := types.DeploymentLifecycleHookActionContinue
	if rollBack {
		action = types.DeploymentLifecycleHookActionRollback
	}
	done := []Continued{}
	for _, ref := range services {
		arn, err := d.newestDeployment(ctx, ref)
		if err != nil {
			return done, fault("reading the deployments", err)
		}
		if arn == "" {
			continue
		}
		dep, err := d.describeDeployment(ctx, arn)
		if err != nil {
			return done, fault("reading the deployments", err)
		}
		if dep == nil {
			continue
		}
		hook := awaiting(dep)
		if hook == nil {
			continue
		}
		if _, err := d.ecs.ContinueServiceDeployment(ctx, &ecs.ContinueServiceDeploymentInput{
			ServiceDeploymentArn: &arn, HookId: hook.HookId, Action: action,
		}); err != nil {
			return done, fault("continuing the deployment of service "+ref.name, err)
		}
		done = append(done, Continued{Cluster: ref.cluster, Service: ref.name, Stage: string(dep.LifecycleStage), RolledBack: rollBack})
	}
	return done, nil
}
