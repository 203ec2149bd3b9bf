//go:build unix

package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
)

const killedDeployTemplate = `
Parameters: {Image: {Type: String}}
Resources:
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: !Ref AWS::StackName}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: !Ref AWS::StackName
      Cpu: '256'
      Memory: '512'
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions: [{Name: shop, Image: !Ref Image}]
  Service:
    Type: AWS::ECS::Service
    Properties:
      ServiceName: !Ref AWS::StackName
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      DesiredCount: 2
      LaunchType: FARGATE
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-0123456789abcdef0]}}
`

// killsAtOnce is how many deploys run at the same time; most of theirs is waiting.
const killsAtOnce = 12

// TestDeployKilledAtEveryCall kills the command at each of its calls in turn, before AWS
// has the call and after AWS has carried it out. Started again, it ends where a deploy
// ends that nobody killed: with one rollout, and nothing left behind.
func TestDeployKilledAtEveryCall(t *testing.T) {
	t.Parallel()
	k := newKiller(t)
	calls := k.whole()
	if calls < 15 {
		t.Fatalf("a deploy made %d calls; want all of them counted", calls)
	}
	t.Logf("a deploy makes %d calls", calls)

	var cases sync.WaitGroup
	slots := make(chan struct{}, killsAtOnce)
	for call := 1; call <= calls; call++ {
		for _, after := range []bool{false, true} {
			cases.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				name := fmt.Sprintf("shop-%d", call)
				if after {
					name += "-after"
				}
				if err := k.killedAndStartedAgain(name, call, after); err != nil {
					t.Errorf("killed at call %d (carried out: %t): %v", call, after, err)
				}
			})
		}
	}
	cases.Wait()
}

type killer struct {
	t   *testing.T
	ctx context.Context
	srv *emulator.Server
	cfg aws.Config
}

func newKiller(t *testing.T) *killer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	srv, err := emulator.Start(ctx, emulator.Options{Speed: scriptSpeed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Errorf("closing the embedded AWS: %v", err)
		}
	})
	srv.SetImage(":v2", emulator.Conduct{PullTime: 2 * time.Minute}) // so that the rollout is looked at more than once
	for _, tag := range []string{"v1", "v2"} {
		if _, err := srv.PushImage("docker.io/acme/shop:"+tag, emulator.Image{Content: tag}); err != nil {
			t.Fatal(err)
		}
	}
	return &killer{t: t, ctx: ctx, srv: srv, cfg: aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(srv.URL()), // as Server.Environment has it
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}}
}

// image is what is deployed. Its registry is asked past the proxy, at each start anew.
func (k *killer) image() string { return k.srv.Registry() + "/acme/shop:v2" }

func (k *killer) create(stack string) error {
	_, err := deploy.New(k.cfg, deploy.Options{Clock: k.srv.Clock()}).Up(k.ctx, deploy.StackSpec{
		Name: stack, TemplateBody: killedDeployTemplate, Parameters: map[string]string{"Image": "docker.io/acme/shop:v1"},
	})
	return err
}

// whole deploys without a kill and returns how many calls that took.
func (k *killer) whole() int {
	k.t.Helper()
	if err := k.create("whole"); err != nil {
		k.t.Fatal(err)
	}
	p := k.proxy(0, false)
	defer p.Close()
	if result, err := k.deploy(p, "whole"); err != nil || result != "deployed" {
		k.t.Fatalf("result %q, %v; want it deployed", result, err)
	}
	if err := k.check("whole"); err != nil {
		k.t.Fatal(err)
	}
	return int(p.calls.Load())
}

func (k *killer) killedAndStartedAgain(stack string, call int, after bool) error {
	if err := k.create(stack); err != nil {
		return err
	}
	p := k.proxy(int64(call), after)
	defer p.Close()
	_, err := k.deploy(p, stack)
	var exit *exec.ExitError
	killed := errors.As(err, &exit) && exit.ExitCode() == -1
	if err != nil && !killed {
		return fmt.Errorf("before the kill: %w", err)
	}
	// A deploy that needed fewer looks this time was not killed, and has deployed. The
	// kill was meant for it alone.
	p.at.Store(0)
	result, err := k.deploy(p, stack)
	if err != nil {
		return fmt.Errorf("started again: %w", err)
	}
	if result != "deployed" && result != "already-current" {
		return fmt.Errorf("started again, its result is %q", result)
	}
	return k.check(stack)
}

// check finds out that there was one rollout, and that it is whole.
func (k *killer) check(stack string) error {
	status, err := deploy.New(k.cfg, deploy.Options{}).Status(k.ctx, stack, "")
	if err != nil {
		return err
	}
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if status.StackStatus != "UPDATE_COMPLETE" || !strings.HasPrefix(status.Image, k.image()+"@") || len(status.Drift) > 0 {
		fault("the stack is %+v", status)
	}
	containers, cfn := ecs.NewFromConfig(k.cfg), cloudformation.NewFromConfig(k.cfg)
	deployments, err := containers.ListServiceDeployments(k.ctx, &ecs.ListServiceDeploymentsInput{Cluster: &stack, Service: &stack})
	if err != nil {
		return err
	}
	if n := len(deployments.ServiceDeployments); n != 2 {
		fault("there were %d deployments, want that of the creation and one rollout", n)
	}
	revisions := 0
	for _, state := range []types.TaskDefinitionStatus{types.TaskDefinitionStatusActive, types.TaskDefinitionStatusInactive} {
		listed, err := containers.ListTaskDefinitions(k.ctx, &ecs.ListTaskDefinitionsInput{FamilyPrefix: &stack, Status: state})
		if err != nil {
			return err
		}
		revisions += len(listed.TaskDefinitionArns)
	}
	if revisions != 2 {
		fault("there are %d revisions of the task definition, want 2", revisions)
	}
	left, err := cfn.ListChangeSets(k.ctx, &cloudformation.ListChangeSetsInput{StackName: &stack})
	if err != nil {
		return err
	}
	if n := len(left.Summaries); n > 0 {
		fault("%d change sets are left behind", n)
	}
	return errors.Join(faults...)
}

// deploy runs the command as a process of its own, through p, and returns its result.
func (k *killer) deploy(p *killingProxy, stack string) (string, error) {
	process := exec.CommandContext(k.ctx, "slipway", "deploy", stack, k.image(), "--output", "json")
	for _, variable := range append(os.Environ(), k.srv.Environment()...) {
		if !strings.HasPrefix(variable, "AWS_ENDPOINT_URL=") {
			process.Env = append(process.Env, variable)
		}
	}
	process.Env = append(process.Env, "AWS_ENDPOINT_URL="+p.URL)
	var stdout, stderr bytes.Buffer
	process.Stdout, process.Stderr = &stdout, &stderr
	if err := process.Start(); err != nil {
		return "", err
	}
	p.process.Store(process.Process)
	if err := process.Wait(); err != nil {
		return "", fmt.Errorf("%w: %s", err, &stderr)
	}
	var result struct{ Result string }
	if err := json.Unmarshal(stdout.Bytes(), &result); err != nil {
		return "", err
	}
	return result.Result, nil
}

// killingProxy is a way to AWS that counts calls, and kills the caller at one of them.
type killingProxy struct {
	*httptest.Server
	calls   atomic.Int64
	at      atomic.Int64 // the call that kills; 0 is none
	process atomic.Pointer[os.Process]
}

// proxy kills at the given call; 0 is none.
func (k *killer) proxy(at int64, after bool) *killingProxy {
	target, err := url.Parse(k.srv.URL())
	if err != nil {
		k.t.Fatal(err)
	}
	p := &killingProxy{}
	p.at.Store(at)
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.calls.Add(1) != p.at.Load() {
			forward.ServeHTTP(w, r)
			return
		}
		if after {
			forward.ServeHTTP(httptest.NewRecorder(), r.WithContext(k.ctx))
		}
		_ = p.process.Load().Kill() // the wait for it tells
		panic(http.ErrAbortHandler)
	}))
	return p
}
