package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/templates"
)

// The two apps are compared by what Go or JavaScript costs, not by what one
// version of the CDK costs more than another.
func TestBothAppsUseOneCDK(t *testing.T) {
	t.Parallel()
	pins, err := readPins("javascript")
	if err != nil {
		t.Fatal(err)
	}
	gomod, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for module, pinned := range map[string]string{
		"github.com/aws/aws-cdk-go/awscdk/v2":         "aws-cdk-lib",
		"github.com/aws/constructs-go/constructs/v10": "constructs",
	} {
		if !strings.Contains(string(gomod), module+" v"+pins[pinned]+"\n") {
			t.Errorf("javascript/package.json has %s %s, and go.mod another version of %s", pinned, pins[pinned], module)
		}
	}
}

// With what `make benchmark-synthesis` installs, it needs no hyperfine to see
// whether the apps are still the same.
func TestJavaScriptAppHasTheResources(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(filepath.Join("javascript", "node_modules")); err != nil {
		t.Skip("the JavaScript app's packages are not installed: make benchmark-synthesis")
	}
	want, got := t.TempDir(), t.TempDir()
	for stack, template := range map[string]string{
		contract.NetworkStackName: templates.Network(),
		contract.ServiceStackName: templates.Service(),
	} {
		if err := os.WriteFile(filepath.Join(want, stack+templateSuffix), []byte(template), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	app := exec.CommandContext(t.Context(), "node", filepath.Join("javascript", "app.js"))
	app.Env = append(os.Environ(), "CDK_VALIDATION="+validatorOff, "CDK_OUTDIR="+got)
	if out, err := app.CombinedOutput(); err != nil {
		t.Fatalf("synthesizing: %v\n%s", err, out)
	}
	goApp, err := countResources(want)
	if err != nil {
		t.Fatal(err)
	}
	javascriptApp, err := countResources(got)
	if err != nil {
		t.Fatal(err)
	}
	if err := compareResources(goApp, javascriptApp); err != nil {
		t.Error(err)
	}
}

func TestCompareResources(t *testing.T) {
	t.Parallel()
	goApp := resourceCounts{"network AWS::EC2::Subnet": 2, "network AWS::EC2::Route": 1}
	if err := compareResources(goApp, resourceCounts{"network AWS::EC2::Subnet": 2, "network AWS::EC2::Route": 1}); err != nil {
		t.Errorf("got %v for equal apps", err)
	}
	err := compareResources(goApp, resourceCounts{"network AWS::EC2::Subnet": 3, "service AWS::ECS::Service": 1})
	if err == nil {
		t.Fatal("got no error for different apps")
	}
	for _, want := range []string{
		"network AWS::EC2::Route: 1 in Go, 0 in JavaScript",
		"network AWS::EC2::Subnet: 2 in Go, 3 in JavaScript",
		"service AWS::ECS::Service: none in Go, 1 in JavaScript",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %q", want, err)
		}
	}
}

func TestCountResources(t *testing.T) {
	t.Parallel()
	outdir := t.TempDir()
	const template = `{"Resources": {"One": {"Type": "AWS::EC2::Subnet"}, "Two": {"Type": "AWS::EC2::Subnet"}}}`
	if err := os.WriteFile(filepath.Join(outdir, "network"+templateSuffix), []byte(template), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := countResources(outdir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(resourceCounts{"network AWS::EC2::Subnet": 2}, got); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	if got, err := countResources(t.TempDir()); err == nil {
		t.Errorf("got %v of a directory without templates, want an error", got)
	}
}

func TestParseExport(t *testing.T) {
	t.Parallel()
	got, err := parseExport([]byte(`{"results": [{"command": "app", "mean": 1.5, "user": 1.25, "system": 0.25, "times": [1.25, 1.75]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if want := []float64{1.25, 1.75}; !slices.Equal(got.elapsed, want) {
		t.Errorf("elapsed: got %v, want %v", got.elapsed, want)
	}
	if want := []float64{1.5}; !slices.Equal(got.processor, want) {
		t.Errorf("processor: got %v, want %v", got.processor, want)
	}
	for _, export := range []string{"", "{}", `{"results": [{"times": []}]}`} {
		if got, err := parseExport([]byte(export)); err == nil {
			t.Errorf("%q: got %v, want an error", export, got)
		}
	}
}

func TestPrintTable(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := printTable(&out, []measurement{{
		node: node{version: "v24.0.0"}, validator: validatorOff,
		goApp:      sample{[]float64{1.5, 1.2, 2.1}, []float64{1.8}},
		javascript: sample{[]float64{1.0, 2.0, 0.8, 1.0}, []float64{0.9, 0.9}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.TrimLeft(`
Node     validator  time       Go/JavaScript  Go      JavaScript
v24.0.0  off        median     1.50           1.50 s  1.00 s
v24.0.0  off        least      1.50           1.20 s  0.80 s
v24.0.0  off        processor  2.00           1.80 s  0.90 s
`, "\n")
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}
