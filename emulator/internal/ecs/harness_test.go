package ecs

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsecs "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/slipway-go/slipway/emulator/internal/clock"
	"github.com/slipway-go/slipway/emulator/internal/clock/clocktest"
	"github.com/slipway-go/slipway/emulator/internal/container"
	"github.com/slipway-go/slipway/emulator/internal/elb"
	"github.com/slipway-go/slipway/emulator/internal/vpc"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

const (
	testSpeed   = 300
	testTimeout = 60 * time.Second // real; a rollout takes about a second
	webGroup    = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef"
)

// world is an ECS service with everything around it, as a client sees it.
type world struct {
	t       *testing.T
	ctx     context.Context
	clock   *clock.Clock
	images  *container.Builtin
	targets *fakeTargets
	service *Service
	client  *awsecs.Client
}

func newWorld(t *testing.T, options ...func(*Options)) *world {
	t.Helper()
	return newWorldAt(t, testSpeed, options...)
}

func newWorldAt(t *testing.T, speed float64, options ...func(*Options)) *world {
	t.Helper()
	clk := clocktest.New(t, speed)
	network := vpc.New()
	w := &world{
		t:       t,
		clock:   clk,
		images:  container.NewBuiltin(clk, nil),
		targets: newFakeTargets(clk, network),
	}
	o := Options{Clock: clk, Network: network, Runtime: w.images, Targets: w.targets}
	for _, option := range options {
		option(&o)
	}
	w.service = New(o)
	api := w.service.API()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		call, form, err := wire.Identify(r)
		if err != nil {
			api.WriteError(rw, call, err)
			return
		}
		api.Serve(rw, r, call, form)
	}))
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	w.ctx = ctx
	w.client = awsecs.New(awsecs.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(server.URL),
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	})
	t.Cleanup(func() {
		cancel()
		server.Close()
		if err := w.service.Close(); err != nil {
			t.Errorf("closing ECS: %v", err)
		}
		w.targets.close()
		if err := w.images.Close(); err != nil {
			t.Errorf("closing the runtime: %v", err)
		}
	})
	if _, err := w.client.CreateCluster(ctx, &awsecs.CreateClusterInput{ClusterName: aws.String("main")}); err != nil {
		t.Fatalf("creating a cluster: %v", err)
	}
	return w
}

// register registers a revision of the family "web" and returns its ARN.
func (w *world) register(image string, change ...func(*types.ContainerDefinition)) string {
	w.t.Helper()
	c := types.ContainerDefinition{
		Name:         aws.String("web"),
		Image:        aws.String(image),
		PortMappings: []types.PortMapping{{ContainerPort: aws.Int32(80)}},
		StopTimeout:  aws.Int32(maxStopTimeout), // a busy machine may need it to exit gracefully
	}
	for _, f := range change {
		f(&c)
	}
	out, err := w.client.RegisterTaskDefinition(w.ctx, &awsecs.RegisterTaskDefinitionInput{
		Family:                  aws.String("web"),
		Cpu:                     aws.String("256"),
		Memory:                  aws.String("512"),
		NetworkMode:             types.NetworkModeAwsvpc,
		RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate},
		ContainerDefinitions:    []types.ContainerDefinition{c},
	})
	if err != nil {
		w.t.Fatalf("registering %s: %v", image, err)
	}
	return *out.TaskDefinition.TaskDefinitionArn
}

// create creates the service "web" with a target group and the circuit breaker on.
func (w *world) create(taskDefinition string, desired int32, change ...func(*awsecs.CreateServiceInput)) *types.Service {
	w.t.Helper()
	in := &awsecs.CreateServiceInput{
		Cluster:        aws.String("main"),
		ServiceName:    aws.String("web"),
		TaskDefinition: aws.String(taskDefinition),
		DesiredCount:   aws.Int32(desired),
		LaunchType:     types.LaunchTypeFargate,
		NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{
			Subnets: []string{"subnet-1"},
		}},
		LoadBalancers: []types.LoadBalancer{{
			ContainerName: aws.String("web"), ContainerPort: aws.Int32(80), TargetGroupArn: aws.String(webGroup),
		}},
		DeploymentConfiguration: rolling(100, 200, true),
	}
	for _, f := range change {
		f(in)
	}
	out, err := w.client.CreateService(w.ctx, in)
	if err != nil {
		w.t.Fatalf("creating the service: %v", err)
	}
	return out.Service
}

func rolling(minimum, maximum int32, breaker bool) *types.DeploymentConfiguration {
	return &types.DeploymentConfiguration{
		MinimumHealthyPercent:    aws.Int32(minimum),
		MaximumPercent:           aws.Int32(maximum),
		DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{Enable: breaker, Rollback: breaker},
	}
}

// update changes the service and returns the id of its PRIMARY deployment.
func (w *world) update(change func(*awsecs.UpdateServiceInput)) string {
	w.t.Helper()
	in := &awsecs.UpdateServiceInput{Cluster: aws.String("main"), Service: aws.String("web")}
	change(in)
	out, err := w.client.UpdateService(w.ctx, in)
	if err != nil {
		w.t.Fatalf("updating the service: %v", err)
	}
	return *out.Service.Deployments[0].Id
}

// deploy updates the service to a task definition.
func (w *world) deploy(taskDefinition string) string {
	w.t.Helper()
	return w.update(func(in *awsecs.UpdateServiceInput) { in.TaskDefinition = aws.String(taskDefinition) })
}

// stable waits until the service is stable.
func (w *world) stable() {
	w.t.Helper()
	if err := w.service.AwaitService(w.ctx, "main", "web", ""); err != nil {
		w.t.Fatalf("waiting for the service: %v\n%s", err, w.history())
	}
}

func (w *world) describe() types.Service {
	w.t.Helper()
	out, err := w.client.DescribeServices(w.ctx, &awsecs.DescribeServicesInput{Cluster: aws.String("main"), Services: []string{"web"}})
	if err != nil || len(out.Services) != 1 {
		w.t.Fatalf("describing the service: %v, %v", out, err)
	}
	return out.Services[0]
}

// tasks are the service's tasks of a desired status.
func (w *world) tasks(desired types.DesiredStatus) []types.Task {
	w.t.Helper()
	list, err := w.client.ListTasks(w.ctx, &awsecs.ListTasksInput{Cluster: aws.String("main"), ServiceName: aws.String("web"), DesiredStatus: desired})
	if err != nil {
		w.t.Fatalf("listing tasks: %v", err)
	}
	if len(list.TaskArns) == 0 {
		return nil
	}
	out, err := w.client.DescribeTasks(w.ctx, &awsecs.DescribeTasksInput{Cluster: aws.String("main"), Tasks: list.TaskArns})
	if err != nil {
		w.t.Fatalf("describing tasks: %v", err)
	}
	return out.Tasks
}

// history is what a failed test wants to know.
func (w *world) history() string {
	w.service.mu.Lock()
	defer w.service.mu.Unlock()
	var b strings.Builder
	svc := w.service.service("main", "web")
	for _, e := range svc.events {
		fmt.Fprintln(&b, e.Message)
	}
	for _, t := range svc.cluster.tasks {
		fmt.Fprintln(&b, t.id, t.lastStatus, t.stopCode, t.stoppedReason)
	}
	return b.String()
}

// eventually waits until the condition holds, which is asked after every change.
func (w *world) eventually(what string, condition func(svc *service) bool) {
	w.t.Helper()
	err := w.service.await(w.ctx, func() (bool, error) { return condition(w.service.service("main", "web")), nil })
	if err != nil {
		w.t.Fatalf("waiting for %s: %v\n%s", what, err, w.history())
	}
}

// hasEvent reports whether one of the service's events contains the text.
func hasEvent(s types.Service, text string) bool {
	for _, e := range s.Events {
		if strings.Contains(*e.Message, text) {
			return true
		}
	}
	return false
}

// fakeTargets is a target group: it checks the health of its targets over the network
// and lets deregistered ones drain for a while.
type fakeTargets struct {
	clock   *clock.Clock
	client  *http.Client
	life    context.Context
	end     context.CancelFunc
	checks  sync.WaitGroup
	mu      sync.Mutex
	targets map[elb.Target]*fakeTarget
	drain   time.Duration // AWS time from deregistration to unused
	left    time.Time     // of the last deregistration
	watched bool
	lowest  int // healthy targets since watch
	most    int // targets that were not draining since watch
}

type fakeTarget struct {
	state  elb.State
	reason string
}

const (
	checkInterval = 5 * time.Second // AWS time
	checkTimeout  = time.Second     // real time
)

func newFakeTargets(clk *clock.Clock, network *vpc.Network) *fakeTargets {
	f := &fakeTargets{
		clock:   clk,
		drain:   20 * time.Second,
		targets: map[elb.Target]*fakeTarget{},
		client: &http.Client{Timeout: checkTimeout, Transport: &http.Transport{
			DialContext: network.Dial, DisableKeepAlives: true,
		}},
	}
	f.life, f.end = context.WithCancel(context.Background())
	return f
}

func (f *fakeTargets) close() {
	f.end()
	f.checks.Wait()
}

func (f *fakeTargets) Register(_ string, t elb.Target, _ string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	target := &fakeTarget{state: elb.Initial, reason: "Elb.RegistrationInProgress"}
	f.targets[t] = target
	f.note()
	f.checks.Go(func() { f.check(t, target) })
	return nil
}

// check makes a target healthy after one passed check and unhealthy after two failed
// ones, until it is deregistered.
func (f *fakeTargets) check(t elb.Target, target *fakeTarget) {
	failures := 0
	for f.clock.Sleep(f.life, checkInterval) == nil {
		reason := f.probe(t)
		f.mu.Lock()
		if target.state == elb.Draining || target.state == elb.Unused {
			f.mu.Unlock()
			return
		}
		if reason == "" {
			failures = 0
			target.state, target.reason = elb.Healthy, ""
		} else if failures++; failures >= 2 {
			target.state, target.reason = elb.Unhealthy, reason
		}
		f.note()
		f.mu.Unlock()
	}
}

func (f *fakeTargets) probe(t elb.Target) string {
	req, err := http.NewRequestWithContext(f.life, http.MethodGet, fmt.Sprintf("http://%s:%d/", t.ID, t.Port), nil)
	if err != nil {
		return err.Error()
	}
	req.Header.Set("User-Agent", "ELB-HealthChecker/2.0")
	resp, err := f.client.Do(req)
	if err != nil {
		return "Target.Timeout"
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "Target.ResponseCodeMismatch"
	}
	return ""
}

func (f *fakeTargets) Deregister(_ string, t elb.Target) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	target := f.targets[t]
	target.state, f.left = elb.Draining, f.clock.Now()
	drain := f.drain
	f.note()
	f.checks.Go(func() {
		_ = f.clock.Sleep(f.life, drain)
		f.mu.Lock()
		defer f.mu.Unlock()
		target.state = elb.Unused
	})
	return nil
}

func (f *fakeTargets) Health(_ string, t elb.Target) (elb.State, string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if target := f.targets[t]; target != nil {
		return target.state, target.reason
	}
	return elb.Unused, ""
}

// HealthDescription implements TargetGroups.
func (f *fakeTargets) HealthDescription(arn string, t elb.Target) string {
	if _, reason := f.Health(arn, t); reason == "Target.Timeout" {
		return "Request timed out"
	}
	return "Health checks failed"
}

// InUse implements TargetGroups.
func (f *fakeTargets) InUse(string) (bool, error) { return true, nil }

// SetWeights implements TargetGroups; there are no rules.
func (f *fakeTargets) SetWeights(string, []elb.TargetGroupTuple) error { return nil }

// watch starts to note the lowest and highest counts.
func (f *fakeTargets) watch() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watched, f.lowest, f.most = true, 1<<30, 0
	f.note()
}

func (f *fakeTargets) note() {
	if !f.watched {
		return
	}
	healthy, in := 0, 0
	for _, t := range f.targets {
		switch t.state {
		case elb.Healthy:
			healthy++
			in++
		case elb.Initial, elb.Unhealthy:
			in++
		}
	}
	f.lowest, f.most = min(f.lowest, healthy), max(f.most, in)
}

func (f *fakeTargets) watchedCounts() (lowest, most int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lowest, f.most
}
