package resources

import (
	"sync"

	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
	"github.com/slipway-go/slipway/internal/cfnspec"
)

// specification is the registry by resource type.
type specification cfnspec.Specification

// loadSpecification gives all regions of all servers the same one: it takes milliseconds
// and megabytes, and nobody changes it.
var loadSpecification = sync.OnceValue(func() specification { return specification(cfnspec.Load()) }) //nolint:gochecknoglobals // constant

// recreation says what changing a property means, by its top-level name, which is
// how the registry's schemas say it.
func (s specification) recreation(resourceType string, path []string) cloudformation.Recreation {
	if len(path) == 0 {
		return cloudformation.Never
	}
	switch cfnspec.Specification(s).Replacement(resourceType, path[0]) {
	case cfnspec.Always:
		return cloudformation.Always
	case cfnspec.Conditionally:
		return cloudformation.Conditionally
	default:
		return cloudformation.Never
	}
}
