package load

import (
	"fmt"
	"math"
	"time"
)

// Step is a part of a load with a rate of its own.
type Step struct {
	Rate int           // requests per second; 0 is a pause
	For  time.Duration // how long; 0, in the last step only, is until the end of the load
}

// steps paces a load: it is a vegeta.Pacer.
type steps []Step

// CheckSteps refuses steps that cannot be paced.
func CheckSteps(all []Step) error {
	for i, s := range all {
		last := i == len(all)-1
		switch {
		case s.Rate < 0 || s.For < 0:
			return fmt.Errorf("step %d of the load: neither rate nor time can be negative", i+1)
		case s.For == 0 && !last:
			return fmt.Errorf("step %d of the load has no time, which only the last one may have none of", i+1)
		case last && s.For == 0 && s.Rate == 0:
			return fmt.Errorf("step %d of the load is a pause without an end", i+1)
		}
	}
	return nil
}

// Pace says how long to wait until the next request, after so many within so much time.
// Once all steps are over, the last one goes on.
func (p steps) Pace(elapsed time.Duration, hits uint64) (wait time.Duration, stop bool) {
	due := p.due(hits + 1)
	return max(due-elapsed, 0), false
}

// due is when the nth request is to leave.
func (p steps) due(n uint64) time.Duration {
	left, start := float64(n-1), time.Duration(0) // the first one leaves at once
	for i, s := range p {
		last := i == len(p)-1 || s.For == 0
		if fit := float64(s.Rate) * s.For.Seconds(); !last && left >= fit {
			left -= fit
			start += s.For
			continue
		}
		if s.Rate == 0 {
			return math.MaxInt64
		}
		return start + time.Duration(left/float64(s.Rate)*float64(time.Second))
	}
	return start
}

// Rate is how many requests a second there are at a time.
func (p steps) Rate(elapsed time.Duration) float64 {
	for _, s := range p {
		if s.For == 0 || elapsed < s.For {
			return float64(s.Rate)
		}
		elapsed -= s.For
	}
	return float64(p[len(p)-1].Rate)
}
