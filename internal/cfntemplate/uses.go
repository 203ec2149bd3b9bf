package cfntemplate

import (
	"slices"
	"strings"
)

// Use is one place of a template whose meaning hangs on a parameter.
type Use struct {
	// Section is Conditions, Rules, Resources, Outputs or Hooks.
	Section string
	// ID is the name of the section's member: a logical ID, a condition, ...
	ID string
	// ResourceType is set in section Resources.
	ResourceType string
	// Path leads from the member to the argument of the function that refers, for
	// example Properties, ContainerDefinitions, 0, Image, Fn::Sub; or it is
	// Condition, the attribute of a resource or output.
	Path []string
	// Condition is "" when the place refers to the parameter itself; otherwise
	// the place names this condition, which hangs on the parameter directly or
	// through other conditions.
	Condition string
}

// Property returns Path without the functions in it: the place of the value that
// they compute. Path
//
//	Properties, ContainerDefinitions, Fn::If, 1, 0, Image, Fn::Join, 1, 2, Ref
//
// gives Properties, ContainerDefinitions, 0, Image. An Fn::If chooses between
// values of the same place; every other function ends the path.
func (u Use) Property() []string {
	var property []string
	for i := 0; i < len(u.Path); i++ {
		switch step := u.Path[i]; {
		case step == "Fn::If":
			i++ // the number of the branch
		case strings.HasPrefix(step, "Fn::"), step == "Ref" && i == len(u.Path)-1:
			return property
		default:
			property = append(property, step)
		}
	}
	return property
}

// ParameterUses reports every place that hangs on the named parameter: in
// resources (properties and all other attributes), outputs, rules, hooks and
// conditions, and wherever a condition that hangs on it decides something. The
// order is that of the section (Conditions, Rules, Resources, Outputs, Hooks),
// then by name, then as in References.
func (t *Template) ParameterUses(name string) []Use {
	search := useSearch{template: t, parameter: name, hanging: t.conditionsHangingOn(name)}
	search.section("Conditions", t.Conditions)
	search.section("Rules", t.Rules)
	for _, id := range sortedKeys(t.Resources) {
		resource := t.Resources[id]
		use := Use{Section: "Resources", ID: id, ResourceType: resource.Type}
		search.condition(use, resource.Condition)
		search.value(use, resource.Attributes())
	}
	for _, id := range sortedKeys(t.Outputs) {
		output := t.Outputs[id]
		use := Use{Section: "Outputs", ID: id}
		search.condition(use, output.Condition)
		value := map[string]any{"Value": output.Value}
		if output.ExportName != nil {
			value["Export"] = map[string]any{"Name": output.ExportName}
		}
		search.value(use, value)
	}
	search.section("Hooks", t.Hooks)
	return search.found
}

// useSearch collects the places that hang on one parameter.
type useSearch struct {
	template  *Template
	parameter string
	hanging   map[string]bool
	found     []Use
}

func (s *useSearch) section(name string, members map[string]any) {
	for _, id := range sortedKeys(members) {
		s.value(Use{Section: name, ID: id}, members[id])
	}
}

// condition looks at the Condition attribute of a resource or output.
func (s *useSearch) condition(use Use, condition string) {
	if s.hanging[condition] {
		use.Path, use.Condition = []string{"Condition"}, condition
		s.found = append(s.found, use)
	}
}

func (s *useSearch) value(use Use, v any) {
	for _, r := range References(v) {
		if r.Target == s.parameter {
			use.Path = r.Path
			s.found = append(s.found, use)
		}
	}
	if use.Section == "Rules" {
		s.byType(use, v)
	}
	for _, r := range ConditionReferences(v) {
		if s.hanging[r.Condition] {
			use := use
			use.Path, use.Condition = r.Path, r.Condition
			s.found = append(s.found, use)
		}
	}
}

// byType looks for the functions of rules that mean every parameter of a type.
func (s *useSearch) byType(use Use, v any) {
	parameter, ok := s.template.Parameters[s.parameter]
	if !ok {
		return
	}
	// The visitor never fails, so neither does the walk.
	_ = walk(v, nil, func(path []string, name string, argument any) error {
		if name == "Fn::ValueOfAll" {
			if list, ok := argument.([]any); ok && len(list) > 0 {
				argument = list[0]
			}
		}
		isTypeFunction := name == "Fn::RefAll" || name == "Fn::ValueOfAll"
		if isTypeFunction && slices.Contains([]any{parameter.Type, elementType(parameter.Type)}, argument) {
			use.Path = appendPath(path, name)
			s.found = append(s.found, use)
		}
		return nil
	})
}

// elementType returns what a list type is a list of, "" if it is no list type.
func elementType(parameterType string) string {
	inner, isList := strings.CutPrefix(parameterType, "List<")
	if !isList {
		return ""
	}
	return strings.TrimSuffix(inner, ">")
}
