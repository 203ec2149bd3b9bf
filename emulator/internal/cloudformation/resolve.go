package cloudformation

import (
	"regexp"
	"slices"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/intrinsic"
	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// Parameters is the Parameter Store of Systems Manager, as far as templates read it. A
// selector is a name, or a name, ":" and a version.
type Parameters interface {
	Value(selector string) (value string, ok bool)
}

// dynamicReference is a reference to a plain parameter (user guide, "Get a plaintext
// value from Systems Manager Parameter Store").
var (
	dynamicReference = regexp.MustCompile(`\{\{resolve:ssm:([a-zA-Z0-9_.\-/]+(?::[0-9]+)?)\}\}`)
	secretReference  = regexp.MustCompile(`\{\{resolve:(ssm-secure|secretsmanager):[^}]*\}\}`)
)

// resolve replaces the dynamic references in a value by those parameters' values.
func (s *Service) resolve(v any) (any, error) {
	var unknown []string
	resolved := mapTexts(v, func(text string) string {
		return dynamicReference.ReplaceAllStringFunc(text, func(reference string) string {
			selector := dynamicReference.FindStringSubmatch(reference)[1]
			value, ok := s.parameter(selector)
			if !ok && !slices.Contains(unknown, "ssm:"+selector) {
				unknown = append(unknown, "ssm:"+selector)
			}
			return value
		})
	})
	if len(unknown) > 0 {
		return nil, invalid("Parameters: [%s] cannot be found.", strings.Join(unknown, ", "))
	}
	return resolved, nil
}

func (s *Service) parameter(selector string) (string, bool) {
	if s.Parameters == nil {
		return "", false
	}
	return s.Parameters.Value(selector)
}

// mapTexts is v with every text in it replaced.
func mapTexts(v any, replace func(string) string) any {
	switch v := v.(type) {
	case string:
		return replace(v)
	case map[string]any:
		out := make(map[string]any, len(v))
		for key := range v {
			out[key] = mapTexts(v[key], replace)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = mapTexts(v[i], replace)
		}
		return out
	}
	return v
}

// checkReferences refuses dynamic references, before anything is made, that cannot be
// resolved; of those that contain what only running resources know, nothing is said yet.
func (s *Service) checkReferences(env *intrinsic.Env, id string, definition cfntemplate.Resource) error {
	value, err := env.Eval(definition.Properties)
	if err != nil {
		return nil // evaluating it when its turn comes tells what is wrong
	}
	if _, err := s.resolve(value); err != nil {
		return err
	}
	if s.Types.Inert(definition.Type) {
		return nil // nobody will read the secret
	}
	properties, _ := value.(map[string]any)
	for _, name := range sortedKeys(properties) {
		kind := ""
		mapTexts(properties[name], func(text string) string {
			if found := secretReference.FindStringSubmatch(text); found != nil {
				kind = found[1]
			}
			return text
		})
		switch kind {
		case "ssm-secure":
			return invalid("SSM Secure reference is not supported in: [%s/Properties/%s]", definition.Type, name)
		case "secretsmanager":
			return invalid("Template error: resource %s: the embedded AWS has no Secrets Manager to resolve the reference in %s from. Give containers their secrets by ValueFrom.", id, name)
		}
	}
	return nil
}

// resolveParameters looks up what SSM parameters the template's parameters name, anew
// for each operation.
func (s *Service) resolveParameters(t *cfntemplate.Template, values map[string]string) (map[string]string, error) {
	resolved := map[string]string{}
	var unknown []string
	for _, key := range sortedKeys(t.Parameters) {
		if !intrinsic.IsSSMParameter(t.Parameters[key].Type) {
			continue
		}
		value, ok := s.parameter(values[key])
		if !ok {
			unknown = append(unknown, values[key])
		}
		resolved[key] = value
	}
	if len(unknown) > 0 {
		return nil, invalid("Unable to fetch parameters [%s] from parameter store for this account.", strings.Join(unknown, ","))
	}
	return resolved, nil
}

// value is the value that a parameter has in the template.
func (r revision) value(name string) string {
	if value, ok := r.resolved[name]; ok {
		return value
	}
	return r.parameters[name]
}
