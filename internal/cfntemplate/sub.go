package cfntemplate

import "strings"

// SubPart is a piece of the text of an Fn::Sub: Literal text, or a ${Variable}.
type SubPart struct {
	Literal string
	// Variable is what stands between ${ and }; "" marks a literal.
	Variable string
}

// ParseSub splits the text of an Fn::Sub. ${!Name} is the literal ${Name}.
func ParseSub(text string) ([]SubPart, error) {
	var parts []SubPart
	literal := func(s string) {
		if s == "" {
			return
		}
		if last := len(parts) - 1; last >= 0 && parts[last].Variable == "" {
			parts[last].Literal += s
			return
		}
		parts = append(parts, SubPart{Literal: s})
	}
	for {
		before, after, found := strings.Cut(text, "${")
		literal(before)
		if !found {
			return parts, nil
		}
		name, rest, closed := strings.Cut(after, "}")
		if !closed {
			literal("${" + after)
			return parts, nil
		}
		text = rest
		if escaped, ok := strings.CutPrefix(name, "!"); ok {
			literal("${" + escaped + "}")
			continue
		}
		name = strings.TrimSpace(name)
		if !isSubVariable(name) {
			return nil, invalid("Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons")
		}
		parts = append(parts, SubPart{Variable: name})
	}
}

func isSubVariable(name string) bool {
	return isAlphanumeric(strings.NewReplacer("_", "", ".", "", ":", "").Replace(name))
}

// SubArgument takes the argument of an Fn::Sub apart: the text, and the variables
// that it defines itself (nil in the short form).
func SubArgument(argument any) (text string, variables map[string]any, err error) {
	switch argument := argument.(type) {
	case string:
		return argument, nil, nil
	case []any:
		if len(argument) == 2 {
			text, isText := argument[0].(string)
			variables, isMap := argument[1].(map[string]any)
			if isText && isMap {
				return text, variables, nil
			}
		}
	}
	return "", nil, invalid("Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. " +
		"Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string")
}
