package clients

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lintFinding is one finding as cfn-lint writes it, as far as it is looked at.
type lintFinding struct {
	Filename string
	Rule     struct{ ID string }
	Message  string
	Location struct{ Start struct{ LineNumber int } }
}

// acceptedLint is which rule may find something in which template, and why that is
// right as it is. A line that no longer applies fails the test as a finding does.
func acceptedLint() map[string]string {
	const imports = "a service tells its cluster and its address again, so that whoever deploys it need not ask the network's stack"
	const twice = "the CDK also says what a reference implies, and leaves this rule out of its own validator for it"
	const major = "RDS takes a major version and chooses the minor one; cfn-lint takes a major one for outdated as soon as one of its minor ones is"
	const consumer = "test/consumer/bookshop/testdata/TestStacks/bookshop-prod-"
	return map[string]string{
		"W3005 " + consumer + "catalog.json":                    twice,
		"W3005 test/testdata/variants/around-a-service.json":    twice,
		"W3005 test/testdata/variants/service-canary.json":      twice,
		"W3691 " + consumer + "database.json":                   major,
		"W3691 test/testdata/variants/around-a-service.json":    major,
		"W6001 " + consumer + "reviews.json":                    imports,
		"W6001 templates/service.json":                          imports,
		"W6001 test/testdata/variants/service-canary.json":      imports,
		"W6001 test/testdata/variants/service-fixed-names.json": imports,
	}
}

// TestCfnLint has cfn-lint, whose rules are not the CDK's, read every template that is
// committed: those that are released, those of stacks with props set and those of the
// consumer.
func TestCfnLint(t *testing.T) {
	t.Parallel()
	cfnLint := installed(t, ".venv/bin/cfn-lint")
	var templates []string
	for _, pattern := range []string{
		"templates/*.json", "test/testdata/variants/*.json", "test/consumer/*/testdata/*/*.json",
	} {
		paths, err := filepath.Glob(filepath.Join(repository, pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s are %q, %v", pattern, paths, err)
		}
		for _, path := range paths {
			path, err := filepath.Rel(repository, path)
			if err != nil {
				t.Fatal(err)
			}
			templates = append(templates, path)
		}
	}

	got := map[string][]string{}
	for _, finding := range lint(t, cfnLint, templates) {
		key := finding.Rule.ID + " " + filepath.ToSlash(finding.Filename)
		got[key] = append(got[key], fmt.Sprintf("line %d: %s", finding.Location.Start.LineNumber, finding.Message))
	}
	accepted := acceptedLint()
	for key, messages := range got {
		if accepted[key] == "" {
			t.Errorf("%s: %q", key, messages)
		}
	}
	for key := range accepted {
		if got[key] == nil {
			t.Errorf("%s is accepted and no longer found: take it from the list", key)
		}
	}
}

// TestCfnLintFinds: a linter that says nothing of a broken template would let all
// others pass.
func TestCfnLintFinds(t *testing.T) {
	t.Parallel()
	cfnLint := installed(t, ".venv/bin/cfn-lint")
	var rules []string
	for _, finding := range lint(t, cfnLint, []string{"test/clients/testdata/broken.json"}) {
		rules = append(rules, finding.Rule.ID)
	}
	slices.Sort(rules)
	if diff := cmp.Diff([]string{"E1010", "E3012"}, rules); diff != "" {
		t.Errorf("rules that found something (-want +got):\n%s", diff)
	}
}

// lint is what cfn-lint finds in templates of the repository. That it has found
// something is no failure of the command.
func lint(t *testing.T, cfnLint string, templates []string) []lintFinding {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), cfnLint,
		append([]string{"--format", "json", "--non-zero-exit-code", "none", "--"}, templates...)...)
	cmd.Dir = repository
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("cfn-lint: %v\n%s", err, out)
	}
	var findings []lintFinding
	if err := json.Unmarshal(out, &findings); err != nil {
		t.Fatalf("reading what cfn-lint says: %v\n%s", err, out)
	}
	return findings
}
