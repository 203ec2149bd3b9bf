package constructs

import (
	"errors"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
)

// FargateTask is the task definition of a [FargateService] without the service,
// with its roles and its log group: for tasks that are started on a schedule or
// by hand, and for services that are defined elsewhere.
type FargateTask interface {
	awsconstructs.Construct
	// TaskDefinition is where sidecars and volumes can be added. Give a sidecar
	// neither CPU nor memory; see [FargateService.TaskDefinition].
	TaskDefinition() awsecs.FargateTaskDefinition
	// Container runs ImageUrl.
	Container() awsecs.ContainerDefinition
	// LogGroup receives what the container writes to its standard output and
	// error.
	LogGroup() awslogs.LogGroup
	// TaskRole is the role of the application. It has the permissions in
	// TaskPolicyStatements and those that are granted to it.
	TaskRole() awsiam.Role
	// ExecutionRole is the role with which ECS starts the task: it may pull
	// images, write to LogGroup() and read Secrets.
	ExecutionRole() awsiam.Role
}

// FargateTaskProps configures a [FargateTask]. Fields mean the same as those of
// [FargateServiceProps], where each is documented in full.
type FargateTaskProps struct {
	// ServiceName is the name of the container and of the task family, and the
	// prefix of the log streams: 1 to 255 letters, digits, - and _, a letter or
	// digit first. Required.
	ServiceName *string

	// ImageUrl is the image to run, by tag or by digest. Nothing in the
	// template but the image of the container depends on it. Required.
	ImageUrl *string

	// Repository is the only ECR repository that images may be pulled from. It
	// is required for a repository of another account or region.
	//
	// Default: all ECR repositories of the stack's account and region. Public
	// images need no permission.
	Repository awsecr.IRepository

	// ContainerPort is the TCP port that the application listens on, 1 to
	// 65535.
	//
	// Default: 80.
	ContainerPort *float64

	// ContainerCpu is the CPU of the task in CPU units, 1024 of which are one
	// vCPU: 256, 512, 1024, 2048, 4096, 8192 or 16384.
	//
	// Default: 256.
	ContainerCpu *float64

	// ContainerMemory is the memory of the task in MiB. For each CPU size,
	// Fargate has certain memory sizes; see
	// [FargateServiceProps.ContainerMemory].
	//
	// Default: 512.
	ContainerMemory *float64

	// Architecture is the CPU architecture that the image is built for.
	//
	// Default: [ArchitectureX86].
	Architecture Architecture

	// Environment are environment variables of the container, no secrets among
	// them.
	//
	// Default: none but those that ECS sets.
	Environment *map[string]*string

	// Secrets are environment variables whose values ECS reads from Secrets
	// Manager or from Systems Manager parameters when it starts the task.
	//
	// Default: none.
	Secrets *map[string]awsecs.Secret

	// TaskPolicyStatements are permissions of the application.
	//
	// Default: none.
	TaskPolicyStatements []awsiam.PolicyStatement

	// ContainerHealthCheck is a command that ECS runs in the container to find
	// out whether the task is healthy.
	//
	// Default: none.
	ContainerHealthCheck *ContainerHealthCheck

	// ReadonlyRootFilesystem lets the container write only to volumes.
	//
	// Default: false.
	ReadonlyRootFilesystem *bool

	// StopTimeoutSeconds is the time from SIGTERM to SIGKILL, 2 to 120 seconds.
	//
	// Default: 60.
	StopTimeoutSeconds *float64

	// LogRetention is how long CloudWatch Logs keeps the log events. The log
	// group stays when the stack is deleted.
	//
	// Default: awslogs.RetentionDays_ONE_MONTH, 30 days.
	LogRetention awslogs.RetentionDays

	// LogDatetimeFormat is the date format by which the first line of a log
	// event is recognized.
	//
	// Default: none, each line is an event.
	LogDatetimeFormat *string

	// LogMultilinePattern is a regular expression that the first line of a log
	// event matches.
	//
	// Default: none, each line is an event.
	LogMultilinePattern *string
}

// Validate reports every prop that cannot work, joined into one error.
func (p *FargateTaskProps) Validate() error {
	if p == nil {
		return required("props", true)
	}
	return errors.Join(
		required("ServiceName", p.ServiceName == nil),
		required("ImageUrl", p.ImageUrl == nil),
		checkString("ServiceName", p.ServiceName, serviceName, "1 to 255 letters, digits, - and _"),
		checkImage(p.ImageUrl),
		checkNumber("ContainerPort", p.ContainerPort, 1, 65535),
		checkSize(p.ContainerCpu, p.ContainerMemory),
		checkNumber("StopTimeoutSeconds", p.StopTimeoutSeconds, 2, 120),
		p.asService().checkContainer(),
	)
}

// asService is what a service with this task would be configured with.
func (p *FargateTaskProps) asService() *FargateServiceProps {
	return &FargateServiceProps{
		ServiceName:            p.ServiceName,
		ImageUrl:               p.ImageUrl,
		Repository:             p.Repository,
		ContainerPort:          p.ContainerPort,
		ContainerCpu:           p.ContainerCpu,
		ContainerMemory:        p.ContainerMemory,
		Architecture:           p.Architecture,
		Environment:            p.Environment,
		Secrets:                p.Secrets,
		TaskPolicyStatements:   p.TaskPolicyStatements,
		ContainerHealthCheck:   p.ContainerHealthCheck,
		ReadonlyRootFilesystem: p.ReadonlyRootFilesystem,
		StopTimeoutSeconds:     p.StopTimeoutSeconds,
		LogRetention:           p.LogRetention,
		LogDatetimeFormat:      p.LogDatetimeFormat,
		LogMultilinePattern:    p.LogMultilinePattern,
	}
}

// NewFargateTask defines a task definition. It panics when
// [FargateTaskProps.Validate] returns an error.
func NewFargateTask(scope awsconstructs.Construct, id *string, props *FargateTaskProps) FargateTask {
	mustBeValid(scope, id, props.Validate())
	p := props.asService().withDefaults()
	// The task of a service and this one must not differ, so it is made as one
	// that gets no service; FargateTask shows the members that it has.
	s := &fargateService{}
	awsconstructs.NewConstruct_Override(s, scope, id)
	s.defineTask(p)
	return s
}
