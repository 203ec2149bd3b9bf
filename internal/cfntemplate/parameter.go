package cfntemplate

import (
	"slices"
	"strconv"
	"strings"
)

func readParameter(name string, member map[string]any) (Parameter, error) {
	if unknown := unknownKeys(member, "Type", "Description", "Default", "NoEcho", "AllowedValues", "AllowedPattern",
		"ConstraintDescription", "MinLength", "MaxLength", "MinValue", "MaxValue"); len(unknown) > 0 {
		return Parameter{}, invalid("Invalid template parameter property '%s'", unknown[0])
	}
	var p Parameter
	var ok bool
	if p.Type, ok = member["Type"].(string); !ok || p.Type == "" {
		return Parameter{}, invalid("Template format error: Every Parameters object must contain a Type member.")
	}
	if !isParameterType(p.Type) {
		return Parameter{}, invalid("Template format error: Unrecognized parameter type: %s", p.Type)
	}
	for _, text := range []struct {
		key  string
		into *string
	}{
		{"Description", &p.Description},
		{"AllowedPattern", &p.AllowedPattern},
		{"ConstraintDescription", &p.ConstraintDescription},
	} {
		var err error
		if *text.into, err = textMember(member, text.key); err != nil {
			return Parameter{}, err
		}
	}
	if _, present := member["Default"]; present {
		value, err := textMember(member, "Default")
		if err != nil {
			return Parameter{}, err
		}
		p.Default = &value
	}
	if noEcho, present := member["NoEcho"]; present {
		text, _ := Text(noEcho)
		if text = strings.ToLower(text); text != "true" && text != "false" {
			return Parameter{}, invalid("Template format error: Every NoEcho member must be a boolean.")
		}
		p.NoEcho = text == "true"
	}
	if err := p.readConstraints(name, member); err != nil {
		return Parameter{}, err
	}
	return p, nil
}

func (p *Parameter) readConstraints(name string, member map[string]any) error {
	if value, present := member["AllowedValues"]; present {
		list, ok := value.([]any)
		if !ok {
			return invalid("Template format error: Every AllowedValues member must be a list.")
		}
		for _, element := range list {
			text, ok := Text(element)
			if !ok {
				return invalid("Template format error: Every AllowedValues value must be a string.")
			}
			p.AllowedValues = append(p.AllowedValues, text)
		}
	}
	for _, length := range []struct {
		key  string
		into **int
	}{
		{"MinLength", &p.MinLength},
		{"MaxLength", &p.MaxLength},
	} {
		value, err := numberMember(member, length.key)
		if err != nil {
			return err
		}
		if value != nil {
			n := int(min(max(*value, 0), 1<<31-1))
			*length.into = &n
		}
	}
	for _, bound := range []struct {
		key  string
		into **float64
	}{
		{"MinValue", &p.MinValue},
		{"MaxValue", &p.MaxValue},
	} {
		value, err := numberMember(member, bound.key)
		if err != nil {
			return err
		}
		*bound.into = value
	}
	for _, key := range []string{"MinLength", "MaxLength", "AllowedPattern"} {
		if _, present := member[key]; present && isNumeric(p.Type) {
			return invalid("Template error: Parameter '%s' %s must be on a parameter of type String", name, key)
		}
	}
	for _, key := range []string{"MinValue", "MaxValue"} {
		if _, present := member[key]; present && !isNumeric(p.Type) {
			return invalid("Template error: Parameter '%s' %s must be on a parameter of type Number", name, key)
		}
	}
	return nil
}

func isNumeric(parameterType string) bool {
	return parameterType == "Number" || parameterType == "List<Number>"
}

func numberMember(member map[string]any, key string) (*float64, error) {
	value, present := member[key]
	if !present {
		return nil, nil
	}
	text, _ := Text(value)
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n != n {
		return nil, invalid("Template format error: Every %s member must be a number.", key)
	}
	return &n, nil
}

// isParameterType tells whether a type is one of CloudFormation's. Which
// AWS-specific types exist changes with AWS, so any well-formed one passes.
func isParameterType(name string) bool {
	if inner, ok := strings.CutPrefix(name, "AWS::SSM::Parameter::Value<"); ok {
		inner, ok = strings.CutSuffix(inner, ">")
		return ok && isParameterType(inner) && !strings.HasPrefix(inner, "AWS::SSM::")
	}
	if inner, ok := strings.CutPrefix(name, "List<"); ok {
		inner, ok = strings.CutSuffix(inner, ">")
		return ok && (inner == "String" || inner == "Number" || isAWSType(inner))
	}
	return name == "String" || name == "Number" || name == "CommaDelimitedList" || isAWSType(name)
}

func isAWSType(name string) bool {
	parts := strings.Split(name, "::")
	if parts[0] != "AWS" || len(parts) < 3 || len(parts) > 4 {
		return false
	}
	return !slices.ContainsFunc(parts, func(part string) bool { return !isAlphanumeric(part) })
}
