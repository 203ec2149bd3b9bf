package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
)

// FargateServiceProps configures a [FargateService].
type FargateServiceProps struct {
	// Network is where the service runs. Required.
	Network INetwork

	// ServiceName names the container, the task family and the log streams:
	// letters, digits, - and _. Required.
	ServiceName *string

	// ImageUrl is the image to run, by tag or by digest. It feeds the
	// container's image and nothing else, so that changing it is a rollout and
	// nothing else. Required.
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

	// ContainerCpu is the CPU of a task, 1024 for one vCPU: 256, 512, 1024, 2048,
	// 4096, 8192 or 16384.
	//
	// Default: 256.
	ContainerCpu *float64

	// ContainerMemory is the memory of a task in MiB. Fargate takes certain
	// pairs of CPU and memory only.
	//
	// Default: 512.
	ContainerMemory *float64

	// Architecture is the processor that the image is built for. Fargate on ARM64
	// costs a fifth less; an image for the other processor does not start.
	//
	// Default: ArchitectureX86.
	Architecture Architecture

	// Environment is what the container finds in its environment. It is readable
	// by everybody who may look at a task definition: a reference that
	// CloudFormation would resolve to a secret ({{resolve:...}}) is refused.
	//
	// Default: nothing but what ECS adds.
	Environment *map[string]*string

	// Secrets are environment variables that ECS fills in when a task starts,
	// from Secrets Manager or from a parameter of Systems Manager. Template and
	// task definition have the reference only. The execution role may read them.
	//
	// Default: none.
	Secrets *map[string]awsecs.Secret

	// TaskPolicyStatements are what the application may do from its first task
	// on. Anything else can be granted to TaskRole().
	//
	// Default: nothing.
	TaskPolicyStatements []awsiam.PolicyStatement

	// ContainerHealthCheck is a command in the container whose failure replaces
	// the task, also where no load balancer asks.
	//
	// Default: none, the load balancer's check decides.
	ContainerHealthCheck *ContainerHealthCheck

	// ReadonlyRootFilesystem keeps the container from writing anywhere but to
	// the volumes that are added to TaskDefinition(). ECS Exec needs to write.
	//
	// Default: false.
	ReadonlyRootFilesystem *bool

	// ExecuteCommand lets people with ecs:ExecuteCommand open a shell in a task
	// (ECS Exec). It grants the task role the channel for it.
	//
	// Default: false.
	ExecuteCommand *bool

	// DesiredCount is the number of tasks; two or more for zero downtime. With
	// Autoscaling it cannot be given: each deployment would reset the count.
	//
	// Default: 2.
	DesiredCount *float64

	// Autoscaling has the number of tasks follow the load. The service says no
	// count of its own then, so that a deployment leaves the scaled one alone.
	//
	// Default: none, the count is DesiredCount.
	Autoscaling *Autoscaling

	// Spot runs a part of the tasks on Fargate Spot, for about a third of the
	// price: AWS may stop those, with two minutes' notice. The network has to
	// have FargateSpot. Turning it on or off replaces a service that runs, since
	// CloudFormation can change its launch type in no other way.
	//
	// Default: none, every task is on demand.
	Spot *Spot

	// ServiceConnect lets services of a namespace call each other by name.
	//
	// Default: off.
	ServiceConnect *ServiceConnect

	// Path is the pattern of request paths that the service answers: at most
	// 128 characters, * and ? match.
	//
	// Default: *, every path.
	Path *string

	// Paths are several such patterns, in place of Path. A rule takes five
	// values at most, paths and hosts together.
	//
	// Default: Path.
	Paths *[]*string

	// Hosts are the names that the service answers to, such as
	// api.example.com or *.example.com. Both a path and a host have to match.
	//
	// Default: every name.
	Hosts *[]*string

	// Priority decides which rule of the listener is tried first, 1 to 50000.
	// Each service on a network needs its own.
	//
	// Default: 1.
	Priority *float64

	// HealthCheckPath is what the load balancer asks each task for; 200 is healthy.
	//
	// Default: /health.
	HealthCheckPath *string

	// HealthCheckIntervalSeconds is the time between two checks, 6 to 300
	// seconds: it has to exceed the timeout of 5.
	//
	// Default: 10.
	HealthCheckIntervalSeconds *float64

	// HealthCheckGracePeriodSeconds is how long ECS ignores the failed checks of
	// a new task: at least the application's start-up time.
	//
	// Default: 60.
	HealthCheckGracePeriodSeconds *float64

	// DeregistrationDelaySeconds is how long a leaving task may finish its
	// requests, 0 to 3600 seconds: at least the longest of them.
	//
	// Default: 30.
	DeregistrationDelaySeconds *float64

	// StickinessSeconds is how long a client stays with the task that answered it
	// first, by a cookie of the load balancer: 1 to 604800 seconds.
	//
	// Default: off, each request may go to another task.
	StickinessSeconds *float64

	// AccessTo is what the tasks may connect to: its security group lets theirs in.
	//
	// Default: nothing that does not let everybody in.
	AccessTo []Access

	// TrafficShift deploys by ECS's own blue/green, linear or canary strategy:
	// the new version is complete before it gets requests, and the old one stays
	// for a while to go back to.
	//
	// Default: rolling, task by task.
	TrafficShift *TrafficShift

	// RollbackAlarms roll a deployment back whose tasks are healthy but answer
	// with errors.
	//
	// Default: none, tasks that do not become healthy are rolled back.
	RollbackAlarms *RollbackAlarms

	// StopTimeoutSeconds is the time from SIGTERM to SIGKILL, 2 to 120 seconds.
	//
	// Default: 60.
	StopTimeoutSeconds *float64

	// LogRetention is how long the log group keeps its events.
	//
	// Default: one month.
	LogRetention awslogs.RetentionDays

	// LogDatetimeFormat is how a log event begins, in the notation of strftime
	// such as %Y-%m-%d. It is read as a regular expression, so that a [ has to be
	// escaped: \[%Y-%m-%d. Lines that begin otherwise belong to the event before
	// them: a stack trace stays one event.
	//
	// Default: each line is an event.
	LogDatetimeFormat *string

	// LogMultilinePattern is a regular expression for the same purpose, where
	// events begin with something else than a date.
	//
	// Default: each line is an event.
	LogMultilinePattern *string

	// FixedNames gives target group, log group and service the name of
	// ServiceName. It keeps a service from being replaced that already bears
	// them. It stands in the way of any later replacement, of a second
	// environment in the account, and of making the stack again after it was
	// deleted, as the log group stays. ServiceName may then have 32 letters,
	// digits and - only.
	//
	// Default: false, CloudFormation generates the names.
	FixedNames *bool
}
