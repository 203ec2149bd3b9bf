//go:build unix

package cli

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
)

// TestDeploySignalled sends Ctrl-C to a deploy that runs as a process of its own: once, to
// have the rollout cancelled or left to itself, and twice, to have it left.
func TestDeploySignalled(t *testing.T) {
	t.Parallel()
	k := newKiller(t)
	k.srv.SetImage(":slow", emulator.Conduct{PullTime: time.Hour})
	if _, err := k.srv.PushImage("docker.io/acme/shop:slow", emulator.Image{}); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		flags  []string
		twice  bool
		signal syscall.Signal
		code   int // -1 is an end by the signal
		says   string
		status deploy.StackStatus // where the stack is then
	}{
		"cancel":    {[]string{"--on-interrupt", "cancel"}, false, syscall.SIGINT, 4, "slipway: deploying docker.io/acme/shop:slow: stack cancel rolled back: the update was cancelled: it was interrupted", "UPDATE_ROLLBACK_COMPLETE"},
		"terminate": {[]string{"--on-interrupt", "cancel"}, false, syscall.SIGTERM, 4, "rolled back: the update was cancelled: it was interrupted", "UPDATE_ROLLBACK_COMPLETE"},
		"leave":     {[]string{"--on-interrupt", "leave"}, false, syscall.SIGINT, 5, "slipway: interrupted: the operation on stack leave was left running; see how it goes on with: slipway status leave, or take it back with: slipway cancel leave", "UPDATE_IN_PROGRESS"},
		"ask":       {nil, false, syscall.SIGINT, 5, "was left running", "UPDATE_IN_PROGRESS"}, // where nobody can answer
		"twice":     {[]string{"--on-interrupt", "cancel"}, true, syscall.SIGINT, -1, "cancelling the update of stack twice", "UPDATE_ROLLBACK_COMPLETE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := k.create(name); err != nil {
				t.Fatal(err)
			}
			p := k.start(t, name, append([]string{"deploy", name, "docker.io/acme/shop:slow", "--no-resolve"}, tt.flags...)...)
			p.await("new tasks 0/2, 2 pending")
			if tt.twice { // it looks once before it cancels, and has no answer afterwards
				id, err := k.srv.Inject(emulator.FaultLatency{
					FaultCalls: emulator.FaultCalls{Operation: "DescribeStackEvents", AccessKeyID: name}, FaultWhen: emulator.FaultWhen{Nth: 2},
				})
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = k.srv.ClearFault(id) }() // it may be cleared by the server's end
			}
			p.send(tt.signal)
			if tt.twice {
				p.await("cancelling the update, because it was interrupted") // which AWS has begun to do
				p.send(tt.signal)
			}
			if code := p.wait(); code != tt.code {
				t.Errorf("exit code %d, want %d; it says\n%s", code, tt.code, p.said())
			}
			if !strings.Contains(p.said(), tt.says) {
				t.Errorf("it says\n%s\nwant %q", p.said(), tt.says)
			}
			k.awaitStatus(t, name, tt.status)
		})
	}
}

// started is the command as a process of its own.
type started struct {
	t       *testing.T
	process *exec.Cmd
	ended   chan struct{} // its stderr is

	mu   sync.Mutex
	text bytes.Buffer
	more *sync.Cond
}

// start starts the command without a terminal, as a caller with an access key of its own.
func (k *killer) start(t *testing.T, accessKeyID string, args ...string) *started {
	t.Helper()
	p := &started{t: t, process: exec.CommandContext(k.ctx, "slipway", args...), ended: make(chan struct{})}
	p.more = sync.NewCond(&p.mu)
	p.process.Env = append(append(os.Environ(), k.srv.Environment()...), "AWS_ACCESS_KEY_ID="+accessKeyID)
	stderr, err := p.process.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.process.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer p.more.Broadcast()
		defer close(p.ended)
		for r := bufio.NewReader(stderr); ; {
			line, err := r.ReadString('\n')
			p.mu.Lock()
			p.text.WriteString(line)
			p.mu.Unlock()
			p.more.Broadcast()
			if err != nil {
				return // io.EOF, or the process has ended
			}
		}
	}()
	return p
}

// await waits until the process has said something.
func (p *started) await(text string) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for !strings.Contains(p.text.String(), text) {
		select {
		case <-p.ended:
			p.t.Fatalf("it ended without %q:\n%s", text, &p.text)
		default:
		}
		p.more.Wait()
	}
}

func (p *started) send(signal syscall.Signal) {
	p.t.Helper()
	if err := p.process.Process.Signal(signal); err != nil {
		p.t.Fatal(err)
	}
}

// wait returns the exit code; -1 when a signal has ended the process.
func (p *started) wait() int {
	<-p.ended
	_ = p.process.Wait() // its state tells
	return p.process.ProcessState.ExitCode()
}

func (p *started) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// awaitStatus waits until a stack is in a state, in which it stays.
func (k *killer) awaitStatus(t *testing.T, stack string, want deploy.StackStatus) {
	t.Helper()
	for {
		status, err := deploy.New(k.cfg, deploy.Options{}).Status(k.ctx, stack, "")
		if err != nil {
			t.Fatal(err)
		}
		if status.StackStatus == want {
			return
		}
		if !status.StackStatus.InProgress() {
			t.Fatalf("stack %s is %s, want %s", stack, status.StackStatus, want)
		}
		if err := k.srv.Clock().Sleep(k.ctx, time.Second); err != nil {
			t.Fatal(err)
		}
	}
}
