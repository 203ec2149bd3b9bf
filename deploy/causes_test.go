package deploy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCauses(t *testing.T) {
	t.Parallel()
	code := 1
	crash := StoppedTask{StopCode: "EssentialContainerExited", Reason: "Essential container in task exited", Container: "web", ExitCode: &code}
	pull := StoppedTask{StopCode: "TaskFailedToStart", Reason: "CannotPullContainerError: not found", Container: "web", ContainerReason: "CannotPullContainerError: not found"}
	tasks := []StoppedTask{crash, pull, crash}
	for i, id := range []string{"0123456789abcdef", "short", "fedcba9876543210"} {
		tasks[i].ID = id
	}
	var got []string
	for _, c := range Causes(tasks) {
		got = append(got, c.String())
	}
	want := []string{
		"2 stopped tasks (01234567, fedcba98) EssentialContainerExited: Essential container in task exited (container web exited with code 1)",
		"1 stopped task (short) TaskFailedToStart: CannotPullContainerError: not found (container web)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if Causes(nil) != nil {
		t.Error("no tasks have causes")
	}
}
