package cli

import (
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/slipway-go/slipway/deploy"
)

func TestAsk(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]deploy.Interrupt{
		"cancel\n": deploy.Cancel, "C\n": deploy.Cancel, " cancel ": deploy.Cancel,
		"leave\n": deploy.Leave, "\n": deploy.Leave, "": deploy.Leave, "yes\n": deploy.Leave,
	} {
		var out strings.Builder
		if got := ask(strings.NewReader(answer), &out, "shop"); got != want {
			t.Errorf("answer %q means %s, want %s", answer, got, want)
		}
		if !strings.Contains(out.String(), "Stack shop is being updated") {
			t.Errorf("the question does not name the stack: %q", out.String())
		}
	}
}

func TestInterruptPolicy(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]deploy.Interrupt{
		"cancel": deploy.Cancel,
		"leave":  deploy.Leave,
		"ask":    deploy.Leave, // standard input is no terminal here
	} {
		var p interruptPolicy
		if err := p.Set(value); err != nil {
			t.Fatal(err)
		}
		cmd := &cobra.Command{}
		cmd.SetIn(strings.NewReader("cancel\n"))
		cmd.SetErr(io.Discard)
		if got := p.decide(cmd)("shop"); got != want {
			t.Errorf("--on-interrupt %s decides %s, want %s", value, got, want)
		}
	}
	var p interruptPolicy
	if err := p.Set("stop"); err == nil {
		t.Error("an unknown policy was accepted")
	}
}
