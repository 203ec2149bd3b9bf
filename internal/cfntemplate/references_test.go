package cfntemplate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestReferences(t *testing.T) {
	t.Parallel()
	value := property(t, `
        b: !Join ["", [!Ref A, !GetAtt B.Arn]]
        a: !Sub ["${C}-${D.Name}-${AWS::Region}-${Own}-${!E}", {Own: !Ref F}]
        c: !GetAtt [G, !Ref H]
        d: {Ref: [malformed]}
        e: !If [Cond, !Ref I, !Ref AWS::NoValue]`)
	var got []string
	for _, r := range References(value) {
		got = append(got, strings.Join(r.Path, "/")+" "+r.Function+" "+r.Target+"."+r.Attribute)
	}
	want := []string{
		"a/Fn::Sub Fn::Sub C.",
		"a/Fn::Sub Fn::Sub D.Name",
		"a/Fn::Sub Fn::Sub AWS::Region.",
		"a/Fn::Sub/1/Own/Ref Ref F.",
		"b/Fn::Join/1/0/Ref Ref A.",
		"b/Fn::Join/1/1/Fn::GetAtt Fn::GetAtt B.Arn",
		"c/Fn::GetAtt Fn::GetAtt G.*",
		"c/Fn::GetAtt/1/Ref Ref H.",
		"e/Fn::If/1/Ref Ref I.",
		"e/Fn::If/2/Ref Ref AWS::NoValue.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("References (-want +got):\n%s", diff)
	}
}

func TestParseSub(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]SubPart{
		"":                 nil,
		"plain $ {x}":      {{Literal: "plain $ {x}"}},
		"${A}":             {{Variable: "A"}},
		"a${A.B}b":         {{Literal: "a"}, {Variable: "A.B"}, {Literal: "b"}},
		"${!A} ${AWS::Id}": {{Literal: "${A} "}, {Variable: "AWS::Id"}},
		"$${A}":            {{Literal: "$"}, {Variable: "A"}},
		"open ${A":         {{Literal: "open ${A"}},
	} {
		got, err := ParseSub(text)
		if err != nil {
			t.Errorf("ParseSub(%q): %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ParseSub(%q) (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{"${}", "${a b}", "${a-b}", "${::}"} {
		if parts, err := ParseSub(text); err == nil {
			t.Errorf("ParseSub(%q) = %v, want an error", text, parts)
		}
	}
}

func TestDependencies(t *testing.T) {
	t.Parallel()
	template := parse(t, readTestdata(t, "testdata/service.yaml"))
	want := map[string][]string{
		"LoadBalancerRule": {"TargetGroup"},
		"LogGroup":         nil,
		"Service":          {"LoadBalancerRule", "TargetGroup", "TaskDefinition"},
		"TargetGroup":      nil,
		"TaskDefinition":   nil,
	}
	if diff := cmp.Diff(want, template.Dependencies(), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("Dependencies (-want +got):\n%s", diff)
	}
}

func TestParameterUses(t *testing.T) {
	t.Parallel()
	template := parse(t, `
Parameters:
  Image: {Type: String}
  Zone: {Type: AWS::EC2::AvailabilityZone::Name}
Conditions:
  Other: !Equals [!Ref AWS::Region, x]
  Private: !Not [!Equals [!Select [0, !Split ["/", !Ref Image]], public]]
  Both: !And [!Condition Private, !Condition Other]
Rules:
  Known:
    Assertions: [{Assert: !EachMemberIn [!RefAll AWS::EC2::AvailabilityZone::Name, [a, b]]}]
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: one
          Image: !Ref Image
          Environment: !If [Both, [{Name: IMAGE, Value: !Sub "at ${Image}"}], !Ref AWS::NoValue]
        - !If [Other, {Name: two, Image: !Join ["", [!Ref Image]]}, !Ref AWS::NoValue]
  Role: {Type: AWS::IAM::Role, Condition: Private, Metadata: {for: !Ref Image}}
Outputs:
  What: {Value: !Ref Image, Condition: Other, Export: {Name: !Sub "${AWS::StackName}:${Image}"}}
`)
	if err := template.Validate(); err != nil {
		t.Fatal(err)
	}
	describe := func(uses []Use) []string {
		var all []string
		for _, u := range uses {
			line := strings.TrimSpace(strings.Join([]string{u.Section, u.ID, u.ResourceType, strings.Join(u.Path, "/"), u.Condition}, " "))
			all = append(all, line+" => "+strings.Join(u.Property(), "/"))
		}
		return all
	}
	want := []string{
		"Conditions Both  Fn::And/0/Condition Private => ",
		"Conditions Private  Fn::Not/0/Fn::Equals/0/Fn::Select/1/Fn::Split/1/Ref => ",
		"Resources Role AWS::IAM::Role Condition Private => Condition",
		"Resources Role AWS::IAM::Role Metadata/for/Ref => Metadata/for",
		"Resources Task AWS::ECS::TaskDefinition Properties/ContainerDefinitions/0/Environment/Fn::If/1/0/Value/Fn::Sub => Properties/ContainerDefinitions/0/Environment/0/Value",
		"Resources Task AWS::ECS::TaskDefinition Properties/ContainerDefinitions/0/Image/Ref => Properties/ContainerDefinitions/0/Image",
		"Resources Task AWS::ECS::TaskDefinition Properties/ContainerDefinitions/1/Fn::If/1/Image/Fn::Join/1/0/Ref => Properties/ContainerDefinitions/1/Image",
		"Resources Task AWS::ECS::TaskDefinition Properties/ContainerDefinitions/0/Environment/Fn::If Both => Properties/ContainerDefinitions/0/Environment",
		"Outputs What  Export/Name/Fn::Sub => Export/Name",
		"Outputs What  Value/Ref => Value",
	}
	if diff := cmp.Diff(want, describe(template.ParameterUses("Image"))); diff != "" {
		t.Errorf("ParameterUses(Image) (-want +got):\n%s", diff)
	}
	want = []string{"Rules Known  Assertions/0/Assert/Fn::EachMemberIn/0/Fn::RefAll => Assertions/0/Assert"}
	if diff := cmp.Diff(want, describe(template.ParameterUses("Zone"))); diff != "" {
		t.Errorf("ParameterUses(Zone) (-want +got):\n%s", diff)
	}
	if uses := template.ParameterUses("Nope"); len(uses) > 0 {
		t.Errorf("ParameterUses(Nope) = %v, want none", uses)
	}
}

// The parameter of the shipped service template feeds the image and nothing else.
func TestImageParameterOfServiceTemplates(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"../../templates/service.json", "testdata/service.yaml"} {
		template := parse(t, readTestdata(t, path))
		uses := template.ParameterUses("ImageUrl")
		if len(uses) != 1 {
			t.Errorf("%s: ImageUrl is used in %d places, want 1: %v", path, len(uses), uses)
			continue
		}
		want := []string{"Properties", "ContainerDefinitions", "0", "Image"}
		if diff := cmp.Diff(want, uses[0].Property()); diff != "" {
			t.Errorf("%s: use of ImageUrl (-want +got):\n%s", path, diff)
		}
	}
}
