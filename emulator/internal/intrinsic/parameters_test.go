package intrinsic

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

func value(s string) Given { return Given{Value: &s} }

var usePrevious = Given{UsePrevious: true}

func TestResolveParameters(t *testing.T) {
	t.Parallel()
	template := parse(t, `
Parameters:
  Image: {Type: String}
  Count: {Type: Number, Default: 2}
  Path: {Type: String, Default: /}
`+resource)
	previous := map[string]string{"Image": "old", "Count": "7", "Path": "/old"}
	for _, test := range []struct {
		name  string
		given map[string]Given
		want  map[string]string
	}{
		{
			"defaults", map[string]Given{"Image": value("new")},
			map[string]string{"Image": "new", "Count": "2", "Path": "/"},
		},
		{
			"previous values only where asked for", map[string]Given{"Image": value("new"), "Count": usePrevious},
			map[string]string{"Image": "new", "Count": "7", "Path": "/"},
		},
		{
			"empty text is a value", map[string]Given{"Image": value(""), "Path": value("")},
			map[string]string{"Image": "", "Count": "2", "Path": ""},
		},
		{
			"all previous", map[string]Given{"Image": usePrevious, "Count": usePrevious, "Path": usePrevious},
			map[string]string{"Image": "old", "Count": "7", "Path": "/old"},
		},
	} {
		got, err := ResolveParameters(template, test.given, previous)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestResolveParametersErrors(t *testing.T) {
	t.Parallel()
	const two = "Parameters: {A: {Type: String}, B: {Type: String}}" + resource
	for _, test := range []struct {
		name, body string
		given      map[string]Given
		want       string
	}{
		{"missing", two, nil, "Parameters: [A, B] must have values"},
		{"given without value", two, map[string]Given{"A": {}, "B": value("b")}, "Parameters: [A] must have values"},
		{"unknown", two, map[string]Given{"A": value(""), "Y": value(""), "X": value("")}, "Parameters: [X, Y] do not exist in the template"},
		{"none wanted", resource, map[string]Given{"A": value("")}, "Parameter values specified for a template which does not require them."},
		{"no previous value", two, map[string]Given{"A": usePrevious}, "Invalid input for parameter key A. Cannot specify usePreviousValue as true for a parameter key not in the previous template"},
	} {
		_, err := ResolveParameters(parse(t, test.body), test.given, nil)
		var validation *cfntemplate.ValidationError
		if !errors.As(err, &validation) || validation.Message != test.want {
			t.Errorf("%s: ResolveParameters returned %v, want %s", test.name, err, test.want)
		}
	}
}

func TestConstraints(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ definition, value, want string }{
		{"{Type: String}", "", ""},
		{"{Type: String, AllowedValues: [a, b]}", "b", ""},
		{"{Type: String, AllowedValues: [a, b]}", "c", "Parameter 'P' must be one of AllowedValues"},
		{"{Type: Number, AllowedValues: [256, 512]}", "512", ""},
		{"{Type: Number, AllowedValues: [256, 512]}", "257", "Parameter 'P' must be one of AllowedValues"},
		{"{Type: String, AllowedValues: [a], ConstraintDescription: must be a}", "c", "Parameter P failed to satisfy constraint: must be a"},
		{"{Type: String, AllowedPattern: '[a-z]+'}", "abc", ""},
		{"{Type: String, AllowedPattern: '[a-z]+'}", "abc1", "Parameter 'P' must match pattern [a-z]+"},
		{"{Type: String, AllowedPattern: 'a|b'}", "ab", "Parameter 'P' must match pattern a|b"},
		{"{Type: String, AllowedPattern: '^a$'}", "a\n", "Parameter 'P' must match pattern ^a$"},
		{"{Type: String, AllowedPattern: '[a-z]+', ConstraintDescription: letters only}", "1", "Parameter P failed to satisfy constraint: letters only"},
		{"{Type: String, AllowedPattern: '(?!x).*', ConstraintDescription: no x}", "y", "Parameter 'P' AllowedPattern must be a valid regular expression (look-around and back-references are not supported here): (?!x).*"},
		{"{Type: String, MinLength: 2}", "é", "Parameter 'P' must contain at least 2 characters"},
		{"{Type: String, MaxLength: 2}", "éé", ""},
		{"{Type: String, MaxLength: 2}", "abc", "Parameter 'P' must contain at most 2 characters"},
		{"{Type: Number}", "1.5", ""},
		{"{Type: Number}", "-1e3", ""},
		{"{Type: Number}", "", "Parameter 'P' must be a number"},
		{"{Type: Number}", "x", "Parameter 'P' must be a number"},
		{"{Type: Number}", "0x10", "Parameter 'P' must be a number"},
		{"{Type: Number}", "NaN", "Parameter 'P' must be a number"},
		{"{Type: Number, MinValue: 6}", "6", ""},
		{"{Type: Number, MinValue: 6}", "5", "Parameter 'P' must be a number not less than 6"},
		{"{Type: Number, MaxValue: 50000}", "50001", "Parameter 'P' must be a number not greater than 50000"},
		{"{Type: Number, MaxValue: 0.5}", "0.6", "Parameter 'P' must be a number not greater than 0.5"},
		{"{Type: List<Number>}", "1, 2,3", ""},
		{"{Type: List<Number>}", "1,x", "Parameter 'P' must be a number"},
		{"{Type: CommaDelimitedList, AllowedValues: [a, b]}", "a, b", ""},
		{"{Type: CommaDelimitedList, AllowedValues: [a, b]}", "a,c", "Parameter 'P' must be one of AllowedValues"},
		{"{Type: CommaDelimitedList, AllowedPattern: '[a-z]'}", "a,b", ""},
		{"{Type: CommaDelimitedList, AllowedPattern: '[a-z]'}", "a,bb", "Parameter 'P' must match pattern [a-z]"},
		{"{Type: 'AWS::EC2::VPC::Id'}", "vpc-1", ""},
		{"{Type: 'AWS::EC2::VPC::Id'}", "", "Parameter validation failed: parameter value  for parameter name P does not exist"},
		{"{Type: 'List<AWS::EC2::Subnet::Id>'}", "subnet-1,", "Parameter validation failed: parameter value  for parameter name P does not exist"},
		{"{Type: 'AWS::SSM::Parameter::Value<List<String>>', AllowedPattern: '/[a-z,]+'}", "/a,b", ""},
	} {
		_, err := ResolveParameters(parse(t, "Parameters: {P: "+test.definition+"}"+resource), map[string]Given{"P": value(test.value)}, nil)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s with %q:\ngot  %q\nwant %q", test.definition, test.value, got, test.want)
		}
	}
}
