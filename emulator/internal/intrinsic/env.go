// Package intrinsic evaluates CloudFormation templates: parameters, conditions,
// rules and the intrinsic functions inside values.
//
// It does no I/O. What only a running stack knows (the physical ID of a
// resource, its attributes, the exports of other stacks) comes from functions of
// the Env.
package intrinsic

import (
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
// wrapped or as they are.
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
	// Zones lists the availability zones of Region for Fn::GetAZs. Other regions
	// get the zones a, b and c.
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
// as a whole gives nil. v is not changed.
func (e *Env) Eval(v any) (any, error) { return nil, nil }

// Conditions returns the value of every condition of the template.
func (e *Env) Conditions() (map[string]bool, error) { return nil, nil }

// Dependencies returns the resources that exist under the template's conditions,
// each with the resources that it waits for, sorted. Only the chosen branch of an
// Fn::If counts, and a DependsOn on a resource that does not exist is ignored. A
// reference to a resource that does not exist is an error:
//
//	Template format error: Unresolved resource dependencies [X] in the Resources block of the template
func (e *Env) Dependencies() (map[string][]string, error) { return nil, nil }

// CheckRules evaluates the template's rules against the parameters. The error is
// nil when every assertion of every rule that applies holds.
func (e *Env) CheckRules() error { return nil }
