package resources

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
)

// specificationJSON is what the CloudFormation registry says of each resource type:
// which properties need a replacement when they change, and which attributes there
// are. See generate.go for its source, and NOTICE for its licence (Apache-2.0).
//
//go:embed specification.json
var specificationJSON []byte

// specification is the registry by resource type.
type specification map[string]struct {
	Replaced, Maybe, Attributes []string
}

func loadSpecification() specification {
	var s specification
	if err := json.Unmarshal(specificationJSON, &s); err != nil {
		panic(fmt.Sprintf("resources: the embedded specification is damaged: %v", err)) // a broken build, not an input
	}
	return s
}

// recreation says what changing a property means, by its top-level name, which is
// how the registry's schemas say it.
func (s specification) recreation(resourceType string, path []string) cloudformation.Recreation {
	t := s[resourceType]
	switch {
	case len(path) == 0:
		return cloudformation.Never
	case slices.Contains(t.Replaced, path[0]):
		return cloudformation.Always
	case slices.Contains(t.Maybe, path[0]):
		return cloudformation.Conditionally
	}
	return cloudformation.Never
}
