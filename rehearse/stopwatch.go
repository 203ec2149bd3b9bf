package rehearse

import (
	"time"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/report"
)

// stopwatch takes the time of phases that follow each other.
type stopwatch struct {
	clock   deploy.Clock
	began   report.Instant
	started report.Instant // of the phase under way
	phase   string         // "" when none is
	phases  []report.Phase
}

func newStopwatch(clock deploy.Clock) *stopwatch {
	s := &stopwatch{clock: clock}
	s.began = s.now()
	return s
}

func (s *stopwatch) now() report.Instant { return report.Now(s.clock) }

// elapsed is the AWS time since the stopwatch was made.
func (s *stopwatch) elapsed() time.Duration { return s.clock.Now().Sub(s.began.AWS) }

// lap ends the phase under way and begins another.
func (s *stopwatch) lap(phase string) {
	now := s.now()
	if s.phase != "" {
		seconds, wallSeconds := now.Since(s.started)
		s.phases = append(s.phases, report.Phase{Name: s.phase, Seconds: seconds, WallSeconds: wallSeconds})
	}
	s.phase, s.started = phase, now
}

// stop ends the phase under way.
func (s *stopwatch) stop() { s.lap("") }
