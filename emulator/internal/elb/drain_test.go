package elb

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// User guide, "Deregistration delay": no new requests, those in flight complete,
// and the state is draining until the delay is over.
func TestDrainingCompletesRequestsInFlight(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	arrived, release := make(chan struct{}), make(chan struct{})
	old := w.target(healthyThen(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-release
		_, _ = io.WriteString(w, "old")
	}))
	url, tg := w.behind(old)
	w.setAttribute(tg, deregistrationDelay, "3600") // a real minute: not over in this test

	slow := make(chan answer, 1)
	go func() {
		a, _ := fetch(context.WithoutCancel(t.Context()), url)
		slow <- a
	}()
	<-arrived
	w.deregister(tg, old)
	if state, reason := w.service.Health(tg, old); state != Draining || reason != "Target.DeregistrationInProgress" {
		t.Errorf("Health = %s %s", state, reason)
	}
	if got := w.get(url); got.status != 503 {
		t.Errorf("a new request got %d while the only target drains, want 503", got.status)
	}
	replacement := w.target(says("new"))
	w.register(tg, replacement)
	w.await(replacement, Healthy, 1)
	if got := w.get(url); got.body != "new" {
		t.Errorf("a new request got %q, want new", got.body)
	}
	close(release)
	if got := <-slow; got.status != 200 || got.body != "old" {
		t.Errorf("the request in flight got %d %q, want 200 old", got.status, got.body)
	}
	if state, _ := w.service.Health(tg, old); state != Draining {
		t.Errorf("state = %s with nothing in flight, want draining until the delay is over", state)
	}
}

func TestDrainEndsWithTheDelay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	arrived := make(chan struct{})
	gone := make(chan struct{})
	target := w.target(healthyThen(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
		_ = http.NewResponseController(w).Flush()
		close(arrived)
		<-r.Context().Done()
		close(gone)
	}))
	url, tg := w.behind(target)
	w.setAttribute(tg, deregistrationDelay, "15")

	cut := make(chan error, 1)
	go func() {
		_, err := fetch(context.WithoutCancel(t.Context()), url)
		cut <- err
	}()
	<-arrived
	w.deregister(tg, target)
	draining, unused := w.await(target, Draining, 1), w.await(target, Unused, 1)
	if took := unused.Time.Sub(draining.Time); took < 15*time.Second {
		t.Errorf("unused after %v, before the delay of 15s", took)
	}
	if err := <-cut; err == nil {
		t.Error("the request in flight was not cut at the end of the delay")
	}
	<-gone
	want := []string{"initial Elb.RegistrationInProgress", "healthy", "draining Target.DeregistrationInProgress", "unused Target.NotRegistered"}
	if diff := cmp.Diff(want, w.health.of(target)); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	if got := w.describeHealth(tg); len(got) != 0 {
		t.Errorf("still described: %v", got)
	}
}

func TestDelayOfZeroIsNoDrain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	target := w.target(says("hi"))
	_, tg := w.behind(target)
	w.setAttribute(tg, deregistrationDelay, "0")
	w.deregister(tg, target)
	if state, reason := w.service.Health(tg, target); state != Unused || reason != "Target.NotRegistered" {
		t.Errorf("Health = %s %s", state, reason)
	}
}

func TestRegisteringADrainingTargetBeginsAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 60)
	target := w.target(says("hi"))
	url, tg := w.behind(target)
	w.setAttribute(tg, deregistrationDelay, "3600")
	w.deregister(tg, target)
	w.deregister(tg, target) // again: nothing happens
	w.register(tg, target)
	w.register(tg, target) // again: nothing happens
	w.await(target, Healthy, 2)
	if got := w.get(url); got.body != "hi" {
		t.Errorf("got %d %q", got.status, got.body)
	}
	want := []string{
		"initial Elb.RegistrationInProgress", "healthy", "draining Target.DeregistrationInProgress",
		"initial Elb.RegistrationInProgress", "healthy",
	}
	if diff := cmp.Diff(want, w.health.of(target)); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}
