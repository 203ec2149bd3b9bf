package emulator_test

import (
	"sync"
	"testing"
	"time"

	"github.com/slipway-go/slipway/emulator"
)

// TestFaultByPointer: a pointer to a fault is a Fault too, and has to strike like one.
func TestFaultByPointer(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{})
	inject(t, srv, &emulator.FaultError{FaultCalls: emulator.FaultCalls{Service: "cloudformation"}})
	if got, want := answered(describeStacks(t, once(srv))), "500 InternalFailure: The request processing has failed because of an unknown error, exception or failure."; got != want {
		t.Errorf("CloudFormation answers %q, want %q", got, want)
	}
	if _, err := srv.Inject((*emulator.FaultClock)(nil)); err == nil {
		t.Error("a nil pointer is injected")
	}
}

// TestFaultClockIsUndone, also where all faults are cleared while it is injected.
func TestFaultClockIsUndone(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{})
	injected := make(chan struct{})
	var clearing sync.WaitGroup
	clearing.Go(func() {
		for {
			select {
			case <-injected:
				return
			default:
				srv.ClearFaults()
			}
		}
	})
	for range 10_000 {
		inject(t, srv, emulator.FaultClock{Jump: 24 * time.Hour})
	}
	close(injected)
	clearing.Wait()
	srv.ClearFaults()
	if ahead := time.Until(srv.Clock().Now()); ahead > time.Hour {
		t.Errorf("the clock is %v ahead", ahead)
	}
}
