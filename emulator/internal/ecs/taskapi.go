package ecs

import (
	"context"
	"slices"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// mostTasksAtOnce is how many tasks a RunTask may start.
const mostTasksAtOnce = 10

// launch gives a task its identity and starts its life. The mutex is held.
func (s *Service) launch(c *cluster, t *task, tags []Tag) {
	s.forgetOldTasks(c)
	t.id = taskID()
	t.arn = s.arn("task/" + c.shape.ClusterName + "/" + t.id)
	t.cluster = c
	t.createdAt = s.now()
	t.attachmentID = attachmentID()
	t.lastStatus, t.desiredStatus, t.version = taskProvisioning, taskRunning, 1
	t.asked, t.ask = context.WithCancel(s.life)
	t.order, _ = startOrder(t.definition.ContainerDefinitions) // checked at registration
	for _, definition := range t.definition.ContainerDefinitions {
		t.containers = append(t.containers, &taskContainer{
			definition: definition,
			arn:        s.arn("container/" + c.shape.ClusterName + "/" + t.id + "/" + attachmentID()),
			runtimeID:  t.id + "-" + deploymentDigits()[:10],
			status:     taskPending,
			exited:     make(chan struct{}),
		})
	}
	c.tasks = append(c.tasks, t)
	c.taskByID[t.id] = t
	s.setTags(t.arn, tags)
	s.spawn(func() { s.run(t) })
	t.announce(s)
}

// forgetOldTasks drops the tasks that have been STOPPED for longer than ECS shows
// them. The mutex is held.
func (s *Service) forgetOldTasks(c *cluster) {
	now, old := s.now(), 0
	for old < len(c.stopped) && now.Sub(c.stopped[old].stoppedAt) > stoppedKept {
		s.forget(c, c.stopped[old])
		old++
	}
	if old == 0 {
		return // as nearly always: the others need no look at all tasks
	}
	c.stopped = slices.Clone(c.stopped[old:])
	c.tasks = slices.DeleteFunc(c.tasks, func(t *task) bool { return c.taskByID[t.id] != t })
}

// task finds a task by id, nil where there is none. The mutex is held.
func (c *cluster) task(id string) *task { return c.taskByID[id] }

// taskTags are the tags that a task of the service gets. The mutex is held.
func (svc *service) taskTags(t *task) []Tag {
	var tags []Tag
	if svc.managedTags {
		tags = []Tag{{Key: "aws:ecs:clusterName", Value: svc.cluster.shape.ClusterName}, {Key: "aws:ecs:serviceName", Value: svc.name}}
	}
	switch svc.propagateTags {
	case "SERVICE":
		tags = append(tags, svc.ecs.tags[svc.arn]...)
	case "TASK_DEFINITION":
		tags = append(tags, svc.ecs.tags[t.definition.TaskDefinitionArn]...)
	}
	return tags
}

// tagsOfRun are the tags that a task of RunTask gets. The mutex is held.
func (s *Service) tagsOfRun(in *RunTaskInput, c *cluster, td *TaskDefinition) []Tag {
	tags := slices.Clone(in.Tags)
	if in.EnableECSManagedTags {
		tags = append(tags, Tag{Key: "aws:ecs:clusterName", Value: c.shape.ClusterName})
	}
	if in.PropagateTags == "TASK_DEFINITION" {
		for _, tag := range s.tags[td.TaskDefinitionArn] {
			if !slices.ContainsFunc(in.Tags, func(own Tag) bool { return own.Key == tag.Key }) {
				tags = append(tags, tag)
			}
		}
	}
	return tags
}

// RunTask starts tasks that belong to no service. The same request with the same token
// again starts nothing.
func (s *Service) RunTask(_ context.Context, in *RunTaskInput) (*RunTaskOutput, error) {
	count := 1
	if in.Count != nil {
		count = *in.Count
	}
	switch {
	case count < 1 || count > mostTasksAtOnce:
		return nil, invalid("count must be between 1 and %d.", mostTasksAtOnce)
	case in.LaunchType != "" && in.LaunchType != launchFargate:
		return nil, unsupported("the launch type %s: use FARGATE.", in.LaunchType)
	}
	if err := onlyFargate(in.CapacityProviderStrategy); err != nil {
		return nil, err
	}
	if err := checkPlacement(in.PlacementConstraints, in.PlacementStrategy); err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"", "NONE", "TASK_DEFINITION"}, in.PropagateTags) {
		return nil, invalid("propagateTags of a task that is in no service must be TASK_DEFINITION or NONE.")
	}
	if err := checkNetwork(in.NetworkConfiguration); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if out, err := s.started(c, in); out != nil || err != nil {
		return out, err
	}
	strategy := in.CapacityProviderStrategy
	if in.LaunchType == "" && len(strategy) == 0 {
		if strategy = c.shape.DefaultCapacityProviderStrategy; len(strategy) == 0 {
			return nil, unsupported("the launch type EC2, which is the default of a request without launchType: use FARGATE.")
		}
	}
	td, err := s.runnable(in.TaskDefinition)
	if err != nil {
		return nil, err
	}
	out := &RunTaskOutput{Tasks: []Task{}, Failures: []Failure{}}
	var started []*task
	for range count {
		t := &task{
			definition: td,
			group:      orElse(in.Group, "family:"+td.Family),
			startedBy:  in.StartedBy,
			overrides:  in.Overrides,
			network:    in.NetworkConfiguration,
			platform:   platformVersion(in.PlatformVersion),
			executable: in.EnableExecuteCommand,
		}
		if len(strategy) > 0 {
			t.provider = strategy[0].CapacityProvider
		}
		if !s.place(c, t) {
			out.Failures = append(out.Failures, Failure{Reason: noCapacity})
			continue
		}
		s.launch(c, t, s.tagsOfRun(in, c, td))
		started = append(started, t)
		out.Tasks = append(out.Tasks, s.showTask(t))
	}
	c.remember(in, s.now(), started)
	return out, nil
}

// StopTask stops a task without waiting for its load balancer to drain it. A service
// replaces the task.
func (s *Service) StopTask(_ context.Context, in *StopTaskInput) (*StopTaskOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	t := c.task(nameOf(in.Task))
	if t == nil {
		return nil, invalid("The referenced task was not found.")
	}
	t.requestStop(stopByUser, orElse(in.Reason, "Task stopped by user"), false)
	shown := s.showTask(t)
	return &StopTaskOutput{Task: &shown}, nil
}

// DescribeTasks shows tasks, stopped ones for an hour; a missing one is a failure MISSING.
func (s *Service) DescribeTasks(_ context.Context, in *DescribeTasksInput) (*DescribeTasksOutput, error) {
	if len(in.Tasks) == 0 {
		return nil, invalid("Tasks cannot be empty.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	s.forgetOldTasks(c)
	out := &DescribeTasksOutput{Tasks: []Task{}, Failures: []Failure{}}
	for _, ref := range in.Tasks {
		t := c.task(nameOf(ref))
		if t == nil {
			arn := s.arn("task/" + c.shape.ClusterName + "/" + nameOf(ref))
			out.Failures = append(out.Failures, Failure{Arn: arn, Reason: "MISSING"})
			continue
		}
		shown := s.showTask(t)
		if !slices.Contains(in.Include, "TAGS") {
			shown.Tags = nil
		}
		out.Tasks = append(out.Tasks, shown)
	}
	return out, nil
}

// ListTasks lists the ARNs of tasks whose desired status is RUNNING, or the one asked for.
func (s *Service) ListTasks(_ context.Context, in *ListTasksInput) (*ListTasksOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.cluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if in.ServiceName != "" && c.services[nameOf(in.ServiceName)] == nil {
		return nil, serviceNotFound()
	}
	s.forgetOldTasks(c)
	arns := []string{}
	for _, t := range c.tasks {
		if in.selects(t) {
			arns = append(arns, t.arn)
		}
	}
	items, next, err := page(arns, in.NextToken, in.MaxResults)
	return &ListTasksOutput{TaskArns: items, NextToken: next}, err
}

// selects reports whether a task fulfils all that the request names.
func (in *ListTasksInput) selects(t *task) bool {
	desired := taskStatus(orElse(in.DesiredStatus, string(taskRunning)))
	switch {
	case t.desiredStatus != desired:
		return false
	case in.ServiceName != "" && t.group != "service:"+nameOf(in.ServiceName):
		return false
	case in.Family != "" && t.definition.Family != in.Family:
		return false
	case in.StartedBy != "" && t.startedBy != in.StartedBy:
		return false
	case in.LaunchType != "" && in.LaunchType != launchFargate:
		return false
	case in.ContainerInstance != "", in.DaemonName != "":
		return false // Fargate tasks have neither
	}
	return true
}

// showTask is the task as the API describes it. The mutex is held.
func (s *Service) showTask(t *task) Task {
	shown := Task{
		TaskArn:              t.arn,
		TaskDefinitionArn:    t.definition.TaskDefinitionArn,
		ClusterArn:           t.cluster.shape.ClusterArn,
		Group:                t.group,
		StartedBy:            t.startedBy,
		LaunchType:           launchFargate,
		CapacityProviderName: t.provider,
		PlatformVersion:      t.platform,
		PlatformFamily:       fargatePlatformFamily,
		AvailabilityZone:     t.zone,
		LastStatus:           string(t.lastStatus),
		DesiredStatus:        string(t.desiredStatus),
		HealthStatus:         t.healthStatus(),
		Cpu:                  t.definition.Cpu,
		Memory:               t.definition.Memory,
		EphemeralStorage:     t.definition.EphemeralStorage,
		EnableExecuteCommand: t.executable,
		Overrides:            t.overrides,
		StopCode:             t.stopCode,
		StoppedReason:        t.stoppedReason,
		CreatedAt:            wire.EpochOf(t.createdAt),
		PullStartedAt:        wire.EpochOf(t.pullStartedAt),
		PullStoppedAt:        wire.EpochOf(t.pullStoppedAt),
		StartedAt:            wire.EpochOf(t.startedAt),
		StoppingAt:           wire.EpochOf(t.stoppingAt),
		ExecutionStoppedAt:   wire.EpochOf(t.executionStoppedAt),
		StoppedAt:            wire.EpochOf(t.stoppedAt),
		Attachments:          []Attachment{t.attachment()},
		Containers:           []Container{},
		Tags:                 s.tags[t.arn],
		Version:              t.version,
	}
	if t.address.IsValid() {
		shown.Connectivity, shown.ConnectivityAt = "CONNECTED", wire.EpochOf(t.createdAt.Add(provisioningTime))
	}
	for _, c := range t.containers {
		shown.Containers = append(shown.Containers, t.showContainer(c))
	}
	return shown
}

// attachment is the network interface that Fargate attached.
func (t *task) attachment() Attachment {
	a := Attachment{Id: t.attachmentID, Type: "ElasticNetworkInterface", Status: "PRECREATED"}
	a.Details = append(a.Details, KeyValuePair{Name: "subnetId", Value: t.subnet})
	if t.address.IsValid() {
		a.Status = "ATTACHED"
		a.Details = append(a.Details,
			KeyValuePair{Name: "networkInterfaceId", Value: "eni-" + t.id[:17]},
			KeyValuePair{Name: "privateIPv4Address", Value: t.address.String()})
	}
	if t.lastStatus == taskStopped {
		a.Status = "DELETED"
	}
	return a
}

func (t *task) showContainer(c *taskContainer) Container {
	shown := Container{
		ContainerArn: c.arn,
		TaskArn:      t.arn,
		Name:         c.definition.Name,
		Image:        c.definition.Image,
		ImageDigest:  c.digest,
		RuntimeId:    c.runtimeID,
		LastStatus:   string(c.status),
		ExitCode:     c.exitCode,
		Reason:       c.reason,
		HealthStatus: c.healthStatus(),
	}
	if t.lastStatus == taskStopped {
		shown.LastStatus = string(taskStopped) // also of one that never ran
	}
	if t.address.IsValid() {
		shown.NetworkInterfaces = []NetworkInterface{{AttachmentId: t.attachmentID, PrivateIpv4Address: t.address.String()}}
	}
	return shown
}
