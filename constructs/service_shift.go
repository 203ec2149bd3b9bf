package constructs

import (
	"errors"
	"fmt"
	"math"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// TrafficShift is a deployment in which the new version gets tasks and a target
// group of its own, beside the old one, and ECS then moves the requests over by
// changing the weights in the listener rule. While both run, the service costs
// twice. CloudFormation waits until the old tasks are gone.
//
// The two target groups change places with each deployment. A change of Path,
// Hosts or Priority writes the weights that the template has, all to the first
// of them: change those together with nothing else, right after a deployment
// that ended in TargetGroup().
type TrafficShift struct {
	// Strategy is BLUE_GREEN (all requests at once), LINEAR (in equal steps) or
	// CANARY (a few first, then the rest).
	//
	// Default: BLUE_GREEN.
	Strategy awsecs.DeploymentStrategy

	// BakeMinutes is how long the old tasks stay after the last request went to
	// the new ones, so that going back takes seconds: 0 to 1440 minutes.
	//
	// Default: 5. (ECS's own is 36 hours, longer than CloudFormation waits.)
	BakeMinutes *float64

	// StepPercent is the part of the requests that a step moves, in whole
	// percent: 3 to 100 for LINEAR, 1 to 100 for CANARY.
	//
	// Default: 10 for LINEAR, 5 for CANARY.
	StepPercent *float64

	// StepMinutes is the time from one step to the next, 0 to 1440 minutes.
	//
	// Default: 6 for LINEAR, 10 for CANARY.
	StepMinutes *float64

	// TestListener gives the new version requests before users' reach it. It is
	// another listener of the network's load balancer, whose security group has
	// to admit those who test. The service gets a rule there like its own.
	//
	// Default: none.
	TestListener elb.IApplicationListener
}

const (
	maxShiftMinutes    = 1440
	defaultBakeMinutes = 5.0

	// The resource type's own limit, 36 hours: timeoutInMinutes of its handlers in
	// https://schema.cloudformation.us-east-1.amazonaws.com/aws-ecs-service.json
	maxDeploymentMinutes = 2160.0
)

func (t *TrafficShift) strategy() awsecs.DeploymentStrategy {
	if t.Strategy == "" {
		return awsecs.DeploymentStrategy_BLUE_GREEN
	}
	return t.Strategy
}

func (t *TrafficShift) validate() error {
	if t == nil {
		return nil
	}
	errs := []error{
		checkChoice("TrafficShift.Strategy", t.Strategy, awsecs.DeploymentStrategy_BLUE_GREEN,
			awsecs.DeploymentStrategy_LINEAR, awsecs.DeploymentStrategy_CANARY),
		checkNumber("TrafficShift.BakeMinutes", t.BakeMinutes, 0, maxShiftMinutes),
		checkNumber("TrafficShift.StepMinutes", t.StepMinutes, 0, maxShiftMinutes),
	}
	switch t.strategy() {
	case awsecs.DeploymentStrategy_LINEAR:
		errs = append(errs, checkNumber("TrafficShift.StepPercent", t.StepPercent, 3, 100))
	case awsecs.DeploymentStrategy_CANARY:
		errs = append(errs, checkNumber("TrafficShift.StepPercent", t.StepPercent, 1, 100))
	default:
		if t.StepPercent != nil || t.StepMinutes != nil {
			errs = append(errs, fmt.Errorf("TrafficShift has steps with Strategy %s, allowed are they with %s and %s",
				t.strategy(), awsecs.DeploymentStrategy_LINEAR, awsecs.DeploymentStrategy_CANARY))
		}
	}
	return errors.Join(append(errs, t.checkLength())...)
}

// checkLength refuses a deployment that CloudFormation does not wait for.
func (t *TrafficShift) checkLength() error {
	bake := *orDefault(t.BakeMinutes, defaultBakeMinutes)
	percent, step := t.steps()
	if isNumberToken(bake) || isNumberToken(percent) || isNumberToken(step) {
		return nil
	}
	waits := 0.0
	switch {
	case t.strategy() == awsecs.DeploymentStrategy_CANARY:
		waits = 1
	case t.strategy() == awsecs.DeploymentStrategy_LINEAR && percent > 0:
		waits = math.Ceil(100/percent) - 1
	}
	if total := bake + waits*step; total > maxDeploymentMinutes {
		return fmt.Errorf("TrafficShift is %v minutes long by StepPercent %v, StepMinutes %v and BakeMinutes %v; allowed are %v, for which CloudFormation waits for a service",
			total, percent, step, bake, maxDeploymentMinutes)
	}
	return nil
}

// steps are the percent and the minutes of each, 0 where there are none.
func (t *TrafficShift) steps() (percent, minutes float64) {
	switch t.strategy() {
	case awsecs.DeploymentStrategy_LINEAR:
		percent, minutes = 10, 6
	case awsecs.DeploymentStrategy_CANARY:
		percent, minutes = 5, 10
	}
	return *orDefault(t.StepPercent, percent), *orDefault(t.StepMinutes, minutes)
}

func (t *TrafficShift) configure(props *awsecs.FargateServiceProps) {
	if t == nil {
		return
	}
	props.DeploymentStrategy = t.strategy()
	props.BakeTime = awscdk.Duration_Minutes(orDefault(t.BakeMinutes, defaultBakeMinutes))
	if t.strategy() == awsecs.DeploymentStrategy_BLUE_GREEN {
		return
	}
	percent, minutes := t.steps()
	steps := &awsecs.TrafficShiftConfig{
		StepPercent:  jsii.Number(percent),
		StepBakeTime: awscdk.Duration_Minutes(jsii.Number(minutes)),
	}
	if t.strategy() == awsecs.DeploymentStrategy_LINEAR {
		props.LinearConfiguration = steps
	} else {
		props.CanaryConfiguration = steps
	}
}

// attach registers the service with its target group, which also opens the
// security group to the load balancer; for a traffic shift, with both and with
// all that ECS needs to move requests between them.
func (s *fargateService) attach(p *FargateServiceProps) {
	if p.TrafficShift == nil {
		s.service.AttachToApplicationTargetGroup(s.targetGroup)
		return
	}
	role := awsiam.NewRole(s, jsii.String("TrafficShiftRole"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs.amazonaws.com"), nil),
		ManagedPolicies: &[]awsiam.IManagedPolicy{
			awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String("AmazonECSInfrastructureRolePolicyForLoadBalancers")),
		},
	})
	props := &awsecs.AlternateTargetProps{
		AlternateTargetGroup: s.alternateTargetGroup,
		ProductionListener:   awsecs.ListenerRuleConfiguration_ApplicationListenerRule(s.rule),
		Role:                 role,
	}
	if s.testRule != nil {
		props.TestListener = awsecs.ListenerRuleConfiguration_ApplicationListenerRule(s.testRule)
		s.service.Node().AddDependency(s.testRule)
	}
	target := s.service.LoadBalancerTarget(&awsecs.LoadBalancerTargetOptions{
		ContainerName:   p.ServiceName,
		ContainerPort:   p.ContainerPort,
		AlternateTarget: awsecs.NewAlternateTarget(jsii.String("Alternate"), props),
	})
	target.AttachToApplicationTargetGroup(s.targetGroup)
}
