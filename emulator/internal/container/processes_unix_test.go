//go:build unix

package container

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/clock"
)

// TestMain makes the test binary the program of the containers, so that the tests need
// no other: ROLE says what it does.
func TestMain(m *testing.M) {
	role := os.Getenv("ROLE")
	if role == "" {
		os.Exit(m.Run())
	}
	fmt.Println("role", role, strings.Join(os.Args[1:], " "))
	switch role {
	case "serve", "stubborn":
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGTERM)
		go func() {
			_ = http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintln(w, strings.Join(os.Environ(), "\n"))
			}))
		}()
		for range signals {
			if role == "serve" {
				fmt.Println("goodbye")
				os.Exit(3)
			}
		}
	case "child": // has a process of its own, and tells its number
		child := exec.Command("sleep", "1000")
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println("pid", child.Process.Pid)
		if os.Getenv("WAITS") != "" {
			_ = child.Wait()
		}
	case "emulator": // has a container, which it leaves behind when it is killed
		p := NewProcesses(map[string]Command{image: {Args: []string{"sleep", "1000"}}}, nil)
		c, err := p.Start(context.Background(), Spec{Image: image})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println("container", c.(*process).cmd.Process.Pid)
		select {}
	}
	os.Exit(0)
}

// output is a container's output, safe to read while the container runs.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// newProcesses returns a runtime in which the image is this test binary.
func newProcesses(t *testing.T, args ...string) *Processes {
	t.Helper()
	rest := NewBuiltin(clock.New(1), nil)
	p := NewProcesses(map[string]Command{":v2": {Args: append([]string{os.Args[0]}, args...)}}, rest)
	t.Cleanup(func() {
		if err := errors.Join(p.Close(), rest.Close()); err != nil {
			t.Error(err)
		}
	})
	return p
}

func (p *Processes) begin(t *testing.T, role string, spec Spec) (Container, *output) {
	t.Helper()
	out := &output{}
	spec.Name, spec.Image, spec.Output = "web", image, out
	spec.TaskARN = "arn:aws:ecs:eu-west-1:123456789012:task/c/1"
	if spec.Env == nil {
		spec.Env = map[string]string{}
	}
	spec.Env["ROLE"] = role
	c, err := p.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return c, out
}

func TestProcessServesAndStops(t *testing.T) {
	t.Setenv("AWS_SECRET_ACCESS_KEY", "of a real account")
	p := newProcesses(t, "-a")
	c, out := p.begin(t, "serve", Spec{
		Port: 8080, Command: []string{"-b", "c d"},
		Env:     map[string]string{"COLOR": "blue", "PORT": "8080"},
		Secrets: map[string]string{"PASSWORD": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:p"},
	})
	serving(t, c, "test")
	_, body, err := get(t.Context(), c, "/", "test")
	if err != nil {
		t.Fatal(err)
	}
	env := strings.Split(body, "\n")
	_, port, _ := strings.Cut(c.Addr(), ":")
	for _, want := range []string{
		"COLOR=blue", "PORT=" + port, "AWS_EXECUTION_ENV=AWS_ECS_FARGATE", "AWS_REGION=eu-west-1",
		"PASSWORD=arn:aws:secretsmanager:eu-west-1:123456789012:secret:p", "PATH=" + os.Getenv("PATH"),
	} {
		if !slices.Contains(env, want) {
			t.Errorf("the environment has no %s:\n%s", want, body)
		}
	}
	if strings.Contains(body, "real account") {
		t.Error("the process has the credentials of whoever runs the emulator")
	}
	c.Terminate()
	if code := exit(t, c); code != 3 {
		t.Errorf("exit code %d, want the program's own", code)
	}
	want := "the embedded AWS keeps no secrets: PASSWORD has the reference \"arn:aws:secretsmanager:eu-west-1:123456789012:secret:p\" for its value\n" +
		"role serve -a -b c d\ngoodbye\n"
	if got := out.String(); got != want {
		t.Errorf("output %q, want %q", got, want)
	}
}

func TestProcessIsKilled(t *testing.T) {
	t.Parallel()
	p := newProcesses(t)
	c, _ := p.begin(t, "stubborn", Spec{Port: 80})
	serving(t, c, "test")
	c.Terminate()
	serving(t, c, "test")
	c.Kill()
	if code := exit(t, c); code != 137 {
		t.Errorf("exit code %d, want 137", code)
	}
	c.Kill()
	c.Terminate()
}

// TestProcessGroupEndsWithItsFirst looks after the children of a process that ends by
// itself, by a signal, and by Close.
func TestProcessGroupEndsWithItsFirst(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*Processes, Container){
		"exit":  nil,
		"kill":  func(_ *Processes, c Container) { c.Kill() },
		"close": func(p *Processes, _ Container) { _ = p.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProcesses(t)
			env := map[string]string{}
			if end != nil {
				env["WAITS"] = "1"
			}
			c, out := p.begin(t, "child", Spec{Env: env})
			pid := numberAfter(t, out, "pid ")
			if end != nil {
				end(p, c)
			}
			exit(t, c)
			awaitEnd(t, pid)
		})
	}
}

// numberAfter waits for a number in the output.
func numberAfter(t *testing.T, out *output, word string) int {
	t.Helper()
	for t.Context().Err() == nil {
		if _, rest, ok := strings.Cut(out.String(), word); ok {
			if line, _, whole := strings.Cut(rest, "\n"); whole {
				n, err := strconv.Atoi(line)
				if err != nil {
					t.Fatal(err)
				}
				return n
			}
		}
		time.Sleep(time.Millisecond) // polls for the output
	}
	t.Fatalf("no %s in the output %q", word, out)
	return 0
}

// awaitEnd waits until a process has ended.
func awaitEnd(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if syscall.Kill(pid, 0) != nil {
			return
		}
		// An orphan whose new parent does not wait for it stays a zombie.
		if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil && strings.Contains(string(stat), ") Z ") {
			return
		}
	}
	t.Errorf("process %d goes on", pid)
	_ = syscall.Kill(pid, syscall.SIGKILL)
}

func TestProcessDiesWithItsParent(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("only Linux tells a process of its parent's death")
	}
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), "ROLE=emulator")
	stdout, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = parent.Process.Kill() })
	pid := 0
	for lines := bufio.NewScanner(stdout); pid == 0 && lines.Scan(); {
		_, _ = fmt.Sscanf(lines.Text(), "container %d", &pid)
	}
	if pid == 0 {
		t.Fatal("the parent does not tell its container")
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	awaitEnd(t, pid)
}

func TestProcessThatCannotStart(t *testing.T) {
	t.Parallel()
	rest := NewBuiltin(clock.New(1), nil)
	p := NewProcesses(map[string]Command{
		":nowhere": {Args: []string{"slipway-no-such-program"}},
		":folder":  {Args: []string{os.TempDir()}},
		":empty":   {},
		":v2":      {Args: []string{"true"}},
	}, rest)
	t.Cleanup(func() { _ = errors.Join(p.Close(), rest.Close()) })
	const runc = "ResourceInitializationError: failed to create new container runtime task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "
	for _, tc := range []struct {
		spec Spec
		want string
	}{
		{Spec{Image: "a:nowhere"}, runc + `"slipway-no-such-program": executable file not found in $PATH: unknown`},
		{Spec{Image: "a:folder"}, "permission denied"},
		{Spec{Image: "a:empty"}, "the command for a:empty is empty"},
		{Spec{Image: "a:v2", EntryPoint: []string{"sh"}}, `the container definition has the entryPoint ["sh"], and the command for a:v2 is ["true"]: one has to go`},
	} {
		if _, err := p.Start(t.Context(), tc.spec); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("starting %s: %v, want %s", tc.spec.Image, err, tc.want)
		}
	}
}

func TestOtherImagesRunElsewhere(t *testing.T) {
	t.Parallel()
	p := newProcesses(t)
	c, err := p.Start(t.Context(), Spec{Image: "docker.io/acme/sidecar:v1", Port: 80})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := c.(*server); !ok {
		t.Errorf("an image without a command runs as %T", c)
	}
	if digest, err := p.Resolve(t.Context(), image); err != nil || digest != Digest(image) {
		t.Errorf("digest %s, %v", digest, err)
	}
}

func TestProcessHealthCheck(t *testing.T) {
	t.Parallel()
	p := newProcesses(t)
	c, _ := p.begin(t, "stubborn", Spec{Port: 80, Env: map[string]string{"COLOR": "blue"}})
	check := c.(HealthChecker).CheckHealth
	for _, tc := range []struct {
		name    string
		command []string
		passes  bool
	}{
		{"shell", []string{"CMD-SHELL", `test "$COLOR" = blue && test "127.0.0.1:$PORT" = ` + c.Addr()}, true},
		{"shell fails", []string{"CMD-SHELL", "false || exit 1"}, false},
		{"program", []string{"CMD", "test", "x", "=", "x"}, true},
		{"program fails", []string{"CMD", "false"}, false},
		{"own address", []string{"CMD", "test", "http://localhost/health", "=", "http://" + c.Addr() + "/health"}, true},
		{"no program", []string{"CMD", "slipway-no-such-program"}, false},
		{"no command", []string{"CMD"}, false},
		{"neither", []string{"true", "true"}, false},
	} {
		if err := check(t.Context(), tc.command); (err == nil) != tc.passes {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := check(ctx, []string{"CMD-SHELL", "sleep 1000; true"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a check that hangs: %v", err)
	}
}

func TestHealthCheckCommandsAreLedToTheProcess(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		port       int
		give, want string
	}{
		{80, "curl -f http://localhost/ || exit 1", "curl -f http://127.0.0.1:5000/ || exit 1"},
		{80, "curl -f http://localhost", "curl -f http://127.0.0.1:5000"},
		{80, "curl -f http://127.0.0.1:80/health", "curl -f http://127.0.0.1:5000/health"},
		{80, "curl -f http://localhost:8080/", "curl -f http://localhost:8080/"},
		{80, "curl -f http://localhost.example.com/", "curl -f http://localhost.example.com/"},
		{8080, "curl -f http://localhost/", "curl -f http://localhost/"},
		{8080, `wget -qO- "localhost:8080/health"`, `wget -qO- "127.0.0.1:5000/health"`},
		{8080, "curl http://[::1]:8080", "curl http://127.0.0.1:5000"},
		{808, "curl http://localhost:8080", "curl http://localhost:8080"},
		{80, "curl http://localhost:$PORT/", "curl http://localhost:$PORT/"},
	} {
		p := &process{spec: Spec{Port: tc.port}, port: 5000}
		if got := p.local(tc.give); got != tc.want {
			t.Errorf("port %d: %q becomes %q, want %q", tc.port, tc.give, got, tc.want)
		}
	}
}

func TestProcessesCloseRefuses(t *testing.T) {
	t.Parallel()
	p := NewProcesses(map[string]Command{image: {Args: []string{"true"}}}, nil)
	if err := errors.Join(p.Close(), p.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Start(t.Context(), Spec{Image: image}); !errors.Is(err, errClosed) {
		t.Errorf("starting after Close: %v", err)
	}
}
