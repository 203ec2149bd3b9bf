// Package emulator is an AWS on one loopback port: CloudFormation, ECS on Fargate and
// Elastic Load Balancing, as far as shipping a container needs them, with a real load
// balancer, real tasks and AWS's own statuses, events and errors.
//
// Any client that speaks to AWS can use it, given its address as endpoint:
//
//	srv, err := emulator.Start(ctx, emulator.Options{Speed: 60})
//	defer srv.Close()
//	cmd.Env = append(os.Environ(), srv.Environment()...)
//
// State lives in memory, apart by region, and ends with Close, unless Options.StateDir
// keeps it. Time is scaled: at speed 60 a rollout of four minutes takes four seconds. One thing differs from AWS
// on purpose: a load balancer's DNSName is "127.0.0.1:PORT", where it really answers.
package emulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/clock"
	"github.com/slipway-go/slipway/emulator/internal/container"
	"github.com/slipway-go/slipway/emulator/internal/registry"
	"github.com/slipway-go/slipway/emulator/internal/vpc"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// DefaultAddr is where `slipway emulate` listens: the port that users of other
// emulators of AWS have in their configuration.
const DefaultAddr = "127.0.0.1:4566"

// Clock is the emulator's time: see [Server.Clock].
type Clock = clock.Clock

// Runtime is what runs in a task; see the field Runtime of [Options].
type Runtime = container.Runtime

// Container is what a [Runtime] starts.
type Container = container.Container

// HealthChecker is a [Container] that runs the health checks of container definitions.
type HealthChecker = container.HealthChecker

// ContainerSpec says what a [Runtime] is to start.
type ContainerSpec = container.Spec

// Conduct is how an image behaves in the built-in runtime.
type Conduct = container.Conduct

// latency is the real time that every answer takes at least. AWS takes longer; an
// answer that comes before the client is through with sending its request makes Go's
// HTTP client close the connection under the answer.
const latency = 2 * time.Millisecond

// Options say what kind of AWS is wanted. The zero value is a fine one.
type Options struct {
	// Addr is the loopback address to listen on. Default: a free port of 127.0.0.1.
	Addr string

	// Speed is how many AWS seconds pass in a real second. Over 1, AWS time stands still
	// while the machine is too busy to run this process, so that nothing is late by what
	// the machine has to do besides. Default: 1.
	Speed float64

	// Runtime starts the containers of tasks. Default: the built-in runtime, an HTTP
	// server in this process for each container, which answers every path with 200 and
	// the name of its image, unless SetImage says otherwise.
	Runtime Runtime

	// Run are the user's own commands, run as processes in place of the images that the
	// patterns of SetImage match; other images stay with the built-in runtime. A process
	// gets its port as PORT; see [Command]. Real processes need real time: any Speed but
	// 1 is refused, and so is a Runtime beside it. Default: none.
	Run map[string]Command

	// StrictImages lets only those images be pulled that PushImage has put into the
	// registry. Without it, every image of a repository that the registry does not know
	// exists.
	StrictImages bool

	// EarlySIGTERM sends SIGTERM to a stopping task when its target begins to drain,
	// as users of Fargate report, instead of when it has drained, as AWS documents.
	EarlySIGTERM bool

	// OnTargetHealth is told every change of a target's health, in order. It must not
	// block. Default: nobody is told.
	OnTargetHealth func(TargetHealth)

	// OnLoss is told every request that a load balancer had no good answer for, or that a
	// target answered with a status of 400 or more, from many goroutines. It must not block.
	// Default: nobody is told.
	OnLoss func(Loss)

	// OnTask is told every change of a task's status, in order for each task. It must not
	// block, nor use the Server. Default: nobody is told.
	OnTask func(TaskChange)

	// ImageHeader has load balancers add the header X-Image to answers that lack it, with
	// the image of the task that answered: the built-in server says it itself, commands of
	// Run need not. A load balancer of AWS's does no such thing.
	ImageHeader bool

	// StateDir is a folder that keeps the state over restarts, so that a process which is
	// killed at any moment loses no operation whose end a client has seen. It is made
	// where it does not exist, and is for one server at a time. After a restart, services
	// start their tasks anew, load balancers listen on their former ports, operations that
	// were in progress are rolled back or go on deleting, and AWS time has gone on.
	// Not kept are log events, faults, calls, images of PushImage, sessions of roles, and
	// policies: what goes on after a restart asks for no permission.
	// Its file has the values of parameters with NoEcho in clear. Default: the state
	// lives in memory and ends with Close.
	StateDir string

	// Logger gets what clients ask for and the emulator does not have. Default: none.
	Logger *slog.Logger
}

// TargetHealth is a change of the health of one target.
type TargetHealth struct {
	Time           time.Time // AWS time
	Region         string
	TargetGroupARN string
	Target         string // "address:port" in the private network
	State          string // initial, healthy, unhealthy, draining, unused
	Reason         string // the API's reason code; empty for a healthy target
}

// Server is a running AWS.
type Server struct {
	options  Options
	clock    *clock.Clock
	network  *vpc.Network
	builtin  *container.Builtin   // nil where the user brought a runtime
	own      *container.Processes // nil without Options.Run
	images   *registry.Registry
	listener net.Listener
	http     *http.Server
	done     chan struct{} // closed when the HTTP server has ended
	faults   faults
	calls    calls
	access   access
	answers  answers
	keeper   *keeper // nil without Options.StateDir
	unwatch  func()  // ends the watch on the clock

	mu       sync.Mutex
	regions  map[string]*region
	closed   bool
	requests sync.WaitGroup // those being answered; none begins once closed is set
}

// Start starts an AWS and returns when it answers. It runs until Close; ctx bounds
// only the start. An address in use gives an error that wraps syscall.EADDRINUSE; a state
// that cannot be kept or gone on with, a *[StateError].
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if err := loopback(o.Addr); err != nil {
		return nil, err
	}
	if err := o.checkRun(); err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.Addr)
	if err != nil {
		return nil, fmt.Errorf("starting the embedded AWS: %w", err)
	}
	s := &Server{
		options: o, clock: clock.New(o.Speed), network: vpc.New(), listener: listener,
		regions: map[string]*region{}, done: make(chan struct{}),
	}
	watched, stop := context.WithCancel(context.WithoutCancel(ctx))
	var watch sync.WaitGroup
	watch.Go(func() { s.clock.Watch(watched) })
	s.unwatch = func() { stop(); watch.Wait() }
	if o.Runtime == nil {
		s.builtin = container.NewBuiltin(s.clock, nil)
		s.options.Runtime = s.builtin
	}
	if len(o.Run) > 0 {
		s.own = container.NewProcesses(o.Run, s.builtin)
		s.options.Runtime = s.own
	}
	s.images = registry.New()
	s.options.Runtime = container.Pulled{Registry: s.images, Runtime: s.options.Runtime, Strict: o.StrictImages}
	if o.StateDir != "" {
		if err := s.restore(); err != nil {
			close(s.done) // nothing has been served
			return nil, errors.Join(&StateError{Dir: o.StateDir, Err: err}, listener.Close(), s.end())
		}
	}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(s.done)
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			o.Logger.Error("the embedded AWS stopped", "error", err)
		}
	}()
	return s, nil
}

// loopback refuses addresses that other machines reach: the emulator asks nobody for
// credentials.
func loopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("starting the embedded AWS on %q: %w; give it as 127.0.0.1:PORT", addr, err)
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("starting the embedded AWS on %q: it serves without credentials, so only on a loopback address such as 127.0.0.1", addr)
}

// URL is the endpoint for clients, "http://127.0.0.1:PORT".
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// SetSpeed makes AWS time pass so many times as fast from now on; what waits already goes
// on to wait as long as it was going to. Commands of Options.Run need speed 1 as soon as
// one of them runs.
func (s *Server) SetSpeed(speed float64) { s.clock.SetSpeed(speed) }

// Clock is the time of this AWS, for whoever waits for it.
func (s *Server) Clock() *Clock { return s.clock }

// SetImage says how the built-in runtime runs an image, from now on. The pattern is
// one reference ("docker.io/acme/app:v2"), a tag of any repository (":v2"), or a
// digest ("sha256:..."). It does nothing where Options.Runtime was given.
func (s *Server) SetImage(pattern string, c Conduct) {
	if s.builtin != nil {
		s.builtin.Set(pattern, c)
	}
}

// Environment are the variables that point AWS's clients to this server, as
// "NAME=value". Any credentials will do; these are as good as others.
func (s *Server) Environment() []string {
	return []string{
		"AWS_ENDPOINT_URL=" + s.URL(),
		"AWS_REGION=" + wire.DefaultRegion,
		"AWS_DEFAULT_REGION=" + wire.DefaultRegion,
		"AWS_ACCESS_KEY_ID=emulator",
		"AWS_SECRET_ACCESS_KEY=emulator",
	}
}

// Close stops everything that runs, load balancers and tasks included, and waits
// until it has ended. Closing again does nothing.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()

	err := s.http.Close()
	<-s.done
	s.ClearFaults()   // no request is held any longer
	s.requests.Wait() // what they start, the services end
	return errors.Join(err, s.end())
}

// end ends all that runs but for the HTTP server. What the services make of their end is
// not kept: a restart goes on from where they were.
func (s *Server) end() error {
	err := s.keeper.end()
	s.mu.Lock()
	regions := s.regions
	s.mu.Unlock()
	for _, r := range regions {
		err = errors.Join(err, r.close())
	}
	if s.own != nil {
		err = errors.Join(err, s.own.Close())
	}
	if s.builtin != nil {
		err = errors.Join(err, s.builtin.Close())
	}
	s.unwatch()
	return errors.Join(err, s.keeper.close())
}

// ServeHTTP answers a request of any service.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, wire.MaxBody)
	answer := time.NewTimer(latency)
	defer answer.Stop()
	if strings.HasPrefix(r.URL.Path, registry.Path) {
		s.images.ServeHTTP(w, r)
		return
	}
	if strings.HasPrefix(r.URL.Path, controlPath) {
		s.control(w, r)
		return
	}
	call, form, err := wire.Identify(r)
	call.RequestID = wire.NewUUID()
	s.calls.add(s.clock.Now(), call)
	if err != nil {
		unknownService().WriteError(w, call, err)
		return
	}
	region := s.enter(call.Region)
	if region == nil {
		http.Error(w, "the embedded AWS is closing", http.StatusServiceUnavailable)
		return
	}
	defer s.requests.Done()
	api, ok := region.apis[call.Service]
	if !ok {
		s.options.Logger.Warn("no such service in the embedded AWS", "service", call.Service, "operation", call.Operation, "path", r.URL.Path)
		unknownService().WriteError(w, call, wire.Errorf("InvalidAction", "The embedded AWS has no service %q (operation %q)", call.Service, call.Operation))
		return
	}
	select {
	case <-answer.C:
		s.answer(w, r, api, call, func(w http.ResponseWriter) { api.Serve(w, r, call, form) })
	case <-r.Context().Done():
	}
}

// unknownService words the errors of requests that belong to no service.
func unknownService() *wire.API {
	return &wire.API{Protocol: wire.Query, Namespace: "http://webservices.amazon.com/AWSFault/2005-15-09"}
}

// enter begins a request, which ends with s.requests.Done, and returns the services of
// its region, made when they are first asked for; nil while the server closes.
func (s *Server) enter(name string) *region {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	r := s.regions[name]
	if r == nil {
		r = newRegion(name, s)
		s.regions[name] = r
	}
	s.requests.Add(1)
	return r
}

// visit returns all regions, and what ends the visit; until then, the server does not
// close them. The latter is nil once the server closes.
func (s *Server) visit() (regions map[string]*region, leave func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, nil
	}
	s.requests.Add(1)
	return maps.Clone(s.regions), s.requests.Done
}
