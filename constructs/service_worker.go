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
// its work from a queue, from a stream or by the clock. It is deployed like a
// [FargateService], but has no port, no target group and no listener rule.
type FargateWorker interface {
	awsconstructs.Construct
	// Service is the ECS service.
	Service() awsecs.FargateService
	// TaskDefinition is where sidecars and volumes can be added. Give a sidecar
	// neither CPU nor memory; see [FargateService.TaskDefinition].
	TaskDefinition() awsecs.FargateTaskDefinition
	// Container runs ImageUrl.
	Container() awsecs.ContainerDefinition
	// LogGroup receives what the container writes to its standard output and
	// error.
	LogGroup() awslogs.LogGroup
	// TaskRole is the role of the application. It has the permissions in
	// TaskPolicyStatements, that of ExecuteCommand, and those that are granted
	// to it.
	TaskRole() awsiam.Role
	// ExecutionRole is the role with which ECS starts tasks: it may pull
	// images, write to LogGroup() and read Secrets.
	ExecutionRole() awsiam.Role
	// SecurityGroup is that of the tasks. It lets nobody in.
	SecurityGroup() awsec2.SecurityGroup
	// Scaling is where further scaling policies can be added, such as one on
	// the length of a queue; nil without Autoscaling.
	Scaling() awsecs.ScalableTaskCount
}

// FargateWorkerProps configures a [FargateWorker]. Fields mean the same as
// those of [FargateServiceProps], where each is documented in full.
type FargateWorkerProps struct {
	// Network is the network that the worker runs in; its load balancer is not
	// used. Required.
	Network INetwork

	// ServiceName is the name of the container and of the task family, and the
	// prefix of the log streams: 1 to 255 letters, digits, - and _, a letter or
	// digit first. Required.
	ServiceName *string

	// ImageUrl is the image to run, by tag or by digest. Required.
	ImageUrl *string

	// Repository is the only ECR repository that images may be pulled from. It
	// is required for a repository of another account or region.
	//
	// Default: all ECR repositories of the stack's account and region. Public
	// images need no permission.
	Repository awsecr.IRepository

	// ContainerCpu is the CPU of a task in CPU units, 1024 of which are one
	// vCPU: 256, 512, 1024, 2048, 4096, 8192 or 16384.
	//
	// Default: 256.
	ContainerCpu *float64

	// ContainerMemory is the memory of a task in MiB. For each CPU size,
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
	// Manager or from Systems Manager parameters when it starts a task.
	//
	// Default: none.
	Secrets *map[string]awsecs.Secret

	// TaskPolicyStatements are permissions of the application.
	//
	// Default: none.
	TaskPolicyStatements []awsiam.PolicyStatement

	// ContainerHealthCheck is a command that ECS runs in the container. ECS
	// replaces a task that fails it. Without one, a deployment counts a task as
	// healthy when it has run for 40 seconds:
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
	//
	// Default: none.
	ContainerHealthCheck *ContainerHealthCheck

	// ReadonlyRootFilesystem lets the container write only to volumes. It
	// cannot be given with ExecuteCommand.
	//
	// Default: false.
	ReadonlyRootFilesystem *bool

	// ExecuteCommand lets people with the permission ecs:ExecuteCommand open a
	// shell in a task (ECS Exec).
	//
	// Default: false.
	ExecuteCommand *bool

	// DesiredCount is the number of tasks. It cannot be given with Autoscaling.
	//
	// Default: 2.
	DesiredCount *float64

	// Autoscaling makes the number of tasks follow the load. RequestsPerTarget
	// cannot be given: a worker gets no requests.
	//
	// Default: none, the number of tasks is DesiredCount.
	Autoscaling *Autoscaling

	// Spot runs a part of the tasks on Fargate Spot.
	//
	// Default: none, all tasks are on demand.
	Spot *Spot

	// ServiceConnect lets the worker call the services of a Cloud Map namespace
	// by name. DnsName and Port cannot be given: nobody calls a worker.
	//
	// Default: none.
	ServiceConnect *ServiceConnect

	// AccessTo are the databases and services whose security groups have to let
	// the tasks in; see [Access].
	//
	// Default: none. The tasks reach only what lets them in already.
	AccessTo []Access

	// StopTimeoutSeconds is the time from SIGTERM to SIGKILL when a task is
	// stopped, 2 to 120 seconds. It should cover the longest piece of work.
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

// NewFargateWorker defines a worker. It panics when
// [FargateWorkerProps.Validate] returns an error.
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
