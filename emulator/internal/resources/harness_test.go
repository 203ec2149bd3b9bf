package resources_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	awsecs "github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/smithy-go"

	"github.com/slipway-go/slipway/emulator/internal/clock/clocktest"
	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
	"github.com/slipway-go/slipway/emulator/internal/container"
	"github.com/slipway-go/slipway/emulator/internal/ecs"
	"github.com/slipway-go/slipway/emulator/internal/elb"
	"github.com/slipway-go/slipway/emulator/internal/logs"
	"github.com/slipway-go/slipway/emulator/internal/resources"
	"github.com/slipway-go/slipway/emulator/internal/s3"
	"github.com/slipway-go/slipway/emulator/internal/ssm"
	"github.com/slipway-go/slipway/emulator/internal/vpc"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// speed is how many AWS seconds pass in a real one, in these tests.
const speed = 200

// harness is CloudFormation over ECS and load balancers that act, spoken to by the SDK.
type harness struct {
	*testing.T
	url string
	cfn *cfn.Client
	ecs *awsecs.Client
	elb *elbv2.Client
}

func start(t *testing.T) harness {
	t.Helper()
	clk, network, logger := clocktest.New(t, speed), vpc.New(), slog.New(slog.DiscardHandler)
	balancing := elb.New(elb.Options{Clock: clk, Network: network, Region: "eu-west-1", Logger: logger})
	runtime := container.NewBuiltin(clk, nil)
	containers := ecs.New(ecs.Options{Clock: clk, Network: network, Runtime: runtime, Targets: balancing, Region: "eu-west-1", Logger: logger})
	parameters := ssm.New(clk, "eu-west-1")
	stacks := cloudformation.New(cloudformation.Options{
		Clock: clk, Region: "eu-west-1", Zones: []string{"eu-west-1a", "eu-west-1b"}, Logger: logger,
		Types: resources.New(clk, "eu-west-1", containers, balancing, parameters, logs.New(logs.Options{Clock: clk}), s3.New(clk, "eu-west-1", "")), Parameters: parameters,
	})
	apis := map[string]*wire.API{"cloudformation": stacks.API(), "ecs": containers.API(), "elasticloadbalancing": balancing.API(), "ssm": parameters.API()}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call, form, err := wire.Identify(r)
		if err != nil || apis[call.Service] == nil {
			t.Errorf("a request for %q: %v", call.Service, err)
			return
		}
		apis[call.Service].Serve(w, r, call, form)
	}))
	t.Cleanup(func() {
		srv.Close()
		if err := errors.Join(stacks.Close(), containers.Close(), balancing.Close(), runtime.Close()); err != nil {
			t.Error(err)
		}
	})
	config := aws.Config{
		Region: "eu-west-1", BaseEndpoint: &srv.URL,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}
	return harness{T: t, url: srv.URL, cfn: cfn.NewFromConfig(config), ecs: awsecs.NewFromConfig(config), elb: elbv2.NewFromConfig(config)}
}

func (h harness) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// refused checks that err is an API error with that code whose message contains text.
func (h harness) refused(err error, code, text string) {
	h.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code || !strings.Contains(e.ErrorMessage(), text) {
		h.Errorf("error %v, want %s with %q", err, code, text)
	}
}

// settled waits until no operation runs on the stack; go test's timeout bounds it.
func (h harness) settled(name string) types.Stack {
	h.Helper()
	for {
		out, err := h.cfn.DescribeStacks(h.Context(), &cfn.DescribeStacksInput{StackName: &name})
		h.must(err)
		if st := out.Stacks[0]; !strings.HasSuffix(string(st.StackStatus), "_IN_PROGRESS") {
			return st
		}
		time.Sleep(time.Millisecond)
	}
}

func (h harness) wantStatus(st types.Stack, want types.StackStatus) {
	h.Helper()
	if st.StackStatus == want {
		return
	}
	events, err := h.cfn.DescribeStackEvents(h.Context(), &cfn.DescribeStackEventsInput{StackName: st.StackId})
	h.must(err)
	for _, e := range events.StackEvents {
		h.Logf("%s %s %s", *e.LogicalResourceId, e.ResourceStatus, aws.ToString(e.ResourceStatusReason))
	}
	h.Fatalf("stack %s is %s (%s), want %s", *st.StackName, st.StackStatus, aws.ToString(st.StackStatusReason), want)
}

func (h harness) create(in *cfn.CreateStackInput) types.Stack {
	h.Helper()
	_, err := h.cfn.CreateStack(h.Context(), in)
	h.must(err)
	st := h.settled(*in.StackName)
	h.wantStatus(st, types.StackStatusCreateComplete)
	return st
}

func (h harness) update(in *cfn.UpdateStackInput) types.Stack {
	h.Helper()
	_, err := h.cfn.UpdateStack(h.Context(), in)
	h.must(err)
	st := h.settled(*in.StackName)
	h.wantStatus(st, types.StackStatusUpdateComplete)
	return st
}

// output is the value of a stack's output.
func (h harness) output(st types.Stack, key string) string {
	h.Helper()
	for _, o := range st.Outputs {
		if *o.OutputKey == key {
			return *o.OutputValue
		}
	}
	h.Fatalf("stack %s has no output %s", *st.StackName, key)
	return ""
}

func set(key, value string) types.Parameter {
	return types.Parameter{ParameterKey: &key, ParameterValue: &value}
}

// web is a service behind a load balancer, in one stack.
const web = `
Parameters:
  Image: {Type: String, Default: "acme/web:v1"}
Resources:
  Cluster: {Type: AWS::ECS::Cluster}
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {Subnets: [subnet-1, subnet-2], SecurityGroups: [sg-1]}
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Port: 80
      Protocol: HTTP
      VpcId: vpc-1
      TargetType: ip
      HealthCheckIntervalSeconds: 10
      TargetGroupAttributes: [{Key: deregistration_delay.timeout_seconds, Value: 5}]
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Cpu: 256
      Memory: 512
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions: [{Name: web, Image: !Ref Image, PortMappings: [{ContainerPort: 80}]}]
  Service:
    Type: AWS::ECS::Service
    DependsOn: Listener
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      LaunchType: FARGATE
      DesiredCount: 1
      LoadBalancers: [{ContainerName: web, ContainerPort: 80, TargetGroupArn: !Ref Group}]
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-1], SecurityGroups: [sg-1]}}
Outputs:
  Cluster: {Value: !Ref Cluster}
  Balancer: {Value: !Ref Balancer}
  Group: {Value: !Ref Group}
  Listener: {Value: !Ref Listener}
  Task: {Value: !Ref Task}
  Service: {Value: !Ref Service}
`
