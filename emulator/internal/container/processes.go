package container

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Command is what runs in place of an image.
type Command struct {
	// Args are the program, which is looked up in PATH where it has no slash, and its
	// arguments. No shell reads them.
	Args []string

	// Dir is the working directory. Default: that of this process.
	Dir string
}

// Processes is a runtime in which images are commands of the user's, each container a
// process with a loopback port of its own. Images without a command run in another
// runtime. It is safe for concurrent use.
//
// A command stands for an image's ENTRYPOINT: the command of the container definition
// is appended to it, as Docker does, and a container definition with an entryPoint of
// its own is refused. Its process gets
//
//   - PORT, the port at which to listen on 127.0.0.1 (or on all addresses), in place of
//     the container port; nothing where the container has no port,
//   - the environment of the container definition, with what Fargate adds to it:
//     AWS_EXECUTION_ENV, AWS_REGION and AWS_DEFAULT_REGION,
//   - for each secret its reference, since nobody here knows the value,
//   - from the environment of this process only what inherited names: nothing that
//     leads a rehearsal into a real account by accident.
//
// Resource limits, users, volumes and networks of the task definition are not there.
// A container is stopped by SIGTERM to its first process, as on Fargate, and by SIGKILL
// to the process group. The rest of the group goes with the first process. Where this
// process itself is killed, Linux kills the first process of each container; elsewhere,
// and where that has left processes behind, they go on.
type Processes struct {
	commands map[string]Command
	rest     Runtime
	launcher *launcher

	mu      sync.Mutex
	closed  bool
	running map[*process]struct{}
	exits   sync.WaitGroup
}

// NewProcesses returns a runtime that runs the commands, by patterns as in [Images],
// and everything else in rest. rest also resolves and pulls all images, and is not
// closed by Close.
func NewProcesses(commands map[string]Command, rest Runtime) *Processes {
	return &Processes{
		commands: maps.Clone(commands), rest: rest,
		launcher: newLauncher(), running: map[*process]struct{}{},
	}
}

// Resolve implements [Runtime].
func (p *Processes) Resolve(ctx context.Context, image string) (string, error) {
	return p.rest.Resolve(ctx, image)
}

// Pull implements [Runtime].
func (p *Processes) Pull(ctx context.Context, image, digest string) error {
	return p.rest.Pull(ctx, image, digest)
}

// Start implements [Runtime].
func (p *Processes) Start(ctx context.Context, spec Spec) (Container, error) {
	command, ok := match(p.commands, spec.Image)
	if !ok {
		return p.rest.Start(ctx, spec)
	}
	if len(spec.EntryPoint) > 0 {
		return nil, fmt.Errorf("the container definition has the entryPoint %q, and the command for %s is %q: one has to go", spec.EntryPoint, spec.Image, command.Args)
	}
	if len(command.Args) == 0 {
		return nil, fmt.Errorf("the command for %s is empty", spec.Image)
	}
	started := &process{
		runtime: p, spec: spec,
		command: Command{Args: slices.Concat(command.Args, spec.Command), Dir: command.Dir},
		exited:  make(chan struct{}),
	}
	if spec.Port != 0 {
		port, err := freePort(ctx)
		if err != nil {
			return nil, err
		}
		started.port = port
	}
	started.env = environment(spec, started.port)
	for _, name := range slices.Sorted(maps.Keys(spec.Secrets)) {
		started.say("the embedded AWS keeps no secrets: %s has the reference %q for its value", name, spec.Secrets[name])
	}

	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errClosed
	}
	if err := started.start(); err != nil {
		return nil, err
	}
	p.running[started] = struct{}{}
	p.exits.Go(func() {
		started.await()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.running, started)
	})
	return started, nil
}

// Close kills what still runs and waits for its end. Later starts are refused. Closing
// again does nothing.
func (p *Processes) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	for running := range p.running {
		running.Kill()
	}
	p.mu.Unlock()
	p.exits.Wait()
	p.launcher.close()
	return nil
}

// freePort finds a loopback port for a process. The process takes it a moment later;
// that anything else does so meanwhile is possible, and the process then fails as it
// would anywhere.
func freePort(ctx context.Context) (int, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("finding a port: %w", err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	return port, listener.Close()
}

// inherited are the variables that processes get from the environment of this one.
func inherited() []string {
	return []string{"HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TMPDIR", "TZ", "USER"}
}

// environment is what the process of a container gets.
func environment(spec Spec, port int) []string {
	env := map[string]string{}
	for _, name := range inherited() {
		if value, ok := os.LookupEnv(name); ok {
			env[name] = value
		}
	}
	env["AWS_EXECUTION_ENV"] = "AWS_ECS_FARGATE"
	if parts := strings.Split(spec.TaskARN, ":"); len(parts) > 3 {
		env["AWS_REGION"], env["AWS_DEFAULT_REGION"] = parts[3], parts[3]
	}
	maps.Copy(env, spec.Env)
	maps.Copy(env, spec.Secrets)
	if port != 0 {
		env["PORT"] = strconv.Itoa(port)
	}
	out := make([]string, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		out = append(out, name+"="+env[name])
	}
	return out
}

// cannotStart is a start that failed, in the words of Fargate's container runtime (as in
// aws/amazon-ecs-agent issues 3526 and 2954).
func cannotStart(program string, err error) error {
	var unfit *exec.Error
	reason := err
	if errors.As(err, &unfit) {
		reason = unfit.Err
	}
	return fmt.Errorf("ResourceInitializationError: failed to create new container runtime task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: %q: %w: unknown", program, reason)
}
