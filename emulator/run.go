package emulator

import (
	"fmt"

	"github.com/slipway-go/slipway/emulator/internal/container"
)

// Command is what runs in place of an image: see the field Run of [Options]. Its process
// listens on 127.0.0.1 at the port that PORT says, in place of the container port. It
// gets the environment of the container definition and a few variables of this process,
// none of which are credentials; for a secret it gets the reference. The command of a
// container definition is appended to it, as to the ENTRYPOINT of an image, and an
// entryPoint is refused. CMD and CMD-SHELL health checks run beside it; where they name
// the container port of localhost, they are led to PORT.
//
// The process gets SIGTERM, and its process group SIGKILL after the stop timeout. None
// outlives Close. Where the emulator itself is killed, Linux kills the process, but not
// what it has started; other systems kill neither.
type Command = container.Command

// checkRun refuses what does not go together with real processes.
func (o Options) checkRun() error {
	if len(o.Run) == 0 {
		return nil
	}
	if o.Runtime != nil {
		return fmt.Errorf("starting the embedded AWS: Run is for the built-in runtime, and there is another one; leave either out")
	}
	if o.Speed > 0 && o.Speed != 1 {
		return fmt.Errorf("starting the embedded AWS at speed %g: commands run in real time; use speed 1", o.Speed)
	}
	for pattern, command := range o.Run {
		if pattern == "" || len(command.Args) == 0 {
			return fmt.Errorf("starting the embedded AWS: image %q has the command %q, and neither may be empty", pattern, command.Args)
		}
	}
	return nil
}
