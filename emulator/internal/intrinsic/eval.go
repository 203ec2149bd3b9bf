package intrinsic

import (
	"maps"
	"slices"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// evaluator is one evaluation: it remembers the conditions that it has met.
type evaluator struct {
	env        *Env
	conditions map[string]conditionState
}

// noValue is what AWS::NoValue comes to.
type noValue struct{}

// maxText is the length in bytes at which text built by functions is refused. It
// is ours, not AWS's: without one, a template of some lines whose functions
// double their arguments would take all memory.
const maxText = 1 << 20

func (ev *evaluator) value(v any) (any, error) {
	if name, argument, ok := cfntemplate.Function(v); ok {
		return ev.function(name, argument)
	}
	switch v := v.(type) {
	case map[string]any:
		return ev.object(v)
	case []any:
		return ev.elements(v)
	default:
		return v, nil
	}
}

// object evaluates the values of an object, by sorted key so that the same
// template always gives the same error.
func (ev *evaluator) object(object map[string]any) (map[string]any, error) {
	result := make(map[string]any, len(object))
	for _, key := range sortedKeys(object) {
		value, err := ev.value(object[key])
		if err != nil {
			return nil, err
		}
		if value != (any)(noValue{}) {
			result[key] = value
		}
	}
	return result, nil
}

func (ev *evaluator) elements(list []any) ([]any, error) {
	result := make([]any, 0, len(list))
	for _, element := range list {
		value, err := ev.value(element)
		if err != nil {
			return nil, err
		}
		if value != (any)(noValue{}) {
			result = append(result, value)
		}
	}
	return result, nil
}

// function evaluates one function. cfntemplate.CheckFunction has vouched for the
// form of its argument where the parts of a list are taken without a look.
func (ev *evaluator) function(name string, argument any) (any, error) {
	if err := cfntemplate.CheckFunction(name, argument); err != nil {
		return nil, err
	}
	list, _ := argument.([]any)
	switch name {
	case "Ref":
		target, _ := argument.(string)
		return ev.ref(target)
	case "Fn::GetAtt":
		return ev.getAtt(argument)
	case "Fn::Sub":
		return ev.sub(argument)
	case "Fn::If":
		return ev.choose(list)
	case "Fn::Join":
		return ev.join(list[0], list[1])
	case "Fn::Split":
		return ev.split(list[0], list[1])
	case "Fn::Select":
		return ev.selectOne(list[0], list[1])
	case "Fn::Base64":
		return ev.base64(argument)
	case "Fn::FindInMap":
		return ev.findInMap(list)
	case "Fn::GetAZs":
		return ev.getAZs(argument)
	case "Fn::ImportValue":
		return ev.importValue(argument)
	case "Fn::Cidr":
		return ev.cidr(list)
	case "Fn::Length", "Fn::ToJsonString":
		return ev.languageExtension(name, argument)
	case "Fn::Transform":
		return nil, invalid("Fn::Transform is not supported: no macro runs here. Expand the template before it is used.")
	case "Fn::RefAll":
		parameterType, _ := argument.(string)
		return ev.refAll(parameterType), nil
	case "Fn::ValueOf", "Fn::ValueOfAll":
		return nil, invalid("%s is not supported: it needs attributes of resources that no stack here has made.", name)
	default:
		return ev.logic(name, list)
	}
}

// text evaluates v to a string. ok is false when it comes to something else.
func (ev *evaluator) text(v any) (text string, ok bool, err error) {
	value, err := ev.value(v)
	if err != nil {
		return "", false, err
	}
	text, ok = cfntemplate.Text(value)
	return text, ok, nil
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
