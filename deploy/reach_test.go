package deploy

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/internal/cfntemplate"
	"github.com/slipway-go/slipway/templates"
)

const twoImages = `
Parameters:
  Web: {Type: String}
  Proxy: {Type: String}
  Tag: {Type: String}
  Alias: {Type: AWS::SSM::Parameter::Value<String>}
  Count: {Type: Number}
Conditions:
  Prod: !Equals [!Ref Count, 3]
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - {Name: proxy, Image: !Ref Proxy}
        - {Name: web, Image: !If [Prod, !Sub "${Web}", "nginx:1"]}
        - {Name: other, Image: !Sub "acme/other:${Tag}"}
        - {Name: alias, Image: !Ref Alias}
  Job:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions: [{Name: job, Image: !Ref Web}]
  Service:
    Type: AWS::ECS::Service
    Properties: {TaskDefinition: !Ref Task}
  Second:
    Type: AWS::ECS::Service
    Properties: {TaskDefinition: !Sub "${Job}"}
  Unrelated:
    Type: AWS::ECS::Service
    Properties: {TaskDefinition: "fixed:1"}
Outputs:
  Shown: {Value: !Ref Web}
  Shared: {Value: !Ref Web, Export: {Name: web}}
`

func TestFindReach(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		template, parameter string
		want                *reach
		wantErr             string
	}{
		"the only one": {
			template: strings.NewReplacer("!Ref Proxy", "envoy:1").Replace(twoImages),
			want: &reach{
				parameter:  "Web",
				containers: map[string][]int{"Task": {1}, "Job": {0}},
				services:   map[string][]string{"Service": {"Task"}, "Second": {"Job"}},
				exports:    []string{"Shared"},
			},
		},
		"the named one": {
			template: twoImages, parameter: "Proxy",
			want: &reach{
				parameter:  "Proxy",
				containers: map[string][]int{"Task": {0}},
				services:   map[string][]string{"Service": {"Task"}},
			},
		},
		"several":              {template: twoImages, wantErr: "several image parameters: Proxy, Web; name the one to change (--image-parameter)"},
		"unknown":              {template: twoImages, parameter: "Image", wantErr: "has no parameter Image; its image parameters: Proxy, Web"},
		"no image":             {template: twoImages, parameter: "Count", wantErr: "Count of stack web is not the image of any container"},
		"a tag is no image":    {template: twoImages, parameter: "Tag", wantErr: "not the image of any container"},
		"an alias is no image": {template: twoImages, parameter: "Alias", wantErr: "not the image of any container"},
		"none":                 {template: "Parameters: {Count: {Type: Number}}\nResources: {B: {Type: AWS::S3::Bucket}}", wantErr: "no parameter of stack web feeds the image"},
		"only parts": {
			template: "Parameters: {Repo: {Type: String}, Tag: {Type: String}}\nResources: {T: {Type: AWS::ECS::TaskDefinition, Properties: {ContainerDefinitions: [{Image: !Sub '${Repo}:${Tag}'}]}}}",
			wantErr:  "Repo, Tag only make up a part of one",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			template, err := cfntemplate.Parse(tt.template)
			if err != nil {
				t.Fatal(err)
			}
			got, err := findReach(template, "web", tt.parameter)
			if tt.wantErr != "" {
				var input *InputError
				if !errors.As(err, &input) || !strings.Contains(err.Error(), tt.wantErr) {
					t.Fatalf("error %v; want an *InputError with %q", err, tt.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(reach{})); diff != "" {
				t.Errorf("reach (-want +got):\n%s", diff)
			}
		})
	}
}

// The deployer's defaults and the embedded service template agree.
func TestFindReachOfServiceTemplate(t *testing.T) {
	t.Parallel()
	template, err := cfntemplate.Parse(templates.Service())
	if err != nil {
		t.Fatal(err)
	}
	got, err := findReach(template, "service", "")
	if err != nil {
		t.Fatal(err)
	}
	if got.parameter != contract.ParameterImageURL || len(got.containers) != 1 || len(got.services) != 1 || len(got.exports) != 0 {
		t.Errorf("reach = %+v", got)
	}
}
