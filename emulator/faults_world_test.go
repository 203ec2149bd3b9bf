package emulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/slipway-go/slipway/emulator"
)

// eventually waits until done says so; go test's timeout bounds it.
func eventually(t *testing.T, done func() bool) {
	t.Helper()
	for !done() {
		time.Sleep(5 * time.Millisecond)
	}
}

// fleet is a cluster in two subnets of two zones, made with the SDK.
type fleet struct {
	t       *testing.T
	srv     *emulator.Server
	ecs     *ecs.Client
	subnets []string
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	srv := start(t, emulator.Options{Speed: 200})
	cfn := cloudformation.NewFromConfig(config(srv, "eu-west-1"))
	_, err := cfn.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: aws.String("subnets"), TemplateBody: aws.String(`
Resources:
  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-1, CidrBlock: 10.0.0.0/24, AvailabilityZone: eu-west-1a}}
  B: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-1, CidrBlock: 10.0.1.0/24, AvailabilityZone: eu-west-1b}}
Outputs: {A: {Value: !Ref A}, B: {Value: !Ref B}}
`)})
	if err != nil {
		t.Fatal(err)
	}
	f := &fleet{t: t, srv: srv, ecs: ecs.NewFromConfig(config(srv, "eu-west-1"))}
	for _, o := range settled(t, cfn, "subnets").Outputs {
		f.subnets = append(f.subnets, *o.OutputValue)
	}
	if len(f.subnets) != 2 {
		t.Fatalf("subnets %v", f.subnets)
	}
	_, err = f.ecs.CreateCluster(t.Context(), &ecs.CreateClusterInput{ClusterName: aws.String("main")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.ecs.RegisterTaskDefinition(t.Context(), &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("app"), Cpu: aws.String("256"), Memory: aws.String("512"), NetworkMode: ecstypes.NetworkModeAwsvpc,
		RequiresCompatibilities: []ecstypes.Compatibility{ecstypes.CompatibilityFargate},
		ContainerDefinitions: []ecstypes.ContainerDefinition{{
			Name: aws.String("app"), Image: aws.String("acme/app:v1"), PortMappings: []ecstypes.PortMapping{{ContainerPort: aws.Int32(80)}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fleet) network() *ecstypes.NetworkConfiguration {
	return &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{Subnets: f.subnets}}
}

// create creates the service "web" and waits until it has as many tasks.
func (f *fleet) create(desired int32) {
	f.t.Helper()
	f.begin(desired)
	eventually(f.t, func() bool { return len(f.running()) == int(desired) })
}

func (f *fleet) begin(desired int32) {
	f.t.Helper()
	_, err := f.ecs.CreateService(f.t.Context(), &ecs.CreateServiceInput{
		Cluster: aws.String("main"), ServiceName: aws.String("web"), TaskDefinition: aws.String("app"), DesiredCount: &desired,
		LaunchType: ecstypes.LaunchTypeFargate, NetworkConfiguration: f.network(),
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fleet) tasks(desired ecstypes.DesiredStatus) []ecstypes.Task {
	f.t.Helper()
	list, err := f.ecs.ListTasks(f.t.Context(), &ecs.ListTasksInput{Cluster: aws.String("main"), DesiredStatus: desired})
	if err != nil {
		f.t.Fatal(err)
	}
	if len(list.TaskArns) == 0 {
		return nil
	}
	out, err := f.ecs.DescribeTasks(f.t.Context(), &ecs.DescribeTasksInput{Cluster: aws.String("main"), Tasks: list.TaskArns})
	if err != nil {
		f.t.Fatal(err)
	}
	return out.Tasks
}

// running are the zones of the tasks that are RUNNING, sorted.
func (f *fleet) running() []string {
	f.t.Helper()
	var zones []string
	for _, task := range f.tasks(ecstypes.DesiredStatusRunning) {
		if *task.LastStatus == "RUNNING" {
			zones = append(zones, *task.AvailabilityZone)
		}
	}
	slices.Sort(zones)
	return zones
}

func (f *fleet) hasEvent(text string) bool {
	f.t.Helper()
	out, err := f.ecs.DescribeServices(f.t.Context(), &ecs.DescribeServicesInput{Cluster: aws.String("main"), Services: []string{"web"}})
	if err != nil {
		f.t.Fatal(err)
	}
	return slices.ContainsFunc(out.Services[0].Events, func(e ecstypes.ServiceEvent) bool { return strings.Contains(*e.Message, text) })
}

func TestFaultTaskKill(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	f.create(3)
	inject(t, f.srv, emulator.FaultTaskKill{Service: "other"})
	inject(t, f.srv, emulator.FaultTaskKill{FaultWhen: emulator.FaultWhen{Times: 1}, Service: "web"})
	inject(t, f.srv, emulator.FaultTaskKill{
		FaultWhen: emulator.FaultWhen{Times: 1, Nth: 2}, StopCode: "SpotInterruption", Reason: "Your Spot Task was interrupted.",
	})
	eventually(t, func() bool { return len(f.tasks(ecstypes.DesiredStatusStopped)) == 2 && len(f.running()) == 3 })
	var stops []string
	for _, task := range f.tasks(ecstypes.DesiredStatusStopped) {
		eventually(t, func() bool {
			return !slices.ContainsFunc(f.tasks(ecstypes.DesiredStatusStopped), func(t ecstypes.Task) bool { return *t.LastStatus != "STOPPED" })
		})
		for _, now := range f.tasks(ecstypes.DesiredStatusStopped) {
			if *now.TaskArn == *task.TaskArn {
				stops = append(stops, fmt.Sprintf("%s, %s, %d %s", now.StopCode, *now.StoppedReason, *now.Containers[0].ExitCode, aws.ToString(now.Containers[0].Reason)))
			}
		}
	}
	slices.Sort(stops)
	want := []string{
		"EssentialContainerExited, Essential container in task exited, 137 OutOfMemoryError: Container killed due to memory usage",
		"SpotInterruption, Your Spot Task was interrupted., 0 ",
	}
	if !slices.Equal(stops, want) {
		t.Errorf("tasks stopped with %q, want %q", stops, want)
	}
}

// TestFaultCapacity: the words are those of "Service event messages" in the developer
// guide, and RunTask answers with a failure.
func TestFaultCapacity(t *testing.T) {
	t.Parallel()
	const words = "Capacity is unavailable at this time. Please try again later or in a different availability zone"
	f := newFleet(t)
	inject(t, f.srv, emulator.FaultCapacity{})
	f.begin(2)
	eventually(t, func() bool { return f.hasEvent("(service web) was unable to place a task. Reason: " + words + ".") })
	run := func() *ecs.RunTaskOutput {
		out, err := f.ecs.RunTask(t.Context(), &ecs.RunTaskInput{
			Cluster: aws.String("main"), TaskDefinition: aws.String("app"), LaunchType: ecstypes.LaunchTypeFargate, NetworkConfiguration: f.network(),
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if out := run(); len(out.Tasks) != 0 || len(out.Failures) != 1 || *out.Failures[0].Reason != words {
		t.Errorf("RunTask answers %d tasks, failures %v", len(out.Tasks), out.Failures)
	}
	f.srv.ClearFaults()
	if out := run(); len(out.Tasks) != 1 {
		t.Errorf("after the fault: failures %v", out.Failures)
	}
	eventually(t, func() bool { return len(f.running()) == 3 })
}

func TestFaultZone(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	f.create(2)
	if got := f.running(); !slices.Equal(got, []string{"eu-west-1a", "eu-west-1b"}) {
		t.Fatalf("tasks are in %v, want one in each zone", got)
	}
	id := inject(t, f.srv, emulator.FaultZone{Zone: "eu-west-1a"})
	eventually(t, func() bool { return slices.Equal(f.running(), []string{"eu-west-1b", "eu-west-1b"}) })
	if err := f.srv.ClearFault(id); err != nil {
		t.Fatal(err)
	}
	inject(t, f.srv, emulator.FaultTaskKill{FaultWhen: emulator.FaultWhen{Times: 1}})
	eventually(t, func() bool { return slices.Equal(f.running(), []string{"eu-west-1a", "eu-west-1b"}) })
}

// TestFaultZoneEndsStarts: a task that is still starting in a lost zone never runs there.
func TestFaultZoneEndsStarts(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	f.srv.SetImage("acme/app:v1", emulator.Conduct{PullTime: 1000 * time.Hour})
	f.begin(2)
	eventually(t, func() bool { // both are pulling
		tasks := f.tasks(ecstypes.DesiredStatusRunning)
		return len(tasks) == 2 && !slices.ContainsFunc(tasks, func(task ecstypes.Task) bool { return *task.LastStatus != "ACTIVATING" })
	})
	f.srv.SetImage("acme/app:v1", emulator.Conduct{})
	inject(t, f.srv, emulator.FaultZone{Zone: "eu-west-1a"})
	// Another one runs instead, beside the one that still pulls.
	eventually(t, func() bool { return slices.Equal(f.running(), []string{"eu-west-1b"}) })
	stopped := f.tasks(ecstypes.DesiredStatusStopped)
	if len(stopped) != 1 || stopped[0].StopCode != ecstypes.TaskStopCodeTaskFailedToStart || *stopped[0].AvailabilityZone != "eu-west-1a" {
		t.Errorf("stopped tasks %+v", stopped)
	}
}

func TestFaultImage(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	inject(t, f.srv, emulator.FaultImage{FaultWhen: emulator.FaultWhen{Times: 1}, Image: "acme/app:*"})
	inject(t, f.srv, emulator.FaultImage{Image: "acme/other"})
	f.create(1)
	stopped := f.tasks(ecstypes.DesiredStatusStopped)
	if len(stopped) != 1 || stopped[0].StopCode != ecstypes.TaskStopCodeTaskFailedToStart ||
		!strings.HasPrefix(*stopped[0].StoppedReason, "CannotPullContainerError: pull image manifest has been retried") {
		t.Errorf("stopped tasks %+v", stopped)
	}
}

func TestFaultResource(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{Speed: 200})
	cfn := cloudformation.NewFromConfig(config(srv, "eu-west-1"))
	resource := func(stack string) types.StackResourceDetail {
		out, err := cfn.DescribeStackResource(t.Context(), &cloudformation.DescribeStackResourceInput{StackName: &stack, LogicalResourceId: aws.String("Topic")})
		if err != nil {
			t.Fatal(err)
		}
		return *out.StackResourceDetail
	}
	id := inject(t, srv, emulator.FaultResource{LogicalID: "Topic", Action: "CREATE"})
	if err := createTopic(t.Context(), config(srv, "eu-west-1"), "hung"); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return srv.Faults()[0].Strikes == 1 })
	if got := resource("hung").ResourceStatus; got != types.ResourceStatusCreateInProgress {
		t.Errorf("a resource that hangs is %s", got)
	}
	if err := srv.ClearFault(id); err != nil {
		t.Fatal(err)
	}
	if got := settled(t, cfn, "hung").StackStatus; got != types.StackStatusCreateComplete {
		t.Errorf("after the fault, the stack is %s", got)
	}

	inject(t, srv, emulator.FaultResource{Type: "AWS::SNS::Topic", Reason: "Rate exceeded"})
	if err := createTopic(t.Context(), config(srv, "eu-west-1"), "fails"); err != nil {
		t.Fatal(err)
	}
	if got := settled(t, cfn, "fails").StackStatus; got != types.StackStatusRollbackComplete {
		t.Errorf("the stack is %s", got)
	}
	events, err := cfn.DescribeStackEvents(t.Context(), &cloudformation.DescribeStackEventsInput{StackName: aws.String("fails")})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(events.StackEvents, func(e types.StackEvent) bool {
		return e.ResourceStatus == types.ResourceStatusCreateFailed && aws.ToString(e.ResourceStatusReason) == "Rate exceeded"
	}) {
		t.Errorf("no event tells the reason: %v", events.StackEvents)
	}
}

// TestFaultHealth lets targets flap. ECS replaces unhealthy tasks at once, so only the
// events tell.
func TestFaultHealth(t *testing.T) {
	t.Parallel()
	events := make(chan emulator.TargetHealth, 1000)
	srv := start(t, emulator.Options{Speed: 200, OnTargetHealth: func(h emulator.TargetHealth) { events <- h }})
	stacks(t, cloudformation.NewFromConfig(config(srv, "eu-west-1")), "docker.io/acme/hello:v1")
	groups, err := elbv2.NewFromConfig(config(srv, "eu-west-1")).DescribeTargetGroups(t.Context(), &elbv2.DescribeTargetGroupsInput{Names: []string{"hello"}})
	if err != nil {
		t.Fatal(err)
	}
	group := groups.TargetGroups[0]
	inject(t, srv, emulator.FaultHealth{TargetGroup: "no-such-group"})
	inject(t, srv, emulator.FaultHealth{
		TargetGroup: *group.TargetGroupName, Fail: int(*group.UnhealthyThresholdCount), Pass: int(*group.HealthyThresholdCount),
	})
	for h := range events {
		if h.State == "unhealthy" {
			if h.Reason != "Target.FailedHealthChecks" || h.TargetGroupARN != *group.TargetGroupArn {
				t.Errorf("unhealthy target %+v", h)
			}
			break
		}
	}
	if f := srv.Faults(); f[0].Occasions != 0 || f[1].Strikes < int(*group.UnhealthyThresholdCount) {
		t.Errorf("faults %+v", f)
	}
	srv.ClearFaults()
	for h := range events {
		if h.State == "healthy" {
			break
		}
	}
}

func TestFaultClock(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{})
	cfn := cloudformation.NewFromConfig(config(srv, "eu-west-1"))
	created := func(name string) time.Time {
		if err := createTopic(t.Context(), config(srv, "eu-west-1"), name); err != nil {
			t.Fatal(err)
		}
		out, err := cfn.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
		if err != nil {
			t.Fatal(err)
		}
		return *out.Stacks[0].CreationTime
	}
	before := created("before")
	id := inject(t, srv, emulator.FaultClock{Jump: -time.Hour})
	if d := created("during").Sub(before); d > -time.Hour+time.Minute || d < -time.Hour {
		t.Errorf("a jump of an hour back is one of %s", d)
	}
	if err := srv.ClearFault(id); err != nil {
		t.Fatal(err)
	}
	if d := created("after").Sub(before); d < 0 || d > time.Minute {
		t.Errorf("after the fault, %s have passed", d)
	}
}
