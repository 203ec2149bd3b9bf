package container

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Exit codes of a process that was asked to end and did so well, of one that a signal
// ended (128 + 15), and of one that was made to (128 + 9).
const (
	exitGraceful   = 0
	exitTerminated = 143
	exitKilled     = 137
)

// lameDuck is how long the built-in server serves on after SIGTERM before it takes
// nothing new. Where SIGTERM comes while the target only begins to drain, requests that
// its load balancer had sent on before are still under way to it: a server that ends
// well waits for them.
const lameDuck = 5 * time.Second

// server is a container of the built-in runtime.
type server struct {
	runtime  *Builtin
	spec     Spec
	listener *gate
	http     *http.Server

	terminate, kill, exited chan struct{}
	terminating, killing    sync.Once
	exitCode                int // set before exited is closed

	connections connections
}

func newServer(b *Builtin, spec Spec, l net.Listener) *server {
	s := &server{
		runtime: b, spec: spec, listener: &gate{Listener: l},
		terminate: make(chan struct{}), kill: make(chan struct{}), exited: make(chan struct{}),
		connections: connections{states: map[net.Conn]http.ConnState{}, quiet: make(chan struct{}, 1)},
	}
	s.http = &http.Server{Handler: s, ConnState: s.connections.changed} //nolint:gosec // G112: the only client is the emulator's own load balancer
	return s
}

func (s *server) Addr() string            { return s.listener.Addr().String() }
func (s *server) Terminate()              { s.terminating.Do(func() { close(s.terminate) }) }
func (s *server) Kill()                   { s.killing.Do(func() { close(s.kill) }) }
func (s *server) Exited() <-chan struct{} { return s.exited }
func (s *server) ExitCode() int           { return s.exitCode }

// run is the life of the process; it returns after the exit.
func (s *server) run() {
	alive, end := context.WithCancel(context.Background()) // ends every request with the process
	defer end()
	s.http.BaseContext = func(net.Listener) context.Context { return alive }
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.http.Serve(s.listener) // ends with the listener, which we close ourselves
	}()
	s.exitCode = s.live()
	end()
	_ = s.http.Close() // drops what is still connected, as the end of a process does
	<-served
	close(s.exited)
}

// live waits for the start, then for a signal, and returns the exit code.
func (s *server) live() int {
	c := s.runtime.Conduct(s.spec.Image)
	begin := s.runtime.clock.Timer(c.startTime())
	defer begin.Stop()
	serve := begin.C
	if c.Crash && !c.Serves {
		serve = nil
	}
	var crash <-chan time.Time
	if c.Crash {
		timer := s.runtime.clock.Timer(c.crashAfter())
		defer timer.Stop()
		crash = timer.C
	}
	terminate := s.terminate
	for {
		select {
		case <-s.kill:
			return exitKilled
		case <-terminate:
			switch c := s.runtime.Conduct(s.spec.Image); {
			case c.Abrupt:
				return exitTerminated
			case !c.IgnoreSIGTERM:
				s.say("SIGTERM: finishing what is in flight")
				return s.finish()
			}
			s.say("SIGTERM: ignored")
			terminate = nil
		case <-crash:
			s.say("panic: %s crashes, as it was told to", s.spec.Image)
			s.say("exit status %d", c.crashCode())
			return c.crashCode()
		case <-serve:
			s.say("%s serves", s.spec.Image)
			s.listener.serving.Store(true)
		}
	}
}

// say writes a line to the container's output. Only live's goroutine may.
func (s *server) say(format string, args ...any) {
	if s.spec.Output != nil {
		_, _ = fmt.Fprintf(s.spec.Output, format+"\n", args...) // a log that is full or gone stops nobody
	}
}

// finish serves on for lameDuck, then answers what is in flight and takes nothing new.
// It does not use http.Server.Shutdown, which waits up to five seconds for connections
// that never carried a request: at speed 60 that is longer than any stop timeout.
func (s *server) finish() int {
	last := s.runtime.clock.Timer(lameDuck)
	defer last.Stop()
	select {
	case <-s.kill:
		return exitKilled
	case <-last.C:
	}
	_ = s.listener.Close() // no new connections
	s.http.SetKeepAlivesEnabled(false)
	for s.connections.active() > 0 {
		select {
		case <-s.kill:
			return exitKilled
		case <-s.connections.quiet:
		}
	}
	return exitGraceful
}

// ServeHTTP answers as the image's conduct says.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := s.runtime.Conduct(s.spec.Image)
	if c.healthCheck(r) {
		if c.Unhealthy {
			s.hold(r)
		}
	} else if s.runtime.clock.Sleep(r.Context(), c.Latency) != nil {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Image", s.spec.Image)
	if c.HealthStatus != 0 && c.healthCheck(r) {
		w.WriteHeader(c.HealthStatus)
	}
	_, _ = fmt.Fprintf(w, "Hello from %s\n", s.spec.Image) // a client that went away needs no answer
}

// CheckHealth implements [HealthChecker]. There is nothing to run the command in: it
// passes when the process serves, unless the conduct says otherwise.
func (s *server) CheckHealth(ctx context.Context, _ []string) error {
	if !s.listener.serving.Load() || s.runtime.Conduct(s.spec.Image).Unhealthy {
		return errUnhealthy
	}
	return ctx.Err()
}

var errUnhealthy = errors.New("the health check exited with code 1")

// hold keeps a request without an answer until one of the two sides is gone.
func (s *server) hold(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-s.terminate:
	}
	panic(http.ErrAbortHandler) // net/http's way to drop a connection without an answer
}

func (c Conduct) healthCheck(r *http.Request) bool {
	return strings.HasPrefix(r.UserAgent(), "ELB-HealthChecker/") || c.HealthPath != "" && r.URL.Path == c.HealthPath
}

// gate is a listener that resets connections until the process serves, so that the
// port is known from the start and still answers nobody.
type gate struct {
	net.Listener
	serving atomic.Bool
}

// Accept implements [net.Listener].
func (g *gate) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil || g.serving.Load() {
			return conn, err
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a reset instead of an orderly end
		}
		_ = conn.Close()
	}
}

// connections counts the connections that carry a request.
type connections struct {
	mu     sync.Mutex
	states map[net.Conn]http.ConnState
	quiet  chan struct{} // has a value after a connection ceased to carry a request
}

func (c *connections) changed(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	was := c.states[conn]
	if state == http.StateClosed || state == http.StateHijacked {
		delete(c.states, conn)
	} else {
		c.states[conn] = state
	}
	c.mu.Unlock()
	if was == http.StateActive && state != http.StateActive {
		select {
		case c.quiet <- struct{}{}:
		default:
		}
	}
}

func (c *connections) active() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, state := range c.states {
		if state == http.StateActive {
			n++
		}
	}
	return n
}
