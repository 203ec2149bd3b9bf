package ecs

import (
	"cmp"
	"slices"
)

// ServiceState is what a test asks of a service at a moment.
type ServiceState struct {
	Cluster, Name string
	Status        string
	Desired       int
	Images        map[string]int // of containers of RUNNING tasks that stay
}

// Snapshot shows all services that are not INACTIVE, by cluster and name.
func (s *Service) Snapshot() []ServiceState {
	s.mu.Lock()
	defer s.mu.Unlock()
	var states []ServiceState
	for _, c := range s.clusters {
		for _, svc := range c.services {
			if svc.status == statusInactive {
				continue
			}
			state := ServiceState{Cluster: c.shape.ClusterName, Name: svc.name, Status: svc.status, Desired: svc.desired, Images: map[string]int{}}
			for _, t := range svc.tasks {
				if !t.live() || t.lastStatus != taskRunning {
					continue
				}
				for _, container := range t.containers {
					state.Images[container.definition.Image]++
				}
			}
			states = append(states, state)
		}
	}
	slices.SortFunc(states, func(a, b ServiceState) int {
		return cmp.Or(cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.Name, b.Name))
	})
	return states
}
