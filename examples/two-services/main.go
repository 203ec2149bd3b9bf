// Two services behind one load balancer, over HTTPS: the shop answers on
// shop.example.com, the items on the same name below /items/ and on
// items.example.com.
//
// Each service has a stack of its own, so that each is deployed alone. The image
// is a parameter of its stack. Once, with your zone and names below:
//
//	cdk deploy --all \
//	  --parameters shop:ImageUrl=123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:1.0.0 \
//	  --parameters items:ImageUrl=123456789012.dkr.ecr.eu-west-1.amazonaws.com/items:1.0.0
//
// From then on, for a new version of one of them:
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

	// The load balancer tries rules by their priority, the lowest first. So the
	// narrow path of the items comes before the shop, which answers every path.
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

// newNetwork makes a VPC, a cluster and the load balancer. DomainName has a
// certificate issued, and both names lead to the load balancer.
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

// newService gives the service what all services here have. The image is a
// parameter, so that a new version needs no synthesis: `slipway deploy` changes
// the parameter, and refuses if anything but the image would change with it.
func newService(stack awscdk.Stack, props *constructs.FargateServiceProps) {
	props.ImageUrl = awscdk.NewCfnParameter(stack, jsii.String("ImageUrl"), nil).ValueAsString()
	props.ContainerPort = jsii.Number(8080)
	props.HealthCheckPath = jsii.String("/health")
	constructs.NewFargateService(stack, jsii.String("Service"), props)
}
