package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
)

// maxEmulateSpeed is a day in a minute and a half. A client that polls sees nothing but
// ends before it already.
const maxEmulateSpeed = 1000

func newEmulate() *cobra.Command {
	var addr, state string
	speed := 1.0
	earlySIGTERM := false
	images := imageConducts{}
	policies := policyFiles{}
	commands := imageCommands{}
	cmd := &cobra.Command{
		Use:   "emulate",
		Short: "Serve the embedded AWS for any client",
		Long: `Emulate serves CloudFormation, ECS and Elastic Load Balancing on one loopback
port until it is interrupted, with a real load balancer and real tasks behind
it. It prints the environment variables that make the AWS CLI, the SDKs and the
cdk command use it. Leave it running; in a second terminal, paste the export
lines, then:

  slipway up --image docker.io/acme/shop:v1
  slipway deploy slipway-service docker.io/acme/shop:v2 --no-resolve

Time runs as on AWS; at --speed 60, a minute there takes a second here.

Every image runs as a built-in server that answers each path with its own name.
--image gives an image, or every image with a tag, another conduct:

  healthy              as without it
  crash                exits before its first passed health check
  unhealthy            never answers its health checks
  missing              cannot be pulled
  ignore-sigterm       goes on until it is killed
  abrupt               ends at SIGTERM at once, whatever it is answering
  pull=DURATION        takes so long to be pulled
  start=DURATION       takes so long from its start until it serves
  latency=DURATION     takes so long to answer a request
  crash-after=DURATION crashes so long after its start
  serve-until=DURATION serves, and crashes so long after its start
  exit=CODE            crashes with this exit code
  health=PATH          fails health checks at other paths
  health-status=CODE   answers a load balancer's health checks with this status

Durations are AWS time. Several words are parted by commas.

--run runs a command of yours in place of an image, at speed 1. It has to listen
on 127.0.0.1 at the port in PORT, and gets the environment of its container
definition. No shell reads it; --run ":v2=sh -c 'exec ./server --port $PORT'"
brings one.

With --state DIR, stacks and all else but log events outlive the process, even
one that is killed: start it again with the same DIR. Tasks start anew, and
operations that were cut off are rolled back. DIR has the values of NoEcho
parameters in clear.`,
		Example: `  slipway emulate
  slipway emulate --addr 127.0.0.1:0 --speed 60
  slipway emulate --image :v3=crash --image docker.io/acme/shop:v2=start=20s,latency=200ms
  slipway emulate --state ./emulated-aws
  slipway emulate --run docker.io/acme/shop:v1=./shop-v1 --run docker.io/acme/shop:v2=./shop-v2`,
		Args: exactly(),
	}
	cmd.Flags().StringVar(&addr, "addr", emulator.DefaultAddr, "the loopback `HOST:PORT` to listen on; port 0 takes a free one")
	cmd.Flags().Var(speedValue{&speed, maxEmulateSpeed}, "speed", "seconds of AWS time in a second")
	cmd.Flags().Var(images, "image", "how an image behaves; repeatable")
	cmd.Flags().Var(policies, "policy", "an IAM policy for an access key ID or role ARN; repeatable")
	cmd.Flags().Var(commands, "run", "a command that runs in place of an image; repeatable")
	cmd.Flags().StringVar(&state, "state", "", "a `DIR` that keeps the state over restarts; without it, memory does")
	earlySIGTERMFlag(cmd, &earlySIGTERM)

	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if len(commands) > 0 && speed != 1 {
			return &deploy.InputError{
				Problem: fmt.Sprintf("the commands of --run run in real time, and not at speed %g", speed),
				Advice:  "leave out --speed or --run",
			}
		}
		server, err := emulator.Start(cmd.Context(), emulator.Options{
			Addr:         addr,
			Speed:        speed,
			EarlySIGTERM: earlySIGTERM,
			Run:          commands,
			StateDir:     state,
			// What clients ask for and the emulator does not have.
			Logger: slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil)),
		})
		if err != nil {
			return cannotServe(addr, state, err)
		}
		for pattern, conduct := range images {
			server.SetImage(pattern, conduct)
		}
		if err := policies.bind(server); err != nil {
			return errors.Join(err, server.Close())
		}
		for _, variable := range server.Environment() {
			fmt.Fprintf(cmd.OutOrStdout(), "export %s\n", variable)
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "serving the embedded AWS at %s, speed %g, until interrupted\n", server.URL(), speed)
		<-cmd.Context().Done()
		if err := server.Close(); err != nil {
			return fmt.Errorf("stopping the embedded AWS: %w", err)
		}
		return nil
	}
	return cmd
}

// cannotServe explains why the embedded AWS cannot start. All that can go wrong is the
// state and the address.
func cannotServe(addr, state string, err error) error {
	if errors.As(err, new(*emulator.StateError)) {
		return &deploy.InputError{
			Problem: err.Error(),
			Advice:  fmt.Sprintf("mend that, or begin anew with another folder than --state %s", state),
			Err:     err,
		}
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return &deploy.InputError{
			Problem: fmt.Sprintf("something listens on %s already", addr),
			Advice:  "end it, or choose another port with --addr, such as --addr 127.0.0.1:0 for a free one",
			Err:     err,
		}
	}
	return &deploy.InputError{
		Problem: err.Error(),
		Advice:  "give --addr as 127.0.0.1:PORT, with a port from 0 to 65535",
		Err:     err,
	}
}
