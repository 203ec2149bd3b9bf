package intrinsic

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const resource = "\nResources: {A: {Type: X}}\n"

func TestConditions(t *testing.T) {
	t.Parallel()
	template := parse(t, `
Parameters:
  Stage: {Type: String}
  Count: {Type: Number}
  Zones: {Type: CommaDelimitedList}
Mappings: {M: {prod: {big: true}, dev: {big: false}}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Not [!Condition IsProd]
  IsProdHere: !And [!Condition IsProd, !Equals [!Ref AWS::Region, eu-west-1]]
  Either: !Or [!Equals [!Ref Stage, x], !Condition IsProdHere]
  TwoTasks: !Equals [!Ref Count, 2]
  Big: !Equals [!FindInMap [M, !Ref Stage, big], true]
  Case: !Equals [!Ref Stage, PROD]
  List: !Equals [!Join ["", !Ref Zones], ab]
  Same: !Condition IsProd
  Empty: !Equals ["", ""]
  Lists: !Equals [!Ref Zones, [a, b]]
  Objects: !Equals [{a: [1]}, {a: ["1"]}]
  NotObjects: !Equals [{a: 1}, {b: 1}]
  Longer: !Equals [[a], [a, b]]
  Mixed: !Equals [a, [a]]
  Chosen: !Equals [!If [IsProd, one, two], one]
`+resource)
	if err := template.Validate(); err != nil {
		t.Fatal(err)
	}
	got, err := testEnv(template, map[string]string{"Stage": "prod", "Count": "2", "Zones": "a, b"}).Conditions()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{
		"IsProd": true, "IsDev": false, "IsProdHere": true, "Either": true, "TwoTasks": true, "Big": true,
		"Case": false, "List": true, "Same": true, "Empty": true, "Lists": true, "Chosen": true,
		"Objects": true, "NotObjects": false, "Longer": false, "Mixed": false,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Conditions (-want +got):\n%s", diff)
	}
}

func TestConditionErrors(t *testing.T) {
	t.Parallel()
	for conditions, want := range map[string]string{
		"{A: !Condition A}": "Template error: Found circular condition dependency: [A]",
		"{A: !Not [!Condition B], B: !Not [!Condition A]}": "Template error: Found circular condition dependency: [A]",
		"{A: !Not [text]}":            "Template format error: Conditions can only be boolean operations on parameters and other conditions",
		"{A: !Not [!Condition Nope]}": "Template error: unresolved condition dependency Nope in Fn::If",
		"{A: !Or [!Equals [a, a]]}":   "Template error: every Fn::Or object requires a list of at least 2 and at most 10 boolean parameters.",
		"{A: !Equals [a]}":            "Template error: Fn::Equals requires a list argument with two elements",
	} {
		got, err := testEnv(parse(t, "Conditions: "+conditions+resource), nil).Conditions()
		if err == nil || err.Error() != want {
			t.Errorf("%s: Conditions() = %v, %v; want error %s", conditions, got, err, want)
		}
	}
}

func TestDependencies(t *testing.T) {
	t.Parallel()
	const body = `
Parameters: {Stage: {Type: String}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Topic: {Type: X}
  Alarm: {Type: X, Condition: IsProd, Properties: {T: !Ref Topic}}
  Queue: {Type: X, DependsOn: [Alarm, Topic], Properties: {V: !If [IsProd, !GetAtt Alarm.Arn, !Ref AWS::NoValue]}}
Outputs:
  Alarm: {Condition: IsProd, Value: !Ref Alarm}
`
	for stage, want := range map[string]map[string][]string{
		"prod": {"Topic": nil, "Alarm": {"Topic"}, "Queue": {"Alarm", "Topic"}},
		"dev":  {"Topic": nil, "Queue": {"Topic"}},
	} {
		got, err := testEnv(parse(t, body), map[string]string{"Stage": stage}).Dependencies()
		if err != nil {
			t.Errorf("%s: %v", stage, err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: Dependencies (-want +got):\n%s", stage, diff)
		}
	}
}

func TestDependenciesOnWhatDoesNotExist(t *testing.T) {
	t.Parallel()
	const conditions = "Conditions: {Never: !Equals [a, b]}\n"
	for body, want := range map[string]string{
		"Resources: {A: {Type: X, Condition: Never}, B: {Type: X, Properties: {V: !Ref A}}}":                 "Template format error: Unresolved resource dependencies [A] in the Resources block of the template",
		"Resources: {A: {Type: X, Condition: Never}, B: {Type: X, Properties: {V: !If [Never, x, !Ref A]}}}": "Template format error: Unresolved resource dependencies [A] in the Resources block of the template",
		"Resources: {A: {Type: X, Condition: Never}, B: {Type: X}}\nOutputs: {O: {Value: !GetAtt A.Arn}}":    "Template format error: Unresolved resource dependencies [A] in the Outputs block of the template",
		"Resources: {A: {Type: X, Condition: Nope}}":                                                         "Template error: unresolved condition dependency Nope in Fn::If",
		"Resources: {A: {Type: X}}\nOutputs: {O: {Value: !If [Nope, a, b]}}":                                 "Template error: unresolved condition dependency Nope in Fn::If",
	} {
		got, err := testEnv(parse(t, conditions+body), nil).Dependencies()
		if err == nil || err.Error() != want {
			t.Errorf("%s: Dependencies() = %v, %v; want error %s", body, got, err, want)
		}
	}
}

func TestCheckRules(t *testing.T) {
	t.Parallel()
	const head = `
Parameters:
  Stage: {Type: String}
  Users: {Type: CommaDelimitedList}
  ZoneOne: {Type: "AWS::EC2::AvailabilityZone::Name"}
  Zones: {Type: "List<AWS::EC2::AvailabilityZone::Name>"}
Rules:
  R:
`
	parameters := map[string]string{"Stage": "prod", "Users": "ann,bob", "ZoneOne": "a", "Zones": "b,c"}
	for rule, want := range map[string]string{
		"Assertions: [{Assert: !Equals [!Ref Stage, prod]}]":                                                            "",
		"Assertions: [{Assert: !Equals [!Ref Stage, dev], AssertDescription: Only dev.}]":                               "Rule R failed: Only dev.",
		"Assertions: [{Assert: !Equals [!Ref Stage, dev]}]":                                                             "Rule R failed: an assertion does not hold",
		"{RuleCondition: !Equals [!Ref Stage, dev], Assertions: [{Assert: !Equals [a, b]}]}":                            "",
		"{RuleCondition: !Equals [!Ref Stage, prod], Assertions: [{Assert: !Equals [a, a]}, {Assert: !Equals [a, b]}]}": "Rule R failed: an assertion does not hold",
		"Assertions: [{Assert: !Contains [[dev, prod], !Ref Stage]}]":                                                   "",
		"Assertions: [{Assert: !Not [!Contains [!Ref Users, eve]]}]":                                                    "",
		"Assertions: [{Assert: !Not [!Contains [!Ref Users, ann]]}]":                                                    "Rule R failed: an assertion does not hold",
		"Assertions: [{Assert: !EachMemberIn [!Ref Users, [ann, bob, eve]]}]":                                           "",
		"Assertions: [{Assert: !EachMemberIn [!Ref Users, [ann]]}]":                                                     "Rule R failed: an assertion does not hold",
		"Assertions: [{Assert: !EachMemberEquals [[a, a], a]}]":                                                         "",
		"Assertions: [{Assert: !EachMemberEquals [!Ref Users, ann]}]":                                                   "Rule R failed: an assertion does not hold",
		"Assertions: [{Assert: !EachMemberIn [!RefAll AWS::EC2::AvailabilityZone::Name, [a, b, c]]}]":                   "",
		"Assertions: [{Assert: !EachMemberIn [!RefAll AWS::EC2::AvailabilityZone::Name, [a, b]]}]":                      "Rule R failed: an assertion does not hold",
		"Assertions: [{Assert: !EachMemberEquals [!ValueOfAll [AWS::EC2::VPC::Id, Tags.Department], IT]}]":              "Fn::ValueOfAll is not supported: it needs attributes of resources that no stack here has made.",
		"Assertions: [{Assert: !Contains [{a: b}, c]}]":                                                                 "Template error: the lists of Fn::Contains must be lists of strings",
		"Assertions: [{Assert: !Contains [[a], [b]]}]":                                                                  "Template error: the second element of Fn::Contains must be a string",
	} {
		template := parse(t, head+"    "+strings.TrimSpace(rule)+resource)
		got := ""
		if err := testEnv(template, parameters).CheckRules(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s:\nCheckRules returned %q\nwant %q", rule, got, want)
		}
	}
}
