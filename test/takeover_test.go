package test

import (
	"os"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/internal/cfntemplate"
	"github.com/slipway-go/slipway/stacks"
)

// TestTakesOverRunningStacks: a stack made from a hand-written template, of the
// shape that Slipway grew out of, can be updated to ours without any resource of
// both being replaced. The registry's schemas say which properties would do that;
// L2 constructs like to set some: a load balancer's Type, a service's
// DeploymentController.
func TestTakesOverRunningStacks(t *testing.T) {
	network := func(compatibility bool) func(awscdk.App) awscdk.Stack {
		return networkWith(func(p *stacks.NetworkStackProps) { p.Compatibility = jsii.Bool(compatibility) })
	}
	service := func(fixedNames bool) func(awscdk.App) awscdk.Stack {
		return serviceWith(func(p *stacks.ServiceStackProps) { p.FixedNames = jsii.Bool(fixedNames) })
	}
	for _, tt := range []struct {
		name, file string
		stack      func(awscdk.App) awscdk.Stack
		// kept are the logical IDs that both templates have and that stay.
		kept []string
		lost map[string]string
	}{
		{
			name: "network", file: "network.yaml", stack: network(true),
			kept: []string{
				"VPC", "PublicSubnetOne", "PublicSubnetTwo", "InternetGateway", "GatewayAttachement",
				"PublicRouteTable", "PublicRoute", "PublicSubnetOneRouteTableAssociation", "PublicSubnetTwoRouteTableAssociation",
				"PublicLoadBalancerSecurityGroup", "PublicLoadBalancer", "PublicLoadBalancerListener", "ECSCluster",
				"ECSSecurityGroup", "ECSSecurityGroupIngressFromPublicALB", "ECSSecurityGroupIngressFromSelf",
				"ECSRole", "ECSTaskExecutionRole",
			},
			// The listener answers by itself where no service does, and the group's
			// fixed name let no second stack into a region.
			lost: map[string]string{"DummyTargetGroupPublic": "deleted"},
		},
		{
			name: "service", file: "service.yaml", stack: service(true),
			kept: []string{"LogGroup", "LoadBalancerRule", "Service", "TargetGroup"},
			// A new task definition is what every rollout is.
			lost: map[string]string{"TaskDefinition": ""},
		},
		// Without the props, something is lost: the tests above do find it.
		{
			name: "network without Compatibility", file: "network.yaml", stack: network(false),
			kept: []string{"VPC", "PublicLoadBalancer", "PublicLoadBalancerListener", "ECSCluster"},
			lost: map[string]string{
				"DummyTargetGroupPublic": "deleted", "ECSRole": "deleted", "ECSTaskExecutionRole": "deleted",
				"ECSSecurityGroup": "deleted", "ECSSecurityGroupIngressFromPublicALB": "deleted", "ECSSecurityGroupIngressFromSelf": "deleted",
			},
		},
		{
			name: "service without FixedNames", file: "service.yaml", stack: service(false),
			kept: []string{"LoadBalancerRule"},
			lost: map[string]string{
				"TaskDefinition": "",
				"LogGroup":       `Properties.LogGroupName: {"Ref":"ServiceName"} -> nothing`,
				"Service":        `Properties.ServiceName: {"Ref":"ServiceName"} -> nothing`,
				"TargetGroup":    `Properties.Name: {"Ref":"ServiceName"} -> nothing`,
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before, after := handWritten(t, tt.file), canonical(t, tt.stack(newApp(t)))
			lost := losses(compare(t, before, after))
			if _, ok := lost["TaskDefinition"]; ok {
				lost["TaskDefinition"] = "" // everything in it is set on creation only
			}
			if diff := cmp.Diff(tt.lost, lost); diff != "" {
				t.Errorf("what a running stack loses, and why (-want +got):\n%s", diff)
			}
			for _, id := range tt.kept {
				was, is := resources(t, before)[id], resources(t, after)[id]
				if was.Type == "" || was.Type != is.Type {
					t.Errorf("%s is a %q and becomes a %q", id, was.Type, is.Type)
				}
			}
		})
	}
}

func handWritten(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile("../internal/cfntemplate/testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func resources(t *testing.T, text string) map[string]cfntemplate.Resource {
	t.Helper()
	parsed, err := cfntemplate.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Resources
}
