package rollout

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/stacks"
)

// TestDeployKeepsTheScaledCount: with autoscaling the template says no count, and what a
// template does not say, CloudFormation leaves out of UpdateService. A count that it
// does say comes back with each update of the service, whatever else has changed:
// aws/aws-cdk#3919.
func TestDeployKeepsTheScaledCount(t *testing.T) {
	app := newApp(t)
	stacks.NewNetworkStack(app, jsii.String(networkStack), nil)
	stacks.NewServiceStack(app, jsii.String("scaled"), &stacks.ServiceStackProps{
		FargateServiceProps: constructs.FargateServiceProps{
			Autoscaling: &constructs.Autoscaling{MaxCount: jsii.Number(8)},
			Paths:       jsii.Strings("/scaled"),
		},
	})
	stacks.NewServiceStack(app, jsii.String("fixed"), &stacks.ServiceStackProps{
		FargateServiceProps: constructs.FargateServiceProps{Paths: jsii.Strings("/fixed")},
	})
	templates := templatesOf(t, app)
	t.Parallel()

	w := newWorld(t)
	w.up(t, networkStack, templates[networkStack], nil)
	const scaledTo = 5
	for _, tt := range []struct {
		stack, priority string
		created, after  int
	}{
		{"scaled", "10", 1, scaledTo}, // CloudFormation creates a service without a count with one task
		{"fixed", "20", 2, 2},
	} {
		v1, v2 := "acme/"+tt.stack+":v1", "acme/"+tt.stack+":v2"
		outputs := w.upService(t, tt.stack, templates[tt.stack], v1, map[string]string{contract.ParameterPriority: tt.priority})
		if got := w.status(t, tt.stack).Desired; got != tt.created {
			t.Errorf("%s was created with a count of %d, want %d", tt.stack, got, tt.created)
		}
		w.scale(t, tt.stack, scaledTo)

		counts := []int{scaledTo}
		observe := func(deploy.Event) { counts = append(counts, w.status(t, tt.stack).Desired) }
		results := w.deploy(t, tt.stack, v2, observe, site{url: outputs[contract.OutputURL] + "/" + tt.stack})
		requireAnsweredBy(t, tt.stack, results[0], v1, v2)

		after := w.status(t, tt.stack)
		if after.Desired != tt.after || after.Running != tt.after {
			t.Errorf("%s has a count of %d and %d tasks after the deploy, want %d", tt.stack, after.Desired, after.Running, tt.after)
		}
		if lowest := slices.Min(counts); lowest != tt.after {
			t.Errorf("%s had a count of %d during the deploy, want %d at the least: %v", tt.stack, lowest, tt.after, counts)
		}
	}

	// A rollback is an update of the service, too.
	const v3 = "acme/scaled:v3"
	w.srv.SetImage(v3, emulator.Conduct{Crash: true})
	_, err := w.deployer(nil).Deploy(ctxOf(t), deploy.Request{Stack: "scaled", Image: v3})
	if !errors.As(err, new(*deploy.RolledBackError)) {
		t.Errorf("deploying a version that crashes: %v, want a *RolledBackError", err)
	}
	if after := w.status(t, "scaled"); after.Desired != scaledTo || after.Running != scaledTo {
		t.Errorf("after a rollback scaled has a count of %d and %d tasks, want %d", after.Desired, after.Running, scaledTo)
	}
}

// scale sets the number of tasks as Application Auto Scaling does, and waits until as
// many get requests.
func (w *world) scale(t *testing.T, stack string, count int) {
	t.Helper()
	before := w.status(t, stack)
	_, err := w.ecs.UpdateService(ctxOf(t), &ecs.UpdateServiceInput{
		Cluster: &before.Cluster, Service: &before.Service, DesiredCount: aws.Int32(int32(count)),
	})
	if err != nil {
		t.Fatalf("scaling %s to %d: %v", stack, count, err)
	}
	ctx := ctxOf(t)
	for healthyTargets(w.status(t, stack)) != count {
		if err := w.srv.Clock().Sleep(ctx, time.Second); err != nil {
			t.Fatalf("waiting for %d healthy targets of %s: %v", count, stack, err)
		}
	}
}

// status is how the one service of a stack is.
func (w *world) status(t *testing.T, stack string) deploy.ServiceStatus {
	t.Helper()
	status, err := w.deployer(nil).Status(ctxOf(t), stack, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(status.Services) != 1 {
		t.Fatalf("stack %s has the services %+v, want one", stack, status.Services)
	}
	return status.Services[0]
}

func healthyTargets(s deploy.ServiceStatus) int {
	healthy := 0
	for _, target := range s.Targets {
		if target.State == "healthy" {
			healthy++
		}
	}
	return healthy
}
