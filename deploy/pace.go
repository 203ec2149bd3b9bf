package deploy

import (
	"context"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// paceTimeout bounds all that is read for predictions, in real time: a deploy does not
// wait for what only tells people what to expect.
const paceTimeout = 10 * time.Second

// What a service, a target group or a container has where it does not say, by the API
// references of DeploymentConfiguration, LinearConfiguration, CanaryConfiguration,
// CreateTargetGroup, TargetGroupAttribute, HealthCheck and ContainerDefinition.
const (
	defaultMinimumHealthy = 100 // percent
	defaultMaximum        = 200 // percent
	defaultLinearPercent  = 10.0
	defaultLinearBake     = 6 // minutes
	defaultCanaryBake     = 10
	defaultTargetCheck    = 30 * time.Second
	defaultDelay          = 300 * time.Second
	defaultContainerCheck = 30 // seconds
	defaultStopTimeout    = 30 // seconds, on Fargate
	attributeDelay        = "deregistration_delay.timeout_seconds"
)

// targetGroup is what a target group adds to the time of a rollout.
type targetGroup struct {
	check time.Duration // between two health checks
	delay time.Duration // deregistration delay
	told  bool          // whether that is the group's own, rather than the default
}

// predictions says what the rollout of each service will be like. What cannot be read is
// left out of it.
func (d *Deployer) predictions(ctx context.Context, t *target) []Prediction {
	ctx, cancel := context.WithTimeout(ctx, paceTimeout)
	defer cancel()
	if t.described == nil { // the drift check of this run had no need of them
		services, err := d.describeServices(ctx, t.services)
		if err != nil {
			return nil
		}
		t.described = services
	}
	groups := make(map[string]targetGroup)
	t.groups = groups
	var unread []string
	for _, ref := range t.services {
		unread = append(unread, d.readTargetGroups(ctx, groups, t.described[ref.arn])...)
	}
	list := make([]Prediction, 0, len(t.services))
	for _, ref := range t.services {
		p, missed := d.readPace(ctx, t, ref, groups)
		prediction := p.predict()
		prediction.Resource, prediction.Cluster, prediction.Service = ref.resource, ref.cluster, ref.name
		prediction.Unread = append(slices.Clip(unread), missed...)
		list = append(list, prediction)
	}
	return list
}

// readTargetGroups reads those of a service that are not among groups already.
func (d *Deployer) readTargetGroups(ctx context.Context, groups map[string]targetGroup, s types.Service) (unread []string) {
	var arns []string
	for _, lb := range s.LoadBalancers {
		arn := aws.ToString(lb.TargetGroupArn)
		if _, known := groups[arn]; arn != "" && !known {
			groups[arn] = targetGroup{check: defaultTargetCheck, delay: defaultDelay}
			arns = append(arns, arn)
		}
	}
	if len(arns) == 0 {
		return nil
	}
	out, err := d.elb.DescribeTargetGroups(ctx, &elbv2.DescribeTargetGroupsInput{TargetGroupArns: arns})
	if err != nil {
		unread = append(unread, missed("the health checks of the target groups", err))
	} else {
		for _, g := range out.TargetGroups {
			group := groups[aws.ToString(g.TargetGroupArn)]
			group.check = time.Duration(aws.ToInt32(g.HealthCheckIntervalSeconds)) * time.Second
			groups[aws.ToString(g.TargetGroupArn)] = group
		}
	}
	for _, arn := range arns {
		out, err := d.elb.DescribeTargetGroupAttributes(ctx, &elbv2.DescribeTargetGroupAttributesInput{TargetGroupArn: &arn})
		if err != nil {
			unread = append(unread, missed("the deregistration delay of target group "+groupName(arn), err))
			continue
		}
		for _, a := range out.Attributes {
			if seconds, err := strconv.Atoi(aws.ToString(a.Value)); err == nil && aws.ToString(a.Key) == attributeDelay {
				group := groups[arn]
				group.delay, group.told = time.Duration(seconds)*time.Second, true
				groups[arn] = group
			}
		}
	}
	return unread
}

// missed tells what could not be read, in AWS's own words as far as it gave any.
func missed(what string, err error) string {
	if _, message := apiError(err); message != "" {
		return what + ": " + message
	}
	return what + ": " + innermost(err).Error()
}

// readPace reads how a service replaces its tasks. The service's own task definition and
// tasks are read only where no earlier rollout is on record, which tells more.
func (d *Deployer) readPace(ctx context.Context, t *target, ref serviceRef, groups map[string]targetGroup) (p pace, unread []string) {
	s := t.described[ref.arn]
	p = paceOf(s)
	p.timeout = d.timeout
	for _, lb := range s.LoadBalancers {
		if group, ok := groups[aws.ToString(lb.TargetGroupArn)]; ok {
			p.balanced = true
			p.targetCheck, p.delay = max(p.targetCheck, group.check), max(p.delay, group.delay)
		}
	}
	if p.desired == 0 {
		return p, nil
	}
	deployments, err := d.deploymentsOf(ctx, t, ref)
	if err != nil {
		unread = append(unread, missed("the earlier deployments of service "+ref.name, err))
	} else {
		p.rollouts, p.creation = pastRollouts(deployments, aws.ToTime(s.CreatedAt))
	}
	if len(p.rollouts) > 0 {
		return p, unread
	}
	definition, err := d.taskDefinition(ctx, t, taskDefinitionOf(s))
	switch {
	case err != nil:
		unread = append(unread, missed("the health checks of the containers", err))
	case definition != nil:
		p.containerCheck, p.stopTimeout = containerTimes(definition.ContainerDefinitions)
	}
	if p.creation > 0 {
		return p, unread
	}
	running, err := d.tasks(ctx, ref, types.DesiredStatusRunning, nil)
	if err != nil {
		return p, append(unread, missed("the running tasks of service "+ref.name, err))
	}
	p.starts = startTimes(running)
	return p, unread
}

// taskDefinition reads a task definition, unless the run has read it already.
func (d *Deployer) taskDefinition(ctx context.Context, t *target, arn string) (*types.TaskDefinition, error) {
	if known := t.definitions[arn]; known != nil {
		return known, nil
	}
	out, err := d.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &arn})
	if err != nil {
		return nil, err
	}
	return out.TaskDefinition, nil
}

// paceOf is what the service itself says.
func paceOf(s types.Service) pace {
	p := pace{
		desired: int(s.DesiredCount), minimumHealthy: defaultMinimumHealthy, maximum: defaultMaximum,
		stopTimeout: defaultStopTimeout * time.Second,
	}
	c := s.DeploymentConfiguration
	if c == nil {
		return p
	}
	p.minimumHealthy = int(valueOr(c.MinimumHealthyPercent, defaultMinimumHealthy))
	p.maximum = int(valueOr(c.MaximumPercent, defaultMaximum))
	p.strategy, p.hooks = c.Strategy, len(c.LifecycleHooks)
	p.alarms = c.Alarms != nil && c.Alarms.Enable
	p.early = c.EarlySuccessCriteria != nil && c.EarlySuccessCriteria.Enable
	p.bake = minutes(valueOr(c.BakeTimeInMinutes, 0))
	switch c.Strategy {
	case types.DeploymentStrategyLinear:
		percent, bake := defaultLinearPercent, int32(defaultLinearBake)
		if l := c.LinearConfiguration; l != nil {
			percent, bake = valueOr(l.StepPercent, percent), valueOr(l.StepBakeTimeInMinutes, bake)
		}
		if percent > 0 {
			p.steps = int(math.Ceil(100 / percent))
		}
		p.stepBake = minutes(bake)
	case types.DeploymentStrategyCanary:
		bake := int32(defaultCanaryBake)
		if l := c.CanaryConfiguration; l != nil {
			bake = valueOr(l.CanaryBakeTimeInMinutes, bake)
		}
		p.steps, p.stepBake = 2, minutes(bake)
	}
	return p
}

func valueOr[T any](p *T, fallback T) T {
	if p == nil {
		return fallback
	}
	return *p
}

func minutes(n int32) time.Duration { return time.Duration(n) * time.Minute }

// pastRollouts are the times of the latest rollouts that went well, the newest first, and
// that of the deployment that came with the service and had nothing to replace.
func pastRollouts(deployments []types.ServiceDeploymentBrief, created time.Time) (rollouts []time.Duration, creation time.Duration) {
	newest := slices.Clone(deployments)
	slices.SortStableFunc(newest, func(a, b types.ServiceDeploymentBrief) int {
		return aws.ToTime(b.CreatedAt).Compare(aws.ToTime(a.CreatedAt))
	})
	for _, d := range newest {
		if d.Status != types.ServiceDeploymentStatusSuccessful || d.CreatedAt == nil || d.FinishedAt == nil {
			continue
		}
		took := d.FinishedAt.Sub(*d.CreatedAt)
		switch {
		case took <= 0:
		case d.CreatedAt.Sub(created).Abs() < firstWithin:
			creation = took
		case len(rollouts) < maxRollouts:
			rollouts = append(rollouts, took)
		}
	}
	return rollouts, creation
}

// firstWithin is how close to a service's own creation its first deployment is made.
const firstWithin = 5 * time.Second

// containerTimes are the longest interval of the essential containers' health checks, zero
// where there is none, and the longest time that a container has to stop.
func containerTimes(containers []types.ContainerDefinition) (check, stop time.Duration) {
	for _, c := range containers {
		stop = max(stop, time.Duration(valueOr(c.StopTimeout, defaultStopTimeout))*time.Second)
		h := c.HealthCheck
		if h == nil || len(h.Command) == 0 || h.Command[0] == "NONE" || !valueOr(c.Essential, true) {
			continue
		}
		check = max(check, time.Duration(valueOr(h.Interval, defaultContainerCheck))*time.Second)
	}
	return check, stop
}

// startTimes are what tasks took from their creation to RUNNING.
func startTimes(tasks []types.Task) span {
	var s span
	for _, t := range tasks {
		if t.CreatedAt == nil || t.StartedAt == nil {
			continue
		}
		took := t.StartedAt.Sub(*t.CreatedAt)
		if s.most == 0 {
			s.least = took
		}
		s.least, s.most = min(s.least, took), max(s.most, took)
	}
	return s
}
