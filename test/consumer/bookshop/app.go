// Package bookshop is the infrastructure of a bookshop: its catalog and its reviews
// behind one load balancer, a worker that writes invoices, and a database.
package bookshop

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/stacks"
)

// certificate covers the names of the shop.
const certificate = "arn:aws:acm:eu-west-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"

// NewApp is all stacks of the bookshop.
func NewApp() awscdk.App {
	// No stack has assets, so that no account of ours was ever bootstrapped.
	app := awscdk.NewApp(&awscdk.AppProps{DefaultStackSynthesizer: awscdk.NewLegacyStackSynthesizer()})
	env := stacks.Environment{Application: "bookshop", Name: "prod", Tags: map[string]string{"team": "books"}}

	base := newBaseStack(app, env)
	network := stacks.NewNetworkStack(app, jsii.String("network"), &stacks.NetworkStackProps{
		StackProps: env.StackProps("network"),
		NetworkProps: constructs.NetworkProps{
			Vpc:            base.vpc,
			TaskPlacement:  constructs.TasksPrivate,
			CertificateArn: jsii.String(certificate),
		},
	})
	database := newDatabaseStack(app, env, network.Network())
	newCatalogStack(app, env, network.Network(), database)
	newReviewsStack(app, env, network)
	newInvoicesStack(app, env, network.Network(), base.orders)
	return app
}

// newStack is one of the environment, named and tagged like the others.
func newStack(app awscdk.App, env stacks.Environment, name string) awscdk.Stack {
	props := env.StackProps(name)
	return awscdk.NewStack(app, jsii.String(name), &props)
}

// imageParameter is where `slipway deploy` puts new versions.
func imageParameter(stack awscdk.Stack) *string {
	return awscdk.NewCfnParameter(stack, jsii.String("Image"), &awscdk.CfnParameterProps{
		Description: jsii.String("The image to run, by tag or by digest."),
	}).ValueAsString()
}
