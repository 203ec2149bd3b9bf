package elb

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// What the rest of the emulator rests on: a target replaced as ECS does it, under
// load over kept connections, costs no request.
func TestReplacingATargetLosesNoRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	old := w.target(says("old"))
	url, tg := w.behind(old)
	w.setAttribute(tg, deregistrationDelay, "15")

	ctx, stop := context.WithCancel(t.Context())
	var clients sync.WaitGroup
	var mu sync.Mutex
	bodies := map[string]int{}
	answered := map[string]chan struct{}{"old": make(chan struct{}), "new": make(chan struct{})}
	transport := &http.Transport{MaxIdleConnsPerHost: 4}
	defer transport.CloseIdleConnections()
	for range 4 {
		clients.Go(func() {
			for ctx.Err() == nil {
				body, err := read(t.Context(), transport, url)
				if err != nil {
					t.Errorf("a request was lost: %v", err)
					return
				}
				mu.Lock()
				if bodies[body]++; bodies[body] == 1 && answered[body] != nil {
					close(answered[body])
				}
				mu.Unlock()
			}
		})
	}
	<-answered["old"] // the load is on
	replacement := w.target(says("new"))
	w.register(tg, replacement)
	w.await(replacement, Healthy, 1)
	w.deregister(tg, old)
	w.await(old, Unused, 1)
	w.network.Unbind(addrPort(t, old))
	for range 50 { // some more, with the old one gone
		body, err := read(t.Context(), transport, url)
		if err != nil || body != "new" {
			t.Fatalf("got %q, %v after the rollout", body, err)
		}
	}
	<-answered["new"]
	stop()
	clients.Wait()
	if len(bodies) != 2 {
		t.Errorf("answers by version: %v", bodies)
	}
}

func read(ctx context.Context, transport http.RoundTripper, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusOK {
		return response.Status, err
	}
	return string(body), err
}

// Not parallel: it looks at all goroutines of the process.
func TestCloseLeavesNoGoroutine(t *testing.T) {
	w := newWorld(t, 60)
	url, tg := w.behind(w.target(says("a")), w.target(says("b")))
	w.get(url)
	w.deregister(tg, w.target(says("c"))) // not registered: nothing to leave behind
	if err := w.service.Close(); err != nil {
		t.Fatal(err)
	}
	// Connections end on their own shortly after they are closed.
	var stacks string
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		buf := make([]byte, 1<<20)
		stacks = string(buf[:runtime.Stack(buf, true)])
		if !strings.Contains(stacks, "elb.(*Service)") && !strings.Contains(stacks, "elb.(*idleConn)") && !strings.Contains(stacks, "elb.(*eventQueue)") {
			return
		}
	}
	t.Errorf("left after Close:\n%s", stacks)
}
