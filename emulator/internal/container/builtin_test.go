package container

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/clock/clocktest"
)

const image = "docker.io/acme/app:v2"

func newRuntime(t *testing.T, speed float64, c Conduct) *Builtin {
	t.Helper()
	b := NewBuiltin(clocktest.New(t, speed), Images{":v2": c})
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return b
}

func start(t *testing.T, b *Builtin) Container {
	t.Helper()
	c, err := b.Start(t.Context(), Spec{Name: "web", Image: image, Digest: Digest(image), Port: 80})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// get is one request on a connection of its own.
func get(ctx context.Context, c Container, path, agent string) (*http.Response, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.Addr()+path, nil)
	if err != nil {
		return nil, "", err
	}
	req.Header.Set("User-Agent", agent)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, "", err
	}
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), errors.Join(err, resp.Body.Close())
}

// serving waits until the container answers.
func serving(t *testing.T, c Container, agent string) {
	t.Helper()
	for {
		_, _, err := get(t.Context(), c, "/", agent)
		if err == nil {
			return
		}
		if t.Context().Err() != nil {
			t.Fatal(err)
		}
	}
}

func exit(t *testing.T, c Container) int {
	t.Helper()
	select {
	case <-c.Exited():
		return c.ExitCode()
	case <-time.After(30 * time.Second):
		t.Fatal("the container does not exit")
		return 0
	}
}

func TestHealthyServesAfterItsStartTime(t *testing.T) {
	t.Parallel()
	b := newRuntime(t, 10, Conduct{StartTime: time.Second})
	began := b.clock.Now()
	c := start(t, b)
	if _, _, err := get(t.Context(), c, "/", "test"); err == nil && b.clock.Since(began) < time.Second {
		t.Error("it answers before its start time is over")
	}
	serving(t, c, "test")
	resp, body, err := get(t.Context(), c, "/any/path", "test")
	if err != nil || resp.StatusCode != http.StatusOK || body != "Hello from "+image+"\n" || resp.Header.Get("X-Image") != image {
		t.Errorf("answer %v %q, %v", resp, body, err)
	}
	c.Terminate()
	if code := exit(t, c); code != 0 {
		t.Errorf("exit code %d after SIGTERM, want 0", code)
	}
	if _, _, err := get(t.Context(), c, "/", "test"); err == nil {
		t.Error("it answers after its exit")
	}
}

func TestSIGTERMFinishesWhatIsInFlight(t *testing.T) {
	t.Parallel()
	b := newRuntime(t, 100, Conduct{StartTime: -1, Latency: 2 * time.Minute})
	c := start(t, b)
	serving(t, c, "ELB-HealthChecker/2.0") // which no latency delays
	answer := make(chan error, 1)
	go func() {
		_, _, err := get(t.Context(), c, "/", "test")
		answer <- err
	}()
	for c.(*server).connections.active() == 0 && len(answer) == 0 {
		time.Sleep(time.Millisecond) // polls for the request's arrival
	}
	c.Terminate()
	if code := exit(t, c); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	if err := <-answer; err != nil {
		t.Errorf("the request in flight: %v", err)
	}
}

func TestSIGTERMServesOnForAWhile(t *testing.T) {
	t.Parallel()
	c := start(t, newRuntime(t, 1, Conduct{StartTime: -1}))
	serving(t, c, "test")
	c.Terminate()
	if _, _, err := get(t.Context(), c, "/", "test"); err != nil {
		t.Errorf("a request that was under way when SIGTERM came: %v", err)
	}
	c.Kill()
	exit(t, c)
}

func TestKill(t *testing.T) {
	t.Parallel()
	b := newRuntime(t, 100, Conduct{StartTime: -1, IgnoreSIGTERM: true})
	c := start(t, b)
	serving(t, c, "test")
	c.Terminate()
	serving(t, c, "test") // still
	c.Kill()
	c.Kill()
	if code := exit(t, c); code != 137 {
		t.Errorf("exit code %d, want 137", code)
	}
}

func TestCrashNeverServes(t *testing.T) {
	t.Parallel()
	b := newRuntime(t, 100, Conduct{Crash: true, CrashAfter: 10 * time.Second, ExitCode: 3})
	c := start(t, b)
	if _, _, err := get(t.Context(), c, "/", "test"); err == nil {
		t.Error("a crashing container answers")
	}
	if code := exit(t, c); code != 3 {
		t.Errorf("exit code %d, want 3", code)
	}
}

func TestCheckHealth(t *testing.T) {
	t.Parallel()
	b := newRuntime(t, 100, Conduct{StartTime: -1})
	c := start(t, b)
	check := func() error { return c.(HealthChecker).CheckHealth(t.Context(), []string{"CMD", "/healthy"}) }
	serving(t, c, "curl/8")
	if err := check(); err != nil {
		t.Errorf("a container that serves: %v", err)
	}
	b.Set(":v2", Conduct{Unhealthy: true})
	if check() == nil {
		t.Error("an unhealthy container passes")
	}
	b.Set(":v2", Conduct{StartTime: time.Hour})
	c = start(t, b)
	if check() == nil {
		t.Error("a container that does not serve yet passes")
	}
}

func TestUnhealthyHoldsItsHealthChecks(t *testing.T) {
	t.Parallel()
	b := newRuntime(t, 100, Conduct{StartTime: -1, Unhealthy: true, HealthPath: "/health"})
	c := start(t, b)
	serving(t, c, "test")
	for _, check := range []struct{ path, agent string }{{"/", "ELB-HealthChecker/2.0"}, {"/health", "test"}} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if _, _, err := get(ctx, c, check.path, check.agent); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("GET %s by %s: %v, want no answer", check.path, check.agent, err)
		}
		cancel()
	}
	b.Set(":v2", Conduct{}) // it recovers
	if _, _, err := get(t.Context(), c, "/health", "ELB-HealthChecker/2.0"); err != nil {
		t.Error(err)
	}
}

func TestPull(t *testing.T) {
	t.Parallel()
	b := newRuntime(t, 100, Conduct{PullTime: 2 * time.Second})
	digest, err := b.Resolve(t.Context(), image)
	if err != nil || digest != Digest(image) || !strings.HasPrefix(digest, "sha256:") {
		t.Fatalf("digest %s, %v", digest, err)
	}
	began := b.clock.Now()
	if err := b.Pull(t.Context(), image, digest); err != nil || b.clock.Since(began) < 2*time.Second {
		t.Errorf("pulled in %s, %v", b.clock.Since(began), err)
	}
	b.Set(image, Conduct{Missing: true})
	want := "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref " + image + ": " + image + ": not found"
	if _, err := b.Resolve(t.Context(), image); err == nil || err.Error() != want {
		t.Errorf("resolving: %v", err)
	}
	if err := b.Pull(t.Context(), image, digest); err == nil || err.Error() != want {
		t.Errorf("pulling: %v", err)
	}
}

func TestImagesByPattern(t *testing.T) {
	t.Parallel()
	conduct := func(code int) Conduct { return Conduct{ExitCode: code} }
	images := Images{
		":v1":                      conduct(1),
		"host:5000/acme/app:v1":    conduct(2),
		"sha256:0123":              conduct(3),
		"acme/exact:v5":            conduct(4),
		Digest("acme/byDigest:v9"): conduct(5),
	}
	for image, want := range map[string]int{
		"acme/app:v1":                           1,
		"host:5000/acme/app:v1":                 2,
		"host:5000/acme/other:v1":               1,
		"acme/app@sha256:0123":                  3,
		"acme/app:v1@sha256:0123":               3,
		"acme/byDigest:v9":                      5,
		"acme/app:v2":                           0,
		"acme/app":                              0,
		"host:5000/acme/app":                    0,
		"acme/app@sha256:4567":                  0,
		"acme/app:v10":                          0,
		"":                                      0,
		"acme/exact@" + Digest("acme/exact:v5"): 4,
		"acme/app@" + Digest("acme/app:v1"):     1,
	} {
		if got := images.conduct(image).ExitCode; got != want {
			t.Errorf("conduct of %q: %d, want %d", image, got, want)
		}
	}
}

func TestCloseKillsAndRefuses(t *testing.T) {
	t.Parallel()
	b := NewBuiltin(clocktest.New(t, 100), Images{":v2": {IgnoreSIGTERM: true, StartTime: -1}})
	c := start(t, b)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if code := exit(t, c); code != 137 {
		t.Errorf("exit code %d, want 137", code)
	}
	if _, err := b.Start(t.Context(), Spec{Image: image}); !errors.Is(err, errClosed) {
		t.Errorf("starting after Close: %v", err)
	}
}

func TestBuiltinTellsOfItsLife(t *testing.T) {
	t.Parallel()
	b := newRuntime(t, 100, Conduct{StartTime: -1})
	b.Set("acme/broken:v3", Conduct{Crash: true, ExitCode: 3})
	for image, want := range map[string]string{
		image:            image + " serves\nSIGTERM: finishing what is in flight\n",
		"acme/broken:v3": "panic: acme/broken:v3 crashes, as it was told to\nexit status 3\n",
	} {
		var out strings.Builder
		c, err := b.Start(t.Context(), Spec{Name: "web", Image: image, Output: &out})
		if err != nil {
			t.Fatal(err)
		}
		if !b.Conduct(image).Crash {
			serving(t, c, "test")
			c.Terminate()
		}
		exit(t, c)
		if got := out.String(); got != want {
			t.Errorf("output %q, want %q", got, want)
		}
	}
}
