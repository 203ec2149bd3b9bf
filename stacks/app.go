package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/contract"
)

// NewApp is an app with the two stacks slipway-network and slipway-service, all
// props being their defaults. The cdk command of this repository deploys it,
// and package templates contains what it synthesizes. outdir is the folder for
// the templates; nil lets the CDK choose: the folder of the cdk command, or
// else a temporary one.
//
// The options by which the cdk command changes templates (--path-metadata,
// --asset-metadata, --version-reporting) have no effect on this app, so that
// everybody gets the same templates.
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
