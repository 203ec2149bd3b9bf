package ecs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecs "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/slipway-go/slipway/emulator/internal/container"
)

func TestCheckResult(t *testing.T) {
	t.Parallel()
	two, ten := 2, 10
	for _, tt := range []struct {
		name   string
		check  HealthCheck
		checks string // one every second: "+" passes, "-" fails
		want   string
	}{
		{"none yet", HealthCheck{}, "", ""},
		{"passed", HealthCheck{}, "+", statusHealthy},
		{"two failures of three", HealthCheck{}, "--", ""},
		{"three failures", HealthCheck{}, "---", statusUnhealthy},
		{"not in a row", HealthCheck{}, "--+--", statusHealthy},
		{"fewer retries", HealthCheck{Retries: &two}, "+--", statusUnhealthy},
		{"recovered", HealthCheck{}, "---+", statusHealthy},
		{"failures in the start period", HealthCheck{StartPeriod: &ten}, "-----", ""},
		{"after the start period", HealthCheck{StartPeriod: &ten}, "------------", statusUnhealthy},
		{"passed in the start period", HealthCheck{StartPeriod: &ten}, "+---", statusUnhealthy},
	} {
		var r checkResult
		for i, c := range tt.checks {
			r.record(&tt.check, c == '+', time.Duration(i+1)*time.Second)
		}
		if r.status != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, r.status, tt.want)
		}
	}
}

func withCheck(c *types.ContainerDefinition) {
	c.HealthCheck = &types.HealthCheck{Command: []string{"CMD", "/healthy"}, Interval: aws.Int32(5)}
}

// commands is a runtime whose containers serve all requests, those of load balancers
// included, and whose health check command fails for some images.
type commands struct {
	*container.Builtin
	mu      sync.Mutex
	failing map[string]bool // by image
}

func (r *commands) fail(image string, fails bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failing[image] = fails
}

func (r *commands) Start(ctx context.Context, spec container.Spec) (container.Container, error) {
	c, err := r.Builtin.Start(ctx, spec)
	if err != nil {
		return nil, err
	}
	return commanded{c, r, spec.Image}, nil
}

type commanded struct {
	container.Container
	runtime *commands
	image   string
}

func (c commanded) CheckHealth(_ context.Context, command []string) error {
	c.runtime.mu.Lock()
	defer c.runtime.mu.Unlock()
	if len(command) != 2 || c.runtime.failing[c.image] {
		return errors.New("exit code 1")
	}
	return nil
}

func newCommandWorld(t *testing.T) (*world, *commands) {
	t.Helper()
	runtime := &commands{failing: map[string]bool{}}
	w := newWorld(t, func(o *Options) {
		runtime.Builtin = o.Runtime.(*container.Builtin)
		o.Runtime = runtime
	})
	return w, runtime
}

// TestContainerHealthCheckDecides with a load balancer, whose own check passes, and
// without one.
func TestContainerHealthCheckDecides(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*awsecs.CreateServiceInput){
		"with load balancer":    func(*awsecs.CreateServiceInput) {},
		"without load balancer": func(in *awsecs.CreateServiceInput) { in.LoadBalancers = nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, runtime := newCommandWorld(t)
			w.create(w.register("acme/app:v1", withCheck), 2, change)
			w.stable()
			before := w.running()
			for _, task := range w.tasks(types.DesiredStatusRunning) {
				if task.HealthStatus != types.HealthStatusHealthy || task.Containers[0].HealthStatus != types.HealthStatusHealthy {
					t.Errorf("a task of a stable service is %s, its container %s", task.HealthStatus, task.Containers[0].HealthStatus)
				}
			}

			runtime.fail("acme/app:v2", true)
			id := w.deploy(w.register("acme/app:v2", withCheck))
			if err := w.service.AwaitService(w.ctx, "main", "web", id); !errors.As(err, new(*DeploymentFailedError)) {
				t.Fatalf("error %v, want a failed deployment\n%s", err, w.history())
			}
			for _, task := range w.stoppedBy(id) {
				if task.HealthStatus != types.HealthStatusUnhealthy || *task.StoppedReason != "Task failed container health checks" {
					t.Errorf("a task that is %s was stopped: %s", task.HealthStatus, *task.StoppedReason)
				}
			}
			if !hasEvent(w.describe(), "failed container health checks.") {
				t.Errorf("no event of the failed checks\n%s", w.history())
			}
			w.stable()
			if after := w.running(); !slices.Equal(before, after) {
				t.Errorf("tasks %v run after the rollback, want %v", after, before)
			}
		})
	}
}

// TestUnhealthyContainerIsReplaced, though the load balancer finds nothing wrong.
func TestUnhealthyContainerIsReplaced(t *testing.T) {
	t.Parallel()
	w, runtime := newCommandWorld(t)
	w.create(w.register("acme/app:v1", withCheck), 1)
	w.stable()
	runtime.fail("acme/app:v1", true)
	w.eventually("a replacement", func(svc *service) bool {
		for _, t := range svc.tasks {
			if t.health.ailing {
				return len(svc.tasks) > 1
			}
		}
		return false
	})
	runtime.fail("acme/app:v1", false)
	w.stable()
}

func TestHealthyDependency(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		conduct container.Conduct
		want    types.TaskStopCode // of the first task; empty: it runs
	}{
		{"healthy", container.Conduct{}, ""},
		{"unhealthy", container.Conduct{Unhealthy: true}, types.TaskStopCodeTaskFailedToStart},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.images.Set("acme/db:v1", tt.conduct)
			definition := types.ContainerDefinition{Name: aws.String("db"), Image: aws.String("acme/db:v1"), Essential: aws.Bool(false)}
			withCheck(&definition)
			td := w.registerBoth(definition)
			w.create(td, 1)
			if tt.want == "" {
				w.stable()
				return
			}
			w.eventually("a task that failed to start", func(svc *service) bool {
				for _, t := range svc.cluster.tasks {
					if t.stopCode == string(tt.want) && t.stoppedReason == "dependency: container db is UNHEALTHY" {
						return true
					}
				}
				return false
			})
		})
	}
}

// registerBoth registers a task in which the web container waits for another to be healthy.
func (w *world) registerBoth(other types.ContainerDefinition) string {
	w.t.Helper()
	out, err := w.client.RegisterTaskDefinition(w.ctx, &awsecs.RegisterTaskDefinitionInput{
		Family: aws.String("both"), Cpu: aws.String("256"), Memory: aws.String("512"),
		NetworkMode: types.NetworkModeAwsvpc, RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate},
		ContainerDefinitions: []types.ContainerDefinition{other, {
			Name: aws.String("web"), Image: aws.String("acme/app:v1"),
			PortMappings: []types.PortMapping{{ContainerPort: aws.Int32(80)}},
			DependsOn:    []types.ContainerDependency{{ContainerName: other.Name, Condition: types.ContainerConditionHealthy}},
		}},
	})
	if err != nil {
		w.t.Fatalf("registering both: %v", err)
	}
	return *out.TaskDefinition.TaskDefinitionArn
}

// TestHealthCheckRanges: an interval of 0 would check without a pause.
func TestHealthCheckRanges(t *testing.T) {
	t.Parallel()
	n := func(n int) *int { return &n }
	for _, tt := range []struct {
		check HealthCheck
		want  string
	}{
		{HealthCheck{}, ""},
		{HealthCheck{Interval: n(5), Timeout: n(60), Retries: n(10), StartPeriod: n(0)}, ""},
		{HealthCheck{Interval: n(0)}, "interval of container web must be between 5 and 300."},
		{HealthCheck{Timeout: n(61)}, "timeout of container web must be between 2 and 60."},
		{HealthCheck{Retries: n(0)}, "retries of container web must be between 1 and 10."},
		{HealthCheck{StartPeriod: n(-1)}, "startPeriod of container web must be between 0 and 300."},
	} {
		_, err := checkContainers(&RegisterTaskDefinitionInput{Family: "web", ContainerDefinitions: []ContainerDefinition{{
			Name: "web", Image: "web", HealthCheck: &tt.check,
		}}})
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%+v gives %v, want %q", tt.check, err, tt.want)
		}
	}
}
