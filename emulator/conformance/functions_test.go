package conformance_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// TestFunctions evaluates all functions in the outputs of one stack.
func TestFunctions(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	facts := []struct {
		name, expression, want string
	}{
		{"CFN-029 Fn::Join", "!Join ['-', [a, b, c]]", "a-b-c"},
		{"CFN-030 Fn::Split and Fn::Select", "!Select [2, !Split ['/', a/b/c]]", "c"},
		{"CFN-031 Fn::Sub with a map", "!Sub ['${A}-${AWS::Region}', {A: x}]", "x-eu-west-1"},
		{"CFN-032 Fn::Sub leaves ${!Literal} alone", "!Sub '${!Literal}'", "${Literal}"},
		{"CFN-033 Fn::Sub with an attribute", "!Sub '${Topic.TopicName}'", "my-topic"},
		{"CFN-034 Fn::Base64", "!Base64 hello", "aGVsbG8="},
		{"CFN-035 Fn::FindInMap", "!FindInMap [Sizes, !Ref 'AWS::Region', Cpu]", "256"},
		{"CFN-036 Fn::If", "!If [InEurope, eu, elsewhere]", "eu"},
		{"CFN-037 Fn::Cidr", "!Select [1, !Cidr [10.0.0.0/16, 2, 8]]", "10.0.1.0/24"},
		{"CFN-038 Fn::GetAZs", "!Select [0, !GetAZs '']", "eu-west-1a"},
		{"CFN-039 AWS::Region", "!Ref AWS::Region", "eu-west-1"},
		{"CFN-040 AWS::StackName", "!Ref AWS::StackName", "functions"},
		{"CFN-041 AWS::Partition and AWS::URLSuffix", "!Sub '${AWS::Partition} ${AWS::URLSuffix}'", "aws amazonaws.com"},
		{"CFN-042 Ref of a parameter", "!Ref Greeting", "hello"},
		{"CFN-043 a number becomes text", "!Join ['', [1, true]]", "1true"},
		{"CFN-044 Fn::And, Fn::Or, Fn::Not and Fn::Equals", "!If [Compound, 'yes', 'no']", "yes"},
	}
	template := `
Parameters: {Greeting: {Type: String, Default: hello}}
Mappings: {Sizes: {eu-west-1: {Cpu: 256}}}
Conditions:
  InEurope: !Equals [!Ref AWS::Region, eu-west-1]
  Elsewhere: !Not [!Condition InEurope]
  Compound: !And [!Condition InEurope, !Or [!Condition Elsewhere, !Equals [!Ref Greeting, hello]]]
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: my-topic, DisplayName: !If [Elsewhere, there, !Ref AWS::NoValue]}}
  Left: {Type: AWS::SNS::Topic, Condition: Elsewhere}
Outputs:
  Left: {Condition: Elsewhere, Value: x}
`
	for _, fact := range facts {
		template += "  " + key(fact.name) + ": {Value: " + fact.expression + "}\n"
	}
	stack := c.create(t, "functions", template)
	for _, fact := range facts {
		t.Run(fact.name, func(t *testing.T) {
			same(t, fact.expression, outputs(stack)[key(fact.name)], fact.want)
		})
	}
	t.Run("CFN-045 AWS::StackId and AWS::AccountId", func(t *testing.T) {
		id := *c.create(t, "ids", resources(topic)+"Outputs: {Id: {Value: !Ref AWS::StackId}, Account: {Value: !Ref AWS::AccountId}}").StackId
		same(t, "AWS::StackId", outputs(c.stack(t, "ids"))["Id"], id)
		same(t, "AWS::AccountId", outputs(c.stack(t, "ids"))["Account"], strings.Split(id, ":")[4])
	})
	t.Run("CFN-046 a resource whose condition is false is not made", func(t *testing.T) {
		in := &cloudformation.DescribeStackResourceInput{StackName: aws.String("functions"), LogicalResourceId: aws.String("Left")}
		says(t, refusal(t, c.cfn.DescribeStackResource, in), "ValidationError", "Resource Left does not exist for stack functions")
	})
	t.Run("CFN-047 an output whose condition is false is not put out", func(t *testing.T) {
		if value, ok := outputs(stack)["Left"]; ok {
			t.Errorf("Left is %q", value)
		}
	})
	t.Run("CFN-048 AWS::NoValue removes the property", func(t *testing.T) {
		of := 0
		for _, e := range c.events(t, "functions") {
			if *e.LogicalResourceId == "Topic" {
				of++
				same(t, "properties", aws.ToString(e.ResourceProperties), `{"TopicName":"my-topic"}`)
			}
		}
		same(t, "there are events of the topic", of > 0, true)
	})
	t.Run("CFN-049 a condition that becomes false removes the resource", func(t *testing.T) {
		const conditional = `
Parameters: {Wanted: {Type: String}}
Conditions: {Extended: !Equals [!Ref Wanted, 'yes']}
Resources:
  Topic: {Type: AWS::SNS::Topic}
  Extra: {Type: AWS::SNS::Topic, Condition: Extended}
`
		c.create(t, "conditional", conditional, parameter("Wanted", "yes"))
		c.update(t, "conditional", conditional, parameter("Wanted", "no"))
		tells(t, c.story(t, "conditional"), "Extra CREATE_COMPLETE", "conditional UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "Extra DELETE_COMPLETE", "conditional UPDATE_COMPLETE")
	})
	t.Run("CFN-050 Fn::Length and Fn::ToJsonString need AWS::LanguageExtensions", func(t *testing.T) {
		body := "Transform: AWS::LanguageExtensions\n" + resources(topic) + "Outputs: {L: {Value: !Sub ['${N}', {N: {Fn::Length: [a, b, c]}}]}, J: {Value: {Fn::ToJsonString: {a: 1}}}}"
		in := createInput("extensions", body)
		says(t, refusal(t, c.cfn.CreateStack, in), "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_AUTO_EXPAND]")
		in.Capabilities = []cfntypes.Capability{cfntypes.CapabilityCapabilityAutoExpand}
		must(t, c.cfn.CreateStack, in)
		extended := outputs(c.settled(t, "extensions", cfntypes.StackStatusCreateComplete))
		same(t, "Fn::Length", extended["L"], "3")
		same(t, "Fn::ToJsonString", extended["J"], `{"a":1}`)
	})
}

// key is the logical id that an output has for a fact: "CFN029".
func key(name string) string {
	id, _, _ := strings.Cut(name, " ")
	return strings.ReplaceAll(id, "-", "")
}

func TestTemplatesRefused(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	for _, fact := range []struct {
		name, template, message string
	}{
		{"CFN-051 Ref of nothing", resources("A: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref Nothing}}"), "Template format error: Unresolved resource dependencies [Nothing] in the Resources block of the template"},
		{"CFN-052 Ref of nothing in an output", resources(topic) + "Outputs: {O: {Value: !Ref Nothing}}", "Template format error: Unresolved resource dependencies [Nothing] in the Outputs block of the template"},
		{"CFN-053 Fn::GetAtt of nothing", resources("A: {Type: AWS::SNS::Topic, Properties: {DisplayName: !GetAtt Nothing.Arn}}"), "Template error: instance of Fn::GetAtt references undefined resource Nothing"},
		{"CFN-054 a circle of references", resources("A: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref B}}", "B: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref A}}"), "Circular dependency between resources: [A, B]"},
		{"CFN-055 a circle through DependsOn", resources("A: {Type: AWS::SNS::Topic, DependsOn: B}", "B: {Type: AWS::SNS::Topic, Properties: {DisplayName: !GetAtt A.TopicName}}"), "Circular dependency between resources: [A, B]"},
		{"CFN-056 DependsOn nothing", resources("A: {Type: AWS::SNS::Topic, DependsOn: Nothing}"), "Template format error: Unresolved resource dependencies [Nothing] in the Resources block of the template"},
		{"CFN-057 a condition that is not declared", resources("A: {Type: AWS::SNS::Topic, Condition: Nothing}"), "Unresolved condition dependency Nothing in the Resources block"},
		{"CFN-058 a condition on a resource", "Conditions: {C: !Equals [!Ref Topic, x]}\n" + resources(topic), "Template format error: Unresolved dependencies [Topic]. Cannot reference resources in the Conditions block of the template"},
		{"CFN-059 no resources", "Description: nothing\n", "Template format error: At least one Resources member must be defined."},
		{"CFN-060 a section that does not exist", "Resource: {}\n" + resources(topic), "Invalid template property or properties [Resource]"},
		{"CFN-061 a resource without a type", resources("A: {Properties: {}}"), "[/Resources/A] Every Resources object must contain a Type member."},
		{"CFN-062 a logical id with other characters", resources("My-Topic: {Type: AWS::SNS::Topic}"), "Resource name My-Topic is non alphanumeric."},
		{"CFN-063 the wrong version", "AWSTemplateFormatVersion: '2020-01-01'\n" + resources(topic), "Template format error: unsupported value for AWSTemplateFormatVersion."},
		{"CFN-064 a function that does not exist", resources("A: {Type: AWS::SNS::Topic, Properties: {DisplayName: {Fn::Upper: a}}}"), "Encountered unsupported function: Fn::Upper Supported functions are: ["},
		{"CFN-065 a key that the mapping does not have", "Mappings: {M: {a: {b: c}}}\n" + resources("A: {Type: AWS::SNS::Topic, Properties: {DisplayName: !FindInMap [M, x, b]}}"), "Template error: Unable to get mapping for M::x::b"},
		{"CFN-066 a mapping that does not exist", resources("A: {Type: AWS::SNS::Topic, Properties: {DisplayName: !FindInMap [M, x, b]}}"), "Mapping named 'M' is not present in the 'Mappings' section of template"},
		{"CFN-067 Fn::Select behind the end of the list", resources("A: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Select [3, [a, b]]}}"), "cannot select nonexistent value at index 3"},
		{"CFN-068 Fn::Join without a list", resources("A: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Join ['-', text]}}"), "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings"},
		{"CFN-069 an unresolved name in Fn::Sub", resources("A: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Sub '${Nothing}'}}"), "Template format error: Unresolved resource dependencies [Nothing] in the Resources block of the template"},
		{"CFN-070 YAML that is none", "Resources: [", "Template format error: YAML not well-formed."},
		{"CFN-071 JSON that is none", `{"Resources": `, "Template format error: JSON not well-formed."},
		{"CFN-072 an output that is a list", resources(topic) + "Outputs: {O: {Value: [a, b]}}", "must evaluate to a String"},
		{"CFN-073 a description of more than 1024 bytes", "Description: " + strings.Repeat("x", 1025) + "\n" + resources(topic), "'Description' length is greater than 1024."},
		{"CFN-074 a template of more than 51,200 bytes", resources(topic) + strings.Repeat("# comment\n", 5200), "at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200"},
		{"CFN-075 null", resources("A: {Type: AWS::SNS::Topic, Properties: {DisplayName: null}}"), "'null' values are not allowed in templates"},
	} {
		t.Run(fact.name, func(t *testing.T) {
			t.Parallel()
			says(t, refusal(t, c.cfn.CreateStack, createInput("refused", fact.template)), "ValidationError", fact.message)
		})
	}
	t.Run("CFN-076 ValidateTemplate refuses them as well", func(t *testing.T) {
		in := &cloudformation.ValidateTemplateInput{TemplateBody: aws.String("Description: nothing\n")}
		says(t, refusal(t, c.cfn.ValidateTemplate, in), "ValidationError", "At least one Resources member must be defined")
	})
	t.Run("CFN-077 neither body nor URL", func(t *testing.T) {
		in := &cloudformation.CreateStackInput{StackName: aws.String("nothing")}
		says(t, refusal(t, c.cfn.CreateStack, in), "ValidationError", "Either Template URL or Template Body must be specified.")
	})
}

func TestCapabilities(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	role := resources("Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}")
	named := resources("Role: {Type: AWS::IAM::Role, Properties: {RoleName: mine, AssumeRolePolicyDocument: {}}}")
	with := func(name, template string, capabilities ...cfntypes.Capability) *cloudformation.CreateStackInput {
		in := createInput(name, template)
		in.Capabilities = capabilities
		return in
	}
	t.Run("CFN-078 an IAM role needs CAPABILITY_IAM", func(t *testing.T) {
		says(t, refusal(t, c.cfn.CreateStack, with("role", role)), "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]")
	})
	t.Run("CFN-079 a named one needs CAPABILITY_NAMED_IAM", func(t *testing.T) {
		in := with("named", named, cfntypes.CapabilityCapabilityIam)
		says(t, refusal(t, c.cfn.CreateStack, in), "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]")
	})
	t.Run("CFN-080 CAPABILITY_NAMED_IAM serves for both", func(t *testing.T) {
		must(t, c.cfn.CreateStack, with("both", role, cfntypes.CapabilityCapabilityNamedIam))
		c.settled(t, "both", cfntypes.StackStatusCreateComplete)
	})
	t.Run("CFN-081 an update needs them again", func(t *testing.T) {
		in := updateInput("both", role+"Outputs: {O: {Value: x}}\n")
		says(t, refusal(t, c.cfn.UpdateStack, in), "InsufficientCapabilitiesException", "[CAPABILITY_IAM]")
	})
	t.Run("CFN-082 so does a change set", func(t *testing.T) {
		says(t, refusal(t, c.cfn.CreateChangeSet, changeSetInput("both", "cs", role+"Outputs: {O: {Value: x}}\n")), "InsufficientCapabilitiesException", "[CAPABILITY_IAM]")
	})
	t.Run("CFN-083 ValidateTemplate tells them and why", func(t *testing.T) {
		out := must(t, c.cfn.ValidateTemplate, &cloudformation.ValidateTemplateInput{TemplateBody: &named})
		same(t, "capability", out.Capabilities[0], cfntypes.CapabilityCapabilityNamedIam)
		same(t, "reason", *out.CapabilitiesReason, "The following resource(s) require capabilities: [AWS::IAM::Role]")
	})
	t.Run("CFN-084 DescribeStacks shows those given", func(t *testing.T) {
		same(t, "capability", c.stack(t, "both").Capabilities[0], cfntypes.CapabilityCapabilityNamedIam)
	})
}
