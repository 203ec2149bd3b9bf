package constructs

import (
	"errors"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
)

// FargateTask is the task of a [FargateService] without the service: for what is
// started by a schedule or by hand, and for services that are defined elsewhere.
type FargateTask interface {
	awsconstructs.Construct
	// TaskDefinition can take sidecars and volumes. Of CPU and memory a sidecar
	// says nothing: all that the task has is the container's, and shared with it.
	TaskDefinition() awsecs.FargateTaskDefinition
	// Container is the one that runs the image.
	Container() awsecs.ContainerDefinition
	// LogGroup receives the container's output.
	LogGroup() awslogs.LogGroup
	// TaskRole is what the application may do. It may do nothing until granted.
	TaskRole() awsiam.Role
	// ExecutionRole is what ECS may do to start the task: pull and log.
	ExecutionRole() awsiam.Role
}

// FargateTaskProps configures a [FargateTask]. What is not explained here is what
// the field of the same name in [FargateServiceProps] is, with its default.
type FargateTaskProps struct {
	// ServiceName names the container, the task family and the log streams:
	// letters, digits, - and _. Required.
	ServiceName *string

	// ImageUrl is the image to run, by tag or by digest. It feeds the
	// container's image and nothing else. Required.
	ImageUrl *string

	// Repository is the one ECR repository that the image may be pulled from.
	// A repository of another account has to be given here.
	//
	// Default: every repository of the stack's account and region. Public images
	// need no permission.
	Repository awsecr.IRepository

	// ContainerPort is the TCP port that the application listens on.
	//
	// Default: 80.
	ContainerPort *float64

	// ContainerCpu is the CPU of the task, 1024 for one vCPU; see
	// [FargateServiceProps].
	//
	// Default: 256.
	ContainerCpu *float64

	// ContainerMemory is the memory of the task in MiB. Fargate takes certain
	// pairs of CPU and memory only.
	//
	// Default: 512.
	ContainerMemory *float64

	// Architecture is the processor that the image is built for.
	//
	// Default: ArchitectureX86.
	Architecture Architecture

	// Environment is what the container finds in its environment.
	//
	// Default: nothing but what ECS adds.
	Environment *map[string]*string

	// Secrets are environment variables that ECS fills in when a task starts.
	//
	// Default: none.
	Secrets *map[string]awsecs.Secret

	// TaskPolicyStatements are what the application may do from its first task on.
	//
	// Default: nothing.
	TaskPolicyStatements []awsiam.PolicyStatement

	// ContainerHealthCheck is a command in the container whose failure makes the
	// task unhealthy.
	//
	// Default: none.
	ContainerHealthCheck *ContainerHealthCheck

	// ReadonlyRootFilesystem keeps the container from writing but to volumes.
	//
	// Default: false.
	ReadonlyRootFilesystem *bool

	// StopTimeoutSeconds is the time from SIGTERM to SIGKILL, 2 to 120 seconds.
	//
	// Default: 60.
	StopTimeoutSeconds *float64

	// LogRetention is how long the log group keeps its events.
	//
	// Default: one month.
	LogRetention awslogs.RetentionDays

	// LogDatetimeFormat is how a log event begins.
	//
	// Default: each line is an event.
	LogDatetimeFormat *string

	// LogMultilinePattern is a regular expression for how a log event begins.
	//
	// Default: each line is an event.
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

// NewFargateTask defines a task. It panics when props cannot work.
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
