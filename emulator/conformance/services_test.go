package conformance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/slipway-go/slipway/emulator"
)

func TestServices(t *testing.T) {
	t.Parallel()
	c := start(t, 60).cluster(t)
	v1, v2 := c.register(t, "web", "app:v1"), c.register(t, "web", "app:v2")
	created := must(t, c.ecs.CreateService, serviceInput("web", "web:1", 2)).Service

	t.Run("ECS-040 a new service is ACTIVE, its deployment PRIMARY and IN_PROGRESS", func(t *testing.T) {
		same(t, "status", *created.Status, "ACTIVE")
		d := created.Deployments[0]
		same(t, "deployment", *d.Status, "PRIMARY")
		same(t, "rollout", d.RolloutState, ecstypes.DeploymentRolloutStateInProgress)
		same(t, "reason", *d.RolloutStateReason, "ECS deployment "+*d.Id+" in progress.")
		same(t, "id", strings.HasPrefix(*d.Id, "ecs-svc/"), true)
	})
	t.Run("ECS-041 a family and number stand for the task definition's ARN", func(t *testing.T) {
		same(t, "task definition", *created.TaskDefinition, v1)
	})
	t.Run("ECS-042 the defaults of a deployment configuration", func(t *testing.T) {
		same(t, "minimum", *created.DeploymentConfiguration.MinimumHealthyPercent, 100)
		same(t, "maximum", *created.DeploymentConfiguration.MaximumPercent, 200)
		same(t, "breaker", created.DeploymentConfiguration.DeploymentCircuitBreaker.Enable, false)
		same(t, "strategy", created.SchedulingStrategy, ecstypes.SchedulingStrategyReplica)
		same(t, "controller", created.DeploymentController.Type, ecstypes.DeploymentControllerTypeEcs)
	})
	s := c.steady(t, "web")
	t.Run("ECS-043 a deployment whose tasks all run is COMPLETED", func(t *testing.T) {
		d := s.Deployments[0]
		same(t, "reason", *d.RolloutStateReason, "ECS deployment "+*d.Id+" completed.")
		same(t, "running", d.RunningCount, 2)
		same(t, "pending", d.PendingCount, 0)
	})
	t.Run("ECS-044 the event of started tasks", func(t *testing.T) {
		message := c.said(t, "web", "has started 2 tasks")
		for _, arn := range c.tasks(t, "web", ecstypes.DesiredStatusRunning) {
			if id := arn[strings.LastIndex(arn, "/")+1:]; !strings.Contains(message, "(task "+id+")") {
				t.Errorf("%q does not name task %s", message, id)
			}
		}
		same(t, "begin", strings.HasPrefix(message, "(service web) has started 2 tasks: (task "), true)
	})
	t.Run("ECS-045 the event of the end of a deployment", func(t *testing.T) {
		same(t, "message", c.said(t, "web", "deployment completed"), "(service web) (deployment "+*s.Deployments[0].Id+") deployment completed.")
	})
	t.Run("ECS-046 the event of the steady state", func(t *testing.T) {
		same(t, "message", c.said(t, "web", "steady"), "(service web) has reached a steady state.")
	})
	t.Run("ECS-047 tasks of a service bear the deployment's id and the service's group", func(t *testing.T) {
		task := c.task(t, c.tasks(t, "web", ecstypes.DesiredStatusRunning)[0])
		same(t, "startedBy", *task.StartedBy, *s.Deployments[0].Id)
		same(t, "group", *task.Group, "service:web")
	})
	t.Run("ECS-048 the service deployment is SUCCESSFUL", func(t *testing.T) {
		same(t, "status", c.release(t, "web").Status, ecstypes.ServiceDeploymentStatusSuccessful)
	})
	t.Run("ECS-049 a service revision tells the digests of its images", func(t *testing.T) {
		arn := *c.release(t, "web").TargetServiceRevision.Arn
		out := must(t, c.ecs.DescribeServiceRevisions, &ecs.DescribeServiceRevisionsInput{ServiceRevisionArns: []string{arn}})
		image := out.ServiceRevisions[0].ContainerImages[0]
		same(t, "image", *image.Image, "app:v1")
		same(t, "digest", *image.ImageDigest, *c.task(t, c.tasks(t, "web", ecstypes.DesiredStatusRunning)[0]).Containers[0].ImageDigest)
	})
	t.Run("ECS-050 a change of the desired count is no deployment", func(t *testing.T) {
		must(t, c.ecs.UpdateService, &ecs.UpdateServiceInput{Service: aws.String("web"), DesiredCount: aws.Int32(3)})
		same(t, "deployment", *c.steady(t, "web").Deployments[0].Id, *s.Deployments[0].Id)
	})
	t.Run("ECS-051 scaling in stops the surplus", func(t *testing.T) {
		must(t, c.ecs.UpdateService, &ecs.UpdateServiceInput{Service: aws.String("web"), DesiredCount: aws.Int32(1)})
		same(t, "deployment", *c.steady(t, "web").Deployments[0].Id, *s.Deployments[0].Id)
		c.said(t, "web", "running tasks: (task ") // "has stopped 2", or 1 and 1
		c.wait(t, "two tasks to be stopped", func() bool { return len(c.tasks(t, "web", ecstypes.DesiredStatusStopped)) == 2 })
	})
	t.Run("ECS-052 the same task definition again is no deployment", func(t *testing.T) {
		c.deploy(t, "web", v1)
		same(t, "deployment", *c.service(t, "web").Deployments[0].Id, *s.Deployments[0].Id)
	})
	t.Run("ECS-053 forceNewDeployment is one", func(t *testing.T) {
		before := c.tasks(t, "web", ecstypes.DesiredStatusRunning)[0]
		out := must(t, c.ecs.UpdateService, &ecs.UpdateServiceInput{Service: aws.String("web"), ForceNewDeployment: true})
		same(t, "deployments", len(out.Service.Deployments), 2)
		c.steady(t, "web")
		if after := c.tasks(t, "web", ecstypes.DesiredStatusRunning)[0]; after == before {
			t.Error("the task is the same")
		}
	})
	t.Run("ECS-054 a new task definition makes the old deployment ACTIVE until its tasks are gone", func(t *testing.T) {
		now := c.deploy(t, "web", v2)
		same(t, "PRIMARY", *of(now, "PRIMARY").TaskDefinition, v2)
		same(t, "ACTIVE", *of(now, "ACTIVE").TaskDefinition, v1)
		same(t, "what is left", *c.steady(t, "web").Deployments[0].TaskDefinition, v2)
	})
	t.Run("ECS-055 the reason of a task that a deployment stops", func(t *testing.T) {
		stopped := c.tasks(t, "web", ecstypes.DesiredStatusStopped)
		task := c.task(t, stopped[len(stopped)-1])
		same(t, "stop code", task.StopCode, ecstypes.TaskStopCodeServiceSchedulerInitiated)
		same(t, "reason", *task.StoppedReason, "Scaling activity initiated by (deployment "+*c.service(t, "web").Deployments[0].Id+")")
	})
	t.Run("ECS-056 the service replaces a task that somebody stops", func(t *testing.T) {
		arn := c.tasks(t, "web", ecstypes.DesiredStatusRunning)[0]
		must(t, c.ecs.StopTask, &ecs.StopTaskInput{Task: &arn})
		c.wait(t, "another task to run", func() bool {
			now := c.tasks(t, "web", ecstypes.DesiredStatusRunning)
			return len(now) == 1 && now[0] != arn && *c.task(t, now[0]).LastStatus == "RUNNING"
		})
	})
	t.Run("ECS-057 a desired count of 0", func(t *testing.T) {
		must(t, c.ecs.UpdateService, &ecs.UpdateServiceInput{Service: aws.String("web"), DesiredCount: aws.Int32(0)})
		c.steady(t, "web")
		same(t, "tasks", len(c.tasks(t, "web", ecstypes.DesiredStatusRunning)), 0)
	})
	t.Run("ECS-058 a deployment of no tasks is completed", func(t *testing.T) {
		c.deploy(t, "web", v1)
		same(t, "task definition", *c.steady(t, "web").Deployments[0].TaskDefinition, v1)
	})
	t.Run("ECS-059 the name of an ACTIVE service is taken", func(t *testing.T) {
		says(t, refusal(t, c.ecs.CreateService, serviceInput("web", v2, 1)), "InvalidParameterException", "Creation of service was not idempotent.")
	})
	t.Run("ECS-060 a service of more than 0 tasks is deleted by force only", func(t *testing.T) {
		c.serve(t, "forced", v1, 1)
		in := &ecs.DeleteServiceInput{Service: aws.String("forced")}
		says(t, refusal(t, c.ecs.DeleteService, in), "InvalidParameterException", "The service cannot be stopped while it is scaled above 0.")
		in.Force = aws.Bool(true)
		same(t, "status", *must(t, c.ecs.DeleteService, in).Service.Status, "DRAINING")
	})
	t.Run("ECS-061 a deleted service is DRAINING, then INACTIVE", func(t *testing.T) {
		c.wait(t, "the service to be INACTIVE", func() bool { return *c.service(t, "forced").Status == "INACTIVE" })
		same(t, "listed", slices.ContainsFunc(must(t, c.ecs.ListServices, &ecs.ListServicesInput{}).ServiceArns, func(arn string) bool { return strings.HasSuffix(arn, "/forced") }), false)
	})
	t.Run("ECS-062 an INACTIVE service cannot be updated", func(t *testing.T) {
		says(t, refusal(t, c.ecs.UpdateService, &ecs.UpdateServiceInput{Service: aws.String("forced"), DesiredCount: aws.Int32(1)}), "ServiceNotActiveException", "Service was not ACTIVE.")
	})
	t.Run("ECS-063 a service that does not exist", func(t *testing.T) {
		says(t, refusal(t, c.ecs.UpdateService, &ecs.UpdateServiceInput{Service: aws.String("nowhere")}), "ServiceNotFoundException", "Service not found.")
		out := must(t, c.ecs.DescribeServices, &ecs.DescribeServicesInput{Services: []string{"nowhere"}})
		same(t, "reason", *out.Failures[0].Reason, "MISSING")
	})
	t.Run("ECS-064 DescribeServices takes ten at most", func(t *testing.T) {
		in := &ecs.DescribeServicesInput{Services: strings.Split(strings.Repeat("x ", 11), " ")[:11]}
		says(t, refusal(t, c.ecs.DescribeServices, in), "InvalidParameterException", "10")
	})
	t.Run("ECS-065 ListServices gives ten a page by default", func(t *testing.T) {
		for i := range 11 {
			must(t, c.ecs.CreateService, serviceInput(fmt.Sprintf("page%d", i), v1, 0))
		}
		out := must(t, c.ecs.ListServices, &ecs.ListServicesInput{})
		same(t, "services", len(out.ServiceArns), 10)
		same(t, "more", out.NextToken != nil, true)
	})
	t.Run("ECS-215 ListServices can ask for those of Express Mode", func(t *testing.T) {
		same(t, "services", len(must(t, c.ecs.ListServices, &ecs.ListServicesInput{ResourceManagementType: ecstypes.ResourceManagementTypeEcs}).ServiceArns), 0)
		same(t, "services", len(must(t, c.ecs.ListServices, &ecs.ListServicesInput{ResourceManagementType: ecstypes.ResourceManagementTypeCustomer}).ServiceArns), 10)
	})
	t.Run("ECS-066 100 percent as minimum and maximum would block deployments", func(t *testing.T) {
		in := serviceInput("blocked", v1, 1)
		in.DeploymentConfiguration = percents(100, 100)
		says(t, refusal(t, c.ecs.CreateService, in), "InvalidParameterException", "Both maximumPercent and minimumHealthyPercent cannot be 100")
	})
	t.Run("ECS-067 a grace period needs a load balancer", func(t *testing.T) {
		in := serviceInput("grace", v1, 1)
		in.HealthCheckGracePeriodSeconds = aws.Int32(30)
		says(t, refusal(t, c.ecs.CreateService, in), "InvalidParameterException", "Health check grace period is only valid for services configured to use load balancers")
	})
	t.Run("ECS-206 in UpdateService as well", func(t *testing.T) {
		in := &ecs.UpdateServiceInput{Service: aws.String("web"), HealthCheckGracePeriodSeconds: aws.Int32(10)}
		says(t, refusal(t, c.ecs.UpdateService, in), "InvalidParameterException", "Health check grace period is only valid for services configured to use load balancers")
	})
	t.Run("ECS-068 a container that the task definition does not have", func(t *testing.T) {
		in := serviceInput("nothing", v1, 1)
		in.LoadBalancers = []ecstypes.LoadBalancer{{TargetGroupArn: aws.String("arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/x/1"), ContainerName: aws.String("other"), ContainerPort: aws.Int32(80)}}
		says(t, refusal(t, c.ecs.CreateService, in), "InvalidParameterException", "The container other does not exist in the task definition.")
	})
	t.Run("ECS-069 a task definition that does not exist", func(t *testing.T) {
		says(t, refusal(t, c.ecs.CreateService, serviceInput("nothing", "nowhere:1", 1)), "ClientException", "TaskDefinition not found.")
	})
}

func percents(minimum, maximum int32) *ecstypes.DeploymentConfiguration {
	return &ecstypes.DeploymentConfiguration{MinimumHealthyPercent: &minimum, MaximumPercent: &maximum}
}

// TestImageTags is about version consistency: a tag is resolved once per deployment.
func TestImageTags(t *testing.T) {
	t.Parallel()
	c := start(t, 60).cluster(t)
	push := func(content string) string {
		t.Helper()
		digest, err := c.PushImage("acme/app:latest", emulator.Image{Content: content})
		if err != nil {
			t.Fatal(err)
		}
		return digest
	}
	digests := func(t *testing.T, want string) {
		t.Helper()
		c.steady(t, "web")
		for _, arn := range c.tasks(t, "web", ecstypes.DesiredStatusRunning) {
			same(t, "digest", *c.task(t, arn).Containers[0].ImageDigest, want)
		}
	}
	first := push("one")
	c.serve(t, "web", c.register(t, "web", "acme/app:latest"), 1)
	second := push("two")
	t.Run("ECS-070 all tasks of a deployment run the same digest", func(t *testing.T) {
		must(t, c.ecs.UpdateService, &ecs.UpdateServiceInput{Service: aws.String("web"), DesiredCount: aws.Int32(3)})
		digests(t, first)
	})
	t.Run("ECS-208 the next deployment resolves the tag anew", func(t *testing.T) {
		must(t, c.ecs.UpdateService, &ecs.UpdateServiceInput{Service: aws.String("web"), ForceNewDeployment: true})
		digests(t, second)
	})
}
