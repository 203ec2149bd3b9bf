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

// TaskStack is a [constructs.FargateTask]: the task definition of a
// [ServiceStack] without the service, and the smallest stack that an image can
// be deployed to. No requests go to it, so it can be deleted and created again
// at any time. Its log group stays each time, so that the logs can still be
// read.
type TaskStack interface {
	awscdk.Stack
	// FargateTask is the task that the stack consists of.
	FargateTask() constructs.FargateTask
}

// TaskStackProps configures a [TaskStack]. The zero value, and nil, are fine:
// the parameters ServiceName and ImageUrl are then to be given at the first
// deployment.
type TaskStackProps struct {
	// StackProps are those of the CDK: stack name, account and region, tags.
	// [Environment.StackProps] returns some with a name and tags.
	//
	// Default: those of the CDK, but for the Synthesizer, which is the legacy
	// one, for accounts that are not bootstrapped.
	awscdk.StackProps

	// FargateTaskProps are the props of the task; see
	// [constructs.FargateTaskProps]. ServiceName, ImageUrl, ContainerPort,
	// ContainerCpu and ContainerMemory have to be nil: they are parameters of
	// the stack.
	constructs.FargateTaskProps
}

// Validate reports every prop that cannot work, joined into one error.
func (p *TaskStackProps) Validate() error {
	if p == nil {
		return nil
	}
	task := p.FargateTaskProps
	task.ServiceName, task.ImageUrl = jsii.String("service"), jsii.String("image")
	return errors.Join(
		checkParameters([]parameterProp{
			{contract.ParameterServiceName, p.ServiceName != nil},
			{contract.ParameterImageURL, p.ImageUrl != nil},
			{contract.ParameterContainerPort, p.ContainerPort != nil},
			{contract.ParameterContainerCPU, p.ContainerCpu != nil},
			{contract.ParameterContainerMemory, p.ContainerMemory != nil},
		}),
		task.Validate(),
	)
}

type taskStack struct {
	awscdk.Stack
	task constructs.FargateTask
}

func (s *taskStack) FargateTask() constructs.FargateTask { return s.task }

// NewTaskStack defines a task stack. It panics when [TaskStackProps.Validate]
// returns an error.
func NewTaskStack(scope awsconstructs.Construct, id *string, props *TaskStackProps) TaskStack {
	if props == nil {
		props = &TaskStackProps{}
	}
	s := &taskStack{}
	awscdk.NewStack_Override(s, scope, id, stackProps(props.StackProps,
		"A task on AWS Fargate, to be run by hand, on a schedule or by a service of another stack."))

	if err := props.Validate(); err != nil {
		panic(fmt.Errorf("%s: %w", *s.Node().Path(), err))
	}
	p := newTaskParameters(s, false)
	task := props.FargateTaskProps
	task.ServiceName = p.serviceName
	task.ImageUrl = p.imageURL
	task.ContainerPort = p.containerPort
	task.ContainerCpu = p.containerCPU
	task.ContainerMemory = p.containerMemory
	s.task = constructs.NewFargateTask(s, jsii.String("Task"), &task)
	pinLogicalIDs(s.task)

	output(s, contract.OutputTaskDefinitionARN, "The revision that this stack last made", s.task.TaskDefinition().TaskDefinitionArn())
	output(s, contract.OutputLogGroupName, "Where the output of the container goes", s.task.LogGroup().LogGroupName())
	return s
}
