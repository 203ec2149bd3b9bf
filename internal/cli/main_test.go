package cli

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOutputOutlivesItsReader(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := (output{w}).Write([]byte("nobody reads this")); n != 17 || err != nil {
		t.Errorf("Write = %d, %v; want all to be taken", n, err)
	}
	if _, err := w.WriteString("nobody reads this"); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("the pipe itself says %v, so that the test shows nothing", err)
	}
}

func TestHelpListsTheServiceParameters(t *testing.T) {
	t.Parallel()
	want := `ContainerCpu 256
ContainerMemory 512
ContainerPort 80
DeregistrationDelaySeconds 30
DesiredCount 2
HealthCheckGracePeriodSeconds 60
HealthCheckIntervalSeconds 10
HealthCheckPath /health
Path *
Priority 1
`
	var got strings.Builder
	for line := range strings.Lines(listParameters()) {
		got.WriteString(strings.Join(strings.Fields(line), " ") + "\n")
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
}
