package rollout

import (
	"errors"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/stacks"
)

// TestTrafficShift deploys with a second set of tasks and a second target group, to which
// ECS moves the requests: all at once, or a part of them first. The deployer waits until
// the old tasks are gone, and no request is lost, though the groups change places with
// each deployment.
func TestTrafficShift(t *testing.T) {
	app := newApp(t)
	stacks.NewNetworkStack(app, jsii.String(networkStack), nil)
	service := func(name string, shift constructs.TrafficShift) {
		shift.BakeMinutes = jsii.Number(2)
		stacks.NewServiceStack(app, jsii.String(name), &stacks.ServiceStackProps{
			FargateServiceProps: constructs.FargateServiceProps{
				TrafficShift:   &shift,
				RollbackAlarms: &constructs.RollbackAlarms{},
				Hosts:          jsii.Strings(name + ".example.com"),
			},
		})
	}
	service("bluegreen", constructs.TrafficShift{})
	service("linear", constructs.TrafficShift{Strategy: awsecs.DeploymentStrategy_LINEAR, StepPercent: jsii.Number(40), StepMinutes: jsii.Number(1)})
	service("canary", constructs.TrafficShift{Strategy: awsecs.DeploymentStrategy_CANARY, StepPercent: jsii.Number(20), StepMinutes: jsii.Number(1)})
	templates := templatesOf(t, app)
	t.Parallel()

	w := newWorld(t)
	w.up(t, networkStack, templates[networkStack], nil)
	sites := map[string]site{}
	for i, name := range []string{"bluegreen", "linear", "canary"} {
		v1, v2 := "acme/"+name+":v1", "acme/"+name+":v2"
		outputs := w.upService(t, name, templates[name], v1, map[string]string{
			contract.ParameterPriority: []string{"10", "20", "30"}[i],
		})
		sites[name] = site{url: outputs[contract.OutputURL], host: name + ".example.com"}
		w.shift(t, name, v1, v2, sites[name])
	}

	// A version that does not start gets no request, and the next deployment goes well.
	const name, v2, v3, v4, v5 = "bluegreen", "acme/bluegreen:v2", "acme/bluegreen:v3", "acme/bluegreen:v4", "acme/bluegreen:v5"
	w.srv.SetImage(v3, emulator.Conduct{Crash: true})
	l := w.load(t, sites[name])
	more(t, l)
	_, err := w.deployer(nil).Deploy(ctxOf(t), deploy.Request{Stack: name, Image: v3})
	if !errors.As(err, new(*deploy.RolledBackError)) {
		t.Errorf("deploying a version that crashes: %v, want a *RolledBackError", err)
	}
	more(t, l)
	requireAnsweredBy(t, "rollback", l.Finish(), v2)
	w.shift(t, name, v2, v4, sites[name])

	// An alarm in the bake time takes the requests back to tasks that still run.
	alarms := w.service(t, name).DeploymentConfiguration.Alarms
	l = w.load(t, sites[name])
	more(t, l)
	deployed := make(chan error)
	go func() {
		_, err := w.deployer(nil).Deploy(ctxOf(t), deploy.Request{Stack: name, Image: v5})
		deployed <- err
	}()
	for answered := ""; answered != v5; _, answered = get(t, sites[name].url, sites[name].host) {
		more(t, l)
	}
	w.srv.SetAlarm(w.cfg.Region, alarms.AlarmNames[0], true)
	if err := <-deployed; !errors.As(err, new(*deploy.RolledBackError)) {
		t.Errorf("deploying a version that raises an alarm: %v, want a *RolledBackError", err)
	}
	more(t, l)
	requireAnsweredBy(t, "alarm", l.Finish(), v4, v5)
	if _, version := get(t, sites[name].url, sites[name].host); version != v4 {
		t.Errorf("%s answers after the alarm, want %s", version, v4)
	}
}

// service is the service of a stack, as ECS describes it.
func (w *world) service(t *testing.T, stack string) types.Service {
	t.Helper()
	ref := w.status(t, stack)
	out, err := w.ecs.DescribeServices(ctxOf(t), &ecs.DescribeServicesInput{Cluster: aws.String(ref.Cluster), Services: []string{ref.Service}})
	if err != nil || len(out.Services) != 1 {
		t.Fatalf("describing the service of %s: %v, %+v", stack, err, out)
	}
	return out.Services[0]
}

// shift deploys a version into a stack that had another one.
func (w *world) shift(t *testing.T, stack, before, after string, at site) {
	t.Helper()
	changed := map[string]bool{}
	observe := func(e deploy.Event) {
		if accepted, ok := e.(deploy.ChangesAccepted); ok {
			for _, c := range accepted.Changes {
				changed[c.Resource] = true
			}
		}
	}
	results := w.deploy(t, stack, after, observe, at)
	requireAnsweredBy(t, stack, results[0], before, after)
	if len(changed) != 2 || !changed["TaskDefinition"] || !changed["Service"] {
		t.Errorf("the deploy of %s changed %v, want TaskDefinition and Service", after, changed)
	}
	if s := w.status(t, stack); s.Desired != s.Running {
		t.Errorf("%d of %d tasks run after the deploy of %s", s.Running, s.Desired, after)
	}
	if _, version := get(t, at.url, at.host); version != after {
		t.Errorf("%s answers after the deploy of %s", version, after)
	}
}
