package stacks_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/stacks"
)

// An app of two stacks, with HTTPS. The image is given when it is deployed: cdk
// deploy --all --parameters shop:ImageUrl=IMAGE. The example is compiled and not
// run, since synthesis needs Node.js.
func Example() {
	app := awscdk.NewApp(nil)
	network := stacks.NewNetworkStack(app, jsii.String("shop-network"), &stacks.NetworkStackProps{
		NetworkProps: constructs.NetworkProps{
			CertificateArn: jsii.String("arn:aws:acm:eu-west-1:123456789012:certificate/1234"),
		},
	})
	service := stacks.NewServiceStack(app, jsii.String("shop"), &stacks.ServiceStackProps{
		ParameterDefaults: map[string]string{"StackName": "shop-network", "ServiceName": "shop"},
	})
	// The service stack imports the network by name, which the CDK does not see.
	service.AddStackDependency(network, nil)
	app.Synth(nil)
}
