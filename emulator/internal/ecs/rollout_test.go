package ecs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecs "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/emulator/internal/container"
)

func TestCreateReachesSteadyState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(w.register("acme/app:v1"), 2)
	w.stable()

	s := w.describe()
	if s.RunningCount != 2 || s.PendingCount != 0 || len(s.Deployments) != 1 {
		t.Fatalf("running %d, pending %d, %d deployments", s.RunningCount, s.PendingCount, len(s.Deployments))
	}
	d := s.Deployments[0]
	if d.RolloutState != types.DeploymentRolloutStateCompleted || *d.RolloutStateReason != "ECS deployment "+*d.Id+" completed." {
		t.Errorf("rollout state %s: %s", d.RolloutState, *d.RolloutStateReason)
	}
	for _, text := range []string{
		"(service web) has started 2 tasks: (task ", "registered ", "targets in (target-group " + webGroup + ")",
		"(deployment " + *d.Id + ") deployment completed.", "(service web) has reached a steady state.",
	} {
		if !hasEvent(s, text) {
			t.Errorf("no event %q", text)
		}
	}
	for _, task := range w.tasks(types.DesiredStatusRunning) {
		if *task.StartedBy != *d.Id || *task.Group != "service:web" || *task.LastStatus != "RUNNING" {
			t.Errorf("task %s: startedBy %s, group %s, %s", *task.TaskArn, *task.StartedBy, *task.Group, *task.LastStatus)
		}
		for _, later := range []struct{ a, b *time.Time }{{task.CreatedAt, task.PullStartedAt}, {task.PullStartedAt, task.PullStoppedAt}, {task.PullStoppedAt, task.StartedAt}} {
			if later.a == nil || later.b == nil || later.b.Before(*later.a) {
				t.Errorf("timestamps of %s are out of order: %v, %v", *task.TaskArn, later.a, later.b)
			}
		}
		if got, want := *task.Containers[0].ImageDigest, container.Digest("acme/app:v1"); got != want {
			t.Errorf("digest %s, want %s", got, want)
		}
	}
}

func TestRollingUpdateKeepsItsPercentages(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name                      string
		desired, minimum, maximum int32
		lowest, most              int
	}{
		{"100/200 of 2", 2, 100, 200, 2, 4},
		{"50/100 of 2", 2, 50, 100, 1, 2},
		{"66/133 of 3", 3, 66, 133, 2, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.create(w.register("acme/app:v1"), tt.desired, func(in *awsecs.CreateServiceInput) {
				in.DeploymentConfiguration = rolling(tt.minimum, tt.maximum, true)
			})
			w.stable()
			w.targets.watch()
			id := w.deploy(w.register("acme/app:v2"))
			if err := w.service.AwaitService(w.ctx, "main", "web", id); err != nil {
				t.Fatalf("%v\n%s", err, w.history())
			}
			lowest, most := w.targets.watchedCounts()
			if lowest < tt.lowest || most > tt.most {
				t.Errorf("between %d healthy and %d in all, want at least %d and at most %d\n%s", lowest, most, tt.lowest, tt.most, w.history())
			}
			for _, task := range w.tasks(types.DesiredStatusRunning) {
				if *task.StartedBy != id || *task.Containers[0].Image != "acme/app:v2" {
					t.Errorf("%s runs in %s", *task.Containers[0].Image, *task.StartedBy)
				}
			}
			for _, task := range w.tasks(types.DesiredStatusStopped) {
				if task.StopCode != types.TaskStopCodeServiceSchedulerInitiated || *task.StoppedReason != "Scaling activity initiated by (deployment "+id+")" {
					t.Errorf("stopped by %s: %s", task.StopCode, *task.StoppedReason)
				}
				if code := task.Containers[0].ExitCode; code == nil || *code != 0 {
					t.Errorf("a stopped task's exit code is %v", code)
				}
			}
			if s := w.describe(); !hasEvent(s, "has begun draining connections on ") || !hasEvent(s, " running tasks: (task ") || !hasEvent(s, "deregistered ") {
				t.Errorf("events miss the draining:\n%s", w.history())
			}
			d := w.serviceDeployments()[0]
			if d.Status != types.ServiceDeploymentStatusSuccessful || len(d.SourceServiceRevisions) != 1 {
				t.Errorf("service deployment %s with %d sources", d.Status, len(d.SourceServiceRevisions))
			}
		})
	}
}

// serviceDeployments are those of the service, newest first.
func (w *world) serviceDeployments() []types.ServiceDeployment {
	w.t.Helper()
	list, err := w.client.ListServiceDeployments(w.ctx, &awsecs.ListServiceDeploymentsInput{Cluster: aws.String("main"), Service: aws.String("web")})
	if err != nil {
		w.t.Fatalf("listing service deployments: %v", err)
	}
	var arns []string
	for _, d := range list.ServiceDeployments {
		arns = append(arns, *d.ServiceDeploymentArn)
	}
	out, err := w.client.DescribeServiceDeployments(w.ctx, &awsecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: arns})
	if err != nil || len(out.Failures) > 0 {
		w.t.Fatalf("describing service deployments: %v, %v", out, err)
	}
	return out.ServiceDeployments
}

func TestBreakerRollsBack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		conduct container.Conduct
		code    types.TaskStopCode
		reason  string
	}{
		{"crash", container.Conduct{Crash: true, ExitCode: 3}, types.TaskStopCodeEssentialContainerExited, "Essential container in task exited"},
		{"unhealthy", container.Conduct{Unhealthy: true}, types.TaskStopCodeServiceSchedulerInitiated, "Task failed ELB health checks in (target-group " + webGroup + ")"},
		{"missing", container.Conduct{Missing: true}, types.TaskStopCodeTaskFailedToStart, "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref acme/app:v2: acme/app:v2: not found"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.images.Set(":v2", tt.conduct)
			v1 := w.register("acme/app:v1")
			first := *w.create(v1, 2).Deployments[0].Id
			w.stable()
			before := w.running()
			w.targets.watch()

			id := w.deploy(w.register("acme/app:v2"))
			err := w.service.AwaitService(w.ctx, "main", "web", id)
			failed := (*DeploymentFailedError)(nil)
			if !errors.As(err, &failed) || failed.Deployment != id || failed.Reason != "ECS deployment circuit breaker: tasks failed to start." {
				t.Fatalf("error %v, want a failed deployment\n%s", err, w.history())
			}
			for _, task := range w.stoppedBy(id) {
				if task.StopCode != tt.code || *task.StoppedReason != tt.reason {
					t.Errorf("stopped by %s: %s", task.StopCode, *task.StoppedReason)
				}
				if code := task.Containers[0].ExitCode; tt.conduct.Crash && (code == nil || *code != 3) {
					t.Errorf("exit code %v, want 3", code)
				}
				if tt.conduct.Missing && aws.ToString(task.Containers[0].Reason) != tt.reason {
					t.Errorf("container reason %q", aws.ToString(task.Containers[0].Reason))
				}
			}
			w.stable()
			if diff := cmp.Diff(before, w.running()); diff != "" {
				t.Errorf("tasks that run (-before +after):\n%s", diff)
			}
			if lowest, _ := w.targets.watchedCounts(); lowest < 2 {
				t.Errorf("only %d healthy at a time", lowest)
			}
			s := w.describe()
			if *s.TaskDefinition != v1 || len(s.Deployments) != 1 || !hasEvent(s, "(deployment "+id+") deployment failed: tasks failed to start.") || !hasEvent(s, "rolling back to deployment "+first+".") {
				t.Errorf("after the rollback: %s, %d deployments\n%s", *s.TaskDefinition, len(s.Deployments), w.history())
			}
			if p := s.Deployments[0]; *p.Id != first || *p.RolloutStateReason != "ECS deployment "+first+" completed." {
				t.Errorf("PRIMARY is %s: %s, want %s", *p.Id, *p.RolloutStateReason, first)
			}
			d := w.serviceDeployments()[0]
			if d.Status != types.ServiceDeploymentStatusRollbackSuccessful || d.Rollback == nil || *d.Rollback.ServiceRevisionArn != *d.SourceServiceRevisions[0].Arn {
				t.Errorf("service deployment %s, rollback %+v", d.Status, d.Rollback)
			}
			if b := d.DeploymentCircuitBreaker; b.Status != types.ServiceDeploymentRollbackMonitorsStatusTriggered || b.FailureCount != 3 || b.Threshold != 3 {
				t.Errorf("circuit breaker %+v", b)
			}
		})
	}
}

// running are the ARNs of the service's tasks, sorted.
func (w *world) running() []string {
	w.t.Helper()
	var arns []string
	for _, task := range w.tasks(types.DesiredStatusRunning) {
		arns = append(arns, *task.TaskArn)
	}
	slices.Sort(arns)
	return arns
}

// stoppedBy are the deployment's tasks that were stopped, but for those that its end
// has swept away.
func (w *world) stoppedBy(deployment string) []types.Task {
	w.t.Helper()
	var tasks []types.Task
	for _, task := range w.tasks(types.DesiredStatusStopped) {
		if *task.StartedBy == deployment && !strings.HasPrefix(*task.StoppedReason, "Scaling activity") {
			tasks = append(tasks, task)
		}
	}
	if len(tasks) < 3 {
		w.t.Errorf("%d failed tasks of %s, want at least 3\n%s", len(tasks), deployment, w.history())
	}
	return tasks
}

func TestFirstDeploymentHasNothingToRollBackTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.images.Set(":v1", container.Conduct{Crash: true})
	w.create(w.register("acme/app:v1"), 1)
	failed := (*DeploymentFailedError)(nil)
	if err := w.service.AwaitService(w.ctx, "main", "web", ""); !errors.As(err, &failed) {
		t.Fatalf("error %v, want a failed deployment", err)
	}
	if s := w.describe(); s.Deployments[0].RolloutState != types.DeploymentRolloutStateFailed || s.Deployments[0].FailedTasks != 3 {
		t.Errorf("rollout state %s after %d failed tasks", s.Deployments[0].RolloutState, s.Deployments[0].FailedTasks)
	}
	if _, err := w.service.DeleteService(w.ctx, &DeleteServiceInput{Cluster: "main", Service: "web", Force: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	if err := w.service.AwaitServiceInactive(w.ctx, "main", "web"); err != nil {
		t.Fatal(err)
	}
}

func TestWithoutBreakerTheServiceKeepsTrying(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.images.Set(":v1", container.Conduct{Missing: true})
	w.create(w.register("acme/app:v1"), 1, func(in *awsecs.CreateServiceInput) { in.DeploymentConfiguration = rolling(100, 200, false) })
	w.eventually("six failed tasks", func(svc *service) bool { return svc.primary().failed >= 6 })
	if s := w.describe(); s.Deployments[0].RolloutState != types.DeploymentRolloutStateInProgress || !hasEvent(s, "is unable to consistently start tasks successfully") {
		t.Errorf("rollout state %s\n%s", s.Deployments[0].RolloutState, w.history())
	}
	w.images.Set(":v1", container.Conduct{}) // somebody pushes the image
	w.stable()
}

func TestSIGTERMIgnored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.images.Set(":v1", container.Conduct{IgnoreSIGTERM: true})
	w.create(w.register("acme/app:v1", func(c *types.ContainerDefinition) { c.StopTimeout = aws.Int32(40) }), 1)
	w.stable()
	w.deploy(w.register("acme/app:v2"))
	w.stable()
	stopped := w.tasks(types.DesiredStatusStopped)
	if len(stopped) != 1 || *stopped[0].Containers[0].ExitCode != 137 {
		t.Fatalf("stopped tasks: %+v", stopped)
	}
	if took := stopped[0].ExecutionStoppedAt.Sub(*stopped[0].StoppingAt); took < 39*time.Second {
		t.Errorf("killed after %s, want the stop timeout of 40s", took)
	}
}

func TestLostTaskIsReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(w.register("acme/app:v1"), 2)
	w.stable()
	lost := *w.tasks(types.DesiredStatusRunning)[0].TaskArn
	if _, err := w.client.StopTask(w.ctx, &awsecs.StopTaskInput{Cluster: aws.String("main"), Task: aws.String(lost), Reason: aws.String("a test")}); err != nil {
		t.Fatal(err)
	}
	w.stable()
	running := w.tasks(types.DesiredStatusRunning)
	if len(running) != 2 {
		t.Fatalf("%d tasks run", len(running))
	}
	for _, task := range running {
		if *task.TaskArn == lost {
			t.Error("the stopped task runs")
		}
	}
	if stopped := w.tasks(types.DesiredStatusStopped)[0]; stopped.StopCode != types.TaskStopCodeUserInitiated || *stopped.StoppedReason != "a test" {
		t.Errorf("stopped by %s: %s", stopped.StopCode, *stopped.StoppedReason)
	}
}

func TestAilingTaskIsReplacedBeforeItIsStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(w.register("acme/app:v1"), 1)
	w.stable()
	before := *w.tasks(types.DesiredStatusRunning)[0].TaskArn
	w.images.Set(":v1", container.Conduct{Unhealthy: true})
	w.eventually("a replacement", func(svc *service) bool { return len(svc.tasks) > 1 })
	w.images.Set(":v1", container.Conduct{})
	w.stable()
	if running := w.tasks(types.DesiredStatusRunning); len(running) != 1 {
		t.Errorf("%d tasks run, one of them was %s", len(running), before)
	}
}

func TestScale(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	created := w.create(w.register("acme/app:v1"), 1)
	w.stable()
	for _, desired := range []int32{3, 0, 2} {
		id := w.update(func(in *awsecs.UpdateServiceInput) { in.DesiredCount = aws.Int32(desired) })
		if id != *created.Deployments[0].Id {
			t.Errorf("a new desired count started the deployment %s", id)
		}
		w.stable()
		if got := len(w.tasks(types.DesiredStatusRunning)); got != int(desired) {
			t.Errorf("%d tasks, want %d", got, desired)
		}
	}
}

func TestForceNewDeployment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	td := w.register("acme/app:v1")
	first := *w.create(td, 1).Deployments[0].Id
	w.stable()
	if id := w.deploy(td); id != first {
		t.Errorf("the same task definition started the deployment %s", id)
	}
	id := w.update(func(in *awsecs.UpdateServiceInput) { in.ForceNewDeployment = true })
	if id == first {
		t.Fatal("no new deployment was forced")
	}
	w.stable()
	if running := w.tasks(types.DesiredStatusRunning); len(running) != 1 || *running[0].StartedBy != id {
		t.Errorf("%d tasks run, not of %s", len(running), id)
	}
}

func TestUpdateSupersedesRunningDeployment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(w.register("acme/app:v1"), 2)
	w.stable()
	w.targets.watch()
	w.images.Set(":v2", container.Conduct{Unhealthy: true})
	second := w.deploy(w.register("acme/app:v2"))
	w.eventually("tasks of the second deployment", func(svc *service) bool {
		running, _ := svc.counts(func(t *task) bool { return t.startedBy == second })
		return running == 2
	})
	third := w.deploy(w.register("acme/app:v3"))
	if err := w.service.AwaitService(w.ctx, "main", "web", second); err != nil {
		t.Fatalf("waiting by the id of the superseded deployment: %v\n%s", err, w.history())
	}
	if lowest, most := w.targets.watchedCounts(); lowest < 2 || most > 4 {
		t.Errorf("between %d healthy and %d in all", lowest, most)
	}
	all := w.serviceDeployments()
	if all[1].Status != types.ServiceDeploymentStatusStopped || all[0].Status != types.ServiceDeploymentStatusSuccessful {
		t.Errorf("service deployments: %s, %s", all[1].Status, all[0].Status)
	}
	if s := w.describe(); *s.Deployments[0].Id != third {
		t.Errorf("PRIMARY is %s, want %s", *s.Deployments[0].Id, third)
	}
}

func TestStopServiceDeploymentRollsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v1 := w.register("acme/app:v1")
	w.create(v1, 1)
	w.stable()
	w.images.Set(":v2", container.Conduct{PullTime: 24 * time.Hour})
	id := w.deploy(w.register("acme/app:v2"))
	arn := w.serviceDeployments()[0].ServiceDeploymentArn
	if _, err := w.client.StopServiceDeployment(w.ctx, &awsecs.StopServiceDeploymentInput{ServiceDeploymentArn: arn}); err != nil {
		t.Fatal(err)
	}
	if err := w.service.AwaitService(w.ctx, "main", "web", id); !errors.As(err, new(*DeploymentFailedError)) {
		t.Errorf("the stopped deployment: %v", err)
	}
	w.stable()
	if s := w.describe(); *s.TaskDefinition != v1 {
		t.Errorf("task definition %s after the rollback, want %s", *s.TaskDefinition, v1)
	}
	if d := w.serviceDeployments()[0]; d.Status != types.ServiceDeploymentStatusRollbackSuccessful {
		t.Errorf("service deployment %s", d.Status)
	}
}

func TestDeleteService(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(w.register("acme/app:v1"), 2)
	w.stable()
	in := &awsecs.DeleteServiceInput{Cluster: aws.String("main"), Service: aws.String("web")}
	if _, err := w.client.DeleteService(w.ctx, in); !errors.As(err, new(*types.InvalidParameterException)) {
		t.Errorf("deleting a service with tasks: %v", err)
	}
	in.Force = aws.Bool(true)
	out, err := w.client.DeleteService(w.ctx, in)
	if err != nil || *out.Service.Status != "DRAINING" {
		t.Fatalf("deleting: %v, %v", out, err)
	}
	if err := w.service.AwaitServiceInactive(w.ctx, "main", "web"); err != nil {
		t.Fatal(err)
	}
	if s := w.describe(); *s.Status != "INACTIVE" || s.RunningCount != 0 {
		t.Errorf("status %s, %d running", *s.Status, s.RunningCount)
	}
	if err := w.service.AwaitService(w.ctx, "main", "web", ""); err == nil {
		t.Error("an INACTIVE service is stable")
	}
	w.create(w.register("acme/app:v1"), 1) // the name is free again
	w.stable()
}

func TestEarlySIGTERMDoesNotWaitForDraining(t *testing.T) {
	t.Parallel()
	const drain = 10 * time.Minute
	for _, early := range []bool{false, true} {
		w := newWorld(t, func(o *Options) { o.EarlySIGTERM = early })
		w.targets.drain = drain
		w.create(w.register("acme/app:v1"), 1)
		w.stable()
		w.update(func(in *awsecs.UpdateServiceInput) { in.DesiredCount = aws.Int32(0) })
		w.eventually("the end of the task", func(svc *service) bool { return len(svc.tasks) == 0 })
		waited := w.tasks(types.DesiredStatusStopped)[0].StoppingAt.Sub(w.targets.left)
		if (waited >= drain-time.Second) == early {
			t.Errorf("early %v: SIGTERM came %s after the deregistration", early, waited)
		}
	}
}

func TestServiceWithoutLoadBalancer(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, 30) // the crash has to be seen within settleTime, on a busy machine too
	bare := func(in *awsecs.CreateServiceInput) { in.LoadBalancers = nil }
	w.create(w.register("acme/app:v1"), 2, bare)
	w.stable()
	w.images.Set(":v2", container.Conduct{Crash: true, CrashAfter: -1, PullTime: -1})
	id := w.deploy(w.register("acme/app:v2"))
	if err := w.service.AwaitService(w.ctx, "main", "web", id); !errors.As(err, new(*DeploymentFailedError)) {
		t.Fatalf("error %v, want a failed deployment\n%s", err, w.history())
	}
	w.stable()
}

func TestCloseEndsEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.images.Set(":v1", container.Conduct{IgnoreSIGTERM: true})
	w.create(w.register("acme/app:v1"), 3)
	w.eventually("running tasks", func(svc *service) bool { running, _ := svc.counts(nil); return running == 3 })
	waiting := make(chan error)
	go func() { waiting <- w.service.AwaitServiceInactive(context.Background(), "main", "web") }()
	if err := w.service.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-waiting; err == nil {
		t.Error("waiting outlived Close")
	}
	for _, task := range w.service.clusters["main"].tasks {
		if task.lastStatus != taskStopped {
			t.Errorf("task %s is %s", task.id, task.lastStatus)
		}
	}
}
