package deploy

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// This file finds out when a rollout is about to end, so that it is looked at rarely until
// then, and often enough from then on that its end is seen at once. What comes last is
// that the old tasks drain: a deployment is complete when they have.

// nearing takes in how the rollout was at a look. endsFrom is set once all that is left
// is that the old targets drain.
func (d *Deployer) nearing(ctx context.Context, r *rollout, s types.Service, now DeploymentProgress) {
	looked := r.looked
	r.looked = d.clock.Now()
	last := now.RolloutState == string(types.DeploymentRolloutStateInProgress) && now.Stage == "" &&
		now.Desired > 0 && now.Running == now.Desired && now.OldRunning == 0
	switch {
	case !last:
		r.endsFrom = time.Time{}
	case r.endsFrom.IsZero() && !looked.IsZero():
		began := drainedSince(s, r.began)
		if began.IsZero() { // then it was somewhere between the two looks
			began = looked.Add(r.looked.Sub(looked) / 2)
		}
		// It takes ECS some seconds from the end of draining to that of the deployment.
		r.endsFrom = began.Add(d.drainDelay(ctx, r, s))
	}
}

// drainedSince is since when the last of the targets have drained that do so since a
// deployment began, by the service's events; zero where none of them tells.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
func drainedSince(s types.Service, began time.Time) time.Time {
	var last time.Time
	for _, e := range s.Events {
		if at := aws.ToTime(e.CreatedAt); strings.Contains(aws.ToString(e.Message), "has begun draining connections on") && !at.Before(began) && at.After(last) {
			last = at
		}
	}
	return last
}

// drainDelay is the longest deregistration delay of a service's target groups, zero
// without any. One that cannot be read is the default.
func (d *Deployer) drainDelay(ctx context.Context, r *rollout, s types.Service) time.Duration {
	var longest time.Duration
	for _, lb := range s.LoadBalancers {
		if lb.TargetGroupArn == nil {
			continue
		}
		if known, ok := r.groups[*lb.TargetGroupArn]; ok && known.told {
			longest = max(longest, known.delay)
			continue
		}
		delay := defaultDelay
		out, err := d.elb.DescribeTargetGroupAttributes(ctx, &elbv2.DescribeTargetGroupAttributesInput{TargetGroupArn: lb.TargetGroupArn})
		if err == nil {
			for _, a := range out.Attributes {
				if seconds, err := strconv.Atoi(aws.ToString(a.Value)); err == nil && aws.ToString(a.Key) == attributeDelay {
					delay = time.Duration(seconds) * time.Second
				}
			}
		}
		longest = max(longest, delay)
	}
	return longest
}

// expectedEnd is from when on the last of the rollouts may end; zero while nobody can
// tell.
func expectedEnd(rollouts []*rollout) time.Time {
	var last time.Time
	for _, r := range rollouts {
		switch {
		case r.ended || r.done || r.progress.RolloutState == string(types.DeploymentRolloutStateCompleted):
		case r.endsFrom.IsZero():
			return time.Time{}
		case r.endsFrom.After(last):
			last = r.endsFrom
		}
	}
	return last
}
