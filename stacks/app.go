package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/contract"
)

// NewApp is the app of the two default stacks: `cdk deploy` deploys it and
// package templates holds what it synthesizes. A nil outdir lets the CDK choose
// (the cdk command's directory, or a temporary one).
//
// What is context here would be options of the cdk command elsewhere. It is set
// in code, after the command's own, so that a template does not depend on who
// synthesizes it.
func NewApp(outdir *string) awscdk.App {
	app := awscdk.NewApp(&awscdk.AppProps{
		Outdir:             outdir,
		AnalyticsReporting: jsii.Bool(false),
		TreeMetadata:       jsii.Bool(false),
		PostCliContext: &map[string]any{
			"aws:cdk:enable-path-metadata":  false,
			"aws:cdk:enable-asset-metadata": false,
		},
	})
	network := NewNetworkStack(app, jsii.String(contract.NetworkStackName), nil)
	service := NewServiceStack(app, jsii.String(contract.ServiceStackName), nil)
	// An import by the name in a parameter hides this from the CDK.
	service.AddStackDependency(network, jsii.String("imports its exports"))
	return app
}
