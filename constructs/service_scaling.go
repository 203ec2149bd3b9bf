package constructs

import (
	"errors"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
)

// Autoscaling changes the number of tasks so that a metric of the service stays
// near a target value (target tracking). With several targets, the one that
// asks for the most tasks decides.
type Autoscaling struct {
	// MinCount is the smallest number of tasks; two or more for zero downtime.
	//
	// Default: 2.
	MinCount *float64

	// MaxCount is the largest number of tasks, which also limits the costs.
	//
	// Default: 10.
	MaxCount *float64

	// CpuPercent is the target for the average CPU utilization, 1 to 100
	// percent.
	//
	// Default: 60, unless IgnoreCpu is true.
	CpuPercent *float64

	// IgnoreCpu leaves the CPU target out. Use it for tasks that mostly wait
	// and are scaled by a policy of your own, such as one on the length of a
	// queue, which you add to Scaling() of the service: a CPU target would
	// remove the tasks again that this policy has added.
	//
	// Default: false.
	IgnoreCpu *bool

	// MemoryPercent is the target for the average memory utilization, 1 to 100
	// percent. It is of use only where the application's memory rises and falls
	// with the load.
	//
	// Default: none. The number of tasks does not depend on memory.
	MemoryPercent *float64

	// RequestsPerTarget is the target for the number of requests that a task
	// gets in a minute. It cannot be given with TrafficShift: the metric counts
	// the requests of one target group, and with TrafficShift they move to the
	// other one.
	//
	// Default: none. The number of tasks does not depend on requests.
	RequestsPerTarget *float64

	// ScaleOutCooldownSeconds is the time after tasks were added before more
	// are added.
	//
	// Default: 60.
	ScaleOutCooldownSeconds *float64

	// ScaleInCooldownSeconds is the time after tasks were removed before more
	// are removed.
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
