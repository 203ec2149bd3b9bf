package intrinsic

import "testing"

func TestCheckSupported(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"Resources: {A: {Type: X, Properties: {V: !Ref AWS::Region}}}":                   "",
		"Transform: AWS::LanguageExtensions" + resource:                                  "",
		"Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]" + resource:    "Transform AWS::Serverless-2016-10-31 is not supported: no macro runs here. Expand the template before it is used.",
		"Transform: {Name: AWS::Include, Parameters: {Location: x}}" + resource:          "Transform AWS::Include is not supported: no macro runs here. Expand the template before it is used.",
		"Hooks: {BlueGreen: {Type: AWS::CodeDeploy::BlueGreen}}" + resource:              "The Hooks section is not supported: BlueGreen",
		"Resources: {A: {Type: X, Properties: {V: [{Fn::Transform: {Name: M}, W: 1}]}}}": "Fn::Transform in resource A is not supported: no macro runs here. Expand the template before it is used.",
		"Mappings: {M: {Fn::Transform: {Name: AWS::Include}}}" + resource:                "Fn::Transform in the Mappings section is not supported: no macro runs here. Expand the template before it is used.",
	} {
		got := ""
		if err := CheckSupported(parse(t, body)); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s:\nCheckSupported returned %q\nwant %q", body, got, want)
		}
	}
}
