package elb

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"
)

func TestRoundRobin(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	url, _ := w.behind(w.target(says("a")), w.target(says("b")), w.target(says("c")))
	counts := map[string]int{}
	for range 12 {
		counts[w.get(url).body]++
	}
	if diff := cmp.Diff(map[string]int{"a": 4, "b": 4, "c": 4}, counts); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

// User guide, "Target group health": with no healthy target, all registered ones
// get requests ("fail open"), but never one that drains.
func TestFailOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	sick := func(name string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/health" {
				w.WriteHeader(500)
			}
			_, _ = io.WriteString(w, name)
		}
	}
	a, b, c := w.target(sick("a")), w.target(sick("b")), w.target(says("c"))
	url, tg := w.behind()
	w.register(tg, a, b)
	w.await(a, Unhealthy, 1)
	w.await(b, Unhealthy, 1)
	counts := map[string]int{}
	for range 4 {
		counts[w.get(url).body]++
	}
	if diff := cmp.Diff(map[string]int{"a": 2, "b": 2}, counts); diff != "" {
		t.Errorf("with none healthy (-want +got):\n%s", diff)
	}
	w.deregister(tg, b)
	if got := w.get(url).body; got != "a" {
		t.Errorf("got %q while b drains, want a", got)
	}
	w.register(tg, c)
	w.await(c, Healthy, 1)
	for range 3 {
		if got := w.get(url).body; got != "c" {
			t.Errorf("got %q with c healthy, want c", got)
		}
	}
}

func TestTargetRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	type seen struct {
		Method, Host, URI, Body string
		Header                  http.Header
	}
	requests := make(chan seen, 1)
	url, _ := w.behind(w.target(healthyThen(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		requests <- seen{r.Method, r.Host, r.RequestURI, string(body), r.Header}
	})))

	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/a%2Fb?x=1;y=%zz", strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "shop.example.com"
	request.Header.Set("X-Forwarded-For", "203.0.113.7")
	request.Header.Set("X-Forwarded-Proto", "https")
	request.Header.Set("X-Forwarded-Host", "outer.example.com")
	request.Header.Set("X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678")
	request.Header.Set("User-Agent", "test")
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()

	got := <-requests
	trace := got.Header.Get("X-Amzn-Trace-Id")
	if !regexp.MustCompile(`^Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-67891233-abcdef012345678912345678$`).MatchString(trace) {
		t.Errorf("X-Amzn-Trace-Id = %q", trace)
	}
	want := seen{
		Method: "POST", Host: "shop.example.com", URI: "/a%2Fb?x=1;y=%zz", Body: "body",
		Header: http.Header{
			"X-Forwarded-For":   {"203.0.113.7, 127.0.0.1"},
			"X-Forwarded-Proto": {"http"},
			"X-Forwarded-Port":  {"80"},
			"X-Forwarded-Host":  {"outer.example.com"},
			"X-Amzn-Trace-Id":   {trace},
			"User-Agent":        {"test"},
			"Accept-Encoding":   {"gzip"},
			"Content-Length":    {"4"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("request at the target (-want +got):\n%s", diff)
	}
}

func TestForwardedFor(t *testing.T) {
	for _, tc := range []struct {
		mode  string
		port  bool
		given []string
		want  string
	}{
		{mode: "append", want: "192.0.2.1"},
		{mode: "append", port: true, want: "192.0.2.1:1234"},
		{mode: "append", given: []string{"203.0.113.7", "203.0.113.8"}, want: "203.0.113.7, 203.0.113.8, 192.0.2.1"},
		{mode: "preserve", given: []string{"203.0.113.7"}, want: "203.0.113.7"},
		{mode: "preserve"},
		{mode: "remove", given: []string{"203.0.113.7"}},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil) // from 192.0.2.1:1234
		r.Header["X-Forwarded-For"] = tc.given
		x := &exchange{forwardedFor: tc.mode, forwardedPort: tc.port}
		if got := x.forwardedForOf(r); got != tc.want {
			t.Errorf("%+v: got %q", tc, got)
		}
	}
}

func TestHTTPSTargets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	server := httptest.NewTLSServer(says("secret"))
	t.Cleanup(server.Close)
	target := Target{ID: w.network.Address().String(), Port: 8443}
	w.network.Bind(addrPort(t, target), server.Listener.Addr().String())
	lb, url := w.loadBalancer("lb")
	tg := w.targetGroup("tg", func(in *elbv2.CreateTargetGroupInput) {
		in.Protocol, in.HealthCheckProtocol = types.ProtocolEnumHttps, types.ProtocolEnumHttps
	})
	w.listener(lb, 80, forwardTo(tg))
	w.register(tg, target)
	w.await(target, Healthy, 1)
	if got := w.get(url).body; got != "secret" {
		t.Errorf("got %q", got)
	}
}

func TestLeastOutstandingRequests(t *testing.T) {
	tg := &targetGroup{attributes: newAttributes("Target group", targetGroupSettings())}
	tg.attributes.values[loadBalancing] = "least_outstanding_requests"
	busy, idle := &registration{inFlight: 2}, &registration{inFlight: 1}
	if got := tg.byAlgorithm([]*registration{busy, idle}); got != idle {
		t.Error("chose the target with more requests in flight")
	}
}

func TestGatewayErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	var calls atomic.Int32
	target := w.target(healthyThen(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		switch r.URL.Path {
		case "/close":
			panic(http.ErrAbortHandler)
		case "/hang":
			select {
			case <-stop:
			case <-r.Context().Done():
			}
		case "/nonsense":
			conn, _, _ := http.NewResponseController(w).Hijack()
			_, _ = io.WriteString(conn, "nonsense\r\n\r\n")
			_ = conn.Close()
		}
	}))
	url, tg := w.behind(target)

	if got := w.get(url + "/ok").status; got != 200 {
		t.Fatalf("status = %d", got)
	}
	calls.Store(0)
	wantPage(t, w.get(url+"/close"), 502, "502 Bad Gateway")
	if got := calls.Load(); got != 1 {
		t.Errorf("the request whose connection was closed was sent %d times, want once as by an ALB", got)
	}
	wantPage(t, w.get(url+"/nonsense"), 502, "502 Bad Gateway")
	wantPage(t, w.get(url+"/hang"), 504, "504 Gateway Time-out") // after a real second

	w.network.Unbind(addrPort(t, target))
	w.client502(url, target)
	w.setAttribute(tg, deregistrationDelay, "0")
	w.deregister(tg, target)
	wantPage(t, w.get(url), 503, "503 Service Temporarily Unavailable")
}

// client502 wants 502 from a target that refuses connections.
func (w *world) client502(url string, target Target) {
	w.Helper()
	w.await(target, Unhealthy, 1) // fail-open still sends to it
	// Connections that are kept alive still work: they are not what is tested.
	w.service.mu.Lock()
	w.service.loadBalancers[0].transport.CloseIdleConnections()
	w.service.mu.Unlock()
	wantPage(w.T, w.get(url), 502, "502 Bad Gateway")
}

func wantPage(t *testing.T, got answer, status int, title string) {
	t.Helper()
	if got.status != status || !strings.Contains(got.body, "<center><h1>"+title+"</h1></center>") {
		t.Errorf("got %d %q, want the page of %q", got.status, got.body, title)
	}
	if server := got.header.Get("Server"); server != "awselb/2.0" {
		t.Errorf("Server = %q", server)
	}
}

func TestRulesByPriority(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	lb, url := w.loadBalancer("lb")
	listener := w.listener(lb, 80, fixed("404", "default"))
	rule := func(priority int32, path string, action types.Action) string {
		out, err := w.client.CreateRule(t.Context(), &elbv2.CreateRuleInput{
			ListenerArn: &listener, Priority: &priority, Actions: []types.Action{action},
			Conditions: []types.RuleCondition{{Field: aws.String("path-pattern"), PathPatternConfig: &types.PathPatternConditionConfig{Values: []string{path}}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return *out.Rules[0].RuleArn
	}
	all := rule(20, "*", fixed("200", "all"))
	api := rule(10, "/api/*", fixed("201", "api"))
	for path, want := range map[string]string{"/api/x": "201 api", "/other": "200 all"} {
		if a := w.get(url + path); fmt.Sprint(a.status, " ", a.body) != want {
			t.Errorf("%s: got %d %q, want %s", path, a.status, a.body, want)
		}
	}
	_, err := w.client.SetRulePriorities(t.Context(), &elbv2.SetRulePrioritiesInput{RulePriorities: []types.RulePriorityPair{
		{RuleArn: &all, Priority: aws.Int32(10)}, {RuleArn: &api, Priority: aws.Int32(20)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if a := w.get(url + "/api/x"); a.body != "all" {
		t.Errorf("after swapping priorities: got %q, want all", a.body)
	}
	for _, arn := range []string{all, api} {
		if _, err := w.client.DeleteRule(t.Context(), &elbv2.DeleteRuleInput{RuleArn: &arn}); err != nil {
			t.Fatal(err)
		}
	}
	a := w.get(url)
	if a.status != 404 || a.body != "default" || a.header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("default action: got %d %q %q", a.status, a.body, a.header.Get("Content-Type"))
	}
}

func TestRedirect(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	lb, url := w.loadBalancer("lb")
	host := strings.TrimPrefix(url, "http://")
	listener := w.listener(lb, 80, types.Action{Type: types.ActionTypeEnumRedirect, RedirectConfig: &types.RedirectActionConfig{
		StatusCode: types.RedirectActionStatusCodeEnumHttp301, Protocol: aws.String("HTTPS"), Port: aws.String("443"),
	}})
	redirectsTo := func(want string) {
		t.Helper()
		a := w.get(url + "/a%20b?x=1&y=2")
		if got := a.header.Get("Location"); got != want || a.status != 301 {
			t.Errorf("got %d %s, want 301 %s", a.status, got, want)
		}
	}
	redirectsTo("https://127.0.0.1:443/a%20b?x=1&y=2")

	out, err := w.client.CreateListener(t.Context(), &elbv2.CreateListenerInput{
		LoadBalancerArn: &lb, Port: aws.Int32(443), Protocol: types.ProtocolEnumHttps,
		Certificates:   []types.Certificate{{CertificateArn: aws.String("arn:aws:acm:us-east-1:123456789012:certificate/1")}},
		DefaultActions: []types.Action{fixed("200", "secure")},
	})
	if err != nil {
		t.Fatal(err)
	}
	secure, ok := w.service.ListenerAddr(*out.Listeners[0].ListenerArn)
	if !ok {
		t.Fatal("the HTTPS listener has no address")
	}
	redirectsTo("https://" + secure + "/a%20b?x=1&y=2")
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true,
	}}
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if string(body) != "secure" {
		t.Errorf("followed to %q, want secure", body)
	}

	_, err = w.client.ModifyListener(t.Context(), &elbv2.ModifyListenerInput{ListenerArn: &listener, DefaultActions: []types.Action{{
		Type: types.ActionTypeEnumRedirect, RedirectConfig: &types.RedirectActionConfig{
			StatusCode: types.RedirectActionStatusCodeEnumHttp301, Host: aws.String("www.#{host}"), Path: aws.String("/new/#{path}"), Query: aws.String("from=#{port}"),
		},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	redirectsTo("http://www." + hostname(host) + ":80/new/a%20b?from=80")
}

func TestWeightedForward(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	lb, url := w.loadBalancer("lb")
	blue, green := w.targetGroup("blue"), w.targetGroup("green")
	weights := func(b, g int32) types.Action {
		return types.Action{Type: types.ActionTypeEnumForward, ForwardConfig: &types.ForwardActionConfig{TargetGroups: []types.TargetGroupTuple{
			{TargetGroupArn: &blue, Weight: &b}, {TargetGroupArn: &green, Weight: &g},
		}}}
	}
	listener := w.listener(lb, 80, weights(1, 1))
	b, g := w.target(says("blue")), w.target(says("green"))
	w.register(blue, b)
	w.register(green, g)
	w.await(b, Healthy, 1)
	w.await(g, Healthy, 1)
	seen := map[string]bool{}
	for range 100 { // both are missed with a probability of 2^-99
		seen[w.get(url).body] = true
	}
	if diff := cmp.Diff(map[string]bool{"blue": true, "green": true}, seen); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	if _, err := w.client.ModifyListener(t.Context(), &elbv2.ModifyListenerInput{ListenerArn: &listener, DefaultActions: []types.Action{weights(0, 10)}}); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if got := w.get(url).body; got != "green" {
			t.Fatalf("got %q from a target group of weight 0", got)
		}
	}
}

func TestStickySession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1) // cookies expire in real time
	url, tg := w.behind(w.target(says("a")), w.target(says("b")))
	w.setAttribute(tg, stickiness, "true")
	first := w.get(url)
	cookie, _, _ := strings.Cut(first.header.Get("Set-Cookie"), ";")
	if !strings.HasPrefix(cookie, "AWSALB=") {
		t.Fatalf("Set-Cookie = %q", first.header.Get("Set-Cookie"))
	}
	for range 4 {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Cookie", cookie)
		response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if string(body) != first.body {
			t.Fatalf("got %q, want the first target, %q", body, first.body)
		}
	}
}

func TestStreaming(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	more := make(chan struct{})
	url, _ := w.behind(w.target(healthyThen(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "first\n")
		_ = http.NewResponseController(w).Flush()
		<-more
		_, _ = io.WriteString(w, "second\n")
	})))
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // read to its end
	body := bufio.NewReader(response.Body)
	for _, want := range []string{"first\n", "second\n"} {
		if got, err := body.ReadString('\n'); got != want {
			t.Fatalf("read %q, %v, want %q", got, err, want)
		}
		if want == "first\n" {
			close(more) // only once the first line is here
		}
	}
}

func TestUpgrade(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	ended := make(chan struct{})
	target := w.target(healthyThen(func(w http.ResponseWriter, r *http.Request) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer close(ended)
		defer conn.Close() //nolint:errcheck // the end of the test
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: %s\r\n\r\n", r.Header.Get("Upgrade"))
		_, _ = io.Copy(conn, buffered) // echo
	}))
	url, tg := w.behind(target)
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // the end of the test
	_, _ = io.WriteString(conn, "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, nil)
	if err != nil || response.StatusCode != 101 {
		t.Fatalf("response %v, %v", response, err)
	}
	_, _ = io.WriteString(conn, "ping\n")
	if got, err := reader.ReadString('\n'); got != "ping\n" {
		t.Fatalf("echo = %q, %v", got, err)
	}
	w.setAttribute(tg, deregistrationDelay, "0")
	w.deregister(tg, target) // cuts what is open
	<-ended
	if _, err := reader.ReadByte(); err == nil {
		t.Error("the connection outlived its target")
	}
}

func TestOwnPortsOfListeners(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	lb, url := w.loadBalancer("lb")
	if a, err := fetch(t.Context(), url); err == nil {
		t.Errorf("a load balancer without a listener answered %d", a.status)
	}
	second := w.listener(lb, 8080, fixed("200", "8080"))
	if got := w.get(url).body; got != "8080" {
		t.Errorf("the only listener answered %q", got)
	}
	first := w.listener(lb, 80, fixed("200", "80"))
	if got := w.get(url).body; got != "80" {
		t.Errorf("DNSName leads to listener %q, want 80", got)
	}
	for arn, want := range map[string]string{first: "80", second: "8080"} {
		addr, _ := w.service.ListenerAddr(arn)
		if got := w.get("http://" + addr).body; got != want {
			t.Errorf("listener %s answered %q", want, got)
		}
	}
	if _, err := w.client.DeleteLoadBalancer(t.Context(), &elbv2.DeleteLoadBalancerInput{LoadBalancerArn: &lb}); err != nil {
		t.Fatal(err)
	}
	if a, err := fetch(t.Context(), url); err == nil {
		t.Errorf("a deleted load balancer answered %d", a.status)
	}
}

func TestCloseCutsRequestsInFlight(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	arrived := make(chan struct{})
	url, _ := w.behind(w.target(healthyThen(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	})))
	cut := make(chan error, 1)
	go func() {
		_, err := fetch(context.WithoutCancel(t.Context()), url)
		cut <- err
	}()
	<-arrived
	if err := w.service.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-cut; err == nil {
		t.Error("the request in flight was answered")
	}
}
