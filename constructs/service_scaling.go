package constructs

import (
	"errors"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
)

// AutoScaling lets Application Auto Scaling decide the number of tasks.
type AutoScaling struct {
	// MinTasks is the least number of tasks; two or more for zero downtime.
	//
	// Default: 2.
	MinTasks *float64

	// MaxTasks is the largest number of tasks.
	//
	// Default: 10.
	MaxTasks *float64

	// CpuPercent is the average CPU use, 1 to 100 percent, that it keeps to.
	//
	// Default: 60.
	CpuPercent *float64

	// MemoryPercent is the average memory use, 1 to 100 percent, that it keeps to,
	// beside that of the CPU.
	//
	// Default: memory does not count.
	MemoryPercent *float64
}

func (a *AutoScaling) validate() error {
	if a == nil {
		return nil
	}
	low, high := *orDefault(a.MinTasks, 2), *orDefault(a.MaxTasks, 10)
	var order error
	if !isNumberToken(low) && !isNumberToken(high) && low > high {
		order = fmt.Errorf("AutoScaling.MinTasks is %v, allowed is at most MaxTasks, which is %v", low, high)
	}
	return errors.Join(
		checkNumber("AutoScaling.MinTasks", a.MinTasks, 0, maxInt32),
		checkNumber("AutoScaling.MaxTasks", a.MaxTasks, 1, maxInt32),
		checkNumber("AutoScaling.CpuPercent", a.CpuPercent, 1, 100),
		checkNumber("AutoScaling.MemoryPercent", a.MemoryPercent, 1, 100),
		order,
	)
}

// scale makes the targets and policies of a service; nil where its number of tasks
// is DesiredCount.
func (a *AutoScaling) scale(service awsecs.FargateService) awsecs.ScalableTaskCount {
	if a == nil {
		return nil
	}
	count := service.AutoScaleTaskCount(&awsapplicationautoscaling.EnableScalingProps{
		MinCapacity: orDefault(a.MinTasks, 2),
		MaxCapacity: orDefault(a.MaxTasks, 10),
	})
	count.ScaleOnCpuUtilization(jsii.String("Cpu"), &awsecs.CpuUtilizationScalingProps{
		TargetUtilizationPercent: orDefault(a.CpuPercent, 60),
	})
	if a.MemoryPercent != nil {
		count.ScaleOnMemoryUtilization(jsii.String("Memory"), &awsecs.MemoryUtilizationScalingProps{
			TargetUtilizationPercent: a.MemoryPercent,
		})
	}
	return count
}
