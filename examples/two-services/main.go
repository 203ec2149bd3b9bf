// Two services behind one load balancer, over HTTPS. The service items answers
// paths below /items/ on shop.example.com and items.example.com, the service shop
// everything else on shop.example.com.
//
// Each service has a stack of its own, so that each is deployed alone. The image
// is a parameter of its stack. Put your hosted zone into the constants below, and
// create the stacks:
//
//	cdk deploy --all \
//	  --parameters shop:ImageUrl=123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:1.0.0 \
//	  --parameters items:ImageUrl=123456789012.dkr.ecr.eu-west-1.amazonaws.com/items:1.0.0
//
// From then on, deploy a new version of one service with:
//
//	slipway deploy items 123456789012.dkr.ecr.eu-west-1.amazonaws.com/items:1.1.0
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
)

// The hosted zone in Route 53 that holds the names.
const (
	zoneID   = "Z0123456789ABCDEFGHIJ"
	zoneName = "example.com"
)

func main() {
	defer jsii.Close()
	// The stacks have no assets: with this synthesizer they need no `cdk bootstrap`.
	app := awscdk.NewApp(&awscdk.AppProps{DefaultStackSynthesizer: awscdk.NewLegacyStackSynthesizer()})

	network := newNetwork(awscdk.NewStack(app, jsii.String("network"), nil))

	// The load balancer tries rules in the order of their priority, the lowest
	// number first: /items/* has to come before the shop, which answers every path.
	newService(awscdk.NewStack(app, jsii.String("items"), nil), &constructs.FargateServiceProps{
		Network:     network,
		ServiceName: jsii.String("items"),
		Hosts:       jsii.Strings("shop."+zoneName, "items."+zoneName),
		Paths:       jsii.Strings("/items/*"),
		Priority:    jsii.Number(10),
	})
	newService(awscdk.NewStack(app, jsii.String("shop"), nil), &constructs.FargateServiceProps{
		Network:     network,
		ServiceName: jsii.String("shop"),
		Hosts:       jsii.Strings("shop." + zoneName),
		Priority:    jsii.Number(20),
	})

	app.Synth(nil)
}

// newNetwork defines a VPC, a cluster and the load balancer. ACM issues a
// certificate for both names, and both get a record for the load balancer.
func newNetwork(stack awscdk.Stack) constructs.Network {
	return constructs.NewNetwork(stack, jsii.String("Network"), &constructs.NetworkProps{
		HostedZone: awsroute53.HostedZone_FromHostedZoneAttributes(stack, jsii.String("Zone"), &awsroute53.HostedZoneAttributes{
			HostedZoneId: jsii.String(zoneID),
			ZoneName:     jsii.String(zoneName),
		}),
		DomainName: jsii.String("shop." + zoneName),
		AliasNames: jsii.Strings("items." + zoneName),
	})
}

// newService defines a service with what both have in common. The image is a
// parameter, so that a new version needs no synthesis: `slipway deploy` changes
// the parameter, and refuses if anything but the image would change with it.
func newService(stack awscdk.Stack, props *constructs.FargateServiceProps) {
	props.ImageUrl = awscdk.NewCfnParameter(stack, jsii.String("ImageUrl"), nil).ValueAsString()
	props.ContainerPort = jsii.Number(8080)
	props.HealthCheckPath = jsii.String("/health")
	constructs.NewFargateService(stack, jsii.String("Service"), props)
}
