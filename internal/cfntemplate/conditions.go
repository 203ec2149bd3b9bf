package cfntemplate

// ConditionReference is one mention of a condition in a value.
type ConditionReference struct {
	// Path leads from the value that was searched to the function that refers, and
	// ends with Fn::If or Condition.
	Path []string
	// Condition is the name of the condition.
	Condition string
}

// ConditionReferences reports every condition that v names: the first argument
// of each Fn::If, and {"Condition": "X"} where it stands for a condition, which
// is as an argument of Fn::And, Fn::Or and Fn::Not, and as v itself. (Elsewhere
// it is an ordinary property: IAM statements have one.) Order as in References.
func ConditionReferences(v any) []ConditionReference {
	var found []ConditionReference
	add := func(path []string, v any) {
		if name, ok := conditionFunction(v); ok {
			found = append(found, ConditionReference{Path: appendPath(path, "Condition"), Condition: name})
		}
	}
	add(nil, v)
	// The visitor never fails, so neither does the walk.
	_ = walk(v, nil, func(path []string, name string, argument any) error {
		list, _ := argument.([]any)
		switch name {
		case "Fn::If":
			if len(list) > 0 {
				if condition, ok := list[0].(string); ok {
					found = append(found, ConditionReference{Path: appendPath(path, name), Condition: condition})
				}
			}
		case "Fn::And", "Fn::Or", "Fn::Not":
			for i, element := range list {
				add(appendPath(appendPath(path, name), index(i)), element)
			}
		}
		return nil
	})
	return found
}

// conditionFunction tells whether v is {"Condition": "X"}.
func conditionFunction(v any) (name string, ok bool) {
	object, isObject := v.(map[string]any)
	if !isObject || len(object) != 1 {
		return "", false
	}
	name, ok = object["Condition"].(string)
	return name, ok
}

// conditionsHangingOn returns the conditions whose value can change with the
// named parameter, directly or through other conditions.
func (t *Template) conditionsHangingOn(parameter string) map[string]bool {
	hanging := map[string]bool{}
	for name, expression := range t.Conditions {
		for _, r := range References(expression) {
			if r.Target == parameter {
				hanging[name] = true
			}
		}
	}
	for grown := true; grown; {
		grown = false
		for name, expression := range t.Conditions {
			if hanging[name] {
				continue
			}
			for _, r := range ConditionReferences(expression) {
				if hanging[r.Condition] {
					hanging[name], grown = true, true
				}
			}
		}
	}
	return hanging
}
