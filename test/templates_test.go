package test

import (
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/snapshot"
	"github.com/slipway-go/slipway/stacks"
)

// TestTemplatesAreCurrent compares templates/ with what the stacks synthesize.
// With -update it writes them, unless a stack that runs would lose something
// that nobody has acknowledged.
func TestTemplatesAreCurrent(t *testing.T) {
	needsNode(t)
	app := stacks.NewApp(jsii.String(t.TempDir()))
	// Not part of that app: `cdk deploy --all` should not start with a task.
	task := stacks.NewTaskStack(newApp(t), jsii.String(contract.TaskStackName), nil)
	for file, stack := range map[string]awscdk.Stack{
		"network.json": stackOf(t, app, contract.NetworkStackName),
		"service.json": stackOf(t, app, contract.ServiceStackName),
		"task.json":    task,
	} {
		t.Run(file, func(t *testing.T) {
			snapshot.Match(t, stack, &snapshot.Options{
				File:         filepath.Join("..", "templates", file),
				Verbatim:     true, // they are there to be deployed
				Acknowledged: acknowledged()[file],
			})
		})
	}
}

// stackOf is the stack of the name in an app.
func stackOf(t *testing.T, app awscdk.App, name string) awscdk.Stack {
	t.Helper()
	stack, ok := app.Node().FindChild(jsii.String(name)).(awscdk.Stack)
	if !ok {
		t.Fatalf("%s is no stack", name)
	}
	return stack
}
