package bookshop

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/stacks"
)

// newInvoicesStack is a worker: it takes orders out of the queue, and there are
// the more of it the longer the queue is.
func newInvoicesStack(app awscdk.App, env stacks.Environment, network constructs.INetwork, orders awssqs.Queue) {
	stack := newStack(app, env, "invoices")
	worker := constructs.NewFargateWorker(stack, jsii.String("Invoices"), &constructs.FargateWorkerProps{
		Network:            network,
		ServiceName:        jsii.String("invoices"),
		ImageUrl:           imageParameter(stack),
		Environment:        &map[string]*string{"ORDERS_URL": orders.QueueUrl()},
		StopTimeoutSeconds: jsii.Number(120),
		Autoscaling: &constructs.Autoscaling{
			MinCount:  jsii.Number(1),
			MaxCount:  jsii.Number(20),
			IgnoreCpu: jsii.Bool(true),
		},
	})
	orders.GrantConsumeMessages(worker.TaskRole())
	worker.Scaling().ScaleOnMetric(jsii.String("Orders"), &awsapplicationautoscaling.BasicStepScalingPolicyProps{
		Metric: orders.MetricApproximateNumberOfMessagesVisible(nil),
		ScalingSteps: &[]*awsapplicationautoscaling.ScalingInterval{
			{Upper: jsii.Number(0), Change: jsii.Number(-1)},
			{Lower: jsii.Number(100), Change: jsii.Number(1)},
			{Lower: jsii.Number(1000), Change: jsii.Number(5)},
		},
	})
}
