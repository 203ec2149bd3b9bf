package cloudformation

import (
	"maps"
	"strconv"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/intrinsic"
	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// mask stands for a value that descriptions do not tell: a parameter with NoEcho.
const mask = "****"

// evalProperties evaluates a resource's properties, and gives them a second time as
// events and change sets show them, without what comes from parameters with NoEcho.
func (s *Service) evalProperties(env *intrinsic.Env, definition cfntemplate.Resource) (properties, shown map[string]any, err error) {
	value, err := env.Eval(definition.Properties)
	if err == nil {
		value, err = s.resolve(value)
	}
	properties, _ = value.(map[string]any)
	if err != nil || properties == nil {
		return properties, properties, err
	}
	masked := *env
	masked.Parameters = maps.Clone(env.Parameters)
	secrets := false
	for name, p := range env.Template.Parameters {
		if p.NoEcho {
			masked.Parameters[name], secrets = mask, true
		}
	}
	if !secrets {
		return properties, properties, nil
	}
	// A function may refuse the mask: then all that it gives is masked.
	without, _ := masked.Eval(definition.Properties)
	without, _ = s.resolve(without)
	shown, ok := masking(properties, without).(map[string]any)
	if !ok {
		shown = map[string]any{}
		for key := range properties {
			shown[key] = mask
		}
	}
	return properties, shown, nil
}

// masking is value with a mask wherever masked, the same value from masked parameters,
// is another one.
func masking(value, masked any) any {
	switch v := value.(type) {
	case map[string]any:
		m, ok := masked.(map[string]any)
		if !ok {
			return mask
		}
		out := make(map[string]any, len(v))
		for key := range v {
			out[key] = masking(v[key], m[key])
		}
		return out
	case []any:
		m, ok := masked.([]any)
		if !ok || len(m) != len(v) {
			return mask
		}
		out := make([]any, len(v))
		for i := range v {
			out[i] = masking(v[i], m[i])
		}
		return out
	}
	if isList(masked) || isObject(masked) {
		return mask
	}
	if text, ok := masked.(string); value != masked && (!ok || !strings.Contains(text, mask)) {
		return mask
	}
	return masked
}

// shownAt is the value at a path of shown properties, nil where there is none.
func shownAt(v any, path []string) any {
	for _, step := range path {
		switch at := v.(type) {
		case map[string]any:
			v = at[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return v // masked as a whole
		}
	}
	return v
}
