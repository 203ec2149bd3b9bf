package intrinsic

import (
	"strconv"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// conditionState is what an evaluation knows about a condition.
type conditionState int

const (
	conditionUnknown conditionState = iota
	conditionInWork
	conditionTrue
	conditionFalse
)

// condition returns the value of a condition of the template.
func (ev *evaluator) condition(name string) (bool, error) {
	expression, ok := ev.env.Template.Conditions[name]
	if !ok {
		return false, invalid("Template error: unresolved condition dependency %s in Fn::If", name)
	}
	switch ev.conditions[name] {
	case conditionTrue:
		return true, nil
	case conditionFalse:
		return false, nil
	case conditionInWork:
		return false, invalid("Template error: Found circular condition dependency: [%s]", name)
	}
	ev.conditions[name] = conditionInWork
	value, err := ev.boolean(expression)
	if err != nil {
		delete(ev.conditions, name)
		return false, err
	}
	ev.conditions[name] = conditionFalse
	if value {
		ev.conditions[name] = conditionTrue
	}
	return value, nil
}

// exists tells whether something with this Condition attribute exists.
func (ev *evaluator) exists(condition string) (bool, error) {
	if condition == "" {
		return true, nil
	}
	return ev.condition(condition)
}

// choose evaluates the branch of an Fn::If that its condition picks, and only
// that one: the other may refer to resources that do not exist.
func (ev *evaluator) choose(list []any) (any, error) {
	branch, err := ev.branch(list)
	if err != nil {
		return nil, err
	}
	return ev.value(branch)
}

func (ev *evaluator) branch(list []any) (any, error) {
	name, _ := list[0].(string)
	holds, err := ev.condition(name)
	if err != nil {
		return nil, err
	}
	if holds {
		return list[1], nil
	}
	return list[2], nil
}

// boolean evaluates what stands for a condition.
func (ev *evaluator) boolean(v any) (bool, error) {
	if object, ok := v.(map[string]any); ok && len(object) == 1 {
		if name, ok := object["Condition"].(string); ok {
			return ev.condition(name)
		}
	}
	value, err := ev.value(v)
	if err != nil {
		return false, err
	}
	text, _ := cfntemplate.Text(value)
	if text != "true" && text != "false" {
		return false, invalid("Template format error: Conditions can only be boolean operations on parameters and other conditions")
	}
	return strconv.ParseBool(text)
}

// logic evaluates the functions that come to true or false.
func (ev *evaluator) logic(name string, list []any) (any, error) {
	switch name {
	case "Fn::Not":
		value, err := ev.boolean(list[0])
		return !value, err
	case "Fn::And", "Fn::Or":
		result := name == "Fn::And"
		for _, element := range list {
			value, err := ev.boolean(element)
			if err != nil {
				return nil, err
			}
			if name == "Fn::And" {
				result = result && value
			} else {
				result = result || value
			}
		}
		return result, nil
	case "Fn::Equals":
		left, err := ev.value(list[0])
		if err != nil {
			return nil, err
		}
		right, err := ev.value(list[1])
		return equal(left, right), err
	default:
		return ev.membership(name, list[0], list[1])
	}
}

// equal compares values as CloudFormation does, after turning numbers and bools
// into text.
func equal(a, b any) bool {
	if a, ok := cfntemplate.Text(a); ok {
		b, ok := cfntemplate.Text(b)
		return ok && a == b
	}
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !equal(a[i], b[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for key := range a {
			other, ok := b[key]
			if !ok || !equal(a[key], other) {
				return false
			}
		}
		return true
	case noValue:
		_, ok := b.(noValue)
		return ok
	}
	return a == nil && b == nil
}
