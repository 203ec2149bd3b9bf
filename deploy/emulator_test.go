package deploy_test

import (
	"context"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/templates"
)

// world is an embedded AWS with a deployer to it.
type world struct {
	*deploy.Deployer
	srv *emulator.Server
	cfg aws.Config

	mu     sync.Mutex
	events []deploy.Event
	hook   func(deploy.Event)
}

// newWorld starts an AWS on which an AWS minute passes in half a second.
func newWorld(t *testing.T, o deploy.Options) *world {
	t.Helper()
	return newWorldAt(t, 120, o)
}

// newWorldAt starts an AWS whose time passes so many times as fast.
func newWorldAt(t *testing.T, speed float64, o deploy.Options) *world {
	t.Helper()
	srv, err := emulator.Start(t.Context(), emulator.Options{Speed: speed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Errorf("closing the embedded AWS: %v", err)
		}
	})
	w := &world{srv: srv, cfg: aws.Config{
		Region:       "eu-west-1",
		BaseEndpoint: aws.String(srv.URL()),
		Credentials:  credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
	}}
	o.Clock = srv.Clock()
	o.Observe = w.observe
	w.Deployer = deploy.New(w.cfg, o)
	return w
}

func (w *world) observe(e deploy.Event) {
	w.mu.Lock()
	w.events = append(w.events, e)
	hook := w.hook
	w.mu.Unlock()
	if hook != nil {
		hook(e)
	}
}

// onEvent calls f with every event from now on.
func (w *world) onEvent(f func(deploy.Event)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hook = f
}

// has tells whether an event was told for which ok holds.
func has[E deploy.Event](w *world, ok func(E) bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		if e, is := e.(E); is && ok(e) {
			return true
		}
	}
	return false
}

func ctxOf(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

const (
	network = "network"
	service = "web"
	v1, v2  = "acme/web:v1", "acme/web:v2"
)

// place is where the stacks are.
var place = deploy.Place{Account: "123456789012", Region: "eu-west-1"}

// slowStart makes a rollout last longer than any machine is busy between two looks.
var slowStart = emulator.Conduct{PullTime: 6 * time.Minute}

// up creates the network stack, and the service stack with an image.
func (w *world) up(t *testing.T, image string) {
	t.Helper()
	ctx := ctxOf(t)
	if _, err := w.Up(ctx, deploy.StackSpec{Name: network, TemplateBody: templates.Network()}); err != nil {
		t.Fatal(err)
	}
	w.upService(t, templates.Service(), image)
}

func (w *world) upService(t *testing.T, template, image string) {
	t.Helper()
	w.upServiceWith(t, template, map[string]string{contract.ParameterImageURL: image})
}

// upServiceWith creates the service stack with some parameters of a test's own.
func (w *world) upServiceWith(t *testing.T, template string, parameters map[string]string) {
	t.Helper()
	all := map[string]string{
		contract.ParameterStackName:   network,
		contract.ParameterServiceName: "web",
		// Long enough that no machine is too busy for a good version to pass.
		contract.ParameterHealthCheckGracePeriodSeconds: "300",
	}
	maps.Copy(all, parameters)
	result, err := w.Up(ctxOf(t), deploy.StackSpec{
		Name: service, TemplateBody: template, Capabilities: []string{"CAPABILITY_IAM"}, Parameters: all,
	})
	if err != nil {
		t.Fatal(err)
	}
	if !result.Created {
		t.Fatalf("Up = %+v; want the stack created", result)
	}
}

// changeSets are the names of the stack's change sets that have been left behind.
func (w *world) changeSets(t *testing.T, stack string) []string {
	t.Helper()
	out, err := cloudformation.NewFromConfig(w.cfg).ListChangeSets(ctxOf(t), &cloudformation.ListChangeSetsInput{StackName: &stack})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range out.Summaries {
		names = append(names, aws.ToString(s.ChangeSetName))
	}
	return names
}

// image is the value of the service stack's image parameter.
func (w *world) image(t *testing.T) string {
	t.Helper()
	s, err := w.Status(ctxOf(t), service, "")
	if err != nil {
		t.Fatal(err)
	}
	return s.Image
}
