package test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/templates"
)

var (
	networkOutputs = []string{
		contract.OutputClusterName,
		contract.OutputExternalURL,
		contract.OutputPublicListener,
		contract.OutputVPCID,
		contract.OutputPublicSubnetOne,
		contract.OutputPublicSubnetTwo,
		contract.OutputPublicLoadBalancerSecurityGroup,
	}
	// The subnets that a network has when asked for them.
	subnetOutputs = slices.Concat(outputsOf(contract.PublicSubnetOutputs())[2:],
		outputsOf(contract.PrivateSubnetOutputs()), outputsOf(contract.DatabaseSubnetOutputs()))
	compatibilityOutputs = []string{
		contract.OutputECSRole,
		contract.OutputECSTaskExecutionRole,
		contract.OutputECSSecurityGroup,
	}
	serviceOutputs = []string{
		contract.OutputURL,
		contract.OutputServiceName,
		contract.OutputServiceARN,
		contract.OutputServiceClusterName,
		contract.OutputTaskDefinitionARN,
		contract.OutputTargetGroupARN,
		contract.OutputLogGroupName,
	}
)

// TestContractIsClosed holds contract/ and templates/ together: no name in one
// that the other does not have. Names are read from contract's source, so that
// a new constant nobody uses is found too.
func TestContractIsClosed(t *testing.T) {
	network, service := parse(t, templates.Network()), parse(t, templates.Service())

	equalSets(t, "parameters of the service stack", contractNames(t, "Parameter"), keys(service.Parameters))
	equalSets(t, "parameters of the network stack", nil, keys(network.Parameters))
	equalSets(t, "outputs of the network stack", networkOutputs, keys(network.Outputs))
	equalSets(t, "outputs of the service stack", serviceOutputs, keys(service.Outputs))
	equalSets(t, "outputs in contract/", contractNames(t, "Output"),
		slices.Concat(networkOutputs, subnetOutputs, compatibilityOutputs, serviceOutputs))
}

func TestNetworkExportsItsOutputs(t *testing.T) {
	for name, output := range parse(t, templates.Network()).Outputs {
		if diff := cmp.Diff(exportName("AWS::StackName", name), output.Export.Name); diff != "" {
			t.Errorf("export of %s (-want +got):\n%s", name, diff)
		}
	}
	for name, output := range parse(t, templates.Service()).Outputs {
		if output.Export.Name != nil {
			t.Errorf("the service stack exports %s: in use, it could never change", name)
		}
	}
}

// TestServiceImportsWhatNetworkExports also keeps imports in the one form that
// tools which read templates can follow.
func TestServiceImportsWhatNetworkExports(t *testing.T) {
	var template map[string]any
	unmarshal(t, templates.Service(), &template)
	count := 0
	walk("", template, func(path string, v any) {
		name := at(v, "Fn::ImportValue")
		if name == nil {
			return
		}
		count++
		output, _ := at(name, "Fn::Join.1.1").(string)
		if diff := cmp.Diff(exportName("StackName", output), name); diff != "" {
			t.Errorf("import at %s (-want +got):\n%s", path, diff)
		}
		if !slices.Contains(networkOutputs, output) {
			t.Errorf("import at %s: the network stack does not export %q", path, output)
		}
	})
	if count == 0 {
		t.Error("the service imports nothing")
	}
}

// TestImageFeedsOnlyTheContainer is what makes an image rollout reviewable: a
// change of the parameter can change nothing else.
func TestImageFeedsOnlyTheContainer(t *testing.T) {
	var template map[string]any
	unmarshal(t, templates.Service(), &template)
	delete(template, "Parameters")
	var found []string
	walk("", template, func(path string, v any) {
		text, ok := v.(string)
		if ok && strings.Contains(text, contract.ParameterImageURL) {
			found = append(found, path)
		}
	})
	want := []string{".Resources.TaskDefinition.Properties.ContainerDefinitions.0.Image.Ref"}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("where the template mentions %s (-want +got):\n%s", contract.ParameterImageURL, diff)
	}
}

// contractNames are the values of the constants in contract/ with the prefix.
func contractNames(t *testing.T, prefix string) []string {
	t.Helper()
	var names []string
	for _, file := range []string{"parameters.go", "outputs.go"} {
		parsed, err := parser.ParseFile(token.NewFileSet(), "../contract/"+file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || !strings.HasPrefix(spec.Names[0].Name, prefix) {
				return true
			}
			name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, name)
			return true
		})
	}
	return names
}

func equalSets(t *testing.T, what string, want, got []string) {
	t.Helper()
	sorted := func(names []string) []string { return slices.Compact(slices.Sorted(slices.Values(names))) }
	if diff := cmp.Diff(sorted(want), sorted(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func outputsOf(subnets [contract.MaxZones]string) []string { return subnets[:] }

func keys[V any](m map[string]V) []string { return slices.Collect(maps.Keys(m)) }
