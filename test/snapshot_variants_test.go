package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/snapshot"
	"github.com/slipway-go/slipway/stacks"
)

// TestVariantsAreCurrent keeps snapshots of the stacks that people run with props
// set, so that what a change does to those is seen, and judged, as it is for the
// templates that are committed.
func TestVariantsAreCurrent(t *testing.T) {
	for name, stack := range map[string]func(awscdk.App) awscdk.Stack{
		"network-compatibility": networkWith(func(p *stacks.NetworkStackProps) { p.Compatibility = jsii.Bool(true) }),
		"network-https": networkWith(func(p *stacks.NetworkStackProps) {
			p.CertificateArn = jsii.String("arn:aws:acm:eu-west-1:123456789012:certificate/1")
		}),
		"network-private": networkWith(func(p *stacks.NetworkStackProps) {
			p.Zones, p.PrivateSubnets, p.DatabaseSubnets = jsii.Number(3), jsii.Bool(true), jsii.Bool(true)
			p.NatGateways, p.Internal = constructs.NatPerZone, jsii.Bool(true)
			p.InterfaceEndpoints = []constructs.InterfaceEndpoint{
				constructs.EndpointECR, constructs.EndpointLogs, constructs.EndpointSecretsManager,
				constructs.EndpointSSM, constructs.EndpointSSMMessages,
			}
			p.FlowLogs, p.FargateSpot = awsec2.FlowLogTrafficType_ALL, jsii.Bool(true)
		}),
		"network-names":    networkOfNames,
		"around-a-service": aroundAService,
		"service-canary": serviceWith(func(p *stacks.ServiceStackProps) {
			p.TrafficShift = &constructs.TrafficShift{Strategy: awsecs.DeploymentStrategy_CANARY}
			p.RollbackAlarms, p.Alarms = &constructs.RollbackAlarms{}, &constructs.AlarmsProps{}
			p.Autoscaling, p.Spot = &constructs.Autoscaling{}, &constructs.Spot{}
			p.Architecture, p.ExecuteCommand = constructs.ArchitectureARM64, jsii.Bool(true)
			p.Hosts, p.StickinessSeconds = jsii.Strings("*.example.com"), jsii.Number(3600)
			p.ServiceConnect = &constructs.ServiceConnect{Namespace: jsii.String("shop"), DnsName: jsii.String("orders")}
			p.ContainerHealthCheck = &constructs.ContainerHealthCheck{Command: jsii.Strings("CMD", "/healthy")}
		}),
		"service-fixed-names": serviceWith(func(p *stacks.ServiceStackProps) { p.FixedNames = jsii.Bool(true) }),
	} {
		t.Run(name, func(t *testing.T) {
			snapshot.Match(t, stack(newApp(t)), &snapshot.Options{File: "testdata/variants/" + name + ".json"})
		})
	}
}

// networkOfNames is a network with a certificate, records and a web ACL of its own, that
// publishes SSM parameters.
func networkOfNames(app awscdk.App) awscdk.Stack {
	zone := awsroute53.HostedZone_FromHostedZoneAttributes(awscdk.NewStack(app, jsii.String("beside"), nil), jsii.String("Zone"),
		&awsroute53.HostedZoneAttributes{HostedZoneId: jsii.String("Z0123456789ABCDEFGHIJ"), ZoneName: jsii.String("example.com")})
	return stacks.NewNetworkStack(app, jsii.String("s"), &stacks.NetworkStackProps{
		NetworkProps: constructs.NetworkProps{
			HostedZone: zone,
			DomainName: jsii.String("shop.example.com"),
			AliasNames: jsii.Strings("*.shop.example.com"),
			WebAclArn:  jsii.String("arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/shop/0b1f0b1f-0000-4000-8000-0123456789ab"),
		},
		SSMParameters: jsii.Bool(true),
	})
}

// aroundAService is a stack of a user's own, in which logical IDs come from the paths of
// the constructs: what stands around a service, and a worker.
func aroundAService(app awscdk.App) awscdk.Stack {
	stack := awscdk.NewStack(app, jsii.String("s"), &awscdk.StackProps{Synthesizer: awscdk.NewLegacyStackSynthesizer()})
	network := constructs.NewNetwork(stack, jsii.String("Network"), &constructs.NetworkProps{DatabaseSubnets: jsii.Bool(true)})
	repository := constructs.NewRepository(stack, jsii.String("Images"), nil)
	database := constructs.NewPostgresDatabase(stack, jsii.String("Database"), &constructs.PostgresDatabaseProps{Network: network})
	access := []constructs.Access{{To: database}}
	constructs.NewFargateWorker(stack, jsii.String("Mailer"), &constructs.FargateWorkerProps{
		Network:     network,
		ServiceName: jsii.String("mailer"),
		ImageUrl:    awscdk.NewCfnParameter(stack, jsii.String("ImageUrl"), nil).ValueAsString(),
		Repository:  repository.Repository(),
		Environment: database.Environment(),
		Secrets:     database.Secrets(),
		AccessTo:    access,
	})
	constructs.NewJumpHost(stack, jsii.String("Jump"), &constructs.JumpHostProps{Network: network, AccessTo: access})
	constructs.NewDeployRole(stack, jsii.String("Deploy"), &constructs.DeployRoleProps{
		Repository: jsii.String("octo-org/octo-repo"),
		StackNames: jsii.Strings("web"),
		Cluster:    network.Cluster(),
	})
	return stack
}
