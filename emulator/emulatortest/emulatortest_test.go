package emulatortest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/emulator"
)

// service is a template with a service of one task behind no load balancer.
const service = `
Resources:
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: main}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      {Family: app, Cpu: 256, Memory: 512, NetworkMode: awsvpc, RequiresCompatibilities: [FARGATE],
       ContainerDefinitions: [{Name: app, Image: "acme/app:v1"}]}
  Service:
    Type: AWS::ECS::Service
    Properties:
      {ServiceName: web, Cluster: !Ref Cluster, TaskDefinition: !Ref Task, LaunchType: FARGATE, DesiredCount: 2,
       NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-1]}}}
Outputs: {Name: {Value: !GetAtt Service.Name}}
`

func deploy(ctx context.Context, srv *emulator.Server) error {
	cfn := cloudformation.New(cloudformation.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(srv.URL()), Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	_, err := cfn.CreateStack(ctx, &cloudformation.CreateStackInput{StackName: aws.String("app"), TemplateBody: aws.String(service)})
	if err != nil {
		return err
	}
	return cloudformation.NewStackCreateCompleteWaiter(cfn, func(o *cloudformation.StackCreateCompleteWaiterOptions) {
		o.MinDelay, o.MaxDelay = 10*time.Millisecond, 50*time.Millisecond
	}).Wait(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String("app")}, time.Minute)
}

func TestState(t *testing.T) {
	t.Parallel()
	srv := Start(t, emulator.Options{Speed: 200})
	if diff := cmp.Diff(emulator.State{}, State(t, srv, "eu-west-1")); diff != "" {
		t.Errorf("a region that nobody has used (-want +got):\n%s", diff)
	}
	if err := deploy(t.Context(), srv); err != nil {
		t.Fatal(err)
	}
	state := State(t, srv, "eu-west-1")
	state.Stacks[0].ID = ""
	if diff := cmp.Diff(emulator.State{
		Stacks:   []emulator.StackState{{Name: "app", Status: "CREATE_COMPLETE", Outputs: map[string]string{"Name": "web"}}},
		Services: []emulator.ServiceState{{Cluster: "main", Name: "web", Status: "ACTIVE", Desired: 2, Images: map[string]int{"acme/app:v1": 2}}},
	}, state); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
}

// recorder is a test whose failures are kept and whose cleanups are run by hand.
type recorder struct {
	testing.TB
	cleanups []func()
	failures strings.Builder
}

func (r *recorder) Cleanup(f func())                  { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Errorf(format string, args ...any) { fmt.Fprintf(&r.failures, format, args...) }

// leaking is a runtime that leaves a goroutine behind.
type leaking struct {
	emulator.Runtime
	leave, resolved chan struct{}
}

func (l leaking) Resolve(context.Context, string) (string, error) {
	go func() { <-l.leave }()
	select {
	case l.resolved <- struct{}{}:
	default: // somebody knows already
	}
	return "", context.Canceled
}

func TestStartTellsWhatIsLeft(t *testing.T) {
	t.Parallel()
	r, leave, resolved := &recorder{TB: t}, make(chan struct{}), make(chan struct{}, 1)
	srv := start(r, emulator.Options{Speed: 200, Runtime: leaking{leave: leave, resolved: resolved}}, 20*time.Millisecond)
	created := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { created <- deploy(ctx, srv) }()
	<-resolved
	cancel()
	<-created // with an error: the client was cancelled
	for _, f := range r.cleanups {
		f()
	}
	if !strings.Contains(r.failures.String(), "leaking.Resolve") {
		t.Errorf("a goroutine is left, and Start says %q", r.failures.String())
	}
	close(leave)
}
