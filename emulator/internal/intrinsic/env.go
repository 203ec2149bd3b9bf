// Package intrinsic evaluates CloudFormation templates: parameters, conditions,
// rules and the intrinsic functions inside values.
//
// It does no I/O. What only a running stack knows (the physical ID of a
// resource, its attributes, the exports of other stacks) comes from functions of
// the Env.
//
// Dynamic references, {{resolve:ssm:...}}, are left as they are: they are text
// for everything here.
package intrinsic

import (
	"fmt"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// KnownAfterApply stands for a value in a change set that is known only once the
// change set has been executed. Env.Ref and Env.GetAtt may return it; it flows
// through functions: text built from it contains it, and a function that would
// have to look inside it (Fn::Select of Fn::Split, for example) returns it.
const KnownAfterApply = "{{changeSet:KNOWN_AFTER_APPLY}}"

// Env is what a template is evaluated against. Its methods only read it, so that
// resources may be evaluated concurrently when the functions allow it.
//
// Errors about the template are *cfntemplate.ValidationError with the words of
// CloudFormation; errors of the functions Ref, GetAtt and ImportValue come back
// as they are.
type Env struct {
	Template *cfntemplate.Template
	// Parameters holds the final value of every parameter of the template, lists
	// as comma-separated text: the result of ResolveParameters, with the values of
	// SSM parameters looked up.
	Parameters map[string]string

	Region    string
	AccountID string
	StackName string
	// StackID is the ARN of the stack.
	StackID          string
	NotificationARNs []string
	// Zones lists the availability zones of Region for Fn::GetAZs. Other regions,
	// and Region itself when Zones is empty, get the zones a, b and c.
	Zones []string

	// Ref returns the physical ID of a resource (what its type returns for Ref).
	// nil refuses every Ref of a resource.
	Ref func(logicalID string) (string, error)
	// GetAtt returns an attribute of a resource. nil refuses every Fn::GetAtt.
	GetAtt func(logicalID, attribute string) (any, error)
	// ImportValue returns the value of an export. nil refuses every
	// Fn::ImportValue.
	ImportValue func(name string) (string, error)
}

// Eval returns v with every intrinsic function replaced by its value. A property
// or list element that comes to AWS::NoValue is left out; a v that is AWS::NoValue
// as a whole gives nil. v is not changed, and the result shares no memory with it.
func (e *Env) Eval(v any) (any, error) {
	value, err := e.evaluator().value(v)
	if err != nil || value == (noValue{}) {
		return nil, err
	}
	return value, nil
}

// Conditions returns the value of every condition of the template.
func (e *Env) Conditions() (map[string]bool, error) {
	evaluator := e.evaluator()
	values := make(map[string]bool, len(e.Template.Conditions))
	for _, name := range sortedKeys(e.Template.Conditions) {
		value, err := evaluator.condition(name)
		if err != nil {
			return nil, err
		}
		values[name] = value
	}
	return values, nil
}

// evaluator starts one evaluation.
func (e *Env) evaluator() *evaluator {
	return &evaluator{env: e, conditions: map[string]conditionState{}}
}

func invalid(format string, args ...any) error {
	return &cfntemplate.ValidationError{Message: fmt.Sprintf(format, args...)}
}
