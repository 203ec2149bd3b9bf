package deploy_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
	"github.com/slipway-go/slipway/templates"
)

// withoutBreaker is the service template as users have it who know of no circuit breaker.
func withoutBreaker() string {
	return regexp.MustCompile(`("DeploymentCircuitBreaker": \{\s*"Enable":) true`).ReplaceAllString(templates.Service(), "$1 false")
}

// A rollout that ECS would go on with for hours is cancelled, with what its tasks said.
func TestDeployEndsACrashLoop(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		template string
		conduct  emulator.Conduct
		limit    int
		cause    string // in the reason of the tasks
		log      string // in the end of their logs; empty for none
	}{
		"without a breaker":          {withoutBreaker(), emulator.Conduct{Crash: true, ExitCode: 3}, 0, "exited with code 3", "panic: "},
		"healthy, then crashes":      {templates.Service(), emulator.Conduct{Crash: true, Serves: true, CrashAfter: 100 * time.Second}, 2, "Essential container", "serves"},
		"missing, without a breaker": {withoutBreaker(), emulator.Conduct{Missing: true}, 2, "CannotPullContainerError", ""},
		"wrong answer":               {withoutBreaker(), emulator.Conduct{HealthStatus: 500}, 2, "failed ELB health checks", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, deploy.Options{})
			w.srv.SetImage(":v2", tt.conduct)
			w.upDraining(t)
			if tt.template != templates.Service() {
				if !strings.Contains(tt.template, `"Enable": false`) {
					t.Fatal("the template has its circuit breaker still")
				}
				if _, err := w.Up(ctxOf(t), deploy.StackSpec{Name: service, TemplateBody: tt.template, Capabilities: []string{"CAPABILITY_IAM"}}); err != nil {
					t.Fatal(err)
				}
			}
			_, err := w.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: v2, MaxFailedTasks: tt.limit})
			var rolledBack *deploy.RolledBackError
			if !errors.As(err, &rolledBack) {
				t.Fatalf("error %v; want a *RolledBackError", err)
			}
			if rolledBack.StackStatus != "UPDATE_ROLLBACK_COMPLETE" || !strings.HasPrefix(rolledBack.Reason, "the update was cancelled: ") ||
				!strings.Contains(rolledBack.Reason, "have stopped, last: ") || !strings.Contains(rolledBack.Summary(), tt.cause) {
				t.Errorf("error %+v", rolledBack)
			}
			if tt.log != "" && !slices.ContainsFunc(rolledBack.Tasks, func(task deploy.StoppedTask) bool {
				return strings.Contains(strings.Join(task.Log, "\n"), tt.log)
			}) {
				t.Errorf("tasks %+v; want %q in the log of one", rolledBack.Tasks, tt.log)
			}
			if !has(w, func(e deploy.Cancelling) bool { return e.Stack == service && strings.Contains(e.Why, "have stopped") }) {
				t.Error("that the update is cancelled was not told")
			}
			if image := w.image(t); image != v1 {
				t.Errorf("the stack's image is %s, want %s", image, v1)
			}
		})
	}
}

// upDraining is up with old tasks that stay as long as they may: a rollout whose new ones
// come and go has not ended meanwhile.
func (w *world) upDraining(t *testing.T) {
	t.Helper()
	if _, err := w.Up(ctxOf(t), deploy.StackSpec{Name: network, TemplateBody: templates.Network()}); err != nil {
		t.Fatal(err)
	}
	w.upServiceWith(t, templates.Service(), map[string]string{
		contract.ParameterImageURL: v1, contract.ParameterDeregistrationDelaySeconds: "300",
	})
}

// An update that is through before it can be cancelled does not make a version good that
// crashes again and again.
func TestDeployTellsOfACrashLoopThatIsDeployed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.srv.SetImage(":v2", emulator.Conduct{Crash: true, Serves: true, CrashAfter: 100 * time.Second})
	w.upDraining(t)
	_, err := w.srv.Inject(emulator.FaultError{
		FaultCalls: emulator.FaultCalls{Operation: "CancelUpdateStack"}, Code: "ValidationError", Status: 400,
		Message: "CancelUpdateStack cannot be called from current stack status",
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: v2, MaxFailedTasks: 2})
	var crashing *deploy.CrashingError
	if !errors.As(err, &crashing) {
		t.Fatalf("error %v; want a *CrashingError", err)
	}
	if crashing.Stack != service || len(crashing.Tasks) < 2 || !strings.Contains(err.Error(), "Essential container in task exited") ||
		!strings.Contains(err.Error(), "slipway rollback "+service) {
		t.Errorf("error %+v: %v", crashing, err)
	}
	if image := w.image(t); image != v2 {
		t.Errorf("the stack's image is %s, want %s", image, v2)
	}
}

// A version whose first tasks fail, and that runs then, is a good one, even where nobody
// may cancel the update.
func TestDeployOfWhatComesToRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.srv.SetImage(":v2", emulator.Conduct{Crash: true, CrashAfter: -1})
	w.upShop(t, variant("# breaker", "      DeploymentConfiguration: {DeploymentCircuitBreaker: {Enable: false, Rollback: false}}"), v1)
	_, err := w.srv.Inject(emulator.FaultError{
		FaultCalls: emulator.FaultCalls{Operation: "CancelUpdateStack"}, Code: "AccessDenied", Status: 403, Message: "not authorized",
	})
	if err != nil {
		t.Fatal(err)
	}
	w.onEvent(func(e deploy.Event) {
		if _, failed := e.(deploy.Retrying); failed { // the refusal was told
			w.srv.SetImage(":v2", emulator.Conduct{})
		}
	})
	result, err := w.Deploy(ctxOf(t), deploy.Request{Stack: shop, Image: v2, MaxFailedTasks: 2})
	if err != nil || result.Image != v2 {
		t.Errorf("result %+v, %v; want it deployed", result, err)
	}
}

// What takes too long is cancelled, and not left.
func TestDeployOutOfTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{Timeout: 3 * time.Minute})
	w.srv.SetImage(":v2", emulator.Conduct{PullTime: 10 * time.Minute})
	w.up(t, v1)
	_, err := w.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: v2})
	var late *deploy.TimeoutError
	if !errors.As(err, &late) || late.RolledBack == nil || late.RolledBack.StackStatus != "UPDATE_ROLLBACK_COMPLETE" {
		t.Fatalf("error %v; want a *TimeoutError after a rollback", err)
	}
	if !strings.Contains(err.Error(), "has not settled within 3m0s: the update was cancelled and rolled back") {
		t.Errorf("error %v", err)
	}
	if image := w.image(t); image != v1 {
		t.Errorf("the stack's image is %s, want %s", image, v1)
	}
}

// deployments counts the deployments that a service has had.
func (w *world) deployments(t *testing.T) int {
	t.Helper()
	s, err := w.Status(ctxOf(t), service, "")
	if err != nil {
		t.Fatal(err)
	}
	out, err := ecs.NewFromConfig(w.cfg).ListServiceDeployments(ctxOf(t), &ecs.ListServiceDeploymentsInput{
		Cluster: &s.Services[0].Cluster, Service: &s.Services[0].Service,
	})
	if err != nil {
		t.Fatal(err)
	}
	return len(out.ServiceDeployments)
}

// The same deploy, started again, goes on with the rollout that is under way.
func TestDeployResumes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.srv.SetImage(":v2", slowStart)
	w.up(t, v1)
	ctx, cancel := context.WithCancel(ctxOf(t))
	defer cancel()
	w.onEvent(func(e deploy.Event) {
		if _, rolling := e.(deploy.DeploymentProgress); rolling {
			cancel()
		}
	})
	var left *deploy.InterruptedError
	if _, err := w.Deploy(ctx, deploy.Request{Stack: service, Image: v2}); !errors.As(err, &left) || !left.Left {
		t.Fatalf("error %v; want it left running", err)
	}
	w.onEvent(nil)

	// Another image, parameter or role is another deploy, for which the stack is busy.
	var busy *deploy.StackStateError
	if _, err := w.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: "acme/web:v3"}); !errors.As(err, &busy) {
		t.Fatalf("error %v; want a *StackStateError", err)
	}
	result, err := w.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: v2})
	if err != nil {
		t.Fatal(err)
	}
	if !result.Resumed || result.AlreadyCurrent || result.PreviousImage != v1 || len(result.Services) != 1 || result.Services[0].Running != 2 {
		t.Errorf("result %+v; want the rollout resumed and proven", result)
	}
	if !has(w, func(e deploy.Resuming) bool { return strings.HasPrefix(e.Operation, "slipway-") }) {
		t.Error("that the rollout is resumed was not told")
	}
	if n := w.deployments(t); n != 2 {
		t.Errorf("%d deployments, want the first and one rollout", n)
	}
}

// A rollout that fails is told as such by the run that resumed it, and is a new attempt
// for the one after that.
func TestDeployResumesAFailingRollout(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.srv.SetImage(":v2", emulator.Conduct{Crash: true, CrashAfter: 2 * time.Minute})
	w.up(t, v1)
	started, err := w.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: v2, NoWait: true})
	if err != nil || !started.Started {
		t.Fatalf("result %+v, %v; want it started", started, err)
	}
	for range 2 {
		var rolledBack *deploy.RolledBackError
		if _, err := w.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: v2}); !errors.As(err, &rolledBack) || len(rolledBack.Tasks) == 0 {
			t.Fatalf("error %v; want a *RolledBackError with tasks", err)
		}
	}
	if n := w.deployments(t); n != 3 {
		t.Errorf("%d deployments, want the first and one for each attempt", n)
	}
}

func TestDeployWaitsForTheStack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deploy.Options{})
	w.srv.SetImage(":v2", slowStart)
	w.up(t, v1)
	another := func(image string) {
		t.Helper()
		_, err := cloudformation.NewFromConfig(w.cfg).UpdateStack(ctxOf(t), &cloudformation.UpdateStackInput{
			StackName: aws.String(service), UsePreviousTemplate: aws.Bool(true),
			Capabilities: []types.Capability{types.CapabilityCapabilityIam},
			Parameters: append(previous(t, w, contract.ParameterImageURL),
				types.Parameter{ParameterKey: aws.String(contract.ParameterImageURL), ParameterValue: &image}),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	another(v2)
	var busy *deploy.StackStateError
	_, err := w.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: "acme/web:v3", WaitForStack: 20 * time.Second})
	if !errors.As(err, &busy) || !strings.Contains(err.Error(), "still under way after 20s") {
		t.Fatalf("error %v; want that it is still busy", err)
	}
	result, err := w.Deploy(ctxOf(t), deploy.Request{Stack: service, Image: "acme/web:v3", WaitForStack: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	// It was read anew: before the wait the image was v1.
	if result.PreviousImage != v2 || !has(w, func(e deploy.Waiting) bool { return e.Stack == service }) {
		t.Errorf("result %+v; want it deployed after %s", result, v2)
	}
	if result.Phases[1].Name != deploy.PhaseWait {
		t.Errorf("phases %+v; want the wait among them", result.Phases)
	}
}

// previous are the stack's parameters as they are, but for one.
func previous(t *testing.T, w *world, but string) []types.Parameter {
	t.Helper()
	out, err := cloudformation.NewFromConfig(w.cfg).DescribeStacks(ctxOf(t), &cloudformation.DescribeStacksInput{StackName: aws.String(service)})
	if err != nil {
		t.Fatal(err)
	}
	var list []types.Parameter
	for _, p := range out.Stacks[0].Parameters {
		if *p.ParameterKey != but {
			list = append(list, types.Parameter{ParameterKey: p.ParameterKey, UsePreviousValue: aws.Bool(true)})
		}
	}
	return list
}
