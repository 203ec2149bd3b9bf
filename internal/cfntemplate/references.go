package cfntemplate

import "strings"

// Reference is one mention of a parameter, pseudo parameter or resource in a
// value.
type Reference struct {
	// Path leads from the value that was searched to the argument of the function
	// that refers: keys of objects, indexes of lists in decimal, and at its end the
	// function, as in Image, Fn::Join, 1, 0, Ref.
	Path []string
	// Target is the logical ID, parameter name or pseudo parameter.
	Target string
	// Attribute is set for Fn::GetAtt and for ${Target.Attribute} in Fn::Sub; ""
	// means the Ref of the target. When Fn::GetAtt computes its attribute by a
	// function, Attribute is "*".
	Attribute string
	// Function is Ref, Fn::GetAtt, Fn::Sub, or the one function of rules that
	// names a parameter, Fn::ValueOf.
	Function string
}

// References reports every reference in v, in a stable order: objects by sorted
// key, lists by index, the text of an Fn::Sub from left to right. Variables that
// an Fn::Sub defines itself are none. Functions whose arguments are malformed
// refer to nothing; Validate reports them.
func References(v any) []Reference {
	var found []Reference
	// The visitor never fails, so neither does the walk.
	_ = walk(v, nil, func(path []string, name string, argument any) error {
		for _, r := range referencesOf(name, argument) {
			r.Path, r.Function = appendPath(path, name), name
			found = append(found, r)
		}
		return nil
	})
	return found
}

// referencesOf returns what one function refers to, not what stands inside its
// arguments.
func referencesOf(name string, argument any) []Reference {
	if CheckFunction(name, argument) != nil {
		return nil
	}
	switch name {
	case "Ref":
		target, _ := argument.(string)
		return []Reference{{Target: target}}
	case "Fn::GetAtt":
		id, attribute, err := GetAttArgument(argument)
		if err != nil {
			return nil
		}
		text, ok := attribute.(string)
		if !ok {
			text = "*"
		}
		return []Reference{{Target: id, Attribute: text}}
	case "Fn::Sub":
		return subReferences(argument)
	case "Fn::ValueOf":
		if list, ok := argument.([]any); ok && len(list) > 0 {
			if parameter, ok := list[0].(string); ok {
				return []Reference{{Target: parameter}}
			}
		}
	}
	return nil
}

func subReferences(argument any) []Reference {
	text, variables, err := SubArgument(argument)
	if err != nil {
		return nil
	}
	parts, err := ParseSub(text)
	if err != nil {
		return nil
	}
	var found []Reference
	for _, part := range parts {
		if _, own := variables[part.Variable]; own || part.Variable == "" {
			continue
		}
		id, attribute, _ := strings.Cut(part.Variable, ".")
		found = append(found, Reference{Target: id, Attribute: attribute})
	}
	return found
}
