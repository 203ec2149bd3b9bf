package intrinsic

import (
	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// findInMap evaluates Fn::FindInMap, whose argument has three elements, or four
// under AWS::LanguageExtensions: the last is {"DefaultValue": ...}.
func (ev *evaluator) findInMap(list []any) (any, error) {
	malformed := cfntemplate.CheckFunction("Fn::FindInMap", nil)
	if len(list) == 4 && !ev.env.Template.HasTransform(cfntemplate.LanguageExtensions) {
		return nil, malformed
	}
	var keys [3]string
	for i := range keys {
		text, ok, err := ev.text(list[i])
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, malformed
		}
		keys[i] = text
	}
	mapping, mapOK := ev.env.Template.Mappings[keys[0]].(map[string]any)
	values, _ := mapping[keys[1]].(map[string]any)
	if value, ok := values[keys[2]]; ok {
		return clone(value), nil
	}
	if len(list) == 4 {
		fallback, ok := list[3].(map[string]any)
		value, hasDefault := fallback["DefaultValue"]
		if !ok || !hasDefault {
			return nil, malformed
		}
		return ev.value(value)
	}
	if !mapOK {
		return nil, invalid("Template error: Mapping named '%s' is not present in the 'Mappings' section of template.", keys[0])
	}
	return nil, invalid("Template error: Unable to get mapping for %s::%s::%s", keys[0], keys[1], keys[2])
}

// clone copies the value of a mapping, text or a list of text.
func clone(v any) any {
	if list, ok := v.([]any); ok {
		return append(make([]any, 0, len(list)), list...)
	}
	return v
}

func (ev *evaluator) getAZs(argument any) (any, error) {
	region, ok, err := ev.text(argument)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, invalid("Template error: every Fn::GetAZs object must have a String-typed value.")
	}
	if region == "" {
		region = ev.env.Region
	}
	if region == ev.env.Region && len(ev.env.Zones) > 0 {
		return listOf(ev.env.Zones), nil
	}
	return []any{region + "a", region + "b", region + "c"}, nil
}

func (ev *evaluator) importValue(argument any) (any, error) {
	name, ok, err := ev.text(argument)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, invalid("Template error: the attribute in Fn::ImportValue must be a string or a function that returns a string")
	}
	if isUnknown(name) {
		return KnownAfterApply, nil
	}
	if ev.env.ImportValue == nil {
		return nil, invalid("No export named %s found.", name)
	}
	return ev.env.ImportValue(name)
}
