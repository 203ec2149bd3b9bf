package stacks_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/stacks"
)

// An app of two stacks, with HTTPS. It is compiled, not run: synthesis needs Node.
func Example() {
	app := awscdk.NewApp(nil)
	network := stacks.NewNetworkStack(app, jsii.String("shop-network"), &stacks.NetworkStackProps{
		NetworkProps: constructs.NetworkProps{
			CertificateArn: jsii.String("arn:aws:acm:eu-west-1:123456789012:certificate/1234"),
		},
	})
	service := stacks.NewServiceStack(app, jsii.String("shop"), nil)
	service.AddDependency(network, nil)
	app.Synth(nil)
}
