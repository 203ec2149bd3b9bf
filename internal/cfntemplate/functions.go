package cfntemplate

import (
	"slices"
	"strings"
)

// LanguageExtensions is the transform that adds Fn::Length, Fn::ToJsonString and
// the default value of Fn::FindInMap.
const LanguageExtensions = "AWS::LanguageExtensions"

// Function tells whether v is an intrinsic function, an object with the single
// key Ref or Fn::..., and takes it apart. {"Condition": "X"} is none, because it
// is a function only inside of conditions.
func Function(v any) (name string, argument any, ok bool) {
	object, isObject := v.(map[string]any)
	if !isObject || len(object) != 1 {
		return "", nil, false
	}
	for name, argument := range object {
		if name == "Ref" || strings.HasPrefix(name, "Fn::") {
			return name, argument, true
		}
	}
	return "", nil, false
}

// IsPseudoParameter tells whether name is one of CloudFormation's own parameters,
// such as AWS::Region.
func IsPseudoParameter(name string) bool {
	switch name {
	case "AWS::AccountId", "AWS::NoValue", "AWS::NotificationARNs", "AWS::Partition",
		"AWS::Region", "AWS::StackId", "AWS::StackName", "AWS::URLSuffix":
		return true
	}
	return false
}

// HasTransform tells whether the template's Transform section names a macro.
func (t *Template) HasTransform(name string) bool { return slices.Contains(t.Transforms, name) }

// CheckFunction checks the form of a function's argument as far as it shows
// without evaluation: what must be a list of two is one, what must be written
// out is. A function that does not exist is an error as well.
func CheckFunction(name string, argument any) error {
	list, isList := argument.([]any)
	switch name {
	case "Ref":
		if text, ok := argument.(string); !ok || text == "" {
			return invalid("Template error: every Ref object must have a single String value.")
		}
	case "Fn::GetAtt":
		_, _, err := GetAttArgument(argument)
		return err
	case "Fn::Sub":
		text, _, err := SubArgument(argument)
		if err != nil {
			return err
		}
		_, err = ParseSub(text)
		return err
	case "Fn::Join":
		if !isList || len(list) != 2 {
			return invalid("Template error: every Fn::Join object requires two parameters, (1) a string delimiter and " +
				"(2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.")
		}
	case "Fn::Select":
		if !isList || len(list) != 2 {
			return invalid("Template error: Fn::Select requires a list argument with two elements: an integer index and a list")
		}
	case "Fn::Split":
		if !isList || len(list) != 2 {
			return invalid("Template error: every Fn::Split object requires two parameters, (1) a string delimiter and " +
				"(2) a string to be split or a function that returns a string to be split.")
		}
	case "Fn::FindInMap":
		if !isList || len(list) < 3 || len(list) > 4 {
			return invalid("Template error: every Fn::FindInMap object requires three parameters, " +
				"the map name, map key and the attribute for return value")
		}
	case "Fn::Cidr":
		if !isList || len(list) < 2 || len(list) > 3 {
			return invalid("Template error: every Fn::Cidr object requires two parameters, (1) an IP address block and " +
				"(2) the number of subnets, and an optional third, the number of subnet bits.")
		}
	case "Fn::GetAZs", "Fn::Base64":
		if isList {
			return invalid("Template error: every %s object must have a String-typed value.", name)
		}
	case "Fn::ImportValue":
		if isList {
			return invalid("Template error: the attribute in Fn::ImportValue must be a string or a function that returns a string")
		}
	case "Fn::If", "Fn::Equals", "Fn::Not", "Fn::And", "Fn::Or":
		return checkLogic(name, argument)
	case "Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn", "Fn::ValueOf", "Fn::ValueOfAll":
		if !isList || len(list) != 2 {
			return invalid("Template error: every %s object requires a list argument with two elements.", name)
		}
	case "Fn::RefAll":
		if _, ok := argument.(string); !ok {
			return invalid("Template error: every Fn::RefAll object must have a String-typed value.")
		}
	case "Fn::Transform", "Fn::Length", "Fn::ToJsonString":
	default:
		// CloudFormation's own list, in its own order.
		return invalid("Template Error: Encountered unsupported function: %s Supported functions are: [Fn::Base64, "+
			"Fn::GetAtt, Fn::GetAZs, Fn::ImportValue, Fn::Join, Fn::Split, Fn::FindInMap, Fn::Select, Ref, Fn::Equals, "+
			"Fn::If, Fn::Not, Condition, Fn::And, Fn::Or, Fn::Contains, Fn::EachMemberEquals, Fn::EachMemberIn, "+
			"Fn::ValueOf, Fn::ValueOfAll, Fn::RefAll, Fn::Sub, Fn::Cidr]", name)
	}
	return nil
}

func checkLogic(name string, argument any) error {
	list, isList := argument.([]any)
	switch name {
	case "Fn::If":
		if !isList || len(list) == 0 {
			return invalid("Template error: Fn::If requires a list argument with the first element being a condition")
		}
		if _, ok := list[0].(string); !ok {
			return invalid("Template error: Fn::If requires a list argument with the first element being a condition")
		}
		if len(list) != 3 {
			return invalid("Template error: Fn::If requires a list argument with three elements")
		}
	case "Fn::Equals":
		if !isList || len(list) != 2 {
			return invalid("Template error: Fn::Equals requires a list argument with two elements")
		}
	case "Fn::Not":
		if !isList || len(list) != 1 {
			return invalid("Template error: Fn::Not requires a list argument with one element")
		}
	case "Fn::And", "Fn::Or":
		// From AWS's reference: "minimum number of conditions ... is 2, and the
		// maximum is 10".
		if !isList || len(list) < 2 || len(list) > 10 {
			return invalid("Template error: every %s object requires a list of at least 2 and at most 10 boolean parameters.", name)
		}
	}
	return nil
}

// GetAttArgument takes the argument of an Fn::GetAtt apart: "ID.Attribute" or
// ["ID", "Attribute"]. In the list form the attribute may be a function.
func GetAttArgument(argument any) (id string, attribute any, err error) {
	switch argument := argument.(type) {
	case string:
		id, attribute, found := strings.Cut(argument, ".")
		if !found || id == "" || attribute == "" {
			return "", nil, invalid("Template error: if specifying one argument to Fn::GetAtt, " +
				"that argument must be a non-empty string in format <LogicalId>.<Attribute>")
		}
		return id, attribute, nil
	case []any:
		if len(argument) != 2 {
			break
		}
		id, ok := argument[0].(string)
		if !ok || id == "" {
			break
		}
		if name, ok := argument[1].(string); ok && name != "" {
			return id, name, nil
		}
		if _, _, ok := Function(argument[1]); ok {
			return id, argument[1], nil
		}
	}
	return "", nil, invalid("Template error: every Fn::GetAtt object requires two non-empty parameters, " +
		"the resource name and the resource attribute")
}
