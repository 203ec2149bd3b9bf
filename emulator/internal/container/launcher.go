package container

import (
	"os/exec"
	"runtime"
)

// launcher starts processes from one thread of the operating system, which lives until
// close. On Linux a process can be killed when its parent ends, and the parent is the
// thread that started it, not the process of that thread (prctl(2), PR_SET_PDEATHSIG):
// Go ends threads as it likes.
type launcher struct {
	starts      chan func()
	stop, ended chan struct{}
}

func newLauncher() *launcher {
	l := &launcher{starts: make(chan func()), stop: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(l.ended)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		for {
			select {
			case start := <-l.starts:
				start()
			case <-l.stop:
				return
			}
		}
	}()
	return l
}

// start is cmd.Start, refused after close.
func (l *launcher) start(cmd *exec.Cmd) error {
	result := make(chan error, 1)
	select {
	case l.starts <- func() { result <- cmd.Start() }:
		return <-result
	case <-l.ended:
		return errClosed
	}
}

// close must be called once.
func (l *launcher) close() {
	close(l.stop)
	<-l.ended
}
