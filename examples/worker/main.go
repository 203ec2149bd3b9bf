// A web service puts jobs into an SQS queue, and a worker, which has no load
// balancer, takes them out. The longer the queue, the more tasks the worker has.
//
// Create the stack:
//
//	cdk deploy \
//	  --parameters WebImage=123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1.0.0 \
//	  --parameters WorkerImage=123456789012.dkr.ecr.eu-west-1.amazonaws.com/worker:1.0.0
//
// The stack has two image parameters, so that a deployment has to name one:
//
//	slipway deploy jobs 123456789012.dkr.ecr.eu-west-1.amazonaws.com/worker:1.1.0 \
//	  --image-parameter WorkerImage
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
)

func main() {
	defer jsii.Close()
	// The stack has no assets: with this synthesizer it needs no `cdk bootstrap`.
	app := awscdk.NewApp(&awscdk.AppProps{DefaultStackSynthesizer: awscdk.NewLegacyStackSynthesizer()})
	stack := awscdk.NewStack(app, jsii.String("jobs"), nil)

	network := constructs.NewNetwork(stack, jsii.String("Network"), nil)
	queue := newQueue(stack)

	web := constructs.NewFargateService(stack, jsii.String("Web"), &constructs.FargateServiceProps{
		Network:     network,
		ServiceName: jsii.String("web"),
		ImageUrl:    imageParameter(stack, "WebImage"),
		Environment: &map[string]*string{"QUEUE_URL": queue.QueueUrl()},
		// Two to ten tasks, so that their average CPU is near 60 percent. The
		// template then has no desired count: a deployment keeps the number of tasks.
		Autoscaling: &constructs.Autoscaling{},
	})
	// The service returns its task role, to which the CDK's own grants apply.
	queue.GrantSendMessages(web.TaskRole())

	worker := constructs.NewFargateWorker(stack, jsii.String("Worker"), &constructs.FargateWorkerProps{
		Network:     network,
		ServiceName: jsii.String("worker"),
		ImageUrl:    imageParameter(stack, "WorkerImage"),
		Environment: &map[string]*string{"QUEUE_URL": queue.QueueUrl()},
		// The jobs mostly wait, so that CPU says little about the load: the policy on
		// the length of the queue below decides alone.
		Autoscaling: &constructs.Autoscaling{
			MinCount:  jsii.Number(1),
			MaxCount:  jsii.Number(20),
			IgnoreCpu: jsii.Bool(true),
		},
		// A task that is stopped has two minutes to finish its job.
		StopTimeoutSeconds: jsii.Number(120),
	})
	queue.GrantConsumeMessages(worker.TaskRole())
	worker.Scaling().ScaleOnMetric(jsii.String("QueueLength"), &awsapplicationautoscaling.BasicStepScalingPolicyProps{
		Metric: queue.MetricApproximateNumberOfMessagesVisible(nil),
		ScalingSteps: &[]*awsapplicationautoscaling.ScalingInterval{
			{Upper: jsii.Number(0), Change: jsii.Number(-1)},
			{Lower: jsii.Number(100), Change: jsii.Number(1)},
			{Lower: jsii.Number(1000), Change: jsii.Number(5)},
		},
	})

	app.Synth(nil)
}

// imageParameter makes the image a parameter, so that a new version needs no
// synthesis: `slipway deploy` changes the parameter, and refuses if anything but
// the image would change with it.
func imageParameter(stack awscdk.Stack, name string) *string {
	return awscdk.NewCfnParameter(stack, jsii.String(name), nil).ValueAsString()
}

// newQueue defines the queue, and a second one for jobs that failed three times.
func newQueue(stack awscdk.Stack) awssqs.Queue {
	return awssqs.NewQueue(stack, jsii.String("Jobs"), &awssqs.QueueProps{
		EnforceSSL: jsii.Bool(true),
		// A job that is not deleted from the queue by then goes to another task, too.
		VisibilityTimeout: awscdk.Duration_Minutes(jsii.Number(2)),
		DeadLetterQueue: &awssqs.DeadLetterQueue{
			MaxReceiveCount: jsii.Number(3),
			Queue: awssqs.NewQueue(stack, jsii.String("FailedJobs"), &awssqs.QueueProps{
				EnforceSSL:      jsii.Bool(true),
				RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
			}),
		},
	})
}
