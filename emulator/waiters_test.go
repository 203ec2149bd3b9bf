package emulator_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	storage "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/emulator"
)

// sdkWaits runs waiters of aws-sdk-go-v2, and notes which have returned.
type sdkWaits struct {
	t    *testing.T
	done map[string]bool // "ecs ServicesStable"
}

// wait runs a waiter, such as *ecs.ServicesStableWaiter, which looks every 5 milliseconds.
func (w sdkWaits) wait(waiter, in any) error {
	w.t.Helper()
	method := reflect.ValueOf(waiter).MethodByName("Wait")
	option := method.Type().In(3).Elem() // of ...func(*Options)
	hurry := reflect.MakeFunc(option, func(args []reflect.Value) []reflect.Value {
		args[0].Elem().FieldByName("MinDelay").SetInt(int64(5 * time.Millisecond))
		args[0].Elem().FieldByName("MaxDelay").SetInt(int64(5 * time.Millisecond))
		return nil
	})
	out := method.Call([]reflect.Value{reflect.ValueOf(w.t.Context()), reflect.ValueOf(in), reflect.ValueOf(time.Minute), hurry})
	err, _ := out[0].Interface().(error)
	return err
}

// until runs a waiter, which has to return with success.
func (w sdkWaits) until(waiter, in any) {
	w.t.Helper()
	of := reflect.TypeOf(waiter).Elem()
	if err := w.wait(waiter, in); err != nil {
		w.t.Fatalf("%s: %v", of.Name(), err)
	}
	w.done[of.PkgPath()[strings.LastIndex(of.PkgPath(), "/")+1:]+" "+strings.TrimSuffix(of.Name(), "Waiter")] = true
}

// fails runs a waiter, which has to give up because of what it sees.
func (w sdkWaits) fails(waiter, in any) {
	w.t.Helper()
	if err := w.wait(waiter, in); err == nil || !strings.Contains(err.Error(), "waiter state transitioned to Failure") {
		w.t.Errorf("%T ended with %v, want a failure", waiter, err)
	}
}

// all are the waiters that the SDK has for operations of the embedded AWS.
func (w sdkWaits) all(operations map[string][]string) []string {
	w.t.Helper()
	packages := map[string]any{ // a function of each, by signing name
		"cloudformation": cloudformation.New, "ecr": ecr.New, "ecs": ecs.New, "elasticloadbalancing": elbv2.New,
		"logs": cloudwatchlogs.New, "s3": storage.New, "ssm": ssm.New, "sts": sts.New,
	}
	constructor := regexp.MustCompile(`(?m)^func New(\w+)Waiter\(client (\w+)APIClient`)
	var found []string
	for service, names := range operations {
		function := runtime.FuncForPC(reflect.ValueOf(packages[service]).Pointer())
		source, _ := function.FileLine(function.Entry())
		files, err := filepath.Glob(filepath.Join(filepath.Dir(source), "*.go"))
		if err != nil || len(files) == 0 {
			w.t.Fatalf("the source of the SDK of %s is not in %s: %v", service, source, err)
		}
		path := strings.Split(function.Name(), ".New")[0]
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				w.t.Fatal(err)
			}
			for _, m := range constructor.FindAllSubmatch(text, -1) {
				if slices.Contains(names, string(m[2])) {
					found = append(found, path[strings.LastIndex(path, "/")+1:]+" "+string(m[1]))
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

// TestWaitersOfTheSDK has every waiter of aws-sdk-go-v2 wait for what the embedded AWS does.
func TestWaitersOfTheSDK(t *testing.T) {
	t.Parallel()
	srv := start(t, emulator.Options{Speed: 600})
	srv.SetImage("docker.io/acme/hello:missing", emulator.Conduct{Missing: true})
	w := sdkWaits{t, map[string]bool{}}
	waitForStacks(w, srv)
	waitForTasks(w, srv)
	waitForBalancers(w, srv)
	waitForObjects(w, srv)
	waitForEnds(w, srv)
	want := slices.DeleteFunc(w.all(srv.Operations()), func(name string) bool {
		return name == "cloudformation StackImportComplete" // resources cannot be imported
	})
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(w.done))); diff != "" {
		t.Errorf("waiters that were run (-the SDK has +run):\n%s", diff)
	}
}

// answer is that of a call that has to succeed.
func answer[In, Out, Opt any](t *testing.T, call func(context.Context, *In, ...func(*Opt)) (*Out, error), in *In) *Out {
	t.Helper()
	out, err := call(t.Context(), in)
	if err != nil {
		t.Fatalf("%T: %v", in, err)
	}
	return out
}

func named(stack string) *cloudformation.DescribeStacksInput {
	return &cloudformation.DescribeStacksInput{StackName: &stack}
}

// to updates the service's stack to an image.
func to(image string) *cloudformation.UpdateStackInput {
	return &cloudformation.UpdateStackInput{
		StackName: aws.String("service"), UsePreviousTemplate: aws.Bool(true), Capabilities: []types.Capability{types.CapabilityCapabilityIam},
		Parameters: []types.Parameter{
			parameter("StackName", "network"), parameter("ServiceName", "hello"), parameter("ImageUrl", image), parameter("HealthCheckIntervalSeconds", "10"),
		},
	}
}

func waitForStacks(w sdkWaits, srv *emulator.Server) {
	t, cfn := w.t, cloudformation.NewFromConfig(config(srv, "eu-west-1"))
	t.Helper()
	stacks(t, cfn, "docker.io/acme/hello:v1")
	w.until(cloudformation.NewStackExistsWaiter(cfn), named("service"))
	w.until(cloudformation.NewStackCreateCompleteWaiter(cfn), named("service"))
	answer(t, cfn.UpdateStack, to("docker.io/acme/hello:v2"))
	w.until(cloudformation.NewStackUpdateCompleteWaiter(cfn), named("service"))
	answer(t, cfn.UpdateStack, to("docker.io/acme/hello:missing"))
	answer(t, cfn.CancelUpdateStack, &cloudformation.CancelUpdateStackInput{StackName: aws.String("service")})
	w.until(cloudformation.NewStackRollbackCompleteWaiter(cfn), named("service"))
	w.fails(cloudformation.NewStackUpdateCompleteWaiter(cfn), named("service"))
	w.fails(cloudformation.NewStackUpdateCompleteWaiter(cfn), named("gone"))

	in := to("docker.io/acme/hello:v3")
	for name, image := range map[string]string{"some": "docker.io/acme/hello:v3", "none": "docker.io/acme/hello:v2"} {
		in.Parameters[2] = parameter("ImageUrl", image)
		answer(t, cfn.CreateChangeSet, &cloudformation.CreateChangeSetInput{
			StackName: in.StackName, ChangeSetName: &name, UsePreviousTemplate: in.UsePreviousTemplate, Capabilities: in.Capabilities, Parameters: in.Parameters,
		})
	}
	w.until(cloudformation.NewChangeSetCreateCompleteWaiter(cfn), &cloudformation.DescribeChangeSetInput{StackName: in.StackName, ChangeSetName: aws.String("some")})
	w.fails(cloudformation.NewChangeSetCreateCompleteWaiter(cfn), &cloudformation.DescribeChangeSetInput{StackName: in.StackName, ChangeSetName: aws.String("none")})
}

// outputOf is an output of a stack.
func outputOf(w sdkWaits, srv *emulator.Server, stack, key string) string {
	w.t.Helper()
	st, err := srv.State(w.t.Context(), "eu-west-1")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, s := range st.Stacks {
		if s.Name == stack {
			return s.Outputs[key]
		}
	}
	w.t.Fatalf("there is no stack %s", stack)
	return ""
}

func waitForTasks(w sdkWaits, srv *emulator.Server) {
	t, client := w.t, ecs.NewFromConfig(config(srv, "eu-west-1"))
	t.Helper()
	cluster := aws.String(outputOf(w, srv, "network", "ClusterName"))
	services := answer(t, client.ListServices, &ecs.ListServicesInput{Cluster: cluster}).ServiceArns
	stable := &ecs.DescribeServicesInput{Cluster: cluster, Services: services}
	w.until(ecs.NewServicesStableWaiter(client), stable)
	tasks := answer(t, client.ListTasks, &ecs.ListTasksInput{Cluster: cluster}).TaskArns
	w.until(ecs.NewTasksRunningWaiter(client), &ecs.DescribeTasksInput{Cluster: cluster, Tasks: tasks})
	answer(t, client.StopTask, &ecs.StopTaskInput{Cluster: cluster, Task: &tasks[0]})
	w.until(ecs.NewTasksStoppedWaiter(client), &ecs.DescribeTasksInput{Cluster: cluster, Tasks: tasks[:1]})
	w.fails(ecs.NewTasksRunningWaiter(client), &ecs.DescribeTasksInput{Cluster: cluster, Tasks: tasks})
	w.fails(ecs.NewServicesStableWaiter(client), &ecs.DescribeServicesInput{Cluster: cluster, Services: []string{"gone"}})
	w.until(ecs.NewServicesStableWaiter(client), stable) // its place is taken
}

func waitForBalancers(w sdkWaits, srv *emulator.Server) {
	t, client := w.t, elbv2.NewFromConfig(config(srv, "eu-west-1"))
	t.Helper()
	group := aws.String(physicalIDs(t, cloudformation.NewFromConfig(config(srv, "eu-west-1")), "service")["TargetGroup"])
	health := &elbv2.DescribeTargetHealthInput{TargetGroupArn: group}
	w.until(elbv2.NewTargetInServiceWaiter(client), health)
	made := answer(t, client.CreateLoadBalancer, &elbv2.CreateLoadBalancerInput{Name: aws.String("waited-for"), Subnets: []string{"subnet-1", "subnet-2"}})
	balancer := &elbv2.DescribeLoadBalancersInput{LoadBalancerArns: []string{*made.LoadBalancers[0].LoadBalancerArn}}
	w.until(elbv2.NewLoadBalancerExistsWaiter(client), balancer)
	w.until(elbv2.NewLoadBalancerAvailableWaiter(client), balancer)
	answer(t, client.DeleteLoadBalancer, &elbv2.DeleteLoadBalancerInput{LoadBalancerArn: made.LoadBalancers[0].LoadBalancerArn})
	w.until(elbv2.NewLoadBalancersDeletedWaiter(client), balancer)
	target := []elbtypes.TargetDescription{*answer(t, client.DescribeTargetHealth, health).TargetHealthDescriptions[0].Target}
	answer(t, client.DeregisterTargets, &elbv2.DeregisterTargetsInput{TargetGroupArn: group, Targets: target})
	w.until(elbv2.NewTargetDeregisteredWaiter(client), &elbv2.DescribeTargetHealthInput{TargetGroupArn: group, Targets: target})
}

func waitForObjects(w sdkWaits, srv *emulator.Server) {
	t := w.t
	t.Helper()
	client := storage.NewFromConfig(config(srv, "us-east-1"), func(o *storage.Options) { o.UsePathStyle = true })
	bucket := aws.String("waited-for")
	head, object := &storage.HeadBucketInput{Bucket: bucket}, &storage.HeadObjectInput{Bucket: bucket, Key: aws.String("template.json")}
	w.until(storage.NewBucketNotExistsWaiter(client), head)
	answer(t, client.CreateBucket, &storage.CreateBucketInput{Bucket: bucket})
	w.until(storage.NewBucketExistsWaiter(client), head)
	w.until(storage.NewObjectNotExistsWaiter(client), object)
	answer(t, client.PutObject, &storage.PutObjectInput{Bucket: bucket, Key: object.Key, Body: strings.NewReader("{}")})
	w.until(storage.NewObjectExistsWaiter(client), object)
	answer(t, client.DeleteObject, &storage.DeleteObjectInput{Bucket: bucket, Key: object.Key})
	w.until(storage.NewObjectNotExistsWaiter(client), object)
}

func waitForEnds(w sdkWaits, srv *emulator.Server) {
	t, cfn, client := w.t, cloudformation.NewFromConfig(config(srv, "eu-west-1")), ecs.NewFromConfig(config(srv, "eu-west-1"))
	t.Helper()
	cluster := aws.String(outputOf(w, srv, "network", "ClusterName"))
	services := answer(t, client.ListServices, &ecs.ListServicesInput{Cluster: cluster}).ServiceArns
	answer(t, cfn.DeleteStack, &cloudformation.DeleteStackInput{StackName: aws.String("service")})
	w.until(ecs.NewServicesInactiveWaiter(client), &ecs.DescribeServicesInput{Cluster: cluster, Services: services})
	w.until(cloudformation.NewStackDeleteCompleteWaiter(cfn), named("service"))
}
