package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplitWords(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		"./server --color blue":    {"./server", "--color", "blue"},
		"  ./server\t-a\n":         {"./server", "-a"},
		`sh -c 'exec ./s "$PORT"'`: {"sh", "-c", `exec ./s "$PORT"`},
		`a "b \"c\" \d" e\ f ''`:   {"a", `b "c" \d`, "e f", ""},
		`a=b"c d"e`:                {"a=bc de"},
		"":                         nil,
	} {
		got, err := splitWords(line)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", line, err, diff)
		}
	}
	for _, line := range []string{`"open`, `'open`, `end\`} {
		if got, err := splitWords(line); err == nil {
			t.Errorf("%s gives %q", line, got)
		}
	}
}

func TestEmulateRefusesCommandsAtSpeed(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"run in real time":   {"--speed", "60", "--run", ":v2=./server"},
		"want IMAGE=COMMAND": {"--run", ":v2="},
	} {
		var stdout, stderr bytes.Buffer
		code := Run(t.Context(), append([]string{"emulate", "--addr", "127.0.0.1:0"}, args...), strings.NewReader(""), &stdout, &stderr)
		if code != 2 || !strings.Contains(stderr.String(), want) {
			t.Errorf("exit code %d, stderr %q; want 2 and %q", code, &stderr, want)
		}
	}
}
