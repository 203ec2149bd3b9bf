package container

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// outputDelay is how long the output of a container is read after its processes were
// killed, in real time: one that has left their process group may hold it open.
const outputDelay = time.Second

// process is a container of [Processes].
type process struct {
	runtime *Processes
	spec    Spec
	command Command
	env     []string
	port    int // where it listens; 0 where the container has no port

	cmd      *exec.Cmd
	copied   chan struct{} // closed when no more output comes
	output   *os.File      // the end of the pipe that is read
	exited   chan struct{}
	exitCode int // set before exited is closed
}

func (p *process) Addr() string            { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port)) }
func (p *process) Exited() <-chan struct{} { return p.exited }
func (p *process) ExitCode() int           { return p.exitCode }

// Terminate implements [Container]. An error means that the process has ended.
func (p *process) Terminate() { _ = terminate(p.cmd.Process) }

// Kill implements [Container].
func (p *process) Kill() {
	select {
	case <-p.exited: // its number may be that of another process by now
	default:
		killGroup(p.cmd.Process)
	}
}

// say writes a line to the container's output, before its process does.
func (p *process) say(format string, args ...any) {
	if p.spec.Output != nil {
		_, _ = fmt.Fprintf(p.spec.Output, format+"\n", args...) // a log that is full or gone stops nobody
	}
}

// start starts the process; await has to follow.
func (p *process) start() error {
	read, write, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("making a pipe: %w", err)
	}
	p.cmd = p.prepare(p.command.Args)
	p.cmd.Stdout, p.cmd.Stderr = write, write
	err = p.runtime.launcher.start(p.cmd)
	_ = write.Close() // the process has its own
	if err != nil {
		_ = read.Close()
		return cannotStart(p.command.Args[0], err)
	}
	p.output, p.copied = read, make(chan struct{})
	return nil
}

// prepare returns a command in the environment of the container.
func (p *process) prepare(args []string) *exec.Cmd {
	cmd := exec.Command(args[0], args[1:]...) //nolint:gosec // G204: running what the user says is the purpose
	cmd.Env, cmd.Dir, cmd.SysProcAttr = p.env, p.command.Dir, ownGroup()
	return cmd
}

// await reads the output and returns after the exit of the process.
func (p *process) await() {
	go func() {
		defer close(p.copied)
		to := p.spec.Output
		if to == nil {
			to = io.Discard
		}
		_, err := io.Copy(to, p.output)
		if err != nil {
			_, _ = io.Copy(io.Discard, p.output) // a process must not block on a log that is gone
		}
	}()
	_ = p.cmd.Wait() // the state says more than the error
	// A container ends with its first process. The number of the group is that process's,
	// which no other has got in this moment: systems go round before they use one again.
	killGroup(p.cmd.Process)
	_ = p.output.SetReadDeadline(time.Now().Add(outputDelay))
	<-p.copied
	_ = p.output.Close()
	p.exitCode = exitCode(p.cmd.ProcessState)
	close(p.exited)
}

// CheckHealth implements [HealthChecker]: it runs the command beside the process, in its
// environment and working directory. See [process.local] for what is changed in it.
func (p *process) CheckHealth(ctx context.Context, command []string) error {
	if len(command) < 2 {
		return fmt.Errorf("the health check %q has no command", command)
	}
	var args []string
	switch command[0] {
	case "CMD":
	case "CMD-SHELL":
		args = append(args, "/bin/sh", "-c")
	default:
		return fmt.Errorf("the health check %q begins neither with CMD nor with CMD-SHELL", command)
	}
	for _, arg := range command[1:] {
		args = append(args, p.local(arg))
	}
	cmd := p.prepare(args)
	if err := p.runtime.launcher.start(cmd); err != nil {
		return fmt.Errorf("running the health check: %w", err)
	}
	ended := make(chan struct{})
	var result error // of the command; valid once ended is closed
	go func() {
		defer close(ended)
		result = cmd.Wait()
	}()
	select {
	case <-ended:
		killGroup(cmd.Process)
		return result
	case <-ctx.Done():
		killGroup(cmd.Process)
		<-ended
		return ctx.Err()
	}
}
