package intrinsic

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

// FuzzEval holds that no template, valid or not, makes an evaluation panic or run
// away, and that two evaluations of the same template agree.
func FuzzEval(f *testing.F) {
	for _, pattern := range []string{"../../../internal/cfntemplate/testdata/*.yaml", "../../../templates/*.json"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, path := range paths {
			body, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(body), "value")
		}
	}
	for _, property := range []string{
		"!Select [0, !GetAZs {Ref: 'AWS::Region'}]",
		"!Sub ['${a}${P}${!b}${R.c}', {a: !Base64 x}]",
		"!Join [!Ref P, !Split [',', !Ref P]]",
		"!Cidr [!Ref P, 256, 1]",
		"!FindInMap [M, !Ref P, x]",
		"!If [C, !Ref AWS::NoValue, [!Ref AWS::NoValue]]",
		"!ImportValue {Fn::Sub: '${P}'}",
		"!Select [!Ref P, [a]]",
	} {
		f.Add("Parameters: {P: {Type: String}}\nMappings: {M: {a: {x: [1]}}}\nConditions: {C: !Equals [!Ref P, x]}\n"+
			"Rules: {R: {Assertions: [{Assert: !Contains [[a], !Ref P]}]}}\n"+
			"Resources: {R: {Type: X, Properties: {V: "+property+"}}}\n", "10.0.0.0/8")
	}
	f.Fuzz(func(t *testing.T, body, value string) {
		template, err := cfntemplate.Parse(body)
		if err != nil {
			return
		}
		given := map[string]Given{}
		for name := range template.Parameters {
			given[name] = Given{Value: &value}
		}
		parameters, err := ResolveParameters(template, given, nil)
		if err != nil {
			requireValidationError(t, err)
			parameters = map[string]string{}
		}
		first, firstErr := evalAll(t, template, parameters)
		second, secondErr := evalAll(t, template, parameters)
		if !reflect.DeepEqual(first, second) { // cmp.Diff takes most of the time of a run
			if diff := cmp.Diff(first, second, cmpopts.EquateNaNs()); diff != "" {
				t.Fatalf("two evaluations differ:\n%s", diff)
			}
		}
		if (firstErr == nil) != (secondErr == nil) {
			t.Fatalf("errors differ: %v, %v", firstErr, secondErr)
		}
	})
}

// evalAll evaluates everything that a stack evaluates, and returns the first error.
func evalAll(t *testing.T, template *cfntemplate.Template, parameters map[string]string) (all []any, err error) {
	env := &Env{
		Template: template, Parameters: parameters, Region: "eu-west-1", AccountID: "123456789012", StackName: "s",
		Ref:         func(id string) (string, error) { return "id of " + id, nil },
		GetAtt:      func(_, _ string) (any, error) { return KnownAfterApply, nil },
		ImportValue: func(name string) (string, error) { return name, nil },
	}
	add := func(value any, failure error) {
		if failure != nil {
			requireValidationError(t, failure)
			if err == nil {
				err = failure
			}
			return
		}
		all = append(all, value)
	}
	conditions, failure := env.Conditions()
	add(conditions, failure)
	dependencies, failure := env.Dependencies()
	add(dependencies, failure)
	add(nil, env.CheckRules())
	for _, id := range sortedKeys(template.Resources) {
		add(env.Eval(template.Resources[id].Attributes()))
	}
	for _, id := range sortedKeys(template.Outputs) {
		add(env.Eval(template.Outputs[id].Value))
		add(env.Eval(template.Outputs[id].ExportName))
	}
	return all, err
}

func requireValidationError(t *testing.T, err error) {
	t.Helper()
	var validation *cfntemplate.ValidationError
	if !errors.As(err, &validation) || validation.Message == "" {
		t.Fatalf("error %v (%T), want a *cfntemplate.ValidationError with a message", err, err)
	}
}
