package constructs

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/imageref"
)

const (
	defaultCPU    = 256.0
	defaultMemory = 512.0

	healthCheckTimeoutSeconds = 5
	maxInt32                  = 1<<31 - 1
)

var (
	serviceName     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,254}$`)
	targetGroupName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$`)
	pathPattern     = regexp.MustCompile(`^[/*?][A-Za-z0-9_.$/~"'@:+&*?-]{0,127}$`)
	requestPath     = regexp.MustCompile(`^/\S{0,1000}\S{0,23}$`) // a count over 1000 is too much for one
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
		checkImage(p.ImageUrl),
		checkString("HealthCheckPath", p.HealthCheckPath, requestPath, "a path that starts with /, has no spaces and 1024 characters at most"),
		checkNumber("ContainerPort", p.ContainerPort, 1, 65535),
		checkSize(p.ContainerCpu, p.ContainerMemory),
		checkNumber("DesiredCount", p.DesiredCount, 0, maxInt32),
		checkNumber("Priority", p.Priority, 1, 50000),
		checkNumber("HealthCheckIntervalSeconds", p.HealthCheckIntervalSeconds, healthCheckTimeoutSeconds+1, 300),
		checkNumber("HealthCheckGracePeriodSeconds", p.HealthCheckGracePeriodSeconds, 0, maxInt32),
		checkNumber("DeregistrationDelaySeconds", p.DeregistrationDelaySeconds, 0, 3600),
		checkNumber("StopTimeoutSeconds", p.StopTimeoutSeconds, 2, 120),
		checkKnownNumber("StickinessSeconds", p.StickinessSeconds, 1, 604800),
		p.checkRule(),
		p.checkContainer(),
		p.checkReach(),
		p.checkSpot(),
		p.checkScaling(),
		p.ServiceConnect.validate(),
		p.TrafficShift.validate(),
		p.RollbackAlarms.validate(),
		checkAccess(p.AccessTo),
	)
}

// checkImage refuses text that is no image reference: the task would fail to pull it.
func checkImage(image *string) error {
	if image == nil || isStringToken(*image) {
		return nil
	}
	_, err := imageref.Parse(*image)
	if problem := (*imageref.SyntaxError)(nil); errors.As(err, &problem) {
		return fmt.Errorf("ImageUrl is %q, allowed is an image reference: %w", *image, problem.Err)
	}
	return err
}

// withDefaults is a copy in which no prop that has a fixed value as its default
// is nil.
func (p *FargateServiceProps) withDefaults() *FargateServiceProps {
	d := *p
	d.ContainerPort = orDefault(p.ContainerPort, 80)
	d.ContainerCpu = orDefault(p.ContainerCpu, defaultCPU)
	d.ContainerMemory = orDefault(p.ContainerMemory, defaultMemory)
	if p.Autoscaling == nil {
		d.DesiredCount = orDefault(p.DesiredCount, 2)
	}
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
