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

// TaskStack is the task of a [ServiceStack] without the service: the smallest
// stack that an image can be rolled out to. Nothing serves requests from it, so
// it may be deleted and created again. Each creation leaves its log group behind
// when it is deleted, as logs of the past are the ones looked for.
type TaskStack interface {
	awscdk.Stack
	// FargateTask is what the stack is made of.
	FargateTask() constructs.FargateTask
}

// TaskStackProps configures a [TaskStack]. The zero value, and nil, are fine.
type TaskStackProps struct {
	// StackProps are the CDK's own: stack name, environment, tags. A synthesizer
	// that needs no bootstrap is the default.
	awscdk.StackProps

	// FargateTaskProps say what is settled at synthesis; see
	// [constructs.FargateTaskProps] for each of them. What is not, cannot be given
	// here: ServiceName, ImageUrl, ContainerPort, ContainerCpu and ContainerMemory
	// are parameters of the stack.
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

// NewTaskStack defines a task stack. It panics when props cannot work.
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
