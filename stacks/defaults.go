package stacks

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/contract"
)

// checkDefaults refuses a default that the stack has no parameter for, or that
// the parameter would refuse. The props that the parameters stand for know which.
func (p *ServiceStackProps) checkDefaults() error {
	service := p.FargateServiceProps
	service.Network = anyNetwork{}
	service.ServiceName, service.ImageUrl = jsii.String("service"), jsii.String("image")
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(p.ParameterDefaults)) {
		if err := setDefault(&service, name, p.ParameterDefaults[name]); err != nil {
			errs = append(errs, fmt.Errorf("ParameterDefaults[%q] %w", name, err))
		}
	}
	if len(errs) == 0 && len(p.ParameterDefaults) > 0 {
		errs = append(errs, service.Validate())
	}
	return errors.Join(errs...)
}

// setDefault sets the prop that a parameter stands for.
func setDefault(service *constructs.FargateServiceProps, name, value string) error {
	if prop := textProp(service, name); prop != nil {
		*prop = jsii.String(value)
		return nil
	}
	if prop := numberProp(service, name); prop != nil {
		number, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return fmt.Errorf("is %q, allowed is a number", value)
		}
		*prop = jsii.Number(number)
		return nil
	}
	switch name {
	case contract.ParameterStackName:
		if !stackName.MatchString(value) {
			return fmt.Errorf("is %q, allowed is the name of a stack", value)
		}
		return nil
	case contract.ParameterImageURL:
		return errors.New("is set, allowed is none: an update that leaves the image out would bring it back")
	}
	return errors.New("is set, and the stack has no such parameter")
}

func textProp(service *constructs.FargateServiceProps, name string) **string {
	switch name {
	case contract.ParameterServiceName:
		return &service.ServiceName
	case contract.ParameterHealthCheckPath:
		return &service.HealthCheckPath
	case contract.ParameterPath:
		if service.Paths == nil {
			return &service.Path
		}
	}
	return nil
}

func numberProp(service *constructs.FargateServiceProps, name string) **float64 {
	switch name {
	case contract.ParameterContainerPort:
		return &service.ContainerPort
	case contract.ParameterContainerCPU:
		return &service.ContainerCpu
	case contract.ParameterContainerMemory:
		return &service.ContainerMemory
	case contract.ParameterPriority:
		return &service.Priority
	case contract.ParameterHealthCheckIntervalSeconds:
		return &service.HealthCheckIntervalSeconds
	case contract.ParameterHealthCheckGracePeriodSeconds:
		return &service.HealthCheckGracePeriodSeconds
	case contract.ParameterDeregistrationDelaySeconds:
		return &service.DeregistrationDelaySeconds
	case contract.ParameterDesiredCount:
		if service.Autoscaling == nil {
			return &service.DesiredCount
		}
	}
	return nil
}

// applyDefaults writes them into the parameters that the stack has.
func applyDefaults(stack awscdk.Stack, defaults map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(defaults)) {
		parameter := stack.Node().FindChild(jsii.String(name)).(awscdk.CfnParameter)
		var value any = defaults[name]
		if number, err := strconv.ParseFloat(defaults[name], 64); err == nil && *parameter.Type() == "Number" {
			value = number
		}
		parameter.SetDefault(value)
	}
}
