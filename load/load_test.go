package load

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func versionHeader(h http.Header, _ []byte) string { return h.Get("X-Image") }

func TestLoadReachesItsMinimumAndTellsVersions(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		switch n.Add(1) % 10 {
		case 0:
			w.WriteHeader(http.StatusBadGateway)
		case 1:
			// No version: a page of somebody else.
			fmt.Fprintln(w, "hello")
		default:
			w.Header().Set("X-Image", "v1")
			fmt.Fprintln(w, "v1")
		}
	}))
	defer server.Close()

	l, err := Start(t.Context(), Options{URL: server.URL, Rate: 1000, MinRequests: 100, Version: versionHeader})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Wait(t.Context(), 20); err != nil {
		t.Errorf("Wait: %v", err)
	}
	if requests, _ := l.Counts(); requests < 20 {
		t.Errorf("after Wait(20) there are %d requests", requests)
	}
	r := l.Finish()

	if r.Requests() < 100 {
		t.Errorf("Requests() = %d, want at least 100", r.Requests())
	}
	// Every request that the server saw came back and was counted.
	served := int(n.Load())
	if r.Requests() != served {
		t.Errorf("Requests() = %d, the server answered %d", r.Requests(), served)
	}
	if got, want := r.Failures(), (map[Failure]int{"HTTP 502": served / 10}); !cmp.Equal(want, got) {
		t.Errorf("Failures() = %v, want %v", got, want)
	}
	unknown := (served + 9) / 10
	want := map[string]int{UnknownVersion: unknown, "v1": served - served/10 - unknown}
	if got := r.Versions(); !cmp.Equal(want, got) {
		t.Errorf("Versions() = %v, want %v", got, want)
	}
	requests, failed := l.Counts()
	if requests != r.Requests() || failed != r.Failed() {
		t.Errorf("Counts() = %d, %d, want %d, %d", requests, failed, r.Requests(), r.Failed())
	}
	if again := l.Finish(); again.Requests() != r.Requests() {
		t.Errorf("a second Finish has %d requests, the first %d", again.Requests(), r.Requests())
	}
}

func TestLoadKeepsConnections(t *testing.T) {
	t.Parallel()
	var opened atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()

	l, err := Start(t.Context(), Options{URL: server.URL, Rate: 500, MinRequests: 200, MaxWorkers: 4})
	if err != nil {
		t.Fatal(err)
	}
	if r := l.Finish(); r.Failed() != 0 {
		t.Errorf("Failures() = %v, want none", r.Failures())
	}
	if got := opened.Load(); got > 4 {
		t.Errorf("%d connections were opened for 4 workers, want at most 4", got)
	}
}

func TestFailuresByKind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		handler http.HandlerFunc
		want    Failure
	}{
		{"unavailable", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, StatusFailure(503)},
		{"closed", func(w http.ResponseWriter, _ *http.Request) { hijack(w).Close() }, Closed},
		{"closed inside the body", func(w http.ResponseWriter, _ *http.Request) {
			c := hijack(w)
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
			c.Close()
		}, Closed},
		{"reset", func(w http.ResponseWriter, _ *http.Request) {
			c := hijack(w).(*net.TCPConn)
			c.SetLinger(0) // close sends RST
			c.Close()
		}, Reset},
		{"timeout", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, TimedOut},
		{"timeout inside the body", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "10")
			w.WriteHeader(http.StatusOK)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, TimedOut},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(tt.handler)
			defer server.Close()
			timeout := 5 * time.Second
			if tt.want == TimedOut {
				timeout = 50 * time.Millisecond
			}
			requireOnly(t, server.URL, timeout, tt.want)
		})
	}
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		// Port 1 is reserved and nobody listens there. A port that was just closed
		// could be given to another test's server.
		requireOnly(t, "http://127.0.0.1:1/", 5*time.Second, Refused)
	})
}

func hijack(w http.ResponseWriter) net.Conn {
	c, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	return c
}

// requireOnly fails the test unless every request fails in the one way.
func requireOnly(t *testing.T, url string, timeout time.Duration, want Failure) {
	t.Helper()
	l, err := Start(t.Context(), Options{URL: url, Rate: 100, MinRequests: 5, Timeout: timeout, MaxWorkers: 10})
	if err != nil {
		t.Fatal(err)
	}
	r := l.Finish()
	if got := r.Failures(); r.Requests() < 5 || len(got) != 1 || got[want] != r.Requests() {
		t.Errorf("Failures() = %v of %d requests, want all %q", got, r.Requests(), want)
	}
}

func TestRedirectIsAnAnswer(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.RedirectHandler("http://127.0.0.1:1/", http.StatusFound))
	defer server.Close()
	l, err := Start(t.Context(), Options{URL: server.URL, Rate: 100, MinRequests: 3})
	if err != nil {
		t.Fatal(err)
	}
	if r := l.Finish(); r.Failed() != 0 {
		t.Errorf("Failures() = %v, want none", r.Failures())
	}
}

func TestLoadAsksForTheHost(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Image", r.Host)
	}))
	defer server.Close()
	for host, want := range map[string]string{
		"":                       strings.TrimPrefix(server.URL, "http://"),
		"items.example.com":      "items.example.com",
		"items.example.com:8080": "items.example.com:8080",
	} {
		l, err := Start(t.Context(), Options{URL: server.URL, Host: host, Rate: 100, MinRequests: 3, Version: versionHeader})
		if err != nil {
			t.Fatal(err)
		}
		r := l.Finish()
		if diff := cmp.Diff(map[string]int{want: r.Requests()}, r.Versions()); diff != "" {
			t.Errorf("host %q, asked for (-want +got):\n%s", host, diff)
		}
	}
}

func TestEndOfContextEndsTheLoad(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{}, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-r.Context().Done()
	}))
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l, err := Start(ctx, Options{URL: server.URL, Rate: 100, MinRequests: 1_000_000, MaxWorkers: 10})
	if err != nil {
		t.Fatal(err)
	}
	<-arrived
	cancel()
	if err := l.Wait(t.Context(), 1); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait of an ended load: %v, want %v", err, context.Canceled)
	}
	if r := l.Finish(); r.Requests() != 0 {
		t.Errorf("%d requests that were cut short are counted: %v", r.Requests(), r.Failures())
	}
}

func TestStartRefusesWhatItCannotSend(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{
		{},
		{URL: "127.0.0.1:80"},
		{URL: "ftp://example.com/"},
		{URL: "http:///path"},
		{URL: "http://127.0.0.1/", Rate: -1},
		{URL: "http://127.0.0.1/", Host: "http://items.example.com"},
		{URL: "http://127.0.0.1/", Host: "items.example.com/path"},
		{URL: "http://127.0.0.1/", Host: "two names"},
	} {
		if l, err := Start(t.Context(), o); err == nil {
			l.Finish()
			t.Errorf("Start(%+v) has no error", o)
		}
	}
}
