package test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/stacks"
	"github.com/slipway-go/slipway/templates"
)

// TestConsumersGetTheSameTemplate: whatever the app around the stacks is called
// and whichever feature flags it has set, the templates do not change.
func TestConsumersGetTheSameTemplate(t *testing.T) {
	flags := recommendedFlags(t)
	for _, tt := range []struct {
		name    string
		context *map[string]any
	}{
		{"without context", nil},
		{"with every recommended flag", &flags},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir()), Context: tt.context})
			stacks.NewNetworkStack(app, jsii.String("Shop-Network"), nil)
			stacks.NewServiceStack(app, jsii.String("Shop-Orders"), nil)
			for stack, want := range map[string]string{
				"Shop-Network": templates.Network(),
				"Shop-Orders":  templates.Service(),
			} {
				if diff := cmp.Diff(want, synthesize(t, app, stack)); diff != "" {
					t.Errorf("%s (-committed +synthesized):\n%s", stack, diff)
				}
			}
		})
	}
}

// TestConstructsDependOnNoFlag: constructs in stacks of a user write the same with
// every recommended flag as with none.
func TestConstructsDependOnNoFlag(t *testing.T) {
	flags := recommendedFlags(t)
	// The stack that a grant is made in may be the user's: its policies are too.
	delete(flags, "@aws-cdk/aws-iam:minimizePolicies")
	written := func(context *map[string]any) map[string]string {
		app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir()), Context: context})
		everyFeature(app)
		templates := map[string]string{}
		for _, stack := range *app.Synth(nil).Stacks() {
			templates[*stack.StackName()] = synthesize(t, app, *stack.StackName())
		}
		return templates
	}
	if diff := cmp.Diff(written(nil), written(&flags)); diff != "" {
		t.Errorf("templates without flags, with them (-without +with):\n%s", diff)
	}
}

// recommendedFlags are what the CDK says in every synthesis it would set in a
// new app: nobody has to keep the list.
func recommendedFlags(t *testing.T) map[string]any {
	t.Helper()
	app := newApp(t)
	app.Synth(nil)
	raw, err := os.ReadFile(filepath.Join(*app.Outdir(), "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Artifacts map[string]struct {
			Properties struct {
				Flags map[string]struct {
					RecommendedValue any
				}
			}
		}
	}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		t.Fatal(err)
	}
	flags := map[string]any{}
	for name, flag := range manifest.Artifacts["aws-cdk-lib/feature-flag-report"].Properties.Flags {
		flags[name] = flag.RecommendedValue
	}
	if len(flags) < 50 {
		t.Fatalf("only %d feature flags found", len(flags))
	}
	return flags
}

// TestTwoServicesOnOneNetwork uses the constructs in an app of its own: two
// services beside their network, a third in another stack.
func TestTwoServicesOnOneNetwork(t *testing.T) {
	app := newApp(t)
	shop := awscdk.NewStack(app, jsii.String("shop"), nil)
	network := constructs.NewNetwork(shop, jsii.String("Network"), nil)
	service := func(stack awscdk.Stack, name, path string, priority float64) constructs.FargateService {
		return constructs.NewFargateService(stack, jsii.String(name), &constructs.FargateServiceProps{
			Network:     network,
			ServiceName: jsii.String(name),
			ImageUrl:    jsii.String("registry.example.com/" + name + ":1"),
			Path:        jsii.String(path),
			Priority:    jsii.Number(priority),
		})
	}
	service(shop, "orders", "/orders/*", 10)
	service(shop, "items", "/items/*", 20)
	service(awscdk.NewStack(app, jsii.String("search"), nil), "search", "/search/*", 30)

	count := func(stack, resourceType string) int {
		n := 0
		for _, r := range parse(t, synthesize(t, app, stack)).Resources {
			if r.Type == resourceType {
				n++
			}
		}
		return n
	}
	for _, tt := range []struct {
		stack, resourceType string
		want                int
	}{
		{"shop", "AWS::ECS::Service", 2},
		{"shop", "AWS::ElasticLoadBalancingV2::ListenerRule", 2},
		{"shop", "AWS::ElasticLoadBalancingV2::Listener", 1},
		{"shop", "AWS::EC2::SecurityGroup", 3},
		{"shop", "AWS::EC2::SecurityGroupIngress", 2},
		{"search", "AWS::ECS::Service", 1},
		{"search", "AWS::EC2::SecurityGroupIngress", 1},
	} {
		if got := count(tt.stack, tt.resourceType); got != tt.want {
			t.Errorf("%s has %d of %s, want %d", tt.stack, got, tt.resourceType, tt.want)
		}
	}
}
