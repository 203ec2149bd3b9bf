// Package templatediff lists what a deployment of one CloudFormation template
// over another would do, by resource and property, and which resources it would
// replace or delete. It needs neither AWS nor the CDK.
//
// CloudFormation can change some properties of a resource in place. To change
// one of the others, it creates a new resource and deletes the old one
// (replacement). The schemas of the CloudFormation registry say which is which.
// When a resource is replaced, so is every resource that refers to it in a
// property of the second kind.
//
// Values are compared as CloudFormation sees them: {"Fn::Sub": "${A}:b"} and
// {"Fn::Join": [":", [{"Ref": "A"}, "b"]]} are the same value, and so are 80
// and "80". Where a value is known only at deployment, the comparison assumes
// that a parameter keeps its value, and that a literal in the place of a
// parameter is a change. It does not see what is outside of the template: the
// content of an asset, the output of a macro, the value of an import or of a
// dynamic reference.
package templatediff

import (
	"fmt"
	"maps"
	"slices"

	"github.com/slipway-go/slipway/internal/cfnspec"
	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// Effect is what a deployment does to a resource, in the words that reports
// use.
type Effect string

// The effects, from harmless to harmful.
const (
	// None is the effect on anything but resources, and of a value that is only
	// written in another way.
	None Effect = ""
	// Created is for resources that only the new template has.
	Created Effect = "created"
	// Updated is for resources that are changed in place and keep their
	// physical ID.
	Updated Effect = "updated in place"
	// MaybeReplaced is for resources of which only the deployment decides
	// whether they are replaced: by a value that is known only then, or by the
	// provider of a custom resource.
	MaybeReplaced Effect = "perhaps replaced"
	// Replaced is for resources that are created anew. CloudFormation deletes
	// the old one, unless its UpdateReplacePolicy says otherwise.
	Replaced Effect = "replaced"
	// LeftBehind is for resources that leave the stack and that their
	// DeletionPolicy keeps.
	LeftBehind Effect = "left behind"
	// Deleted is for resources that are deleted.
	Deleted Effect = "deleted"
)

// Diff is the difference of two templates.
type Diff struct {
	// Changes holds resources first, by logical ID, then the other sections.
	Changes []Change
}

// Change is the change of one member of a section.
type Change struct {
	// Section is the section of the template: Resources, Parameters, Outputs
	// and so on.
	Section string
	// Name is the logical ID; "" in a section without members, such as
	// Description.
	Name string
	// Type is the resource type; "" in other sections.
	Type string
	// Effect is the most harmful of the effects of Properties.
	Effect Effect
	// Protected is true for resources that hold data or receive traffic; see
	// [Diff.Refused].
	Protected bool
	// RenamedTo is, for a deleted resource, the logical ID of a created one
	// that is equal in everything else. CloudFormation does not know that they
	// are the same, and deletes the one and creates the other.
	RenamedTo string
	// Properties are the changes in detail. It is empty for what is created or
	// deleted as a whole.
	Properties []PropertyChange
}

// PropertyChange is the change of one value.
type PropertyChange struct {
	// Path leads from the member to the value, as in
	// Properties.Tags[env].Value. Elements of a list are named by their Key or
	// Name where they have one, and otherwise by their number.
	Path string
	// Before and After are the values, nil where there is none.
	Before, After any
	// Effect is what the change does to the resource; None for another spelling
	// of the same value, and for what is no property.
	Effect Effect
	// Because says why the value changes although its text is the same: "VPC is
	// replaced", "condition IsProd changes".
	Because string
}

// Compare lists what deploying the template after over the template before
// would do. Both may be JSON or YAML. An error means that one of them cannot be
// read.
func Compare(before, after string) (Diff, error) {
	old, err := cfntemplate.Values(before)
	if err != nil {
		return Diff{}, fmt.Errorf("reading the template before the change: %w", err)
	}
	changed, err := cfntemplate.Values(after)
	if err != nil {
		return Diff{}, fmt.Errorf("reading the template after the change: %w", err)
	}
	judge := &judge{
		spec:       cfnspec.Load(),
		before:     newSide(old),
		after:      newSide(changed),
		conditions: changedConditions(old, changed),
	}
	diff := Diff{Changes: judge.resources()}
	for _, section := range union(old, changed) {
		if section != "Resources" {
			diff.Changes = append(diff.Changes, compareSection(section, old[section], changed[section])...)
		}
	}
	return diff, nil
}

// compareSection compares a section whose members have no effect of their own.
func compareSection(section string, before, after any) []Change {
	old, isMap := before.(map[string]any)
	changed, areMaps := after.(map[string]any)
	if before == nil {
		isMap = areMaps
	}
	if after == nil {
		areMaps = isMap
	}
	if !isMap || !areMaps {
		if found := compareValues("", before, after); len(found) > 0 {
			return []Change{{Section: section, Properties: found}}
		}
		return nil
	}
	var changes []Change
	for _, name := range union(old, changed) {
		if found := compareValues("", old[name], changed[name]); len(found) > 0 {
			changes = append(changes, Change{Section: section, Name: name, Properties: found})
		}
	}
	return changes
}

// union is the keys of both, sorted.
func union[V any](a, b map[string]V) []string {
	keys := slices.Collect(maps.Keys(a))
	return slices.Compact(slices.Sorted(slices.Values(slices.AppendSeq(keys, maps.Keys(b)))))
}
