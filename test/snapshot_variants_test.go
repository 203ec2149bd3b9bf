package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

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
		"service-fixed-names": serviceWith(func(p *stacks.ServiceStackProps) { p.FixedNames = jsii.Bool(true) }),
	} {
		t.Run(name, func(t *testing.T) {
			snapshot.Match(t, stack(newApp(t)), &snapshot.Options{File: "testdata/variants/" + name + ".json"})
		})
	}
}
