package conformance_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/slipway-go/slipway/emulator"
)

func breaker(rollback bool) *ecstypes.DeploymentConfiguration {
	return &ecstypes.DeploymentConfiguration{DeploymentCircuitBreaker: &ecstypes.DeploymentCircuitBreaker{Enable: true, Rollback: rollback}}
}

// TestBreakerThresholds reads the threshold that a service deployment shows.
func TestBreakerThresholds(t *testing.T) {
	t.Parallel()
	c := start(t, 60).cluster(t)
	c.SetImage("app:endless", emulator.Conduct{PullTime: 1000 * time.Hour})
	arn := c.register(t, "app", "app:endless")
	for _, fact := range []struct {
		name          string
		desired, want int32
		kind          ecstypes.ThresholdType
		value         int32
	}{
		{"ECS-116 at least three failures", 1, 3, "", 0},
		{"ECS-117 half of the desired count", 10, 5, "", 0},
		{"ECS-118 half of an odd count, rounded up", 11, 6, "", 0},
		{"ECS-209 at most two hundred", 500, 200, "", 0},
		{"ECS-119 a count of one's own", 10, 2, ecstypes.ThresholdTypeCount, 2},
		{"ECS-120 a bounded percentage is at least three", 10, 3, ecstypes.ThresholdTypeBoundedPercent, 10},
		{"ECS-210 a bounded percentage is at most two hundred", 300, 200, ecstypes.ThresholdTypeBoundedPercent, 100},
		{"ECS-121 an unbounded percentage is not", 10, 1, ecstypes.ThresholdTypeUnboundedPercent, 10},
	} {
		t.Run(fact.name, func(t *testing.T) {
			t.Parallel()
			name := fact.name[:7]
			in := serviceInput(name, arn, fact.desired)
			in.DeploymentConfiguration = breaker(false)
			if fact.kind != "" {
				in.DeploymentConfiguration.DeploymentCircuitBreaker.ThresholdConfiguration = &ecstypes.ThresholdConfiguration{Type: fact.kind, Value: fact.value}
			}
			must(t, c.ecs.CreateService, in)
			same(t, "threshold", c.release(t, name).DeploymentCircuitBreaker.Threshold, fact.want)
		})
	}
}

func TestCircuitBreaker(t *testing.T) {
	t.Parallel()
	c := start(t, 100).cluster(t)
	c.SetImage("app:missing", emulator.Conduct{Missing: true})
	v1, missing := c.register(t, "app", "app:v1"), c.register(t, "app", "app:missing")
	create := func(t *testing.T, name, taskDefinition string, rollback bool) {
		t.Helper()
		in := serviceInput(name, taskDefinition, 1)
		in.DeploymentConfiguration = breaker(rollback)
		must(t, c.ecs.CreateService, in)
	}
	t.Run("rollback", func(t *testing.T) {
		t.Parallel()
		create(t, "rolled", v1, true)
		first := c.steady(t, "rolled").Deployments[0]
		second := *of(c.deploy(t, "rolled", missing), "PRIMARY").Id
		end := c.ends(t, "rolled", ecstypes.ServiceDeploymentStatusRollbackSuccessful)
		t.Run("ECS-122 with rollback, the last completed revision comes back", func(t *testing.T) {
			s := c.steady(t, "rolled")
			same(t, "task definition", *s.Deployments[0].TaskDefinition, v1)
			same(t, "rolled back to", *end.Rollback.ServiceRevisionArn, *end.SourceServiceRevisions[0].Arn)
			same(t, "tasks", s.RunningCount, 1)
		})
		t.Run("ECS-123 the service deployment shows what the breaker did", func(t *testing.T) {
			same(t, "status", end.DeploymentCircuitBreaker.Status, ecstypes.ServiceDeploymentRollbackMonitorsStatusTriggered)
			same(t, "failures", end.DeploymentCircuitBreaker.FailureCount, 3)
			same(t, "threshold", end.DeploymentCircuitBreaker.Threshold, 3)
			same(t, "reason", strings.Contains(*end.StatusReason, "circuit breaker"), true)
		})
		t.Run("ECS-124 the events tell the failure and the rollback", func(t *testing.T) {
			same(t, "failure", c.said(t, "rolled", "deployment failed"), "(service rolled) (deployment "+second+") deployment failed: tasks failed to start.")
			same(t, "rollback", c.said(t, "rolled", "rolling back"), "(service rolled) rolling back to deployment "+*first.Id+".")
		})
	})
	t.Run("ECS-125 without rollback the deployment stays FAILED and the old tasks serve", func(t *testing.T) {
		t.Parallel()
		create(t, "failed", v1, false)
		c.steady(t, "failed")
		c.deploy(t, "failed", missing)
		c.ends(t, "failed", ecstypes.ServiceDeploymentStatusStopped)
		s := c.service(t, "failed")
		same(t, "rollout", of(s, "PRIMARY").RolloutState, ecstypes.DeploymentRolloutStateFailed)
		same(t, "reason", *of(s, "PRIMARY").RolloutStateReason, "ECS deployment circuit breaker: tasks failed to start.")
		same(t, "old tasks", of(s, "ACTIVE").RunningCount, 1)
	})
	t.Run("ECS-126 the first deployment has nothing to roll back to", func(t *testing.T) {
		t.Parallel()
		create(t, "first", missing, true)
		c.ends(t, "first", ecstypes.ServiceDeploymentStatusStopped)
		same(t, "rollout", c.service(t, "first").Deployments[0].RolloutState, ecstypes.DeploymentRolloutStateFailed)
	})
	t.Run("ECS-127 a failed deployment starts no more tasks", func(t *testing.T) {
		t.Parallel()
		create(t, "ended", missing, false)
		c.ends(t, "ended", ecstypes.ServiceDeploymentStatusStopped)
		before := c.service(t, "ended").Deployments[0].FailedTasks
		_ = c.Clock().Sleep(t.Context(), time.Minute)
		same(t, "failed tasks", c.service(t, "ended").Deployments[0].FailedTasks, before)
	})
	t.Run("ECS-128 without a breaker a deployment goes on for ever", func(t *testing.T) {
		t.Parallel()
		must(t, c.ecs.CreateService, serviceInput("endless", missing, 1))
		c.wait(t, "five failures", func() bool { return c.service(t, "endless").Deployments[0].FailedTasks >= 5 })
		d := c.service(t, "endless").Deployments[0]
		same(t, "rollout", d.RolloutState, ecstypes.DeploymentRolloutStateInProgress)
	})
	t.Run("ECS-129 the event of tasks that keep failing", func(t *testing.T) {
		t.Parallel()
		must(t, c.ecs.CreateService, serviceInput("unable", missing, 1))
		c.said(t, "unable", "is unable to consistently start tasks successfully. For more information, see the Troubleshooting section")
	})
	// The image of these two is there after two failures or more, out of a hundred.
	late := func(t *testing.T, name string, reset bool) (before, after int32) {
		t.Helper()
		image := "app:" + name
		c.SetImage(image, emulator.Conduct{Missing: true})
		in := serviceInput(name, c.register(t, name, image), 1)
		in.DeploymentConfiguration = breaker(false)
		b := in.DeploymentConfiguration.DeploymentCircuitBreaker
		b.ResetOnHealthyTask = &reset
		b.ThresholdConfiguration = &ecstypes.ThresholdConfiguration{Type: ecstypes.ThresholdTypeCount, Value: 100}
		must(t, c.ecs.CreateService, in)
		c.wait(t, "two failures", func() bool {
			before = c.service(t, name).Deployments[0].FailedTasks
			return before >= 2
		})
		c.SetImage(image, emulator.Conduct{})
		return before, c.steady(t, name).Deployments[0].FailedTasks
	}
	t.Run("ECS-130 a healthy task resets the count", func(t *testing.T) {
		t.Parallel()
		_, after := late(t, "reset", true)
		same(t, "failed tasks", after, 0)
	})
	t.Run("ECS-131 unless resetOnHealthyTask is false", func(t *testing.T) {
		t.Parallel()
		before, after := late(t, "kept", false)
		same(t, "kept", after >= before, true)
	})
}

func TestStoppedDeployments(t *testing.T) {
	t.Parallel()
	c := start(t, 60).cluster(t)
	c.SetImage("app:endless", emulator.Conduct{PullTime: 1000 * time.Hour})
	v1, endless := c.register(t, "app", "app:v1"), c.register(t, "app", "app:endless")
	begin := func(t *testing.T, name string) *string {
		t.Helper()
		c.serve(t, name, v1, 1)
		c.deploy(t, name, endless)
		return c.release(t, name).ServiceDeploymentArn
	}
	t.Run("ECS-132 a deployment that is stopped is rolled back by default", func(t *testing.T) {
		t.Parallel()
		must(t, c.ecs.StopServiceDeployment, &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: begin(t, "rollback")})
		c.ends(t, "rollback", ecstypes.ServiceDeploymentStatusRollbackSuccessful)
		same(t, "task definition", *c.steady(t, "rollback").Deployments[0].TaskDefinition, v1)
	})
	t.Run("ECS-133 ABORT leaves it where it stands", func(t *testing.T) {
		t.Parallel()
		must(t, c.ecs.StopServiceDeployment, &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: begin(t, "abort"), StopType: ecstypes.StopServiceDeploymentStopTypeAbort})
		c.ends(t, "abort", ecstypes.ServiceDeploymentStatusStopped)
		same(t, "task definition", *c.service(t, "abort").TaskDefinition, endless)
	})
	t.Run("ECS-134 one that has ended cannot be stopped", func(t *testing.T) {
		t.Parallel()
		c.serve(t, "ended", v1, 0)
		arn := c.ends(t, "ended", ecstypes.ServiceDeploymentStatusSuccessful).ServiceDeploymentArn
		says(t, refusal(t, c.ecs.StopServiceDeployment, &ecs.StopServiceDeploymentInput{ServiceDeploymentArn: arn}), "ConflictException", "")
	})
	t.Run("ECS-135 ListServiceDeployments filters by status, newest first", func(t *testing.T) {
		t.Parallel()
		c.serve(t, "listed", v1, 0)
		c.deploy(t, "listed", endless)
		c.ends(t, "listed", ecstypes.ServiceDeploymentStatusSuccessful)
		all := must(t, c.ecs.ListServiceDeployments, &ecs.ListServiceDeploymentsInput{Service: aws.String("listed")}).ServiceDeployments
		same(t, "deployments", len(all), 2)
		same(t, "newest first", all[0].CreatedAt.After(*all[1].CreatedAt), true)
		none := must(t, c.ecs.ListServiceDeployments, &ecs.ListServiceDeploymentsInput{Service: aws.String("listed"), Status: []ecstypes.ServiceDeploymentStatus{ecstypes.ServiceDeploymentStatusStopped}})
		same(t, "stopped ones", len(none.ServiceDeployments), 0)
	})
}
