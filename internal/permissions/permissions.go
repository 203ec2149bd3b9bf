// Package permissions says what the deployer needs to be allowed in IAM, as
// data: the construct that makes a role for it and the command that prints a
// policy for it cannot differ. A test holds the list against what the deployer
// calls.
//
// Two roles share the work. The deployer's own may make and execute change sets
// of named stacks, and look on. What a change set does is done by CloudFormation
// with the other one, its service role, which may roll an image out and nothing
// else.
//
// Which actions can be held to resources is what AWS's Service Authorization
// Reference says; what CloudFormation calls for a resource is what the handlers
// in the resource's schema say.
package permissions

import "strings"

// Scope is what the permissions are for. Its texts go into ARNs as they are:
// they may be patterns with *, or references that a template resolves.
type Scope struct {
	// Partition, Region and Account are where the stacks are.
	Partition, Region, Account string

	// Stacks are the names of the stacks, exactly.
	Stacks []string

	// Cluster is the name of the ECS cluster that their services run in.
	Cluster string
	// Services are the names of their ECS services.
	Services []string
	// Families are the families of their task definitions.
	Families []string

	// TaskRoles are the names of the roles that their tasks run with, and that ECS
	// starts them with.
	TaskRoles []string
	// TrafficRoles are the names of the roles with which ECS moves requests from
	// one version to the next. None, where nothing is deployed so.
	TrafficRoles []string

	// Repositories are the ECR repositories that their images come from. None, where
	// images come from elsewhere.
	Repositories []string

	// LogGroups are the log groups that their tasks write to. None, where the end of a
	// failed task's log is not to be told.
	LogGroups []string

	// Parameters are the names of the parameters of Systems Manager that the
	// stacks' templates read ({{resolve:ssm:...}}).
	Parameters []string

	// ServiceRole is the ARN of the role that CloudFormation works with.
	ServiceRole string
}

// Statement is one Allow statement of an IAM policy.
type Statement struct {
	// Sid names it within its policy: letters and digits.
	Sid string
	// Why is the reason, where Resources is *, that it is no narrower.
	Why string

	Actions   []string
	Resources []string
	// Conditions have values by key by operator.
	Conditions map[string]map[string][]string
}

// Any is the resource of an action that cannot be held to one.
const Any = "*"

// arn is that of a resource of the scope's account and region.
func (s Scope) arn(service, resource string) string {
	return "arn:" + s.Partition + ":" + service + ":" + s.Region + ":" + s.Account + ":" + resource
}

// role is the ARN of a role by its name; IAM has no regions.
func (s Scope) role(name string) string {
	return "arn:" + s.Partition + ":iam::" + s.Account + ":role/" + name
}

// stacks are the ARNs of the stacks. The slash ends the name: shop is not shop-admin.
func (s Scope) stacks() []string {
	return each(s.Stacks, func(name string) string { return s.arn("cloudformation", "stack/"+name+"/*") })
}

func (s Scope) services() []string {
	return each(s.Services, func(name string) string { return s.arn("ecs", "service/"+s.Cluster+"/"+name) })
}

// partsOfServices are resources that ECS names after a service: its revisions,
// its deployments.
func (s Scope) partsOfServices(kind string) []string {
	return each(s.Services, func(name string) string { return s.arn("ecs", kind+"/"+s.Cluster+"/"+name+"/*") })
}

func (s Scope) taskDefinitions() []string {
	return each(s.Families, func(family string) string { return s.arn("ecs", "task-definition/"+family+":*") })
}

func (s Scope) repositories() []string {
	return each(s.Repositories, func(name string) string { return s.arn("ecr", "repository/"+name) })
}

// logStreams are the streams of the log groups.
func (s Scope) logStreams() []string {
	return each(s.LogGroups, func(name string) string { return s.arn("logs", "log-group:"+name+":log-stream:*") })
}

func (s Scope) parameters() []string {
	return each(s.Parameters, func(name string) string {
		return s.arn("ssm", "parameter/"+strings.TrimPrefix(name, "/"))
	})
}

func each(names []string, of func(string) string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = of(name)
	}
	return all
}

func equals(key, value string) map[string]map[string][]string {
	return map[string]map[string][]string{"StringEquals": {key: {value}}}
}
