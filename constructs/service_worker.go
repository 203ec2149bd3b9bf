package constructs

import (
	"errors"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
)

// FargateWorker runs a container on Fargate that nobody connects to: it takes
// its work from a queue, a stream or a clock. It is deployed as a
// [FargateService] is, but has no port, no target group and no listener rule.
type FargateWorker interface {
	awsconstructs.Construct
	// Service is the ECS service.
	Service() awsecs.FargateService
	// TaskDefinition can take sidecars and volumes. Of CPU and memory a sidecar
	// says nothing: all that the task has is the container's, and shared with it.
	TaskDefinition() awsecs.FargateTaskDefinition
	// Container is the one that does the work.
	Container() awsecs.ContainerDefinition
	// LogGroup receives the container's output.
	LogGroup() awslogs.LogGroup
	// TaskRole is what the application may do. It may do nothing until granted.
	TaskRole() awsiam.Role
	// ExecutionRole is what ECS may do to start the tasks: pull and log.
	ExecutionRole() awsiam.Role
	// SecurityGroup admits nobody.
	SecurityGroup() awsec2.SecurityGroup
	// Scaling takes further policies, such as one by the length of a queue; nil
	// without Autoscaling.
	Scaling() awsecs.ScalableTaskCount
}

// FargateWorkerProps configures a [FargateWorker]. What is not explained here is
// what the field of the same name in [FargateServiceProps] is, with its default.
type FargateWorkerProps struct {
	// Network is where the worker runs. Required. Its load balancer is not used.
	Network INetwork

	// ServiceName names the container, the task family and the log streams. Required.
	ServiceName *string

	// ImageUrl is the image to run, by tag or by digest. Required.
	ImageUrl *string

	// Repository is the one ECR repository that the image may be pulled from.
	//
	// Default: every repository of the stack's account and region.
	Repository awsecr.IRepository

	// ContainerCpu is the CPU of a task, 1024 for one vCPU.
	//
	// Default: 256.
	ContainerCpu *float64

	// ContainerMemory is the memory of a task in MiB.
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

	// ContainerHealthCheck is a command in the container whose failure replaces
	// the task. Without one, a task that runs for 40 seconds counts as healthy in
	// a deployment.
	//
	// Default: none.
	ContainerHealthCheck *ContainerHealthCheck

	// ReadonlyRootFilesystem keeps the container from writing but to volumes.
	//
	// Default: false.
	ReadonlyRootFilesystem *bool

	// ExecuteCommand lets people open a shell in a task (ECS Exec).
	//
	// Default: false.
	ExecuteCommand *bool

	// DesiredCount is the number of tasks.
	//
	// Default: 2.
	DesiredCount *float64

	// Autoscaling has the number of tasks follow the load. RequestsPerTarget
	// cannot be given: a worker has no requests.
	//
	// Default: none, the count is DesiredCount.
	Autoscaling *Autoscaling

	// Spot runs a part of the tasks on Fargate Spot.
	//
	// Default: none, every task is on demand.
	Spot *Spot

	// ServiceConnect lets the worker call services of a namespace by name. It has
	// no DnsName itself, as it has no port.
	//
	// Default: off.
	ServiceConnect *ServiceConnect

	// AccessTo is what the tasks may connect to.
	//
	// Default: nothing that does not let everybody in.
	AccessTo []Access

	// StopTimeoutSeconds is the time from SIGTERM to SIGKILL, 2 to 120 seconds:
	// at least what a piece of work takes.
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
func (p *FargateWorkerProps) Validate() error {
	if p == nil {
		return required("props", true)
	}
	errs := []error{p.asService().Validate()}
	if p.Autoscaling != nil && p.Autoscaling.RequestsPerTarget != nil {
		errs = append(errs, errors.New("Autoscaling.RequestsPerTarget is set, allowed is nil: a worker has no requests"))
	}
	if p.ServiceConnect != nil && p.ServiceConnect.DnsName != nil {
		errs = append(errs, errors.New("ServiceConnect.DnsName is set, allowed is nil: a worker has no port"))
	}
	return errors.Join(errs...)
}

// asService is what a service with these tasks would be configured with.
func (p *FargateWorkerProps) asService() *FargateServiceProps {
	return &FargateServiceProps{
		Network:                p.Network,
		ServiceName:            p.ServiceName,
		ImageUrl:               p.ImageUrl,
		Repository:             p.Repository,
		ContainerCpu:           p.ContainerCpu,
		ContainerMemory:        p.ContainerMemory,
		Architecture:           p.Architecture,
		Environment:            p.Environment,
		Secrets:                p.Secrets,
		TaskPolicyStatements:   p.TaskPolicyStatements,
		ContainerHealthCheck:   p.ContainerHealthCheck,
		ReadonlyRootFilesystem: p.ReadonlyRootFilesystem,
		ExecuteCommand:         p.ExecuteCommand,
		DesiredCount:           p.DesiredCount,
		Autoscaling:            p.Autoscaling,
		Spot:                   p.Spot,
		ServiceConnect:         p.ServiceConnect,
		AccessTo:               p.AccessTo,
		StopTimeoutSeconds:     p.StopTimeoutSeconds,
		LogRetention:           p.LogRetention,
		LogDatetimeFormat:      p.LogDatetimeFormat,
		LogMultilinePattern:    p.LogMultilinePattern,
	}
}

// NewFargateWorker defines a worker. It panics when props cannot work.
func NewFargateWorker(scope awsconstructs.Construct, id *string, props *FargateWorkerProps) FargateWorker {
	mustBeValid(scope, id, props.Validate())
	p := props.asService().withDefaults()
	p.ContainerPort = nil
	// A service that is attached to nothing; FargateWorker shows what it has.
	s := &fargateService{}
	awsconstructs.NewConstruct_Override(s, scope, id)
	s.defineTask(p)
	s.defineService(p)
	s.scaling = s.autoscale(p.Autoscaling)
	s.allowAccess(p.AccessTo)
	return s
}
