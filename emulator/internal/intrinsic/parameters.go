package intrinsic

import (
	"slices"
	"strings"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

const ssmValuePrefix = "AWS::SSM::Parameter::Value<"

// Given is what a caller says about one parameter.
type Given struct {
	// Value is the given value; nil when UsePrevious is set.
	Value *string
	// UsePrevious takes the value that the stack has now (UsePreviousValue).
	UsePrevious bool
}

// ResolveParameters returns the final value of every parameter of the template: a
// given value, the stack's previous value where the caller asks for that one, or
// the template's default. A parameter that the caller leaves out takes the
// default even if the stack has another value, as in CloudFormation.
//
// The value of an AWS::SSM::Parameter::Value<...> parameter is the *name* of the
// SSM parameter, which the caller has to look up before evaluation; see
// IsSSMParameter. An error is a *cfntemplate.ValidationError.
func ResolveParameters(t *cfntemplate.Template, given map[string]Given, previous map[string]string) (map[string]string, error) {
	if len(t.Parameters) == 0 && len(given) > 0 {
		return nil, invalid("Parameter values specified for a template which does not require them.")
	}
	unknown := slices.DeleteFunc(sortedKeys(given), func(name string) bool {
		_, ok := t.Parameters[name]
		return ok
	})
	if len(unknown) > 0 {
		return nil, invalid("Parameters: [%s] do not exist in the template", strings.Join(unknown, ", "))
	}
	values := make(map[string]string, len(t.Parameters))
	var missing []string
	for _, name := range sortedKeys(t.Parameters) {
		value, err := chooseValue(name, t.Parameters[name], given[name], previous)
		if err != nil {
			return nil, err
		}
		if value == nil {
			missing = append(missing, name)
			continue
		}
		values[name] = *value
	}
	if len(missing) > 0 {
		return nil, invalid("Parameters: [%s] must have values", strings.Join(missing, ", "))
	}
	for _, name := range sortedKeys(t.Parameters) {
		if err := checkValue(name, t.Parameters[name], values[name]); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// chooseValue returns the value of a parameter, nil if it has none.
func chooseValue(name string, parameter cfntemplate.Parameter, given Given, previous map[string]string) (*string, error) {
	switch {
	case given.UsePrevious && given.Value != nil:
		return nil, invalid("Invalid input for parameter key %s. Cannot specify a parameter value and usePreviousValue as true.", name)
	case given.UsePrevious:
		value, ok := previous[name]
		if !ok {
			return nil, invalid("Invalid input for parameter key %s. Cannot specify usePreviousValue as true "+
				"for a parameter key not in the previous template", name)
		}
		return &value, nil
	case given.Value != nil:
		return given.Value, nil
	default:
		return parameter.Default, nil
	}
}

// IsSSMParameter tells whether a parameter of this type holds the name of an SSM
// parameter whose value the template means (AWS::SSM::Parameter::Value<...>).
func IsSSMParameter(parameterType string) bool {
	return strings.HasPrefix(parameterType, ssmValuePrefix)
}
