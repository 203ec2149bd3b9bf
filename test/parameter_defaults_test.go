package test

import (
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/stacks"
	"github.com/slipway-go/slipway/templates"
)

// TestParameterDefaultsOfAStack: what is given is in the parameter, and nothing
// else of the template changes.
func TestParameterDefaultsOfAStack(t *testing.T) {
	app := newApp(t)
	stacks.NewServiceStack(app, jsii.String("orders"), &stacks.ServiceStackProps{
		ParameterDefaults: map[string]string{
			contract.ParameterStackName:   "shop-network",
			contract.ParameterServiceName: "orders",
			contract.ParameterPath:        "/orders/*",
			contract.ParameterPriority:    "2",
		},
	})
	got, want := parse(t, synthesize(t, app, "orders")), parse(t, templates.Service())
	for name, value := range map[string]any{"StackName": "shop-network", "ServiceName": "orders", "Path": "/orders/*", "Priority": 2.0} {
		p := want.Parameters[name]
		p.Default = value
		want.Parameters[name] = p
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParameterDefaultsAreChecked(t *testing.T) {
	for _, tt := range []struct {
		name, value string
		change      func(*stacks.ServiceStackProps)
		want        string
	}{
		{contract.ParameterPriority, "50001", nil, "Priority is 50001"},
		{contract.ParameterPriority, "first", nil, `ParameterDefaults["Priority"] is "first", allowed is a number`},
		{contract.ParameterContainerMemory, "513", nil, "ContainerMemory is 513"},
		{contract.ParameterStackName, "shop_network", nil, `ParameterDefaults["StackName"] is "shop_network"`},
		{contract.ParameterImageURL, "orders:1", nil, "would bring it back"},
		{"ImageURL", "orders:1", nil, `ParameterDefaults["ImageURL"] is set, and the stack has no such parameter`},
		{
			contract.ParameterDesiredCount, "3",
			func(p *stacks.ServiceStackProps) { p.Autoscaling = &constructs.Autoscaling{} },
			"the stack has no such parameter",
		},
		{
			contract.ParameterPath, "/a",
			func(p *stacks.ServiceStackProps) { p.Paths = jsii.Strings("/b") },
			"the stack has no such parameter",
		},
	} {
		props := &stacks.ServiceStackProps{ParameterDefaults: map[string]string{tt.name: tt.value}}
		if tt.change != nil {
			tt.change(props)
		}
		if err := props.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s = %s: error %v, want one with %q", tt.name, tt.value, err, tt.want)
		}
	}
}
