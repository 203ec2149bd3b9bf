package resources_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	awsecs "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/google/go-cmp/cmp"
)

// ssm asks Systems Manager in plain HTTP and returns the status and the answer.
func (h harness) ssm(operation, body string) (int, map[string]any) {
	h.Helper()
	req, err := http.NewRequestWithContext(h.Context(), http.MethodPost, h.url, bytes.NewReader([]byte(body)))
	h.must(err)
	req.Header.Set("X-Amz-Target", "AmazonSSM."+operation)
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	res, err := http.DefaultClient.Do(req)
	h.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	h.must(err)
	answer := map[string]any{}
	h.must(json.Unmarshal(text, &answer))
	return res.StatusCode, answer
}

func TestParameterStore(t *testing.T) {
	t.Parallel()
	h := start(t)
	long := strings.Repeat("x", 4097)
	for _, tc := range []struct {
		operation, body string
		status          int
		want            map[string]any // of the answer, or of its Parameter
	}{
		{"GetParameter", `{"Name":"/a"}`, 400, map[string]any{"__type": "ParameterNotFound"}},
		{"PutParameter", `{"Name":"/a","Value":"1"}`, 400, map[string]any{"__type": "ValidationException", "message": "A parameter type is required when you create a parameter."}},
		{"PutParameter", `{"Name":"/a","Value":"1","Type":"SecureString"}`, 400, map[string]any{"__type": "ValidationException"}},
		{"PutParameter", `{"Name":"/a","Value":"1","Type":"String"}`, 200, map[string]any{"Version": 1.0, "Tier": "Standard"}},
		{"PutParameter", `{"Name":"/a","Value":"2","Type":"String"}`, 400, map[string]any{"__type": "ParameterAlreadyExists"}},
		{"PutParameter", `{"Name":"/a","Value":"2","Overwrite":true}`, 200, map[string]any{"Version": 2.0}},
		{"PutParameter", `{"Name":"/a","Value":"3","Overwrite":true,"Tags":[{"Key":"a","Value":"b"}]}`, 400, map[string]any{"__type": "ValidationException"}},
		{"PutParameter", `{"Name":"/long","Type":"String","Value":"` + long + `"}`, 400, map[string]any{"__type": "ValidationException"}},
		{"PutParameter", `{"Name":"/long","Type":"String","Tier":"Intelligent-Tiering","Value":"` + long + `"}`, 200, map[string]any{"Tier": "Advanced"}},
		{"PutParameter", `{"Name":"/long","Overwrite":true,"Tier":"Intelligent-Tiering","Value":"1"}`, 200, map[string]any{"Tier": "Standard"}},
		{"PutParameter", `{"Name":"/long","Overwrite":true,"Tier":"Advanced","Value":"` + long + long + `"}`, 400, map[string]any{"__type": "ValidationException"}},
		{"GetParameter", `{"Name":"/a"}`, 200, map[string]any{"Value": "2", "Version": 2.0, "Type": "String", "ARN": "arn:aws:ssm:eu-west-1:123456789012:parameter/a"}},
		{"GetParameter", `{"Name":"/a:1"}`, 200, map[string]any{"Value": "1", "Selector": ":1"}},
		{"GetParameter", `{"Name":"/a:3"}`, 400, map[string]any{"__type": "ParameterVersionNotFound"}},
		{"GetParameters", `{"Names":["/a","/b"]}`, 200, map[string]any{"InvalidParameters": []any{"/b"}}},
		{"DeleteParameter", `{"Name":"/a"}`, 200, map[string]any{}},
		{"DeleteParameter", `{"Name":"/a"}`, 400, map[string]any{"__type": "ParameterNotFound"}},
	} {
		status, got := h.ssm(tc.operation, tc.body)
		if p, ok := got["Parameter"].(map[string]any); ok {
			got = p
		}
		for key := range got {
			if _, said := tc.want[key]; !said {
				delete(got, key)
			}
		}
		if status != tc.status || !cmp.Equal(tc.want, got) {
			t.Errorf("%s %s: %d %v, want %d %v", tc.operation, tc.body, status, got, tc.status, tc.want)
		}
	}
}

const publisher = `
Parameters: {Image: {Type: String, Default: "acme/web:v1"}}
Resources:
  ImageParameter: {Type: AWS::SSM::Parameter, Properties: {Name: !Sub "/${AWS::StackName}/image", Type: String, Value: !Ref Image}}
`

// reader takes one image by a dynamic reference, and the other by a parameter.
const reader = `
Parameters:
  From: {Type: String, Default: shop}
  Sidecar: {Type: "AWS::SSM::Parameter::Value<String>", Default: /shop/image}
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Cpu: 256
      Memory: 512
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions:
        - {Name: web, Image: !Sub "{{resolve:ssm:/${From}/image}}"}
        - {Name: pinned, Image: "{{resolve:ssm:/shop/image:1}}"}
        - {Name: sidecar, Image: !Ref Sidecar}
Outputs:
  Task: {Value: !Ref Task}
  Image: {Value: !Sub "{{resolve:ssm:/${From}/image}}"}
`

// images are the images of a task definition.
func (h harness) images(st types.Stack) []string {
	h.Helper()
	task := h.output(st, "Task")
	out, err := h.ecs.DescribeTaskDefinition(h.Context(), &awsecs.DescribeTaskDefinitionInput{TaskDefinition: &task})
	h.must(err)
	var images []string
	for _, c := range out.TaskDefinition.ContainerDefinitions {
		images = append(images, *c.Image)
	}
	return images
}

// TestTemplatesReadParameters: of a dynamic reference without a version, the newest at
// each operation; the words for what is missing are those of AWS in field reports.
func TestTemplatesReadParameters(t *testing.T) {
	t.Parallel()
	h := start(t)
	in := &cfn.CreateStackInput{StackName: aws.String("reader"), TemplateBody: aws.String(reader)}
	_, err := h.cfn.CreateStack(t.Context(), in)
	h.refused(err, "ValidationError", "Unable to fetch parameters [/shop/image] from parameter store for this account.")

	h.create(&cfn.CreateStackInput{StackName: aws.String("shop"), TemplateBody: aws.String(publisher)})
	in.Parameters = []types.Parameter{set("From", "store")}
	_, err = h.cfn.CreateStack(t.Context(), in)
	h.refused(err, "ValidationError", "Parameters: [ssm:/store/image] cannot be found.")
	in.Parameters = nil
	st := h.create(in)
	if diff := cmp.Diff([]string{"acme/web:v1", "acme/web:v1", "acme/web:v1"}, h.images(st)); diff != "" {
		t.Error(diff)
	}
	for _, p := range st.Parameters {
		if *p.ParameterKey == "Sidecar" && (*p.ParameterValue != "/shop/image" || aws.ToString(p.ResolvedValue) != "acme/web:v1") {
			t.Errorf("Sidecar is %s, resolved %s", *p.ParameterValue, aws.ToString(p.ResolvedValue))
		}
	}

	again := &cfn.UpdateStackInput{
		StackName: aws.String("reader"), UsePreviousTemplate: aws.Bool(true),
		Parameters: []types.Parameter{{ParameterKey: aws.String("Sidecar"), UsePreviousValue: aws.Bool(true)}},
	}
	_, err = h.cfn.UpdateStack(t.Context(), again)
	h.refused(err, "ValidationError", "No updates are to be performed.")
	h.update(&cfn.UpdateStackInput{StackName: aws.String("shop"), UsePreviousTemplate: aws.Bool(true), Parameters: []types.Parameter{set("Image", "acme/web:v2")}})
	st = h.update(again)
	if diff := cmp.Diff([]string{"acme/web:v2", "acme/web:v1", "acme/web:v2"}, h.images(st)); diff != "" {
		t.Error(diff)
	}
	if got := h.output(st, "Image"); got != "acme/web:v2" {
		t.Errorf("the output is %s", got)
	}
}

func TestSecretsInTemplates(t *testing.T) {
	t.Parallel()
	h := start(t)
	for _, tc := range []struct{ reference, want string }{
		{"{{resolve:ssm-secure:/key:1}}", "SSM Secure reference is not supported in: [AWS::ECS::TaskDefinition/Properties/ContainerDefinitions]"},
		{"{{resolve:secretsmanager:key:SecretString}}", "the embedded AWS has no Secrets Manager"},
	} {
		body := strings.Replace(reader, "{{resolve:ssm:/shop/image:1}}", tc.reference, 1)
		body = strings.ReplaceAll(strings.Replace(body, `"AWS::SSM::Parameter::Value<String>"`, "String", 1), "{{resolve:ssm:/${From}/image}}", "x")
		_, err := h.cfn.CreateStack(t.Context(), &cfn.CreateStackInput{StackName: aws.String("reader"), TemplateBody: &body})
		h.refused(err, "ValidationError", tc.want)
	}
	h.create(&cfn.CreateStackInput{StackName: aws.String("database"), TemplateBody: aws.String(`
Resources:
  Database: {Type: AWS::RDS::DBInstance, Properties: {MasterUserPassword: "{{resolve:secretsmanager:key:SecretString}}"}}
`)})
}
