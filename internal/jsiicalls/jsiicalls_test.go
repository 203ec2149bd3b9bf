package jsiicalls

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const log = `[@jsii/runtime] ready
> {"api":"load","name":"constructs","version":"10.6.0","tarball":"constructs.tgz"}
[@jsii/kernel] load {
  api: 'load',
}
< {"ok":{"assembly":"constructs","types":12}}
> {"api":"get","property":"node","objref":{"$jsii.byref":"aws-cdk-lib.App@10000"}}
< {"ok":{"value":null}}
> {"api":"get","property":"id"}
< {"callback":{"cbid":"jsii::callback::20000"}}
> {"complete":{"cbid":"jsii::callback::20000","result":[]}}
> {"exit":0}`

func TestCount(t *testing.T) {
	t.Parallel()
	got, err := Count(strings.NewReader(log))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Calls{"load": 1, "get": 2, "complete": 1}, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if got, want := got.String(), "4 (2 get, 1 complete, 1 load)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCountRefusesWhatIsNoLog(t *testing.T) {
	t.Parallel()
	for name, log := range map[string]string{
		"no messages": "nothing of note\n",
		"cut off":     `> {"api":"get","prop`,
	} {
		if calls, err := Count(strings.NewReader(log)); err == nil {
			t.Errorf("%s: got %v, want an error", name, calls)
		}
	}
}

func TestRunTellsWhatWentWrong(t *testing.T) {
	t.Parallel()
	_, err := Run(exec.CommandContext(t.Context(), "sh", "-c", "echo no such stack >&2; exit 3"))
	if err == nil || !strings.Contains(err.Error(), "no such stack") {
		t.Errorf("got %v, want what the program said", err)
	}
}
