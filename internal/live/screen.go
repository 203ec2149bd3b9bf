// Package live shows an operation in a few lines at the bottom of a terminal, which are
// drawn anew as it goes on, below what has been said and stays.
package live

import (
	"io"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/slipway-go/slipway/deploy"
)

// Screen is a [View] on a terminal. It reads nothing from the terminal and leaves signals
// alone. Its methods are safe for concurrent use; after Stop, and of a nil Screen, they do
// nothing.
type Screen struct {
	program *tea.Program
	done    chan struct{} // closed when the terminal is as it was before

	mu      sync.Mutex
	stopped bool
}

// Start shows the view, at the bottom of the terminal that out is. Whoever starts a screen
// stops it. From now on, the view is the screen's.
func Start(out io.Writer, v *View) *Screen { return start(out, v) }

func start(out io.Writer, v *View, more ...tea.ProgramOption) *Screen {
	options := append([]tea.ProgramOption{tea.WithInput(nil), tea.WithOutput(out), tea.WithoutSignalHandler()}, more...)
	s := &Screen{
		program: tea.NewProgram(&model{view: v}, options...),
		done:    make(chan struct{}),
	}
	go func() {
		defer close(s.done)
		// A terminal that cannot be drawn on shows nothing. Whoever prints next finds out.
		_, _ = s.program.Run()
		// The terminal itself has written ^C where there was one, over what was to be erased.
		_, _ = io.WriteString(out, "\r\x1b[2K")
		s.mu.Lock()
		s.stopped = true
		s.mu.Unlock()
	}()
	return s
}

// Shown tells whether the view is on the terminal. That of a nil screen is not.
func (s *Screen) Shown() bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.stopped
}

// Print puts lines above the view, where they stay. It returns false, and has not, where
// the view is not shown.
func (s *Screen) Print(text string) bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopped {
		s.program.Println(text)
	}
	return !s.stopped
}

// Tell has the view take in an event.
func (s *Screen) Tell(e deploy.Event) { s.do(func(v *View) { v.Tell(e) }) }

// Enter has the view begin a part of the operation.
func (s *Screen) Enter(phase string) { s.do(func(v *View) { v.Enter(phase) }) }

// Watch has the view show a load from now on; nil ends that.
func (s *Screen) Watch(c Counter) { s.do(func(v *View) { v.load = rate{counter: c} }) }

func (s *Screen) do(what func(*View)) {
	if s != nil {
		s.program.Send(change(what))
	}
}

// Stop takes the view from the terminal and returns when it is gone.
func (s *Screen) Stop() {
	if s == nil {
		return
	}
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	s.program.Send(hide{})
	s.program.Quit()
	<-s.done
}

// refresh is how often the view is drawn where nothing happens: times go on.
const refresh = 200 * time.Millisecond

// The messages of the program.
type (
	change func(*View)
	hide   struct{}
	tick   time.Time
)

// model is the view as the terminal library has it.
type model struct {
	view          *View
	width, height int
	hidden        bool
}

func (m *model) Init() tea.Cmd { return next() }

func next() tea.Cmd { return tea.Tick(refresh, func(t time.Time) tea.Msg { return tick(t) }) }

func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case change:
		msg(m.view)
	case hide:
		m.hidden = true
	case tick:
		m.view.load.count(time.Time(msg))
		return m, next()
	}
	return m, nil
}

func (m *model) View() tea.View {
	if m.hidden {
		return tea.NewView("")
	}
	return tea.NewView(strings.Join(m.view.Lines(m.width, m.height), "\n"))
}
