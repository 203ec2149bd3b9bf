package elb

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/smithy-go"

	"github.com/slipway-go/slipway/emulator/internal/clock/clocktest"
	"github.com/slipway-go/slipway/emulator/internal/vpc"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// world is a service, the network of its targets, and a real client of its API.
type world struct {
	*testing.T
	service *Service
	network *vpc.Network
	client  *elbv2.Client
	health  *healthLog
	losses  chan Loss
}

// newWorld returns a world in which time runs at speed.
func newWorld(t *testing.T, speed float64) *world {
	t.Helper()
	w := &world{T: t, network: vpc.New(), health: newHealthLog(), losses: make(chan Loss, 1000)}
	w.service = New(Options{
		Clock: clocktest.New(t, speed), Network: w.network, OnHealth: w.health.add,
		OnLoss: func(l Loss) { w.losses <- l }, Annotate: func(t Target, h http.Header) { h.Set("X-Target", t.ID) },
	})
	t.Cleanup(func() {
		if err := w.service.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	endpoint := httptest.NewServer(apiHandler(w.service.API()))
	t.Cleanup(endpoint.Close)
	w.client = elbv2.New(elbv2.Options{
		BaseEndpoint: aws.String(endpoint.URL),
		Region:       "us-east-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "secret"}, nil
		}),
		Retryer: aws.NopRetryer{},
	})
	return w
}

func apiHandler(api *wire.API) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call, form, err := wire.Identify(r)
		call.RequestID = "11111111-2222-3333-4444-555555555555"
		if err != nil {
			api.WriteError(w, call, err)
			return
		}
		api.Serve(w, r, call, form)
	})
}

// healthLog keeps all health events and lets tests wait for one.
type healthLog struct {
	mu     sync.Mutex
	events []HealthEvent
	added  chan struct{} // closed, and made anew, with each event
}

func newHealthLog() *healthLog { return &healthLog{added: make(chan struct{})} }

func (l *healthLog) add(e HealthEvent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, e)
	close(l.added)
	l.added = make(chan struct{})
}

// of lists the states that a target went through, with their reasons.
func (l *healthLog) of(target Target) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var states []string
	for _, e := range l.events {
		if e.Target == target {
			states = append(states, strings.TrimSpace(string(e.State)+" "+e.Reason))
		}
	}
	return states
}

// await waits until the target was in the state n times.
func (w *world) await(target Target, state State, n int) HealthEvent {
	w.Helper()
	deadline := time.After(20 * time.Second)
	for {
		w.health.mu.Lock()
		seen, added := 0, w.health.added
		for _, e := range w.health.events {
			if e.Target == target && e.State == state {
				if seen++; seen == n {
					w.health.mu.Unlock()
					return e
				}
			}
		}
		w.health.mu.Unlock()
		select {
		case <-added:
		case <-deadline:
			w.Fatalf("target %v was not %s %d times; it was %v", target, state, n, w.health.of(target))
		}
	}
}

// target serves handler at a private address.
func (w *world) target(handler http.HandlerFunc) Target {
	w.Helper()
	server := httptest.NewServer(handler)
	w.Cleanup(server.Close)
	addr := netip.AddrPortFrom(w.network.Address(), 8080)
	w.network.Bind(addr, server.Listener.Addr().String())
	return Target{ID: addr.Addr().String(), Port: 8080}
}

// loadBalancer creates a load balancer and returns its ARN and URL.
func (w *world) loadBalancer(name string) (arn, url string) {
	w.Helper()
	out, err := w.client.CreateLoadBalancer(w.Context(), &elbv2.CreateLoadBalancerInput{Name: &name, Subnets: []string{"subnet-1", "subnet-2"}})
	if err != nil {
		w.Fatal(err)
	}
	lb := out.LoadBalancers[0]
	return *lb.LoadBalancerArn, "http://" + *lb.DNSName
}

// targetGroup creates a target group with the shortest health check that there is:
// 5 s, 2 s timeout, thresholds of 2. changes may alter the request.
func (w *world) targetGroup(name string, changes ...func(*elbv2.CreateTargetGroupInput)) string {
	w.Helper()
	in := &elbv2.CreateTargetGroupInput{
		Name: &name, Protocol: types.ProtocolEnumHttp, Port: aws.Int32(8080), VpcId: aws.String("vpc-1"), TargetType: types.TargetTypeEnumIp,
		HealthCheckPath: aws.String("/health"), HealthCheckIntervalSeconds: aws.Int32(5), HealthCheckTimeoutSeconds: aws.Int32(2),
		HealthyThresholdCount: aws.Int32(2), UnhealthyThresholdCount: aws.Int32(2),
	}
	for _, change := range changes {
		change(in)
	}
	out, err := w.client.CreateTargetGroup(w.Context(), in)
	if err != nil {
		w.Fatal(err)
	}
	return *out.TargetGroups[0].TargetGroupArn
}

func (w *world) listener(lb string, port int32, action types.Action) string {
	w.Helper()
	out, err := w.client.CreateListener(w.Context(), &elbv2.CreateListenerInput{
		LoadBalancerArn: &lb, Port: &port, Protocol: types.ProtocolEnumHttp, DefaultActions: []types.Action{action},
	})
	if err != nil {
		w.Fatal(err)
	}
	return *out.Listeners[0].ListenerArn
}

func (w *world) setAttribute(targetGroup, key, value string) {
	w.Helper()
	_, err := w.client.ModifyTargetGroupAttributes(w.Context(), &elbv2.ModifyTargetGroupAttributesInput{
		TargetGroupArn: &targetGroup, Attributes: []types.TargetGroupAttribute{{Key: &key, Value: &value}},
	})
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) register(targetGroup string, targets ...Target) {
	w.Helper()
	for _, t := range targets {
		if err := w.service.Register(targetGroup, t, ""); err != nil {
			w.Fatal(err)
		}
	}
}

func (w *world) deregister(targetGroup string, t Target) {
	w.Helper()
	if err := w.service.Deregister(targetGroup, t); err != nil {
		w.Fatal(err)
	}
}

func forwardTo(targetGroup string) types.Action {
	return types.Action{Type: types.ActionTypeEnumForward, TargetGroupArn: &targetGroup}
}

func fixed(status, body string) types.Action {
	return types.Action{Type: types.ActionTypeEnumFixedResponse, FixedResponseConfig: &types.FixedResponseActionConfig{
		StatusCode: &status, MessageBody: &body, ContentType: aws.String("text/plain"),
	}}
}

// behind starts a load balancer on port 80 before a target group with targets, all
// of which must become healthy first.
func (w *world) behind(targets ...Target) (url, targetGroup string) {
	w.Helper()
	lb, url := w.loadBalancer("lb")
	targetGroup = w.targetGroup("tg")
	w.listener(lb, 80, forwardTo(targetGroup))
	w.register(targetGroup, targets...)
	for _, t := range targets {
		w.await(t, Healthy, 1)
	}
	return url, targetGroup
}

// answer is what a client got.
type answer struct {
	status int
	body   string
	header http.Header
}

// get sends a GET over a connection of its own and does not follow redirects.
func (w *world) get(url string) answer {
	w.Helper()
	a, err := fetch(w.Context(), url)
	if err != nil {
		w.Fatal(err)
	}
	return a
}

func fetch(ctx context.Context, url string) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return answer{}, err
	}
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, string(body), response.Header}, err
}

// says answers every request, health checks included, with 200 and text.
func says(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
}

// healthyThen passes health checks and leaves all other requests to handler.
func healthyThen(handler http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/health" {
			handler(w, r)
		}
	}
}

// wantError checks code and message of an API error.
func wantError(t *testing.T, err error, code, message string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Errorf("error = %v, want %s: %s", err, code, message)
		return
	}
	if api.ErrorCode() != code || api.ErrorMessage() != message {
		t.Errorf("error = %s: %s\nwant    %s: %s", api.ErrorCode(), api.ErrorMessage(), code, message)
	}
}
