package deploy_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/imageref"
	"github.com/slipway-go/slipway/templates"
)

// noKeys keeps tests away from the credentials of who runs them.
type noKeys struct{}

func (noKeys) Resolve(authn.Resource) (authn.Authenticator, error) { return authn.Anonymous, nil }

// newShop starts an AWS with a deployer that resolves images, and returns it with the
// repository to push to.
func newShop(t *testing.T, o deploy.Options) (*world, string) {
	t.Helper()
	if o.Resolver == nil {
		o.Resolver = &imageref.Resolver{Keychain: noKeys{}}
	}
	w := newWorld(t, o)
	return w, w.srv.Registry() + "/acme/shop"
}

// push puts an image into the emulated registry and returns its digest.
func (w *world) push(t *testing.T, reference string, image emulator.Image) string {
	t.Helper()
	digest, err := w.srv.PushImage(reference, image)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

// rollOut deploys and returns the result.
func (w *world) rollOut(t *testing.T, request deploy.Request) *deploy.Result {
	t.Helper()
	request.Stack = service
	result, err := w.Deploy(ctxOf(t), request)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// digests are what the running tasks of a deploy's service say that they run.
func (w *world) digests(t *testing.T, result *deploy.Result) []string {
	t.Helper()
	api, of := ecs.NewFromConfig(w.cfg), result.Services[0]
	listed, err := api.ListTasks(ctxOf(t), &ecs.ListTasksInput{Cluster: &of.Cluster, ServiceName: &of.Service})
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := api.DescribeTasks(ctxOf(t), &ecs.DescribeTasksInput{Cluster: &of.Cluster, Tasks: listed.TaskArns})
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, task := range tasks.Tasks {
		found = append(found, aws.ToString(task.Containers[0].ImageDigest))
	}
	return found
}

// TestDeployLatest: a tag that has moved is a change, one that has not is none, and the
// digest brings back the very bytes that ran.
func TestDeployLatest(t *testing.T) {
	t.Parallel()
	w, shop := newShop(t, deploy.Options{})
	latest := shop + ":latest"
	first := w.push(t, latest, emulator.Image{Content: "1"})
	w.up(t, latest)

	// The parameter has the tag without a digest, so that nobody knows what a new task
	// would run.
	pinned := w.rollOut(t, deploy.Request{Image: latest})
	if want := latest + "@" + first; pinned.AlreadyCurrent || pinned.Requested != latest || pinned.Image != want || pinned.PreviousImage != latest || w.image(t) != want {
		t.Errorf("deployed %+v with parameter %s; want %s", pinned, w.image(t), want)
	}
	if !has(w, func(e deploy.ImageResolved) bool {
		return e.Requested == latest && e.Image == pinned.Image && e.Platform == "linux/amd64" && !e.PlatformUntold
	}) {
		t.Error("it was not told what the tag names")
	}
	if again := w.rollOut(t, deploy.Request{Image: latest}); !again.AlreadyCurrent {
		t.Errorf("the same again: %+v; want it to be current", again)
	}

	second := w.push(t, latest, emulator.Image{Content: "2"})
	moved := w.rollOut(t, deploy.Request{Image: latest})
	if moved.AlreadyCurrent || moved.Image != latest+"@"+second || moved.Services[0].Digest != second {
		t.Errorf("pushed again: %+v; want a rollout of %s", moved, second)
	}
	if diff := cmp.Diff([]string{second, second}, w.digests(t, moved)); diff != "" {
		t.Errorf("tasks run (-want +got):\n%s", diff)
	}
	// Another tag of the image that runs is no change.
	w.push(t, shop+":v2", emulator.Image{Content: "2"})
	if released := w.rollOut(t, deploy.Request{Image: shop + ":v2"}); !released.AlreadyCurrent || released.PreviousImage != moved.Image {
		t.Errorf("the same by another tag: %+v; want it to be current", released)
	}

	back := w.rollOut(t, deploy.Request{Image: shop + "@" + first})
	if back.AlreadyCurrent || back.Image != shop+"@"+first {
		t.Errorf("back: %+v", back)
	}
	if diff := cmp.Diff([]string{first, first}, w.digests(t, back)); diff != "" {
		t.Errorf("tasks run (-want +got):\n%s", diff)
	}
	status, err := w.Status(ctxOf(t), service, "")
	if err != nil || len(status.Drift) > 0 {
		t.Errorf("status %+v, %v; want no drift", status, err)
	}
}

// An image that cannot run is found out before anything is changed.
func TestUnresolved(t *testing.T) {
	t.Parallel()
	w, shop := newShop(t, deploy.Options{})
	w.push(t, shop+":v1", emulator.Image{})
	w.push(t, shop+":arm", emulator.Image{Architectures: []string{"arm64"}})
	w.up(t, shop+":v1")
	gone := httptest.NewServer(nil)
	gone.Close()
	down := strings.TrimPrefix(gone.URL, "http://")

	tests := map[string]struct {
		image string
		want  []string
	}{
		"no such tag":        {shop + ":v9", []string{"repository " + shop + " has no tag v9; check the reference, or push the image first", "add --no-resolve"}},
		"no such digest":     {shop + "@sha256:" + strings.Repeat("a", 64), []string{"repository " + shop + " has no image sha256:aaa"}},
		"no such repository": {w.srv.Registry() + "/acme/store:v1", []string{"has no repository " + w.srv.Registry() + "/acme/store; check"}},
		"another CPU":        {shop + ":arm", []string{shop + ":arm is for linux/arm64; needed is linux/amd64; build the image for linux/amd64"}},
		"registry down":      {down + "/acme/shop:v1", []string{down + " cannot be reached: ", "connection refused; try again, or do without the registry (--no-resolve)"}},
	}
	for title, tt := range tests {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			_, err := w.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: tt.image})
			var input *deploy.InputError
			if !errors.As(err, &input) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("error %v (%T); want an *InputError of one line", err, err)
			}
			for _, want := range append(tt.want, "resolving image "+tt.image) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
		})
	}
	t.Cleanup(func() { // when all have ended
		for _, call := range w.srv.Calls() {
			if strings.Contains(call.Operation, "ChangeSet") {
				t.Errorf("a change set was asked for: %s", call.Operation)
			}
		}
	})
}

// The platform is that of the task definition as it is deployed.
func TestResolveForARM(t *testing.T) {
	t.Parallel()
	w, shop := newShop(t, deploy.Options{})
	w.push(t, shop+":v1", emulator.Image{Architectures: []string{"arm64"}})
	w.push(t, shop+":amd", emulator.Image{Content: "amd"})
	both := w.push(t, shop+":both", emulator.Image{Architectures: []string{"amd64", "arm64"}})
	if _, err := w.Up(ctxOf(t), deploy.StackSpec{Name: network, TemplateBody: templates.Network()}); err != nil {
		t.Fatal(err)
	}
	w.upService(t, strings.Replace(templates.Service(), `"RequiresCompatibilities": [`,
		`"RuntimePlatform": {"CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX"}, "RequiresCompatibilities": [`, 1), shop+":v1")

	_, err := w.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: shop + ":amd"})
	var platform *imageref.PlatformError
	if !errors.As(err, &platform) || platform.Want.Architecture != "arm64" {
		t.Errorf("error %v; want that linux/arm64 is needed", err)
	}
	// What is deployed is the index itself, not the image in it.
	if result := w.rollOut(t, deploy.Request{Image: shop + ":both"}); result.Services[0].Digest != both {
		t.Errorf("deployed %+v; want digest %s", result, both)
	}
}

// TestNoResolve: an image that is not resolved is deployed as it is named, and a tag that
// the parameter has already is no change that CloudFormation could see.
func TestNoResolve(t *testing.T) {
	t.Parallel()
	w, shop := newShop(t, deploy.Options{})
	w.push(t, shop+":v1", emulator.Image{})
	second := w.push(t, shop+":v2", emulator.Image{Content: "2"})
	w.up(t, shop+":v1")
	if result := w.rollOut(t, deploy.Request{Image: shop + ":v2", NoResolve: true}); result.Image != shop+":v2" || w.image(t) != shop+":v2" {
		t.Errorf("deployed %+v with parameter %s; want the tag", result, w.image(t))
	}
	_, err := w.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: shop + ":v2", NoResolve: true})
	var refused *deploy.RefusedError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "CloudFormation would see no change") || !strings.Contains(refused.Advice, "--no-resolve") {
		t.Errorf("the same tag again: error %v; want a *RefusedError with advice", err)
	}
	byDigest := deploy.Request{Image: shop + "@" + second, NoResolve: true}
	for i := range 2 {
		if result := w.rollOut(t, byDigest); result.AlreadyCurrent != (i == 1) {
			t.Errorf("deploy %d by digest: %+v", i+1, result)
		}
	}
}

// A tag that moves while the stack is waited for stays what it was when the deploy began.
func TestResolvedOnce(t *testing.T) {
	t.Parallel()
	w, shop := newShop(t, deploy.Options{})
	w.srv.SetImage(":v2", slowStart)
	w.push(t, shop+":v1", emulator.Image{})
	w.push(t, shop+":v2", emulator.Image{Content: "2"})
	asked := w.push(t, shop+":latest", emulator.Image{Content: "3"})
	w.up(t, shop+":v1")
	if begun := w.rollOut(t, deploy.Request{Image: shop + ":v2", NoWait: true}); !begun.Started {
		t.Fatalf("%+v; want it to be begun", begun)
	}
	w.onEvent(func(e deploy.Event) {
		if _, waits := e.(deploy.Waiting); waits {
			w.push(t, shop+":latest", emulator.Image{Content: "4"})
		}
	})
	result := w.rollOut(t, deploy.Request{Image: shop + ":latest", WaitForStack: time.Hour})
	if result.Services[0].Digest != asked || result.PreviousImage == shop+":v1" {
		t.Errorf("deployed %+v; want %s after the other deploy", result, asked)
	}
}

// A deploy of a tag goes on with what the same deploy has begun.
func TestResumeResolved(t *testing.T) {
	t.Parallel()
	w, shop := newShop(t, deploy.Options{})
	w.srv.SetImage(":v2", slowStart)
	w.push(t, shop+":v1", emulator.Image{})
	second := w.push(t, shop+":v2", emulator.Image{Content: "2"})
	w.up(t, shop+":v1")
	for i := range 2 {
		result := w.rollOut(t, deploy.Request{Image: shop + ":v2", NoWait: true})
		if result.Resumed != (i == 1) || result.Image != shop+":v2@"+second {
			t.Errorf("deploy %d: %+v; want the second to be resumed", i+1, result)
		}
	}
}

// stuckResolver is a registry that never answers.
type stuckResolver struct{ asked chan<- struct{} }

func (s stuckResolver) Resolve(ctx context.Context, _ imageref.Ref, _ imageref.Platform) (imageref.Resolved, error) {
	s.asked <- struct{}{}
	<-ctx.Done()
	return imageref.Resolved{}, context.Cause(ctx)
}

func TestInterruptedWhileResolving(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{}, 1)
	w, _ := newShop(t, deploy.Options{Resolver: stuckResolver{asked}})
	w.up(t, v1)
	ctx, cancel := context.WithCancel(ctxOf(t))
	go func() {
		<-asked
		cancel()
	}()
	_, err := w.Deploy(ctx, deploy.Request{Stack: service, Image: v2})
	var interrupted *deploy.InterruptedError
	if !errors.As(err, &interrupted) || interrupted.Left {
		t.Errorf("error %v; want an *InterruptedError before anything was changed", err)
	}
}

// An image that ECS takes in no task definition is refused without asking anybody.
func TestLongImage(t *testing.T) {
	t.Parallel()
	d := deploy.New(configFor("http://127.0.0.1:1", "eu-west-1"), deploy.Options{})
	name := "registry.example.com/" + strings.Repeat("a", 230) + ":v12345"
	digest := "@sha256:" + strings.Repeat("a", 64)
	for image, tooLong := range map[string]bool{name: true, name + digest: true, name[1:2] + ".io/a" + digest: false} {
		_, err := d.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: image})
		if err == nil || strings.Contains(err.Error(), "ECS takes 255 at most") != tooLong {
			t.Errorf("%d characters: error %v", len(image), err)
		}
	}
}
