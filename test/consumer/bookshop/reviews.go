package bookshop

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/stacks"
)

// newReviewsStack is a service of the ready-made stack: name, priority, sizes and
// network are parameters of it, as the image is.
func newReviewsStack(app awscdk.App, env stacks.Environment, network stacks.NetworkStack) {
	reviews := stacks.NewServiceStack(app, jsii.String("reviews"), &stacks.ServiceStackProps{
		StackProps:    env.StackProps("reviews"),
		TaskPlacement: constructs.TasksPrivate,
		FargateServiceProps: constructs.FargateServiceProps{
			Architecture: constructs.ArchitectureARM64,
			Hosts:        jsii.Strings("reviews.example.com"),
		},
	})
	reviews.AddStackDependency(network, jsii.String("imports its exports"))
}
