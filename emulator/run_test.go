package emulator_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/emulator"
)

// TestRunACommandInPlaceOfAnImage takes what Fargate takes to start and stop a task, in
// real time.
func TestRunACommandInPlaceOfAnImage(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("there is no shell here")
	}
	srv := start(t, emulator.Options{Run: map[string]emulator.Command{
		":v1": {Args: []string{"sh", "-c", `echo "$COLOR on ${PORT:+a port}"; echo "asked for $1" >&2; exit 7`, "sh"}},
	}})
	srv.SetImage(":v1", emulator.Conduct{PullTime: -1})
	task := runTask(t, srv, types.ContainerDefinition{
		Image: aws.String("acme/shop:v1"), LogConfiguration: awslogs(map[string]string{"awslogs-create-group": "true"}),
		Command:      []string{"speed"},
		Environment:  []types.KeyValuePair{{Name: aws.String("COLOR"), Value: aws.String("blue")}},
		PortMappings: []types.PortMapping{{ContainerPort: aws.Int32(80)}},
	})
	if code := task.Containers[0].ExitCode; code == nil || *code != 7 || *task.StoppedReason != "Essential container in task exited" {
		t.Errorf("exit code %v, reason %s", code, *task.StoppedReason)
	}
	if diff := cmp.Diff([]string{"blue on a port", "asked for speed"}, messages(t, srv, streamOf(task))); diff != "" {
		t.Errorf("the log (-want +got):\n%s", diff)
	}
}

func TestRunIsRefused(t *testing.T) {
	t.Parallel()
	commands := map[string]emulator.Command{":v1": {Args: []string{"true"}}}
	for want, o := range map[string]emulator.Options{
		"commands run in real time": {Speed: 60, Run: commands},
		"there is another one":      {Run: commands, Runtime: noRuntime{}},
		"neither may be empty":      {Run: map[string]emulator.Command{":v1": {}}},
	} {
		srv, err := emulator.Start(t.Context(), o)
		if err == nil {
			_ = srv.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

type noRuntime struct{ emulator.Runtime }
