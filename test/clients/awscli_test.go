package clients

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// templatePair is a network template and a service template of the article's shape.
type templatePair struct{ network, service string }

// TestArticleFlow goes through all that the article does with the AWS CLI, on our
// templates and on a hand-written pair in YAML with short forms.
func TestArticleFlow(t *testing.T) {
	t.Parallel()
	for name, pair := range map[string]templatePair{
		"our templates":     {"templates/network.json", "templates/service.json"},
		"hand-written YAML": {"internal/cfntemplate/testdata/network.yaml", "internal/cfntemplate/testdata/service.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			aws := newImpatient(t).awsCLI
			aws.create(pair)
			url := aws.output("network", "ExternalUrl")
			answers(t, url+"/hello", "aws-hello-world:v1")

			aws.update("v3")
			answers(t, url+"/hello", "aws-hello-world:v3")

			aws.changeSet("v4")
			answers(t, url+"/hello", "aws-hello-world:v4")

			aws.register("v5")
			answers(t, url+"/hello", "aws-hello-world:v5")
			aws.drifted()

			aws.refused("No updates are to be performed.",
				append([]string{"cloudformation", "update-stack", "--stack-name", "service", "--use-previous-template", "--capabilities", "CAPABILITY_IAM"}, parameters("v4")...)...)

			aws.read(pair)
			aws.tearDown()
		})
	}
}

type awsCLI struct{ client }

// parameters is the article's list, every parameter repeated.
func parameters(tag string) []string {
	return []string{
		"--parameters",
		"ParameterKey=StackName,ParameterValue=network",
		"ParameterKey=ServiceName,ParameterValue=reflectoring-hello-world",
		"ParameterKey=ImageUrl,ParameterValue=docker.io/reflectoring/aws-hello-world:" + tag,
		"ParameterKey=ContainerPort,ParameterValue=8080",
		"ParameterKey=HealthCheckPath,ParameterValue=/hello",
		"ParameterKey=HealthCheckIntervalSeconds,ParameterValue=90",
	}
}

func file(path string) string { return "file://" + filepath.Join(repository, path) }

func (a awsCLI) create(pair templatePair) {
	a.t.Helper()
	a.must("cloudformation", "validate-template", "--template-body", file(pair.service))
	a.must("cloudformation", "create-stack", "--stack-name", "network", "--template-body", file(pair.network), "--capabilities", "CAPABILITY_IAM")
	a.must("cloudformation", "wait", "stack-create-complete", "--stack-name", "network")
	a.must(append([]string{
		"cloudformation", "create-stack", "--stack-name", "service", "--template-body", file(pair.service), "--capabilities", "CAPABILITY_IAM",
	}, parameters("v1")...)...)
	a.must("cloudformation", "wait", "stack-create-complete", "--stack-name", "service")
}

func (a awsCLI) update(tag string) {
	a.t.Helper()
	a.must(append([]string{
		"cloudformation", "update-stack", "--stack-name", "service", "--use-previous-template", "--capabilities", "CAPABILITY_IAM",
	}, parameters(tag)...)...)
	a.must("cloudformation", "wait", "stack-update-complete", "--stack-name", "service")
}

func (a awsCLI) changeSet(tag string) {
	a.t.Helper()
	named := []string{"--stack-name", "service", "--change-set-name", "update-reflectoring-service"}
	call := func(operation string, more ...string) string {
		return a.must(append(append([]string{"cloudformation", operation}, named...), more...)...)
	}
	call("create-change-set", append([]string{"--use-previous-template", "--capabilities", "CAPABILITY_IAM"}, parameters(tag)...)...)
	a.must(append([]string{"cloudformation", "wait", "change-set-create-complete"}, named...)...)
	// Without --include-property-values, as in the article, no attributes are shown.
	changed := call("describe-change-set", "--query", "Changes[].ResourceChange.[LogicalResourceId,Action,Replacement]", "--output", "text")
	if want := "Service\tModify\tFalse\nTaskDefinition\tModify\tTrue"; changed != want {
		a.t.Errorf("the change set changes\n%s\nwant\n%s", changed, want)
	}
	call("execute-change-set")
	a.must("cloudformation", "wait", "stack-update-complete", "--stack-name", "service")
}

// register brings an image out past CloudFormation: a task definition, in a file, and the
// service updated to it.
func (a awsCLI) register(tag string) {
	a.t.Helper()
	cluster, service := a.placed()
	running := a.must("ecs", "describe-services", "--cluster", cluster, "--services", service, "--query", "services[0].taskDefinition", "--output", "text")
	definition := a.must("ecs", "describe-task-definition", "--task-definition", running, "--query", "taskDefinition.{family: family, "+
		"cpu: cpu, memory: memory, networkMode: networkMode, requiresCompatibilities: requiresCompatibilities, "+
		"executionRoleArn: executionRoleArn, taskRoleArn: taskRoleArn, containerDefinitions: containerDefinitions}")
	definition = regexp.MustCompile(`aws-hello-world:\w+"`).ReplaceAllString(definition, "aws-hello-world:"+tag+`"`)
	definition = regexp.MustCompile(`\s*"\w+": null,?`).ReplaceAllString(definition, "") // there is no task role
	path := filepath.Join(a.t.TempDir(), "task-definition.json")
	if err := os.WriteFile(path, []byte(definition), 0o600); err != nil {
		a.t.Fatal(err)
	}
	next := a.must("ecs", "register-task-definition", "--cli-input-json", "file://"+path, "--query", "taskDefinition.taskDefinitionArn", "--output", "text")
	a.must("ecs", "update-service", "--cluster", cluster, "--service", service, "--task-definition", next)
	a.must("ecs", "wait", "services-stable", "--cluster", cluster, "--services", service)
}

// drifted has CloudFormation find out that its service runs what it knows nothing of.
func (a awsCLI) drifted() {
	a.t.Helper()
	detection := a.must("cloudformation", "detect-stack-drift", "--stack-name", "service", "--query", "StackDriftDetectionId", "--output", "text")
	var status string
	for status = ""; !strings.HasPrefix(status, "DETECTION_COMPLETE"); {
		status = a.must("cloudformation", "describe-stack-drift-detection-status", "--stack-drift-detection-id", detection,
			"--query", "[DetectionStatus,StackDriftStatus,DriftedStackResourceCount]", "--output", "text")
	}
	if status != "DETECTION_COMPLETE\tDRIFTED\t1" {
		a.t.Errorf("the detection says %q", status)
	}
	drifts := a.must("cloudformation", "describe-stack-resource-drifts", "--stack-name", "service", "--stack-resource-drift-status-filters", "MODIFIED", "DELETED",
		"--query", "StackResourceDrifts[].[LogicalResourceId,StackResourceDriftStatus,PropertyDifferences[0].PropertyPath]", "--output", "text")
	if drifts != "Service\tMODIFIED\t/TaskDefinition" {
		a.t.Errorf("what has drifted is %q", drifts)
	}
}

// placed are the cluster and the service of the stack.
func (a awsCLI) placed() (cluster, service string) {
	a.t.Helper()
	return a.output("network", "ClusterName"), a.must("cloudformation", "describe-stack-resource", "--stack-name", "service",
		"--logical-resource-id", "Service", "--query", "StackResourceDetail.PhysicalResourceId", "--output", "text")
}

// read looks at what runs with the commands that people look with.
func (a awsCLI) read(pair templatePair) {
	a.t.Helper()
	cluster, service := a.placed()
	a.must("ecs", "wait", "services-stable", "--cluster", cluster, "--services", service)
	if counts := a.must("ecs", "describe-services", "--cluster", cluster, "--services", service,
		"--query", "services[0].[status,desiredCount,runningCount,deployments[0].rolloutState]", "--output", "text"); counts != "ACTIVE\t2\t2\tCOMPLETED" {
		a.t.Errorf("the service is %q", counts)
	}
	tasks := strings.Fields(a.must("ecs", "list-tasks", "--cluster", cluster, "--service-name", service, "--query", "taskArns", "--output", "text"))
	if len(tasks) != 2 {
		a.t.Errorf("%d tasks run, want 2", len(tasks))
	}
	digests := a.must(append([]string{
		"ecs", "describe-tasks", "--cluster", cluster, "--query", "tasks[].containers[].imageDigest", "--output", "text", "--tasks",
	}, tasks...)...)
	if fields := strings.Fields(digests); len(fields) != 2 || fields[0] != fields[1] || !strings.HasPrefix(fields[0], "sha256:") {
		a.t.Errorf("the tasks run the digests %q", digests)
	}
	group := a.must("cloudformation", "describe-stack-resource", "--stack-name", "service", "--logical-resource-id", "TargetGroup",
		"--query", "StackResourceDetail.PhysicalResourceId", "--output", "text")
	a.must("elbv2", "wait", "target-in-service", "--target-group-arn", group)
	if body := a.must("cloudformation", "get-template", "--stack-name", "service", "--query", "TemplateBody"); !strings.Contains(body, "ImageUrl") {
		a.t.Errorf("get-template of %s gives %s", pair.service, body)
	}
}

func (a awsCLI) tearDown() {
	a.t.Helper()
	a.must("cloudformation", "delete-stack", "--stack-name", "network")
	for { // the deletion is called off by the export in use; no waiter knows that
		status := a.must("cloudformation", "describe-stacks", "--stack-name", "network", "--query", "Stacks[0].[StackStatus,StackStatusReason]", "--output", "text")
		if strings.HasPrefix(status, "DELETE_IN_PROGRESS") {
			continue
		}
		if !strings.HasPrefix(status, "CREATE_COMPLETE\tDelete canceled. Cannot delete export network:") || !strings.HasSuffix(status, "as it is in use by service.") {
			a.t.Errorf("deleting an imported stack gave %q", status)
		}
		break
	}
	for _, stack := range []string{"service", "network"} {
		a.must("cloudformation", "delete-stack", "--stack-name", stack)
		a.must("cloudformation", "wait", "stack-delete-complete", "--stack-name", stack)
	}
	if left := a.must("cloudformation", "describe-stacks", "--query", "Stacks[].StackName", "--output", "text"); left != "" {
		a.t.Errorf("stacks are left: %s", left)
	}
}

func (a awsCLI) output(stack, key string) string {
	a.t.Helper()
	return a.must("cloudformation", "describe-stacks", "--stack-name", stack,
		"--query", "Stacks[0].Outputs[?OutputKey=='"+key+"'].OutputValue", "--output", "text")
}
