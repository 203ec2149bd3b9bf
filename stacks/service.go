package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/contract"
)

// ServiceStack is a service on the network of another stack. What differs from
// deployment to deployment, the image above all, is a parameter: the template
// of a stack that runs need not be synthesized again to change it.
type ServiceStack interface {
	awscdk.Stack
	// FargateService is what the stack is made of.
	FargateService() constructs.FargateService
}

// ServiceStackProps configures a [ServiceStack]. The zero value, and nil, are fine.
type ServiceStackProps struct {
	// StackProps are the CDK's own: stack name, environment, tags. A synthesizer
	// that needs no bootstrap is the default.
	awscdk.StackProps

	// Zones is the number of zones of the network, 2 to 4.
	//
	// Default: 2.
	Zones *float64

	// TaskPlacement is where the network has its tasks run; its stack exports
	// private subnets only if it has them.
	//
	// Default: [constructs.TasksPublic].
	TaskPlacement constructs.TaskPlacement

	// Repository is the one ECR repository that images may be pulled from.
	//
	// Default: every repository of the stack's account and region.
	Repository awsecr.IRepository

	// FixedNames gives target group, log group and service the name in the
	// ServiceName parameter; see [constructs.FargateServiceProps].
	//
	// Default: false, CloudFormation generates the names.
	FixedNames *bool
}

type serviceStack struct {
	awscdk.Stack
	service constructs.FargateService
}

func (s *serviceStack) FargateService() constructs.FargateService { return s.service }

// NewServiceStack defines a service stack. It panics when props cannot work.
func NewServiceStack(scope awsconstructs.Construct, id *string, props *ServiceStackProps) ServiceStack {
	if props == nil {
		props = &ServiceStackProps{}
	}
	s := &serviceStack{}
	awscdk.NewStack_Override(s, scope, id, stackProps(props.StackProps,
		"A service on AWS Fargate behind the load balancer of a network stack."))

	p := newServiceParameters(s, props.FixedNames != nil && *props.FixedNames)
	network := constructs.NetworkFromAttributes(s, jsii.String("Network"), &constructs.NetworkAttributes{
		StackName:     p.stackName,
		Zones:         props.Zones,
		TaskPlacement: props.TaskPlacement,
	})
	s.service = constructs.NewFargateService(s, jsii.String("Service"), &constructs.FargateServiceProps{
		Network:                       network,
		Repository:                    props.Repository,
		FixedNames:                    props.FixedNames,
		ServiceName:                   p.serviceName,
		ImageUrl:                      p.imageURL,
		ContainerPort:                 p.containerPort,
		ContainerCpu:                  p.containerCPU,
		ContainerMemory:               p.containerMemory,
		DesiredCount:                  p.desiredCount,
		Path:                          p.path,
		Priority:                      p.priority,
		HealthCheckPath:               p.healthCheckPath,
		HealthCheckIntervalSeconds:    p.healthCheckInterval,
		HealthCheckGracePeriodSeconds: p.healthCheckGracePeriod,
		DeregistrationDelaySeconds:    p.deregistrationDelay,
	})
	pinLogicalIDs(s.service)
	s.service.LoadBalancerIngress().OverrideLogicalId(jsii.String("ServiceSecurityGroupIngressFromPublicALB"))

	service := s.service.Service()
	output(s, contract.OutputURL, "Where the service answers", network.ExternalUrl())
	output(s, contract.OutputServiceName, "The name that ECS knows the service by", service.ServiceName())
	output(s, contract.OutputServiceARN, "The ARN of the service", service.ServiceArn())
	output(s, contract.OutputServiceClusterName, "The cluster that the service runs in", network.Cluster().ClusterName())
	output(s, contract.OutputTaskDefinitionARN, "The revision that this stack last put into the service", s.service.TaskDefinition().TaskDefinitionArn())
	output(s, contract.OutputTargetGroupARN, "The target group of the tasks", s.service.TargetGroup().TargetGroupArn())
	output(s, contract.OutputLogGroupName, "Where the output of the container goes", s.service.LogGroup().LogGroupName())
	return s
}
