package constructs

import (
	"errors"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
)

// Autoscaling keeps the load of a task near a target by the number of tasks.
// With several targets, the one that asks for the most tasks decides.
type Autoscaling struct {
	// MinCount is the least number of tasks; two or more for zero downtime.
	//
	// Default: 2.
	MinCount *float64

	// MaxCount is the largest number of tasks, and so the limit of the bill.
	//
	// Default: 10.
	MaxCount *float64

	// CpuPercent is the CPU use to keep, 1 to 100 percent.
	//
	// Default: 60.
	CpuPercent *float64

	// IgnoreCpu has CPU use not scale. It is for tasks that wait more than they
	// compute and get another policy by Scaling(), such as one by the length of a
	// queue: idle CPU would take the tasks away again that the queue asks for.
	//
	// Default: false.
	IgnoreCpu *bool

	// MemoryPercent is the memory use to keep, 1 to 100 percent. It helps only
	// where memory follows load and is given back.
	//
	// Default: memory does not scale.
	MemoryPercent *float64

	// RequestsPerTarget is the number of requests per task and minute to keep.
	// It cannot be used with TrafficShift, whose requests change target groups.
	//
	// Default: requests do not scale.
	RequestsPerTarget *float64

	// ScaleOutCooldownSeconds is the least time between two increases.
	//
	// Default: 60.
	ScaleOutCooldownSeconds *float64

	// ScaleInCooldownSeconds is the least time between two decreases.
	//
	// Default: 300.
	ScaleInCooldownSeconds *float64
}

const (
	defaultMinCount = 2.0
	defaultMaxCount = 10.0
)

func (p *FargateServiceProps) checkScaling() error {
	a := p.Autoscaling
	if a == nil {
		return nil
	}
	errs := []error{
		checkNumber("Autoscaling.MinCount", a.MinCount, 0, maxInt32),
		checkNumber("Autoscaling.MaxCount", a.MaxCount, 1, maxInt32),
		checkNumber("Autoscaling.CpuPercent", a.CpuPercent, 1, 100),
		checkNumber("Autoscaling.MemoryPercent", a.MemoryPercent, 1, 100),
		checkNumber("Autoscaling.RequestsPerTarget", a.RequestsPerTarget, 1, maxInt32),
		checkNumber("Autoscaling.ScaleOutCooldownSeconds", a.ScaleOutCooldownSeconds, 0, maxInt32),
		checkNumber("Autoscaling.ScaleInCooldownSeconds", a.ScaleInCooldownSeconds, 0, maxInt32),
	}
	low, high := *orDefault(a.MinCount, defaultMinCount), *orDefault(a.MaxCount, defaultMaxCount)
	if !isNumberToken(low) && !isNumberToken(high) && low > high {
		errs = append(errs, fmt.Errorf("Autoscaling.MinCount is %v, allowed is MaxCount at most, %v", low, high))
	}
	if a.CpuPercent != nil && *orDefault(a.IgnoreCpu, false) {
		errs = append(errs, errors.New("Autoscaling.CpuPercent and IgnoreCpu are set, allowed is one of them"))
	}
	if p.DesiredCount != nil {
		errs = append(errs, errors.New("DesiredCount and Autoscaling are set, allowed is one of them: each deployment would reset the count"))
	}
	if a.RequestsPerTarget != nil && p.TrafficShift != nil {
		errs = append(errs, errors.New("Autoscaling.RequestsPerTarget and TrafficShift are set, allowed is one of them: requests are counted for one target group"))
	}
	return errors.Join(errs...)
}

func (s *fargateService) autoscale(a *Autoscaling) awsecs.ScalableTaskCount {
	if a == nil {
		return nil
	}
	out := awscdk.Duration_Seconds(orDefault(a.ScaleOutCooldownSeconds, 60))
	in := awscdk.Duration_Seconds(orDefault(a.ScaleInCooldownSeconds, 300))
	count := s.service.AutoScaleTaskCount(&awsapplicationautoscaling.EnableScalingProps{
		MinCapacity: orDefault(a.MinCount, defaultMinCount),
		MaxCapacity: orDefault(a.MaxCount, defaultMaxCount),
	})
	if !*orDefault(a.IgnoreCpu, false) {
		count.ScaleOnCpuUtilization(jsii.String("Cpu"), &awsecs.CpuUtilizationScalingProps{
			TargetUtilizationPercent: orDefault(a.CpuPercent, 60),
			ScaleOutCooldown:         out,
			ScaleInCooldown:          in,
		})
	}
	if a.MemoryPercent != nil {
		count.ScaleOnMemoryUtilization(jsii.String("Memory"), &awsecs.MemoryUtilizationScalingProps{
			TargetUtilizationPercent: a.MemoryPercent,
			ScaleOutCooldown:         out,
			ScaleInCooldown:          in,
		})
	}
	if a.RequestsPerTarget != nil {
		count.ScaleOnRequestCount(jsii.String("Requests"), &awsecs.RequestCountScalingProps{
			RequestsPerTarget: a.RequestsPerTarget,
			TargetGroup:       s.targetGroup,
			ScaleOutCooldown:  out,
			ScaleInCooldown:   in,
		})
	}
	return count
}
