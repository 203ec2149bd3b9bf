package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
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

	// Repository is the one ECR repository that images may be pulled from.
	//
	// Default: every repository of the stack's account and region.
	Repository awsecr.IRepository
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

	p := newTaskParameters(s, false)
	s.task = constructs.NewFargateTask(s, jsii.String("Task"), &constructs.FargateTaskProps{
		Repository:      props.Repository,
		ServiceName:     p.serviceName,
		ImageUrl:        p.imageURL,
		ContainerPort:   p.containerPort,
		ContainerCpu:    p.containerCPU,
		ContainerMemory: p.containerMemory,
	})
	pinLogicalIDs(s.task)

	output(s, contract.OutputTaskDefinitionARN, "The revision that this stack last made", s.task.TaskDefinition().TaskDefinitionArn())
	output(s, contract.OutputLogGroupName, "Where the output of the container goes", s.task.LogGroup().LogGroupName())
	return s
}
