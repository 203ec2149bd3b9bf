package iam

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Request is a call as IAM sees it.
type Request struct {
	Service, Operation string // "ecs", "UpdateService"
	Region, Account    string
	Input              any // the decoded request

	// Stack is the ARN of the stack that a request names by name, ARN or change set; for
	// one that does not exist yet, it ends in /*.
	Stack func(nameOrARN string) string

	// StackSet is the ARN of the stack set that a request names by name or id; for one that
	// does not exist, it ends in :*.
	StackSet func(nameOrID string) string
}

// Needs are the permissions that a request needs, by the Service Authorization
// Reference: one for each resource of its action, and iam:PassRole for each role that
// it hands to a service. None, where the action needs no permission.
func (r Request) Needs() []Need {
	if r.Service == "sts" && r.Operation == "GetCallerIdentity" {
		return nil // "No permissions are required to perform this operation", API reference
	}
	var needs []Need
	for _, resource := range r.resources() {
		needs = append(needs, Need{Action: r.Service + ":" + r.action(), Resource: resource, Context: r.context()})
	}
	return append(needs, r.passes()...)
}

func (r Request) resources() []string {
	var found []string
	switch r.Service {
	case "cloudformation":
		found = r.cloudformation()
	case "ecs":
		found = r.ecs()
	case "elasticloadbalancing":
		found = r.balancing()
	case "sts":
		found = r.texts("RoleArn")
	case "ssm":
		for _, name := range append(r.texts("Name"), r.texts("Names")...) {
			name, _, _ = strings.Cut(name, ":") // a version
			found = append(found, r.arn("parameter/"+strings.TrimPrefix(name, "/")))
		}
	case "logs":
		found = r.texts("ResourceArn") // of a group
		for _, group := range append(r.texts("LogGroupName"), r.texts("LogGroupIdentifier")...) {
			group = strings.TrimSuffix(strings.TrimPrefix(group, r.arn("log-group:")), ":*")
			found = append(found, r.arn("log-group:"+group+":log-stream:"+r.text("LogStreamName")))
		}
	case "s3":
		found = r.storage()
	case "ecr":
		for _, name := range r.texts("RepositoryName") {
			found = append(found, r.arn("repository/"+name))
		}
	}
	if len(found) == 0 {
		return []string{"*"}
	}
	return found
}

// action is the operation by the name that IAM has for it.
func (r Request) action() string {
	if r.Service == "s3" {
		switch r.Operation {
		case "HeadObject":
			return "GetObject"
		case "HeadBucket", "ListObjectsV2":
			return "ListBucket"
		case "GetBucketEncryption":
			return "GetEncryptionConfiguration"
		}
	}
	return r.Operation
}

func (r Request) storage() []string {
	resource := "arn:aws:s3:::" + r.text("Bucket")
	if key := r.text("Key"); key != "" {
		resource += "/" + key
	}
	return []string{resource}
}

func (r Request) cloudformation() []string {
	switch r.Operation {
	case "ListExports", "ListImports", "ValidateTemplate", "CreateStackSet", "ListStackSets":
		return nil
	case "GetTemplateSummary":
		if r.text("StackName") == "" {
			return nil
		}
	}
	if set := r.text("StackSetName"); set != "" {
		return []string{r.StackSet(set)}
	}
	name := r.text("StackName")
	if set := r.text("ChangeSetName"); name == "" || strings.HasPrefix(set, "arn:") {
		name = set // its ARN says which stack it is of, whatever stack the request names
	}
	if name == "" {
		return []string{r.arn("stack/*/*")}
	}
	return []string{r.Stack(name)}
}

func (r Request) ecs() []string {
	cluster := last(r.text("Cluster"))
	if cluster == "" {
		cluster = "default"
	}
	in := func(kind string, names []string) []string {
		var arns []string
		for _, name := range names {
			arns = append(arns, r.arn(kind+"/"+cluster+"/"+last(name)))
		}
		return arns
	}
	switch r.Operation {
	case "ListTasks", "ListServices", "ListClusters", "ListTaskDefinitions", "ListTaskDefinitionFamilies",
		"DescribeTaskDefinition", "DeregisterTaskDefinition", "ListAccountSettings", "DescribeCapacityProviders":
		return nil // no resource, or no way to hold the action to one
	case "CreateService":
		return in("service", r.texts("ServiceName"))
	case "UpdateService", "DeleteService", "DescribeServices", "ListServiceDeployments":
		return in("service", append(r.texts("Service"), r.texts("Services")...))
	case "StopTask", "DescribeTasks":
		return in("task", append(r.texts("Task"), r.texts("Tasks")...))
	case "RegisterTaskDefinition":
		return []string{r.arn("task-definition/" + r.text("Family") + ":*")}
	case "RunTask", "DeleteTaskDefinitions":
		var arns []string
		for _, td := range append(r.texts("TaskDefinition"), r.texts("TaskDefinitions")...) {
			if td = last(td); !strings.Contains(td, ":") {
				td += ":*"
			}
			arns = append(arns, r.arn("task-definition/"+td))
		}
		return arns
	case "DescribeServiceDeployments", "StopServiceDeployment", "ContinueServiceDeployment", "DescribeServiceRevisions",
		"TagResource", "UntagResource", "ListTagsForResource":
		return slices.Concat(r.texts("ServiceDeploymentArns"), r.texts("ServiceDeploymentArn"), r.texts("ServiceRevisionArns"), r.texts("ResourceArn"))
	}
	var arns []string // of a cluster
	for _, name := range slices.Concat(r.texts("Cluster"), r.texts("ClusterName"), r.texts("Clusters")) {
		arns = append(arns, r.arn("cluster/"+last(name)))
	}
	return arns
}

func (r Request) balancing() []string {
	switch {
	case strings.HasPrefix(r.Operation, "Describe"):
		return nil
	case r.Operation == "CreateLoadBalancer":
		return []string{r.arn("loadbalancer/app/" + r.text("Name") + "/*")}
	case r.Operation == "CreateTargetGroup":
		return []string{r.arn("targetgroup/" + r.text("Name") + "/*")}
	}
	for _, member := range []string{"RuleArn", "ListenerArn", "LoadBalancerArn", "TargetGroupArn", "ResourceArns"} {
		if arns := r.texts(member); len(arns) > 0 {
			return arns
		}
	}
	return nil
}

// context are the condition keys of the request.
func (r Request) context() map[string]string {
	context := map[string]string{
		"aws:requestedregion": r.Region, "aws:principalaccount": r.Account, "aws:securetransport": "false",
	}
	if r.Service == "cloudformation" {
		for member, key := range map[string]string{"RoleARN": "cloudformation:rolearn", "ChangeSetName": "cloudformation:changesetname"} {
			if v := r.text(member); v != "" {
				context[key] = v
			}
		}
	}
	if cluster := r.text("Cluster"); r.Service == "ecs" && cluster != "" {
		context["ecs:cluster"] = r.arn("cluster/" + last(cluster))
	}
	return context
}

// passes are the roles that a request hands to a service.
func (r Request) passes() []Need {
	to := map[string]string{}
	switch r.Service {
	case "cloudformation":
		to[r.text("RoleARN")] = "cloudformation.amazonaws.com"
		to[r.text("AdministrationRoleARN")] = "cloudformation.amazonaws.com"
	case "ecs":
		switch r.Operation {
		case "RegisterTaskDefinition":
			to[r.text("TaskRoleArn")] = "ecs-tasks.amazonaws.com"
			to[r.text("ExecutionRoleArn")] = "ecs-tasks.amazonaws.com"
		case "CreateService", "UpdateService":
			for _, role := range r.trafficRoles() {
				to[role] = "ecs.amazonaws.com"
			}
		}
	}
	delete(to, "")
	var needs []Need
	for _, role := range slices.Sorted(maps.Keys(to)) {
		context := r.context()
		context["iam:passedtoservice"] = to[role]
		if !strings.HasPrefix(role, "arn:") { // ECS takes a name, too
			role = "arn:aws:iam::" + r.Account + ":role/" + role
		}
		needs = append(needs, Need{Action: "iam:PassRole", Resource: role, Context: context})
	}
	return needs
}

// trafficRoles are the roles with which ECS is to move requests between target groups.
func (r Request) trafficRoles() []string {
	balancers := reflect.Indirect(reflect.ValueOf(r.Input)).FieldByName("LoadBalancers")
	if !balancers.IsValid() {
		return nil
	}
	var roles []string
	for i := range balancers.Len() {
		if shift := reflect.Indirect(balancers.Index(i).FieldByName("AdvancedConfiguration")); shift.IsValid() {
			roles = append(roles, shift.FieldByName("RoleArn").String())
		}
	}
	return roles
}

func (r Request) arn(resource string) string {
	return strings.Join([]string{"arn:aws", r.Service, r.Region, r.Account, resource}, ":")
}

func (r Request) text(member string) string {
	if all := r.texts(member); len(all) > 0 {
		return all[0]
	}
	return ""
}

// texts are the values of a member of the request, without empty ones; none where it
// has no such member.
func (r Request) texts(member string) []string {
	v := reflect.Indirect(reflect.ValueOf(r.Input))
	if v.Kind() != reflect.Struct {
		return nil
	}
	v = reflect.Indirect(v.FieldByName(member))
	var found []string
	switch {
	case !v.IsValid():
	case v.Kind() == reflect.String:
		found = append(found, v.String())
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String:
		for i := range v.Len() {
			found = append(found, v.Index(i).String())
		}
	}
	return slices.DeleteFunc(found, func(s string) bool { return s == "" })
}

// last is the last part of an ARN, or the name.
func last(s string) string { return s[strings.LastIndex(s, "/")+1:] }
