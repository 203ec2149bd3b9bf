package intrinsic

import (
	"github.com/slipway-go/slipway/internal/cfntemplate"
)

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
	return nil, nil
}

// IsSSMParameter tells whether a parameter of this type holds the name of an SSM
// parameter whose value the template means (AWS::SSM::Parameter::Value<...>).
func IsSSMParameter(parameterType string) bool { return false }
