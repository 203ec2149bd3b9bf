package main

import (
	"fmt"
	"strconv"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/templates"
)

// load is a kind of stack, and the numbers of them to measure.
type load struct {
	name  string
	sizes []int
	// speed of the clock, and how many clients create stacks at once. Stacks are created
	// by many at once, as a pipeline of a large organization does; both are such that
	// the processor is what limits the largest row, not the waiting.
	speed   float64
	clients int
	// networks are made before the stacks, and are not measured.
	networks func(size int) []stack
	stack    func(i int) stack
}

// stack is a stack that a client creates.
type stack struct {
	name, template string
	parameters     map[string]string
}

// sizes are the powers of ten from 10 to the most.
func sizes(most int) []int {
	var s []int
	for n := 10; n <= most; n *= 10 {
		s = append(s, n)
	}
	return s
}

// taskStacks are stacks of four resources, none of which runs.
func taskStacks(most int) load {
	return load{
		name: "stacks without tasks (task template)", sizes: sizes(most), speed: 200, clients: 32,
		networks: func(int) []stack { return nil },
		stack: func(i int) stack {
			return stack{name: "task-" + strconv.Itoa(i), template: templates.Task(), parameters: map[string]string{
				contract.ParameterServiceName: "task-" + strconv.Itoa(i),
				contract.ParameterImageURL:    "acme/app:v1",
			}}
		},
	}
}

// servicesPerNetwork is a little under the rules that a listener takes on AWS (quota
// "Rules per Application Load Balancer", 100).
const servicesPerNetwork = 90

// serviceStacks are services of two tasks behind shared load balancers.
func serviceStacks(most int) load {
	return load{
		name: "service stacks of 2 tasks (service template)", sizes: sizes(most), speed: 20, clients: 128,
		networks: func(size int) []stack {
			var networks []stack
			for i := range (size + servicesPerNetwork - 1) / servicesPerNetwork {
				networks = append(networks, stack{name: network(i), template: templates.Network()})
			}
			return networks
		},
		stack: func(i int) stack {
			name := "service-" + strconv.Itoa(i)
			return stack{name: name, template: templates.Service(), parameters: map[string]string{
				contract.ParameterStackName:                  network(i / servicesPerNetwork),
				contract.ParameterServiceName:                name,
				contract.ParameterImageURL:                   "acme/app:v1",
				contract.ParameterPath:                       fmt.Sprintf("/%s/*", name),
				contract.ParameterPriority:                   strconv.Itoa(1 + i%servicesPerNetwork),
				contract.ParameterHealthCheckIntervalSeconds: "30",
				// A machine with too much to do answers health checks late: what it measures
				// is slow then, and is not rolled back.
				contract.ParameterHealthCheckGracePeriodSeconds: "1200",
			}}
		},
	}
}

func network(i int) string { return "network-" + strconv.Itoa(i) }
