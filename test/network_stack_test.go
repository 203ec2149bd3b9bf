package test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/stacks"
)

// TestWhereTasksRun: what a network says to its services, defined or imported.
func TestWhereTasksRun(t *testing.T) {
	app := newApp(t)
	stack := awscdk.NewStack(app, jsii.String("shop"), nil)
	defined := func(id string, props *constructs.NetworkProps) constructs.INetwork {
		return constructs.NewNetwork(stack, jsii.String(id), props)
	}
	imported := func(id string, attributes *constructs.NetworkAttributes) constructs.INetwork {
		attributes.StackName = jsii.String("net")
		return constructs.NetworkFromAttributes(stack, jsii.String(id), attributes)
	}
	from := func(output string) any {
		return map[string]any{"Fn::ImportValue": "net:" + output}
	}
	for _, tt := range []struct {
		name    string
		network constructs.INetwork
		subnets []any // nil: the public ones of the network
		public  bool
	}{
		{"default", defined("Default", nil), nil, true},
		{"private", defined("Private", &constructs.NetworkProps{PrivateSubnets: jsii.Bool(true), NatGateways: constructs.NatOne}), nil, false},
		{"public beside private", defined("Both", &constructs.NetworkProps{
			PrivateSubnets: jsii.Bool(true), TaskPlacement: constructs.TasksPublic}), nil, true},
		{"imported", constructs.NetworkFromExports(stack, jsii.String("Imported"), jsii.String("net")),
			[]any{from("PublicSubnetOne"), from("PublicSubnetTwo")}, true},
		{"imported, private", imported("ImportedPrivate", &constructs.NetworkAttributes{TaskPlacement: constructs.TasksPrivate}),
			[]any{from("PrivateSubnetOne"), from("PrivateSubnetTwo")}, false},
		{"imported, three zones", imported("ImportedThree", &constructs.NetworkAttributes{Zones: jsii.Number(3)}),
			[]any{from("PublicSubnetOne"), from("PublicSubnetTwo"), from("PublicSubnetThree")}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.subnets
			if want == nil {
				subnets := tt.network.Vpc().PrivateSubnets()
				if tt.public {
					subnets = tt.network.PublicSubnets()
				}
				want = subnetIDs(stack, subnets)
			}
			if diff := cmp.Diff(want, subnetIDs(stack, tt.network.TaskSubnets())); diff != "" {
				t.Errorf("subnets (-want +got):\n%s", diff)
			}
			if got := *tt.network.AssignPublicIp(); got != tt.public {
				t.Errorf("public address: %t, want %t", got, tt.public)
			}
		})
	}

	withDatabase := imported("ImportedDatabase", &constructs.NetworkAttributes{DatabaseSubnets: jsii.Bool(true)})
	if diff := cmp.Diff([]any{from("DatabaseSubnetOne"), from("DatabaseSubnetTwo")}, subnetIDs(stack, withDatabase.Vpc().IsolatedSubnets())); diff != "" {
		t.Errorf("database subnets (-want +got):\n%s", diff)
	}
}

// TestFullNetworkDependsOnNoFlag: as for the default network, flags of the app
// around change nothing of one that has everything.
func TestFullNetworkDependsOnNoFlag(t *testing.T) {
	everything := func(context *map[string]any) string {
		app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir()), Context: context})
		named, _ := zones(app)
		stacks.NewNetworkStack(app, jsii.String("network"), &stacks.NetworkStackProps{NetworkProps: constructs.NetworkProps{
			PrivateSubnets:  jsii.Bool(true),
			DatabaseSubnets: jsii.Bool(true),
			NatGateways:     constructs.NatPerZone,
			InterfaceEndpoints: []constructs.InterfaceEndpoint{
				constructs.EndpointECR, constructs.EndpointLogs, constructs.EndpointSecretsManager,
			},
			FlowLogs:          awsec2.FlowLogTrafficType_ALL,
			HostedZone:        named,
			DomainName:        jsii.String("shop.example.com"),
			ContainerInsights: awsecs.ContainerInsights_ENABLED,
			FargateSpot:       jsii.Bool(true),
			Compatibility:     jsii.Bool(true),
		}})
		return synthesize(t, app, "network")
	}
	flags := recommendedFlags(t)
	if diff := cmp.Diff(everything(nil), everything(&flags)); diff != "" {
		t.Errorf("without flags, with them (-without +with):\n%s", diff)
	}
}

func subnetIDs(stack awscdk.Stack, subnets *[]awsec2.ISubnet) []any {
	var ids []any
	for _, subnet := range *subnets {
		ids = append(ids, stack.Resolve(subnet.SubnetId()))
	}
	return ids
}

// TestServiceStackIsToldOfItsNetwork: the props of a service stack reach what
// it imports. Every import is an export of the network stack that they describe.
func TestServiceStackIsToldOfItsNetwork(t *testing.T) {
	app := newApp(t)
	stacks.NewServiceStack(app, jsii.String("orders"), &stacks.ServiceStackProps{
		Zones:         jsii.Number(3),
		TaskPlacement: constructs.TasksPrivate,
	})
	exported := networkTemplate(t, &constructs.NetworkProps{
		Zones: jsii.Number(3), PrivateSubnets: jsii.Bool(true), NatGateways: constructs.NatOne,
	}).Outputs
	var service map[string]any
	unmarshal(t, synthesize(t, app, "orders"), &service)
	imported := map[string]bool{}
	walk("", service, func(path string, v any) {
		output, ok := at(v, "Fn::ImportValue.Fn::Join.1.1").(string)
		imported[output] = ok
		if _, isExported := exported[output]; ok && !isExported {
			t.Errorf("%s imports %q, which the network stack does not export", path, output)
		}
	})
	if !imported["PrivateSubnetThree"] || imported["PublicSubnetOne"] {
		t.Errorf("tasks of private placement run elsewhere: imports %v", imported)
	}
	if ip := at(service, "Resources.Service.Properties.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp"); ip != "DISABLED" {
		t.Errorf("tasks in private subnets have AssignPublicIp %v", ip)
	}
}

func TestEnvironment(t *testing.T) {
	staging := stacks.Environment{Application: "shop", Name: "staging", Tags: map[string]string{"cost-centre": "4711"}}
	app := newApp(t)
	network := stacks.NewNetworkStack(app, jsii.String("network"), &stacks.NetworkStackProps{StackProps: staging.StackProps("network")})
	if got := *network.StackName(); got != "shop-staging-network" {
		t.Errorf("the stack is called %q", got)
	}
	if prefix := staging.Prefix("orders"); prefix != "shop-staging-orders" {
		t.Errorf("prefixed: %q", prefix)
	}

	text := synthesize(t, app, "shop-staging-network")
	if strings.Contains(text, "staging") {
		t.Error("the environment is in the template, which could not be another's then")
	}
	want := map[string]string{"application": "shop", "environment": "staging", "cost-centre": "4711"}
	if diff := cmp.Diff(want, stackTags(t, app, "network")); diff != "" {
		t.Errorf("tags of the stack (-want +got):\n%s", diff)
	}

	// In the template, for those who want them there.
	app = newApp(t)
	tagged := stacks.NewNetworkStack(app, jsii.String("network"), nil)
	staging.Tag(tagged)
	got := map[string]string{}
	for _, tag := range parse(t, synthesize(t, app, "network")).Resources["VPC"].Properties["Tags"].([]any) {
		got[at(tag, "Key").(string)] = at(tag, "Value").(string)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tags of the VPC (-want +got):\n%s", diff)
	}
}

// stackTags are what the cdk command gives the stack.
func stackTags(t *testing.T, app awscdk.App, artifact string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(*app.Outdir(), "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Artifacts map[string]struct {
			Properties struct{ Tags map[string]string }
		}
	}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		t.Fatal(err)
	}
	return manifest.Artifacts[artifact].Properties.Tags
}
