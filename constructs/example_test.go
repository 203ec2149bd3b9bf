package constructs_test

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
)

// Two services share a network and its load balancer. The image of each is a
// CloudFormation parameter, so that a new version is deployed without synthesis.
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

// Validate needs neither an app nor Node.js, so that it can be called in a test,
// or before a construct is defined.
func ExampleNetworkProps_Validate() {
	err := (&constructs.NetworkProps{
		Zones:         jsii.Number(9),
		TaskPlacement: constructs.TasksPrivate,
	}).Validate()
	fmt.Println(err)
	// Output:
	// Zones is 9, allowed is a whole number from 2 to 4
	// TaskPlacement is "private" and PrivateSubnets is not true, allowed is both or "public"
}
