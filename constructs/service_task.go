package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

func newTaskDefinition(s *fargateService, p *FargateServiceProps) (awsecs.FargateTaskDefinition, awsecs.ContainerDefinition) {
	task := awsecs.NewFargateTaskDefinition(s, jsii.String("TaskDefinition"), &awsecs.FargateTaskDefinitionProps{
		Family:         p.ServiceName,
		Cpu:            p.ContainerCpu,
		MemoryLimitMiB: p.ContainerMemory,
		ExecutionRole:  s.executionRole,
		TaskRole:       s.taskRole,
		// Linux, as everything here is: Fargate has no Windows on ARM64.
		RuntimePlatform: p.Architecture.runtimePlatform(),
	})
	container := task.AddContainer(jsii.String("Container"), &awsecs.ContainerDefinitionOptions{
		ContainerName:  p.ServiceName,
		Image:          awsecs.ContainerImage_FromRegistry(p.ImageUrl, nil),
		Cpu:            p.ContainerCpu,
		MemoryLimitMiB: p.ContainerMemory,
		StopTimeout:    awscdk.Duration_Seconds(p.StopTimeoutSeconds),
		PortMappings:   portMappings(p),
		HealthCheck:    p.ContainerHealthCheck.render(),

		ReadonlyRootFilesystem: p.ReadonlyRootFilesystem,
		// The generic driver, because the awslogs one grants the execution role
		// in a policy that tasks might start before; ours is part of the role.
		Logging: awsecs.NewGenericLogDriver(&awsecs.GenericLogDriverProps{
			LogDriver: jsii.String("awslogs"),
			Options:   logOptions(s, p),
		}),
	})
	addEnvironment(container, p)

	// Each rollout replaces the task definition. Deregistering the old one would
	// leave nothing to roll back to.
	options := task.Node().DefaultChild().(awsecs.CfnTaskDefinition).CfnOptions()
	options.SetUpdateReplacePolicy(awscdk.CfnDeletionPolicy_RETAIN)
	options.SetDeletionPolicy(awscdk.CfnDeletionPolicy_DELETE)
	return task, container
}

// newTaskRole has its first permissions inline, so that no task starts without.
func newTaskRole(s *fargateService, statements ...awsiam.PolicyStatement) awsiam.Role {
	props := &awsiam.RoleProps{AssumedBy: ecsTasks()}
	if len(statements) > 0 {
		props.InlinePolicies = &map[string]awsiam.PolicyDocument{"task": policyDocument(statements...)}
	}
	return awsiam.NewRole(s, jsii.String("TaskRole"), props)
}

// newExecutionRole may pull images and write to the service's own log group.
// The permissions are inline: a role with them exists before any task starts.
//
// What it may pull does not follow from the image: the image is a parameter
// that changes with each rollout, and a rollout should change no permission.
func newExecutionRole(s *fargateService, repository awsecr.IRepository, logGroup awslogs.LogGroup) awsiam.Role {
	var repositoryARN *string
	if repository != nil {
		repositoryARN = repository.RepositoryArn()
	} else {
		repositoryARN = awscdk.Stack_Of(s).FormatArn(&awscdk.ArnComponents{
			Service:      jsii.String("ecr"),
			Region:       awscdk.Aws_REGION(),
			Account:      awscdk.Aws_ACCOUNT_ID(),
			Resource:     jsii.String("repository"),
			ResourceName: jsii.String("*"),
		})
	}
	allow := func(resource *string, actions ...string) awsiam.PolicyStatement {
		return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions:   jsii.Strings(actions...),
			Resources: &[]*string{resource},
		})
	}
	return awsiam.NewRole(s, jsii.String("ExecutionRole"), &awsiam.RoleProps{
		AssumedBy: ecsTasks(),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"pull": policyDocument(
				// The login has no resource of its own.
				allow(jsii.String("*"), "ecr:GetAuthorizationToken"),
				allow(repositoryARN, "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
			),
			"log": policyDocument(
				allow(logGroup.LogGroupArn(), "logs:CreateLogStream", "logs:PutLogEvents"),
			),
		},
	})
}

func policyDocument(statements ...awsiam.PolicyStatement) awsiam.PolicyDocument {
	return awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{
		Minimize:   jsii.Bool(false), // a feature flag decides otherwise
		Statements: &statements,
	})
}

func ecsTasks() awsiam.ServicePrincipal {
	return awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil)
}
