package constructs

import (
	"errors"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
)

// Architecture is the CPU architecture that tasks run on.
type Architecture string

const (
	// ArchitectureX86 is x86-64, what most images are built for.
	ArchitectureX86 Architecture = "X86_64"
	// ArchitectureARM64 is 64-bit ARM (AWS Graviton). Fargate charges about a
	// fifth less for it.
	ArchitectureARM64 Architecture = "ARM64"
)

// runtimePlatform is nil where ECS's own default does.
func (a Architecture) runtimePlatform() *awsecs.RuntimePlatform {
	if a != ArchitectureARM64 {
		return nil
	}
	return &awsecs.RuntimePlatform{
		CpuArchitecture:       awsecs.CpuArchitecture_ARM64(),
		OperatingSystemFamily: awsecs.OperatingSystemFamily_LINUX(),
	}
}

// Spot divides the tasks between Fargate and Fargate Spot: OnDemandBase tasks
// are on demand, and of the others, the share SpotWeight / (OnDemandWeight +
// SpotWeight) is on Spot: half by default.
type Spot struct {
	// OnDemandBase is the number of tasks that are always on demand, 0 to
	// 100000. The service has to do with them when AWS takes all Spot capacity
	// back.
	//
	// Default: 1.
	OnDemandBase *float64

	// OnDemandWeight is the relative share of the other tasks on demand, 0 to
	// 1000.
	//
	// Default: 1.
	OnDemandWeight *float64

	// SpotWeight is the relative share of the other tasks on Spot, 1 to 1000.
	//
	// Default: 1.
	SpotWeight *float64
}

func (p *FargateServiceProps) checkSpot() error {
	if p.Spot == nil {
		return nil
	}
	errs := []error{
		checkNumber("Spot.OnDemandBase", p.Spot.OnDemandBase, 0, 100000),
		checkNumber("Spot.OnDemandWeight", p.Spot.OnDemandWeight, 0, 1000),
		checkNumber("Spot.SpotWeight", p.Spot.SpotWeight, 1, 1000),
	}
	// Of an imported network nobody knows.
	if n := p.ownNetwork(); n != nil && !*orDefault(n.props.FargateSpot, false) {
		errs = append(errs, errors.New("Spot is set and the network's FargateSpot is not, allowed is Spot in a network that has it"))
	}
	return errors.Join(errs...)
}

// strategy is nil without Spot: the service has the launch type Fargate then.
func (s *Spot) strategy() *[]*awsecs.CapacityProviderStrategy {
	if s == nil {
		return nil
	}
	return &[]*awsecs.CapacityProviderStrategy{
		{
			CapacityProvider: jsii.String("FARGATE"),
			Base:             orDefault(s.OnDemandBase, 1),
			Weight:           orDefault(s.OnDemandWeight, 1),
		},
		{
			CapacityProvider: jsii.String("FARGATE_SPOT"),
			Weight:           orDefault(s.SpotWeight, 1),
		},
	}
}
