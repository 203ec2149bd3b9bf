package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/load"
)

const (
	v1 = "docker.io/slipway/hello:v1"
	v2 = "docker.io/slipway/hello:v2"
)

func good() *Report {
	return &Report{
		Result: Deployed, Image: v2, PreviousImage: v1,
		Requests: 1412, Failures: map[load.Failure]int{}, Versions: map[string]int{v1: 702, v2: 710},
		Latency: Latency{P50: 1.2, P95: 3.4, P99: 6, Max: 21.5}, Rate: 200,
		MinHealthyPercent: 100, Seconds: 94.25, WallSeconds: 3.14, Speed: 30,
		Phases: []Phase{
			{Name: "create network", Seconds: 170.5, WallSeconds: 5.7},
			{Name: "rollout", Seconds: 94.25, WallSeconds: 3.14},
		},
		Timeline: []Moment{
			{Second: 0, Requests: 24, Versions: map[string]int{v1: 24}},
			{Second: 4, Requests: 24, Versions: map[string]int{v1: 24}},
			{Second: 8, Requests: 24, Versions: map[string]int{v1: 23, v2: 1}},
			{Second: 12, Requests: 24, Versions: map[string]int{v1: 12, v2: 12}},
			{Second: 16, Versions: map[string]int{}},
			{Second: 20, Requests: 24, Versions: map[string]int{v2: 24}},
		},
		RolloutStart: 5, RolloutEnd: 17,
	}
}

func lost() *Report {
	r := good()
	r.Failed = 12
	r.Failures = map[load.Failure]int{load.StatusFailure(502): 10, load.Reset: 2}
	r.Versions[v2] -= 12
	r.Timeline[3] = Moment{Second: 12, Requests: 24, Failed: 12, Versions: map[string]int{v1: 6, v2: 6}}
	r.MinHealthyPercent = 50
	return r
}

func rolledBack() *Report {
	r := good()
	one := 1
	r.Result = RolledBack
	r.Versions = map[string]int{v1: 1412}
	r.Timeline = []Moment{{Requests: 1412, Versions: map[string]int{v1: 1412}}}
	r.Reason = "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'."
	r.StoppedTasks = []deploy.StoppedTask{{
		ID: "0123456789abcdef", StopCode: "EssentialContainerExited", Reason: "Essential container in task exited",
		Container: "hello", ExitCode: &one,
	}}
	return r
}

func TestText(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*Report{"deployed": good(), "lost": lost(), "rolled-back": rolledBack()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := Text(&b, r, false); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", name+".txt")
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), b.String()); diff != "" {
				t.Errorf("Text (-want +got), UPDATE_GOLDEN=1 rewrites it:\n%s", diff)
			}
		})
	}
}

func TestColourOnlyAddsEscapes(t *testing.T) {
	t.Parallel()
	var plain, coloured bytes.Buffer
	if err := errors.Join(Text(&plain, lost(), false), Text(&coloured, lost(), true)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(plain.String(), "\x1b") {
		t.Error("there are escape sequences in a report without colour")
	}
	if !strings.Contains(coloured.String(), "\x1b[1;31mdeployed, but requests were lost\x1b[0m") {
		t.Errorf("lost requests are not in red:\n%q", coloured.String())
	}
}

func TestJSONHasTheAgreedFields(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := JSON(&b, rolledBack()); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"requests": 1412.0, "failed": 0.0, "versions": map[string]any{v1: 1412.0},
		"minHealthyPercent": 100.0, "seconds": 94.25, "wallSeconds": 3.14, "result": "rolled-back",
		"failures": map[string]any{},
	}
	for key, value := range want {
		if diff := cmp.Diff(value, got[key]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
}

func TestShortNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		versions []string
		want     map[string]string
	}{
		{"one repository", []string{v1, v2}, map[string]string{v1: "v1", v2: "v2"}},
		{"two repositories", []string{v1, "nginx:1"}, map[string]string{v1: v1, "nginx:1": "nginx:1"}},
		{"a port is no tag", []string{"host:5000/app"}, map[string]string{"host:5000/app": "host:5000/app"}},
		{"unknown", []string{v1, load.UnknownVersion}, map[string]string{v1: "v1", "unknown": "unknown"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := &Report{Versions: map[string]int{}}
			for _, v := range tt.versions {
				r.Versions[v] = 1
			}
			if diff := cmp.Diff(tt.want, shortNames(r)); diff != "" {
				t.Errorf("shortNames (-want +got):\n%s", diff)
			}
		})
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestWriteErrorsAreReturned(t *testing.T) {
	t.Parallel()
	if Text(brokenPipe{}, good(), false) == nil || JSON(brokenPipe{}, good()) == nil {
		t.Error("an error of the writer is lost")
	}
}
