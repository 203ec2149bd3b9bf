package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// notLinked are the modules that would make the command a program of 90 MB that
// needs Node.
var notLinked = []string{
	"github.com/aws/aws-cdk-go",
	"github.com/aws/constructs-go",
	"github.com/aws/jsii-runtime-go",
	"github.com/cdklabs",
}

// unwanted are those packages that belong to a module which must not be linked.
func unwanted(packages []string) []string {
	var found []string
	for _, p := range packages {
		if slices.ContainsFunc(notLinked, func(module string) bool {
			return p == module || strings.HasPrefix(p, module+"/")
		}) {
			found = append(found, p)
		}
	}
	return found
}

// The test stands here because its result is cached by this package's sources, and
// those are what it is about.
func TestCommandLinksNoCDK(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("listing the command's packages: %v\n%s", err, out)
	}
	packages := strings.Fields(string(out))
	if !slices.Contains(packages, "github.com/slipway-go/slipway/internal/cli") {
		t.Fatalf("the list of the command's packages is not one:\n%s", out)
	}
	if found := unwanted(packages); len(found) > 0 {
		t.Errorf("the command links the CDK: %s", strings.Join(found, ", "))
	}
}

func TestUnwantedFindsTheCDK(t *testing.T) {
	t.Parallel()
	clean := []string{"fmt", "github.com/aws/aws-sdk-go-v2/aws", "github.com/slipway-go/slipway/deploy"}
	if found := unwanted(clean); len(found) > 0 {
		t.Errorf("unwanted(%q) = %q, want nothing", clean, found)
	}
	for _, p := range []string{
		"github.com/aws/aws-cdk-go/awscdk/v2/awsecs",
		"github.com/aws/constructs-go/constructs/v10",
		"github.com/aws/jsii-runtime-go",
	} {
		if found := unwanted(append(slices.Clone(clean), p)); !slices.Equal(found, []string{p}) {
			t.Errorf("with %s added, unwanted = %q", p, found)
		}
	}
}
