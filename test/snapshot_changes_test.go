package test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/snapshot"
	"github.com/slipway-go/slipway/snapshot/templatediff"
	"github.com/slipway-go/slipway/stacks"
	"github.com/slipway-go/slipway/templates"
)

// acknowledged are the changes since testdata/released by which a stack that runs
// loses something that holds data or bears traffic. Every entry interrupts users
// of Slipway when they update: there had better be none.
func acknowledged() map[string][]snapshot.Acknowledgement {
	return map[string][]snapshot.Acknowledgement{}
}

// TestRunningStacksSurviveAnUpdate lists what an update from the released
// templates to the committed ones does, and fails where it would replace or
// delete what holds data or bears traffic. Copy templates/ to testdata/released
// with each release, and empty the list above.
func TestRunningStacksSurviveAnUpdate(t *testing.T) {
	for file, current := range map[string]string{
		"network.json": templates.Network(),
		"service.json": templates.Service(),
		"task.json":    templates.Task(),
	} {
		t.Run(file, func(t *testing.T) {
			released, err := os.ReadFile(filepath.Join("testdata", "released", file))
			if err != nil {
				t.Fatal(err)
			}
			diff := compare(t, string(released), current)
			t.Logf("since the release:\n%s", diff)
			for _, change := range diff.Refused(acknowledged()[file]) {
				t.Errorf("stacks that run would lose %s: %s\n%s", change.Name, change.Cause(), change)
			}
		})
	}
}

// TestSwitchingPropsOnRunningStacks: what each prop replaces when it is set on a
// stack that runs without it. Most replace nothing; those that do say so in their
// documentation.
func TestSwitchingPropsOnRunningStacks(t *testing.T) {
	for _, tt := range []struct {
		prop   string
		before string
		after  func(awscdk.App) awscdk.Stack
		want   map[string]string // by logical ID, why
	}{
		{
			prop: "Compatibility", before: templates.Network(),
			after: networkWith(func(p *stacks.NetworkStackProps) { p.Compatibility = jsii.Bool(true) }),
		},
		{
			prop: "IdleTimeoutSeconds", before: templates.Network(),
			after: networkWith(func(p *stacks.NetworkStackProps) { p.IdleTimeoutSeconds = jsii.Number(120) }),
		},
		{
			prop: "CertificateArn", before: templates.Network(),
			after: networkWith(func(p *stacks.NetworkStackProps) {
				p.CertificateArn = jsii.String("arn:aws:acm:eu-west-1:123456789012:certificate/1")
			}),
		},
		{
			prop: "Zones", before: templates.Network(),
			after: networkWith(func(p *stacks.NetworkStackProps) { p.Zones = jsii.Number(3) }),
		},
		{
			prop: "PrivateSubnets", before: templates.Network(),
			after: networkWith(func(p *stacks.NetworkStackProps) {
				p.PrivateSubnets, p.NatGateways = jsii.Bool(true), constructs.NatPerZone
			}),
		},
		{
			prop: "DatabaseSubnets", before: templates.Network(),
			after: networkWith(func(p *stacks.NetworkStackProps) { p.DatabaseSubnets = jsii.Bool(true) }),
		},
		{
			prop: "Internal", before: templates.Network(),
			after: networkWith(func(p *stacks.NetworkStackProps) { p.Internal = jsii.Bool(true) }),
			want: map[string]string{
				"PublicLoadBalancer":         `Properties.Scheme: "internet-facing" -> "internal"`,
				"PublicLoadBalancerListener": "Properties.LoadBalancerArn: PublicLoadBalancer is replaced",
			},
		},
		{
			prop: "Cidr", before: templates.Network(),
			after: networkWith(func(p *stacks.NetworkStackProps) { p.Cidr = jsii.String("10.7.0.0/16") }),
			want: map[string]string{
				"VPC":                                  `Properties.CidrBlock: "10.0.0.0/16" -> "10.7.0.0/16"`,
				"GatewayAttachement":                   "Properties.VpcId: VPC is replaced",
				"PublicLoadBalancerSecurityGroup":      "Properties.VpcId: VPC is replaced",
				"PublicRouteTable":                     "Properties.VpcId: VPC is replaced",
				"PublicRoute":                          "Properties.RouteTableId: PublicRouteTable is replaced",
				"PublicSubnetOne":                      `Properties.CidrBlock: "10.0.1.0/24" -> "10.7.1.0/24"; Properties.VpcId: VPC is replaced`,
				"PublicSubnetOneRouteTableAssociation": "Properties.RouteTableId: PublicRouteTable is replaced; Properties.SubnetId: PublicSubnetOne is replaced",
				"PublicSubnetTwo":                      `Properties.CidrBlock: "10.0.2.0/24" -> "10.7.2.0/24"; Properties.VpcId: VPC is replaced`,
				"PublicSubnetTwoRouteTableAssociation": "Properties.RouteTableId: PublicRouteTable is replaced; Properties.SubnetId: PublicSubnetTwo is replaced",
			},
		},
		{
			prop: "Spot", before: templates.Service(),
			after: serviceWith(func(p *stacks.ServiceStackProps) { p.Spot = &constructs.Spot{} }),
			want:  map[string]string{"Service": `Properties.LaunchType: "FARGATE" -> nothing`},
		},
		{
			prop: "no Spot", before: canonical(t, serviceWith(func(p *stacks.ServiceStackProps) { p.Spot = &constructs.Spot{} })(newApp(t))),
			after: serviceWith(func(*stacks.ServiceStackProps) {}),
			want:  map[string]string{"Service": `Properties.LaunchType: nothing -> "FARGATE"`},
		},
		{
			prop: "FixedNames", before: templates.Service(),
			after: serviceWith(func(p *stacks.ServiceStackProps) { p.FixedNames = jsii.Bool(true) }),
			want: map[string]string{
				"LogGroup":       `Properties.LogGroupName: nothing -> {"Ref":"ServiceName"}`,
				"Service":        `Properties.ServiceName: nothing -> {"Ref":"ServiceName"}`,
				"TargetGroup":    `Properties.Name: nothing -> {"Ref":"ServiceName"}`,
				"TaskDefinition": "Properties.ContainerDefinitions: LogGroup is replaced",
			},
		},
	} {
		t.Run(tt.prop, func(t *testing.T) {
			after := canonical(t, tt.after(newApp(t)))
			if diff := cmp.Diff(tt.want, losses(compare(t, tt.before, after))); diff != "" {
				t.Errorf("what is lost, and why (-want +got):\n%s", diff)
			}
		})
	}
}

// networkWith is the network stack with what set sets, serviceWith the service stack.
func networkWith(set func(*stacks.NetworkStackProps)) func(awscdk.App) awscdk.Stack {
	props := &stacks.NetworkStackProps{}
	set(props)
	return func(app awscdk.App) awscdk.Stack { return stacks.NewNetworkStack(app, jsii.String("s"), props) }
}

func serviceWith(set func(*stacks.ServiceStackProps)) func(awscdk.App) awscdk.Stack {
	props := &stacks.ServiceStackProps{}
	set(props)
	return func(app awscdk.App) awscdk.Stack { return stacks.NewServiceStack(app, jsii.String("s"), props) }
}

func canonical(t *testing.T, stack awscdk.Stack) string {
	t.Helper()
	text, err := snapshot.Template(stack)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func compare(t *testing.T, before, after string) templatediff.Diff {
	t.Helper()
	diff, err := templatediff.Compare(before, after)
	if err != nil {
		t.Fatal(err)
	}
	return diff
}

// losses is every resource, protected or not, that would not survive, and why;
// nil if there is none.
func losses(diff templatediff.Diff) map[string]string {
	var lost map[string]string
	for _, change := range diff.Changes {
		switch change.Effect {
		case templatediff.MaybeReplaced, templatediff.Replaced, templatediff.LeftBehind, templatediff.Deleted:
			if lost == nil {
				lost = map[string]string{}
			}
			lost[change.Name] = change.Cause()
		}
	}
	return lost
}
