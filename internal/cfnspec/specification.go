// Package cfnspec is what the CloudFormation registry says of each resource type,
// as far as updates of stacks hang on it: which properties a resource cannot
// change without being replaced, whether it holds data, and which attributes it
// has.
package cfnspec

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
)

// specificationJSON comes from AWS: see generate.go for its source and how to
// renew it, and NOTICE for its licence (Apache-2.0).
//
//go:embed specification.json
var specificationJSON []byte

// Specification is the registry by resource type, for example "AWS::ECS::Service".
type Specification map[string]Type

// Type is what the registry says of one resource type.
type Type struct {
	// Stateful types hold data that is lost with the resource.
	Stateful bool
	// Replaced lists, sorted, the properties that are set on creation only. Maybe
	// lists those of which that depends on the values, or is true of a part.
	Replaced, Maybe []string
	// Identity lists the properties that name a resource: no two resources have the same
	// values of all of them. It is empty where a service makes its names up.
	Identity []string
	// Attributes lists, sorted, what Fn::GetAtt can ask for.
	Attributes []string
}

// Load reads the embedded specification, which takes some milliseconds.
func Load() Specification {
	var s Specification
	if err := json.Unmarshal(specificationJSON, &s); err != nil {
		panic(fmt.Sprintf("cfnspec: the embedded specification is damaged: %v", err)) // a broken build, not an input
	}
	return s
}

// Replacement says what a changed property does to the resource.
type Replacement string

// The kinds of [Replacement], in the words of change sets.
const (
	Never         Replacement = "Never"
	Conditionally Replacement = "Conditionally"
	Always        Replacement = "Always"
)

// Replacement says what changing a property means, by its top-level name, which
// is how the registry's schemas say it. It is Never for unknown types, too.
func (s Specification) Replacement(resourceType, property string) Replacement {
	t := s[resourceType]
	switch {
	case slices.Contains(t.Replaced, property):
		return Always
	case slices.Contains(t.Maybe, property):
		return Conditionally
	}
	return Never
}
