package clients

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestModelsAreCurrent: what the embedded AWS knows of AWS's requests comes from the
// botocore that is pinned here.
func TestModelsAreCurrent(t *testing.T) {
	t.Parallel()
	installed(t, ".venv/bin/python")
	data, err := filepath.Glob(".venv/lib/python3*/site-packages/botocore/data")
	if err != nil || len(data) != 1 {
		t.Fatalf("botocore's data are in %q, %v", data, err)
	}
	target := t.TempDir()
	committed := filepath.Join(repository, "emulator", "internal", "wire", "apimodel")
	if out, err := exec.CommandContext(t.Context(), "go", "run", filepath.Join(committed, "generate.go"), data[0], target).CombinedOutput(); err != nil {
		t.Fatalf("generating the models: %v\n%s", err, out)
	}
	models, err := filepath.Glob(filepath.Join(target, "*.json"))
	if err != nil || len(models) == 0 {
		t.Fatalf("the models are %q, %v", models, err)
	}
	for _, model := range models {
		want, err := os.ReadFile(model)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(committed, filepath.Base(model))); err != nil || string(got) != string(want) {
			t.Errorf("%s is not what botocore says (%v): run `make models`", filepath.Base(model), err)
		}
	}
}
