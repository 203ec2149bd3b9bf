package test

import (
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/stacks"
)

// TestSSMParametersInsteadOfExports: what the service reads is what the network
// publishes, under the same name, and it imports no export.
func TestSSMParametersInsteadOfExports(t *testing.T) {
	app := newApp(t)
	stacks.NewNetworkStack(app, jsii.String("network"), &stacks.NetworkStackProps{
		NetworkProps: constructs.NetworkProps{
			Zones: jsii.Number(3), PrivateSubnets: jsii.Bool(true), NatGateways: constructs.NatOne,
		},
		SSMParameters: jsii.Bool(true),
	})
	stacks.NewServiceStack(app, jsii.String("service"), &stacks.ServiceStackProps{
		Zones:         jsii.Number(3),
		TaskPlacement: constructs.TasksPrivate,
		SSMParameters: jsii.Bool(true),
	})

	network := parse(t, synthesize(t, app, "network"))
	published := map[string]bool{}
	for id, r := range network.Resources {
		if r.Type != "AWS::SSM::Parameter" {
			continue
		}
		output := strings.TrimSuffix(id, "Parameter")
		published[output] = true
		want := map[string]any{"Fn::Join": []any{"", []any{"/", ref("AWS::StackName"), "/" + output}}}
		if diff := cmp.Diff(want, r.Properties["Name"]); diff != "" {
			t.Errorf("the name of %s (-want +got):\n%s", id, diff)
		}
		if diff := cmp.Diff(network.Outputs[output].Value, r.Properties["Value"]); diff != "" {
			t.Errorf("%s says something else than the output (-output +parameter):\n%s", id, diff)
		}
	}
	equalSets(t, "parameters and outputs", keys(network.Outputs), keys(published))

	text := synthesize(t, app, "service")
	if strings.Contains(text, "Fn::ImportValue") {
		t.Error("the service imports an export")
	}
	var service map[string]any
	unmarshal(t, text, &service)
	read := 0
	walk("", service, func(path string, v any) {
		parts, ok := at(v, "Fn::Join.1").([]any)
		if !ok || len(parts) != 3 || parts[0] != "{{resolve:ssm:/" {
			return
		}
		read++
		if diff := cmp.Diff(ref("StackName"), parts[1]); diff != "" {
			t.Errorf("%s reads from another stack (-want +got):\n%s", path, diff)
		}
		output := strings.TrimSuffix(strings.TrimPrefix(parts[2].(string), "/"), "}}")
		if !published[output] {
			t.Errorf("%s reads %q, which the network does not publish", path, output)
		}
	})
	if read == 0 {
		t.Error("the service reads nothing")
	}
}
