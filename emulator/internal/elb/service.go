package elb

import (
	"context"
	"log"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"github.com/slipway-go/slipway/emulator/internal/clock"
	"github.com/slipway-go/slipway/emulator/internal/vpc"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// Service is Elastic Load Balancing: load balancers, target groups and all that
// runs for them. It is safe for concurrent use.
type Service struct {
	clock    *clock.Clock
	network  *vpc.Network
	region   string
	logger   *slog.Logger
	listen   func() (net.Listener, error)
	fails    func(targetGroupARN string, t Target) bool
	onLoss   func(Loss)
	annotate func(Target, http.Header)

	errorLog *log.Logger // of servers and proxies: what clients and targets do wrong
	events   *eventQueue
	probe    *http.Transport // of health checks

	// Everything that runs (sockets, requests, health checks, drains) ends with ctx
	// and is counted by tasks, which is added to under mu, and never once closed.
	ctx   context.Context
	stop  context.CancelFunc
	tasks sync.WaitGroup

	mu     sync.Mutex
	closed bool
	index
	loadBalancers []*loadBalancer // oldest first
	targetGroups  []*targetGroup  // oldest first
	tags          map[string][]Tag
	certificate   *certificate // of all HTTPS listeners; made for the first
}

// New returns a service without any resource. Close it after use.
func New(o Options) *Service {
	if o.Clock == nil {
		o.Clock = clock.New(1)
	}
	if o.Region == "" {
		o.Region = wire.DefaultRegion
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Listen == nil {
		o.Listen = listenOnLoopback
	}
	if o.Annotate == nil {
		o.Annotate = func(Target, http.Header) {}
	}
	if o.FailCheck == nil {
		o.FailCheck = func(string, Target) bool { return false }
	}
	s := &Service{
		clock:    o.Clock,
		network:  o.Network,
		region:   o.Region,
		logger:   o.Logger,
		listen:   o.Listen,
		fails:    o.FailCheck,
		onLoss:   o.OnLoss,
		annotate: o.Annotate,
		errorLog: slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug),
		events:   newEventQueue(o.OnHealth),
		probe:    newProbeTransport(o.Network),
		tags:     map[string][]Tag{},
		index:    newIndex(),
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// Close closes every load balancer, cuts the requests in flight, stops health
// checks and drains, delivers the last health events, and waits for all of it.
func (s *Service) Close() error {
	s.mu.Lock()
	s.closed = true
	for _, lb := range s.loadBalancers {
		lb.close()
	}
	s.mu.Unlock()
	s.stop()
	s.tasks.Wait()
	for _, lb := range s.loadBalancers { // nothing else runs any more
		lb.transport.CloseIdleConnections()
	}
	s.events.close()
	return nil
}

// run starts a task of the service, unless the service is closed. The caller holds
// the lock.
func (s *Service) run(task func()) {
	if !s.closed {
		s.tasks.Go(task)
	}
}
