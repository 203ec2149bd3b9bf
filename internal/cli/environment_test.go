package cli

import (
	"context"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// everyCommand calls f with every command of the tree that does something.
func everyCommand(root *cobra.Command, f func(*cobra.Command)) {
	for _, cmd := range root.Commands() {
		if cmd.Runnable() && cmd.Name() != "help" {
			f(cmd)
		}
		everyCommand(cmd, f)
	}
}

// valueFor is a value that a flag takes, other than its default.
func valueFor(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "bool":
		return "true"
	case "DURATION":
		return "7m0s"
	case "N":
		return "7"
	case "FORMAT":
		return "json"
	case "POLICY":
		return "cancel"
	case "STRATEGY":
		return "ecs"
	case "SIDE":
		return "running"
	case "KEY=VALUE":
		return "Priority=7"
	default:
		return "seven"
	}
}

// TestEveryFlagHasAVariable: each flag of each command, whatever it will be, is set by its
// variable, and by the command line before that.
func TestEveryFlagHasAVariable(t *testing.T) {
	t.Parallel()
	flags := 0
	everyCommand(newRoot(), func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Name == "help" || cmd.Hidden {
				return
			}
			flags++
			value := valueFor(f)
			path := strings.Fields(cmd.CommandPath())[1:]
			fresh := newRoot()
			lookup := func(name string) (string, bool) { return value, name == variableOf(f.Name) }
			if err := fromEnvironment(fresh, path, lookup); err != nil {
				if _, isList := f.Value.(pflag.SliceValue); !isList && f.Value.Type() != "string" {
					return // of a type with values of its own, and the error says so
				}
				t.Errorf("%s --%s: %v", cmd.CommandPath(), f.Name, err)
				return
			}
			set, _, err := fresh.Find(path)
			if err != nil {
				t.Fatal(err)
			}
			if got := set.Flags().Lookup(f.Name); !strings.Contains(got.Value.String(), value) || !got.Changed {
				t.Errorf("%s --%s is %q by %s=%s", cmd.CommandPath(), f.Name, got.Value, variableOf(f.Name), value)
			}
		})
	})
	if flags < 60 {
		t.Errorf("%d flags were seen; want those of every command", flags)
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	environment := map[string]string{
		"SLIPWAY_TIMEOUT": "90s", "SLIPWAY_SKIP": "A,B", "SLIPWAY_ROLE_ARN": "", "SLIPWAY_NO_WAIT": "false",
	}
	lookup := func(name string) (string, bool) { v, ok := environment[name]; return v, ok }
	parsed := func(args ...string) *cobra.Command {
		t.Helper()
		root := newRoot()
		if err := fromEnvironment(root, args, lookup); err != nil {
			t.Fatal(err)
		}
		cmd, rest, err := root.Find(args)
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.ParseFlags(rest); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	for _, tt := range []struct {
		args       []string
		flag, want string
	}{
		{[]string{"deploy", "a", "b"}, "timeout", "1m30s"},
		{[]string{"deploy", "a", "b", "--timeout", "5s"}, "timeout", "5s"},
		{[]string{"deploy", "a", "b"}, "role-arn", ""},
		{[]string{"recover", "a"}, "skip", "[A,B]"},
		{[]string{"recover", "a", "--skip", "C"}, "skip", "[C]"},
	} {
		if got := parsed(tt.args...).Flags().Lookup(tt.flag).Value.String(); got != tt.want {
			t.Errorf("%v: --%s is %q; want %q", tt.args, tt.flag, got, tt.want)
		}
	}
	environment["SLIPWAY_TIMEOUT"] = "soon"
	err := fromEnvironment(newRoot(), []string{"deploy", "a", "b"}, lookup)
	if exitCodeOf(err) != exitInput || !strings.Contains(err.Error(), `environment variable SLIPWAY_TIMEOUT is "soon": want a duration`) {
		t.Errorf("error %v; want it to name the variable", err)
	}
}

// TestFormatOf: a command line that makes no sense says so in the format that it asks
// for.
func TestFormatOf(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]outputFormat{
		"deploy --nonsense -o json": outputJSON, "deploy -ojsonl": outputJSONL, "deploy --output=json a": outputJSON,
		"deploy --output jsonl": outputJSONL, "deploy": outputText, "deploy -o": outputText, "-o json": outputJSON, "deploy -o text": outputText,
	} {
		if got := formatOf(newRoot(), strings.Fields(line)); got != want {
			t.Errorf("%s: %s; want %s", line, got, want)
		}
	}
	var out, errs strings.Builder
	code := Run(context.Background(), []string{"deploy", "--nonsense", "-o", "json"}, strings.NewReader(""), &out, &errs)
	if code != 2 || !strings.Contains(out.String(), `"exitCode": 2`) || !strings.Contains(out.String(), `"result": "bad-input"`) || !strings.Contains(errs.String(), "--nonsense") {
		t.Errorf("code %d, stdout %s, stderr %s", code, out.String(), errs.String())
	}
}
