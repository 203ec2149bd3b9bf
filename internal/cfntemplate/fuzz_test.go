package cfntemplate

import (
	"errors"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// FuzzParse holds that no input makes this package panic, that every refusal has
// CloudFormation's form, and that what is read twice is the same.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/*.yaml", "../../templates/*.json"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, path := range paths {
			f.Add(readTestdata(f, path))
		}
	}
	for _, seed := range []string{
		"", "{", "- a", "? [a]\n: b", "a: &x 1\nb: *x", "!Ref A", "Resources: !Ref A", "{\"Resources\":{\"A\":null}}",
		"Resources: {A: {Type: X, Properties: {V: !Sub [\"${a}${!b}${c.d}\", {a: !GetAtt B.c}]}}}",
		"Conditions: {A: !Condition A}\nResources: {A: {Type: X, DependsOn: A}}",
		"Parameters: {P: {Type: \"List<\", MinLength: 1e99, MinValue: nan}}",
		"Rules: {R: {Assertions: [{Assert: !ValueOf [a]}]}}\nResources: {A: {Type: X}}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		template, err := Parse(body)
		if err != nil {
			requireValidationError(t, err)
			return
		}
		again, err := Parse(body)
		if err != nil {
			t.Fatalf("the second Parse returned %v", err)
		}
		if !reflect.DeepEqual(template, again) { // cmp.Diff takes most of the time of a run
			if diff := cmp.Diff(template, again, cmpopts.EquateNaNs()); diff != "" {
				t.Fatalf("Parse is not stable:\n%s", diff)
			}
		}
		if err := template.Validate(); err != nil {
			requireValidationError(t, err)
		}
		template.Dependencies()
		template.RequiredCapabilities()
		for name := range template.Parameters {
			for _, use := range template.ParameterUses(name) {
				use.Property()
			}
		}
	})
}

func requireValidationError(t *testing.T, err error) {
	t.Helper()
	var validation *ValidationError
	if !errors.As(err, &validation) || validation.Message == "" {
		t.Fatalf("error %v (%T), want a *ValidationError with a message", err, err)
	}
}
