package cfntemplate

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parse reads a template that the test knows to be well-formed.
func parse(t *testing.T, body string) *Template {
	t.Helper()
	template, err := Parse(body)
	if err != nil {
		t.Fatalf("Parse: %v\n%s", err, body)
	}
	return template
}

func readTestdata(t testing.TB, path string) string {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// property parses a template whose one resource has the property V, written in
// YAML, and returns its value.
func property(t *testing.T, yaml string) any {
	t.Helper()
	body := "Resources:\n  R:\n    Type: A::B::C\n    Properties:\n      V: " + yaml + "\n"
	return parse(t, body).Resources["R"].Properties["V"]
}

func TestParseScalars(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]any{
		"80":                   int64(80),
		"-1":                   int64(-1),
		"0":                    int64(0),
		"0.5":                  0.5,
		"123456789012":         int64(123456789012),
		"012345678901":         "012345678901", // an account ID
		"0123":                 "0123",
		"-0":                   "-0",
		"1e3":                  "1e3",
		"9e12345":              "9e12345", // a commit
		"1.10":                 "1.10",    // a version
		"1.0":                  "1.0",
		"0x1F":                 "0x1F",
		"1_000":                "1_000",
		"22:30":                "22:30",
		".5":                   ".5",
		".inf":                 ".inf",
		"12345678901234567890": "12345678901234567890",
		"2010-09-09":           "2010-09-09",
		"2001-12-14T21:59:43Z": "2001-12-14T21:59:43Z",
		"true":                 true,
		"yes":                  true,
		"On":                   true,
		"no":                   false,
		"y":                    "y",
		`"yes"`:                "yes",
		`'80'`:                 "80",
		"!!str 80":             "80",
		"text":                 "text",
	} {
		if diff := cmp.Diff(want, property(t, yaml)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", yaml, diff)
		}
	}
}

func TestParseShortForms(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]any{
		"!Ref X":                       map[string]any{"Ref": "X"},
		"!Ref AWS::Region":             map[string]any{"Ref": "AWS::Region"},
		"!Ref 42":                      map[string]any{"Ref": "42"},
		"!GetAtt A.Arn":                map[string]any{"Fn::GetAtt": []any{"A", "Arn"}},
		"!GetAtt A.Outputs.B":          map[string]any{"Fn::GetAtt": []any{"A", "Outputs.B"}},
		"!GetAtt [A, Arn]":             map[string]any{"Fn::GetAtt": []any{"A", "Arn"}},
		`!GetAZs ""`:                   map[string]any{"Fn::GetAZs": ""},
		"!GetAZs":                      map[string]any{"Fn::GetAZs": ""},
		"!Base64 80":                   map[string]any{"Fn::Base64": "80"},
		"!Condition C":                 map[string]any{"Condition": "C"},
		`!Sub "${A}-b"`:                map[string]any{"Fn::Sub": "${A}-b"},
		`!Sub ["${A}", {A: !Ref B}]`:   map[string]any{"Fn::Sub": []any{"${A}", map[string]any{"A": map[string]any{"Ref": "B"}}}},
		"!Select [0, !GetAZs '']":      map[string]any{"Fn::Select": []any{int64(0), map[string]any{"Fn::GetAZs": ""}}},
		"!Split [',', !ImportValue X]": map[string]any{"Fn::Split": []any{",", map[string]any{"Fn::ImportValue": "X"}}},
		"!If [C, a, !Ref AWS::NoValue]": map[string]any{"Fn::If": []any{
			"C", "a", map[string]any{"Ref": "AWS::NoValue"},
		}},
		"!Transform {Name: AWS::Include, Parameters: {Location: x}}": map[string]any{"Fn::Transform": map[string]any{
			"Name": "AWS::Include", "Parameters": map[string]any{"Location": "x"},
		}},
		"\n        Fn::Join:\n          - ''\n          - - a\n            - !Ref B": map[string]any{"Fn::Join": []any{
			"", []any{"a", map[string]any{"Ref": "B"}},
		}},
		"!Cidr [!GetAtt V.CidrBlock, 6, 8]": map[string]any{"Fn::Cidr": []any{
			map[string]any{"Fn::GetAtt": []any{"V", "CidrBlock"}}, int64(6), int64(8),
		}},
	} {
		if diff := cmp.Diff(want, property(t, yaml)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", yaml, diff)
		}
	}
}

func TestParseKeepsKeys(t *testing.T) {
	t.Parallel()
	template := parse(t, "Mappings:\n  M:\n    012345678901: {on: 1}\nResources: {R: {Type: A::B::C}}\n")
	want := map[string]any{"M": map[string]any{"012345678901": map[string]any{"on": int64(1)}}}
	if diff := cmp.Diff(want, template.Mappings); diff != "" {
		t.Errorf("Mappings (-want +got):\n%s", diff)
	}
}

// The same template in JSON and in YAML's short forms gives the same values.
func TestParseJSONAndYAMLAgree(t *testing.T) {
	t.Parallel()
	fromYAML := parse(t, `
AWSTemplateFormatVersion: 2010-09-09
Description: both
Transform: AWS::LanguageExtensions
Parameters:
  Count: {Type: Number, Default: 2, MinValue: 1, MaxValue: 10.5, Description: how many}
  Secret: {Type: String, NoEcho: true, MinLength: 3, MaxLength: "8", AllowedPattern: "[a-z]+", ConstraintDescription: letters}
  Size: {Type: String, AllowedValues: [1, 2, big], Default: big}
Conditions:
  Many: !Not [!Equals [!Ref Count, 1]]
Resources:
  A:
    Type: AWS::SNS::Topic
    Condition: Many
    DeletionPolicy: Retain
    UpdateReplacePolicy: Delete
    DependsOn: [B]
    Metadata: {a: 1}
    Properties: {TopicName: !Sub "${AWS::StackName}-x", Port: 80, Ratio: 0.25, On: true}
  B: {Type: AWS::SQS::Queue, UpdatePolicy: {a: b}, CreationPolicy: {c: d}, DependsOn: C}
  C: {Type: AWS::SQS::Queue}
Outputs:
  O: {Value: !GetAtt B.Arn, Description: it, Condition: Many, Export: {Name: !Sub "${AWS::StackName}:O"}}
`)
	fromJSON := parse(t, `{
  "AWSTemplateFormatVersion": "2010-09-09",
  "Description": "both",
  "Transform": "AWS::LanguageExtensions",
  "Parameters": {
    "Count": {"Type": "Number", "Default": 2, "MinValue": 1, "MaxValue": 10.5, "Description": "how many"},
    "Secret": {"Type": "String", "NoEcho": "true", "MinLength": 3, "MaxLength": 8, "AllowedPattern": "[a-z]+", "ConstraintDescription": "letters"},
    "Size": {"Type": "String", "AllowedValues": ["1", "2", "big"], "Default": "big"}
  },
  "Conditions": {"Many": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Count"}, 1]}]}},
  "Resources": {
    "A": {
      "Type": "AWS::SNS::Topic", "Condition": "Many", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Delete",
      "DependsOn": ["B"], "Metadata": {"a": 1},
      "Properties": {"TopicName": {"Fn::Sub": "${AWS::StackName}-x"}, "Port": 80, "Ratio": 0.25, "On": true}
    },
    "B": {"Type": "AWS::SQS::Queue", "UpdatePolicy": {"a": "b"}, "CreationPolicy": {"c": "d"}, "DependsOn": "C"},
    "C": {"Type": "AWS::SQS::Queue"}
  },
  "Outputs": {"O": {"Value": {"Fn::GetAtt": ["B", "Arn"]}, "Description": "it", "Condition": "Many", "Export": {"Name": {"Fn::Sub": "${AWS::StackName}:O"}}}}
}`)
	if diff := cmp.Diff(fromJSON, fromYAML); diff != "" {
		t.Errorf("templates differ (-JSON +YAML):\n%s", diff)
	}
	if err := fromYAML.Validate(); err != nil {
		t.Errorf("Validate: %v", err)
	}
	two, three, eight, one, half := "2", 3, 8, 1.0, 10.5
	big := "big"
	want := map[string]Parameter{
		"Count": {Type: "Number", Default: &two, MinValue: &one, MaxValue: &half, Description: "how many"},
		"Secret": {
			Type: "String", NoEcho: true, MinLength: &three, MaxLength: &eight,
			AllowedPattern: "[a-z]+", ConstraintDescription: "letters",
		},
		"Size": {Type: "String", AllowedValues: []string{"1", "2", "big"}, Default: &big},
	}
	if diff := cmp.Diff(want, fromYAML.Parameters); diff != "" {
		t.Errorf("Parameters (-want +got):\n%s", diff)
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	const resources = "Resources: {R: {Type: A::B::C}}\n"
	for _, test := range []struct{ name, body, want string }{
		{"empty", "", "Template format error: unsupported structure."},
		{"comment only", "# nothing\n", "Template format error: unsupported structure."},
		{"list", "- a\n- b\n", "Template format error: unsupported structure."},
		{"text", "hello", "Template format error: unsupported structure."},
		{"bad YAML", "Resources:\n  A:\n    Type: [x\n", "Template format error: YAML not well-formed. (line 3, column 5)"},
		{"tab", "Resources:\n\tA: b\n", "Template format error: YAML not well-formed. (line 2, column 2)"},
		{"two documents", "---\n" + resources + "---\na: b\n", "Template format error: YAML not well-formed. (line 3, column 1)"},
		{"duplicate key", "Resources:\n  A: {Type: X}\n  A: {Type: Y}\n", "Template format error: YAML not well-formed. (line 3, column 3)"},
		{"alias", "Resources:\n  A: &a {Type: X}\n  B: *a\n", "Template error: YAML aliases are not allowed in CloudFormation templates"},
		{"merge", "Resources:\n  A: {<<: {Type: X}}\n", "Template format error: YAML not well-formed. (line 2, column 7)"},
		{"binary", "Description: !!binary aGk=\n" + resources, "Template format error: YAML not well-formed. (line 1, column 14)"},
		{"two tags on line 3", "Resources:\n  R:\n    Type: !Base64 !Ref X\n", "Template format error: YAML not well-formed. (line 3, column 5)"},
		{"no colon", "Resources:\n  R\n    Type: X\n", "Template format error: YAML not well-formed. (line 3, column 5)"},
		{"bad indent, told at the object", "Resources:\n  R:\n    Type: X\n   P: y\n", "Template format error: YAML not well-formed. (line 2, column 3)"},
		{"two tags", "Resources: {R: {Type: A, Properties: {V: !Base64 !Ref X}}}", "Template format error: YAML not well-formed."},
		{"bad JSON", "{\"Resources\": {\n  \"A\": {]\n}}", "Template format error: JSON not well-formed. (line 2, column 9)"},
		{"cut JSON", "{\"Resources\": {", "Template format error: JSON not well-formed. (line 1, column 15)"},
		{"two JSON values", "{} {}", "Template format error: JSON not well-formed. (line 1, column 4)"},
		{"too deep", "Resources: " + strings.Repeat("[", 600) + strings.Repeat("]", 600), "Template format error: unsupported structure."},
		{"null property", "Resources:\n  A:\n    Type: X\n    Properties:\n      P: [1, ]\n      Q:\n", "[/Resources/A/Type/Q] 'null' values are not allowed in templates"},
		{"null section", "Outputs:\n" + resources, "[/Outputs] 'null' values are not allowed in templates"},
		{"unknown section", "Resource: {}\nOutput: {}\n" + resources, "Invalid template property or properties [Output, Resource]"},
		{"version", "AWSTemplateFormatVersion: 2011-01-01\n" + resources, "Template format error: unsupported value for AWSTemplateFormatVersion."},
		{"long description", "Description: " + strings.Repeat("x", 1025) + "\n" + resources, "Template format error: 'Description' length is greater than 1024."},
		{"no resources", "Description: x\n", "Template format error: At least one Resources member must be defined."},
		{"empty resources", "Resources: {}\n", "Template format error: At least one Resources member must be defined."},
		{"resources a list", "Resources: []\n", "Template format error: [/Resources] must be an object."},
		{"resource a text", "Resources: {A: b}\n", "Template format error: Any Resources member must be an object."},
		{"no type", "Resources: {A: {Properties: {}}}\n", "Template format error: [/Resources/A] Every Resources object must contain a Type member."},
		{"resource property", "Resources: {A: {Type: X, Tags: []}}\n", "Invalid template resource property 'Tags'"},
		{"policy", "Resources: {A: {Type: X, DeletionPolicy: Keep}}\n", "Template format error: Unrecognized DeletionPolicy Keep for resource A"},
		{"replace policy", "Resources: {A: {Type: X, UpdateReplacePolicy: RetainExceptOnCreate}}\n", "Template format error: Unrecognized UpdateReplacePolicy RetainExceptOnCreate for resource A"},
		{"policy function", "Resources: {A: {Type: X, DeletionPolicy: !Ref P}}\n", "Template format error: Every DeletionPolicy member must be a string."},
		{"depends on", "Resources: {A: {Type: X, DependsOn: {a: b}}}\n", "Template format error: DependsOn must be a string or list of strings."},
		{"properties a list", "Resources: {A: {Type: X, Properties: []}}\n", "Template format error: [/Resources/A] Properties must be an object."},
		{"parameter type", "Parameters: {P: {Type: Text}}\n" + resources, "Template format error: Unrecognized parameter type: Text"},
		{"no parameter type", "Parameters: {P: {Default: x}}\n" + resources, "Template format error: Every Parameters object must contain a Type member."},
		{"default", "Parameters: {P: {Type: String, Default: [x]}}\n" + resources, "Template format error: Every Default member must be a string."},
		{"min on string", "Parameters: {P: {Type: String, MinValue: 1}}\n" + resources, "Template error: Parameter 'P' MinValue must be on a parameter of type Number"},
		{"pattern on number", "Parameters: {P: {Type: Number, AllowedPattern: x}}\n" + resources, "Template error: Parameter 'P' AllowedPattern must be on a parameter of type String"},
		{"min not a number", "Parameters: {P: {Type: Number, MinValue: x}}\n" + resources, "Template format error: Every MinValue member must be a number."},
		{"output value", resources + "Outputs: {O: {Description: x}}\n", "Template format error: Every Outputs member must contain a Value object"},
		{"output property", resources + "Outputs: {O: {Value: x, Exports: {}}}\n", "Invalid template output property 'Exports'"},
		{"export", resources + "Outputs: {O: {Value: x, Export: {}}}\n", "Template format error: Output O is malformed. The Name field of every Export member must be specified and consist only of alphanumeric characters, colons, or hyphens."},
		{"export name", resources + "Outputs: {O: {Value: x, Export: {Name: a_b}}}\n", "Template format error: Output O is malformed. The Name field of every Export member must be specified and consist only of alphanumeric characters, colons, or hyphens."},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(test.body)
			var validation *ValidationError
			if !errors.As(err, &validation) {
				t.Fatalf("Parse returned %v, want a *ValidationError", err)
			}
			if validation.Message != test.want {
				t.Errorf("Parse returned\n\t%s\nwant\n\t%s", validation.Message, test.want)
			}
		})
	}
}

func TestParameterTypes(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"String":                                   true,
		"Number":                                   true,
		"List<Number>":                             true,
		"List<String>":                             true,
		"CommaDelimitedList":                       true,
		"AWS::EC2::VPC::Id":                        true,
		"AWS::EC2::Image::Id":                      true,
		"List<AWS::EC2::Subnet::Id>":               true,
		"AWS::SSM::Parameter::Name":                true,
		"AWS::SSM::Parameter::Value<String>":       true,
		"AWS::SSM::Parameter::Value<List<String>>": true,
		"AWS::SSM::Parameter::Value<CommaDelimitedList>":                 true,
		"AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>":                true,
		"AWS::SSM::Parameter::Value<AWS::SSM::Parameter::Value<String>>": false,
		"AWS::SSM::Parameter::Value<String":                              false,
		"List<List<Number>>":                                             false,
		"List<CommaDelimitedList>":                                       false,
		"Boolean":                                                        false,
		"AWS::":                                                          false,
		"":                                                               false,
	} {
		if got := isParameterType(name); got != want {
			t.Errorf("isParameterType(%q) = %t, want %t", name, got, want)
		}
	}
}

// The templates that we ship, and a hand-written pair in short forms.
func TestRealTemplates(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"../../templates/*.json", "testdata/*.yaml"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if len(paths) == 0 {
			t.Errorf("no template matches %s", pattern)
		}
		for _, path := range paths {
			template, err := Parse(readTestdata(t, path))
			if err != nil {
				t.Errorf("%s: %v", path, err)
				continue
			}
			if err := template.Validate(); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}
