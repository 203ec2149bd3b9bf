package emulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/emulator"
)

// call asks a JSON API of region eu-west-1 as AWS clients do, and returns what it answers.
func call(t *testing.T, srv *emulator.Server, service, target, body string) (status int, answer map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL(), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", target)
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		t.Fatalf("%s: %s: %v", target, data, err)
	}
	return resp.StatusCode, answer
}

// runTask runs a task of one container and returns it when it is STOPPED.
func runTask(t *testing.T, srv *emulator.Server, c types.ContainerDefinition) types.Task {
	t.Helper()
	client := ecs.NewFromConfig(config(srv, "eu-west-1"))
	if _, err := client.CreateCluster(t.Context(), &ecs.CreateClusterInput{}); err != nil {
		t.Fatal(err)
	}
	c.Name = aws.String("web")
	td, err := client.RegisterTaskDefinition(t.Context(), &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("shop"), Cpu: aws.String("256"), Memory: aws.String("512"), NetworkMode: types.NetworkModeAwsvpc,
		RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate}, ContainerDefinitions: []types.ContainerDefinition{c},
	})
	if err != nil {
		t.Fatal(err)
	}
	run, err := client.RunTask(t.Context(), &ecs.RunTaskInput{
		TaskDefinition: td.TaskDefinition.TaskDefinitionArn, LaunchType: types.LaunchTypeFargate,
		NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{"subnet-1"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for {
		out, err := client.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Tasks: []string{*run.Tasks[0].TaskArn}})
		if err != nil {
			t.Fatal(err)
		}
		if task := out.Tasks[0]; *task.LastStatus == "STOPPED" {
			return task
		}
		time.Sleep(5 * time.Millisecond) // polls
	}
}

func awslogs(options map[string]string) *types.LogConfiguration {
	all := map[string]string{"awslogs-group": "/ecs/shop", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "ecs"}
	for name, value := range options {
		all[name] = value
	}
	return &types.LogConfiguration{LogDriver: types.LogDriverAwslogs, Options: all}
}

func streamOf(task types.Task) string {
	arn := *task.TaskArn
	return "ecs/web/" + arn[strings.LastIndex(arn, "/")+1:]
}

// messages reads all events of a stream.
func messages(t *testing.T, srv *emulator.Server, stream string) []string {
	t.Helper()
	status, answer := call(t, srv, "logs", "Logs_20140328.GetLogEvents", `{"logGroupName": "/ecs/shop", "logStreamName": "`+stream+`", "startFromHead": true}`)
	if status != http.StatusOK {
		t.Fatalf("GetLogEvents: %v", answer)
	}
	var texts []string
	for _, e := range answer["events"].([]any) {
		texts = append(texts, e.(map[string]any)["message"].(string))
	}
	return texts
}

func TestCrashLeavesItsLastWords(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{Speed: 200})
	srv.SetImage(":broken", emulator.Conduct{Crash: true, ExitCode: 3})
	task := runTask(t, srv, types.ContainerDefinition{
		Image: aws.String("acme/shop:broken"), LogConfiguration: awslogs(map[string]string{"awslogs-create-group": "true"}),
	})
	if code := task.Containers[0].ExitCode; code == nil || *code != 3 {
		t.Errorf("exit code %v, want 3", code)
	}
	want := []string{"panic: acme/shop:broken crashes, as it was told to", "exit status 3"}
	if diff := cmp.Diff(want, messages(t, srv, streamOf(task))); diff != "" {
		t.Errorf("the log (-want +got):\n%s", diff)
	}
	// What `aws logs tail` asks.
	_, answer := call(t, srv, "logs", "Logs_20140328.FilterLogEvents", `{"logGroupName": "/ecs/shop", "interleaved": true, "startTime": 0, "filterPattern": "panic"}`)
	if events := answer["events"].([]any); len(events) != 1 || events[0].(map[string]any)["logStreamName"] != streamOf(task) {
		t.Errorf("FilterLogEvents finds %v", events)
	}
}

func TestTaskNeedsItsLogGroup(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{Speed: 200})
	task := runTask(t, srv, types.ContainerDefinition{Image: aws.String("acme/shop:v1"), LogConfiguration: awslogs(nil)})
	want := "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1"
	if task.StopCode != types.TaskStopCodeTaskFailedToStart || *task.StoppedReason != want {
		t.Errorf("the task stopped with %s: %s", task.StopCode, *task.StoppedReason)
	}
}

func TestLogGroupOfAStack(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{Speed: 200})
	cfn := cloudformation.NewFromConfig(config(srv, "eu-west-1"))
	template := func(days string) *string {
		return aws.String(`
Resources:
  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /ecs/shop, RetentionInDays: ` + days + `, Tags: [{Key: team, Value: red}]}}
Outputs: {Arn: {Value: !GetAtt Logs.Arn}}
`)
	}
	group := func() map[string]any {
		_, answer := call(t, srv, "logs", "Logs_20140328.DescribeLogGroups", `{}`)
		groups := answer["logGroups"].([]any)
		if len(groups) == 0 {
			return nil
		}
		return groups[0].(map[string]any)
	}
	if _, err := cfn.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: aws.String("logs"), TemplateBody: template("1")}); err != nil {
		t.Fatal(err)
	}
	st := settled(t, cfn, "logs")
	if got := group(); got["retentionInDays"] != 1.0 || got["arn"] != *st.Outputs[0].OutputValue {
		t.Errorf("the group is %v, the stack says %s", got, *st.Outputs[0].OutputValue)
	}
	_, tags := call(t, srv, "logs", "Logs_20140328.ListTagsForResource", `{"resourceArn": "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/shop"}`)
	if tags["tags"].(map[string]any)["team"] != "red" {
		t.Errorf("the tags are %v", tags)
	}
	if _, err := cfn.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{StackName: aws.String("logs"), TemplateBody: template("30")}); err != nil {
		t.Fatal(err)
	}
	settled(t, cfn, "logs")
	if got := group(); got["retentionInDays"] != 30.0 {
		t.Errorf("after the update the group is %v", got)
	}
	if _, err := cfn.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: aws.String("again"), TemplateBody: template("1")}); err != nil {
		t.Fatal(err)
	}
	if st := settled(t, cfn, "again"); st.StackStatus != cfntypes.StackStatusRollbackComplete || group() == nil {
		t.Errorf("a second stack with the name is %s", st.StackStatus)
	}
	if _, err := cfn.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("logs")}); err != nil {
		t.Fatal(err)
	}
	settled(t, cfn, *st.StackId)
	if got := group(); got != nil {
		t.Errorf("after the deletion there is %v", got)
	}
}

func TestLogsRefuse(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{})
	for _, tc := range []struct{ operation, body, code string }{
		{"StartLiveTail", `{"logGroupIdentifiers": ["x"]}`, "UnknownOperationException"},
		{"GetLogEvents", `{"logGroupName": "g", "logStreamName": "s"}`, "ResourceNotFoundException"},
		{"FilterLogEvents", `{"logGroupName": "g", "filterPattern": "{ $.a = 1 }"}`, "InvalidParameterException"},
		{"CreateLogGroup", `{}`, "InvalidParameterException"},
		{"CreateLogGroup", `{"logGroupName": "g", "nonsense": 1}`, "SerializationException"},
	} {
		status, answer := call(t, srv, "logs", "Logs_20140328."+tc.operation, tc.body)
		if status != http.StatusBadRequest || answer["__type"] != tc.code {
			t.Errorf("%s %s: %d %v, want %s", tc.operation, tc.body, status, answer, tc.code)
		}
	}
}
