package docs_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/templates"
)

// TestParametersAreTold: name, default and range of each parameter are those of
// the template.
func TestParametersAreTold(t *testing.T) {
	var service struct {
		Parameters map[string]struct {
			Default            any
			MinValue, MaxValue *float64
		}
	}
	if err := json.Unmarshal([]byte(templates.Service()), &service); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{}
	for name, p := range service.Parameters {
		value, allowed := "", ""
		if p.Default != nil {
			value = fmt.Sprint(p.Default)
		}
		switch {
		case p.MinValue != nil && p.MaxValue != nil && *p.MaxValue < 1<<31-1:
			allowed = fmt.Sprintf("%.0f to %.0f", *p.MinValue, *p.MaxValue)
		case p.MinValue != nil:
			allowed = fmt.Sprintf("%.0f and more", *p.MinValue)
		}
		want[name] = []string{value, allowed}
	}
	got := map[string][]string{}
	for _, row := range table(t, "constructs.md", "### Parameters of the service stack") {
		got[row[0]] = row[1:3]
		if len(want[row[0]]) == 2 && want[row[0]][1] == "" {
			got[row[0]][1] = "" // a pattern, told in words
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parameters, their defaults and ranges (-template +page):\n%s", diff)
	}
}

func TestOutputsAreTold(t *testing.T) {
	var service struct{ Outputs map[string]any }
	if err := json.Unmarshal([]byte(templates.Service()), &service); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(service.Outputs)), names(t, "### Outputs of the service stack")); diff != "" {
		t.Errorf("outputs of the service stack (-template +page):\n%s", diff)
	}

	var network struct{ Outputs map[string]any }
	if err := json.Unmarshal([]byte(templates.Network()), &network); err != nil {
		t.Fatal(err)
	}
	all := slices.Collect(maps.Keys(network.Outputs))
	for _, subnets := range [][contract.MaxZones]string{
		contract.PublicSubnetOutputs(), contract.PrivateSubnetOutputs(), contract.DatabaseSubnetOutputs(),
	} {
		all = append(all, subnets[:]...)
	}
	all = append(all, contract.OutputECSRole, contract.OutputECSTaskExecutionRole, contract.OutputECSSecurityGroup)
	slices.Sort(all)
	if diff := cmp.Diff(slices.Compact(all), names(t, "### Exports of the network stack")); diff != "" {
		t.Errorf("exports of the network stack (-contract +page):\n%s", diff)
	}
}

// names are those in the first column of the table below a heading.
func names(t *testing.T, heading string) []string {
	t.Helper()
	var found []string
	for _, row := range table(t, "constructs.md", heading) {
		for name := range strings.SplitSeq(row[0], ", ") {
			found = append(found, strings.Trim(name, "`"))
		}
	}
	slices.Sort(found)
	return found
}

// table is the cells of the first table below a heading, without its head.
func table(t *testing.T, page, heading string) [][]string {
	t.Helper()
	_, below, ok := strings.Cut(read(t, page), heading+"\n")
	if !ok {
		t.Fatalf("%s has no heading %q", page, heading)
	}
	var rows [][]string
	for _, line := range regexp.MustCompile(`(?m)(^\|.*\n)+`).FindAllString(below, 1) {
		for _, row := range strings.Split(strings.TrimSpace(line), "\n")[2:] {
			cells := strings.Split(strings.Trim(row, "|"), "|")
			for i, cell := range cells {
				cells[i] = strings.TrimSpace(cell)
			}
			if !strings.Contains(cells[0], ", ") {
				cells[0] = strings.Trim(cells[0], "`")
			}
			cells[1] = strings.Trim(cells[1], "`")
			rows = append(rows, cells)
		}
	}
	return rows
}
