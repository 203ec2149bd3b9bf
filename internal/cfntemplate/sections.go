package cfntemplate

import (
	"slices"
	"strings"
)

// readTemplate reads the top level of a template.
func readTemplate(root map[string]any) (*Template, error) {
	if unknown := unknownKeys(root, "AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules",
		"Mappings", "Conditions", "Transform", "Resources", "Outputs", "Hooks"); len(unknown) > 0 {
		return nil, invalid("Invalid template property or properties [%s]", strings.Join(unknown, ", "))
	}
	t := &Template{
		Parameters: map[string]Parameter{},
		Resources:  map[string]Resource{},
		Outputs:    map[string]Output{},
	}
	if err := t.readHead(root); err != nil {
		return nil, err
	}
	for _, section := range []struct {
		name string
		into *map[string]any
	}{
		{"Metadata", &t.Metadata},
		{"Mappings", &t.Mappings},
		{"Conditions", &t.Conditions},
		{"Rules", &t.Rules},
		{"Hooks", &t.Hooks},
	} {
		members, err := sectionOf(root, section.name)
		if err != nil {
			return nil, err
		}
		*section.into = members
	}
	if err := readMembers(root, "Parameters", t.Parameters, readParameter); err != nil {
		return nil, err
	}
	if err := readMembers(root, "Resources", t.Resources, readResource); err != nil {
		return nil, err
	}
	if err := readMembers(root, "Outputs", t.Outputs, readOutput); err != nil {
		return nil, err
	}
	if len(t.Resources) == 0 {
		return nil, invalid("Template format error: At least one Resources member must be defined.")
	}
	return t, nil
}

func (t *Template) readHead(root map[string]any) error {
	if version, ok := root["AWSTemplateFormatVersion"]; ok {
		if version != "2010-09-09" {
			return invalid("Template format error: unsupported value for AWSTemplateFormatVersion.")
		}
		t.FormatVersion = "2010-09-09"
	}
	var err error
	if t.Description, err = textMember(root, "Description"); err != nil {
		return err
	}
	const maxDescription = 1024 // bytes; AWS CloudFormation quotas
	if len(t.Description) > maxDescription {
		return invalid("Template format error: 'Description' length is greater than %d.", maxDescription)
	}
	t.Transforms, err = readTransforms(root["Transform"])
	return err
}

// readTransforms reads the Transform section: a name, an object with a Name, or
// a list of these.
func readTransforms(v any) ([]string, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		return []string{v}, nil
	case map[string]any:
		if name, ok := v["Name"].(string); ok {
			return []string{name}, nil
		}
	case []any:
		var names []string
		for _, element := range v {
			more, err := readTransforms(element)
			if err != nil {
				return nil, err
			}
			names = append(names, more...)
		}
		return names, nil
	}
	return nil, invalid("Template format error: Transform must be a string, an object with a Name, or a list of these.")
}

// sectionOf returns a section of the template, empty when there is none.
func sectionOf(root map[string]any, name string) (map[string]any, error) {
	value, ok := root[name]
	if !ok {
		return map[string]any{}, nil
	}
	members, ok := value.(map[string]any)
	if !ok {
		return nil, invalid("Template format error: [/%s] must be an object.", name)
	}
	return members, nil
}

func readMembers[T any](root map[string]any, section string, into map[string]T, read func(name string, member map[string]any) (T, error)) error {
	members, err := sectionOf(root, section)
	if err != nil {
		return err
	}
	for _, name := range sortedKeys(members) {
		member, ok := members[name].(map[string]any)
		if !ok {
			return invalid("Template format error: Any %s member must be an object.", section)
		}
		if into[name], err = read(name, member); err != nil {
			return err
		}
	}
	return nil
}

func readResource(name string, member map[string]any) (Resource, error) {
	if unknown := unknownKeys(member, "Type", "Properties", "Metadata", "DependsOn", "Condition", "DeletionPolicy",
		"UpdateReplacePolicy", "UpdatePolicy", "CreationPolicy", "Version"); len(unknown) > 0 {
		return Resource{}, invalid("Invalid template resource property '%s'", unknown[0])
	}
	var r Resource
	var ok bool
	if r.Type, ok = member["Type"].(string); !ok || r.Type == "" {
		return Resource{}, invalid("Template format error: [/Resources/%s] Every Resources object must contain a Type member.", name)
	}
	for _, text := range []struct {
		key  string
		into *string
	}{
		{"Condition", &r.Condition},
		{"DeletionPolicy", &r.DeletionPolicy},
		{"UpdateReplacePolicy", &r.UpdateReplacePolicy},
	} {
		if value, present := member[text.key]; present {
			if *text.into, ok = value.(string); !ok {
				return Resource{}, invalid("Template format error: Every %s member must be a string.", text.key)
			}
		}
	}
	if r.DeletionPolicy != "" && !slices.Contains([]string{"Delete", "Retain", "RetainExceptOnCreate", "Snapshot"}, r.DeletionPolicy) {
		return Resource{}, invalid("Template format error: Unrecognized DeletionPolicy %s for resource %s", r.DeletionPolicy, name)
	}
	if r.UpdateReplacePolicy != "" && !slices.Contains([]string{"Delete", "Retain", "Snapshot"}, r.UpdateReplacePolicy) {
		return Resource{}, invalid("Template format error: Unrecognized UpdateReplacePolicy %s for resource %s", r.UpdateReplacePolicy, name)
	}
	var err error
	if r.DependsOn, err = readDependsOn(member["DependsOn"]); err != nil {
		return Resource{}, err
	}
	for _, object := range []struct {
		key  string
		into *map[string]any
	}{
		{"Properties", &r.Properties},
		{"Metadata", &r.Metadata},
		{"UpdatePolicy", &r.UpdatePolicy},
		{"CreationPolicy", &r.CreationPolicy},
	} {
		if value, present := member[object.key]; present {
			if *object.into, ok = value.(map[string]any); !ok {
				return Resource{}, invalid("Template format error: [/Resources/%s] %s must be an object.", name, object.key)
			}
		}
	}
	return r, nil
}

func readDependsOn(v any) ([]string, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		return []string{v}, nil
	case []any:
		ids := make([]string, 0, len(v))
		for _, element := range v {
			id, ok := element.(string)
			if !ok {
				return nil, invalid("Template format error: DependsOn must be a string or list of strings.")
			}
			ids = append(ids, id)
		}
		return ids, nil
	}
	return nil, invalid("Template format error: DependsOn must be a string or list of strings.")
}

func readOutput(name string, member map[string]any) (Output, error) {
	if unknown := unknownKeys(member, "Value", "Description", "Condition", "Export"); len(unknown) > 0 {
		return Output{}, invalid("Invalid template output property '%s'", unknown[0])
	}
	value, ok := member["Value"]
	if !ok {
		return Output{}, invalid("Template format error: Every Outputs member must contain a Value object")
	}
	output := Output{Value: value}
	var err error
	if output.Description, err = textMember(member, "Description"); err != nil {
		return Output{}, err
	}
	if condition, present := member["Condition"]; present {
		if output.Condition, ok = condition.(string); !ok {
			return Output{}, invalid("Template format error: Every Condition member must be a string.")
		}
	}
	if export, present := member["Export"]; present {
		object, ok := export.(map[string]any)
		if !ok || len(object) != 1 || object["Name"] == nil {
			return Output{}, malformedExport(name)
		}
		output.ExportName = object["Name"]
		if text, ok := Text(output.ExportName); ok {
			output.ExportName = text
			if err := CheckExportName(name, text); err != nil {
				return Output{}, err
			}
		}
	}
	return output, nil
}

// CheckExportName checks the name under which an output is exported, once it is
// known.
func CheckExportName(outputID, name string) error {
	for _, r := range name {
		if r != ':' && r != '-' && !isAlphanumeric(string(r)) {
			return malformedExport(outputID)
		}
	}
	if name == "" {
		return malformedExport(outputID)
	}
	return nil
}

func malformedExport(outputID string) error {
	return invalid("Template format error: Output %s is malformed. The Name field of every Export member "+
		"must be specified and consist only of alphanumeric characters, colons, or hyphens.", outputID)
}

// textMember returns an optional member that must be text; numbers and bools
// that an unquoted YAML scalar may come to are text too.
func textMember(object map[string]any, key string) (string, error) {
	value, ok := object[key]
	if !ok {
		return "", nil
	}
	text, ok := Text(value)
	if !ok {
		return "", invalid("Template format error: Every %s member must be a string.", key)
	}
	return text, nil
}

// unknownKeys returns the keys of object that are not among the known, sorted.
func unknownKeys(object map[string]any, known ...string) []string {
	return slices.DeleteFunc(sortedKeys(object), func(key string) bool { return slices.Contains(known, key) })
}
