package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/emulator"
)

// restart ends a server and starts another one from its state.
func restart(t *testing.T, srv *emulator.Server, o emulator.Options) *emulator.Server {
	t.Helper()
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
	return start(t, o)
}

// ask sends a call of a Query API in the region eu-west-1 and returns the answer without
// the id of the request.
func ask(t *testing.T, srv *emulator.Server, service, form string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL(), strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", form, data)
	}
	return regexp.MustCompile(`<RequestId>.*</RequestId>`).ReplaceAllString(string(data), "")
}

// answers are what a server says of everything that it keeps.
func answers(t *testing.T, srv *emulator.Server, stackIDs []string) map[string]any {
	t.Helper()
	all := map[string]any{}
	query := func(service, version, form string) string {
		form = "Version=" + version + "&Action=" + form
		answer := ask(t, srv, service, form)
		all[form] = strings.Split(strings.ReplaceAll(answer, "><", ">\n<"), "\n")
		return answer
	}
	cfn := func(form string) string { return query("cloudformation", "2010-05-15", form) }
	cfn("DescribeStacks")
	cfn("ListStacks")
	cfn("ListExports")
	for _, id := range stackIDs {
		stack := "&StackName=" + url.QueryEscape(id)
		for _, operation := range []string{
			"DescribeStacks", "DescribeStackEvents", "DescribeEvents", "DescribeStackResources", "GetTemplate",
			"GetStackPolicy", "DescribeStackResourceDrifts",
		} {
			cfn(operation + stack)
		}
		for _, found := range regexp.MustCompile(`<ChangeSetId>(.*?)</ChangeSetId>`).FindAllStringSubmatch(cfn("ListChangeSets"+stack), -1) {
			cfn("DescribeChangeSet&IncludePropertyValues=true&ChangeSetName=" + url.QueryEscape(found[1]))
		}
	}
	elb := func(form string) string { return query("elasticloadbalancing", "2015-12-01", form) }
	arns := func(answer, kind string) []string {
		var list []string
		for _, found := range regexp.MustCompile("<"+kind+">(.*?)</"+kind+">").FindAllStringSubmatch(answer, -1) {
			list = append(list, url.QueryEscape(found[1]))
		}
		return list
	}
	for _, balancer := range arns(elb("DescribeLoadBalancers"), "LoadBalancerArn") {
		elb("DescribeLoadBalancerAttributes&LoadBalancerArn=" + balancer)
		elb("DescribeTags&ResourceArns.member.1=" + balancer)
		for _, listener := range arns(elb("DescribeListeners&LoadBalancerArn="+balancer), "ListenerArn") {
			elb("DescribeRules&ListenerArn=" + listener)
			elb("DescribeListenerAttributes&ListenerArn=" + listener)
		}
	}
	for _, group := range arns(elb("DescribeTargetGroups"), "TargetGroupArn") {
		elb("DescribeTargetGroupAttributes&TargetGroupArn=" + group)
		elb("DescribeTags&ResourceArns.member.1=" + group)
	}
	jsonAPI := func(service, target, body string) map[string]any {
		status, answer := call(t, srv, service, target, body)
		if status != http.StatusOK {
			t.Fatalf("%s %s: %v", target, body, answer)
		}
		all[target+" "+body] = answer
		return answer
	}
	const container = "AmazonEC2ContainerServiceV20141113."
	texts := func(v any) []string {
		list, _ := v.([]any)
		out := make([]string, len(list))
		for i := range list {
			out[i] = list[i].(string)
		}
		return out
	}
	clusters := texts(jsonAPI("ecs", container+"ListClusters", "{}")["clusterArns"])
	for _, status := range []string{"ACTIVE", "INACTIVE"} {
		for _, definition := range texts(jsonAPI("ecs", container+"ListTaskDefinitions", `{"status": "`+status+`"}`)["taskDefinitionArns"]) {
			jsonAPI("ecs", container+"DescribeTaskDefinition", `{"taskDefinition": "`+definition+`", "include": ["TAGS"]}`)
		}
	}
	for _, cluster := range clusters {
		jsonAPI("ecs", container+"DescribeClusters", `{"clusters": ["`+cluster+`"], "include": ["TAGS", "SETTINGS"]}`)
		for _, service := range texts(jsonAPI("ecs", container+"ListServices", `{"cluster": "`+cluster+`"}`)["serviceArns"]) {
			described := jsonAPI("ecs", container+"DescribeServices", `{"cluster": "`+cluster+`", "services": ["`+service+`"], "include": ["TAGS"]}`)
			delete(described["services"].([]any)[0].(map[string]any), "events") // new ones tell of the new tasks
			list := jsonAPI("ecs", container+"ListServiceDeployments", `{"cluster": "`+cluster+`", "service": "`+service+`"}`)
			for _, d := range list["serviceDeployments"].([]any) {
				arn := d.(map[string]any)["serviceDeploymentArn"].(string)
				revision := d.(map[string]any)["targetServiceRevisionArn"].(string)
				jsonAPI("ecs", container+"DescribeServiceDeployments", `{"serviceDeploymentArns": ["`+arn+`"]}`)
				jsonAPI("ecs", container+"DescribeServiceRevisions", `{"serviceRevisionArns": ["`+revision+`"]}`)
			}
		}
	}
	jsonAPI("ssm", "AmazonSSM.GetParameters", `{"Names": ["/shop/image", "/shop/image:1"]}`)
	for _, group := range jsonAPI("logs", "Logs_20140328.DescribeLogGroups", "{}")["logGroups"].([]any) {
		delete(group.(map[string]any), "storedBytes") // of events, which are not kept
	}
	jsonAPI("logs", "Logs_20140328.ListTagsForResource", `{"resourceArn": "arn:aws:logs:eu-west-1:123456789012:log-group:/mine"}`)
	return all
}

// steady waits until a server runs all tasks that its services want.
func steady(t *testing.T, srv *emulator.Server) {
	t.Helper()
	eventually(t, func() bool {
		st, err := srv.State(t.Context(), "eu-west-1")
		if err != nil {
			t.Fatal(err)
		}
		for _, svc := range st.Services {
			running := 0
			for _, n := range svc.Images {
				running += n
			}
			if running != svc.Desired {
				return false
			}
		}
		for _, target := range st.Targets {
			if target.State != "healthy" {
				return false
			}
		}
		return true
	})
}

// TestStateOutlivesTheServer: whatever is asked after a restart has the answer of before.
func TestStateOutlivesTheServer(t *testing.T) {
	t.Parallel()
	o := emulator.Options{Speed: 200, StateDir: filepath.Join(t.TempDir(), "state")}
	srv := start(t, o)
	cfg := config(srv, "eu-west-1")
	cfn, balancers := cloudformation.NewFromConfig(cfg), elbv2.NewFromConfig(cfg)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	address := stacks(t, cfn, "docker.io/acme/hello:v1")
	one := stackOf{file: "testdata/templates/one-stack.yaml", image: "Image", parameters: map[string]string{
		"VpcId": "vpc-0123456789abcdef0", "SubnetIds": "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
	}}
	made := createOf(t, cfn, "one", one)
	updateOf(t, cfn, "one", one)
	_, err := cfn.SetStackPolicy(t.Context(), &cloudformation.SetStackPolicyInput{
		StackName: aws.String("one"), StackPolicyBody: aws.String(`{"Statement": {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}}`),
	})
	must(err)
	detection, err := cfn.DetectStackDrift(t.Context(), &cloudformation.DetectStackDriftInput{StackName: aws.String("one")})
	must(err)
	eventually(t, func() bool {
		out, err := cfn.DescribeStackDriftDetectionStatus(t.Context(), &cloudformation.DescribeStackDriftDetectionStatusInput{StackDriftDetectionId: detection.StackDriftDetectionId})
		must(err)
		return out.DetectionStatus == types.StackDriftDetectionStatusDetectionComplete
	})
	set, err := cfn.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
		StackName: aws.String("one"), ChangeSetName: aws.String("next"), UsePreviousTemplate: aws.Bool(true),
		Parameters: one.values("docker.io/acme/shop:v3"), Capabilities: []types.Capability{types.CapabilityCapabilityNamedIam},
		Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("shop")}},
	})
	must(err)
	must(cloudformation.NewChangeSetCreateCompleteWaiter(cfn, func(o *cloudformation.ChangeSetCreateCompleteWaiterOptions) {
		o.MinDelay = 5 * time.Millisecond
		o.MaxDelay = 50 * time.Millisecond
	}).Wait(t.Context(), &cloudformation.DescribeChangeSetInput{ChangeSetName: set.Id}, time.Minute))

	// Beside the stacks: a failed one, a deleted one, and what other services have.
	broken := "Resources: {Cluster: {Type: AWS::ECS::Cluster}, Service: {Type: AWS::ECS::Service, Properties: {Cluster: !Ref Cluster, TaskDefinition: none}}}"
	failed, err := cfn.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("broken"), TemplateBody: &broken, OnFailure: types.OnFailureDoNothing,
	})
	must(err)
	settled(t, cfn, "broken")
	gone, err := cfn.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("gone"), TemplateBody: aws.String("Resources: {Cluster: {Type: AWS::ECS::Cluster}}"),
	})
	must(err)
	settled(t, cfn, "gone")
	deleteOf(t, cfn, *gone.StackId)
	for value := range 2 {
		call(t, srv, "ssm", "AmazonSSM.PutParameter", fmt.Sprintf(`{"Name": "/shop/image", "Type": "String", "Value": "v%d", "Overwrite": true}`, value))
	}
	call(t, srv, "logs", "Logs_20140328.CreateLogGroup", `{"logGroupName": "/mine", "tags": {"team": "shop"}}`)
	group, err := balancers.CreateTargetGroup(t.Context(), &elbv2.CreateTargetGroupInput{
		Name: aws.String("by-hand"), Port: aws.Int32(80), Protocol: elbtypes.ProtocolEnumHttp, VpcId: aws.String("vpc-1"),
		TargetType: elbtypes.TargetTypeEnumIp, Tags: []elbtypes.Tag{{Key: aws.String("team"), Value: aws.String("shop")}},
	})
	must(err)
	_, err = balancers.RegisterTargets(t.Context(), &elbv2.RegisterTargetsInput{
		TargetGroupArn: group.TargetGroups[0].TargetGroupArn, Targets: []elbtypes.TargetDescription{{Id: aws.String("10.9.9.9")}},
	})
	must(err)
	task := runTask(t, srv, ecstypes.ContainerDefinition{Image: aws.String("docker.io/acme/missing:v1"), LogConfiguration: awslogs(map[string]string{
		"awslogs-group": "/nowhere", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "x",
	})})

	ids := []string{*made.StackId, *failed.StackId, *gone.StackId, "network", "service"}
	before := answers(t, srv, ids)
	then := srv.Clock().Now()
	srv = restart(t, srv, o)
	if now := srv.Clock().Now(); now.Before(then) {
		t.Errorf("the clock was at %s, and is at %s", then, now)
	}
	eventually(t, func() bool { return strings.Contains(body(t, address), "acme/hello:v1") })
	st, err := srv.State(t.Context(), "eu-west-1")
	must(err)
	byHand := 0
	for _, target := range st.Targets {
		if target.TargetGroup == "by-hand" && target.Target == "10.9.9.9:80" {
			byHand++
		}
	}
	if byHand != 1 {
		t.Errorf("the target that a user registered is not there: %+v", st.Targets)
	}
	cfg = config(srv, "eu-west-1")
	containers, balancers := ecs.NewFromConfig(cfg), elbv2.NewFromConfig(cfg)
	_, err = balancers.DeregisterTargets(t.Context(), &elbv2.DeregisterTargetsInput{
		TargetGroupArn: group.TargetGroups[0].TargetGroupArn, Targets: []elbtypes.TargetDescription{{Id: aws.String("10.9.9.9")}},
	})
	must(err)
	steady(t, srv)
	if diff := cmp.Diff(before, answers(t, srv, ids)); diff != "" {
		t.Errorf("after the restart (-before +after):\n%s", diff)
	}
	again, err := containers.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Tasks: []string{*task.TaskArn}})
	must(err)
	if diff := cmp.Diff(text(t, task), text(t, again.Tasks[0])); diff != "" {
		t.Errorf("a task that had stopped (-before +after):\n%s", diff)
	}

	// It goes on from there: the change set of before can be executed, all can be deleted.
	cfn = cloudformation.NewFromConfig(config(srv, "eu-west-1"))
	_, err = cfn.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: set.Id})
	must(err)
	if st := settled(t, cfn, "one"); st.StackStatus != types.StackStatusUpdateComplete {
		t.Errorf("one is %s: %q", st.StackStatus, failures(t, cfn, "one"))
	}
	for _, id := range []string{*made.StackId, *failed.StackId, "service", "network"} {
		st, err := cfn.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &id})
		must(err)
		deleteOf(t, cfn, *st.Stacks[0].StackId)
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestRestartInTheMiddle: what was under way goes on to an end.
func TestRestartInTheMiddle(t *testing.T) {
	t.Parallel()
	const template = `
Parameters: {Size: {Type: String, Default: "1"}}
Resources:
  Parameter: {Type: AWS::SSM::Parameter, Properties: {Name: !Ref AWS::StackName, Type: String, Value: !Ref Size}}
  Slow: {Type: AWS::EC2::VPC, DependsOn: Parameter, Properties: {CidrBlock: !Sub "10.${Size}.0.0/16"}}
Outputs: {Size: {Value: !Ref Size, Export: {Name: !Sub "${AWS::StackName}-size"}}}
`
	const bare = "Parameters: {Size: {Type: String, Default: x}}\nResources: {Parameter: {Type: AWS::SSM::Parameter, Properties: {Name: !Ref AWS::StackName, Type: String, Value: !Ref Size}}}"
	o := emulator.Options{Speed: 200, StateDir: t.TempDir()}
	srv := start(t, o)
	cfn := cloudformation.NewFromConfig(config(srv, "eu-west-1"))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	create := func(name, body string, onFailure types.OnFailure) {
		t.Helper()
		_, err := cfn.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: &name, TemplateBody: &body, OnFailure: onFailure})
		must(err)
	}
	update := func(name, body string) {
		t.Helper()
		_, err := cfn.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{StackName: &name, TemplateBody: &body, Parameters: []types.Parameter{parameter("Size", "2")}})
		must(err)
	}
	for _, name := range []string{"updated", "rolled", "deleted", "cleaned"} {
		create(name, template, "")
		settled(t, cfn, name)
	}
	// Slow neither comes nor goes until the server ends.
	inject(t, srv, emulator.FaultResource{LogicalID: "Slow"})
	create("created", template, "")
	create("left", template, types.OnFailureDoNothing)
	create("dropped", template, types.OnFailureDelete)
	update("updated", template)
	update("rolled", template)
	update("cleaned", bare)
	_, err := cfn.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("deleted")})
	must(err)
	status := func(name string) types.StackStatus {
		out, err := cfn.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
		must(err)
		return out.Stacks[0].StackStatus
	}
	reached := func(stack string) bool { // the slow resource
		out, err := cfn.DescribeStackResources(t.Context(), &cloudformation.DescribeStackResourcesInput{StackName: &stack})
		must(err)
		for _, r := range out.StackResources {
			if *r.LogicalResourceId == "Slow" {
				return strings.HasSuffix(string(r.ResourceStatus), "_IN_PROGRESS")
			}
		}
		return false
	}
	for _, name := range []string{"created", "left", "dropped", "updated", "rolled", "deleted", "cleaned"} {
		eventually(t, func() bool { return reached(name) })
	}
	inject(t, srv, emulator.FaultResource{Stack: "rolled", LogicalID: "Parameter", Action: "UPDATE"})
	_, err = cfn.CancelUpdateStack(t.Context(), &cloudformation.CancelUpdateStackInput{StackName: aws.String("rolled")})
	must(err)
	eventually(t, func() bool { // it is just being put back
		out, err := cfn.DescribeStackResource(t.Context(), &cloudformation.DescribeStackResourceInput{StackName: aws.String("rolled"), LogicalResourceId: aws.String("Parameter")})
		must(err)
		return out.StackResourceDetail.ResourceStatus == types.ResourceStatusUpdateInProgress
	})
	if got := status("cleaned"); got != types.StackStatusUpdateCompleteCleanupInProgress {
		t.Fatalf("cleaned is %s", got)
	}
	deleted, err := cfn.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("deleted")})
	must(err)
	dropped, err := cfn.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("dropped")})
	must(err)
	set, err := cfn.CreateChangeSet(t.Context(), &cloudformation.CreateChangeSetInput{
		StackName: aws.String("fresh"), ChangeSetName: aws.String("first"), ChangeSetType: types.ChangeSetTypeCreate, TemplateBody: aws.String(template),
	})
	must(err)

	srv = crash(t, srv, o)
	cfn = cloudformation.NewFromConfig(config(srv, "eu-west-1"))
	for name, want := range map[string]struct {
		status types.StackStatus
		size   string
	}{
		"created":                  {types.StackStatusRollbackComplete, ""},
		"left":                     {types.StackStatusCreateFailed, "1"},
		*dropped.Stacks[0].StackId: {types.StackStatusDeleteComplete, ""},
		"updated":                  {types.StackStatusUpdateRollbackComplete, "1"},
		"rolled":                   {types.StackStatusUpdateRollbackComplete, "1"},
		"cleaned":                  {types.StackStatusUpdateComplete, "2"},
		*deleted.Stacks[0].StackId: {types.StackStatusDeleteComplete, ""},
	} {
		st := settled(t, cfn, name)
		if st.StackStatus != want.status {
			t.Errorf("%s is %s, want %s: %q", name, st.StackStatus, want.status, failures(t, cfn, name))
		}
		httpStatus, answer := call(t, srv, "ssm", "AmazonSSM.GetParameter", `{"Name": "`+*st.StackName+`"}`)
		got := ""
		if httpStatus == http.StatusOK {
			got = answer["Parameter"].(map[string]any)["Value"].(string)
		}
		if got != want.size {
			t.Errorf("the parameter of %s is %q, want %q", name, got, want.size)
		}
	}
	for name, status := range map[string]types.ResourceStatus{"created": "ROLLBACK_IN_PROGRESS", "updated": "UPDATE_ROLLBACK_IN_PROGRESS"} {
		told := false
		for _, e := range events(t, cfn, name) {
			told = told || e.ResourceStatus == status && strings.HasPrefix(aws.ToString(e.ResourceStatusReason), "The embedded AWS was stopped during the operation.")
		}
		if !told {
			t.Errorf("no event says why %s is rolled back", name)
		}
	}
	eventually(t, func() bool {
		out, err := cfn.DescribeChangeSet(t.Context(), &cloudformation.DescribeChangeSetInput{ChangeSetName: set.Id})
		must(err)
		return out.Status == types.ChangeSetStatusCreateComplete
	})
}

// crash starts a server from a copy of what another one has written by now, which is what
// a kill would leave. Their load balancers would be in each other's way.
func crash(t *testing.T, srv *emulator.Server, o emulator.Options) *emulator.Server {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(o.StateDir, "state.json"))
	if err != nil {
		t.Fatal(err)
	}
	o.StateDir = t.TempDir()
	if err := os.WriteFile(filepath.Join(o.StateDir, "state.json"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	return restart(t, srv, o)
}

// TestRestartEndsWhatTasksDid: a service that was deploying goes on, a task of RunTask is
// over, and the same reason is told over a second restart.
func TestRestartEndsWhatTasksDid(t *testing.T) {
	t.Parallel()
	o := emulator.Options{Speed: 200, StateDir: t.TempDir()}
	srv := start(t, o)
	client := ecs.NewFromConfig(config(srv, "eu-west-1"))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := client.CreateCluster(t.Context(), &ecs.CreateClusterInput{})
	must(err)
	_, err = client.RegisterTaskDefinition(t.Context(), &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("shop"), Cpu: aws.String("256"), Memory: aws.String("512"), NetworkMode: ecstypes.NetworkModeAwsvpc,
		RequiresCompatibilities: []ecstypes.Compatibility{ecstypes.CompatibilityFargate},
		ContainerDefinitions:    []ecstypes.ContainerDefinition{{Name: aws.String("web"), Image: aws.String("acme/shop:v1")}},
	})
	must(err)
	network := &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{Subnets: []string{"subnet-1"}}}
	run, err := client.RunTask(t.Context(), &ecs.RunTaskInput{TaskDefinition: aws.String("shop"), LaunchType: ecstypes.LaunchTypeFargate, NetworkConfiguration: network})
	must(err)
	_, err = client.CreateService(t.Context(), &ecs.CreateServiceInput{
		ServiceName: aws.String("shop"), TaskDefinition: aws.String("shop"), DesiredCount: aws.Int32(2), LaunchType: ecstypes.LaunchTypeFargate, NetworkConfiguration: network,
	})
	must(err)
	for range 2 {
		srv = crash(t, srv, o)
		client = ecs.NewFromConfig(config(srv, "eu-west-1"))
		tasks, err := client.DescribeTasks(t.Context(), &ecs.DescribeTasksInput{Tasks: []string{*run.Tasks[0].TaskArn}})
		must(err)
		if task := tasks.Tasks[0]; *task.LastStatus != "STOPPED" || *task.StoppedReason != "The embedded AWS was stopped while the task ran." {
			t.Errorf("the task of RunTask is %s: %s", *task.LastStatus, aws.ToString(task.StoppedReason))
		}
		eventually(t, func() bool {
			out, err := client.DescribeServices(t.Context(), &ecs.DescribeServicesInput{Services: []string{"shop"}})
			must(err)
			svc := out.Services[0]
			return svc.RunningCount == 2 && svc.Deployments[0].RolloutState == ecstypes.DeploymentRolloutStateCompleted
		})
	}
}

func TestStateThatCannotBeGoneOnWith(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"this is no state of the embedded AWS": `{"Version": 2, "Regions": {`,
		"has the format 99":                    `{"Version": 99}`,
		`unknown field \"Moon\"`:               `{"Version": 2, "Moon": true}`,
	} {
		want := strings.ReplaceAll(name, `\"`, `"`)
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "state.json")
			if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := emulator.Start(t.Context(), emulator.Options{StateDir: dir})
			var stateErr *emulator.StateError
			if !errors.As(err, &stateErr) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
				t.Errorf("the error is %v, want %q of %s", err, want, path)
			}
			if left, err := os.ReadFile(path); err != nil || string(left) != data {
				t.Errorf("the file is %q now, %v", left, err)
			}
		})
	}
}

func TestStateHasOneServer(t *testing.T) {
	t.Parallel()
	o := emulator.Options{StateDir: t.TempDir()}
	start(t, o)
	if _, err := emulator.Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), "another embedded AWS uses this folder") {
		t.Errorf("a second server: %v", err)
	}
}

// TestPortOfALoadBalancerIsTaken: its DNSName is known to the world.
func TestPortOfALoadBalancerIsTaken(t *testing.T) {
	o := emulator.Options{StateDir: t.TempDir()}
	before := runtime.NumGoroutine()
	srv, err := emulator.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	cfg := config(srv, "eu-west-1")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	cfg.HTTPClient = client
	made, err := elbv2.NewFromConfig(cfg).CreateLoadBalancer(t.Context(), &elbv2.CreateLoadBalancerInput{Name: aws.String("front"), Subnets: []string{"subnet-1", "subnet-2"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
	name := *made.LoadBalancers[0].DNSName
	taken, err := net.Listen("tcp", name)
	if err != nil {
		t.Skipf("something else has taken %s: %v", name, err)
	}
	if _, err := emulator.Start(t.Context(), o); err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("the error is %v, want one that names %s", err, name)
	}
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	srv, err = emulator.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Close(); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for runtime.NumGoroutine() > before {
		if ctx.Err() != nil {
			stack := make([]byte, 1<<20)
			t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), stack[:runtime.Stack(stack, true)])
		}
		runtime.Gosched()
	}
}
