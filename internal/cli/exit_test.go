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
		{&deploy.CrashingError{}, 1},
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
			"refused", &deploy.RefusedError{Stack: "shop", ChangeSet: "slipway-1", Reasons: []deploy.Reason{{
				Resource: "Task", Path: "/Properties/Cpu", Before: "256", After: "512", Why: "not an image",
			}}},
			[]string{
				"slipway: refused to update stack shop:",
				`  Task/Properties/Cpu: not an image ("256" -> "512")`,
				"Nothing was changed and the change set is deleted.",
				"Let the parameter feed nothing but the container's image, or make the other change first.",
			},
		},
		{
			"refused before a change set was made", &deploy.RefusedError{Stack: "shop", Reasons: []deploy.Reason{{Why: "drift"}}},
			[]string{"slipway: refused to update stack shop:", "  drift", "Nothing was changed. See what the stack has with:", "slipway status shop"},
		},
		{
			"refused by up", withUpAdvice(&deploy.RefusedError{Stack: "shop", ChangeSet: "slipway-1", Reasons: []deploy.Reason{{Why: "a bucket would go"}}}),
			[]string{"slipway: refused to update stack shop:", "  a bucket would go", "Stack shop is unchanged. If it is not slipway's", "--service-stack; "},
		},
		{
			"a word that nobody can read", &deploy.InputError{Problem: "reading " + strings.Repeat("x", 100_000) + ": no"},
			[]string{"slipway: reading " + strings.Repeat("x", 64) + "...(100001 characters) no"},
		},
		{
			"cancelled", &deploy.RolledBackError{
				Stack: "shop", Service: "web", Image: "shop:v2", Reason: "the update was cancelled: it was interrupted", Interrupted: true, Advice: "it is as it was before",
			},
			[]string{"slipway: deploying shop:v2: stack shop rolled back: the update was cancelled: it was interrupted", "Stack shop runs what it ran before."},
		},
		{
			"rolled back without tasks", &deploy.RolledBackError{Stack: "shop", Reason: "Bucket: no", Advice: "delete it, then up"},
			[]string{"slipway: stack shop rolled back: Bucket: no", "Next: delete it, then up."},
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
				"slipway: deploying shop:v2: stack shop rolled back: EssentialContainerExited: Essential container in task exited",
				"  1 stopped task (abc) EssentialContainerExited: Essential container in task exited (container web exited with code 1",
				"  target 10.0.1.7:80 unhealthy Target.Timeout",
				"  CloudFormation: the circuit breaker was triggered",
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
		{"help bogus", `slipway: there is no command "bogus"`},
		{"deploy --image-parameter= ", "slipway: deploy takes STACK IMAGE, got 0 arguments"},
		{"--frobnicate", "slipway: unknown flag: --frobnicate"},
		{"deploy", "slipway: deploy takes STACK IMAGE, got 0 arguments"},
		{"deploy stack image more", "slipway: deploy takes STACK IMAGE, got 3 arguments"},
		{"deploy --output yaml stack image", "want text, json or jsonl"},
		{"deploy --timeout never stack image", `invalid argument "never" for "--timeout" flag: want a duration greater than 0`},
		{"deploy --timeout 0 stack image", "want a duration greater than 0, such as 90s or 30m"},
		{"up --image nginx --timeout -1s", "want a duration greater than 0"},
		{"down --timeout 0s", "want a duration greater than 0"},
		{"status", "slipway: status takes STACK, got 0 arguments"},
		{"down everything", "slipway: down takes no arguments, got 1 argument"},
		{"up --image :::", "slipway: reading --image: "},
		{"up --image nginx --parameter X", `slipway: reading --parameter "X": want KEY=VALUE`},
		{"up --image nginx --parameter ImageUrl=x", `slipway: reading --parameter "ImageUrl=x": ImageUrl has a flag of its own, --image`},
		{"up --image nginx --parameter X=1", `slipway: reading --parameter "X=1": there is no parameter X`},
		{"up --image nginx --parameter Priority=0", `slipway: reading --parameter "Priority=0": it must be a number from 1 to 50000`},
		{"up --image nginx --parameter DesiredCount=two", "it must be a number of 0 or more"},
		{"up --image nginx --parameter Path=x", "it must start with /, * or ?"},
		{"up --image nginx --parameter Path=/a --parameter Path=/b", `slipway: reading --parameter "Path=/b": Path is given twice`},
		{"up --image nginx --service-name=", `slipway: reading --service-name "": it must be 1 to 255 letters`},
		{"up --image nginx --network-stack=", `slipway: reading --network-stack "": a stack's name is a letter`},
		{"up --image nginx --network-stack same --service-stack same", `slipway: --network-stack and --service-stack are both "same"`},
		{"down --service-stack=1", `slipway: reading --service-stack "1": a stack's name is a letter`},
		{"down --network-stack same --service-stack same", `slipway: --network-stack and --service-stack are both "same"`},
		{"emulate --speed 0", "want a number greater than 0, and 1000 at most"},
		{"emulate --speed Inf", "want a number greater than 0, and 1000 at most"},
		{"emulate --image v2", "want PATTERN=CONDUCT"},
		{"rehearse a b", "slipway: rehearse takes one IMAGE, got 2 arguments"},
		{"rehearse --bad luck", `slipway: there is no way "luck" to break a version; use crash, unhealthy or missing`},
		{"rehearse UPPER/case", "slipway: reading the image to roll out: "},
		{"rehearse --speed NaN", "want a number greater than 0, and 600 at most"},
		{"rehearse --speed 0", "want a number greater than 0"},
		{"rehearse --speed 601", "600 at most"},
		{"rehearse --rate 0", "want a whole number from 1 to 5000"},
		{"rehearse --rate 5001", "want a whole number from 1 to 5000"},
		{"rehearse --rate many", `invalid argument "many" for "--rate" flag: want a whole number from 1 to 5000`},
		{"rehearse --requests -5", "want a whole number from 1 to 1000000"},
		{"rehearse --requests 7200 --rate 1", "7200 requests at 1 per second take longer than 1h0m0s"},
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
