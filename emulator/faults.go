package emulator

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"sync"

	"github.com/slipway-go/slipway/emulator/internal/fault"
)

// Fault is a way in which this AWS fails on demand: [FaultThrottle], [FaultError],
// [FaultCut], [FaultLatency] and [FaultPages] of calls, [FaultResource] of
// CloudFormation, [FaultImage], [FaultTaskKill], [FaultCapacity] and [FaultZone] of
// Fargate, [FaultHealth] of load balancers, and [FaultClock]. See [Server.Inject].
//
// A fault has occasions, which its documentation names, and strikes at those of them
// that its [FaultWhen] says. Where several faults of one kind fit an occasion, they
// are asked in the order of their injection until one strikes.
type Fault interface {
	// Kind is the fault's name for the control endpoint: "throttle", ...
	Kind() string

	validate() error
	occasions() FaultWhen
}

// FaultWhen says at which of its occasions a fault strikes. The zero value means all
// of them until the fault is cleared.
type FaultWhen struct {
	// Nth is the first occasion at which the fault may strike, from 1. Default: 1.
	Nth int `json:"nth,omitempty"`
	// Times is how often the fault strikes. Default: until it is cleared.
	Times int `json:"times,omitempty"`
	// Probability of striking at an occasion, over 0 and up to 1. Default: 1.
	Probability float64 `json:"probability,omitempty"`
	// Seed makes Probability repeatable: with the same seed, a fault strikes at the same
	// occasions. Default: 0, a seed like any other.
	Seed uint64 `json:"seed,omitempty"`
}

func (w FaultWhen) validate() error      { return fault.When(w).Validate() }
func (w FaultWhen) occasions() FaultWhen { return w }

// InjectedFault is a fault that has been injected and not cleared.
type InjectedFault struct {
	ID        string
	Fault     Fault
	Occasions int // how many there were
	Strikes   int // at how many of them it struck
}

// UnknownFaultError says that there is no fault with this ID, or no longer.
type UnknownFaultError struct{ ID string }

func (e *UnknownFaultError) Error() string {
	return fmt.Sprintf("the embedded AWS has no fault %q: it was cleared, or never injected", e.ID)
}

// faults are those of a server. It is safe for concurrent use.
type faults struct {
	mu   sync.Mutex
	last int
	list []*injected
}

type injected struct {
	id      string
	fault   Fault
	trigger *fault.Trigger
	undo    func() // what clearing takes beside the trigger; may be nil

	// Guarded by the mutex of faults:
	checks map[string]int // health checks by target, of a FaultHealth
	calls  bucket         // of a FaultThrottle with a rate
}

// Inject makes this AWS fail from now on, and returns the fault's ID for ClearFault.
// It fails where the fault makes no sense, such as a negative number of times, and
// once the server is closed.
func (s *Server) Inject(f Fault) (id string, err error) {
	if f = valueOf(f); f == nil {
		return "", errors.New("injecting a fault: it is nil")
	}
	if err := errors.Join(f.occasions().validate(), f.validate()); err != nil {
		return "", fmt.Errorf("injecting fault %s: %w", f.Kind(), err)
	}
	regions, leave := s.visit()
	if leave == nil {
		return "", fmt.Errorf("injecting fault %s: the embedded AWS is closed", f.Kind())
	}
	defer leave()
	in := &injected{fault: f, trigger: fault.New(fault.When(f.occasions())), checks: map[string]int{}}
	if undone, ok := f.(reversible); ok {
		in.undo = func() { undone.end(s) } // before anybody can clear the fault
	}
	s.faults.add(in)
	if now, ok := f.(immediate); ok {
		now.begin(s, regions, in)
	}
	return in.id, nil
}

// immediate is a fault that does something when it is injected.
type immediate interface {
	begin(s *Server, regions map[string]*region, in *injected)
}

// reversible is a fault of which something is left to undo when it is cleared.
type reversible interface{ end(s *Server) }

// valueOf is a fault as strikes look for it: a pointer to one is a [Fault] as well. It is
// nil for a nil pointer.
func valueOf(f Fault) Fault {
	v := reflect.ValueOf(f)
	if v.Kind() != reflect.Pointer {
		return f
	}
	if v.IsNil() {
		return nil
	}
	value, _ := v.Elem().Interface().(Fault) // whose methods a pointer has too
	return value
}

// Faults are the faults that have been injected and not cleared, the oldest first.
// Those that will strike no more are among them.
func (s *Server) Faults() []InjectedFault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	shown := make([]InjectedFault, 0, len(s.faults.list))
	for _, in := range s.faults.list {
		occasions, strikes := in.trigger.Counts()
		shown = append(shown, InjectedFault{ID: in.id, Fault: in.fault, Occasions: occasions, Strikes: strikes})
	}
	return shown
}

// ClearFault ends a fault: it strikes no more, and what it holds up goes on. It fails
// with an *[UnknownFaultError].
func (s *Server) ClearFault(id string) error {
	if cleared := s.faults.clear(func(in *injected) bool { return in.id == id }); cleared == 0 {
		return &UnknownFaultError{ID: id}
	}
	return nil
}

// ClearFaults ends all faults.
func (s *Server) ClearFaults() {
	s.faults.clear(func(*injected) bool { return true })
}

func (f *faults) add(in *injected) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	in.id = "fault-" + strconv.Itoa(f.last)
	f.list = append(f.list, in)
}

func (f *faults) clear(which func(*injected) bool) int {
	f.mu.Lock()
	var cleared, kept []*injected
	for _, in := range f.list {
		if which(in) {
			cleared = append(cleared, in)
		} else {
			kept = append(kept, in)
		}
	}
	f.list = kept
	f.mu.Unlock()
	for _, in := range cleared {
		in.trigger.Clear()
		if in.undo != nil {
			in.undo()
		}
	}
	return len(cleared)
}

// strike asks the faults of one kind that fit, in order, and returns the first that
// strikes.
func strike[F Fault](all *faults, fits func(F, *injected) bool) (F, *injected) {
	all.mu.Lock()
	defer all.mu.Unlock()
	for _, in := range all.list {
		if f, ok := in.fault.(F); ok && fits(f, in) && in.trigger.Strike() {
			return f, in
		}
	}
	var none F
	return none, nil
}
