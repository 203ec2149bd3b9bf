// Package emulatortest gives a test an AWS of its own, in its process:
//
//	func TestRollout(t *testing.T) {
//		t.Parallel()
//		srv := emulatortest.Start(t, emulator.Options{Speed: 200})
//		srv.SetImage(":bad", emulator.Conduct{Crash: true})
//		cfg := aws.Config{Region: "eu-west-1", BaseEndpoint: aws.String(srv.URL()), ...}
//		...
//		state := emulatortest.State(t, srv, "eu-west-1") // stacks, running images, target health
//		calls := srv.Calls()
//	}
//
// At speed 200, five minutes of AWS take a second and a half.
package emulatortest

import (
	"bytes"
	"context"
	"crypto/rand"
	"runtime/pprof"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/slipway-go/slipway/emulator"
)

// endTime is how long goroutines may take to end after Close: net/http's own end a
// moment after their connections.
const endTime = 10 * time.Second

// label marks the goroutines of one server, whatever else runs in the process: they
// inherit it from the one that calls emulator.Start.
const label = "slipway-emulator"

// Start starts an AWS that is the test's own, on a free port, and closes it with the
// test. The test fails where it does not start or close, and where anything that it
// started is left then: a goroutine, and with it the listener or connection that it
// waits for. The containers of a Runtime of the test's own count, too. It is safe in
// parallel tests.
func Start(t testing.TB, o emulator.Options) *emulator.Server {
	t.Helper()
	return start(t, o, endTime)
}

func start(t testing.TB, o emulator.Options, patience time.Duration) *emulator.Server {
	t.Helper()
	mark := t.Name() + " " + rand.Text()
	var (
		srv *emulator.Server
		err error
	)
	pprof.Do(t.Context(), pprof.Labels(label, mark), func(ctx context.Context) {
		srv, err = emulator.Start(ctx, o)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Errorf("closing the embedded AWS: %v", err)
		}
		if left := remaining(mark, patience); left != "" {
			t.Errorf("the embedded AWS is closed, and these goroutines are left:\n%s", left)
		}
	})
	return srv
}

// State is what there is in a region. It fails the test where that cannot be told.
func State(t testing.TB, srv *emulator.Server, region string) emulator.State {
	t.Helper()
	state, err := srv.State(t.Context(), region)
	if err != nil {
		t.Fatalf("reading the state of %s: %v", region, err)
	}
	return state
}

// remaining waits until no goroutine bears the mark, and returns those that do when
// the patience is over.
func remaining(mark string, patience time.Duration) string {
	deadline := time.Now().Add(patience)
	for poll := time.Millisecond; ; poll = min(2*poll, 100*time.Millisecond) {
		left := marked(mark)
		if left == "" || time.Now().After(deadline) {
			return left
		}
		time.Sleep(poll) // there is nothing that tells of the end of a goroutine
	}
}

// marked are the stacks of the goroutines that bear the mark, as the goroutine profile
// shows them: paragraphs, each with a line of labels.
func marked(mark string) string {
	var profile bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
		return err.Error()
	}
	var found []string
	for paragraph := range strings.SplitSeq(profile.String(), "\n\n") {
		if strings.Contains(paragraph, strconv.Quote(label)+":"+strconv.Quote(mark)) {
			found = append(found, paragraph)
		}
	}
	return strings.Join(found, "\n\n")
}
