package constructs

import (
	"fmt"
	"maps"
	"slices"
)

// fargateSizes is a map of the pairs of CPU and memory (MiB) that Fargate takes:
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
func fargateSizes() map[float64][]float64 {
	return map[float64][]float64{
		256:   {512, 1024, 2048},
		512:   steps(1024, 4096, 1024),
		1024:  steps(2048, 8192, 1024),
		2048:  steps(4096, 16384, 1024),
		4096:  steps(8192, 30720, 1024),
		8192:  steps(16384, 61440, 4096),
		16384: steps(32768, 122880, 8192),
	}
}

func steps(low, high, step float64) []float64 {
	var values []float64
	for v := low; v <= high; v += step {
		values = append(values, v)
	}
	return values
}

// checkSize refuses a pair that ECS would refuse in the middle of a deployment.
// Nil means the default of the props.
func checkSize(cpu, memory *float64) error {
	c, m := *orDefault(cpu, defaultCPU), *orDefault(memory, defaultMemory)
	sizes := fargateSizes()
	if isNumberToken(c) {
		return checkMemory(memory, sizes)
	}
	allowed, ok := sizes[c]
	if !ok {
		return fmt.Errorf("ContainerCpu is %v, allowed are %v", c, slices.Sorted(maps.Keys(sizes)))
	}
	if !isNumberToken(m) && !slices.Contains(allowed, m) {
		return fmt.Errorf("ContainerMemory is %v with ContainerCpu %v, allowed are %v", m, c, allowed)
	}
	return nil
}

// checkMemory is for a CPU that is known only at deployment: the memory has to go with
// one of them.
func checkMemory(memory *float64, sizes map[float64][]float64) error {
	if memory == nil || isNumberToken(*memory) {
		return nil
	}
	for _, allowed := range sizes {
		if slices.Contains(allowed, *memory) {
			return nil
		}
	}
	return fmt.Errorf("ContainerMemory is %v, allowed is what goes with one of ContainerCpu %v", *memory, slices.Sorted(maps.Keys(sizes)))
}
