package cloudformation

import (
	"github.com/slipway-go/slipway/emulator/internal/intrinsic"
)

// tryFunctions evaluates the properties and outputs of a template before there are
// resources: what depends on one is unknown, and passes. CloudFormation refuses the
// request for what is wrong with the rest, such as a key that a mapping does not have.
func tryFunctions(env *intrinsic.Env, dependencies map[string][]string) error {
	trial := *env
	trial.Ref = func(string) (string, error) { return intrinsic.KnownAfterApply, nil }
	trial.GetAtt = func(string, string) (any, error) { return intrinsic.KnownAfterApply, nil }
	trial.ImportValue = func(string) (string, error) { return intrinsic.KnownAfterApply, nil }
	for _, id := range sortedKeys(dependencies) {
		if _, err := trial.Eval(env.Template.Resources[id].Properties); err != nil {
			return err
		}
	}
	conditions, err := trial.Conditions()
	if err != nil {
		return err
	}
	for _, key := range sortedKeys(env.Template.Outputs) {
		o := env.Template.Outputs[key]
		if o.Condition != "" && !conditions[o.Condition] {
			continue
		}
		if _, err := trial.Eval(o.Value); err != nil {
			return err
		}
	}
	return nil
}
