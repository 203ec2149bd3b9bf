package cfntemplate

import (
	"fmt"
	"strings"
	"testing"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	const resource = "Resources: {R: {Type: A::B::C}}\n"
	withProperty := func(value string) string {
		return "Resources: {R: {Type: A::B::C, Properties: {V: " + value + "}}, S: {Type: A::B::C}}\n"
	}
	for _, test := range []struct{ name, body, want string }{
		{"nothing to complain about", resource, ""},
		{"pseudo parameters", withProperty(`!Sub "${AWS::Region}${AWS::StackName}${!Literal}"`), ""},
		{"Ref", withProperty("!Ref Nope"), "Template format error: Unresolved resource dependencies [Nope] in the Resources block of the template"},
		{"several", withProperty("[!Ref B, !Ref A, !Ref B]"), "Template format error: Unresolved resource dependencies [A, B] in the Resources block of the template"},
		{"DependsOn", "Resources: {R: {Type: A::B::C, DependsOn: Nope}}", "Template format error: Unresolved resource dependencies [Nope] in the Resources block of the template"},
		{"DependsOn a parameter", "Parameters: {P: {Type: String}}\nResources: {R: {Type: A::B::C, DependsOn: P}}", "Template format error: Unresolved resource dependencies [P] in the Resources block of the template"},
		{"Sub", withProperty(`!Sub "${Nope}"`), "Template format error: Unresolved resource dependencies [Nope] in the Resources block of the template"},
		{"Sub attribute", withProperty(`!Sub "${Nope.Arn}"`), "Template error: instance of Fn::Sub references invalid resource attribute Nope.Arn"},
		{"Sub own variable", withProperty(`!Sub ["${Own}", {Own: x}]`), ""},
		{"Sub variable name", withProperty(`!Sub "${a b}"`), "Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons"},
		{"Sub form", withProperty(`!Sub ["${A}"]`), "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string"},
		{"GetAtt", withProperty("!GetAtt Nope.Arn"), "Template error: instance of Fn::GetAtt references undefined resource Nope"},
		{"GetAtt without attribute", withProperty("!GetAtt S"), "Template error: if specifying one argument to Fn::GetAtt, that argument must be a non-empty string in format <LogicalId>.<Attribute>"},
		{"GetAtt form", withProperty("!GetAtt [S]"), "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute"},
		{"GetAtt by Ref", "Parameters: {P: {Type: String}}\n" + withProperty("!GetAtt [S, !Ref P]"), ""},
		{"Ref form", withProperty("{Ref: [S]}"), "Template error: every Ref object must have a single String value."},
		{"Join form", withProperty("!Join [',']"), "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined."},
		{"unknown function", withProperty("!Upper x"), "Template Error: Encountered unsupported function: Fn::Upper Supported functions are: [Fn::Base64, Fn::GetAtt, Fn::GetAZs, Fn::ImportValue, Fn::Join, Fn::Split, Fn::FindInMap, Fn::Select, Ref, Fn::Equals, Fn::If, Fn::Not, Condition, Fn::And, Fn::Or, Fn::Contains, Fn::EachMemberEquals, Fn::EachMemberIn, Fn::ValueOf, Fn::ValueOfAll, Fn::RefAll, Fn::Sub, Fn::Cidr]"},
		{"function beside a key", withProperty("{Fn::If: [C, a, b], x: y}"), "Template error: Fn::If must be the only key of its object"},
		{"mapping", withProperty("!FindInMap [Nope, a, b]"), "Template error: Mapping named 'Nope' is not present in the 'Mappings' section of template."},
		{"computed mapping", withProperty("!FindInMap [!Ref AWS::Region, a, b]"), ""},
		{"default of FindInMap", withProperty("!FindInMap [Nope, a, b, {DefaultValue: c}]"), "Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value"},
		{"default with extensions", "Transform: AWS::LanguageExtensions\n" + withProperty("!FindInMap [Nope, a, b, {DefaultValue: c}]"), ""},
		{"extension without transform", withProperty("!Length [a]"), "Template error: Fn::Length needs the transform AWS::LanguageExtensions."},
		{"mapping value", "Mappings: {M: {a: {b: {c: d}}}}\n" + resource, "Template format error: Every Mappings attribute must be a String or a List."},
		{"mapping form", "Mappings: {M: {a: b}}\n" + resource, "Template format error: Every Mappings member M must be a map"},
		{"If", withProperty("!If [Nope, a, b]"), "Template error: unresolved condition dependency Nope in Fn::If"},
		{"If of two", "Conditions: {C: !Equals [a, a]}\n" + withProperty("!If [C, a]"), "Template error: Fn::If requires a list argument with three elements"},
		{"If of nothing", withProperty("!If []"), "Template error: Fn::If requires a list argument with the first element being a condition"},
		{"Select form", withProperty("!Select [0]"), "Template error: Fn::Select requires a list argument with two elements: an integer index and a list"},
		{"Split form", withProperty("!Split a"), "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split."},
		{"GetAZs form", withProperty("!GetAZs [a]"), "Template error: every Fn::GetAZs object must have a String-typed value."},
		{"ImportValue form", withProperty("!ImportValue [a]"), "Template error: the attribute in Fn::ImportValue must be a string or a function that returns a string"},
		{"import of an import", withProperty("!ImportValue {Fn::ImportValue: x}"), "Template error: the attribute in Fn::ImportValue must not depend on any resources, imported values, or Fn::GetAZs"},
		{"Cidr form", withProperty("!Cidr [10.0.0.0/16]"), "Template error: every Fn::Cidr object requires two parameters, (1) an IP address block and (2) the number of subnets, and an optional third, the number of subnet bits."},
		{"Equals of three", "Conditions: {C: !Equals [a, b, c]}\n" + resource, "Template error: Fn::Equals requires a list argument with two elements"},
		{"Not of two", "Conditions: {C: !Not [!Condition C, !Condition C]}\n" + resource, "Template error: Fn::Not requires a list argument with one element"},
		{"rule property", "Rules: {R: {Assertion: []}}\n" + resource, "Invalid template rule property 'Assertion'"},
		{"rule assertion", "Rules: {R: {Assertions: [{AssertDescription: x}]}}\n" + resource, "Template format error: Every assertion of rule R must contain an Assert member."},
		{"rule function form", "Rules: {R: {Assertions: [{Assert: !Contains a}]}}\n" + resource, "Template error: every Fn::Contains object requires a list argument with two elements."},
		{"long name", "Resources: {" + strings.Repeat("R", 256) + ": {Type: X}}", "Template format error: Resource name " + strings.Repeat("R", 256) + " is longer than 255 characters."},
		{"If form", withProperty("!If [!Ref X, a, b]"), "Template error: Fn::If requires a list argument with the first element being a condition"},
		{"Equals in a property", withProperty("!Equals [a, b]"), "Template error: Cannot use Fn::Equals outside of the Conditions and Rules blocks of the template."},
		{"Contains in a property", withProperty("!Contains [[a], b]"), "Template error: Cannot use Fn::Contains outside of the Rules block of the template."},
		{"resource condition", "Resources: {R: {Type: A::B::C, Condition: Nope}}", "Template format error: Unresolved condition dependency Nope in the Resources block of the template"},
		{"output condition", resource + "Outputs: {O: {Value: x, Condition: Nope}}", "Template format error: Unresolved condition dependency Nope in the Outputs block of the template"},
		{"condition of condition", "Conditions: {C: !Not [!Condition Nope]}\n" + resource, "Template format error: Unresolved condition dependency Nope in the Conditions block of the template"},
		{"condition is Condition", "Conditions: {C: !Condition D, D: !Equals [a, b]}\n" + resource, ""},
		{"condition refers to resource", "Conditions: {C: !Equals [!Ref R, x]}\n" + resource, "Template format error: Unresolved dependencies [R]. Cannot reference resources in the Conditions block of the template"},
		{"condition no boolean", "Conditions: {C: x}\n" + resource, "Template format error: Conditions can only be boolean operations on parameters and other conditions"},
		{"And of one", "Conditions: {C: !And [!Equals [a, a]]}\n" + resource, "Template error: every Fn::And object requires a list of at least 2 and at most 10 boolean parameters."},
		{"Not of text", "Conditions: {C: !Not [x]}\n" + resource, "Template error: every Fn::Not object requires boolean functions as its parameters."},
		{"import in condition", "Conditions: {C: !Equals [!ImportValue x, y]}\n" + resource, "Template error: Cannot use Fn::ImportValue in Conditions."},
		{"condition circle", "Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}\n" + resource, "Template error: Found circular condition dependency: [A, B]"},
		{"import of a resource", withProperty("!ImportValue {Ref: S}"), "Template error: the attribute in Fn::ImportValue must not depend on any resources, imported values, or Fn::GetAZs"},
		{"circle", "Resources: {A: {Type: X, Properties: {V: !Ref B}}, B: {Type: X, DependsOn: A}, C: {Type: X, DependsOn: A}, D: {Type: X}}", "Circular dependency between resources: [A, B]"},
		{"self", "Resources: {A: {Type: X, Properties: {V: !GetAtt A.Arn}}}", "Circular dependency between resources: [A]"},
		{"output Ref", resource + "Outputs: {O: {Value: !Ref Nope}}", "Template format error: Unresolved resource dependencies [Nope] in the Outputs block of the template"},
		{"export Ref", resource + "Outputs: {O: {Value: x, Export: {Name: !Ref Nope}}}", "Template format error: Unresolved resource dependencies [Nope] in the Outputs block of the template"},
		{"output list", resource + "Outputs: {O: {Value: [a]}}", "Template format error: The Value field of every Outputs member must evaluate to a String."},
		{"resource name", "Resources: {a-b: {Type: X}}", "Template format error: Resource name a-b is non alphanumeric."},
		{"parameter name", "Parameters: {a_b: {Type: String}}\n" + resource, "Template format error: Parameter name a_b is non alphanumeric."},
		{"output name", resource + "Outputs: {a.b: {Value: x}}", "Template format error: Output name a.b is non alphanumeric."},
		{"rule", "Parameters: {P: {Type: String}}\nRules: {R: {RuleCondition: !Equals [!Ref P, x], Assertions: [{Assert: !Contains [[a], !Ref P], AssertDescription: d}]}}\n" + resource, ""},
		{"rule without assertions", "Rules: {R: {}}\n" + resource, "Template format error: Rule R must contain a list of Assertions."},
		{"rule of a resource", "Rules: {R: {Assertions: [{Assert: !Equals [!Ref R, x]}]}}\n" + resource, "Template format error: Unresolved dependencies [R]. Cannot reference resources in the Rules block of the template"},
		{"IAM statement with a condition", withProperty("{Statement: [{Condition: {StringEquals: {a: b}}}]}"), ""},
		{"property named Condition", withProperty("{Condition: x}"), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if err := parse(t, test.body).Validate(); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("Validate returned\n\t%s\nwant\n\t%s", got, test.want)
			}
		})
	}
}

func TestValidateCounts(t *testing.T) {
	t.Parallel()
	var body strings.Builder
	body.WriteString("Resources:\n")
	for i := range 501 {
		fmt.Fprintf(&body, "  R%d: {Type: A::B::C}\n", i)
	}
	err := parse(t, body.String()).Validate()
	const want = "Template format error: Number of resources, 501, is greater than maximum allowed, 500"
	if err == nil || err.Error() != want {
		t.Errorf("Validate returned %v, want %s", err, want)
	}
}

func TestRequiredCapabilities(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, body, capabilities, reason string }{
		{"none", "Resources: {A: {Type: AWS::SNS::Topic}}", "", ""},
		{
			"role", "Resources: {A: {Type: AWS::IAM::Role}, B: {Type: AWS::IAM::Role}, C: {Type: AWS::IAM::Policy, Properties: {PolicyName: x}}}",
			"CAPABILITY_IAM", "The following resource(s) require capabilities: [AWS::IAM::Policy, AWS::IAM::Role]",
		},
		{
			"named role", "Resources: {A: {Type: AWS::IAM::Role, Properties: {RoleName: !Sub '${AWS::StackName}-x'}}}",
			"CAPABILITY_NAMED_IAM", "The following resource(s) require capabilities: [AWS::IAM::Role]",
		},
		{
			"transform", "Transform: [AWS::LanguageExtensions]\nResources: {A: {Type: AWS::IAM::Role}}",
			"CAPABILITY_IAM CAPABILITY_AUTO_EXPAND", "The following resource(s) require capabilities: [AWS::IAM::Role, AWS::LanguageExtensions]",
		},
		{
			"transform in a resource", "Resources: {A: {Type: AWS::SNS::Topic, Properties: {V: !Transform {Name: M}}}}",
			"CAPABILITY_AUTO_EXPAND", "The following resource(s) require capabilities: [AWS::SNS::Topic]",
		},
	} {
		capabilities, reason := parse(t, test.body).RequiredCapabilities()
		if got := strings.Join(capabilities, " "); got != test.capabilities || reason != test.reason {
			t.Errorf("%s: RequiredCapabilities() = %q, %q; want %q, %q", test.name, got, reason, test.capabilities, test.reason)
		}
	}
}
