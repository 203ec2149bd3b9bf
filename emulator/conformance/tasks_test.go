package conformance_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/slipway-go/slipway/emulator"
)

func TestTasks(t *testing.T) {
	t.Parallel()
	c := start(t, 60).cluster(t)
	web := c.register(t, "web", "app:v1")

	t.Run("ECS-023 a task starts in PROVISIONING", func(t *testing.T) {
		out := must(t, c.ecs.RunTask, &ecs.RunTaskInput{TaskDefinition: &web, LaunchType: ecstypes.LaunchTypeFargate, NetworkConfiguration: network()})
		same(t, "last status", *out.Tasks[0].LastStatus, "PROVISIONING")
		same(t, "desired status", *out.Tasks[0].DesiredStatus, "RUNNING")
		same(t, "group", *out.Tasks[0].Group, "family:web")
	})
	t.Run("ECS-024 statuses come in the documented order", func(t *testing.T) {
		order := []string{"PROVISIONING", "PENDING", "ACTIVATING", "RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"}
		at := map[string]int{}
		for i, status := range order {
			at[status] = i
		}
		arn, last := c.run(t, web), 0
		c.wait(t, "the task to have stopped", func() bool {
			status := *c.task(t, arn).LastStatus
			if i, known := at[status]; !known || i < last {
				t.Errorf("%s after %s", status, order[last])
			} else {
				last = i
			}
			if status == "RUNNING" {
				must(t, c.ecs.StopTask, &ecs.StopTaskInput{Task: &arn})
			}
			return status == "STOPPED"
		})
	})
	t.Run("ECS-025 a task that the user stops", func(t *testing.T) {
		arn := c.run(t, web)
		c.reaches(t, arn, "RUNNING")
		out := must(t, c.ecs.StopTask, &ecs.StopTaskInput{Task: &arn, Reason: aws.String("no longer needed")})
		same(t, "desired status", *out.Task.DesiredStatus, "STOPPED")
		task := c.reaches(t, arn, "STOPPED")
		same(t, "stop code", task.StopCode, ecstypes.TaskStopCodeUserInitiated)
		same(t, "reason", *task.StoppedReason, "no longer needed")
	})
	t.Run("ECS-026 the reason of StopTask when none is given", func(t *testing.T) {
		arn := c.run(t, web)
		must(t, c.ecs.StopTask, &ecs.StopTaskInput{Task: &arn})
		same(t, "reason", *c.reaches(t, arn, "STOPPED").StoppedReason, "Task stopped by user")
	})
	t.Run("ECS-027 an image that cannot be pulled", func(t *testing.T) {
		c.SetImage("app:missing", emulator.Conduct{Missing: true})
		task := c.reaches(t, c.run(t, c.register(t, "missing", "app:missing")), "STOPPED")
		same(t, "stop code", task.StopCode, ecstypes.TaskStopCodeTaskFailedToStart)
		same(t, "reason", strings.HasPrefix(*task.StoppedReason, "CannotPullContainerError: "), true)
		same(t, "container's reason", strings.HasPrefix(*task.Containers[0].Reason, "CannotPullContainerError: "), true)
		if task.Containers[0].ExitCode != nil || task.StartedAt != nil {
			t.Errorf("exit code %v, started at %v of a task that never ran", task.Containers[0].ExitCode, task.StartedAt)
		}
	})
	t.Run("ECS-028 the exit of an essential container ends the task", func(t *testing.T) {
		c.SetImage("app:crash", emulator.Conduct{Crash: true, ExitCode: 3})
		task := c.reaches(t, c.run(t, c.register(t, "crash", "app:crash")), "STOPPED")
		same(t, "stop code", task.StopCode, ecstypes.TaskStopCodeEssentialContainerExited)
		same(t, "reason", *task.StoppedReason, "Essential container in task exited")
		same(t, "exit code", *task.Containers[0].ExitCode, 3)
	})
	t.Run("ECS-029 the exit of another container does not", func(t *testing.T) {
		c.SetImage("helper:v1", emulator.Conduct{Crash: true})
		in := definition("helped", "app:v1")
		in.ContainerDefinitions = append(in.ContainerDefinitions, ecstypes.ContainerDefinition{Name: aws.String("helper"), Image: aws.String("helper:v1"), Essential: aws.Bool(false)})
		arn := c.run(t, *must(t, c.ecs.RegisterTaskDefinition, in).TaskDefinition.TaskDefinitionArn)
		c.wait(t, "the helper to exit", func() bool { return *c.task(t, arn).Containers[1].LastStatus == "STOPPED" })
		same(t, "task", *c.reaches(t, arn, "RUNNING").LastStatus, "RUNNING")
	})
	t.Run("ECS-030 SIGKILL comes after stopTimeout", func(t *testing.T) {
		c.SetImage("app:deaf", emulator.Conduct{IgnoreSIGTERM: true})
		in := definition("deaf", "app:deaf")
		in.ContainerDefinitions[0].StopTimeout = aws.Int32(20)
		arn := c.run(t, *must(t, c.ecs.RegisterTaskDefinition, in).TaskDefinition.TaskDefinitionArn)
		c.reaches(t, arn, "RUNNING")
		must(t, c.ecs.StopTask, &ecs.StopTaskInput{Task: &arn})
		task := c.reaches(t, arn, "STOPPED")
		same(t, "exit code", *task.Containers[0].ExitCode, 137)
		if took := task.ExecutionStoppedAt.Sub(*task.StoppingAt); took < 20*time.Second {
			t.Errorf("killed after %v", took)
		}
	})
	t.Run("ECS-031 the default of stopTimeout is 30 seconds", func(t *testing.T) {
		c.SetImage("app:deaf", emulator.Conduct{IgnoreSIGTERM: true})
		arn := c.run(t, c.register(t, "default", "app:deaf"))
		c.reaches(t, arn, "RUNNING")
		must(t, c.ecs.StopTask, &ecs.StopTaskInput{Task: &arn})
		task := c.reaches(t, arn, "STOPPED")
		if took := task.ExecutionStoppedAt.Sub(*task.StoppingAt); took < 30*time.Second || took > 75*time.Second { // with a second for a busy machine
			t.Errorf("killed after %v", took)
		}
	})
	t.Run("ECS-207 a container stops before what it depends on", func(t *testing.T) {
		in := definition("ordered", "app:v1") // which would exit at once
		in.ContainerDefinitions = append(in.ContainerDefinitions, ecstypes.ContainerDefinition{
			Name: aws.String("dependent"), Image: aws.String("app:deaf"), StopTimeout: aws.Int32(20),
			DependsOn: []ecstypes.ContainerDependency{{ContainerName: aws.String("app"), Condition: ecstypes.ContainerConditionStart}},
		})
		arn := c.run(t, *must(t, c.ecs.RegisterTaskDefinition, in).TaskDefinition.TaskDefinitionArn)
		c.reaches(t, arn, "RUNNING")
		must(t, c.ecs.StopTask, &ecs.StopTaskInput{Task: &arn})
		looks := 0
		c.wait(t, "the task to have stopped", func() bool {
			task := c.task(t, arn)
			if *task.LastStatus == "STOPPING" && *task.Containers[1].LastStatus == "RUNNING" {
				looks++
				same(t, "app", *task.Containers[0].LastStatus, "RUNNING")
			}
			return *task.LastStatus == "STOPPED"
		})
		task := c.task(t, arn)
		same(t, "exit code of app", *task.Containers[0].ExitCode, 0)
		same(t, "exit code of dependent", *task.Containers[1].ExitCode, 137)
		if looks == 0 {
			t.Error("the dependent was not seen running on")
		}
	})
	t.Run("ECS-212 a container that is not ready within its startTimeout stops the task", func(t *testing.T) {
		in := definition("waiting", "app:v1")
		in.ContainerDefinitions[0].DependsOn = []ecstypes.ContainerDependency{{ContainerName: aws.String("migration"), Condition: ecstypes.ContainerConditionComplete}}
		in.ContainerDefinitions = append(in.ContainerDefinitions, ecstypes.ContainerDefinition{
			Name: aws.String("migration"), Image: aws.String("app:v1"), Essential: aws.Bool(false), StartTimeout: aws.Int32(20), // it never ends
		})
		task := c.reaches(t, c.run(t, *must(t, c.ecs.RegisterTaskDefinition, in).TaskDefinition.TaskDefinitionArn), "STOPPED")
		same(t, "stop code", task.StopCode, ecstypes.TaskStopCodeTaskFailedToStart)
		if task.StartedAt != nil || task.Containers[0].ExitCode != nil {
			t.Errorf("the task started at %v, app exited with %v", task.StartedAt, task.Containers[0].ExitCode)
		}
		if took := task.StoppingAt.Sub(*task.PullStoppedAt); took < 20*time.Second {
			t.Errorf("given up after %v", took)
		}
	})
	t.Run("ECS-213 Fargate places tasks without constraints and strategies", func(t *testing.T) {
		constraints := []ecstypes.PlacementConstraint{{Type: ecstypes.PlacementConstraintTypeDistinctInstance}}
		in := &ecs.RunTaskInput{TaskDefinition: &web, LaunchType: ecstypes.LaunchTypeFargate, NetworkConfiguration: network(), PlacementConstraints: constraints}
		says(t, refusal(t, c.ecs.RunTask, in), "InvalidParameterException", "Placement constraints are not supported with FARGATE launch type.")
		service := serviceInput("placed", web, 1)
		service.PlacementConstraints = constraints
		says(t, refusal(t, c.ecs.CreateService, service), "InvalidParameterException", "Placement constraints are not supported with FARGATE launch type.")
		service.PlacementConstraints, service.PlacementStrategy = nil, []ecstypes.PlacementStrategy{{Type: ecstypes.PlacementStrategyTypeRandom}}
		says(t, refusal(t, c.ecs.CreateService, service), "InvalidParameterException", "Placement strategies are not supported with FARGATE launch type.")
	})
	t.Run("ECS-214 RunTask gives its tasks the tags that it is asked for", func(t *testing.T) {
		register := definition("tagged", "app:v1")
		register.Tags = []ecstypes.Tag{{Key: aws.String("team"), Value: aws.String("shop")}}
		must(t, c.ecs.RegisterTaskDefinition, register)
		in := &ecs.RunTaskInput{
			TaskDefinition: aws.String("tagged"), LaunchType: ecstypes.LaunchTypeFargate, NetworkConfiguration: network(),
			EnableECSManagedTags: true, PropagateTags: ecstypes.PropagateTagsTaskDefinition, Tags: []ecstypes.Tag{{Key: aws.String("job"), Value: aws.String("nightly")}},
		}
		arn := *must(t, c.ecs.RunTask, in).Tasks[0].TaskArn
		var tags []string
		for _, tag := range must(t, c.ecs.ListTagsForResource, &ecs.ListTagsForResourceInput{ResourceArn: &arn}).Tags {
			tags = append(tags, *tag.Key+"="+*tag.Value)
		}
		slices.Sort(tags)
		same(t, "tags", strings.Join(tags, " "), "aws:ecs:clusterName=default job=nightly team=shop")
		in.PropagateTags = ecstypes.PropagateTagsService
		says(t, refusal(t, c.ecs.RunTask, in), "InvalidParameterException", "propagateTags")
	})
	t.Run("ECS-032 a task shows the digest of its image", func(t *testing.T) {
		arn := c.run(t, web)
		digest := *c.reaches(t, arn, "RUNNING").Containers[0].ImageDigest
		same(t, "form", strings.HasPrefix(digest, "sha256:") && len(digest) == 71, true)
	})
	t.Run("ECS-033 a running task shows its address", func(t *testing.T) {
		task := c.reaches(t, c.run(t, web), "RUNNING")
		attachment := task.Attachments[0]
		same(t, "type", *attachment.Type, "ElasticNetworkInterface")
		same(t, "status", *attachment.Status, "ATTACHED")
		same(t, "address", detail(attachment, "privateIPv4Address"), *task.Containers[0].NetworkInterfaces[0].PrivateIpv4Address)
	})
	t.Run("ECS-034 ListTasks shows by default what is to run", func(t *testing.T) {
		for _, arn := range must(t, c.ecs.ListTasks, &ecs.ListTasksInput{}).TaskArns {
			same(t, "desired status", *c.task(t, arn).DesiredStatus, "RUNNING")
		}
	})
	t.Run("ECS-035 ListTasks finds stopped tasks and who started them", func(t *testing.T) {
		list := func(desired ecstypes.DesiredStatus, startedBy, family string) int {
			return len(must(t, c.ecs.ListTasks, &ecs.ListTasksInput{DesiredStatus: desired, StartedBy: &startedBy, Family: &family}).TaskArns)
		}
		same(t, "tasks", list(ecstypes.DesiredStatusStopped, "a-test", "crash"), 1)
		same(t, "tasks of another", list(ecstypes.DesiredStatusStopped, "nobody", "crash"), 0)
		same(t, "tasks that run", list(ecstypes.DesiredStatusRunning, "a-test", "crash"), 0)
		same(t, "tasks of another family", list(ecstypes.DesiredStatusStopped, "a-test", "nothing"), 0)
	})
	t.Run("ECS-036 a task that does not exist", func(t *testing.T) {
		out := must(t, c.ecs.DescribeTasks, &ecs.DescribeTasksInput{Tasks: []string{"0123456789abcdef0123456789abcdef"}})
		same(t, "reason", *out.Failures[0].Reason, "MISSING")
		says(t, refusal(t, c.ecs.StopTask, &ecs.StopTaskInput{Task: aws.String("0123456789abcdef0123456789abcdef")}), "InvalidParameterException", "The referenced task was not found.")
	})
	t.Run("ECS-037 RunTask starts ten tasks at most", func(t *testing.T) {
		in := &ecs.RunTaskInput{TaskDefinition: &web, LaunchType: ecstypes.LaunchTypeFargate, NetworkConfiguration: network(), Count: aws.Int32(11)}
		says(t, refusal(t, c.ecs.RunTask, in), "InvalidParameterException", "count must be between 1 and 10.")
	})
	t.Run("ECS-038 awsvpc needs a network configuration", func(t *testing.T) {
		in := &ecs.RunTaskInput{TaskDefinition: &web, LaunchType: ecstypes.LaunchTypeFargate}
		says(t, refusal(t, c.ecs.RunTask, in), "InvalidParameterException", "Network Configuration must be provided when networkMode 'awsvpc' is specified.")
	})
	t.Run("ECS-039 a stopped task is shown for an hour", func(t *testing.T) {
		arn := c.run(t, c.register(t, "crash", "app:crash"))
		c.reaches(t, arn, "STOPPED")
		c.Clock().Jump(58 * time.Minute)
		same(t, "status", *c.task(t, arn).LastStatus, "STOPPED")
	})
}

// detail is a value of a task's attachment.
func detail(a ecstypes.Attachment, name string) string {
	for _, d := range a.Details {
		if *d.Name == name {
			return *d.Value
		}
	}
	return ""
}

func TestClientTokens(t *testing.T) {
	t.Parallel()
	c := start(t, 60).cluster(t)
	web := c.register(t, "web", "app:v1")
	in := &ecs.RunTaskInput{
		TaskDefinition: &web, LaunchType: ecstypes.LaunchTypeFargate, NetworkConfiguration: network(),
		Count: aws.Int32(2), ClientToken: aws.String("mine"),
	}
	first := must(t, c.ecs.RunTask, in).Tasks
	t.Run("ECS-201 the same request with the same token starts nothing", func(t *testing.T) {
		again := must(t, c.ecs.RunTask, in).Tasks
		for i := range first {
			same(t, "task", *again[i].TaskArn, *first[i].TaskArn)
		}
		same(t, "tasks", len(must(t, c.ecs.ListTasks, &ecs.ListTasksInput{}).TaskArns), 2)
	})
	t.Run("ECS-202 another request with the same token is a conflict", func(t *testing.T) {
		other := *in
		other.Count = aws.Int32(3)
		err := refusal(t, c.ecs.RunTask, &other)
		says(t, err, "ConflictException", "clientToken")
		var conflict *ecstypes.ConflictException
		if !errors.As(err, &conflict) || len(conflict.ResourceIds) != 2 || conflict.ResourceIds[0] != *first[0].TaskArn {
			t.Errorf("%#v does not name the tasks", conflict)
		}
		same(t, "tasks", len(must(t, c.ecs.ListTasks, &ecs.ListTasksInput{}).TaskArns), 2)
	})
	t.Run("ECS-203 a token is one in its cluster", func(t *testing.T) {
		must(t, c.ecs.CreateCluster, &ecs.CreateClusterInput{ClusterName: aws.String("other")})
		elsewhere := *in
		elsewhere.Cluster = aws.String("other")
		if arn := *must(t, c.ecs.RunTask, &elsewhere).Tasks[0].TaskArn; arn == *first[0].TaskArn {
			t.Errorf("%s again", arn)
		}
	})
	t.Run("ECS-204 a token is known as long as its tasks", func(t *testing.T) {
		for _, task := range first {
			must(t, c.ecs.StopTask, &ecs.StopTaskInput{Task: task.TaskArn})
			c.reaches(t, *task.TaskArn, "STOPPED")
		}
		c.Clock().Jump(2 * time.Hour)
		if arn := *must(t, c.ecs.RunTask, in).Tasks[0].TaskArn; arn == *first[0].TaskArn {
			t.Errorf("%s again", arn)
		}
	})
	t.Run("ECS-205 CreateService with the same token creates nothing", func(t *testing.T) {
		create := serviceInput("tokened", web, 1)
		create.ClientToken = aws.String("mine")
		service := must(t, c.ecs.CreateService, create).Service
		same(t, "created", must(t, c.ecs.CreateService, create).Service.CreatedAt.Equal(*service.CreatedAt), true)
		create.DesiredCount = aws.Int32(2)
		says(t, refusal(t, c.ecs.CreateService, create), "InvalidParameterException", "Creation of service was not idempotent.")
	})
}
