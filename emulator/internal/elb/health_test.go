package elb

import (
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"
)

// script answers health checks with statuses, one after the other and the last one
// forever, and records the state in which each check found the target: what all
// checks before it have led to.
type script struct {
	statuses []int
	service  *Service
	group    string
	target   Target

	mu    sync.Mutex
	found []State
	done  chan struct{} // closed with the check after the last status
}

func (s *script) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := len(s.found)
	if at <= len(s.statuses) {
		state, _ := s.service.Health(s.group, s.target)
		s.found = append(s.found, state)
	}
	if at == len(s.statuses) {
		close(s.done)
	}
	w.WriteHeader(s.statuses[min(at, len(s.statuses)-1)])
}

// User guide, "Health checks for Application Load Balancer target groups": a new
// target must pass one check; after that, the thresholds count.
func TestThresholds(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		statuses []int
		want     []State // before each check, and after the last
	}{
		{
			"healthy after one check", []int{200},
			[]State{Initial, Healthy},
		},
		{
			"healthy after a failure and one check", []int{503, 204},
			[]State{Initial, Initial, Healthy},
		},
		{
			"unhealthy from initial", []int{503, 404, 503},
			[]State{Initial, Initial, Unhealthy, Unhealthy},
		},
		{
			"flips", []int{200, 503, 503, 200, 301, 200, 299, 299},
			[]State{Initial, Healthy, Healthy, Unhealthy, Unhealthy, Unhealthy, Healthy, Healthy, Unhealthy},
		},
		{
			"only failures in a row count", []int{200, 503, 200, 503, 200},
			[]State{Initial, Healthy, Healthy, Healthy, Healthy, Healthy},
		},
		{
			"only successes in a row count", []int{503, 503, 200, 200, 503, 200, 200, 200},
			[]State{Initial, Initial, Unhealthy, Unhealthy, Unhealthy, Unhealthy, Unhealthy, Unhealthy, Healthy},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 300)
			lb, _ := w.loadBalancer("lb")
			s := &script{statuses: tc.statuses, service: w.service, done: make(chan struct{})}
			s.group = w.targetGroup("tg", func(in *elbv2.CreateTargetGroupInput) {
				in.HealthyThresholdCount, in.UnhealthyThresholdCount = aws.Int32(3), aws.Int32(2)
				in.Matcher = &types.Matcher{HttpCode: aws.String("200-204,301")}
			})
			s.target = w.target(s.ServeHTTP)
			w.listener(lb, 80, forwardTo(s.group))
			w.register(s.group, s.target)
			<-s.done
			s.mu.Lock()
			defer s.mu.Unlock()
			if diff := cmp.Diff(tc.want, s.found); diff != "" {
				t.Errorf("states (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHealthCheckRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	var request atomic.Value
	target := w.target(func(_ http.ResponseWriter, r *http.Request) {
		request.Store(r.UserAgent() + " " + r.Method + " " + r.Host + r.URL.Path)
	})
	_, tg := w.behind(target)
	if got, want := request.Load(), "ELB-HealthChecker/2.0 GET "+target.addr()+"/health"; got != want {
		t.Errorf("check was %q, want %q", got, want)
	}
	if diff := cmp.Diff([]string{"initial Elb.RegistrationInProgress", "healthy"}, w.health.of(target)); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	if state, reason := w.service.Health(tg, target); state != Healthy || reason != "" {
		t.Errorf("Health = %s %s", state, reason)
	}
}

func TestReasonsOfFailedChecks(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	defer close(stop)
	for _, tc := range []struct {
		name    string
		handler http.HandlerFunc
		reason  string
		text    string
	}{
		{"hangs", func(http.ResponseWriter, *http.Request) { <-stop }, "Target.Timeout", "Request timed out"},
		{"answers otherwise", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, "Target.ResponseCodeMismatch", "Health checks failed with these codes: [503]"},
		{"closes", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "Target.FailedHealthChecks", "Health checks failed"},
		{"refuses", nil, "Target.FailedHealthChecks", "Health checks failed"},
	} {
		w := newWorld(t, 600)
		target := Target{ID: w.network.Address().String(), Port: 8080}
		if tc.handler != nil {
			target = w.target(tc.handler)
		}
		lb, _ := w.loadBalancer("lb")
		tg := w.targetGroup("tg")
		w.listener(lb, 80, forwardTo(tg))
		w.register(tg, target)
		if got := w.await(target, Unhealthy, 1).Reason; got != tc.reason {
			t.Errorf("%s: reason = %s, want %s", tc.name, got, tc.reason)
		}
		if got := aws.ToString(w.describeHealth(tg)[0].TargetHealth.Description); got != tc.text {
			t.Errorf("%s: description = %q, want %q", tc.name, got, tc.text)
		}
	}
}

func TestHealthCheckPort(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	target := w.target(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
	checked := w.target(says("well")) // another server, bound to another port of the same address
	w.network.Bind(addrPort(t, Target{target.ID, 9090}), loopbackOf(t, w, checked))
	lb, _ := w.loadBalancer("lb")
	tg := w.targetGroup("tg", func(in *elbv2.CreateTargetGroupInput) { in.HealthCheckPort = aws.String("9090") })
	w.listener(lb, 80, forwardTo(tg))
	w.register(tg, target)
	w.await(target, Healthy, 1)
	if got := *w.describeHealth(tg)[0].HealthCheckPort; got != "9090" {
		t.Errorf("HealthCheckPort = %s", got)
	}
}

func TestUnusedUntilAttached(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	var checks atomic.Int32
	target := w.target(func(http.ResponseWriter, *http.Request) { checks.Add(1) })
	tg := w.targetGroup("tg")
	w.register(tg, target)
	if state, reason := w.service.Health(tg, target); state != Unused || reason != "Target.NotInUse" {
		t.Errorf("Health = %s %s, want unused Target.NotInUse", state, reason)
	}
	if got := checks.Load(); got != 0 {
		t.Errorf("%d checks before the target group was in use", got)
	}

	lb, _ := w.loadBalancer("lb")
	listener := w.listener(lb, 80, forwardTo(tg))
	w.await(target, Healthy, 1)
	if _, err := w.client.DeleteListener(t.Context(), &elbv2.DeleteListenerInput{ListenerArn: &listener}); err != nil {
		t.Fatal(err)
	}
	w.await(target, Unused, 2)
	w.deregister(tg, target) // nothing to drain
	w.await(target, Unused, 3)
	want := []string{
		"unused Target.NotInUse", "initial Elb.RegistrationInProgress", "healthy", "unused Target.NotInUse", "unused Target.NotRegistered",
	}
	if diff := cmp.Diff(want, w.health.of(target)); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}

// A check that takes longer than its interval delays the next one: there is never
// more than one at a time.
func TestOverrunningCheckDelaysTheNext(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 600) // an interval of 5 s takes 8 ms
	var running, most, checks atomic.Int32
	enough := make(chan struct{})
	target := w.target(func(http.ResponseWriter, *http.Request) {
		if n := running.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer running.Add(-1)
		time.Sleep(20 * time.Millisecond) // the check's own duration
		if checks.Add(1) == 5 {
			close(enough)
		}
	})
	w.behind(target)
	<-enough
	if got := most.Load(); got != 1 {
		t.Errorf("%d checks ran at the same time", got)
	}
}

func TestEventsMayUseTheService(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	states := make(chan State, 10)
	var service *Service
	ready := make(chan struct{})
	service = New(Options{Network: w.network, OnHealth: func(e HealthEvent) {
		<-ready
		state, _ := service.Health(e.TargetGroupARN, e.Target)
		states <- state
	}})
	close(ready)
	out, err := service.CreateTargetGroup(t.Context(), &CreateTargetGroupInput{Name: "tg", Protocol: "HTTP", Port: 80, VpcId: "vpc-1", TargetType: "ip"})
	if err != nil {
		t.Fatal(err)
	}
	if err := service.Register(out.TargetGroups[0].TargetGroupArn, Target{ID: "10.0.0.1"}, ""); err != nil {
		t.Fatal(err)
	}
	if err := service.Close(); err != nil {
		t.Fatal(err)
	}
	if len(states) != 1 || <-states != Unused {
		t.Error("the event of the registration was not delivered before Close returned")
	}
}

func (w *world) describeHealth(targetGroup string) []types.TargetHealthDescription {
	w.Helper()
	out, err := w.client.DescribeTargetHealth(w.Context(), &elbv2.DescribeTargetHealthInput{TargetGroupArn: &targetGroup})
	if err != nil {
		w.Fatal(err)
	}
	return out.TargetHealthDescriptions
}

func addrPort(t *testing.T, target Target) netip.AddrPort {
	t.Helper()
	addr, err := netip.ParseAddrPort(target.addr())
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// loopbackOf is where a target's server really listens.
func loopbackOf(t *testing.T, w *world, target Target) string {
	t.Helper()
	conn, err := w.network.Dial(t.Context(), "tcp", target.addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.RemoteAddr().String()
}
