package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
)

// FargateServiceProps configures a [FargateService].
type FargateServiceProps struct {
	// Network is the network that the service runs in. Required.
	Network INetwork

	// ServiceName is the name of the container and of the task family, and the
	// prefix of the log streams: 1 to 255 letters, digits, - and _, a letter or
	// digit first. The ECS service has this name only with FixedNames.
	// Required.
	ServiceName *string

	// ImageUrl is the image to run, by tag or by digest. Nothing in the
	// template but the image of the container depends on it, so that a change
	// of it alone is a rollout and nothing else. Required.
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

	// ContainerCpu is the CPU of a task in CPU units, 1024 of which are one
	// vCPU: 256, 512, 1024, 2048, 4096, 8192 or 16384.
	//
	// Default: 256.
	ContainerCpu *float64

	// ContainerMemory is the memory of a task in MiB. For each CPU size,
	// Fargate has certain memory sizes, 512, 1024 and 2048 for 256 CPU units:
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
	//
	// Default: 512.
	ContainerMemory *float64

	// Architecture is the CPU architecture that the image is built for. A task
	// with an image for the other one does not start.
	//
	// Default: [ArchitectureX86].
	Architecture Architecture

	// Environment are environment variables of the container. Everybody who may
	// describe the task definition can read them. For that reason, a value that
	// CloudFormation would resolve to a secret ({{resolve:secretsmanager:...}},
	// and any other {{resolve:...}}) is refused: use Secrets.
	//
	// Default: none but those that ECS sets.
	Environment *map[string]*string

	// Secrets are environment variables whose values ECS reads from Secrets
	// Manager or from Systems Manager parameters when it starts a task. The
	// template and the task definition contain only the ARN of each. The
	// execution role gets the permission to read them.
	//
	// Default: none.
	Secrets *map[string]awsecs.Secret

	// TaskPolicyStatements are permissions of the application. They are part of
	// the task role itself, so that no task starts without them. Further
	// permissions can be granted to TaskRole().
	//
	// Default: none.
	TaskPolicyStatements []awsiam.PolicyStatement

	// ContainerHealthCheck is a command that ECS runs in the container, beside
	// the health check of the load balancer. ECS replaces a task that fails
	// either of them.
	//
	// Default: none.
	ContainerHealthCheck *ContainerHealthCheck

	// ReadonlyRootFilesystem lets the container write only to volumes that are
	// added to TaskDefinition(). It cannot be given with ExecuteCommand, whose
	// agent writes to the container.
	//
	// Default: false.
	ReadonlyRootFilesystem *bool

	// ExecuteCommand lets people with the permission ecs:ExecuteCommand open a
	// shell in a task (ECS Exec). It gives the task role the permissions that
	// ECS Exec needs.
	//
	// Default: false.
	ExecuteCommand *bool

	// DesiredCount is the number of tasks; two or more for zero downtime. It
	// cannot be given with Autoscaling, as each deployment would reset the
	// number.
	//
	// Default: 2.
	DesiredCount *float64

	// Autoscaling makes the number of tasks follow the load. The template then
	// has no desired count, so that a deployment keeps the number of tasks that
	// there is.
	//
	// Default: none, the number of tasks is DesiredCount.
	Autoscaling *Autoscaling

	// Spot runs a part of the tasks on Fargate Spot, for up to 70 percent less.
	// AWS may stop those tasks with a notice of two minutes. The network needs
	// [NetworkProps.FargateSpot]. To add or to remove Spot replaces the ECS
	// service of a stack that exists, because CloudFormation cannot change the
	// launch type of a service in place.
	//
	// Default: none, all tasks are on demand.
	Spot *Spot

	// ServiceConnect lets the services of a Cloud Map namespace call each other
	// by name.
	//
	// Default: none.
	ServiceConnect *ServiceConnect

	// Path is a pattern of the request paths that the service answers, 1 to 128
	// characters. * matches any text and ? any single character.
	//
	// Default: *, every path; with Hosts, no condition on the path.
	Path *string

	// Paths are several patterns, in place of Path. A request has to match one
	// of them. A listener rule takes at most 5 paths and hosts together:
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
	//
	// Default: none, Path is used.
	Paths *[]*string

	// Hosts are the host names that the service answers to, such as
	// api.example.com, or patterns of them, such as *.example.com. A request
	// has to match one of the hosts and, where paths are given, one of the
	// paths.
	//
	// Default: every host name.
	Hosts *[]*string

	// Priority is that of the listener rule, 1 to 50000. The load balancer
	// tries the rules from the lowest number to the highest. All services of a
	// network need different ones: two equal numbers in one app fail at
	// synthesis.
	//
	// Default: 1.
	Priority *float64

	// HealthCheckPath is the path that the load balancer requests from each
	// task. Status 200 within 5 seconds means healthy. A new task gets requests
	// after the first success. It is replaced after 3 failures in a row.
	//
	// Default: /health.
	HealthCheckPath *string

	// HealthCheckIntervalSeconds is the time between two health checks of the
	// load balancer, 6 to 300 seconds. It has to exceed the timeout of 5
	// seconds.
	//
	// Default: 10.
	HealthCheckIntervalSeconds *float64

	// HealthCheckGracePeriodSeconds is how many seconds after the start of a
	// task ECS ignores failed health checks. It should cover the start-up of
	// the application.
	//
	// Default: 60.
	HealthCheckGracePeriodSeconds *float64

	// DeregistrationDelaySeconds is how long a task that is to be stopped may
	// finish the requests that it has, 0 to 3600 seconds. It should cover the
	// longest request.
	//
	// Default: 30.
	DeregistrationDelaySeconds *float64

	// StickinessSeconds is how long the load balancer sends a client to the
	// same task, by a cookie, 1 to 604800 seconds.
	//
	// Default: none, each request may go to another task.
	StickinessSeconds *float64

	// AccessTo are the databases and services whose security groups have to let
	// the tasks in; see [Access].
	//
	// Default: none. The tasks reach only what lets them in already.
	AccessTo []Access

	// TrafficShift deploys by one of ECS's own strategies blue/green, linear
	// and canary: all new tasks are healthy before one of them gets requests,
	// and the old ones stay for some time so that ECS can go back to them.
	//
	// Default: none, a rolling update.
	TrafficShift *TrafficShift

	// RollbackAlarms roll back a deployment whose tasks are healthy but answer
	// with errors.
	//
	// Default: none. Only a deployment whose tasks do not become healthy is
	// rolled back.
	RollbackAlarms *RollbackAlarms

	// StopTimeoutSeconds is the time from SIGTERM to SIGKILL when a task is
	// stopped, 2 to 120 seconds.
	//
	// Default: 60.
	StopTimeoutSeconds *float64

	// LogRetention is how long CloudWatch Logs keeps the log events. The log
	// group stays when the stack is deleted.
	//
	// Default: awslogs.RetentionDays_ONE_MONTH, 30 days.
	LogRetention awslogs.RetentionDays

	// LogDatetimeFormat is the date format, in the notation of strftime such as
	// %Y-%m-%d, by which the first line of a log event is recognized. Lines
	// without it are added to the event before them, so that a stack trace is
	// one event. The text is part of a regular expression: write \[%Y-%m-%d for
	// a date after a bracket. It cannot be given with LogMultilinePattern.
	//
	// Default: none, each line is an event.
	LogDatetimeFormat *string

	// LogMultilinePattern is the same as LogDatetimeFormat for log events that
	// do not begin with a date: a regular expression in Go's syntax that the
	// first line of an event matches.
	//
	// Default: none, each line is an event.
	LogMultilinePattern *string

	// FixedNames names the target group, the log group and the ECS service
	// after ServiceName. It is meant for stacks that were made from a template
	// with these names, whose service would be replaced otherwise. It has three
	// costs: a resource with a fixed name cannot be replaced, a second stack in
	// the account and region cannot have the same ServiceName, and a stack that
	// was deleted cannot be created again before its log group is deleted.
	// ServiceName may then have only 32 letters, digits and -.
	//
	// Default: false, CloudFormation generates the names.
	FixedNames *bool
}
