package elb

import (
	"io"
	"net/http"
	"testing"
	"time"
)

// TestLosses: each request without a good answer is told, with what the client got and why.
func TestLosses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	entered, leave := make(chan struct{}), make(chan struct{})
	target := w.target(healthyThen(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/close":
			panic(http.ErrAbortHandler)
		case "/half":
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		case "/nonsense":
			conn, _, _ := http.NewResponseController(w).Hijack()
			_, _ = io.WriteString(conn, "nonsense\r\n\r\n")
			_ = conn.Close()
		case "/error":
			w.WriteHeader(http.StatusInternalServerError)
		case "/wait":
			close(entered)
			select {
			case <-leave:
			case <-r.Context().Done():
			}
		}
	}))
	t.Cleanup(func() { close(leave) })
	url, tg := w.behind(target)

	wants := func(cause Cause, status int, of Target) {
		t.Helper()
		select {
		case l := <-w.losses:
			if l.Cause != cause || l.Status != status || l.Target != of || l.Time.IsZero() || l.TargetGroupARN != tg {
				t.Errorf("the loss is %+v; want %s, status %d", l, cause, status)
			}
		case <-time.After(10 * time.Second):
			t.Errorf("no loss is told; want %s", cause)
		}
	}
	if got := w.get(url + "/ok"); got.header.Get("X-Target") != target.ID {
		t.Errorf("headers %v; want that of Annotate among them", got.header)
	}
	w.get(url + "/close")
	wants(Closed, 502, target)
	w.get(url + "/nonsense")
	wants(Garbled, 502, target)
	w.get(url + "/error")
	wants(Answered, 500, target)
	if response, err := http.Get(url + "/half"); err == nil {
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
	wants(Closed, 0, target)

	done := make(chan struct{})
	go func() { defer close(done); w.get(url + "/wait") }()
	<-entered
	w.setAttribute(tg, deregistrationDelay, "1")
	w.deregister(tg, target)
	<-done
	wants(Cut, 502, target)
	w.get(url)
	wants(NoTarget, 503, Target{})
	if len(w.losses) > 0 {
		t.Errorf("another loss is told: %+v", <-w.losses)
	}
}
