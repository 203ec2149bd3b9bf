package rollout

import (
	"context"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/load"
)

const (
	networkStack = "network"

	// rate is enough requests a second that a gap of some milliseconds is seen, and few
	// enough that two loads do not keep a busy machine from anything else.
	rate = 100
)

// world is an embedded AWS with a deployer to it.
type world struct {
	srv *emulator.Server
	cfg aws.Config
	ecs *ecs.Client
}

// newWorld starts an AWS on which an AWS minute takes a second.
func newWorld(t *testing.T) *world {
	t.Helper()
	srv, err := emulator.Start(t.Context(), emulator.Options{Speed: 60})
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
	w.ecs = ecs.NewFromConfig(w.cfg)
	return w
}

func (w *world) deployer(observe func(deploy.Event)) *deploy.Deployer {
	return deploy.New(w.cfg, deploy.Options{Clock: w.srv.Clock(), Observe: observe})
}

func ctxOf(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// up creates a stack and returns its outputs.
func (w *world) up(t *testing.T, stack, template string, parameters map[string]string) map[string]string {
	t.Helper()
	result, err := w.deployer(nil).Up(ctxOf(t), deploy.StackSpec{
		Name: stack, TemplateBody: template, Parameters: parameters,
		Capabilities: []string{"CAPABILITY_IAM"},
	})
	if err != nil {
		t.Fatalf("creating stack %s: %v", stack, err)
	}
	if !result.Created {
		t.Fatalf("Up of stack %s = %+v, want it created", stack, result)
	}
	return result.Outputs
}

// upService creates the stack of a service on the network, which is there.
func (w *world) upService(t *testing.T, stack, template, image string, parameters map[string]string) map[string]string {
	t.Helper()
	all := map[string]string{
		contract.ParameterStackName:     networkStack,
		contract.ParameterServiceName:   stack,
		contract.ParameterImageURL:      image,
		contract.ParameterContainerPort: "8080",
		// Long enough that no machine is too busy for a good version to pass.
		contract.ParameterHealthCheckGracePeriodSeconds: "300",
	}
	maps.Copy(all, parameters)
	return w.up(t, stack, template, all)
}

// site is where a service answers.
type site struct{ url, host string }

// load puts load on a site.
func (w *world) load(t *testing.T, s site) *load.Load {
	t.Helper()
	l, err := load.Start(t.Context(), load.Options{
		URL: s.url, Host: s.host, Rate: rate,
		Version: func(header http.Header, _ []byte) string { return header.Get("X-Image") },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Finish() }) // again, unless the test has failed
	return l
}

// more waits for half a second's requests, so that a load is seen to go on.
func more(t *testing.T, loads ...*load.Load) {
	t.Helper()
	enough := make([]int, len(loads))
	for i, l := range loads {
		requests, _ := l.Counts()
		enough[i] = requests + rate/2
	}
	for i, l := range loads {
		if err := l.Wait(ctxOf(t), enough[i]); err != nil {
			t.Fatalf("waiting for more requests: %v", err)
		}
	}
}

// deploy rolls an image out while there is load on the sites, which lasts from before
// the rollout until after it, and returns what came of the load, site by site.
func (w *world) deploy(t *testing.T, stack, image string, observe func(deploy.Event), sites ...site) []*load.Result {
	t.Helper()
	loads := make([]*load.Load, len(sites))
	for i, s := range sites {
		loads[i] = w.load(t, s)
	}
	more(t, loads...)
	result, err := w.deployer(observe).Deploy(ctxOf(t), deploy.Request{Stack: stack, Image: image})
	if err != nil {
		t.Fatalf("deploying %s into %s: %v", image, stack, err)
	}
	if result.Image != image || len(result.Services) != 1 {
		t.Errorf("Deploy of %s into %s = %+v, want one service with it", image, stack, result)
	}
	more(t, loads...)
	results := make([]*load.Result, len(loads))
	for i, l := range loads {
		results[i] = l.Finish()
	}
	return results
}

// requireAnsweredBy fails the test unless every request was answered well, each of the
// versions answered some, and nobody else any. A rollout that the load has not seen
// would prove nothing.
func requireAnsweredBy(t *testing.T, what string, r *load.Result, versions ...string) {
	t.Helper()
	if r.Failed() != 0 {
		t.Errorf("%s: %d of %d requests lost: %v", what, r.Failed(), r.Requests(), r.Failures())
	}
	answered := r.Versions()
	for _, v := range versions {
		if answered[v] == 0 {
			t.Errorf("%s: no answer of %s, want some: %v", what, v, answered)
		}
		delete(answered, v)
	}
	if len(answered) != 0 {
		t.Errorf("%s: answers of %v, want none but of %v", what, answered, versions)
	}
}
