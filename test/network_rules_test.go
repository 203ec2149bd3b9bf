package test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/stacks"
)

// TestRulePrioritiesAreUnique: two services of an app that want one priority on
// one listener are refused at synthesis, wherever they stand, and nobody else is.
func TestRulePrioritiesAreUnique(t *testing.T) {
	service := func(stack awsconstructs.Construct, network constructs.INetwork, name string, priority *float64) {
		constructs.NewFargateService(stack, jsii.String(name), &constructs.FargateServiceProps{
			Network:     network,
			ServiceName: jsii.String(name),
			ImageUrl:    jsii.String("registry.example.com/" + name + ":1"),
			Path:        jsii.String("/" + name + "/*"),
			Priority:    priority,
		})
	}
	imported := func(stack awscdk.Stack, from string) constructs.INetwork {
		return constructs.NetworkFromExports(stack, jsii.String("Network"), jsii.String(from))
	}
	stackIn := func(app awscdk.App, id, region string) awscdk.Stack {
		return awscdk.NewStack(app, jsii.String(id), &awscdk.StackProps{
			Env: &awscdk.Environment{Account: jsii.String("123456789012"), Region: jsii.String(region)},
		})
	}

	for _, tt := range []struct {
		name  string
		build func(awscdk.App)
		want  []string // parts of the message; none when synthesis succeeds
	}{
		{"two stacks on a network of the app", func(app awscdk.App) {
			shop := awscdk.NewStack(app, jsii.String("shop"), nil)
			network := constructs.NewNetwork(shop, jsii.String("Network"), nil)
			service(shop, network, "orders", jsii.Number(7))
			service(awscdk.NewStack(app, jsii.String("search"), nil), network, "find", jsii.Number(7))
		}, []string{"search/find/LoadBalancerRule: Priority is 7, which shop/orders/LoadBalancerRule has", "1 to 50000"}},
		{"the default, twice", func(app awscdk.App) {
			shop := awscdk.NewStack(app, jsii.String("shop"), nil)
			network := constructs.NewNetwork(shop, jsii.String("Network"), nil)
			service(shop, network, "orders", nil)
			service(shop, network, "items", nil)
		}, []string{"shop/items/LoadBalancerRule: Priority is 1"}},
		{"two stacks that import one network", func(app awscdk.App) {
			for _, name := range []string{"orders", "items"} {
				stack := awscdk.NewStack(app, jsii.String(name), nil)
				service(stack, imported(stack, "shop-network"), name, jsii.Number(3))
			}
		}, []string{"items/items/LoadBalancerRule: Priority is 3", "orders/orders/LoadBalancerRule"}},
		{"nested scopes", func(app awscdk.App) {
			shop := awscdk.NewStack(app, jsii.String("shop"), nil)
			network := constructs.NewNetwork(awsconstructs.NewConstruct(shop, jsii.String("Base")), jsii.String("Network"), nil)
			service(shop, network, "orders", jsii.Number(4))
			inner := awsconstructs.NewConstruct(awsconstructs.NewConstruct(shop, jsii.String("Outer")), jsii.String("Inner"))
			service(inner, network, "items", jsii.Number(4))
		}, []string{"shop/Outer/Inner/items/LoadBalancerRule: Priority is 4, which shop/orders/LoadBalancerRule has"}},
		{"a nested stack", func(app awscdk.App) {
			shop := awscdk.NewStack(app, jsii.String("shop"), nil)
			network := constructs.NewNetwork(shop, jsii.String("Network"), nil)
			service(shop, network, "orders", jsii.Number(4))
			service(awscdk.NewNestedStack(shop, jsii.String("Nested"), nil), network, "items", jsii.Number(4))
		}, []string{"Priority is 4"}},
		{"a network of the user's own kind", func(app awscdk.App) {
			shop := awscdk.NewStack(app, jsii.String("shop"), nil)
			// In an app of its own, so that nothing of ours sees to it that this app is checked.
			elsewhere := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("elsewhere"), nil)
			network := wrappedNetwork{imported(elsewhere, "shop-network")}
			service(shop, network, "orders", jsii.Number(4))
			service(shop, network, "items", jsii.Number(4))
		}, []string{"shop/items/LoadBalancerRule: Priority is 4"}},
		{"a rule by hand", func(app awscdk.App) {
			shop := awscdk.NewStack(app, jsii.String("shop"), nil)
			network := constructs.NewNetwork(shop, jsii.String("Network"), nil)
			service(shop, network, "orders", jsii.Number(5))
			elb.NewApplicationListenerRule(shop, jsii.String("Teapot"), &elb.ApplicationListenerRuleProps{
				Listener:   network.Listener(),
				Priority:   jsii.Number(5),
				Conditions: &[]elb.ListenerCondition{elb.ListenerCondition_PathPatterns(jsii.Strings("/tea"))},
				Action:     elb.ListenerAction_FixedResponse(jsii.Number(418), nil),
			})
		}, []string{"Priority is 5"}},
		{"two networks", func(app awscdk.App) {
			for _, name := range []string{"blue", "green"} {
				stack := awscdk.NewStack(app, jsii.String(name), nil)
				service(stack, constructs.NewNetwork(stack, jsii.String("Network"), nil), "orders", jsii.Number(1))
			}
		}, nil},
		{"one name in two regions", func(app awscdk.App) {
			for _, region := range []string{"eu-central-1", "us-east-1"} {
				stack := stackIn(app, "orders-"+region, region)
				service(stack, imported(stack, "shop-network"), "orders", jsii.Number(1))
			}
		}, nil},
		{"parameters", func(app awscdk.App) {
			shop := awscdk.NewStack(app, jsii.String("shop"), nil)
			network := constructs.NewNetwork(shop, jsii.String("Network"), nil)
			for _, name := range []string{"orders", "items"} {
				parameter := awscdk.NewCfnParameter(shop, jsii.String(name+"Priority"), &awscdk.CfnParameterProps{Type: jsii.String("Number")})
				service(shop, network, name, parameter.ValueAsNumber())
			}
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := newApp(t)
			tt.build(app)
			message := synthesisError(app)
			if len(tt.want) == 0 && message != "" {
				t.Errorf("synthesis fails: %s", message)
			}
			for _, part := range tt.want {
				if !strings.Contains(message, part) {
					t.Errorf("synthesis says %q, want %q in it", message, part)
				}
			}
		})
	}
}

// wrappedNetwork is a network as a user may define one.
type wrappedNetwork struct{ constructs.INetwork }

// synthesisError is the message of a synthesis that fails, "" otherwise.
func synthesisError(app awscdk.App) (message string) {
	defer func() {
		if problem := recover(); problem != nil {
			message = fmt.Sprint(problem)
		}
	}()
	app.Synth(nil)
	return ""
}

// TestDefaultsOfPrioritiesAreUnique: two service stacks whose parameters say, by
// their defaults, one priority on one network are refused at synthesis. Where the
// network is known to nobody, there is a warning, and a way to end it.
func TestDefaultsOfPrioritiesAreUnique(t *testing.T) {
	type defaults = map[string]string
	service := func(scope awsconstructs.Construct, name string, defaults defaults) awscdk.Stack {
		return stacks.NewServiceStack(scope, jsii.String(name), &stacks.ServiceStackProps{ParameterDefaults: defaults})
	}
	two := func(items, shop defaults) func(awscdk.App) {
		return func(app awscdk.App) {
			service(app, "items", items)
			service(app, "shop", shop)
		}
	}
	for _, tt := range []struct {
		name            string
		build           func(awscdk.App)
		refused, warned []string // parts of the message; none when there is none
	}{
		{"both left out", two(defaults{"StackName": "net"}, defaults{"StackName": "net"}),
			[]string{"[shop] Priority is 1, which items has on the same network stack, net; allowed is one from 1 to 50000", `set ParameterDefaults["Priority"]`}, nil},
		{"one left out", two(defaults{"StackName": "net", "Priority": "1"}, defaults{"StackName": "net"}), []string{"[shop] Priority is 1"}, nil},
		{"both given", two(defaults{"StackName": "net", "Priority": "7"}, defaults{"StackName": "net", "Priority": "7.0"}), []string{"[shop] Priority is 7"}, nil},
		{"two priorities", two(defaults{"StackName": "net"}, defaults{"StackName": "net", "Priority": "2"}), nil, nil},
		{"two networks", two(defaults{"StackName": "net"}, defaults{"StackName": "other"}), nil, nil},
		{"networks that nobody knows", two(nil, nil), nil, []string{"Priority is 1, which items has, too", `ParameterDefaults["StackName"]`}},
		{"a network that nobody knows", two(defaults{"StackName": "net"}, nil), nil, []string{"Priority is 1, which items has, too"}},
		{"priorities on networks that nobody knows", two(nil, defaults{"Priority": "2"}), nil, nil},
		{"two networks that we are told of", func(app awscdk.App) {
			two(nil, nil)(app)
			shop := app.Node().FindChild(jsii.String("shop"))
			awscdk.Annotations_Of(shop).AcknowledgeWarning(jsii.String("slipway:rulePriority"), jsii.String("another region"))
		}, nil, nil},
		{"the third of three", func(app awscdk.App) {
			service(app, "items", defaults{"StackName": "net"})
			service(app, "search", nil)
			service(app, "shop", defaults{"StackName": "net"})
		}, []string{"[shop] Priority is 1, which items has"}, []string{"Priority is 1, which items has, too"}},
		{"two stages", func(app awscdk.App) {
			for _, name := range []string{"staging", "production"} {
				service(awscdk.NewStage(app, jsii.String(name), nil), "shop", nil)
			}
		}, nil, nil},
		{"two regions", func(app awscdk.App) {
			for _, region := range []string{"eu-west-1", "us-east-1"} {
				stacks.NewServiceStack(app, jsii.String("shop-"+region), &stacks.ServiceStackProps{
					StackProps: awscdk.StackProps{Env: &awscdk.Environment{Region: jsii.String(region)}},
				})
			}
		}, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			app := newApp(t)
			tt.build(app)
			var warned []string
			for _, construct := range *app.Node().FindAll(awsconstructs.ConstructOrder_PREORDER) {
				for _, entry := range *construct.Node().Metadata() {
					if *entry.Type == "aws:cdk:warning" {
						warned = append(warned, fmt.Sprint(entry.Data))
					}
				}
			}
			for what, message := range map[string][2]string{
				"refused": {synthesisError(app), strings.Join(tt.refused, "\n")},
				"warned":  {strings.Join(warned, "\n"), strings.Join(tt.warned, "\n")},
			} {
				got, want := message[0], message[1]
				if want == "" && got != "" {
					t.Errorf("%s: %s", what, got)
				}
				for part := range strings.SplitSeq(want, "\n") {
					if !strings.Contains(got, part) {
						t.Errorf("%s: %q, want %q in it", what, got, part)
					}
				}
			}
		})
	}
}
