package resources

import (
	"context"
	"errors"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
	"github.com/slipway-go/slipway/emulator/internal/ecs"
)

// Refusal implements [cloudformation.Types].
func (r *Registry) Refusal(resourceType string, properties map[string]any) error {
	switch p := r.acting[resourceType].(type) {
	case unsupported:
		return p.refuse()
	case ecsService:
		in := &ecs.CreateServiceInput{}
		if bind(literal(properties), in) != nil {
			return nil // what is wrong with them, creating the service tells
		}
		return ecs.Unsupported(in)
	}
	return nil
}

// literal are the members of an object whose value stands in the template, and not a
// function whose result nobody knows yet.
func literal(members map[string]any) map[string]any {
	kept := map[string]any{}
	for name, v := range members {
		if v, ok := literalValue(v); ok {
			kept[name] = v
		}
	}
	return kept
}

func literalValue(v any) (any, bool) {
	switch v := v.(type) {
	case map[string]any:
		if isFunction(v) {
			return nil, false
		}
		return literal(v), true
	case []any:
		kept := []any{}
		for _, element := range v {
			if element, ok := literalValue(element); ok {
				kept = append(kept, element)
			}
		}
		return kept, true
	}
	return v, true
}

func isFunction(object map[string]any) bool {
	if len(object) != 1 {
		return false
	}
	for name := range object {
		return name == "Ref" || strings.HasPrefix(name, "Fn::")
	}
	return false
}

// unsupported refuses a type whose silence would be a lie.
type unsupported struct{ why string }

func (u unsupported) refuse() error { return errors.New(u.why) }

func (u unsupported) Create(context.Context, cloudformation.Request) (cloudformation.Resource, error) {
	return cloudformation.Resource{}, u.refuse()
}

func (u unsupported) Update(context.Context, cloudformation.Request) (cloudformation.Resource, error) {
	return cloudformation.Resource{}, u.refuse()
}

func (u unsupported) Delete(context.Context, cloudformation.Request) error { return nil }
