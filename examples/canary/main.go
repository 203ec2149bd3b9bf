// A new version gets five percent of the requests for five minutes, and all of
// them afterwards if no alarm was raised. Testers reach the new version, and
// never the old one, on port 9000 as soon as its tasks are healthy. The old tasks
// are kept for another ten minutes, so that ECS can go back to them in seconds.
//
// Create the stack, then deploy a new version:
//
//	cdk deploy --parameters ImageUrl=123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:1.0.0
//	slipway deploy shop 123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:1.1.0
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
)

const (
	testPort = 9000
	testers  = "203.0.113.0/24" // the address range that testers come from, such as an office
)

func main() {
	defer jsii.Close()
	// The stack has no assets: with this synthesizer it needs no `cdk bootstrap`.
	app := awscdk.NewApp(&awscdk.AppProps{DefaultStackSynthesizer: awscdk.NewLegacyStackSynthesizer()})
	stack := awscdk.NewStack(app, jsii.String("shop"), nil)
	network := constructs.NewNetwork(stack, jsii.String("Network"), nil)

	// The image is a parameter, so that a new version needs no synthesis:
	// `slipway deploy` changes the parameter, and refuses if anything but the
	// image would change with it.
	image := awscdk.NewCfnParameter(stack, jsii.String("ImageUrl"), nil)
	service := constructs.NewFargateService(stack, jsii.String("Shop"), &constructs.FargateServiceProps{
		Network:     network,
		ServiceName: jsii.String("shop"),
		ImageUrl:    image.ValueAsString(),
		TrafficShift: &constructs.TrafficShift{
			Strategy:     awsecs.DeploymentStrategy_CANARY, // or LINEAR, or BLUE_GREEN
			StepPercent:  jsii.Number(5),
			StepMinutes:  jsii.Number(5),
			BakeMinutes:  jsii.Number(10),
			TestListener: newTestListener(network),
		},
		// Tasks that do not become healthy are rolled back in any case. These two
		// alarms also roll back a version that is healthy and answers with errors.
		RollbackAlarms: &constructs.RollbackAlarms{ServerErrorsPerMinute: jsii.Number(5)},
	})
	// Three more alarms and a dashboard, for people. They roll nothing back.
	constructs.NewAlarms(stack, jsii.String("Alarms"), &constructs.AlarmsProps{Service: service})

	app.Synth(nil)
}

// newTestListener adds a listener on another port to the load balancer. The
// service adds a rule to it with the same conditions as its rule for users, and
// during a deployment ECS sends the requests of this rule to the new version.
func newTestListener(network constructs.Network) elb.IApplicationListener {
	network.LoadBalancerSecurityGroup().AddIngressRule(
		awsec2.Peer_Ipv4(jsii.String(testers)), awsec2.Port_Tcp(jsii.Number(testPort)), jsii.String("Those who test"), nil)
	return network.LoadBalancer().AddListener(jsii.String("TestListener"), &elb.BaseApplicationListenerProps{
		Port:     jsii.Number(testPort),
		Protocol: elb.ApplicationProtocol_HTTP,
		Open:     jsii.Bool(false), // not to everybody: the ingress rule above is enough
		DefaultAction: elb.ListenerAction_FixedResponse(jsii.Number(404), &elb.FixedResponseOptions{
			ContentType: jsii.String("text/plain"),
			MessageBody: jsii.String("No service answers this path.\n"),
		}),
	})
}
