package stacks

import (
	"errors"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/contract"
)

// defaultPriority is that of a rule whose stack is given none.
const defaultPriority = 1

// parameterProp is a prop of a construct that a parameter of the stack decides.
type parameterProp struct {
	name string
	set  bool
}

func checkParameters(props []parameterProp) error {
	var errs []error
	for _, prop := range props {
		if prop.set {
			errs = append(errs, fmt.Errorf("%s is set, allowed is nil: a parameter of the stack decides it at deployment", prop.name))
		}
	}
	return errors.Join(errs...)
}

// serviceParameters are the values of the service stack's parameters. They are
// tokens: to be passed on, never compared or converted.
type serviceParameters struct {
	taskParameters
	stackName, path, healthCheckPath *string

	desiredCount, priority,
	healthCheckInterval, healthCheckGracePeriod, deregistrationDelay *float64
}

// taskParameters are those of them that describe the task.
type taskParameters struct {
	serviceName, imageURL                        *string
	containerPort, containerCPU, containerMemory *float64
}

// newServiceParameters declares them in the order in which a console shows
// them. The constraints are those of the services behind: a value that cannot
// work is refused before anything is made. A parameter that would decide nothing
// is left out.
func newServiceParameters(stack awscdk.Stack, props *constructs.FargateServiceProps) serviceParameters {
	var p serviceParameters
	p.stackName = text(stack, contract.ParameterStackName, &awscdk.CfnParameterProps{
		Description:           jsii.String("The network stack that the service runs in."),
		AllowedPattern:        jsii.String("[A-Za-z][A-Za-z0-9-]{0,127}"),
		ConstraintDescription: jsii.String("must be the name of a stack"),
	})
	p.taskParameters = newTaskParameters(stack, props.FixedNames != nil && *props.FixedNames)
	if props.Autoscaling == nil {
		p.desiredCount = number(stack, contract.ParameterDesiredCount, &awscdk.CfnParameterProps{
			Description: jsii.String("The number of tasks, two or more for zero downtime."),
			Default:     2, MinValue: jsii.Number(0),
		})
	}
	if props.Paths == nil {
		p.path = text(stack, contract.ParameterPath, &awscdk.CfnParameterProps{
			Description:           jsii.String("The pattern of request paths that the service answers. * and ? match."),
			Default:               "*",
			AllowedPattern:        jsii.String(`[/*?][A-Za-z0-9_.$/~"'@:+&*?-]{0,127}`),
			ConstraintDescription: jsii.String("must start with /, * or ? and have 128 characters at most"),
		})
	}
	p.priority = number(stack, contract.ParameterPriority, &awscdk.CfnParameterProps{
		Description: jsii.String("The order in which the load balancer tries the rules of its services. Each has its own."),
		Default:     defaultPriority, MinValue: jsii.Number(1), MaxValue: jsii.Number(50000),
	})
	p.healthCheckPath = text(stack, contract.ParameterHealthCheckPath, &awscdk.CfnParameterProps{
		Description:           jsii.String("What the load balancer asks each task for; 200 is healthy."),
		Default:               "/health",
		AllowedPattern:        jsii.String(`/\S*`),
		MaxLength:             jsii.Number(1024),
		ConstraintDescription: jsii.String("must start with /, have no spaces and 1024 characters at most"),
	})
	p.healthCheckInterval = number(stack, contract.ParameterHealthCheckIntervalSeconds, &awscdk.CfnParameterProps{
		Description: jsii.String("Seconds between two health checks. It has to exceed their timeout, 5."),
		Default:     10, MinValue: jsii.Number(6), MaxValue: jsii.Number(300),
	})
	p.healthCheckGracePeriod = number(stack, contract.ParameterHealthCheckGracePeriodSeconds, &awscdk.CfnParameterProps{
		Description: jsii.String("Seconds for which failed health checks of a new task are ignored."),
		Default:     60, MinValue: jsii.Number(0), MaxValue: jsii.Number(1<<31 - 1),
	})
	p.deregistrationDelay = number(stack, contract.ParameterDeregistrationDelaySeconds, &awscdk.CfnParameterProps{
		Description: jsii.String("Seconds that a leaving task has to finish its requests."),
		Default:     30, MinValue: jsii.Number(0), MaxValue: jsii.Number(3600),
	})
	return p
}

func newTaskParameters(stack awscdk.Stack, fixedNames bool) taskParameters {
	var p taskParameters
	p.serviceName = serviceName(stack, fixedNames)
	p.imageURL = text(stack, contract.ParameterImageURL, &awscdk.CfnParameterProps{
		Description:           jsii.String("The image to run, by tag or by digest."),
		AllowedPattern:        jsii.String(`\S+`),
		ConstraintDescription: jsii.String("must be an image reference without spaces"),
	})
	p.containerPort = number(stack, contract.ParameterContainerPort, &awscdk.CfnParameterProps{
		Description: jsii.String("The port that the application listens on."),
		Default:     80, MinValue: jsii.Number(1), MaxValue: jsii.Number(65535),
	})
	p.containerCPU = number(stack, contract.ParameterContainerCPU, &awscdk.CfnParameterProps{
		Description: jsii.String("The CPU of a task, 1024 for one vCPU."),
		Default:     256, MinValue: jsii.Number(256), MaxValue: jsii.Number(16384),
	})
	p.containerMemory = number(stack, contract.ParameterContainerMemory, &awscdk.CfnParameterProps{
		Description: jsii.String("The memory of a task in MiB. Fargate takes certain pairs of CPU and memory only."),
		Default:     512, MinValue: jsii.Number(512), MaxValue: jsii.Number(122880),
	})
	return p
}

func serviceName(stack awscdk.Stack, fixedNames bool) *string {
	props := &awscdk.CfnParameterProps{
		Description:           jsii.String("The name of the container, the task family and the log streams."),
		AllowedPattern:        jsii.String("[A-Za-z0-9][A-Za-z0-9_-]{0,254}"),
		ConstraintDescription: jsii.String("must be 1 to 255 letters, digits, - and _"),
	}
	if fixedNames {
		props.Description = jsii.String("The name of the service, its container, task family, target group and log group.")
		props.AllowedPattern = jsii.String("[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?")
		props.ConstraintDescription = jsii.String("must be 1 to 32 letters, digits and -")
	}
	return text(stack, contract.ParameterServiceName, props)
}

func text(stack awscdk.Stack, name string, props *awscdk.CfnParameterProps) *string {
	props.Type = jsii.String("String")
	return awscdk.NewCfnParameter(stack, jsii.String(name), props).ValueAsString()
}

func number(stack awscdk.Stack, name string, props *awscdk.CfnParameterProps) *float64 {
	props.Type = jsii.String("Number")
	return awscdk.NewCfnParameter(stack, jsii.String(name), props).ValueAsNumber()
}
