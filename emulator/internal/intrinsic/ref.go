package intrinsic

import (
	"strings"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

func (ev *evaluator) ref(name string) (any, error) {
	env := ev.env
	switch name {
	case "AWS::AccountId":
		return env.AccountID, nil
	case "AWS::NoValue":
		return noValue{}, nil
	case "AWS::NotificationARNs":
		return listOf(env.NotificationARNs), nil
	case "AWS::Partition":
		return partition(env.Region), nil
	case "AWS::Region":
		return env.Region, nil
	case "AWS::StackId":
		return env.StackID, nil
	case "AWS::StackName":
		return env.StackName, nil
	case "AWS::URLSuffix":
		if partition(env.Region) == "aws-cn" {
			return "amazonaws.com.cn", nil
		}
		return "amazonaws.com", nil
	}
	if parameter, ok := env.Template.Parameters[name]; ok {
		value, ok := env.Parameters[name]
		if !ok {
			return nil, invalid("Parameters: [%s] must have values", name)
		}
		if isListType(parameter.Type) {
			return listOf(splitList(value)), nil
		}
		return value, nil
	}
	if _, ok := env.Template.Resources[name]; !ok || env.Ref == nil {
		return nil, cfntemplate.UnresolvedResources([]string{name}, "Resources")
	}
	return env.Ref(name)
}

// partition returns the AWS partition of a region, by the prefixes in "AWS
// partitions" of the AWS Whitepaper on fault isolation boundaries.
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}

func (ev *evaluator) getAtt(argument any) (any, error) {
	id, attribute, err := cfntemplate.GetAttArgument(argument)
	if err != nil {
		return nil, err
	}
	name, ok, err := ev.text(attribute)
	if err != nil {
		return nil, err
	}
	if !ok || name == "" {
		return nil, invalid("Template error: every Fn::GetAtt object requires two non-empty parameters, " +
			"the resource name and the resource attribute")
	}
	return ev.attribute(id, name)
}

func (ev *evaluator) attribute(id, name string) (any, error) {
	if _, ok := ev.env.Template.Resources[id]; !ok || ev.env.GetAtt == nil {
		return nil, invalid("Template error: instance of Fn::GetAtt references undefined resource %s", id)
	}
	return ev.env.GetAtt(id, name)
}

func (ev *evaluator) sub(argument any) (any, error) {
	text, variables, err := cfntemplate.SubArgument(argument)
	if err != nil {
		return nil, err
	}
	parts, err := cfntemplate.ParseSub(text)
	if err != nil {
		return nil, err
	}
	own := make(map[string]string, len(variables))
	for _, name := range sortedKeys(variables) {
		value, ok, err := ev.text(variables[name])
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, invalid("Template error: every value of the context object of every Fn::Sub object " +
				"must be a string or a function that returns a string")
		}
		own[name] = value
	}
	var result boundedText
	for _, part := range parts {
		value := part.Literal
		if part.Variable != "" {
			if value, err = ev.subVariable(part.Variable, own); err != nil {
				return nil, err
			}
		}
		if err := result.add(value); err != nil {
			return nil, err
		}
	}
	return result.String(), nil
}

func (ev *evaluator) subVariable(name string, own map[string]string) (string, error) {
	if value, ok := own[name]; ok {
		return value, nil
	}
	var value any
	var err error
	if id, attribute, isAttribute := strings.Cut(name, "."); isAttribute {
		value, err = ev.attribute(id, attribute)
	} else {
		value, err = ev.ref(name)
	}
	if err != nil {
		return "", err
	}
	if value == (any)(noValue{}) {
		return "", nil
	}
	text, ok := cfntemplate.Text(value)
	if !ok {
		return "", invalid("Template error: every variable in an Fn::Sub object must reference a string, and ${%s} is none", name)
	}
	return text, nil
}

// isListType tells whether the Ref of a parameter of this type is a list.
func isListType(parameterType string) bool {
	if inner, ok := strings.CutPrefix(parameterType, ssmValuePrefix); ok {
		parameterType = strings.TrimSuffix(inner, ">")
	}
	return parameterType == "CommaDelimitedList" || strings.HasPrefix(parameterType, "List<")
}

// splitList splits the value of a list parameter. CloudFormation trims space
// around the members; an empty value is a list with one empty member.
func splitList(value string) []string {
	members := strings.Split(value, ",")
	for i, member := range members {
		members[i] = strings.TrimSpace(member)
	}
	return members
}

func listOf(texts []string) []any {
	list := make([]any, len(texts))
	for i, text := range texts {
		list[i] = text
	}
	return list
}
