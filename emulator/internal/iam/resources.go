package iam

import "strings"

// Resource is what CloudFormation is about to do with a resource.
type Resource struct {
	Type, Action    string // "AWS::ECS::Service"; CREATE, UPDATE or DELETE
	PhysicalID      string // empty before the creation
	GeneratedName   string // what CloudFormation begins a name with that the template does not say
	Properties      map[string]any
	Region, Account string
}

// ResourceNeeds are the permissions that CloudFormation needs for it: the call that
// makes, changes or removes the resource, and iam:PassRole. Reading it afterwards and
// tagging it, for which AWS's handlers ask as well, is taken for granted. None, where
// the type does nothing in the embedded AWS.
func ResourceNeeds(r Resource) []Need {
	parts := strings.Split(r.Type, "::") // AWS::ECS::Service
	if len(parts) != 3 {
		return nil
	}
	kind, service := parts[2], ""
	switch parts[1] {
	case "ECS":
		service = "ecs"
	case "ElasticLoadBalancingV2":
		service = "elasticloadbalancing"
	default:
		return nil
	}
	request := Request{Service: service, Region: r.Region, Account: r.Account}
	request.Operation = map[string]string{"CREATE": "Create", "UPDATE": "Update", "DELETE": "Delete"}[r.Action] + kind
	text := func(property string) string { s, _ := r.Properties[property].(string); return s }
	input := struct {
		Cluster, ClusterName, Service, ServiceName, Family, TaskRoleArn, ExecutionRoleArn, Name, RuleArn string

		LoadBalancers []loadBalancer
	}{
		Cluster: text("Cluster"), Family: text("Family"), TaskRoleArn: text("TaskRoleArn"), ExecutionRoleArn: text("ExecutionRoleArn"),
	}
	switch kind {
	case "Cluster":
		if input.ClusterName = r.PhysicalID; r.Action == "CREATE" {
			input.ClusterName = r.name("ClusterName")
		}
	case "Service":
		if input.Service = r.PhysicalID; r.Action == "CREATE" {
			input.Service, input.ServiceName = "", r.name("ServiceName")
		}
		input.LoadBalancers = r.loadBalancers()
	case "TaskDefinition":
		switch input.Family = r.name("Family"); r.Action {
		case "CREATE":
			request.Operation = "RegisterTaskDefinition"
		case "UPDATE":
			return []Need{{Action: "ecs:TagResource", Resource: r.PhysicalID, Context: request.context()}}
		default:
			request.Operation = "DeregisterTaskDefinition"
		}
	default: // of load balancers
		if kind == "ListenerRule" {
			request.Operation = strings.Replace(request.Operation, kind, "Rule", 1)
		}
		request.Operation = strings.Replace(request.Operation, "Update", "Modify", 1)
		if kind == "LoadBalancer" && r.Action == "UPDATE" {
			request.Operation = "ModifyLoadBalancerAttributes"
		}
		if input.RuleArn = r.PhysicalID; input.RuleArn == "" {
			input.RuleArn = text("ListenerArn") + text("LoadBalancerArn")
			input.Name = r.name("Name")
		}
	}
	request.Input = &input
	return request.Needs()
}

// name is what the property says, or the pattern of the name that CloudFormation makes.
func (r Resource) name(property string) string {
	if name, _ := r.Properties[property].(string); name != "" {
		return name
	}
	return r.GeneratedName + "-*"
}

// loadBalancer is what IAM looks at in a load balancer of an ECS service.
type loadBalancer struct{ AdvancedConfiguration struct{ RoleArn string } }

func (r Resource) loadBalancers() []loadBalancer {
	listed, _ := r.Properties["LoadBalancers"].([]any)
	all := make([]loadBalancer, len(listed))
	for i, entry := range listed {
		members, _ := entry.(map[string]any)
		shift, _ := members["AdvancedConfiguration"].(map[string]any)
		all[i].AdvancedConfiguration.RoleArn, _ = shift["RoleArn"].(string)
	}
	return all
}
