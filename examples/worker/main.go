// A web service puts jobs into a queue, and a worker, which no load balancer
// knows, takes them out. The longer the queue, the more workers there are.
//
//	cdk deploy \
//	  --parameters WebImage=123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1.0.0 \
//	  --parameters WorkerImage=123456789012.dkr.ecr.eu-west-1.amazonaws.com/worker:1.0.0
//
// Both are in one stack, so a new version says which of the two it is:
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
		// Two to ten tasks, as many as keep their CPU near 60 percent. The service
		// then says no count itself: a deployment leaves the scaled one alone.
		Autoscaling: &constructs.Autoscaling{},
	})
	// The constructs give back what they are made of, here a role, so that the
	// CDK's own grants go on from there.
	queue.GrantSendMessages(web.TaskRole())

	worker := constructs.NewFargateWorker(stack, jsii.String("Worker"), &constructs.FargateWorkerProps{
		Network:     network,
		ServiceName: jsii.String("worker"),
		ImageUrl:    imageParameter(stack, "WorkerImage"),
		Environment: &map[string]*string{"QUEUE_URL": queue.QueueUrl()},
		// Work that waits for a database says little by its CPU. The queue decides.
		Autoscaling: &constructs.Autoscaling{
			MinCount:  jsii.Number(1),
			MaxCount:  jsii.Number(20),
			IgnoreCpu: jsii.Bool(true),
		},
		// A worker that is told to stop finishes its job first.
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

// newQueue has a second queue beside it, for jobs that failed three times.
func newQueue(stack awscdk.Stack) awssqs.Queue {
	return awssqs.NewQueue(stack, jsii.String("Jobs"), &awssqs.QueueProps{
		EnforceSSL: jsii.Bool(true),
		// How long a job may take before another worker gets it, too.
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
