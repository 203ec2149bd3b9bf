package ecs

import (
	"slices"
	"strconv"
	"strings"
)

const (
	launchFargate         = "FARGATE"
	fargateVersion        = "1.4.0" // what the platform version LATEST stands for
	fargatePlatformFamily = "Linux"
)

// fargateProviders are the capacity providers that every account has.
func fargateProviders() []string { return []string{"FARGATE", "FARGATE_SPOT"} }

// onlyFargate refuses strategies that name another capacity provider.
func onlyFargate(strategy []CapacityProviderStrategyItem) error {
	for _, item := range strategy {
		if !slices.Contains(fargateProviders(), item.CapacityProvider) {
			return unsupported("the capacity provider %q: use FARGATE or FARGATE_SPOT.", item.CapacityProvider)
		}
	}
	return nil
}

// memories are the memory sizes in MiB that Fargate offers for a number of CPU units:
// from smallest to largest in steps, as the developer guide lists them.
type memories struct{ smallest, largest, step int }

func fargateMemories(cpu int) (memories, bool) {
	switch cpu {
	case 256:
		return memories{512, 2048, 512}, true // 1.5 GB is the gap: see offers
	case 512:
		return memories{1024, 4096, 1024}, true
	case 1024:
		return memories{2048, 8192, 1024}, true
	case 2048:
		return memories{4096, 16384, 1024}, true
	case 4096:
		return memories{8192, 30720, 1024}, true
	case 8192:
		return memories{16384, 61440, 4096}, true
	case 16384:
		return memories{32768, 122880, 8192}, true
	}
	return memories{}, false
}

// offersFargate reports whether Fargate has tasks of this size.
func offersFargate(cpu, memory int) bool {
	m, ok := fargateMemories(cpu)
	if !ok || cpu == 256 && memory == 1536 {
		return false
	}
	return memory >= m.smallest && memory <= m.largest && (memory-m.smallest)%m.step == 0
}

// checkFargate says why a task definition cannot run on Fargate.
func checkFargate(in *RegisterTaskDefinitionInput) error {
	if in.NetworkMode != "awsvpc" {
		return clientError("Fargate only supports network mode ‘awsvpc’.")
	}
	if in.Cpu == "" {
		return clientError("Fargate requires that 'cpu' be defined at the task level.")
	}
	if in.Memory == "" {
		return clientError("Fargate requires that 'memory' be defined at the task level.")
	}
	cpu, okCPU := units(in.Cpu, "vcpu")
	memory, okMemory := units(in.Memory, "gb")
	if !okCPU {
		return clientError("Invalid 'cpu' setting for task: %s", in.Cpu)
	}
	if !okMemory {
		return clientError("Invalid 'memory' setting for task: %s", in.Memory)
	}
	if !offersFargate(cpu, memory) {
		return clientError("No Fargate configuration exists for given values: %d CPU, %d memory. See the Amazon ECS documentation for the valid values.", cpu, memory)
	}
	return nil
}

// units reads "256" or ".25 vCPU", "512" or "0.5GB": the larger unit has 1,024 of the
// smaller.
func units(s, unit string) (int, bool) {
	lower := strings.ToLower(strings.TrimSpace(s))
	if number, ok := strings.CutSuffix(lower, unit); ok {
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		return int(n * 1024), err == nil
	}
	n, err := strconv.Atoi(lower)
	return n, err == nil
}
