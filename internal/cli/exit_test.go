package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/deploy"
)

func TestExitCodes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err  error
		want exitCode
	}{
		{nil, 0},
		{errors.New("something"), 1},
		{&deploy.NotProvenError{}, 1},
		{&usageError{err: errors.New("unknown flag")}, 2},
		{&deploy.InputError{}, 2},
		{&deploy.RefusedError{}, 3},
		{&deploy.RolledBackError{}, 4},
		{&deploy.InterruptedError{Err: context.Canceled}, 5},
		{&deploy.TimeoutError{}, 5},
		{context.Canceled, 5},
		{&deploy.StackStateError{}, 6},
		{&reportedError{code: exitLost}, 7},
	}
	for _, tt := range tests {
		if got := exitCodeOf(tt.err); got != tt.want {
			t.Errorf("exitCodeOf(%T) = %d, want %d", tt.err, got, tt.want)
		}
		if tt.err == nil {
			continue
		}
		if got := exitCodeOf(fmt.Errorf("doing: %w", tt.err)); got != tt.want {
			t.Errorf("exitCodeOf(wrapped %T) = %d, want %d", tt.err, got, tt.want)
		}
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	one := 1
	tests := []struct {
		name string
		err  error
		want []string // lines, or their beginnings
	}{
		{"nothing", nil, nil},
		{"reported", &reportedError{code: exitLost}, nil},
		{
			"usage", &usageError{command: "slipway deploy", err: errors.New("unknown flag: --foo")},
			[]string{"slipway: unknown flag: --foo", "Run 'slipway deploy --help' for usage."},
		},
		{
			"refused", &deploy.RefusedError{Stack: "shop", Reasons: []deploy.Reason{{
				Resource: "Task", Path: "/Properties/Cpu", Before: "256", After: "512", Why: "not an image",
			}}},
			[]string{
				"slipway: refused to update stack shop:",
				`  Task/Properties/Cpu: not an image ("256" -> "512")`,
				"Nothing was changed and the change set is deleted.",
				"but the container's image",
			},
		},
		{
			"rolled back", &deploy.RolledBackError{
				Stack: "shop", Image: "shop:v2", Service: "web", Reason: "the circuit breaker was triggered",
				Tasks: []deploy.StoppedTask{{
					ID: "abc", StopCode: "EssentialContainerExited", Reason: "Essential container in task exited",
					Container: "web", ExitCode: &one, StoppedAt: time.Time{},
				}},
				Targets: []deploy.TargetHealth{{ID: "10.0.1.7", Port: 80, State: "unhealthy", Reason: "Target.Timeout"}},
			},
			[]string{
				"slipway: deploying shop:v2: stack shop rolled back: the circuit breaker was triggered",
				"  1 stopped task (abc) EssentialContainerExited: Essential container in task exited (container web exited with code 1",
				"  target 10.0.1.7:80 unhealthy Target.Timeout",
				"Service web runs what it ran before.",
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			explain(&b, tt.err)
			lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
			if b.Len() == 0 {
				lines = nil
			}
			if len(lines) != len(tt.want) {
				t.Fatalf("explain wrote %d lines, want %d:\n%s", len(lines), len(tt.want), b.String())
			}
			for i, want := range tt.want {
				if !strings.HasPrefix(lines[i], want) {
					t.Errorf("line %d is %q, want it to begin with %q", i+1, lines[i], want)
				}
			}
		})
	}
}

// A command line that makes no sense is answered before anything else is looked at,
// so these need no AWS.
func TestUsageErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args string
		want string // on stderr
	}{
		{"deply", `slipway: there is no command "deply"; did you mean deploy?`},
		{"frobnicate", `slipway: there is no command "frobnicate"`},
		{"--frobnicate", "slipway: unknown flag: --frobnicate"},
		{"deploy", "slipway: deploy takes STACK IMAGE, got 0 arguments"},
		{"deploy stack image more", "slipway: deploy takes STACK IMAGE, got 3 arguments"},
		{"deploy --output yaml stack image", "want text or json"},
		{"deploy --timeout never stack image", "slipway: invalid argument"},
		{"status", "slipway: status takes STACK, got 0 arguments"},
		{"down everything", "slipway: down takes no arguments, got 1 arguments"},
		{"up", "slipway: there is no image to run; name one with --image"},
		{"up --image :::", "slipway: reading --image: "},
		{"up --image nginx --parameter X", `slipway: reading --parameter "X": want KEY=VALUE`},
		{"up --image nginx --parameter ImageUrl=x", `slipway: reading --parameter "ImageUrl=x": ImageUrl has a flag of its own`},
		{"emulate --speed 0", "slipway: --speed has to be greater than 0"},
		{"emulate --image v2", "want PATTERN=CONDUCT"},
		{"rehearse a b", "slipway: rehearse takes one IMAGE, got 2 arguments"},
		{"rehearse --bad luck", `slipway: there is no way "luck" to break a version; use crash, unhealthy or missing`},
		{"rehearse UPPER/case", "slipway: reading the image to roll out: "},
		{"rehearse --speed NaN", "have to be greater than 0"},
		{"rehearse docker.io/slipway/hello:v1", "the version that runs before is the same"},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			code := Run(t.Context(), strings.Fields(tt.args), strings.NewReader(""), &stdout, &stderr)
			if code != 2 {
				t.Errorf("exit code %d, want 2", code)
			}
			if stdout.Len() > 0 {
				t.Errorf("stdout is not empty: %s", &stdout)
			}
			if !strings.Contains(stderr.String(), tt.want) {
				t.Errorf("stderr is %q, want %q in it", &stderr, tt.want)
			}
			if strings.Count(stderr.String(), "slipway: ") != 1 {
				t.Errorf("stderr has not one line of what is wrong:\n%s", &stderr)
			}
		})
	}
}

func TestEveryCommandHasHelpWithExamples(t *testing.T) {
	t.Parallel()
	for _, cmd := range newRoot().Commands() {
		t.Run(cmd.Name(), func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			if code := Run(t.Context(), []string{cmd.Name(), "--help"}, strings.NewReader(""), &stdout, &stderr); code != 0 {
				t.Fatalf("exit code %d:\n%s", code, &stderr)
			}
			if !strings.Contains(stdout.String(), "Examples:\n  slipway "+cmd.Name()) {
				t.Errorf("the help has no example:\n%s", &stdout)
			}
			if stderr.Len() > 0 {
				t.Errorf("help wrote to stderr: %s", &stderr)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	code := Run(t.Context(), []string{"--version"}, strings.NewReader(""), &stdout, &stderr)
	want := "slipway " + version() + "\n"
	if diff := cmp.Diff(want, stdout.String()); code != 0 || diff != "" {
		t.Errorf("exit code %d, stdout (-want +got):\n%s", code, diff)
	}
}
