package clients

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCDKDeploy deploys the app of this repository with the cdk command: both stacks
// on an account that was never bootstrapped, then another image, then nothing.
func TestCDKDeploy(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("node"); err != nil && os.Getenv("CI") != "true" {
		t.Skip("the cdk command needs Node, which is not on PATH")
	}
	outputs := filepath.Join(t.TempDir(), "outputs.json")
	// The validator has its own run in CI; here it would only take time.
	cdk := newClient(t, "node_modules/.bin/cdk", "CDK_VALIDATION=false", "CDK_DISABLE_CLI_TELEMETRY=true")
	cdk.dir = repository
	deploy := func(image string, args ...string) string {
		t.Helper()
		return cdk.mustBoth(append([]string{
			"deploy", "--output", filepath.Join(t.TempDir(), "cdk.out"), "--outputs-file", outputs, "--no-notices",
			"--require-approval", "never", "--parameters", "slipway-service:ImageUrl=" + image,
		}, args...)...)
	}

	log := deploy("docker.io/acme/hello:v1", "--all",
		"--parameters", "slipway-service:StackName=slipway-network", "--parameters", "slipway-service:ServiceName=hello")
	network, service := strings.Index(log, "✅  slipway-network"), strings.Index(log, "✅  slipway-service")
	if network < 0 || service < network {
		t.Errorf("the stacks were not created in order:\n%s", log)
	}
	url := readOutputs(t, outputs)["slipway-service"]["Url"]
	answers(t, url, "docker.io/acme/hello:v1")

	deploy("docker.io/acme/hello:v2", "slipway-service")
	answers(t, url, "docker.io/acme/hello:v2")

	if log := deploy("docker.io/acme/hello:v2", "slipway-service"); !strings.Contains(log, "(no changes)") {
		t.Errorf("deploying what runs already changed something:\n%s", log)
	}
	answers(t, url, "docker.io/acme/hello:v2")
}

// mustBoth is must with all that the command says: cdk narrates on standard error.
func (c client) mustBoth(args ...string) string {
	c.t.Helper()
	out, errs, err := c.run(c.t.Context(), args...)
	if err != nil {
		c.t.Fatalf("cdk %s: %v\n%s%s", strings.Join(args, " "), err, out, errs)
	}
	return errs + out
}

func readOutputs(t *testing.T, path string) map[string]map[string]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]map[string]string
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
