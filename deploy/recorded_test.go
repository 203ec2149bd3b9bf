package deploy

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/internal/cfntemplate"
	"github.com/slipway-go/slipway/templates"
)

// recording is a change set for a new image, as it was described.
type recording struct {
	Template        string
	Image           string // the new one
	Stack           types.Stack
	Resources       map[string]string // physical ids by logical id
	Detailed, Plain []*cloudformation.DescribeChangeSetOutput
}

// jobsTemplate is a stack in which all follows a new revision that can.
const jobsTemplate = `
Parameters:
  Image: {Type: String}
  Greeting: {Type: String, Default: hello}
  Password: {Type: String, NoEcho: true}
Resources:
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: !Ref AWS::StackName}}
  Task:
    Type: AWS::ECS::TaskDefinition
    UpdateReplacePolicy: Retain
    Properties:
      Family: !Ref AWS::StackName
      Cpu: '256'
      Memory: '512'
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions:
        - {Name: sidecar, Image: acme/sidecar:v1, Essential: false}
        - Name: shop
          Image: !Ref Image
          Environment: [{Name: GREETING, Value: !Ref Greeting}, {Name: PASSWORD, Value: !Ref Password}]
  Web:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      DesiredCount: 1
      LaunchType: FARGATE
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-0123456789abcdef0]}}
  Worker:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !GetAtt Task.TaskDefinitionArn
      DesiredCount: 1
      LaunchType: FARGATE
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-0123456789abcdef0]}}
  Nightly:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 day)
      Targets: [{Id: run, Arn: !GetAtt Cluster.Arn, RoleArn: arn:aws:iam::123456789012:role/run, EcsParameters: {TaskDefinitionArn: !Ref Task}}]
  Hourly:
    Type: AWS::Scheduler::Schedule
    Properties:
      FlexibleTimeWindow: {Mode: "OFF"}
      ScheduleExpression: rate(1 hour)
      Target: {Arn: !GetAtt Cluster.Arn, RoleArn: arn:aws:iam::123456789012:role/run, EcsParameters: {TaskDefinitionArn: !Ref Task}}
`

// TestRecordedChangeSets: what CloudFormation says of a new image for whole stacks, the
// gate accepts. With SNAPSHOT_UPDATE=1 it is recorded, for FuzzJudge to begin from.
func TestRecordedChangeSets(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	srv, err := emulator.Start(ctx, emulator.Options{Speed: 300})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Errorf("closing the embedded AWS: %v", err)
		}
	})
	d := New(aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(srv.URL()), Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
	}, Options{Clock: srv.Clock()})
	for _, spec := range []StackSpec{
		{Name: "network", TemplateBody: templates.Network()},
		{Name: "service", TemplateBody: templates.Service(), Capabilities: []string{"CAPABILITY_IAM"}, Parameters: map[string]string{
			contract.ParameterStackName: "network", contract.ParameterServiceName: "web", contract.ParameterImageURL: oldImage,
		}},
		{Name: "jobs", TemplateBody: jobsTemplate, Parameters: map[string]string{"Image": oldImage, "Password": "secret"}},
	} {
		if _, err := d.Up(ctx, spec); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range recorded {
		r, err := record(ctx, d, name)
		if err != nil {
			t.Fatal(err)
		}
		e, err := r.evidence()
		if err != nil {
			t.Fatal(err)
		}
		if changes, reasons := judge(e); len(reasons) > 0 || len(changes) < 2 {
			t.Errorf("%s: %v, refused for %v", name, changes, reasons)
		}
		if os.Getenv("SNAPSHOT_UPDATE") == "" {
			continue
		}
		text, err := json.MarshalIndent(r, "", " ")
		if err == nil {
			err = os.WriteFile(recordingFile(name), append(text, '\n'), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// recorded are the stacks whose change sets are recorded.
var recorded = []string{"service", "jobs"}

func recordingFile(name string) string { return filepath.Join("testdata", "changesets", name+".json") }

func record(ctx context.Context, d *Deployer, name string) (*recording, error) {
	target, err := d.readTarget(ctx, name, "")
	if err != nil {
		return nil, err
	}
	cs := &changeSet{name: "recorded", stack: target.stack}
	if err := d.createChangeSet(ctx, createChangeSetInput(target.stack, cs.name, target.reach.parameter, newImage, "")); err != nil {
		return nil, err
	}
	body, err := d.originalTemplate(ctx, target.stack)
	if err != nil {
		return nil, err
	}
	r := &recording{Template: body, Image: newImage, Stack: target.stack.Stack, Resources: target.physical}
	r.Detailed, r.Plain, err = d.awaitChangeSet(ctx, cs)
	return r, err
}

// evidence is what the gate has of a recording.
func (r *recording) evidence() (evidence, error) {
	template, err := cfntemplate.Parse(r.Template)
	if err != nil {
		return evidence{}, err
	}
	s := &stack{r.Stack}
	found, err := findReach(template, s.name(), "")
	if err != nil {
		return evidence{}, err
	}
	before, _ := s.parameter(found.parameter)
	return evidence{
		detailed: r.Detailed, plain: r.Plain, stack: r.Stack,
		before: before, after: r.Image, physical: r.Resources, reach: found,
	}, nil
}
