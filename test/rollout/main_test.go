// Package rollout rolls new versions out into stacks as the constructs make them, on
// the embedded AWS and under load: what package rehearse does for the committed
// templates, for those that an app synthesizes with other props.
//
// A test synthesizes first, and only then lets others run beside it: jsii takes no
// parallel calls.
package rollout

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/stacks"
)

// nodeError is why nothing can be synthesized here, if so.
var nodeError error

func TestMain(m *testing.M) {
	// The validator takes seconds for each synthesis; CI runs it once, with cdk.
	if _, set := os.LookupEnv("CDK_VALIDATION"); !set {
		os.Setenv("CDK_VALIDATION", "false")
		jsii.Close() // it took the environment when it began
	}
	if nodeError = stacks.PrepareNode(); nodeError != nil && !errors.Is(nodeError, stacks.ErrNoNode) {
		fmt.Fprintln(os.Stderr, nodeError)
		os.Exit(1)
	}
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// newApp is an app as a user would make it. It skips a test where nothing can be
// synthesized.
func newApp(t *testing.T) awscdk.App {
	t.Helper()
	switch {
	case nodeError != nil && os.Getenv("CI") == "true":
		t.Fatal(nodeError)
	case nodeError != nil:
		t.Skip(nodeError)
	}
	return awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir())})
}

// templatesOf are the templates of the app's stacks, by stack name.
func templatesOf(t *testing.T, app awscdk.App) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, stack := range *app.Synth(nil).Stacks() {
		text, err := os.ReadFile(*stack.TemplateFullPath())
		if err != nil {
			t.Fatal(err)
		}
		texts[*stack.StackName()] = string(text)
	}
	return texts
}
