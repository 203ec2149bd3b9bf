package ecs

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsecs "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/slipway-go/slipway/emulator/internal/container"
)

// wantError checks the code and message that a client sees.
func wantError(t *testing.T, err error, code, message string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Errorf("error %v, want %s", err, code)
		return
	}
	if api.ErrorCode() != code || message != "" && api.ErrorMessage() != message {
		t.Errorf("error %s: %s, want %s: %s", api.ErrorCode(), api.ErrorMessage(), code, message)
	}
}

func TestClusters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	again, err := w.client.CreateCluster(w.ctx, &awsecs.CreateClusterInput{ClusterName: aws.String("main")})
	if err != nil || *again.Cluster.ClusterArn != "arn:aws:ecs:us-east-1:123456789012:cluster/main" {
		t.Errorf("creating a cluster again: %v, %v", again, err)
	}
	out, err := w.client.DescribeClusters(w.ctx, &awsecs.DescribeClustersInput{Clusters: []string{*again.Cluster.ClusterArn, "other"}})
	if err != nil || len(out.Clusters) != 1 || len(out.Failures) != 1 || *out.Failures[0].Reason != "MISSING" {
		t.Errorf("describing clusters: %v, %v", out, err)
	}
	w.create(w.register("acme/app:v1"), 1)
	_, err = w.client.DeleteCluster(w.ctx, &awsecs.DeleteClusterInput{Cluster: aws.String("main")})
	wantError(t, err, "ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
	if _, err := w.client.DeleteService(w.ctx, &awsecs.DeleteServiceInput{Cluster: aws.String("main"), Service: aws.String("web"), Force: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	if err := w.service.AwaitServiceInactive(w.ctx, "main", "web"); err != nil {
		t.Fatal(err)
	}
	deleted, err := w.client.DeleteCluster(w.ctx, &awsecs.DeleteClusterInput{Cluster: aws.String("main")})
	if err != nil || *deleted.Cluster.Status != "INACTIVE" {
		t.Errorf("deleting the cluster: %v, %v", deleted, err)
	}
	_, err = w.client.ListServices(w.ctx, &awsecs.ListServicesInput{Cluster: aws.String("main")})
	wantError(t, err, "ClusterNotFoundException", "Cluster not found.")
}

func TestTaskDefinitions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.register("acme/app:v1"), w.register("acme/app:v2")
	if want := "arn:aws:ecs:us-east-1:123456789012:task-definition/web:2"; second != want {
		t.Errorf("ARN %s, want %s", second, want)
	}
	for ref, want := range map[string]string{"web": second, "web:1": first, first: first} {
		out, err := w.client.DescribeTaskDefinition(w.ctx, &awsecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String(ref)})
		if err != nil || *out.TaskDefinition.TaskDefinitionArn != want {
			t.Errorf("describing %s: %v, %v", ref, out, err)
		}
	}
	_, err := w.client.DescribeTaskDefinition(w.ctx, &awsecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("other")})
	wantError(t, err, "ClientException", "Unable to describe task definition.")

	gone, err := w.client.DeregisterTaskDefinition(w.ctx, &awsecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String(second)})
	if err != nil || gone.TaskDefinition.Status != types.TaskDefinitionStatusInactive {
		t.Errorf("deregistering: %v, %v", gone, err)
	}
	list, err := w.client.ListTaskDefinitions(w.ctx, &awsecs.ListTaskDefinitionsInput{FamilyPrefix: aws.String("web")})
	if err != nil || !cmp.Equal(list.TaskDefinitionArns, []string{first}) {
		t.Errorf("listing: %v, %v", list, err)
	}
	_, err = w.client.CreateService(w.ctx, &awsecs.CreateServiceInput{
		Cluster: aws.String("main"), ServiceName: aws.String("web"), DesiredCount: aws.Int32(1), LaunchType: types.LaunchTypeFargate, TaskDefinition: aws.String(second),
	})
	wantError(t, err, "ClientException", "TaskDefinition is inactive")
	deleted, err := w.client.DeleteTaskDefinitions(w.ctx, &awsecs.DeleteTaskDefinitionsInput{TaskDefinitions: []string{first, second}})
	if err != nil || len(deleted.Failures) != 1 || len(deleted.TaskDefinitions) != 1 {
		t.Errorf("deleting: %v, %v", deleted, err)
	}
}

func TestTaskDefinitionIsEchoed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := types.ContainerDefinition{
		Name:             aws.String("web"),
		Image:            aws.String("acme/app:v1"),
		Cpu:              128,
		Essential:        aws.Bool(true),
		Environment:      []types.KeyValuePair{{Name: aws.String("A"), Value: aws.String("b")}},
		Secrets:          []types.Secret{{Name: aws.String("S"), ValueFrom: aws.String("arn")}},
		PortMappings:     []types.PortMapping{{ContainerPort: aws.Int32(80), HostPort: aws.Int32(80), Protocol: types.TransportProtocolTcp, Name: aws.String("http")}},
		LogConfiguration: &types.LogConfiguration{LogDriver: types.LogDriverAwslogs, Options: map[string]string{"awslogs-group": "g"}},
		HealthCheck:      &types.HealthCheck{Command: []string{"CMD", "true"}, Interval: aws.Int32(10)},
		Ulimits:          []types.Ulimit{{Name: types.UlimitNameNofile, SoftLimit: 1, HardLimit: 2}},
		LinuxParameters:  &types.LinuxParameters{InitProcessEnabled: aws.Bool(true), Capabilities: &types.KernelCapabilities{Drop: []string{"ALL"}}},
		MountPoints:      []types.MountPoint{{SourceVolume: aws.String("data"), ContainerPath: aws.String("/data")}},
		StopTimeout:      aws.Int32(60),
	}
	in := &awsecs.RegisterTaskDefinitionInput{
		Family: aws.String("echo"), Cpu: aws.String(".5 vCPU"), Memory: aws.String("1 GB"), NetworkMode: types.NetworkModeAwsvpc,
		RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate},
		ContainerDefinitions:    []types.ContainerDefinition{c},
		RuntimePlatform:         &types.RuntimePlatform{CpuArchitecture: types.CPUArchitectureArm64, OperatingSystemFamily: types.OSFamilyLinux},
		EphemeralStorage:        &types.EphemeralStorage{SizeInGiB: 30},
		Volumes:                 []types.Volume{{Name: aws.String("data"), EfsVolumeConfiguration: &types.EFSVolumeConfiguration{FileSystemId: aws.String("fs-1")}}},
		Tags:                    []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
	}
	if _, err := w.client.RegisterTaskDefinition(w.ctx, in); err != nil {
		t.Fatal(err)
	}
	out, err := w.client.DescribeTaskDefinition(w.ctx, &awsecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("echo"), Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags}})
	if err != nil {
		t.Fatal(err)
	}
	ignore := cmpopts.IgnoreUnexported(types.ContainerDefinition{}, types.KeyValuePair{}, types.Secret{}, types.PortMapping{}, types.LogConfiguration{},
		types.HealthCheck{}, types.Ulimit{}, types.LinuxParameters{}, types.KernelCapabilities{}, types.MountPoint{}, types.Volume{}, types.EFSVolumeConfiguration{},
		types.Tag{}, types.RuntimePlatform{}, types.EphemeralStorage{})
	td := out.TaskDefinition
	for _, diff := range []string{
		cmp.Diff(in.ContainerDefinitions, td.ContainerDefinitions, ignore),
		cmp.Diff(in.Volumes, td.Volumes, ignore),
		cmp.Diff(in.RuntimePlatform, td.RuntimePlatform, ignore),
		cmp.Diff(in.EphemeralStorage, td.EphemeralStorage, ignore),
		cmp.Diff(in.Tags, out.Tags, ignore),
		cmp.Diff([]types.Compatibility{types.CompatibilityEc2, types.CompatibilityFargate}, td.Compatibilities),
	} {
		if diff != "" {
			t.Errorf("echo (-sent +described):\n%s", diff)
		}
	}
}

func TestFargateSizes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		cpu, memory string
		message     string
	}{
		{"256", "512", ""},
		{"256", "2048", ""},
		{".25 vCPU", "0.5GB", ""},
		{"1 vCPU", "8 GB", ""},
		{"4096", "30720", ""},
		{"16384", "122880", ""},
		{"256", "256", "No Fargate configuration exists for given values: 256 CPU, 256 memory. See the Amazon ECS documentation for the valid values."},
		{"256", "1536", "No Fargate configuration exists for given values: 256 CPU, 1536 memory. See the Amazon ECS documentation for the valid values."},
		{"8192", "17408", "No Fargate configuration exists for given values: 8192 CPU, 17408 memory. See the Amazon ECS documentation for the valid values."},
		{"", "512", "Fargate requires that 'cpu' be defined at the task level."},
		{"256", "", "Fargate requires that 'memory' be defined at the task level."},
	} {
		err := checkFargate(&RegisterTaskDefinitionInput{Cpu: tt.cpu, Memory: tt.memory, NetworkMode: "awsvpc"})
		got := ""
		if err != nil {
			got = err.Error()
			got = got[len("ClientException: "):]
		}
		if got != tt.message {
			t.Errorf("%s CPU, %s memory: %q, want %q", tt.cpu, tt.memory, got, tt.message)
		}
	}
}

func TestServiceErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	td := w.register("acme/app:v1")
	_, err := w.client.UpdateService(w.ctx, &awsecs.UpdateServiceInput{Cluster: aws.String("main"), Service: aws.String("none")})
	wantError(t, err, "ServiceNotFoundException", "Service not found.")
	_, err = w.client.UpdateService(w.ctx, &awsecs.UpdateServiceInput{Cluster: aws.String("none"), Service: aws.String("none")})
	wantError(t, err, "ClusterNotFoundException", "Cluster not found.")
	out, err := w.client.DescribeServices(w.ctx, &awsecs.DescribeServicesInput{Cluster: aws.String("main"), Services: []string{"none"}})
	if err != nil || len(out.Failures) != 1 || *out.Failures[0].Reason != "MISSING" || *out.Failures[0].Arn != "arn:aws:ecs:us-east-1:123456789012:service/main/none" {
		t.Errorf("describing a missing service: %v, %v", out, err)
	}

	for _, tt := range []struct {
		name   string
		change func(*awsecs.CreateServiceInput)
		code   string
	}{
		{"EC2", func(in *awsecs.CreateServiceInput) { in.LaunchType = types.LaunchTypeEc2 }, "UnsupportedFeatureException"},
		{"no launch type", func(in *awsecs.CreateServiceInput) { in.LaunchType = "" }, "UnsupportedFeatureException"},
		{"daemon", func(in *awsecs.CreateServiceInput) { in.SchedulingStrategy = types.SchedulingStrategyDaemon }, "UnsupportedFeatureException"},
		{"CodeDeploy", func(in *awsecs.CreateServiceInput) {
			in.DeploymentController = &types.DeploymentController{Type: types.DeploymentControllerTypeCodeDeploy}
		}, "UnsupportedFeatureException"},
		{"100/100", func(in *awsecs.CreateServiceInput) { in.DeploymentConfiguration = rolling(100, 100, true) }, "InvalidParameterException"},
		{"no network", func(in *awsecs.CreateServiceInput) { in.NetworkConfiguration = nil }, "InvalidParameterException"},
		{"no desired count", func(in *awsecs.CreateServiceInput) { in.DesiredCount = nil }, "InvalidParameterException"},
		{"another container", func(in *awsecs.CreateServiceInput) { in.LoadBalancers[0].ContainerName = aws.String("other") }, "InvalidParameterException"},
		{"another port", func(in *awsecs.CreateServiceInput) { in.LoadBalancers[0].ContainerPort = aws.Int32(81) }, "InvalidParameterException"},
		{"no task definition", func(in *awsecs.CreateServiceInput) { in.TaskDefinition = aws.String("other") }, "ClientException"},
	} {
		in := &awsecs.CreateServiceInput{
			Cluster: aws.String("main"), ServiceName: aws.String("web"), DesiredCount: aws.Int32(1), LaunchType: types.LaunchTypeFargate, TaskDefinition: aws.String(td),
			NetworkConfiguration:    &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{"subnet-1"}}},
			LoadBalancers:           []types.LoadBalancer{{ContainerName: aws.String("web"), ContainerPort: aws.Int32(80), TargetGroupArn: aws.String(webGroup)}},
			DeploymentConfiguration: rolling(100, 200, true),
		}
		tt.change(in)
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.client.CreateService(w.ctx, in)
			wantError(t, err, tt.code, "")
		})
	}
	w.create(td, 1)
	_, err = w.service.CreateService(w.ctx, &CreateServiceInput{Cluster: "main", ServiceName: "web", TaskDefinition: "web", DesiredCount: aws.Int(1), LaunchType: "FARGATE"})
	if want := "InvalidParameterException: Creation of service was not idempotent."; err == nil || err.Error() != want {
		t.Errorf("creating a service again: %v, want %s", err, want)
	}
}

func TestRevisionsKeepTheirDigests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(w.register("acme/app:latest"), 1)
	w.stable()
	arn := *w.serviceDeployments()[0].TargetServiceRevision.Arn
	out, err := w.client.DescribeServiceRevisions(w.ctx, &awsecs.DescribeServiceRevisionsInput{ServiceRevisionArns: []string{arn, arn + "0"}})
	if err != nil || len(out.ServiceRevisions) != 1 || len(out.Failures) != 1 {
		t.Fatalf("describing revisions: %v, %v", out, err)
	}
	image := out.ServiceRevisions[0].ContainerImages[0]
	if *image.ContainerName != "web" || *image.Image != "acme/app:latest" || *image.ImageDigest != container.Digest("acme/app:latest") {
		t.Errorf("container image %s of %s with %s", *image.Image, *image.ContainerName, *image.ImageDigest)
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	arn := *w.create(w.register("acme/app:v1"), 1, func(in *awsecs.CreateServiceInput) {
		in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}}
		in.PropagateTags = types.PropagateTagsService
		in.EnableECSManagedTags = true
	}).ServiceArn
	if _, err := w.client.TagResource(w.ctx, &awsecs.TagResourceInput{ResourceArn: &arn, Tags: []types.Tag{{Key: aws.String("b"), Value: aws.String("2")}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.UntagResource(w.ctx, &awsecs.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	out, err := w.client.ListTagsForResource(w.ctx, &awsecs.ListTagsForResourceInput{ResourceArn: &arn})
	if err != nil || len(out.Tags) != 1 || *out.Tags[0].Key != "b" {
		t.Errorf("tags %v, %v", out, err)
	}
	w.stable()
	task := *w.tasks(types.DesiredStatusRunning)[0].TaskArn
	tags, err := w.client.ListTagsForResource(w.ctx, &awsecs.ListTagsForResourceInput{ResourceArn: &task})
	if err != nil || len(tags.Tags) != 3 {
		t.Errorf("the task's tags: %v, %v", tags, err)
	}
	_, err = w.client.ListTagsForResource(w.ctx, &awsecs.ListTagsForResourceInput{ResourceArn: aws.String(arn + "x")})
	wantError(t, err, "ResourceNotFoundException", "")
}

func TestRunTaskWithDependencies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.images.Set("acme/migrate:v1", container.Conduct{Crash: true, ExitCode: 7})
	_, err := w.client.RegisterTaskDefinition(w.ctx, &awsecs.RegisterTaskDefinitionInput{
		Family: aws.String("job"), Cpu: aws.String("256"), Memory: aws.String("512"), NetworkMode: types.NetworkModeAwsvpc,
		RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate},
		ContainerDefinitions: []types.ContainerDefinition{
			{Name: aws.String("app"), Image: aws.String("acme/app:v1"), DependsOn: []types.ContainerDependency{{ContainerName: aws.String("migrate"), Condition: types.ContainerConditionComplete}}},
			{Name: aws.String("migrate"), Image: aws.String("acme/migrate:v1"), Essential: aws.Bool(false)},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ran, err := w.client.RunTask(w.ctx, &awsecs.RunTaskInput{
		Cluster: aws.String("main"), TaskDefinition: aws.String("job"), LaunchType: types.LaunchTypeFargate, StartedBy: aws.String("me"),
		NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{"subnet-1"}}},
	})
	if err != nil || len(ran.Tasks) != 1 {
		t.Fatalf("running a task: %v, %v", ran, err)
	}
	id := nameOf(*ran.Tasks[0].TaskArn)
	status := func(want taskStatus) {
		t.Helper()
		if err := w.service.await(w.ctx, func() (bool, error) { return w.service.clusters["main"].task(id).lastStatus == want, nil }); err != nil {
			t.Fatalf("waiting for %s: %v", want, err)
		}
	}
	status(taskRunning)
	out, err := w.client.DescribeTasks(w.ctx, &awsecs.DescribeTasksInput{Cluster: aws.String("main"), Tasks: []string{id}})
	if err != nil {
		t.Fatal(err)
	}
	task := out.Tasks[0]
	if *task.Containers[0].LastStatus != "RUNNING" || *task.Containers[1].LastStatus != "STOPPED" || *task.Containers[1].ExitCode != 7 || *task.Group != "family:job" {
		t.Errorf("task %+v", task)
	}
	if len(task.Attachments) != 1 || *task.Attachments[0].Status != "ATTACHED" {
		t.Errorf("attachments %+v", task.Attachments)
	}
	if _, err := w.client.StopTask(w.ctx, &awsecs.StopTaskInput{Cluster: aws.String("main"), Task: &id}); err != nil {
		t.Fatal(err)
	}
	status(taskStopped)
}

func TestPages(t *testing.T) {
	t.Parallel()
	all := []int{1, 2, 3, 4, 5}
	two := 2
	var got []int
	token := ""
	for {
		items, next, err := page(all, token, &two)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, items...)
		if token = next; token == "" {
			break
		}
	}
	if !cmp.Equal(got, all) {
		t.Errorf("pages %v", got)
	}
	if _, _, err := page(all, "x", nil); err == nil {
		t.Error("an unreadable token is accepted")
	}
}
