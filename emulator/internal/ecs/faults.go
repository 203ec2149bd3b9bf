package ecs

import (
	"cmp"
	"slices"
	"time"
)

// Faults are what a Service meets outside of itself, and what goes wrong there. Methods
// are called with the mutex held, but for Pull, and return at once.
type Faults interface {
	// Zone is the Availability Zone of a subnet.
	Zone(subnet string) string
	// Capacity returns those of the zones in which Fargate can take a task on. The name
	// of the service is empty for RunTask.
	Capacity(cluster, service string, zones []string) []string
	// Pull is asked before every pull of an image; an error is a failed pull.
	Pull(image string) error
}

// noFaults is a region with one zone, in which all goes well.
type noFaults struct{ zone string }

func (n noFaults) Zone(string) string                          { return n.zone }
func (noFaults) Capacity(_, _ string, zones []string) []string { return zones }
func (noFaults) Pull(string) error                             { return nil }

// noCapacity is what Fargate says where it has no capacity: in the failures of RunTask,
// and in the events of a service ("Service event messages", developer guide).
const noCapacity = "Capacity is unavailable at this time. Please try again later or in a different availability zone"

// placementRetry is how long the scheduler waits after it could not place a task. AWS
// publishes no figure.
const placementRetry = 15 * time.Second

// place picks the subnet of a new task and reports whether there is one: it is in the
// zone with capacity that has the fewest of the service's tasks. The mutex is held.
func (s *Service) place(c *cluster, t *task) bool {
	service, perZone := "", map[string]int{}
	if t.service != nil {
		service = t.service.name
		for _, other := range t.service.tasks {
			if other.live() {
				perZone[other.zone]++
			}
		}
	}
	var zones []string
	subnetOf := map[string]string{}
	for _, subnet := range t.network.AwsvpcConfiguration.Subnets {
		zone := s.options.Faults.Zone(subnet)
		if _, known := subnetOf[zone]; !known {
			subnetOf[zone] = subnet
			zones = append(zones, zone)
		}
	}
	zones = s.options.Faults.Capacity(c.shape.ClusterName, service, zones)
	if len(zones) == 0 {
		return false
	}
	t.zone = slices.MinFunc(zones, func(a, b string) int { return cmp.Compare(perZone[a], perZone[b]) })
	t.subnet = subnetOf[t.zone]
	return true
}

// TaskKill says which running tasks are to be killed, and how. Empty members match
// every task.
type TaskKill struct {
	Cluster, Service, Task string // names, and the id of a task

	// Zone is one that is lost: tasks that are starting there end as well.
	Zone string

	// Code and Reason are the task's stop code and reason. An empty code kills an
	// essential container, and leaves what follows to ECS.
	Code, Reason string
	// ContainerReason is the reason that the killed container shows.
	ContainerReason string
	// Strike is asked for each task that matches, in the order of their creation.
	Strike func() bool
}

// KillTasks kills tasks and returns their ARNs. Services replace them.
func (s *Service) KillTasks(k TaskKill) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var tasks []*task
	for _, c := range s.clusters {
		for _, t := range c.tasks {
			if k.matches(t) {
				tasks = append(tasks, t)
			}
		}
	}
	slices.SortFunc(tasks, func(a, b *task) int {
		return cmp.Or(a.createdAt.Compare(b.createdAt), cmp.Compare(a.arn, b.arn))
	})
	var killed []string
	for _, t := range tasks {
		if k.Strike() {
			k.kill(t)
			killed = append(killed, t.arn)
		}
	}
	return killed
}

func (k TaskKill) matches(t *task) bool {
	return t.live() && (t.lastStatus == taskRunning || k.Zone != "" && t.lastStatus.starting()) &&
		(k.Cluster == "" || nameOf(k.Cluster) == t.cluster.shape.ClusterName) &&
		(k.Service == "" || t.service != nil && nameOf(k.Service) == t.service.name) &&
		(k.Task == "" || nameOf(k.Task) == t.id) &&
		(k.Zone == "" || k.Zone == t.zone)
}

// kill ends one task. The mutex is held.
func (k TaskKill) kill(t *task) {
	switch {
	case k.Code != "":
		t.requestStop(k.Code, k.Reason, false)
		return
	case t.lastStatus.starting():
		t.requestStop(stopFailedToStart, "The Availability Zone "+t.zone+" was lost while the task was starting.", false)
		return
	}
	for _, c := range t.containers {
		if c.essential() && c.process != nil {
			c.reason = k.ContainerReason
			c.process.Kill()
			return
		}
	}
}
