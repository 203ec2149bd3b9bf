// Package fault decides when a fault strikes: at which of its occasions, how often,
// and until when. What a fault does is its user's business.
package fault

import (
	"fmt"
	"math/rand/v2"
	"sync"
)

// When says at which occasions a fault strikes. The zero value means every one.
type When struct {
	Nth         int     // the first occasion that counts, from 1. Default: 1
	Times       int     // how often it strikes. Default: until it is cleared
	Probability float64 // of striking at an occasion that counts. Default: 1
	Seed        uint64  // of the probability: the same seed strikes at the same occasions
}

// Validate refuses what can never strike.
func (w When) Validate() error {
	switch {
	case w.Nth < 0:
		return fmt.Errorf("nth is %d: occasions are counted from 1", w.Nth)
	case w.Times < 0:
		return fmt.Errorf("times is %d: it cannot be negative", w.Times)
	case w.Probability < 0 || w.Probability > 1:
		return fmt.Errorf("probability is %g: it goes from 0 to 1", w.Probability)
	}
	return nil
}

// Trigger is a fault's memory: the occasions it has had and the strikes it has made.
// It is safe for concurrent use.
type Trigger struct {
	when    When
	cleared chan struct{}
	once    sync.Once

	mu                 sync.Mutex
	random             *rand.Rand
	occasions, strikes int
}

// New returns a trigger that has had no occasion yet.
func New(w When) *Trigger {
	//nolint:gosec // G404: repeatable by its seed, which is what it is for
	return &Trigger{when: w, cleared: make(chan struct{}), random: rand.New(rand.NewPCG(w.Seed, 0))}
}

// Strike counts an occasion and reports whether the fault strikes.
func (t *Trigger) Strike() bool {
	select {
	case <-t.cleared:
		return false
	default:
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.occasions++
	if t.occasions < t.when.Nth || t.when.Times > 0 && t.strikes >= t.when.Times {
		return false
	}
	if p := t.when.Probability; p > 0 && t.random.Float64() >= p {
		return false
	}
	t.strikes++
	return true
}

// Counts are how many occasions there were and how many strikes.
func (t *Trigger) Counts() (occasions, strikes int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.occasions, t.strikes
}

// Clear ends the fault: it strikes no more. Clearing again does nothing.
func (t *Trigger) Clear() { t.once.Do(func() { close(t.cleared) }) }

// Cleared is closed by Clear, for what waits until a fault is over.
func (t *Trigger) Cleared() <-chan struct{} { return t.cleared }
