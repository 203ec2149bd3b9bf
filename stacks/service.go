package stacks

import (
	"errors"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/contract"
)

// ServiceStack is a [constructs.FargateService] on the network of another
// stack. The image and whatever else may differ from one deployment to the next
// are parameters of the stack, so that its template need not be synthesized
// again for a deployment.
type ServiceStack interface {
	awscdk.Stack
	// FargateService is the service that the stack consists of.
	FargateService() constructs.FargateService
}

// ServiceStackProps configures a [ServiceStack]. The zero value, and nil, are
// fine: the parameters StackName, ServiceName and ImageUrl are then to be given
// at the first deployment.
type ServiceStackProps struct {
	// StackProps are those of the CDK: stack name, account and region, tags.
	// [Environment.StackProps] returns some with a name and tags.
	//
	// Default: those of the CDK, but for the Synthesizer, which is the legacy
	// one, for accounts that are not bootstrapped.
	awscdk.StackProps

	// Zones is the number of zones of the network, 2 to 4. The tasks run in all
	// of them.
	//
	// Default: 2.
	Zones *float64

	// TaskPlacement is the kind of subnets that the tasks run in. Give it the
	// TaskPlacement of the network stack. With [constructs.TasksPrivate] on a
	// network without private subnets, the deployment fails for want of their
	// exports.
	//
	// Default: [constructs.TasksPublic].
	TaskPlacement constructs.TaskPlacement

	// SSMParameters reads the network from the Systems Manager parameters that
	// a network stack with [NetworkStackProps.SSMParameters] publishes, instead
	// of importing its exports. See
	// [constructs.NetworkAttributes.FromSSMParameters] for the difference.
	//
	// Default: false.
	SSMParameters *bool

	// FargateServiceProps are the props of the service; see
	// [constructs.FargateServiceProps]. Some of them have to be nil:
	//
	//   - Network, which is the network stack named by the parameter StackName.
	//   - What the parameter of the same name gives: ServiceName, ImageUrl,
	//     ContainerPort, ContainerCpu, ContainerMemory, DesiredCount, Path,
	//     Priority, HealthCheckPath, HealthCheckIntervalSeconds,
	//     HealthCheckGracePeriodSeconds, DeregistrationDelaySeconds. To set
	//     defaults for these parameters, use ParameterDefaults.
	//
	// With Paths the stack has no parameter Path, and with Autoscaling no
	// parameter DesiredCount.
	constructs.FargateServiceProps

	// ParameterDefaults are defaults for the parameters of the template, by
	// parameter name: {"StackName": "shop-network", "Priority": "2"}. The names
	// are constants in package contract. A parameter with a default need not be
	// given at the first deployment. A stack that exists keeps the values that
	// it has when it is updated: to change one, give it as a parameter. A
	// default for ImageUrl is refused, because an update that leaves the image
	// out could then bring an old one back.
	//
	// Two service stacks of an app that would have the same Priority on the same
	// StackName by their defaults are refused at synthesis. Where a StackName is
	// given at deployment only, the CDK warns of the same Priority, until it is
	// told that the networks differ:
	//
	//	awscdk.Annotations_Of(orders).AcknowledgeWarning(jsii.String("slipway:rulePriority"), nil)
	//
	// Default: none but those of the templates; StackName, ServiceName and
	// ImageUrl have none.
	ParameterDefaults map[string]string

	// Alarms adds alarms and a dashboard to the stack; see
	// [constructs.AlarmsProps]. Their Service has to be nil, as it is that of
	// the stack.
	//
	// Default: none.
	Alarms *constructs.AlarmsProps
}

// Validate reports every prop that cannot work, joined into one error.
func (p *ServiceStackProps) Validate() error {
	if p == nil {
		return nil
	}
	network := &constructs.NetworkAttributes{StackName: jsii.String("network"), Zones: p.Zones, TaskPlacement: p.TaskPlacement}
	errs := []error{network.Validate(), p.checkParameters(), p.checkDefaults()}
	// The others are checked as they will be, beside parameters with values.
	service := p.FargateServiceProps
	service.Network = anyNetwork{}
	service.ServiceName, service.ImageUrl = jsii.String("service"), jsii.String("image")
	errs = append(errs, service.Validate())
	if p.Alarms != nil {
		if p.Alarms.Service != nil {
			errs = append(errs, errors.New("Alarms.Service is set, allowed is nil: it is the service of the stack"))
		}
		alarms := *p.Alarms
		alarms.Service = anyService{}
		errs = append(errs, alarms.Validate())
	}
	return errors.Join(errs...)
}

// anyNetwork stands for one of which nothing is known at synthesis.
type anyNetwork struct{ constructs.INetwork }

// anyService stands for the one that the stack will have.
type anyService struct{ constructs.FargateService }

func (p *ServiceStackProps) checkParameters() error {
	return checkParameters([]parameterProp{
		{"Network", p.Network != nil},
		{contract.ParameterServiceName, p.ServiceName != nil},
		{contract.ParameterImageURL, p.ImageUrl != nil},
		{contract.ParameterContainerPort, p.ContainerPort != nil},
		{contract.ParameterContainerCPU, p.ContainerCpu != nil},
		{contract.ParameterContainerMemory, p.ContainerMemory != nil},
		{contract.ParameterDesiredCount, p.DesiredCount != nil},
		{contract.ParameterPath, p.Path != nil},
		{contract.ParameterPriority, p.Priority != nil},
		{contract.ParameterHealthCheckPath, p.HealthCheckPath != nil},
		{contract.ParameterHealthCheckIntervalSeconds, p.HealthCheckIntervalSeconds != nil},
		{contract.ParameterHealthCheckGracePeriodSeconds, p.HealthCheckGracePeriodSeconds != nil},
		{contract.ParameterDeregistrationDelaySeconds, p.DeregistrationDelaySeconds != nil},
	})
}

type serviceStack struct {
	awscdk.Stack
	service constructs.FargateService
}

func (s *serviceStack) FargateService() constructs.FargateService { return s.service }

// NewServiceStack defines a service stack. It panics when
// [ServiceStackProps.Validate] returns an error.
func NewServiceStack(scope awsconstructs.Construct, id *string, props *ServiceStackProps) ServiceStack {
	if props == nil {
		props = &ServiceStackProps{}
	}
	s := &serviceStack{}
	awscdk.NewStack_Override(s, scope, id, stackProps(props.StackProps,
		"A service on AWS Fargate behind the load balancer of a network stack."))

	// Grants are written as one flag of the app says, which the CDK looks up from
	// the stack.
	s.Node().SetContext(jsii.String("@aws-cdk/aws-iam:minimizePolicies"), true)
	if err := props.Validate(); err != nil {
		panic(fmt.Errorf("%s: %w", *s.Node().Path(), err))
	}
	p := newServiceParameters(s, &props.FargateServiceProps)
	applyDefaults(s, props.ParameterDefaults)
	guardRulePriority(s, props.ParameterDefaults)
	network := constructs.NetworkFromAttributes(s, jsii.String("Network"), &constructs.NetworkAttributes{
		StackName:         p.stackName,
		Zones:             props.Zones,
		TaskPlacement:     props.TaskPlacement,
		FromSSMParameters: props.SSMParameters,
	})
	service := props.FargateServiceProps
	service.Network = network
	service.ServiceName = p.serviceName
	service.ImageUrl = p.imageURL
	service.ContainerPort = p.containerPort
	service.ContainerCpu = p.containerCPU
	service.ContainerMemory = p.containerMemory
	service.DesiredCount = p.desiredCount
	service.Path = p.path
	service.Priority = p.priority
	service.HealthCheckPath = p.healthCheckPath
	service.HealthCheckIntervalSeconds = p.healthCheckInterval
	service.HealthCheckGracePeriodSeconds = p.healthCheckGracePeriod
	service.DeregistrationDelaySeconds = p.deregistrationDelay
	s.service = constructs.NewFargateService(s, jsii.String("Service"), &service)
	pinLogicalIDs(s.service)
	s.service.LoadBalancerIngress().OverrideLogicalId(jsii.String("ServiceSecurityGroupIngressFromPublicALB"))
	if props.Alarms != nil {
		alarms := *props.Alarms
		alarms.Service = s.service
		pinLogicalIDs(constructs.NewAlarms(s, jsii.String("Alarms"), &alarms))
	}
	s.outputs(network)
	return s
}

func (s *serviceStack) outputs(network constructs.INetwork) {
	service := s.service.Service()
	output(s, contract.OutputURL, "Where the service answers", network.ExternalUrl())
	output(s, contract.OutputServiceName, "The name that ECS knows the service by", service.ServiceName())
	output(s, contract.OutputServiceARN, "The ARN of the service", service.ServiceArn())
	output(s, contract.OutputServiceClusterName, "The cluster that the service runs in", network.Cluster().ClusterName())
	output(s, contract.OutputTaskDefinitionARN, "The revision that this stack last put into the service", s.service.TaskDefinition().TaskDefinitionArn())
	output(s, contract.OutputTargetGroupARN, "The target group of the tasks", s.service.TargetGroup().TargetGroupArn())
	output(s, contract.OutputLogGroupName, "Where the output of the container goes", s.service.LogGroup().LogGroupName())
}
