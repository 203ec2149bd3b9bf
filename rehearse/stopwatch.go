package rehearse

import (
	"time"

	"github.com/slipway-go/slipway/deploy"
)

// instant is a moment on both clocks.
type instant struct {
	aws, wall time.Time
}

// since is the time between two moments, in seconds on both clocks.
func (i instant) since(earlier instant) (seconds, wallSeconds float64) {
	return i.aws.Sub(earlier.aws).Seconds(), i.wall.Sub(earlier.wall).Seconds()
}

// stopwatch takes the time of phases that follow each other.
type stopwatch struct {
	clock   deploy.Clock
	began   instant
	started instant // of the phase under way
	phase   string  // "" when none is
	phases  []Phase
}

func newStopwatch(clock deploy.Clock) *stopwatch {
	s := &stopwatch{clock: clock}
	s.began = s.now()
	return s
}

func (s *stopwatch) now() instant { return instant{aws: s.clock.Now(), wall: time.Now()} }

// elapsed is the AWS time since the stopwatch was made.
func (s *stopwatch) elapsed() time.Duration { return s.clock.Now().Sub(s.began.aws) }

// lap ends the phase under way and begins another.
func (s *stopwatch) lap(phase string) {
	now := s.now()
	if s.phase != "" {
		seconds, wallSeconds := now.since(s.started)
		s.phases = append(s.phases, Phase{Name: s.phase, Seconds: seconds, WallSeconds: wallSeconds})
	}
	s.phase, s.started = phase, now
}

// stop ends the phase under way.
func (s *stopwatch) stop() { s.lap("") }
