package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// toolset is where the tools are.
type toolset struct {
	dir        string // of what is built for this run
	repository string
	slipway    string // the commands
	app        string // the CDK app, built
	cdk        string
	aws        string // the folder of the AWS CLI
}

// prepare builds what is ours and looks for the rest, which make clients installs.
func prepare(ctx context.Context) (*toolset, error) {
	_, file, _, _ := runtime.Caller(0)
	repository := filepath.Dir(filepath.Dir(filepath.Dir(file)))
	dir, err := os.MkdirTemp("", "slipway-benchmark-")
	if err != nil {
		return nil, err
	}
	t := &toolset{
		dir: dir, repository: repository,
		slipway: filepath.Join(dir, "slipway"), app: filepath.Join(dir, "app"),
		cdk: filepath.Join(repository, "test/clients/node_modules/.bin/cdk"), aws: filepath.Join(repository, "test/clients/.venv/bin"),
	}
	for _, needed := range []string{t.cdk, filepath.Join(t.aws, "aws")} {
		if _, err := os.Stat(needed); err != nil {
			return nil, fmt.Errorf("%s is not installed; make clients installs it", needed)
		}
	}
	for binary, source := range map[string]string{t.slipway: "./cmd/slipway", t.app: "."} {
		build := exec.CommandContext(ctx, "go", "build", "-o", binary, source)
		build.Dir = repository
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("building %s: %w\n%s", source, err, out)
		}
	}
	return t, nil
}

// command is the deploy of an image by a tool, on a stack of its own.
func (t *toolset) command(ctx context.Context, tool, image string, env []string) *exec.Cmd {
	var cmd *exec.Cmd
	switch tool {
	case slipway:
		cmd = exec.CommandContext(ctx, t.slipway, "deploy", stackOf(tool), image, "--no-resolve", "--output", "json")
	case script:
		cmd = exec.CommandContext(ctx, filepath.Join(t.repository, "benchmarks/deploy/deploy.sh"), stackOf(tool), image)
	default:
		cmd = t.cdkDeploy(ctx, stackOf(tool), "--exclusively", "--parameters", stackOf(tool)+":ImageUrl="+image)
	}
	cmd.Env = append(cmd.Env, env...)
	cmd.Env = append(cmd.Env, "AWS_ACCESS_KEY_ID="+callerOf(tool))
	return cmd
}

func (t *toolset) cdkDeploy(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, t.cdk, append([]string{
		"deploy", "--app", t.app, "--output", filepath.Join(t.dir, "cdk.out"), "--no-notices", "--require-approval", "never", "--progress", "events",
	}, args...)...)
	cmd.Dir = t.repository
	cmd.Env = []string{"CDK_VALIDATION=false", "CDK_DISABLE_CLI_TELEMETRY=true"}
	return cmd
}

// stackOf is the stack that a tool deploys to; the app's names are its own.
func stackOf(tool string) string {
	if tool == cdk {
		return "slipway-service"
	}
	return "by-" + callerOf(tool)
}

// callerOf tells the calls of the tools apart.
func callerOf(tool string) string { return strings.ToLower(strings.Fields(tool)[0]) }

// measure runs a command and tells what it took.
func measure(cmd *exec.Cmd) (cost, error) {
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	began := time.Now()
	err := cmd.Run()
	if err != nil {
		return cost{}, fmt.Errorf("%s: %w\n%s", filepath.Base(cmd.Path), err, said.String())
	}
	c := cost{wall: time.Since(began), processor: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.memory = int64(usage.Maxrss) >> 10 //nolint:unconvert // KiB on Linux; an int32 on some
	}
	return c, nil
}
