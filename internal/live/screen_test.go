package live

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"

	"github.com/slipway-go/slipway/deploy"
)

// terminal is a terminal without a window.
type terminal struct{ screen *vt.SafeEmulator }

func newTerminal(width, height int) terminal {
	return terminal{vt.NewSafeEmulator(width, height)} // nobody asks it anything
}

// Write takes text as a terminal driver passes it on: a line feed also returns.
func (o terminal) Write(p []byte) (int, error) {
	_, err := o.screen.Write([]byte(strings.ReplaceAll(strings.ReplaceAll(string(p), "\r\n", "\n"), "\n", "\r\n")))
	return len(p), err
}

// shows waits until the screen is as wanted, without blank lines at its end.
func (o terminal) shows(t *testing.T, want string) {
	t.Helper()
	var got string
	for range 500 {
		var lines []string
		for line := range strings.Lines(ansi.Strip(o.screen.Render())) {
			lines = append(lines, strings.TrimRight(line, " \r\n"))
		}
		if got = strings.TrimRight(strings.Join(lines, "\n"), "\n"); got == want {
			return
		}
		time.Sleep(10 * time.Millisecond) // until the next frame
	}
	t.Errorf("the screen is\n%s\nwant\n%s", got, want)
}

// TestScreen: what is printed stays, what goes on is drawn anew below it, and nothing of
// that is left at the end.
func TestScreen(t *testing.T) {
	t.Parallel()
	term := newTerminal(60, 12)
	fmt.Fprint(term, "$ slipway deploy\n")
	s := start(term, rolling(), tea.WithWindowSize(60, 12))
	const rows = "\n  Web  v1  ███  3 running, 2 of 2 healthy, 1 draining\n       v2  ██░  2 of 3 running, 1 pending, 1 of 2 healthy"
	const head = "shop: rollout  0:30, 0:10 to 1:00 left  Web UPDATE_IN_PROG…"
	term.shows(t, "$ slipway deploy\n"+head+rows)
	if !s.Print("this stays\nand this") || !s.Shown() {
		t.Error("nothing is printed")
	}
	term.shows(t, "$ slipway deploy\nthis stays\nand this\n"+head+rows)
	s.Tell(progress(deploy.DeploymentProgress{Desired: 3, Running: 3}))
	term.shows(t, "$ slipway deploy\nthis stays\nand this\n"+head+"\n  Web  v1  ···  0 running\n       v2  ███  3 of 3 running")
	s.Enter("verify")
	s.Watch(&fixed{requests: 12})
	term.shows(t, "$ slipway deploy\nthis stays\nand this\nshop: verify  0:40\n"+
		"  Web  v1  ···  0 running\n       v2  ███  3 of 3 running\n  load  12 requests, 0 a second, none failed")
	s.Stop()
	s.Stop()
	if s.Shown() || s.Print("too late") {
		t.Error("a screen that has stopped prints")
	}
	fmt.Fprint(term, "done\n")
	term.shows(t, "$ slipway deploy\nthis stays\nand this\ndone")
}

// TestNoScreen: where there is none, all of it does nothing.
func TestNoScreen(t *testing.T) {
	t.Parallel()
	var s *Screen
	s.Tell(deploy.Waiting{})
	s.Enter("read")
	s.Watch(nil)
	s.Stop()
	if s.Shown() || s.Print("text") {
		t.Error("a screen that is not there shows something")
	}
}
