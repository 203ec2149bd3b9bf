package ecs

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/clock"
	"github.com/slipway-go/slipway/emulator/internal/container"
	"github.com/slipway-go/slipway/emulator/internal/elb"
	"github.com/slipway-go/slipway/emulator/internal/vpc"
)

// What the tasks of a bubble need. Times that AWS does not decide.
const (
	bubblePull   = 5 * time.Second        // an image is there
	bubbleStart  = 3 * time.Second        // from the start of the process until it listens
	bubbleAnswer = 500 * time.Millisecond // a request takes; see newBubble
	bubbleExit   = 2 * time.Second        // from SIGTERM to the exit
)

// bubble is ECS with Elastic Load Balancing, both the real ones, in a bubble of
// testing/synctest: at speed 1, without a socket, so that everything happens at the
// very second that arithmetic gives.
type bubble struct {
	t         *testing.T
	clock     *clock.Clock
	wires     *wires
	runtime   *pipeRuntime
	balancers *elb.Service
	service   *Service
	balancer  elb.LoadBalancer
	listener  string
}

// newBubble must be called in a bubble. Answers to health checks take half a second,
// and calls of ECS to the load balancer ten milliseconds, so that a state never changes
// in the instant in which the scheduler looks.
func newBubble(t *testing.T, options ...func(*Options)) *bubble {
	t.Helper()
	b := &bubble{t: t, clock: clock.New(1), wires: &wires{ends: map[string]*wireEnd{}}}
	network := vpc.NewOver(b.wires.dial)
	b.runtime = &pipeRuntime{clock: b.clock, wires: b.wires}
	b.balancers = elb.New(elb.Options{Clock: b.clock, Network: network, Listen: b.wires.listen})
	o := Options{Clock: b.clock, Network: network, Runtime: b.runtime, Targets: slowTargets{b.balancers}}
	for _, option := range options {
		option(&o)
	}
	b.service = New(o)
	lb, err := b.balancers.CreateLoadBalancer(t.Context(), &elb.CreateLoadBalancerInput{Name: "web", Subnets: []string{"subnet-1", "subnet-2"}})
	b.check(err)
	b.balancer = lb.LoadBalancers[0]
	l, err := b.balancers.CreateListener(t.Context(), &elb.CreateListenerInput{
		LoadBalancerArn: b.balancer.LoadBalancerArn, Port: 80, Protocol: "HTTP",
		DefaultActions: []elb.Action{{Type: "fixed-response", FixedResponseConfig: &elb.FixedResponseConfig{StatusCode: "404"}}},
	})
	b.check(err)
	b.listener = l.Listeners[0].ListenerArn
	_, err = b.service.CreateCluster(t.Context(), &CreateClusterInput{ClusterName: "main"})
	b.check(err)
	return b
}

// close ends everything, which a bubble must not outlive.
func (b *bubble) close() {
	b.check(errors.Join(b.service.Close(), b.balancers.Close()))
	b.runtime.exits.Wait()
}

func (b *bubble) check(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// group makes a target group.
func (b *bubble) group(name string, interval, drain int) string {
	b.t.Helper()
	out, err := b.balancers.CreateTargetGroup(b.t.Context(), &elb.CreateTargetGroupInput{
		Name: name, Protocol: "HTTP", Port: 80, VpcId: "vpc-1", TargetType: "ip",
		HealthCheckIntervalSeconds: interval, HealthCheckTimeoutSeconds: 2,
	})
	b.check(err)
	arn := out.TargetGroups[0].TargetGroupArn
	_, err = b.balancers.ModifyTargetGroupAttributes(b.t.Context(), &elb.ModifyTargetGroupAttributesInput{
		TargetGroupArn: arn,
		Attributes:     []elb.Attribute{{Key: "deregistration_delay.timeout_seconds", Value: strconv.Itoa(drain)}},
	})
	b.check(err)
	return arn
}

// rule forwards a path to target groups by weight.
func (b *bubble) rule(priority int, path string, weights ...elb.TargetGroupTuple) string {
	b.t.Helper()
	out, err := b.balancers.CreateRule(b.t.Context(), &elb.CreateRuleInput{
		ListenerArn: b.listener, Priority: priority,
		Conditions: []elb.RuleCondition{{Field: "path-pattern", Values: []string{path}}},
		Actions:    []elb.Action{{Type: "forward", ForwardConfig: &elb.ForwardConfig{TargetGroups: weights}}},
	})
	b.check(err)
	return out.Rules[0].RuleArn
}

// register registers a revision of the family "web".
func (b *bubble) register(image string) string {
	b.t.Helper()
	port := 80
	out, err := b.service.RegisterTaskDefinition(b.t.Context(), &RegisterTaskDefinitionInput{
		Family: "web", Cpu: "256", Memory: "512", NetworkMode: "awsvpc", RequiresCompatibilities: []string{"FARGATE"},
		ContainerDefinitions: []ContainerDefinition{{Name: "web", Image: image, PortMappings: []PortMapping{{ContainerPort: &port}}}},
	})
	b.check(err)
	return out.TaskDefinition.TaskDefinitionArn
}

// create creates the service "web" and waits until it is stable.
func (b *bubble) create(in *CreateServiceInput) {
	b.t.Helper()
	in.Cluster, in.ServiceName, in.LaunchType = "main", "web", "FARGATE"
	in.NetworkConfiguration = &NetworkConfiguration{AwsvpcConfiguration: &AwsVpcConfiguration{Subnets: []string{"subnet-1"}}}
	_, err := b.service.CreateService(b.t.Context(), in)
	b.check(err)
	b.check(b.service.AwaitService(b.t.Context(), "main", "web", ""))
}

// deploy updates the service to a task definition.
func (b *bubble) deploy(taskDefinition string) {
	b.t.Helper()
	_, err := b.service.UpdateService(b.t.Context(), &UpdateServiceInput{Cluster: "main", Service: "web", TaskDefinition: taskDefinition})
	b.check(err)
}

// describe is the service as DescribeServices shows it.
func (b *bubble) describe() ServiceDescription {
	b.t.Helper()
	out, err := b.service.DescribeServices(b.t.Context(), &DescribeServicesInput{Cluster: "main", Services: []string{"web"}})
	b.check(err)
	return out.Services[0]
}

// slowTargets lets the calls of ECS to the load balancer take a moment, half of it
// before they act.
type slowTargets struct{ *elb.Service }

func (s slowTargets) Register(arn string, t elb.Target, zone string) error {
	time.Sleep(5 * time.Millisecond)
	defer time.Sleep(5 * time.Millisecond)
	return s.Service.Register(arn, t, zone)
}

func (s slowTargets) Deregister(arn string, t elb.Target) error {
	time.Sleep(5 * time.Millisecond)
	defer time.Sleep(5 * time.Millisecond)
	return s.Service.Deregister(arn, t)
}

// wires connects the bubble's load balancers and containers in memory.
type wires struct {
	mu   sync.Mutex
	ends map[string]*wireEnd
}

// wireEnd is a listener on a wire; it refuses connections until it is open.
type wireEnd struct {
	wires  *wires
	name   string
	open   bool
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (w *wires) end(open bool) *wireEnd {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := &wireEnd{
		wires: w, name: fmt.Sprintf("wire:%d", len(w.ends)+1), open: open,
		conns: make(chan net.Conn), closed: make(chan struct{}),
	}
	w.ends[e.name] = e
	return e
}

func (w *wires) listen() (net.Listener, error) { return w.end(true), nil }

func (w *wires) dial(ctx context.Context, _, address string) (net.Conn, error) {
	w.mu.Lock()
	e := w.ends[address]
	refused := e == nil || !e.open
	w.mu.Unlock()
	if refused {
		return nil, fmt.Errorf("dial %s: connection refused", address)
	}
	here, there := net.Pipe()
	select {
	case e.conns <- there:
		return here, nil
	case <-e.closed:
		return nil, fmt.Errorf("dial %s: connection refused", address)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (e *wireEnd) serve() {
	e.wires.mu.Lock()
	defer e.wires.mu.Unlock()
	e.open = true
}

func (e *wireEnd) Accept() (net.Conn, error) {
	select {
	case c := <-e.conns:
		return c, nil
	case <-e.closed:
		return nil, net.ErrClosed
	}
}

func (e *wireEnd) Close() error {
	e.once.Do(func() { close(e.closed) })
	return nil
}

func (e *wireEnd) Addr() net.Addr  { return e }
func (e *wireEnd) Network() string { return "wire" }
func (e *wireEnd) String() string  { return e.name }

// pipeRuntime runs containers that answer over wires. An image named "deaf" ignores
// SIGTERM, one named "crash" exits as soon as it would listen, and one named "sick"
// fails its health checks.
type pipeRuntime struct {
	clock *clock.Clock
	wires *wires
	exits sync.WaitGroup
}

func (r *pipeRuntime) Resolve(context.Context, string) (string, error) { return "sha256:0", nil }

func (r *pipeRuntime) Pull(ctx context.Context, _, _ string) error {
	return r.clock.Sleep(ctx, bubblePull)
}

func (r *pipeRuntime) Start(_ context.Context, spec container.Spec) (container.Container, error) {
	p := &pipeProcess{
		image: spec.Image, end: r.wires.end(false),
		terminate: make(chan struct{}), kill: make(chan struct{}), exited: make(chan struct{}),
	}
	r.exits.Go(func() { p.run(r) })
	return p, nil
}

// pipeProcess is a container that answers every request with the name of its image.
type pipeProcess struct {
	image                   string
	end                     *wireEnd
	terminate, kill, exited chan struct{}
	terminating, killing    sync.Once
	code                    int
}

func (p *pipeProcess) Addr() string            { return p.end.name }
func (p *pipeProcess) Terminate()              { p.terminating.Do(func() { close(p.terminate) }) }
func (p *pipeProcess) Kill()                   { p.killing.Do(func() { close(p.kill) }) }
func (p *pipeProcess) Exited() <-chan struct{} { return p.exited }
func (p *pipeProcess) ExitCode() int           { return p.code }

func (p *pipeProcess) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	time.Sleep(bubbleAnswer)
	if p.image == "sick" {
		w.WriteHeader(http.StatusInternalServerError)
	}
	_, _ = fmt.Fprint(w, p.image)
}

func (p *pipeProcess) run(r *pipeRuntime) {
	server := &http.Server{Handler: p, ReadHeaderTimeout: time.Minute}
	r.exits.Go(func() { _ = server.Serve(p.end) })
	p.code = p.live(r)
	_ = server.Close()
	_ = p.end.Close()
	close(p.exited)
}

// live is the process until its exit, whose code it returns.
func (p *pipeProcess) live(r *pipeRuntime) int {
	started := r.clock.Timer(bubbleStart)
	defer started.Stop()
	terminate := p.terminate
	if p.image == "deaf" {
		terminate = nil
	}
	for {
		select {
		case <-started.C:
			if p.image == "crash" {
				return 1
			}
			p.end.serve()
		case <-p.kill:
			return 137
		case <-terminate:
			terminate = nil
			exit := r.clock.Timer(bubbleExit)
			defer exit.Stop()
			select {
			case <-exit.C:
				return 0
			case <-p.kill:
				return 137
			}
		}
	}
}
