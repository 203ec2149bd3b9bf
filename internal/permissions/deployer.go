package permissions

import "slices"

// Deployer is what deploying an image to the stacks, looking at them and
// cancelling a rollout of them takes.
func Deployer(s Scope) []Statement {
	statements := []Statement{
		{
			Sid: "ReadStacks",
			Actions: []string{
				"cloudformation:DescribeChangeSet",
				"cloudformation:DescribeStackEvents",
				"cloudformation:DescribeStacks",
				"cloudformation:GetTemplate",
				"cloudformation:ListStackResources",
			},
			Resources: s.stacks(),
		},
		{
			Sid:       "MakeChangeSets",
			Actions:   []string{"cloudformation:CreateChangeSet"},
			Resources: s.stacks(),
			// A change set names this service role or none, in which case
			// CloudFormation works with the one that the stack has. IAM knows the key
			// only where a role is named.
			Conditions: map[string]map[string][]string{"ArnEqualsIfExists": {"cloudformation:RoleArn": {s.ServiceRole}}},
		},
		{
			Sid: "RollOut",
			Actions: []string{
				"cloudformation:CancelUpdateStack",
				"cloudformation:DeleteChangeSet",
				"cloudformation:ExecuteChangeSet",
			},
			Resources: s.stacks(),
		},
		{
			Sid:        "PassServiceRole",
			Actions:    []string{"iam:PassRole"},
			Resources:  []string{s.ServiceRole},
			Conditions: equals("iam:PassedToService", "cloudformation.amazonaws.com"),
		},
		{
			Sid: "ReadServices",
			Actions: []string{
				"ecs:DescribeServiceRevisions",
				"ecs:DescribeServices",
				"ecs:ListServiceDeployments",
			},
			Resources: slices.Concat(s.services(), s.partsOfServices("service-revision")),
		},
		{
			// A task's ARN has its cluster, not its service.
			Sid:       "ReadTasks",
			Actions:   []string{"ecs:DescribeTasks"},
			Resources: []string{s.arn("ecs", "task/"+s.Cluster+"/*")},
		},
		{
			Sid:        "ListTasks",
			Why:        "a list by service is asked of the cluster, which only the condition can name",
			Actions:    []string{"ecs:ListTasks"},
			Resources:  []string{Any},
			Conditions: map[string]map[string][]string{"ArnLike": {"ecs:cluster": {s.arn("ecs", "cluster/"+s.Cluster)}}},
		},
		{
			Sid:       "ReadTaskDefinitions",
			Why:       "the action cannot be held to a task definition; it reads what the containers are to be",
			Actions:   []string{"ecs:DescribeTaskDefinition"},
			Resources: []string{Any},
		},
		{
			Sid: "ReadTargets",
			Why: "the actions cannot be held to a target group; they read settings, addresses and health",
			Actions: []string{
				"elasticloadbalancing:DescribeTargetGroupAttributes",
				"elasticloadbalancing:DescribeTargetGroups",
				"elasticloadbalancing:DescribeTargetHealth",
			},
			Resources: []string{Any},
		},
	}
	if len(s.TrafficRoles) > 0 {
		statements = append(statements, Statement{
			Sid:       "FollowTraffic",
			Actions:   []string{"ecs:ContinueServiceDeployment", "ecs:DescribeServiceDeployments"},
			Resources: s.partsOfServices("service-deployment"),
		})
	}
	if len(s.LogGroups) > 0 {
		statements = append(statements, Statement{
			Sid:       "ReadLogs",
			Actions:   []string{"logs:GetLogEvents"},
			Resources: s.logStreams(),
		})
	}
	if len(s.Repositories) > 0 {
		statements = append(statements, readImages(s)...)
	}
	return statements
}

// readImages is what finding out the digest and the platform of an image in ECR takes: to
// log in to its registry, and to read manifests and configurations there.
func readImages(s Scope) []Statement {
	return []Statement{
		{
			Sid:       "LogInToRegistry",
			Why:       "the action cannot be held to a repository; what may be read is up to the other actions",
			Actions:   []string{"ecr:GetAuthorizationToken"},
			Resources: []string{Any},
		},
		{
			Sid:       "ReadImages",
			Actions:   []string{"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
			Resources: s.repositories(),
		},
	}
}
