package clients

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/emulator"
)

// impatient is the AWS CLI with waiters that look once a second, in place of every 5 to
// 30 seconds, and a note of those that have returned.
type impatient struct {
	awsCLI
	waited map[string]bool // "cloudformation stack-exists"
}

// newImpatient gives the CLI waiters of its own, by the variable that botocore has for that.
func newImpatient(t *testing.T) impatient {
	t.Helper()
	installed(t, ".venv/bin/aws")
	data := t.TempDir()
	for path, model := range waiterModels(t) {
		for _, w := range model.Waiters {
			w["delay"] = 1
		}
		text, err := json.Marshal(map[string]any{"version": 2, "waiters": model.Waiters})
		if err != nil {
			t.Fatal(err)
		}
		folder := filepath.Join(data, filepath.Dir(path))
		if err := os.MkdirAll(folder, 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(path)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return impatient{awsCLI{newClient(t, ".venv/bin/aws", "AWS_DATA_PATH="+data)}, map[string]bool{}}
}

type waiterModel struct{ Waiters map[string]map[string]any }

// waiterModels are botocore's waiters of the services that the embedded AWS has, by the
// paths of their files: "ecs/2014-11-13/waiters-2.json".
func waiterModels(t *testing.T) map[string]waiterModel {
	t.Helper()
	models := map[string]waiterModel{}
	for _, service := range cliNames() {
		paths, err := filepath.Glob(".venv/lib/python3*/site-packages/botocore/data/" + service + "/*/waiters-2.json")
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var model waiterModel
			if err := json.Unmarshal(text, &model); err != nil {
				t.Fatalf("reading %s: %v", path, err)
			}
			_, name, _ := strings.Cut(filepath.ToSlash(path), "/data/")
			models[name] = model
		}
	}
	if len(models) == 0 {
		t.Fatal("botocore has no waiters")
	}
	return models
}

// cliNames are the CLI's names of services, by their signing names.
func cliNames() map[string]string {
	return map[string]string{
		"cloudformation": "cloudformation", "ecr": "ecr", "ecs": "ecs", "elasticloadbalancing": "elbv2",
		"logs": "logs", "s3": "s3", "ssm": "ssm", "sts": "sts",
	}
}

// waits runs a waiter, which has to return with success.
func (i impatient) waits(service, waiter string, args ...string) {
	i.t.Helper()
	command := service
	if service == "s3" {
		command = "s3api"
	}
	i.must(append([]string{command, "wait", waiter}, args...)...)
	i.waited[service+" "+waiter] = true
}

// givesUp runs a waiter, which has to see that what it waits for will not come.
func (i impatient) givesUp(service, waiter string, args ...string) {
	i.t.Helper()
	i.refused("terminal failure state", append([]string{service, "wait", waiter}, args...)...)
}

// every holds that all waiters were run that the CLI has for operations of the embedded
// AWS, but for those that wait for what it does not do.
func (i impatient) every() {
	i.t.Helper()
	notHere := []string{"cloudformation stack-import-complete"} // resources cannot be imported
	operations := i.server.Operations()
	word := regexp.MustCompile("([a-z])([A-Z])")
	var want []string
	for path, model := range waiterModels(i.t) {
		name, _, _ := strings.Cut(path, "/")
		for signing, service := range cliNames() {
			if service != name {
				continue
			}
			for waiter, w := range model.Waiters {
				command := service + " " + strings.ToLower(word.ReplaceAllString(waiter, "$1-$2"))
				if slices.Contains(operations[signing], w["operation"].(string)) && !slices.Contains(notHere, command) {
					want = append(want, command)
				}
			}
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(i.waited))); diff != "" {
		i.t.Errorf("waiters that were run (-the CLI has +run):\n%s", diff)
	}
}

// TestAWSCLIWays goes the ways to a new image, and back, that the article does not go, and
// through every waiter that the CLI has.
func TestAWSCLIWays(t *testing.T) {
	t.Parallel()
	i := newImpatient(t)
	i.server.SetImage("docker.io/reflectoring/aws-hello-world:hangs", emulator.Conduct{PullTime: 100 * time.Hour})
	i.createByDeploy()
	url := i.output("network", "ExternalUrl")
	answers(t, url+"/hello", "aws-hello-world:v1")
	i.deploys("v2")
	answers(t, url+"/hello", "aws-hello-world:v2")

	i.cancels()
	answers(t, url+"/hello", "aws-hello-world:v2")
	i.rollsBack()
	answers(t, url+"/hello", "aws-hello-world:v2")
	i.tasks()
	i.balancers()
	i.continues()
	i.buckets()

	service := i.must("cloudformation", "describe-stacks", "--stack-name", "service", "--query", "Stacks[0].StackId", "--output", "text")
	for _, stack := range []string{service, "network"} {
		i.must("cloudformation", "delete-stack", "--stack-name", stack)
		i.waits("cloudformation", "stack-delete-complete", "--stack-name", stack)
	}
	i.every()
}

// createByDeploy makes the stacks, the network with deploy, which makes a change set for it.
func (i impatient) createByDeploy() {
	i.t.Helper()
	i.must("cloudformation", "deploy", "--stack-name", "network", "--template-file", filepath.Join(repository, "templates/network.json"))
	i.waits("cloudformation", "stack-exists", "--stack-name", "network")
	i.must(append([]string{
		"cloudformation", "create-stack", "--stack-name", "service", "--template-body", file("templates/service.json"), "--capabilities", "CAPABILITY_IAM",
	}, parameters("v1")...)...)
	i.waits("cloudformation", "stack-create-complete", "--stack-name", "service")
}

// deploys brings an image out with deploy, which keeps the parameters that it is not told.
func (i impatient) deploys(tag string) {
	i.t.Helper()
	deploy := []string{
		"cloudformation", "deploy", "--stack-name", "service", "--template-file", filepath.Join(repository, "templates/service.json"),
		"--capabilities", "CAPABILITY_IAM", "--parameter-overrides", "ImageUrl=docker.io/reflectoring/aws-hello-world:" + tag,
	}
	if said := i.must(deploy...); !strings.Contains(said, "Successfully created/updated stack - service") {
		i.t.Errorf("deploy said %s", said)
	}
	if said := i.must(append(deploy, "--no-fail-on-empty-changeset")...); !strings.Contains(said, "No changes to deploy. Stack service is up to date") {
		i.t.Errorf("deploy without changes said %s", said)
	}
	i.refused("No changes to deploy", append(deploy, "--fail-on-empty-changeset")...)
}

// image updates the service's stack to an image.
func (i impatient) image(tag string, args ...string) {
	i.t.Helper()
	i.must(slices.Concat([]string{
		"cloudformation", "update-stack", "--stack-name", "service", "--use-previous-template", "--capabilities", "CAPABILITY_IAM",
	}, args, parameters(tag))...)
}

// cancels calls an update off, of which nothing would come.
func (i impatient) cancels() {
	i.t.Helper()
	i.image("hangs")
	i.must("cloudformation", "cancel-update-stack", "--stack-name", "service")
	i.waits("cloudformation", "stack-rollback-complete", "--stack-name", "service")
	i.givesUp("cloudformation", "stack-update-complete", "--stack-name", "service")
}

// rollsBack lets an update fail and stay, as it does with an image, and takes it back.
func (i impatient) rollsBack() {
	i.t.Helper()
	i.image("v3", "--disable-rollback")
	i.givesUp("cloudformation", "stack-update-complete", "--stack-name", "service")
	why := i.must("cloudformation", "describe-stack-events", "--stack-name", "service", "--output", "text",
		"--query", "StackEvents[?ResourceStatus=='UPDATE_FAILED'].ResourceStatusReason")
	if !strings.Contains(why, "Replacement type updates not supported on stack with disable-rollback") {
		i.t.Errorf("the update failed with %s", why)
	}
	i.must("cloudformation", "rollback-stack", "--stack-name", "service")
	i.waits("cloudformation", "stack-rollback-complete", "--stack-name", "service")

	change := []string{"--stack-name", "service", "--change-set-name", "none"}
	i.must(slices.Concat([]string{"cloudformation", "create-change-set"}, change, []string{"--use-previous-template", "--capabilities", "CAPABILITY_IAM"}, parameters("v2"))...)
	i.givesUp("cloudformation", "change-set-create-complete", change...)
	change[3] = "some"
	i.must(slices.Concat([]string{"cloudformation", "create-change-set"}, change, []string{"--use-previous-template", "--capabilities", "CAPABILITY_IAM"}, parameters("v4"))...)
	i.waits("cloudformation", "change-set-create-complete", change...)
	i.must(append([]string{"cloudformation", "execute-change-set"}, change...)...)
	i.waits("cloudformation", "stack-update-complete", "--stack-name", "service")
	i.image("v2")
	i.waits("cloudformation", "stack-update-complete", "--stack-name", "service")
}

func (i impatient) tasks() {
	i.t.Helper()
	cluster, service := i.placed()
	i.waits("ecs", "services-stable", "--cluster", cluster, "--services", service)
	tasks := strings.Fields(i.must("ecs", "list-tasks", "--cluster", cluster, "--service-name", service, "--query", "taskArns", "--output", "text"))
	i.waits("ecs", "tasks-running", append([]string{"--cluster", cluster, "--tasks"}, tasks...)...)
	i.must("ecs", "stop-task", "--cluster", cluster, "--task", tasks[0])
	i.waits("ecs", "tasks-stopped", "--cluster", cluster, "--tasks", tasks[0])
	i.givesUp("ecs", "tasks-running", "--cluster", cluster, "--tasks", tasks[0])
	i.waits("ecs", "services-stable", "--cluster", cluster, "--services", service)
}

func (i impatient) balancers() {
	i.t.Helper()
	group := i.output("service", "TargetGroupArn")
	i.waits("elbv2", "target-in-service", "--target-group-arn", group)
	arn := i.must("elbv2", "create-load-balancer", "--name", "waited-for", "--subnets", "subnet-1", "subnet-2", "--query", "LoadBalancers[0].LoadBalancerArn", "--output", "text")
	i.waits("elbv2", "load-balancer-exists", "--load-balancer-arns", arn)
	i.waits("elbv2", "load-balancer-available", "--load-balancer-arns", arn)
	i.must("elbv2", "delete-load-balancer", "--load-balancer-arn", arn)
	i.waits("elbv2", "load-balancers-deleted", "--load-balancer-arns", arn)
	target := "Id=" + i.must("elbv2", "describe-target-health", "--target-group-arn", group, "--query", "TargetHealthDescriptions[0].Target.Id", "--output", "text")
	i.must("elbv2", "deregister-targets", "--target-group-arn", group, "--targets", target)
	i.waits("elbv2", "target-deregistered", "--target-group-arn", group, "--targets", target)
}

// continues gets a stack out of UPDATE_ROLLBACK_FAILED: its service was deleted behind its
// back.
func (i impatient) continues() {
	i.t.Helper()
	cluster, service := i.placed()
	i.must("ecs", "delete-service", "--cluster", cluster, "--service", service, "--force")
	i.waits("ecs", "services-inactive", "--cluster", cluster, "--services", service)
	i.image("v5")
	i.givesUp("cloudformation", "stack-update-complete", "--stack-name", "service")
	i.givesUp("cloudformation", "stack-rollback-complete", "--stack-name", "service")
	i.refused("UPDATE_ROLLBACK_FAILED", append([]string{
		"cloudformation", "update-stack", "--stack-name", "service", "--use-previous-template", "--capabilities", "CAPABILITY_IAM",
	}, parameters("v6")...)...)
	i.must("cloudformation", "continue-update-rollback", "--stack-name", "service", "--resources-to-skip", "Service")
	i.waits("cloudformation", "stack-rollback-complete", "--stack-name", "service")
}

func (i impatient) buckets() {
	i.t.Helper()
	bucket := []string{"--bucket", "waited-for"}
	object := append(bucket, "--key", "template.json")
	s3 := func(operation string, args ...string) {
		i.t.Helper()
		i.must(append([]string{"s3api", operation}, args...)...)
	}
	i.waits("s3", "bucket-not-exists", bucket...)
	s3("create-bucket", bucket...)
	i.waits("s3", "bucket-exists", bucket...)
	i.waits("s3", "object-not-exists", object...)
	s3("put-object", object...)
	i.waits("s3", "object-exists", object...)
	s3("delete-object", object...)
	s3("delete-bucket", bucket...)
}
