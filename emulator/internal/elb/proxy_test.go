package elb

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"
)

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
	wantPage(t, w.get(url+"/hang"), 504, "504 Gateway Time-out") // after five real seconds

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
	defer response.Body.Close()
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
		defer conn.Close()
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: %s\r\n\r\n", r.Header.Get("Upgrade"))
		_, _ = io.Copy(conn, buffered) // echo
	}))
	url, tg := w.behind(target)
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
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
