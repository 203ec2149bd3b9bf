package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
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
