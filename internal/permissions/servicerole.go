package permissions

import "slices"

// ServiceRole is what CloudFormation does when the only change is an image: a
// new revision of the task definition, and the service that moves to it, or back.
func ServiceRole(s Scope) []Statement {
	statements := []Statement{
		{
			Sid: "RegisterTaskDefinitions",
			// A task definition is registered with the stack's tags.
			Actions:   []string{"ecs:ListTagsForResource", "ecs:RegisterTaskDefinition", "ecs:TagResource"},
			Resources: s.taskDefinitions(),
		},
		{
			Sid:       "ReplaceTaskDefinitions",
			Why:       "neither action can be held to a task definition; a revision is deregistered when its rollout is undone, and what runs goes on running",
			Actions:   []string{"ecs:DeregisterTaskDefinition", "ecs:DescribeTaskDefinition"},
			Resources: []string{Any},
		},
		{
			Sid: "UpdateServices",
			Actions: []string{
				"ecs:DescribeServiceDeployments",
				"ecs:DescribeServices",
				"ecs:ListServiceDeployments",
				"ecs:ListTagsForResource",
				"ecs:StopServiceDeployment",
				"ecs:UpdateService",
			},
			Resources: slices.Concat(s.services(), s.partsOfServices("service-deployment")),
		},
		{
			Sid:       "ReadTaskRoles",
			Actions:   []string{"iam:GetRole"},
			Resources: each(s.TaskRoles, s.role),
		},
		passRoles("PassTaskRoles", each(s.TaskRoles, s.role), "ecs-tasks.amazonaws.com"),
	}
	if len(s.TrafficRoles) > 0 {
		statements = append(statements, passRoles("PassTrafficRoles", each(s.TrafficRoles, s.role), "ecs.amazonaws.com"))
	}
	if len(s.Parameters) > 0 {
		// An update resolves them again, also those of resources that stay as they are.
		statements = append(statements, Statement{
			Sid: "ReadParameters", Actions: []string{"ssm:GetParameters"}, Resources: s.parameters(),
		})
	}
	return statements
}

func passRoles(sid string, roles []string, to string) Statement {
	return Statement{
		Sid: sid, Actions: []string{"iam:PassRole"}, Resources: roles,
		Conditions: equals("iam:PassedToService", to),
	}
}
