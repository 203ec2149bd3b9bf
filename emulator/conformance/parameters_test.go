package conformance_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// declaring is a template with one parameter, P, which becomes the name of a topic's
// display.
func declaring(p string) string {
	return "Parameters:\n  P: " + p + "\nResources:\n  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Sub '${P}'}}\nOutputs:\n  P: {Value: !Sub '${P}'}\n"
}

func TestParametersRefused(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	for _, fact := range []struct {
		name      string
		parameter string
		given     []cfntypes.Parameter
		message   string
	}{
		{"CFN-001 no value and no default", "{Type: String}", nil, "Parameters: [P] must have values"},
		{"CFN-002 a key that is not declared", "{Type: String, Default: a}", []cfntypes.Parameter{parameter("Q", "x")}, "Parameters: [Q] do not exist in the template"},
		{"CFN-003 AllowedValues", "{Type: String, AllowedValues: [a, b]}", []cfntypes.Parameter{parameter("P", "c")}, "Parameter 'P' must be one of AllowedValues"},
		{"CFN-004 AllowedPattern", "{Type: String, AllowedPattern: '[a-z]+'}", []cfntypes.Parameter{parameter("P", "a1")}, "Parameter 'P' must match pattern [a-z]+"},
		{"CFN-005 ConstraintDescription", "{Type: String, AllowedPattern: '[a-z]+', ConstraintDescription: only letters}", []cfntypes.Parameter{parameter("P", "a1")}, "Parameter P failed to satisfy constraint: only letters"},
		{"CFN-006 MinLength", "{Type: String, MinLength: 3}", []cfntypes.Parameter{parameter("P", "ab")}, "Parameter 'P' must contain at least 3 characters"},
		{"CFN-007 MaxLength", "{Type: String, MaxLength: 3}", []cfntypes.Parameter{parameter("P", "abcd")}, "Parameter 'P' must contain at most 3 characters"},
		{"CFN-008 MinValue", "{Type: Number, MinValue: 2}", []cfntypes.Parameter{parameter("P", "1")}, "Parameter 'P' must be a number not less than 2"},
		{"CFN-009 MaxValue", "{Type: Number, MaxValue: 2}", []cfntypes.Parameter{parameter("P", "3")}, "Parameter 'P' must be a number not greater than 2"},
		{"CFN-010 Number", "{Type: Number}", []cfntypes.Parameter{parameter("P", "many")}, "Parameter 'P' must be a number"},
		{"CFN-011 unknown type", "{Type: Text}", []cfntypes.Parameter{parameter("P", "a")}, "Unrecognized parameter type: Text"},
		{"CFN-012 previous value of a new stack", "{Type: String}", []cfntypes.Parameter{previous("P")}, "Invalid input for parameter key P"},
	} {
		t.Run(fact.name, func(t *testing.T) {
			t.Parallel()
			in := createInput("refused", declaring(fact.parameter))
			in.Parameters = fact.given
			says(t, refusal(t, c.cfn.CreateStack, in), "ValidationError", fact.message)
		})
	}
}

func TestParameterValues(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	template := declaring("{Type: String, Default: standard}")
	same(t, "P", parameters(c.create(t, "values", template, parameter("P", "given")))["P"], "given")

	t.Run("CFN-013 UsePreviousValue keeps the value", func(t *testing.T) {
		changed := template + "  Another: {Value: x}\n"
		same(t, "P", parameters(c.update(t, "values", changed, previous("P")))["P"], "given")
	})
	t.Run("CFN-014 a key left out of an update takes the default", func(t *testing.T) {
		same(t, "P", parameters(c.update(t, "values", template))["P"], "standard")
	})
	t.Run("CFN-015 a key without default left out of an update", func(t *testing.T) {
		bare := declaring("{Type: String}")
		c.create(t, "bare", bare, parameter("P", "given"))
		in := updateInput("bare", bare+"  Another: {Value: x}\n")
		says(t, refusal(t, c.cfn.UpdateStack, in), "ValidationError", "Parameters: [P] must have values")
	})
	t.Run("CFN-016 the empty string is a value", func(t *testing.T) {
		stack := c.create(t, "empty", template, parameter("P", ""))
		same(t, "P", parameters(stack)["P"], "")
	})
	t.Run("CFN-017 the value is shown as it was given", func(t *testing.T) {
		stack := c.create(t, "spaced", "Parameters:\n  P: {Type: CommaDelimitedList}\n"+resources(topic)+"Outputs:\n  Second: {Value: !Select [1, !Ref P]}\n  All: {Value: !Join ['-', !Ref P]}\n",
			parameter("P", "a, b,c"))
		same(t, "P", parameters(stack)["P"], "a, b,c")
	})
	t.Run("CFN-018 a comma-delimited list is trimmed", func(t *testing.T) {
		same(t, "Fn::Select", outputs(c.stack(t, "spaced"))["Second"], "b")
		same(t, "Fn::Join", outputs(c.stack(t, "spaced"))["All"], "a-b-c")
	})
	t.Run("CFN-019 constraints hold for updates", func(t *testing.T) {
		in := updateInput("values", declaring("{Type: String, AllowedValues: [standard]}"))
		in.Parameters = []cfntypes.Parameter{parameter("P", "other")}
		says(t, refusal(t, c.cfn.UpdateStack, in), "ValidationError", "must be one of AllowedValues")
	})
	t.Run("CFN-020 the previous template with other parameters", func(t *testing.T) {
		in := &cloudformation.UpdateStackInput{StackName: aws.String("values"), UsePreviousTemplate: aws.Bool(true), Parameters: []cfntypes.Parameter{parameter("P", "third")}}
		must(t, c.cfn.UpdateStack, in)
		stack := c.settled(t, "values", cfntypes.StackStatusUpdateComplete)
		same(t, "output", outputs(stack)["P"], "third")
	})
}

func TestSecretParameters(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	const secret = "correct-horse"
	stack := c.create(t, "secret", declaring("{Type: String, NoEcho: true}"), parameter("P", secret))

	t.Run("CFN-021 NoEcho is masked in DescribeStacks", func(t *testing.T) {
		same(t, "P", parameters(stack)["P"], "****")
	})
	t.Run("CFN-022 NoEcho is no mask for outputs", func(t *testing.T) {
		same(t, "output", outputs(stack)["P"], secret)
	})
	t.Run("CFN-023 NoEcho is masked in the events' properties", func(t *testing.T) {
		const both = "Parameters: {P: {Type: String, NoEcho: true}}\nResources: {Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref P, TopicName: plain}}}\n"
		c.create(t, "masked", both, parameter("P", secret))
		of := 0
		for _, e := range c.events(t, "masked") {
			if *e.LogicalResourceId != "Topic" {
				continue
			}
			of++
			same(t, "properties", aws.ToString(e.ResourceProperties), `{"DisplayName":"****","TopicName":"plain"}`)
		}
		same(t, "there are events of the topic", of > 0, true)
	})
	t.Run("CFN-024 UsePreviousValue works for NoEcho", func(t *testing.T) {
		template := declaring("{Type: String, NoEcho: true}") + "  Another: {Value: x}\n"
		same(t, "output", outputs(c.update(t, "secret", template, previous("P")))["P"], secret)
	})
	t.Run("CFN-025 NoEcho is masked in a change set", func(t *testing.T) {
		cs := c.changeSet(t, "secret", "masked", declaring("{Type: String, NoEcho: true}"), parameter("P", "battery"))
		same(t, "P", aws.ToString(cs.Parameters[0].ParameterValue), "****")
	})
}

func TestParameterDeclarations(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	template := declaring("{Type: Number, Default: 3, NoEcho: true, Description: how many, AllowedValues: [3, 5]}")

	t.Run("CFN-026 GetTemplateSummary shows declarations", func(t *testing.T) {
		out := must(t, c.cfn.GetTemplateSummary, &cloudformation.GetTemplateSummaryInput{TemplateBody: &template})
		p := out.Parameters[0]
		same(t, "type", *p.ParameterType, "Number")
		same(t, "default", *p.DefaultValue, "3")
		same(t, "description", *p.Description, "how many")
		same(t, "allowed values", strings.Join(p.ParameterConstraints.AllowedValues, " "), "3 5")
		same(t, "resource types", strings.Join(out.ResourceTypes, " "), "AWS::SNS::Topic")
	})
	t.Run("CFN-027 ValidateTemplate shows defaults and NoEcho", func(t *testing.T) {
		p := must(t, c.cfn.ValidateTemplate, &cloudformation.ValidateTemplateInput{TemplateBody: &template}).Parameters[0]
		same(t, "default", *p.DefaultValue, "3")
		same(t, "NoEcho", *p.NoEcho, true)
	})
	t.Run("CFN-028 GetTemplateSummary of a stack", func(t *testing.T) {
		c.create(t, "summarized", template)
		out := must(t, c.cfn.GetTemplateSummary, &cloudformation.GetTemplateSummaryInput{StackName: aws.String("summarized")})
		same(t, "parameters", len(out.Parameters), 1)
	})
}
