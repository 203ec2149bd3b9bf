package cfntemplate

import (
	"slices"
	"strings"
)

// Limits from "Understand CloudFormation quotas" in the CloudFormation User
// Guide.
const (
	maxResources  = 500
	maxParameters = 200
	maxMappings   = 200
	maxOutputs    = 200
	maxNameLength = 255
)

// Validate checks what CloudFormation checks before any operation: that
// everything a template refers to exists, that no resources depend on each
// other in a circle, that functions are known and names are allowed. An error is
// a *ValidationError with the words of CloudFormation.
//
// The size of the body and whether resource types exist are the caller's
// business.
func (t *Template) Validate() error {
	for _, check := range []func() error{
		t.validateCounts,
		t.validateNames,
		t.validateMappings,
		t.validateConditions,
		t.validateRules,
		t.validateResources,
		t.validateOutputs,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (t *Template) validateCounts() error {
	for _, section := range []struct {
		name           string
		count, maximum int
	}{
		{"parameters", len(t.Parameters), maxParameters},
		{"mappings", len(t.Mappings), maxMappings},
		{"resources", len(t.Resources), maxResources},
		{"outputs", len(t.Outputs), maxOutputs},
	} {
		if section.count > section.maximum {
			return invalid("Template format error: Number of %s, %d, is greater than maximum allowed, %d",
				section.name, section.count, section.maximum)
		}
	}
	return nil
}

func (t *Template) validateNames() error {
	for _, section := range []struct {
		member string
		names  []string
	}{
		{"Parameter", sortedKeys(t.Parameters)},
		{"Mapping", sortedKeys(t.Mappings)},
		{"Condition", sortedKeys(t.Conditions)},
		{"Rule", sortedKeys(t.Rules)},
		{"Resource", sortedKeys(t.Resources)},
		{"Output", sortedKeys(t.Outputs)},
	} {
		for _, name := range section.names {
			if name == "Fn::Transform" && section.member == "Mapping" {
				continue // AWS::Include brings mappings in
			}
			if !isAlphanumeric(name) {
				return invalid("Template format error: %s name %s is non alphanumeric.", section.member, name)
			}
			if len(name) > maxNameLength {
				return invalid("Template format error: %s name %s is longer than %d characters.", section.member, name, maxNameLength)
			}
		}
	}
	return nil
}

func isAlphanumeric(name string) bool {
	for _, r := range name {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return name != ""
}

func (t *Template) validateMappings() error {
	for _, name := range sortedKeys(t.Mappings) {
		if name == "Fn::Transform" {
			continue
		}
		mapping, ok := t.Mappings[name].(map[string]any)
		if !ok {
			return invalid("Template format error: Every Mappings member %s must be a map", name)
		}
		for _, key := range sortedKeys(mapping) {
			values, ok := mapping[key].(map[string]any)
			if !ok {
				if key == "Fn::Transform" {
					continue
				}
				return invalid("Template format error: Every Mappings member %s must be a map", name)
			}
			for _, value := range values {
				if _, isText := Text(value); isText {
					continue
				}
				if _, isList := value.([]any); !isList {
					return invalid("Template format error: Every Mappings attribute must be a String or a List.")
				}
			}
		}
	}
	return nil
}

func (t *Template) validateConditions() error {
	var resources []string
	graph := map[string][]string{}
	for _, name := range sortedKeys(t.Conditions) {
		expression := t.Conditions[name]
		if !isBooleanFunction(expression) {
			return invalid("Template format error: Conditions can only be boolean operations on parameters and other conditions")
		}
		if err := t.validateFunctions(expression, "Conditions"); err != nil {
			return err
		}
		for _, r := range References(expression) {
			if !t.isParameter(r.Target) {
				resources = append(resources, r.Target)
			}
		}
		for _, r := range ConditionReferences(expression) {
			if _, ok := t.Conditions[r.Condition]; !ok {
				return unresolvedCondition(r.Condition, "Conditions")
			}
			graph[name] = append(graph[name], r.Condition)
		}
	}
	if len(resources) > 0 {
		return invalid("Template format error: Unresolved dependencies %s. Cannot reference resources in the Conditions block of the template",
			bracketed(resources))
	}
	if names := circle(graph); len(names) > 0 {
		return invalid("Template error: Found circular condition dependency: %s", bracketed(names))
	}
	return nil
}

func isBooleanFunction(v any) bool {
	if _, ok := conditionFunction(v); ok {
		return true
	}
	name, _, _ := Function(v)
	return slices.Contains([]string{"Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals"}, name)
}

func (t *Template) validateRules() error {
	for _, name := range sortedKeys(t.Rules) {
		rule, ok := t.Rules[name].(map[string]any)
		if !ok {
			return invalid("Template format error: Any Rules member must be an object.")
		}
		if unknown := unknownKeys(rule, "RuleCondition", "Assertions"); len(unknown) > 0 {
			return invalid("Invalid template rule property '%s'", unknown[0])
		}
		assertions, ok := rule["Assertions"].([]any)
		if !ok || len(assertions) == 0 {
			return invalid("Template format error: Rule %s must contain a list of Assertions.", name)
		}
		for _, assertion := range assertions {
			object, ok := assertion.(map[string]any)
			if _, hasAssert := object["Assert"]; !ok || !hasAssert {
				return invalid("Template format error: Every assertion of rule %s must contain an Assert member.", name)
			}
		}
		if err := t.validateFunctions(rule, "Rules"); err != nil {
			return err
		}
		for _, r := range References(rule) {
			if !t.isParameter(r.Target) {
				return invalid("Template format error: Unresolved dependencies [%s]. Cannot reference resources in the Rules block of the template", r.Target)
			}
		}
	}
	return nil
}

func (t *Template) validateResources() error {
	var unresolved []string
	for _, id := range sortedKeys(t.Resources) {
		resource := t.Resources[id]
		if err := t.validateCondition(resource.Condition, "Resources"); err != nil {
			return err
		}
		attributes := resource.Attributes()
		if err := t.validateFunctions(attributes, "Resources"); err != nil {
			return err
		}
		missing, err := t.unresolvedReferences(attributes)
		if err != nil {
			return err
		}
		unresolved = append(unresolved, missing...)
		for _, other := range resource.DependsOn {
			if _, ok := t.Resources[other]; !ok {
				unresolved = append(unresolved, other)
			}
		}
	}
	if len(unresolved) > 0 {
		return UnresolvedResources(unresolved, "Resources")
	}
	if ids := circle(t.Dependencies()); len(ids) > 0 {
		return invalid("Circular dependency between resources: %s", bracketed(ids))
	}
	return nil
}

func (t *Template) validateOutputs() error {
	var unresolved []string
	for _, id := range sortedKeys(t.Outputs) {
		output := t.Outputs[id]
		if err := t.validateCondition(output.Condition, "Outputs"); err != nil {
			return err
		}
		for _, value := range []any{output.Value, output.ExportName} {
			if err := t.validateFunctions(value, "Outputs"); err != nil {
				return err
			}
			missing, err := t.unresolvedReferences(value)
			if err != nil {
				return err
			}
			unresolved = append(unresolved, missing...)
		}
		_, _, isFunction := Function(output.Value)
		if _, isText := Text(output.Value); !isFunction && !isText {
			return invalid("Template format error: The Value field of every Outputs member must evaluate to a String.")
		}
	}
	if len(unresolved) > 0 {
		return UnresolvedResources(unresolved, "Outputs")
	}
	return nil
}

// unresolvedReferences returns the targets in v that do not exist. An attribute
// of something that does not exist is an error of its own.
func (t *Template) unresolvedReferences(v any) ([]string, error) {
	var unresolved []string
	for _, r := range References(v) {
		if _, isResource := t.Resources[r.Target]; isResource {
			continue
		}
		switch {
		case r.Function == "Fn::GetAtt":
			return nil, invalid("Template error: instance of Fn::GetAtt references undefined resource %s", r.Target)
		case r.Attribute != "":
			return nil, invalid("Template error: instance of Fn::Sub references invalid resource attribute %s.%s", r.Target, r.Attribute)
		case !t.isParameter(r.Target):
			unresolved = append(unresolved, r.Target)
		}
	}
	return unresolved, nil
}

func (t *Template) isParameter(name string) bool {
	_, ok := t.Parameters[name]
	return ok || IsPseudoParameter(name)
}

func (t *Template) validateCondition(name, section string) error {
	if _, ok := t.Conditions[name]; name != "" && !ok {
		return unresolvedCondition(name, section)
	}
	return nil
}

func unresolvedCondition(name, section string) error {
	return invalid("Template format error: Unresolved condition dependency %s in the %s block of the template", name, section)
}

// UnresolvedResources is CloudFormation's answer to a reference to resources that
// do not exist, in section Resources or Outputs.
func UnresolvedResources(ids []string, section string) error {
	return invalid("Template format error: Unresolved resource dependencies %s in the %s block of the template", bracketed(ids), section)
}

// bracketed writes names as CloudFormation does: [A, B].
func bracketed(names []string) string {
	names = slices.Sorted(slices.Values(names))
	return "[" + strings.Join(slices.Compact(names), ", ") + "]"
}
