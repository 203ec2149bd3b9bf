package conformance_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/slipway-go/slipway/emulator"
)

// programs is a runtime whose images are handlers: the targets of a load balancer, as
// a test needs them. An image that is not there exits as soon as it is started.
type programs map[string]http.Handler

func (programs) Resolve(context.Context, string) (string, error) { return "sha256:0", nil }
func (programs) Pull(ctx context.Context, _, _ string) error     { return ctx.Err() }
func (p programs) Start(ctx context.Context, spec emulator.ContainerSpec) (emulator.Container, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	process := &program{server: &http.Server{Handler: p[spec.Image], ReadHeaderTimeout: time.Minute}, addr: listener.Addr().String(), exited: make(chan struct{})}
	go func() {
		defer close(process.exited)
		_ = process.server.Serve(listener) // until Kill
	}()
	return process, nil
}

// program is a running handler. It ends at once, whatever is in flight.
type program struct {
	server *http.Server
	addr   string
	once   sync.Once
	exited chan struct{}
}

func (p *program) Addr() string            { return p.addr }
func (p *program) Terminate()              { p.Kill() }
func (p *program) Kill()                   { p.once.Do(func() { _ = p.server.Close() }) }
func (p *program) Exited() <-chan struct{} { return p.exited }
func (p *program) ExitCode() int           { return 0 }

// startPrograms starts an emulator whose images are the given handlers.
func startPrograms(t *testing.T, p programs) *cloud {
	t.Helper()
	return startWith(t, emulator.Options{Speed: 60, Runtime: p}).cluster(t)
}

// says is a handler that answers every request with a text.
func answers(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
}

// address runs a program as a task and returns its private address.
func (c *cloud) address(t *testing.T, image string) string {
	t.Helper()
	task := c.reaches(t, c.run(t, c.register(t, image, image)), "RUNNING")
	return *task.Containers[0].NetworkInterfaces[0].PrivateIpv4Address
}

// balancer makes a load balancer and returns its ARN and URL.
func (c *cloud) balancer(t *testing.T, name string) (arn, url string) {
	t.Helper()
	lb := must(t, c.elb.CreateLoadBalancer, &elb.CreateLoadBalancerInput{Name: &name, Subnets: []string{"subnet-a", "subnet-b"}}).LoadBalancers[0]
	return *lb.LoadBalancerArn, "http://" + *lb.DNSName
}

// groupInput is a request for a target group with the quickest health checks.
func groupInput(name string) *elb.CreateTargetGroupInput {
	return &elb.CreateTargetGroupInput{
		Name: &name, Protocol: elbtypes.ProtocolEnumHttp, Port: aws.Int32(80), VpcId: aws.String("vpc-1"), TargetType: elbtypes.TargetTypeEnumIp,
		HealthCheckIntervalSeconds: aws.Int32(5), HealthCheckTimeoutSeconds: aws.Int32(2), HealthyThresholdCount: aws.Int32(2), UnhealthyThresholdCount: aws.Int32(2),
	}
}

func (c *cloud) group(t *testing.T, name string) string {
	t.Helper()
	return *must(t, c.elb.CreateTargetGroup, groupInput(name)).TargetGroups[0].TargetGroupArn
}

func forward(group string) []elbtypes.Action {
	return []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &group}}
}

func fixed(text string) []elbtypes.Action {
	return []elbtypes.Action{{Type: elbtypes.ActionTypeEnumFixedResponse, FixedResponseConfig: &elbtypes.FixedResponseActionConfig{
		StatusCode: aws.String("200"), ContentType: aws.String("text/plain"), MessageBody: &text,
	}}}
}

// listen opens a listener on port 80 of a load balancer and returns its ARN.
func (c *cloud) listen(t *testing.T, balancer string, actions []elbtypes.Action) string {
	t.Helper()
	out := must(t, c.elb.CreateListener, &elb.CreateListenerInput{LoadBalancerArn: &balancer, Port: aws.Int32(80), Protocol: elbtypes.ProtocolEnumHttp, DefaultActions: actions})
	return *out.Listeners[0].ListenerArn
}

// behind makes a load balancer that forwards to a target group, and returns its URL.
func (c *cloud) behind(t *testing.T, name, group string) string {
	t.Helper()
	arn, url := c.balancer(t, name)
	c.listen(t, arn, forward(group))
	return url
}

func target(address string) []elbtypes.TargetDescription {
	return []elbtypes.TargetDescription{{Id: &address, Port: aws.Int32(80)}}
}

func (c *cloud) enlist(t *testing.T, group, address string) {
	t.Helper()
	must(t, c.elb.RegisterTargets, &elb.RegisterTargetsInput{TargetGroupArn: &group, Targets: target(address)})
}

func (c *cloud) dismiss(t *testing.T, group, address string) {
	t.Helper()
	must(t, c.elb.DeregisterTargets, &elb.DeregisterTargetsInput{TargetGroupArn: &group, Targets: target(address)})
}

// health is the state of a target.
func (c *cloud) health(t *testing.T, group, address string) elbtypes.TargetHealth {
	t.Helper()
	out := must(t, c.elb.DescribeTargetHealth, &elb.DescribeTargetHealthInput{TargetGroupArn: &group, Targets: target(address)})
	return *out.TargetHealthDescriptions[0].TargetHealth
}

// becomes waits until a target has a state.
func (c *cloud) becomes(t *testing.T, group, address string, state elbtypes.TargetHealthStateEnum) elbtypes.TargetHealth {
	t.Helper()
	var h elbtypes.TargetHealth
	c.wait(t, address+" to be "+string(state), func() bool {
		h = c.health(t, group, address)
		return h.State == state
	})
	return h
}
