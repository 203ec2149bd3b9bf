package test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"
)

// validatedApp is where the child process of TestValidator writes its app.
const validatedApp = "SLIPWAY_TEST_VALIDATED_APP"

// TestValidator runs the CDK's own template validator, with its default rules, over an
// app that uses every feature. What it finds, warnings too, has to be mended or
// acknowledged with a reason, and what is acknowledged is listed here.
//
// An acknowledgement, made anywhere, silences its rule in the whole app, the user's own
// resources included. So our constructs acknowledge no rule of the validator, and have
// to be right by all of them.
//
// The validator takes seconds at each synthesis, so it is off in this process. The
// kernel reads that from its environment when it starts: to have it on takes a process
// of its own.
func TestValidator(t *testing.T) {
	needsNode(t)
	if outdir := os.Getenv(validatedApp); outdir != "" {
		synthesizeValidated(outdir)
		return
	}

	outdir := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestValidator$")
	child.Env = append(os.Environ(), "CDK_VALIDATION=true", validatedApp+"="+outdir)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("synthesizing with the validator: %v\n%s", err, out)
	}

	found, acknowledged := []string{}, map[string]string{}
	for _, plugin := range readValidationReport(t, outdir).PluginReports {
		if plugin.Metadata.Error != "" {
			t.Errorf("%s: %s", plugin.PluginName, plugin.Metadata.Error)
		}
		for _, violation := range plugin.Violations {
			for _, at := range violation.ViolatingConstructs {
				found = append(found, fmt.Sprintf("%s: %s %s", at.ConstructPath, violation.RuleName, violation.Description))
			}
		}
		for _, violation := range plugin.SuppressedViolations {
			acknowledged[violation.RuleName] = violation.Reason
		}
	}
	if diff := cmp.Diff([]string{"broken/Targets: F3034 Port: 70000 is greater than the maximum of 65535"}, found); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{}, acknowledged); diff != "" {
		t.Errorf("acknowledged, with the reason (-want +got):\n%s", diff)
	}
}

func synthesizeValidated(outdir string) {
	app := awscdk.NewApp(&awscdk.AppProps{
		Outdir: jsii.String(outdir),
		// The warnings that constructs give go into the report too.
		Context: &map[string]any{"@aws-cdk/core:annotationsInValidationReport": true},
	})
	everyFeature(app)
	// A mistake, and none of ours: were it not found, the validator had not looked.
	broken := awscdk.NewStack(app, jsii.String("broken"), nil)
	elb.NewCfnTargetGroup(broken, jsii.String("Targets"), &elb.CfnTargetGroupProps{Port: jsii.Number(70000)})
	app.Synth(nil)
}

// validationReport is what the CDK writes into the assembly, as validation-report.json,
// whenever its validator has run, also when nothing was found: the findings of each
// plugin (the template validator is "CloudFormation Validate"), and beside them those
// that are acknowledged. policy-validation-report.json is the same in an older form,
// which does not have the acknowledged ones, and is written on request only.
type validationReport struct {
	PluginReports []struct {
		PluginName           string
		Metadata             struct{ Error string }
		Violations           []validationFinding
		SuppressedViolations []validationFinding
	}
}

type validationFinding struct {
	RuleName, Description, Reason string
	ViolatingConstructs           []struct{ ConstructPath string }
}

func readValidationReport(t *testing.T, outdir string) validationReport {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(outdir, "validation-report.json"))
	if err != nil {
		t.Fatalf("the validator has not run: %v", err)
	}
	var report validationReport
	if err := json.Unmarshal(raw, &report); err != nil {
		t.Fatal(err)
	}
	return report
}
