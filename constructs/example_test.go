package constructs_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
)

// Two services share a network and its load balancer. The image of each comes
// from a parameter, so that a rollout needs no synthesis.
func Example() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("shop"), nil)
	network := constructs.NewNetwork(stack, jsii.String("Network"), nil)

	for i, name := range []string{"orders", "items"} {
		image := awscdk.NewCfnParameter(stack, jsii.String(name+"Image"), nil)
		constructs.NewFargateService(stack, jsii.String(name), &constructs.FargateServiceProps{
			Network:     network,
			ServiceName: jsii.String(name),
			ImageUrl:    image.ValueAsString(),
			Path:        jsii.String("/" + name + "/*"),
			Priority:    jsii.Number(float64(i + 1)),
		})
	}
	app.Synth(nil)
}
