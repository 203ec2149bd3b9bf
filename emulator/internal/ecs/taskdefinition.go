package ecs

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// statusDeleting is that of a deleted task definition; it is kept for what uses it.
const statusDeleting = "DELETE_IN_PROGRESS"

// maxStopTimeout is the longest that Fargate waits between SIGTERM and SIGKILL, and
// defaultStopTimeout what it waits where a container says nothing, in seconds.
const (
	maxStopTimeout     = 120
	defaultStopTimeout = 30
)

// family is a task definition's revisions, the first of which has number 1. They are
// replaced and never changed, so that answers and tasks can share them.
type family struct {
	revisions []*TaskDefinition
}

// RegisterTaskDefinition adds a revision to its family.
func (s *Service) RegisterTaskDefinition(_ context.Context, in *RegisterTaskDefinitionInput) (*RegisterTaskDefinitionOutput, error) {
	containers, err := checkContainers(in)
	if err != nil {
		return nil, err
	}
	compatible, err := compatibilities(in)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.families[in.Family]
	if f == nil {
		f = &family{}
		s.families[in.Family] = f
	}
	revision := len(f.revisions) + 1
	td := &TaskDefinition{
		TaskDefinitionArn:       s.arn("task-definition/" + in.Family + ":" + strconv.Itoa(revision)),
		Family:                  in.Family,
		Revision:                revision,
		Status:                  statusActive,
		RegisteredAt:            wire.EpochOf(s.now()),
		RegisteredBy:            "arn:aws:iam::" + wire.AccountID + ":root",
		Compatibilities:         compatible,
		ContainerDefinitions:    containers,
		Cpu:                     in.Cpu,
		Memory:                  in.Memory,
		NetworkMode:             in.NetworkMode,
		RequiresCompatibilities: in.RequiresCompatibilities,
		ExecutionRoleArn:        in.ExecutionRoleArn,
		TaskRoleArn:             in.TaskRoleArn,
		EnableFaultInjection:    in.EnableFaultInjection,
		EphemeralStorage:        in.EphemeralStorage,
		InferenceAccelerators:   in.InferenceAccelerators,
		IpcMode:                 in.IpcMode,
		PidMode:                 in.PidMode,
		PlacementConstraints:    in.PlacementConstraints,
		ProxyConfiguration:      in.ProxyConfiguration,
		RuntimePlatform:         in.RuntimePlatform,
		Volumes:                 in.Volumes,
	}
	f.revisions = append(f.revisions, td)
	s.setTags(td.TaskDefinitionArn, in.Tags)
	return &RegisterTaskDefinitionOutput{TaskDefinition: td, Tags: in.Tags}, nil
}

// checkContainers checks the container definitions and returns them with ECS's defaults.
func checkContainers(in *RegisterTaskDefinitionInput) ([]ContainerDefinition, error) {
	if in.Family == "" {
		return nil, clientError("Family should not be null or empty.")
	}
	if len(in.ContainerDefinitions) == 0 {
		return nil, clientError("Container list cannot be empty.")
	}
	containers := slices.Clone(in.ContainerDefinitions)
	names := map[string]bool{}
	essential := false
	for i := range containers {
		c := &containers[i]
		switch {
		case c.Name == "":
			return nil, clientError("Container.name should not be null or empty.")
		case c.Image == "":
			return nil, clientError("Container.image should not be null or empty.")
		case names[c.Name]:
			return nil, clientError("Container name %s is used more than once.", c.Name)
		case c.StopTimeout != nil && (*c.StopTimeout < 0 || *c.StopTimeout > maxStopTimeout):
			return nil, clientError("The stopTimeout of container %s must be between 0 and %d seconds on Fargate.", c.Name, maxStopTimeout)
		case c.RestartPolicy != nil && c.RestartPolicy.Enabled != nil && *c.RestartPolicy.Enabled:
			return nil, unsupported("container restart policies (container %s).", c.Name)
		}
		if err := c.HealthCheck.validate(c.Name); err != nil {
			return nil, err
		}
		names[c.Name] = true
		if c.Essential == nil {
			yes := true
			c.Essential = &yes
		}
		essential = essential || *c.Essential
		c.PortMappings = slices.Clone(c.PortMappings)
		for j := range c.PortMappings {
			p := &c.PortMappings[j]
			if p.ContainerPortRange != "" {
				return nil, unsupported("port ranges (container %s).", c.Name)
			}
			if p.HostPort == nil {
				p.HostPort = p.ContainerPort
			}
			if p.Protocol == "" {
				p.Protocol = "tcp"
			}
		}
	}
	if !essential {
		return nil, clientError("Task definition must have at least one essential container.")
	}
	_, err := startOrder(containers)
	return containers, err
}

// compatibilities are the launch types that the task definition can have. It is an
// error when a required one is missing.
func compatibilities(in *RegisterTaskDefinitionInput) ([]string, error) {
	fargate := checkFargate(in)
	for _, required := range in.RequiresCompatibilities {
		switch required {
		case launchFargate:
			if fargate != nil {
				return nil, fargate
			}
		case "EC2", "EXTERNAL", "MANAGED_INSTANCES":
		default:
			return nil, clientError("Invalid value %q for requiresCompatibilities.", required)
		}
	}
	if fargate != nil {
		return []string{"EC2"}, nil
	}
	return []string{"EC2", launchFargate}, nil
}

// startOrder sorts containers so that each follows those it depends on.
func startOrder(containers []ContainerDefinition) ([]ContainerDefinition, error) {
	var order []ContainerDefinition
	placed := map[string]bool{}
	ready := func(c ContainerDefinition) bool {
		return !slices.ContainsFunc(c.DependsOn, func(d ContainerDependency) bool { return !placed[d.ContainerName] })
	}
	for len(order) < len(containers) {
		i := slices.IndexFunc(containers, func(c ContainerDefinition) bool { return !placed[c.Name] && ready(c) })
		if i < 0 {
			return nil, clientError("Container dependencies form a cycle, or name a container that does not exist.")
		}
		placed[containers[i].Name] = true
		order = append(order, containers[i])
	}
	return order, nil
}

// taskDefinition finds a revision by ARN or FAMILY:REVISION, or the latest active one
// of a family. The mutex is held.
func (s *Service) taskDefinition(ref string) *TaskDefinition {
	name, number, exact := strings.Cut(nameOf(ref), ":")
	f := s.families[name]
	if f == nil {
		return nil
	}
	if exact {
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > len(f.revisions) {
			return nil
		}
		return f.revisions[n-1]
	}
	for _, td := range slices.Backward(f.revisions) {
		if td.Status == statusActive {
			return td
		}
	}
	return nil
}

// replace puts a changed copy in the place of a revision. The mutex is held.
func (s *Service) replace(td *TaskDefinition, change func(*TaskDefinition)) *TaskDefinition {
	changed := *td
	change(&changed)
	s.families[td.Family].revisions[td.Revision-1] = &changed
	return &changed
}

// DescribeTaskDefinition shows a revision; of a family without a number, the latest
// active one.
func (s *Service) DescribeTaskDefinition(_ context.Context, in *DescribeTaskDefinitionInput) (*DescribeTaskDefinitionOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	td := s.taskDefinition(in.TaskDefinition)
	if td == nil {
		return nil, clientError("Unable to describe task definition.")
	}
	out := &DescribeTaskDefinitionOutput{TaskDefinition: td}
	if slices.Contains(in.Include, "TAGS") {
		out.Tags = s.tags[td.TaskDefinitionArn]
	}
	return out, nil
}

// ListTaskDefinitions lists the ARNs of revisions, ACTIVE ones by default.
func (s *Service) ListTaskDefinitions(_ context.Context, in *ListTaskDefinitionsInput) (*ListTaskDefinitionsOutput, error) {
	status := in.Status
	if status == "" {
		status = statusActive
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var arns []string
	for _, name := range slices.Sorted(maps.Keys(s.families)) {
		if in.FamilyPrefix != "" && name != in.FamilyPrefix {
			continue // despite its name, the member is a full family name
		}
		for _, td := range s.families[name].revisions {
			if td.Status == status {
				arns = append(arns, td.TaskDefinitionArn)
			}
		}
	}
	if in.Sort == "DESC" {
		slices.Reverse(arns)
	}
	items, next, err := page(arns, in.NextToken, in.MaxResults)
	return &ListTaskDefinitionsOutput{TaskDefinitionArns: items, NextToken: next}, err
}

// ListTaskDefinitionFamilies lists families; without a status, active and inactive ones.
func (s *Service) ListTaskDefinitionFamilies(_ context.Context, in *ListTaskDefinitionFamiliesInput) (*ListTaskDefinitionFamiliesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.families)) {
		status := statusInactive
		if s.taskDefinition(name) != nil {
			status = statusActive
		}
		if strings.HasPrefix(name, in.FamilyPrefix) && (in.Status == "" || in.Status == "ALL" || in.Status == status) {
			names = append(names, name)
		}
	}
	items, next, err := page(names, in.NextToken, in.MaxResults)
	return &ListTaskDefinitionFamiliesOutput{Families: items, NextToken: next}, err
}

// DeregisterTaskDefinition makes a revision INACTIVE: what runs goes on, and nothing
// new can be made of it.
func (s *Service) DeregisterTaskDefinition(_ context.Context, in *DeregisterTaskDefinitionInput) (*DeregisterTaskDefinitionOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !strings.Contains(nameOf(in.TaskDefinition), ":") {
		return nil, invalid("Invalid revision number. Number: null") // a family alone is not enough here
	}
	td := s.taskDefinition(in.TaskDefinition)
	if td == nil {
		return nil, clientError("The specified task definition does not exist.")
	}
	td = s.replace(td, func(td *TaskDefinition) {
		td.Status, td.DeregisteredAt = statusInactive, wire.EpochOf(s.now())
	})
	return &DeregisterTaskDefinitionOutput{TaskDefinition: td}, nil
}

// DeleteTaskDefinitions marks INACTIVE revisions for deletion.
func (s *Service) DeleteTaskDefinitions(_ context.Context, in *DeleteTaskDefinitionsInput) (*DeleteTaskDefinitionsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &DeleteTaskDefinitionsOutput{TaskDefinitions: []TaskDefinition{}, Failures: []Failure{}}
	for _, ref := range in.TaskDefinitions {
		td := s.taskDefinition(ref)
		switch {
		case td == nil:
			out.Failures = append(out.Failures, Failure{Arn: ref, Reason: "MISSING"})
		case td.Status == statusActive:
			out.Failures = append(out.Failures, Failure{Arn: td.TaskDefinitionArn, Reason: "TASK_DEFINITION_MUST_BE_INACTIVE",
				Detail: "The specified task definition is still in ACTIVE status. Please deregister the target and try again."})
		default:
			td = s.replace(td, func(td *TaskDefinition) {
				td.Status, td.DeleteRequestedAt = statusDeleting, wire.EpochOf(s.now())
			})
			out.TaskDefinitions = append(out.TaskDefinitions, *td)
		}
	}
	return out, nil
}
