package constructs

import (
	"errors"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
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

	// DesiredCount is the number of tasks; two or more for zero downtime.
	//
	// Default: 2.
	DesiredCount *float64

	// Path is the pattern of request paths that the service answers: at most
	// 128 characters, * and ? match.
	//
	// Default: *, every path.
	Path *string

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

	// StopTimeoutSeconds is the time from SIGTERM to SIGKILL, 2 to 120 seconds.
	//
	// Default: 60.
	StopTimeoutSeconds *float64

	// LogRetention is how long the log group keeps its events.
	//
	// Default: one month.
	LogRetention awslogs.RetentionDays

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

const (
	defaultCPU    = 256.0
	defaultMemory = 512.0

	healthCheckTimeoutSeconds = 5
	maxInt32                  = 1<<31 - 1
)

var (
	anyImage        = regexp.MustCompile(`^\S+$`)
	serviceName     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,254}$`)
	targetGroupName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$`)
	pathPattern     = regexp.MustCompile(`^[/*?][A-Za-z0-9_.$/~"'@:+&*?-]{0,127}$`)
	requestPath     = regexp.MustCompile(`^/\S*$`)
)

// Validate reports every prop that cannot work, joined into one error.
func (p *FargateServiceProps) Validate() error {
	if p == nil {
		return required("props", true)
	}
	names, meaning := serviceName, "1 to 255 letters, digits, - and _"
	if *orDefault(p.FixedNames, false) {
		names, meaning = targetGroupName, "1 to 32 letters, digits and - (FixedNames is set, a target group takes no more)"
	}
	return errors.Join(
		required("Network", p.Network == nil),
		required("ServiceName", p.ServiceName == nil),
		required("ImageUrl", p.ImageUrl == nil),
		checkString("ServiceName", p.ServiceName, names, meaning),
		checkString("ImageUrl", p.ImageUrl, anyImage, "an image reference without spaces"),
		checkString("Path", p.Path, pathPattern, "a pattern that starts with /, * or ?, 128 characters at most"),
		checkString("HealthCheckPath", p.HealthCheckPath, requestPath, "a path that starts with /"),
		checkNumber("ContainerPort", p.ContainerPort, 1, 65535),
		checkSize(p.ContainerCpu, p.ContainerMemory),
		checkNumber("DesiredCount", p.DesiredCount, 0, maxInt32),
		checkNumber("Priority", p.Priority, 1, 50000),
		checkNumber("HealthCheckIntervalSeconds", p.HealthCheckIntervalSeconds, healthCheckTimeoutSeconds+1, 300),
		checkNumber("HealthCheckGracePeriodSeconds", p.HealthCheckGracePeriodSeconds, 0, maxInt32),
		checkNumber("DeregistrationDelaySeconds", p.DeregistrationDelaySeconds, 0, 3600),
		checkNumber("StopTimeoutSeconds", p.StopTimeoutSeconds, 2, 120),
	)
}

// withDefaults is a copy in which no prop with a default is nil.
func (p *FargateServiceProps) withDefaults() *FargateServiceProps {
	d := *p
	d.ContainerPort = orDefault(p.ContainerPort, 80)
	d.ContainerCpu = orDefault(p.ContainerCpu, defaultCPU)
	d.ContainerMemory = orDefault(p.ContainerMemory, defaultMemory)
	d.DesiredCount = orDefault(p.DesiredCount, 2)
	d.Path = orDefault(p.Path, "*")
	d.Priority = orDefault(p.Priority, 1)
	d.HealthCheckPath = orDefault(p.HealthCheckPath, "/health")
	d.HealthCheckIntervalSeconds = orDefault(p.HealthCheckIntervalSeconds, 10)
	d.HealthCheckGracePeriodSeconds = orDefault(p.HealthCheckGracePeriodSeconds, 60)
	d.DeregistrationDelaySeconds = orDefault(p.DeregistrationDelaySeconds, 30)
	d.StopTimeoutSeconds = orDefault(p.StopTimeoutSeconds, 60)
	if d.LogRetention == "" {
		d.LogRetention = awslogs.RetentionDays_ONE_MONTH
	}
	d.FixedNames = orDefault(p.FixedNames, false)
	return &d
}

// fixedName is nil when CloudFormation is to generate the name.
func (p *FargateServiceProps) fixedName() *string {
	if *p.FixedNames {
		return jsii.String(*p.ServiceName)
	}
	return nil
}
