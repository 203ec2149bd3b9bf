package bookshop_test

import (
	"os"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/snapshot"

	"example.com/bookshop/bookshop"
)

func TestMain(m *testing.M) {
	// `cdk synth` runs the validator; here it would only take time.
	os.Setenv("CDK_VALIDATION", "false")
	jsii.Close() // it has taken its environment already
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// TestStacks compares every stack with its snapshot. SNAPSHOT_UPDATE=1 writes them.
func TestStacks(t *testing.T) {
	app := bookshop.NewApp()
	for _, child := range *app.Node().Children() {
		if stack, ok := child.(awscdk.Stack); ok {
			snapshot.Match(t, stack, nil)
		}
	}
}
