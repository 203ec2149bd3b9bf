// Package container is what runs in a task: an interface, and two runtimes. The built-in
// one serves HTTP in this process and behaves as it is told for each image; [Processes]
// runs the user's own commands.
package container

import (
	"context"
	"io"
)

// Spec is one container of a task, as its task definition describes it.
type Spec struct {
	TaskARN string
	Name    string
	Image   string // the reference as the task definition has it
	Digest  string // what the reference resolved to: "sha256:..."

	// EntryPoint and Command take the place of what the image has under these names;
	// empty where the task definition leaves them to the image.
	EntryPoint, Command []string

	Env map[string]string
	// Secrets are the references of secrets, by the environment variables that get their
	// values: ARNs of Secrets Manager and names or ARNs of SSM parameters.
	Secrets map[string]string

	Port int // the container port that the service's target group sends to; 0 where there is none

	// Output gets what the container writes to standard output and standard error, in
	// pieces of any length and never two at a time, and nothing after the exit. Default:
	// it is dropped.
	Output io.Writer
}

// Runtime pulls images and starts containers. Implementations are safe for
// concurrent use.
type Runtime interface {
	// Resolve returns the digest of an image reference, always the same for the same
	// reference. An error is a failed pull; its text is the reason that the task shows.
	Resolve(ctx context.Context, image string) (digest string, err error)

	// Pull fetches the image that the reference was resolved to and returns when it is
	// there. An error is a failed pull, as from Resolve.
	Pull(ctx context.Context, image, digest string) error

	// Start starts a container of a pulled image. It returns when the process runs,
	// which does not mean that it serves; ctx bounds the start, not the life of the
	// container. The text of an error is the reason that the container shows, after
	// "CannotStartContainerError: ".
	Start(ctx context.Context, spec Spec) (Container, error)
}

// HealthChecker is a [Container] that can run the health check of its container
// definition. Of any other, the check counts as passed while it runs.
type HealthChecker interface {
	// CheckHealth runs the command in the container, as the container definition has it
	// (CMD or CMD-SHELL first). It returns nil when the exit code is 0, and an error when
	// ctx ends before.
	CheckHealth(ctx context.Context, command []string) error
}

// Container is a running container. All methods are safe for concurrent use.
type Container interface {
	// Addr is the loopback "host:port" that answers for the container port.
	Addr() string
	// Terminate sends SIGTERM. It does not wait.
	Terminate()
	// Kill sends SIGKILL. It does not wait; calling it again does nothing.
	Kill()
	// Exited is closed when the process has ended; ExitCode is valid from then on.
	Exited() <-chan struct{}
	ExitCode() int
}
