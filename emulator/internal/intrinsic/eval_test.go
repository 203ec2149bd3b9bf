package intrinsic

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/internal/cfntemplate"
)

func parse(t testing.TB, body string) *cfntemplate.Template {
	t.Helper()
	template, err := cfntemplate.Parse(body)
	if err != nil {
		t.Fatalf("Parse: %v\n%s", err, body)
	}
	return template
}

// testEnv is a stack named web whose resources have the physical ID "id of X" and
// attributes "A of X".
func testEnv(template *cfntemplate.Template, parameters map[string]string) *Env {
	return &Env{
		Template:         template,
		Parameters:       parameters,
		Region:           "eu-west-1",
		AccountID:        "012345678901",
		StackName:        "web",
		StackID:          "arn:aws:cloudformation:eu-west-1:012345678901:stack/web/1",
		NotificationARNs: []string{"arn:one", "arn:two"},
		Zones:            []string{"eu-west-1a", "eu-west-1b"},
		Ref: func(id string) (string, error) {
			if id == "Unknown" {
				return KnownAfterApply, nil
			}
			return "id of " + id, nil
		},
		GetAtt: func(id, attribute string) (any, error) {
			switch {
			case id == "Unknown":
				return KnownAfterApply, nil
			case attribute == "List":
				return []any{"x", "y"}, nil
			case attribute == "Bad":
				return nil, errNoAttribute
			}
			return attribute + " of " + id, nil
		},
		ImportValue: func(name string) (string, error) {
			if name == "Nope" {
				return "", errors.New("no export")
			}
			return "import of " + name, nil
		},
	}
}

var errNoAttribute = errors.New("no such attribute")

const evalTemplate = `
Parameters:
  Name: {Type: String}
  Port: {Type: Number}
  List: {Type: CommaDelimitedList}
  Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}
  FromSSM: {Type: "AWS::SSM::Parameter::Value<List<String>>"}
  Unset: {Type: String}
Mappings:
  Accounts:
    "012345678901": {name: 00042, list: [a, b], port: 80}
Conditions:
  IsWeb: !Equals [!Ref Name, web]
  IsNot: !Not [!Condition IsWeb]
Resources:
  A: {Type: X, Properties: {V: %s}}
  Unknown: {Type: X}
`

var evalParameters = map[string]string{
	"Name": "web", "Port": "080", "List": "a, b ,c", "Subnets": "subnet-1,subnet-2", "FromSSM": "p,q",
}

// evalYAML evaluates a value written in YAML, as a property of resource A.
func evalYAML(t *testing.T, yaml string) (any, error) {
	t.Helper()
	template := parse(t, fmt.Sprintf(evalTemplate, yaml))
	return testEnv(template, evalParameters).Eval(template.Resources["A"].Properties["V"])
}

func TestEval(t *testing.T) {
	t.Parallel()
	for yaml, want := range map[string]any{
		"plain":                      "plain",
		"{a: [1, 0.5, true, yes]}":   map[string]any{"a": []any{int64(1), 0.5, true, true}},
		"!Ref Name":                  "web",
		"!Ref Port":                  "080",
		"!Ref List":                  []any{"a", "b", "c"},
		"!Ref Subnets":               []any{"subnet-1", "subnet-2"},
		"!Ref FromSSM":               []any{"p", "q"},
		"!Ref A":                     "id of A",
		"!Ref Unknown":               KnownAfterApply,
		"!Ref AWS::Region":           "eu-west-1",
		"!Ref AWS::AccountId":        "012345678901",
		"!Ref AWS::StackName":        "web",
		"!Ref AWS::StackId":          "arn:aws:cloudformation:eu-west-1:012345678901:stack/web/1",
		"!Ref AWS::Partition":        "aws",
		"!Ref AWS::URLSuffix":        "amazonaws.com",
		"!Ref AWS::NotificationARNs": []any{"arn:one", "arn:two"},
		"!Ref AWS::NoValue":          nil,
		"{a: !Ref AWS::NoValue, b: [!Ref AWS::NoValue, c]}": map[string]any{"b": []any{"c"}},

		"!GetAtt A.Arn":          "Arn of A",
		"!GetAtt A.Outputs.X":    "Outputs.X of A",
		"{Fn::GetAtt: A.Arn}":    "Arn of A",
		"!GetAtt A.List":         []any{"x", "y"},
		"!GetAtt [A, !Ref Name]": "web of A",

		`!Sub "${Name}:${A}:${A.Arn}:${AWS::Region}:${!Name}"`:   "web:id of A:Arn of A:eu-west-1:${Name}",
		`!Sub ["${X}-${Name}", {X: !Join ["", [1, !Ref Port]]}]`: "1080-web",
		`!Sub ["${Name}", {Name: own}]`:                          "own",
		`!Sub "a${AWS::NoValue}b"`:                               "ab",
		`!Sub "${Unknown}/x"`:                                    KnownAfterApply + "/x",

		"!Join [':', [!Ref Name, 80, 0.5, true]]":        "web:80:0.5:true",
		"!Join ['', [1000000000000000, 12345678901]]":    "100000000000000012345678901",
		"!Join [',', !Ref List]":                         "a,b,c",
		"!Join [',', []]":                                "",
		"!Join [',', [a, !Ref AWS::NoValue, b]]":         "a,b",
		"!Join [',', !Split ['-', !Ref Unknown]]":        KnownAfterApply,
		"!Split [',', 'a,b,,c']":                         []any{"a", "b", "", "c"},
		"!Select [1, [a, b]]":                            "b",
		"!Select ['1', !Ref List]":                       "b",
		"!Select [1, !Split ['/', !GetAtt Unknown.Arn]]": KnownAfterApply,
		"!Select [0, !GetAZs '']":                        "eu-west-1a",
		"!Select [1, !GetAZs {Ref: 'AWS::Region'}]":      "eu-west-1b",
		"!GetAZs us-east-1":                              []any{"us-east-1a", "us-east-1b", "us-east-1c"},
		"!Base64 hello":                                  "aGVsbG8=",
		"{Fn::Base64: !Sub '${Name}'}":                   "d2Vi",
		"{Fn::Base64: !Ref Unknown}":                     KnownAfterApply,

		"{Fn::ImportValue: !Join [':', [!Ref Name, VPCId]]}":        "import of web:VPCId",
		"{Fn::ImportValue: !Sub '${Name}:X'}":                       "import of web:X",
		"!FindInMap [Accounts, !Ref AWS::AccountId, name]":          "00042",
		"!FindInMap [Accounts, '012345678901', list]":               []any{"a", "b"},
		"!Join ['', [!FindInMap [Accounts, '012345678901', port]]]": "80",

		"!If [IsWeb, !Ref Name, !Ref Unset]":     "web",
		"!If [IsNot, !GetAtt A.Bad, ok]":         "ok",
		"{a: !If [IsNot, x, !Ref AWS::NoValue]}": map[string]any{},

		"!Cidr [10.0.0.0/16, 3, 8]":                 []any{"10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"},
		"!Cidr [10.0.0.0/16, '2']":                  []any{"10.0.0.0/24", "10.0.1.0/24"},
		"!Cidr [2001:db8::/56, 2, 64]":              []any{"2001:db8::/64", "2001:db8:0:1::/64"},
		"!Select [1, !Cidr [192.168.0.0/24, 6, 5]]": "192.168.0.32/27",
		"!Cidr [!GetAtt Unknown.CidrBlock, 6, 5]":   KnownAfterApply,

		"'{{resolve:ssm:/x:1}}'": "{{resolve:ssm:/x:1}}",
	} {
		got, err := evalYAML(t, yaml)
		if err != nil {
			t.Errorf("%s: %v", yaml, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", yaml, diff)
		}
	}
}

func TestEvalErrors(t *testing.T) {
	t.Parallel()
	const joinForm = "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined."
	for yaml, want := range map[string]string{
		"!Ref Nope":                   "Template format error: Unresolved resource dependencies [Nope] in the Resources block of the template",
		"!Ref Unset":                  "Parameters: [Unset] must have values",
		"!GetAtt Nope.Arn":            "Template error: instance of Fn::GetAtt references undefined resource Nope",
		"!GetAtt A.Bad":               errNoAttribute.Error(),
		"!Sub '${List}'":              "Template error: every variable in an Fn::Sub object must reference a string, and ${List} is none",
		"!Sub ['${X}', {X: [a]}]":     "Template error: every value of the context object of every Fn::Sub object must be a string or a function that returns a string",
		"!Join [a]":                   joinForm,
		"!Join [[a], [b]]":            joinForm,
		"!Join ['', text]":            joinForm,
		"!Join ['', [{a: b}]]":        joinForm,
		"!Split ['', a]":              "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.",
		"!Select [3, [a, b]]":         "Template error: Fn::Select cannot select nonexistent value at index 3",
		"!Select [-1, [a, b]]":        "Template error: Fn::Select cannot select nonexistent value at index -1",
		"!Select [x, [a, b]]":         "Template error: Fn::Select requires a list argument with a valid index value as its first element",
		"!Select [0, text]":           "Template error: Fn::Select requires a list argument with two elements: an integer index and a list",
		"!Select [2, !GetAZs '']":     "Template error: Fn::Select cannot select nonexistent value at index 2",
		"!FindInMap [Nope, a, b]":     "Template error: Mapping named 'Nope' is not present in the 'Mappings' section of template.",
		"!FindInMap [Accounts, a, b]": "Template error: Unable to get mapping for Accounts::a::b",
		"{Fn::ImportValue: Nope}":     "no export",
		"!ImportValue {a: b}":         "Template error: the attribute in Fn::ImportValue must be a string or a function that returns a string",
		"!If [Nope, a, b]":            "Template error: unresolved condition dependency Nope in Fn::If",
		"{Fn::Base64: {a: b}}":        "Template error: every Fn::Base64 object must have a String-typed value.",
		"!Cidr [x, 1, 8]":             `Template error: Fn::Cidr requires an IP address block, and "x" is none`,
		"!Cidr [10.0.0.0/16, 257, 8]": "Template error: Fn::Cidr requires a count between 1 and 256",
		"!Cidr [10.0.0.0/24, 2, 8]":   "Template error: Fn::Cidr cannot make 2 blocks of 8 bits from 10.0.0.0/24",
		"!Cidr [10.0.0.0/24, 2, -1]":  "Template error: Fn::Cidr cannot make 2 blocks of -1 bits from 10.0.0.0/24",
		"!Transform {Name: M}":        "Fn::Transform is not supported: no macro runs here. Expand the template before it is used.",
		"!Length [a]":                 "Template error: Fn::Length needs the transform AWS::LanguageExtensions.",
	} {
		got, err := evalYAML(t, yaml)
		if err == nil {
			t.Errorf("%s = %v, want error %s", yaml, got, want)
			continue
		}
		if err.Error() != want {
			t.Errorf("%s: error\n\t%v\nwant\n\t%s", yaml, err, want)
		}
	}
}

func TestEvalLeavesArgumentAlone(t *testing.T) {
	t.Parallel()
	template := parse(t, fmt.Sprintf(evalTemplate, "{a: [!Ref AWS::NoValue, !FindInMap [Accounts, '012345678901', list]]}"))
	before := parse(t, fmt.Sprintf(evalTemplate, "{a: [!Ref AWS::NoValue, !FindInMap [Accounts, '012345678901', list]]}"))
	value, err := testEnv(template, evalParameters).Eval(template.Resources["A"].Properties)
	if err != nil {
		t.Fatal(err)
	}
	list := value.(map[string]any)["V"].(map[string]any)["a"].([]any)[0].([]any)
	list[0] = "changed"
	if diff := cmp.Diff(before, template); diff != "" {
		t.Errorf("the template changed:\n%s", diff)
	}
}

func TestLanguageExtensions(t *testing.T) {
	t.Parallel()
	template := parse(t, `
Transform: AWS::LanguageExtensions
Parameters: {List: {Type: CommaDelimitedList}}
Mappings: {M: {a: {b: c}}}
Resources:
  A:
    Type: X
    Properties:
      length: !Length [!Ref List]
      listLength: {Fn::Length: !Ref List}
      json: {Fn::ToJsonString: {b: [1, !Ref A], a: "<&>"}}
      found: !FindInMap [M, a, b, {DefaultValue: d}]
      default: !FindInMap [M, x, b, {DefaultValue: !Ref AWS::Region}]
`)
	got, err := testEnv(template, map[string]string{"List": "a,b,c"}).Eval(template.Resources["A"].Properties)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"length": int64(1), "listLength": int64(3), "json": `{"a":"<&>","b":[1,"id of A"]}`,
		"found": "c", "default": "eu-west-1",
	}
	if diff := cmp.Diff(any(want), got); diff != "" {
		t.Errorf("Eval (-want +got):\n%s", diff)
	}
}

func TestPartitions(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"eu-west-1":     "aws amazonaws.com",
		"cn-north-1":    "aws-cn amazonaws.com.cn",
		"us-gov-east-1": "aws-us-gov amazonaws.com",
	} {
		env := testEnv(parse(t, "Resources: {A: {Type: X}}"), nil)
		env.Region = region
		got, err := env.Eval(map[string]any{"Fn::Sub": "${AWS::Partition} ${AWS::URLSuffix}"})
		if err != nil || got != want {
			t.Errorf("%s: %v, %v; want %s", region, got, err, want)
		}
	}
}

// A template of a few lines must not be able to take all memory.
func TestEvalBoundsText(t *testing.T) {
	t.Parallel()
	var double any = "0123456789abcdef"
	for range 64 {
		double = map[string]any{"Fn::Sub": []any{"${a}${a}", map[string]any{"a": double}}}
	}
	env := testEnv(parse(t, "Resources: {A: {Type: X}}"), nil)
	_, err := env.Eval(double)
	var validation *cfntemplate.ValidationError
	if !errors.As(err, &validation) {
		t.Errorf("Eval returned %v, want a *cfntemplate.ValidationError", err)
	}
}

// The hand-written pair in short forms, evaluated as a stack would.
func TestEvalServiceTemplate(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("../../../internal/cfntemplate/testdata/service.yaml")
	if err != nil {
		t.Fatal(err)
	}
	template := parse(t, string(body))
	value := func(s string) Given { return Given{Value: &s} }
	parameters, err := ResolveParameters(template, map[string]Given{
		"StackName": value("net"), "ServiceName": value("hello"), "ImageUrl": value("repo/hello:1"),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	env := testEnv(template, parameters)
	got, err := env.Eval(template.Resources["Service"].Properties)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"ServiceName":             "hello",
		"Cluster":                 "import of net:ClusterName",
		"LaunchType":              "FARGATE",
		"DeploymentConfiguration": map[string]any{"MaximumPercent": int64(200), "MinimumHealthyPercent": int64(50)},
		"DesiredCount":            "2",
		"NetworkConfiguration": map[string]any{"AwsvpcConfiguration": map[string]any{
			"AssignPublicIp": "ENABLED",
			"SecurityGroups": []any{"import of net:ECSSecurityGroup"},
			"Subnets":        []any{"import of net:PublicSubnetOne", "import of net:PublicSubnetTwo"},
		}},
		"TaskDefinition": "id of TaskDefinition",
		"LoadBalancers": []any{map[string]any{
			"ContainerName": "hello", "ContainerPort": "80", "TargetGroupArn": "id of TargetGroup",
		}},
	}
	if diff := cmp.Diff(any(want), got); diff != "" {
		t.Errorf("Service (-want +got):\n%s", diff)
	}
}

// Every property and output of the templates that we ship can be evaluated.
func TestEvalShippedTemplates(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"../../../templates/network.json", "../../../templates/service.json",
		"../../../internal/cfntemplate/testdata/network.yaml",
	} {
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		template := parse(t, string(body))
		parameters := map[string]string{}
		for name, parameter := range template.Parameters {
			parameters[name] = "value"
			if parameter.Default != nil {
				parameters[name] = *parameter.Default
			}
		}
		env := testEnv(template, parameters)
		if _, err := env.Dependencies(); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		for id, resource := range template.Resources {
			if _, err := env.Eval(resource.Properties); err != nil {
				t.Errorf("%s: %s: %v", path, id, err)
			}
		}
		for id, output := range template.Outputs {
			for _, v := range []any{output.Value, output.ExportName} {
				if _, err := env.Eval(v); err != nil {
					t.Errorf("%s: output %s: %v", path, id, err)
				}
			}
		}
	}
}
