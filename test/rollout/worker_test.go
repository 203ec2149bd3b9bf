package rollout

import (
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/stacks"
)

// TestDeployAWorker: a service that nobody connects to is deployed like any other. Where
// no load balancer asks, the container's own health check finds a bad version.
func TestDeployAWorker(t *testing.T) {
	app := newApp(t)
	stacks.NewNetworkStack(app, jsii.String(networkStack), nil)
	stack := awscdk.NewStack(app, jsii.String("mailer"), &awscdk.StackProps{
		Synthesizer: awscdk.NewBootstraplessSynthesizer(nil),
	})
	image := awscdk.NewCfnParameter(stack, jsii.String("Image"), nil)
	constructs.NewFargateWorker(stack, jsii.String("Worker"), &constructs.FargateWorkerProps{
		Network:     constructs.NetworkFromExports(stack, jsii.String("Network"), jsii.String(networkStack)),
		ServiceName: jsii.String("mailer"),
		ImageUrl:    image.ValueAsString(),
		ContainerHealthCheck: &constructs.ContainerHealthCheck{
			Command: jsii.Strings("CMD", "/healthy"), IntervalSeconds: jsii.Number(10),
		},
	})
	templates := templatesOf(t, app)
	t.Parallel()

	const v1, v2, v3 = "acme/mailer:v1", "acme/mailer:v2", "acme/mailer:v3"
	w := newWorld(t)
	w.up(t, networkStack, templates[networkStack], nil)
	w.up(t, "mailer", templates["mailer"], map[string]string{"Image": v1})
	w.requireRuns(t, "mailer", v1, 2)

	// The image parameter has a name of its own: the deployer finds it.
	w.deploy(t, "mailer", v2, nil)
	w.requireRuns(t, "mailer", v2, 2)

	w.srv.SetImage(v3, emulator.Conduct{Unhealthy: true})
	_, err := w.deployer(nil).Deploy(ctxOf(t), deploy.Request{Stack: "mailer", Image: v3})
	var rolledBack *deploy.RolledBackError
	if !errors.As(err, &rolledBack) {
		t.Fatalf("deploying an unhealthy version: %v, want a *RolledBackError", err)
	}
	if !slices.ContainsFunc(rolledBack.Tasks, func(task deploy.StoppedTask) bool {
		return task.Reason == "Task failed container health checks"
	}) {
		t.Errorf("the tasks that were stopped do not tell of their health check: %+v", rolledBack.Tasks)
	}
	w.requireRuns(t, "mailer", v2, 2)
}

// requireRuns fails the test unless just so many tasks of an image run.
func (w *world) requireRuns(t *testing.T, stack, image string, tasks int) {
	t.Helper()
	s := w.status(t, stack)
	if len(s.Images) != 1 || s.Images[0].Image != image || s.Images[0].Tasks != tasks || s.Desired != tasks {
		t.Errorf("%s is to run %d tasks and runs %+v, want %d of %s", stack, s.Desired, s.Images, tasks, image)
	}
}
