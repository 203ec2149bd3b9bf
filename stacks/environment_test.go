package stacks

import (
	"strings"
	"testing"
)

func TestEnvironmentValidate(t *testing.T) {
	for _, tt := range []struct {
		name        string
		environment Environment
		want        []string // what the error names; none when there is no error
	}{
		{"as it should be", Environment{Application: "shop", Name: "prod-2", Tags: map[string]string{"team": "a"}}, nil},
		{"empty", Environment{}, []string{`Application is ""`, `Name is ""`}},
		{"not for a stack's name", Environment{Application: "my_shop", Name: "prod"}, []string{`Application is "my_shop"`, "letters, digits and -"}},
		{"a tag twice", Environment{Application: "shop", Name: "prod", Tags: map[string]string{"environment": "test"}}, []string{`Tags has "environment"`}},
		{"a long tag", Environment{Application: "shop", Name: "prod", Tags: map[string]string{"k": strings.Repeat("v", 257)}}, []string{`Tags has "k"`, "256"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.environment.Validate()
			if (err == nil) != (len(tt.want) == 0) {
				t.Fatalf("got error %v, want one with %q", err, tt.want)
			}
			for _, part := range tt.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q lacks %q", err, part)
				}
			}
		})
	}
}

func TestEnvironmentPanicsOnLongStackNames(t *testing.T) {
	defer func() {
		if err, ok := recover().(error); !ok || !strings.Contains(err.Error(), "128") {
			t.Errorf("got %v", err)
		}
	}()
	Environment{Application: "shop", Name: "prod"}.StackProps(strings.Repeat("n", 128))
}

func TestEnvironmentRefusesTagsThatAWSWould(t *testing.T) {
	many := map[string]string{}
	for i := range 49 {
		many[strings.Repeat("k", i+1)] = "v"
	}
	for _, tt := range []struct {
		name string
		tags map[string]string
		want string // what the error names; "" when there is no error
	}{
		{"other scripts", map[string]string{"Kostenstelle": "Zürich 7", "проект": "a+b@c.d/e:f=g_h-i"}, ""},
		{"no key", map[string]string{"": "v"}, `Tags has ""`},
		{"one of AWS's", map[string]string{"AWS:stack": "v"}, `Tags has "AWS:stack"`},
		{"a sign in the key", map[string]string{"a?": "v"}, `Tags has "a?"`},
		{"a sign in the value", map[string]string{"a": "b;c"}, `with the value "b;c"`},
		{"letters of several bytes", map[string]string{"a": strings.Repeat("ü", 256)}, ""},
		{"too many", many, "Tags are 51 with application and environment, allowed are 50"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := Environment{Application: "shop", Name: "prod", Tags: tt.tags}.Validate()
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one with %q", err, tt.want)
			}
		})
	}
}
