package ecs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/clock"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// Service is Amazon ECS in one region. It is safe for concurrent use.
type Service struct {
	options Options

	// life ends with Close; tasks and schedulers live within it.
	life context.Context
	end  context.CancelFunc
	work sync.WaitGroup

	// mu guards all that follows and everything that hangs on it: clusters, services,
	// deployments and tasks. It is never held over input, output or a wait.
	mu       sync.Mutex
	clusters map[string]*cluster
	families map[string]*family
	tags     map[string][]Tag // by ARN
	alarms   map[string]bool  // CloudWatch alarms by name: in state ALARM
	changed  notice           // of any service or task
}

// New returns a service without clusters.
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
	if o.Faults == nil {
		o.Faults = noFaults{zone: o.Region + "a"}
	}
	if o.Settled == nil {
		o.Settled = func() {}
	}
	s := &Service{
		options:  o,
		clusters: map[string]*cluster{},
		families: map[string]*family{},
		tags:     map[string][]Tag{},
		alarms:   map[string]bool{},
	}
	s.life, s.end = context.WithCancel(context.Background())
	return s
}

// Close kills all tasks, ends all schedulers and waits for them.
func (s *Service) Close() error {
	s.mu.Lock() // nothing is started between the end and the wait
	s.end()
	s.mu.Unlock()
	s.work.Wait()
	return nil
}

// spawn runs a task or a scheduler until it ends by itself or life does. The mutex is held.
func (s *Service) spawn(run func()) {
	if s.life.Err() == nil {
		s.work.Go(run)
	}
}

func (s *Service) now() time.Time { return s.options.Clock.Now() }
