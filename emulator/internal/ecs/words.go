package ecs

// ownWords are the members without which a request is refused in the words of ECS
// ("Tasks cannot be empty.") by the operation itself, instead of in those that all of
// AWS's services have for a missing member.
func ownWords() []string {
	return []string{
		"CreateService.serviceName",
		"DescribeServiceDeployments.serviceDeploymentArns",
		"DescribeServiceRevisions.serviceRevisionArns",
		"DescribeTasks.tasks",
		"RegisterTaskDefinition.containerDefinitions",
		"RegisterTaskDefinition.family",
	}
}
