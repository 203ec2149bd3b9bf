// Package templatediff tells what deploying one CloudFormation template over
// another would do: resource by resource and property by property, and above all
// what would be replaced. It needs neither AWS nor the CDK.
//
// A property of a resource can be changed in place, or it is set on creation
// only: then CloudFormation makes a new resource and deletes the old one. Which
// is which comes from the schemas of the CloudFormation registry. A replacement
// goes on to every resource that refers to the replaced one in such a property.
//
// Values are compared as CloudFormation would see them: {"Fn::Sub": "${A}:b"} and
// {"Fn::Join": [":", [{"Ref": "A"}, "b"]]} are one value in two spellings, as are
// 80 and "80". What only a deployment knows is judged with care: a parameter is
// taken to keep its value, a literal in the place of a parameter to be a change.
// Not seen is what comes from outside of the template: the content of an asset, a
// macro, the value behind an import or a dynamic reference.
package templatediff

import (
	"fmt"
	"maps"
	"slices"

	"github.com/slipway-go/slipway/internal/cfnspec"
	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// Effect is what a deployment does to a resource. Its text is the words of reports.
type Effect string

// The effects, from harmless to harmful.
const (
	// None is that of what is no resource, and of a change in spelling.
	None Effect = ""
	// Created resources are new in the template.
	Created Effect = "created"
	// Updated resources keep their identity.
	Updated Effect = "updated in place"
	// MaybeReplaced is when it depends on values that only the deployment knows,
	// or on the provider of a custom resource.
	MaybeReplaced Effect = "perhaps replaced"
	// Replaced resources are made anew, and the old one is deleted unless its
	// UpdateReplacePolicy says otherwise.
	Replaced Effect = "replaced"
	// LeftBehind resources are no longer part of the stack, but a DeletionPolicy
	// keeps them.
	LeftBehind Effect = "left behind"
	// Deleted resources are gone.
	Deleted Effect = "deleted"
)

// Diff is what changes between two templates.
type Diff struct {
	// Changes holds resources first, by logical ID, then the other sections.
	Changes []Change
}

// Change is the change of one member of a section.
type Change struct {
	// Section is Resources, Parameters, Outputs, ...
	Section string
	// Name is the logical ID; "" in a section that has no members, like Description.
	Name string
	// Type is the resource type, in section Resources.
	Type string
	// Effect is the worst of the properties'.
	Effect Effect
	// Protected resources hold data or bear traffic; see [Diff.Refused].
	Protected bool
	// RenamedTo is the created resource that equals this deleted one in all but
	// its logical ID. CloudFormation does not see that they are the same.
	RenamedTo string
	// Properties is empty for what is created or deleted as a whole.
	Properties []PropertyChange
}

// PropertyChange is the change of one value.
type PropertyChange struct {
	// Path leads from the member to the value: Properties.Tags[env].Value. A
	// list whose elements have a Key or Name is told apart by that, others by
	// number.
	Path string
	// Before and After are the values, nil where there is none.
	Before, After any
	// Effect is what the change does to the resource; None for another spelling
	// of the same value, and for what is no property.
	Effect Effect
	// Because names what changes the value although it reads the same: "VPC is
	// replaced", "condition IsProd changes".
	Because string
}

// Compare tells what deploying the template after over the template before would
// do. Both are JSON or YAML.
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
