package cfntemplate

import (
	"slices"
	"strings"
)

// validateFunctions checks every function in a value of one section.
func (t *Template) validateFunctions(v any, section string) error {
	if err := refuseCrowdedFunctions(v); err != nil {
		return err
	}
	return walk(v, nil, func(_ []string, name string, argument any) error {
		if err := CheckFunction(name, argument); err != nil {
			return err
		}
		if err := t.checkPlace(name, section); err != nil {
			return err
		}
		list, _ := argument.([]any)
		switch name {
		case "Fn::If":
			condition, _ := list[0].(string)
			if _, ok := t.Conditions[condition]; !ok {
				return invalid("Template error: unresolved condition dependency %s in Fn::If", condition)
			}
		case "Fn::FindInMap":
			return t.validateFindInMap(list)
		case "Fn::And", "Fn::Or", "Fn::Not":
			for _, element := range list {
				if !isBooleanFunction(element) && !isRuleFunction(element) {
					return invalid("Template error: every %s object requires boolean functions as its parameters.", name)
				}
			}
		case "Fn::ImportValue":
			return t.validateImportValue(argument)
		}
		return nil
	})
}

// refuseCrowdedFunctions refuses an object that has a function beside other keys:
// CloudFormation would not evaluate it but pass it on as a property called Fn::If.
// Fn::Transform may have siblings.
func refuseCrowdedFunctions(v any) error {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range sortedKeys(v) {
			if len(v) > 1 && strings.HasPrefix(key, "Fn::") && key != "Fn::Transform" {
				return invalid("Template error: %s must be the only key of its object", key)
			}
			if err := refuseCrowdedFunctions(v[key]); err != nil {
				return err
			}
		}
	case []any:
		for _, element := range v {
			if err := refuseCrowdedFunctions(element); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkPlace refuses functions where CloudFormation does not evaluate them.
func (t *Template) checkPlace(name, section string) error {
	switch name {
	case "Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn", "Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll":
		if section != "Rules" {
			return invalid("Template error: Cannot use %s outside of the Rules block of the template.", name)
		}
	case "Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals":
		if section != "Rules" && section != "Conditions" {
			return invalid("Template error: Cannot use %s outside of the Conditions and Rules blocks of the template.", name)
		}
	case "Fn::ImportValue":
		if section != "Resources" && section != "Outputs" {
			return invalid("Template error: Cannot use %s in %s.", name, section)
		}
	case "Fn::Length", "Fn::ToJsonString":
		if !t.HasTransform(LanguageExtensions) {
			return invalid("Template error: %s needs the transform %s.", name, LanguageExtensions)
		}
	}
	return nil
}

func isRuleFunction(v any) bool {
	name, _, _ := Function(v)
	return slices.Contains([]string{"Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn"}, name)
}

// validateFindInMap checks a lookup as far as its arguments are written out; list
// has three or four elements.
func (t *Template) validateFindInMap(list []any) error {
	if len(list) == 4 && !t.HasTransform(LanguageExtensions) {
		return invalid("Template error: every Fn::FindInMap object requires three parameters, " +
			"the map name, map key and the attribute for return value")
	}
	name, written := list[0].(string)
	if !written {
		return nil
	}
	if _, ok := t.Mappings[name]; !ok && t.Mappings["Fn::Transform"] == nil && len(list) == 3 {
		return invalid("Template error: Mapping named '%s' is not present in the 'Mappings' section of template.", name)
	}
	return nil
}

func (t *Template) validateImportValue(argument any) error {
	dependent := invalid("Template error: the attribute in Fn::ImportValue must not depend on any resources, imported values, or Fn::GetAZs")
	for _, r := range References(argument) {
		if _, isResource := t.Resources[r.Target]; isResource {
			return dependent
		}
	}
	return walk(argument, nil, func(_ []string, name string, _ any) error {
		if name == "Fn::ImportValue" || name == "Fn::GetAZs" {
			return dependent
		}
		return nil
	})
}
