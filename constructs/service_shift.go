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

// TrafficShift makes ECS deploy blue/green: the new version gets tasks and a
// target group of its own beside the old one, and ECS then moves the requests
// over by changing the weights in the listener rule. As long as both versions
// run, the tasks cost twice. The update of the stack ends when the old tasks
// are gone.
//
// Give slipway deploy a --timeout that is longer than the shift: after its
// default of 30 minutes it cancels the deployment and rolls back. With the
// defaults, LINEAR takes 59 minutes, CANARY and BLUE_GREEN take less than 30,
// all plus the start of the tasks.
//
// CloudFormation refuses LINEAR and CANARY when BakeMinutes and all steps
// together take more than 33 hours:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-service-linearconfiguration.html
//
// Each deployment swaps the two target groups. The template always gives all
// requests to TargetGroup(), and CloudFormation writes these weights again when
// Path, Paths, Hosts or Priority change. Change those alone, at a time when the
// tasks are in TargetGroup() (aws elbv2 describe-target-health lists them):
// otherwise the requests go to a target group without tasks.
type TrafficShift struct {
	// Strategy is awsecs.DeploymentStrategy_BLUE_GREEN (all requests move at
	// once), LINEAR (they move in equal steps) or CANARY (a few move first,
	// later the rest).
	//
	// Default: BLUE_GREEN.
	Strategy awsecs.DeploymentStrategy

	// BakeMinutes is how long the old tasks are kept after all requests have
	// moved, so that ECS can go back to them within seconds: 0 to 1440 minutes.
	//
	// Default: 5. (ECS's own default is 36 hours, after which CloudFormation
	// gives up.)
	BakeMinutes *float64

	// StepPercent is the percentage of the requests that each step moves, 3 to
	// 100 for LINEAR, or that the first step moves, 1 to 100 for CANARY. It
	// cannot be given for BLUE_GREEN.
	//
	// Default: 10 for LINEAR, 5 for CANARY.
	StepPercent *float64

	// StepMinutes is the time between two steps, 0 to 1440 minutes. It cannot
	// be given for BLUE_GREEN.
	//
	// Default: 6 for LINEAR, 10 for CANARY.
	StepMinutes *float64

	// TestListener is another listener of the network's load balancer. The
	// service gets a rule there as well. During a deployment, requests to the
	// test listener reach the new version before requests of users do. The load
	// balancer's security group has to let the testers in on its port.
	//
	// Default: none.
	TestListener elb.IApplicationListener
}

const (
	maxShiftMinutes    = 1440
	defaultBakeMinutes = 5.0

	// CloudFormation waits 36 hours for a service and refuses steps that take more
	// than 33:
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-service-linearconfiguration.html
	maxDeploymentMinutes = 1980.0
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
		return fmt.Errorf("TrafficShift is %v minutes long by StepPercent %v, StepMinutes %v and BakeMinutes %v; allowed are %v, the longest that CloudFormation takes",
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
