package intrinsic

import (
	"slices"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// CheckRules evaluates the template's rules against the parameters. The error is
// nil when every assertion of every rule that applies holds; otherwise it carries
// the AssertDescription of the first one that does not. (AWS documents that text,
// not what CloudFormation writes around it.)
//
// Fn::ValueOf and Fn::ValueOfAll are refused: they ask for attributes of
// resources outside of the template.
func (e *Env) CheckRules() error {
	ev := e.evaluator()
	for _, name := range sortedKeys(e.Template.Rules) {
		if err := ev.checkRule(name, e.Template.Rules[name]); err != nil {
			return err
		}
	}
	return nil
}

func (ev *evaluator) checkRule(name string, v any) error {
	rule, _ := v.(map[string]any)
	if condition, ok := rule["RuleCondition"]; ok {
		applies, err := ev.boolean(condition)
		if err != nil || !applies {
			return err
		}
	}
	assertions, _ := rule["Assertions"].([]any)
	for _, element := range assertions {
		assertion, _ := element.(map[string]any)
		holds, err := ev.boolean(assertion["Assert"])
		if err != nil {
			return err
		}
		if holds {
			continue
		}
		description, _ := assertion["AssertDescription"].(string)
		if description == "" {
			description = "an assertion does not hold"
		}
		return invalid("Rule %s failed: %s", name, description)
	}
	return nil
}

// membership evaluates the functions of rules that compare lists.
func (ev *evaluator) membership(name string, first, second any) (any, error) {
	members, err := ev.texts(name, first)
	if err != nil {
		return nil, err
	}
	if name == "Fn::EachMemberIn" {
		allowed, err := ev.texts(name, second)
		if err != nil {
			return nil, err
		}
		return !slices.ContainsFunc(members, func(member string) bool { return !slices.Contains(allowed, member) }), nil
	}
	value, ok, err := ev.text(second)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, invalid("Template error: the second element of %s must be a string", name)
	}
	if name == "Fn::Contains" {
		return slices.Contains(members, value), nil
	}
	return !slices.ContainsFunc(members, func(member string) bool { return member != value }), nil
}

// texts evaluates v to a list of strings; a single string is a list of one.
func (ev *evaluator) texts(function string, v any) ([]string, error) {
	value, err := ev.value(v)
	if err != nil {
		return nil, err
	}
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	texts := make([]string, 0, len(list))
	for _, element := range list {
		text, ok := cfntemplate.Text(element)
		if !ok {
			return nil, invalid("Template error: the lists of %s must be lists of strings", function)
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// refAll returns the values of all parameters of a type, lists of it included, by
// the name of the parameter.
func (ev *evaluator) refAll(parameterType string) []any {
	values := []any{}
	for _, name := range sortedKeys(ev.env.Template.Parameters) {
		switch ev.env.Template.Parameters[name].Type {
		case parameterType:
			values = append(values, ev.env.Parameters[name])
		case "List<" + parameterType + ">":
			values = append(values, listOf(splitList(ev.env.Parameters[name]))...)
		}
	}
	return values
}
