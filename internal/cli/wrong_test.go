package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/emulator"
)

const wrongTemplate = `
Parameters:
  Image: {Type: String}
  Sidecar: {Type: String, Default: "docker.io/acme/side:v1"}
Resources:
  Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: !Ref AWS::StackName}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: !Ref AWS::StackName
      Cpu: '256'
      Memory: '512'
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE] # platform
      ContainerDefinitions: [{Name: shop, Image: !Ref Image}] # containers
  Service:
    Type: AWS::ECS::Service
    Properties:
      ServiceName: !Ref AWS::StackName
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      DesiredCount: 1
      LaunchType: FARGATE
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-0123456789abcdef0]}}
  # more
`

// wrongWorld is an AWS with a stack of each kind that a deploy does not go to.
type wrongWorld struct {
	t   *testing.T
	ctx context.Context
	srv *emulator.Server
	cfg aws.Config
	env []string
}

func newWrongWorld(t *testing.T) *wrongWorld {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	srv, err := emulator.Start(ctx, emulator.Options{Speed: 200})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Errorf("closing the embedded AWS: %v", err)
		}
	})
	w := &wrongWorld{t: t, ctx: ctx, srv: srv, cfg: aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(srv.URL()),
		Credentials: credentials.NewStaticCredentialsProvider("admin", "admin", ""),
	}}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") && !strings.HasPrefix(variable, "SLIPWAY_") && !strings.HasPrefix(variable, "HOME=") {
			w.env = append(w.env, variable)
		}
	}
	w.env = append(w.env, "HOME="+t.TempDir(), "AWS_EC2_METADATA_DISABLED=true")
	w.env = append(w.env, srv.Environment()...)
	return w
}

func (w *wrongWorld) up(name, template string) {
	w.t.Helper()
	parameters := map[string]string{}
	if strings.Contains(template, "  Image: {") {
		parameters["Image"] = "docker.io/acme/shop:v1"
	}
	_, err := deploy.New(w.cfg, deploy.Options{Clock: w.srv.Clock()}).Up(w.ctx, deploy.StackSpec{Name: name, TemplateBody: template, Parameters: parameters})
	if err != nil && name != "failed" {
		w.t.Fatalf("creating %s: %v", name, err)
	}
}

// run runs the command and tells its exit code and what it said.
func (w *wrongWorld) run(env []string, args ...string) (code int, stdout, stderr string) {
	w.t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(w.ctx, "slipway", args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(append([]string{}, w.env...), env...), &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		w.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// TestWrongThings deploys to the wrong thing in every way that came to mind: one line says
// what to do, the exit code says of which kind it is, and nothing is changed.
func TestWrongThings(t *testing.T) {
	t.Parallel()
	w := newWrongWorld(t)
	arm := strings.Replace(wrongTemplate, "[FARGATE] # platform", "[FARGATE]\n      RuntimePlatform: {CpuArchitecture: ARM64, OperatingSystemFamily: LINUX}", 1)
	stacks := map[string]string{
		"shop": wrongTemplate, "arm": arm,
		"pair":   strings.Replace(wrongTemplate, "Image: !Ref Image}] # containers", "Image: !Ref Image}, {Name: side, Image: !Ref Sidecar}]", 1),
		"tagged": strings.Replace(wrongTemplate, "Image: !Ref Image}] # containers", `Image: !Sub "acme/shop:${Image}"}]`, 1),
		"bucket": "Resources:\n  Bucket: {Type: AWS::S3::Bucket}\n",
		"fixed":  strings.Replace(strings.Replace(wrongTemplate, "!Ref Image}] # containers", "docker.io/acme/shop:v1}]", 1), "Image: {Type: String}", "Other: {Type: String, Default: x}", 1),
		"more":   strings.Replace(wrongTemplate, "# more", "Label: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref Image}}", 1),
		"failed": strings.Replace(wrongTemplate, "Cluster: !Ref Cluster\n      TaskDefinition", "Cluster: nowhere\n      TaskDefinition", 1),
		"gone":   wrongTemplate, "drifted": wrongTemplate, "busy": wrongTemplate,
	}
	for name, template := range stacks {
		w.up(name, template)
	}
	client := ecs.NewFromConfig(w.cfg)
	if _, err := client.DeleteService(w.ctx, &ecs.DeleteServiceInput{Cluster: aws.String("gone"), Service: aws.String("gone"), Force: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.UpdateService(w.ctx, &ecs.UpdateServiceInput{Cluster: aws.String("drifted"), Service: aws.String("drifted"), TaskDefinition: aws.String("shop")}); err != nil {
		t.Fatal(err)
	}
	w.srv.SetImage(":slow", emulator.Conduct{PullTime: 9 * time.Hour})
	if code, _, said := w.run(nil, "deploy", "busy", "docker.io/acme/shop:slow", "--no-resolve", "--no-wait"); code != 0 {
		t.Fatal(said)
	}
	push := func(name string, image emulator.Image) string {
		t.Helper()
		if _, err := w.srv.PushImage("docker.io/acme/"+name, image); err != nil {
			t.Fatal(err)
		}
		return w.srv.Registry() + "/acme/" + name
	}
	good, forARM := push("shop:v2", emulator.Image{}), push("shop:arm", emulator.Image{Architectures: []string{"arm64"}})
	for caller, action := range map[string]string{
		"nobody": "*", "unread": "cloudformation:DescribeStacks", "untemplated": "cloudformation:GetTemplate",
		"unset": "cloudformation:CreateChangeSet", "unexecuted": "cloudformation:ExecuteChangeSet", "unserviced": "ecs:DescribeServices",
		"unwatched": "cloudformation:DescribeStackEvents", "untasked": "ecs:ListTasks", "undescribed": "ecs:DescribeTasks",
		"unlisted": "ecs:ListServiceDeployments", "unrevised": "ecs:DescribeServiceRevisions", "unfollowed": "ecs:DescribeServiceDeployments",
	} {
		policy := `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "` + action + `", "Resource": "*"}]}`
		if err := w.srv.BindPolicy(caller, policy); err != nil {
			t.Fatal(err)
		}
	}
	as := func(caller string) []string { return []string{"AWS_ACCESS_KEY_ID=" + caller} }
	none := []string{"AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY="}

	w.srv.ForgetCalls()
	tests := map[string]struct {
		env  []string
		args string // after deploy; GOOD is an image that is there
		code int
		want string // in the line that says what is wrong
	}{
		"no credentials":               {none, "shop GOOD", 2, "there are no AWS credentials; set AWS_PROFILE"},
		"no such profile":              {append(none, "AWS_PROFILE=nobody"), "shop GOOD", 2, `there is no AWS profile "nobody"; check AWS_PROFILE`},
		"no region":                    {[]string{"AWS_REGION=", "AWS_DEFAULT_REGION="}, "shop GOOD", 2, "there is no AWS region; set AWS_REGION"},
		"a region that is none":        {[]string{"AWS_REGION=Ireland!"}, "shop GOOD", 2, `"Ireland!" is no AWS region`},
		"the wrong region":             {[]string{"AWS_REGION=eu-west-3"}, "shop GOOD", 2, `does not exist in region eu-west-3; check the name, the region \(AWS_REGION\) and the account`},
		"an endpoint that is none":     {[]string{"AWS_ENDPOINT_URL=localhost:1"}, "shop GOOD", 2, `the AWS endpoint "localhost:1" is no URL; set AWS_ENDPOINT_URL`},
		"an endpoint that is down":     {[]string{"AWS_ENDPOINT_URL=http://127.0.0.1:1"}, "shop GOOD", 2, `connection refused`},
		"no such stack":                {nil, "shoo GOOD", 2, "Stack with id shoo does not exist in region us-east-1; check the name"},
		"no stack":                     {nil, "'' GOOD", 2, "no stack is named"},
		"no image":                     {nil, "shop", 2, "deploy takes STACK IMAGE, got 1 argument"},
		"an image that is none":        {nil, "shop Shop:V2", 2, `Shop:V2`},
		"an image that is missing":     {nil, "shop GOOD-not", 2, "resolving image .*check the reference, or push the image first"},
		"an image for another CPU":     {nil, "shop ARM", 2, `is for linux/arm64; needed is linux/amd64; build the image for linux/amd64`},
		"tasks for another CPU":        {nil, "arm GOOD", 2, `is for linux/amd64; needed is linux/arm64; build the image for linux/arm64`},
		"a registry that is down":      {nil, "shop 127.0.0.1:1/shop:v2", 2, `resolving image .*try again, or do without the registry \(--no-resolve\)`},
		"no permission for anything":   {as("nobody"), "shop GOOD", 2, `AWS denies it: .*cloudformation:DescribeStacks.*; use credentials that have this permission`},
		"no permission to read":        {as("unread"), "shop GOOD", 2, `cloudformation:DescribeStacks`},
		"no permission for templates":  {as("untemplated"), "shop GOOD", 2, `cloudformation:GetTemplate`},
		"no permission for services":   {as("unserviced"), "shop GOOD", 2, `ecs:DescribeServices`},
		"no permission to make":        {as("unset"), "shop GOOD", 2, `cloudformation:CreateChangeSet`},
		"no permission for events":     {as("unwatched"), "shop GOOD", 2, `reading the events of stack shop: AWS denies it: .*cloudformation:DescribeStackEvents.*\(slipway policy shop prints all that a deploy takes\)`},
		"no permission to list tasks":  {as("untasked"), "shop GOOD", 2, `ecs:ListTasks`},
		"no permission to read tasks":  {as("undescribed"), "shop GOOD", 2, `ecs:DescribeTasks`},
		"no permission for history":    {as("unlisted"), "shop GOOD", 2, `listing the deployments of service shop: AWS denies it: .*ecs:ListServiceDeployments`},
		"no permission for revisions":  {as("unrevised"), "shop GOOD", 2, `ecs:DescribeServiceRevisions`},
		"no permission to follow":      {as("unfollowed"), "shop GOOD --strategy express", 2, `ecs:DescribeServiceDeployments`},
		"no permission to update":      {as("unwatched"), "shop GOOD --strategy update", 2, `cloudformation:DescribeStackEvents`},
		"no permission to execute":     {as("unexecuted"), "shop GOOD", 2, `cloudformation:ExecuteChangeSet`},
		"a stack without containers":   {nil, "bucket GOOD", 2, `no parameter of stack bucket feeds the image of a container in an AWS::ECS::TaskDefinition; let the container's Image be a Ref`},
		"a stack with a fixed image":   {nil, "fixed GOOD", 2, `no parameter of stack fixed feeds the image`},
		"a parameter that is a tag":    {nil, "tagged GOOD", 2, `no parameter of stack tagged is a whole container image: Image only make up a part of one`},
		"two images":                   {nil, "pair GOOD", 2, `has several image parameters: Image, Sidecar; name the one to change \(--image-parameter\)`},
		"no such parameter":            {nil, "pair GOOD --image-parameter Car", 2, `stack pair has no parameter Car; its image parameters: Image, Sidecar`},
		"a parameter that feeds more":  {nil, "more GOOD", 3, `refused to update stack more:`},
		"a service that is gone":       {nil, "gone GOOD", 3, `refused to update stack gone:`},
		"a service that has drifted":   {nil, "drifted GOOD", 3, `refused to update stack drifted:`},
		"a stack that failed":          {nil, "failed GOOD", 6, `stack failed is in state ROLLBACK_COMPLETE.*slipway recover failed --delete`},
		"a stack that is busy":         {nil, "busy GOOD", 6, `another operation is under way: wait until it has ended \(--wait-for-stack\)`},
		"a role that is none":          {nil, "shop GOOD --role-arn deployer", 2, `"deployer" is not the ARN of an IAM role`},
		"a timeout that is none":       {nil, "shop GOOD --timeout 0s", 2, `want a duration greater than 0`},
		"a strategy that is none":      {nil, "shop GOOD --strategy quick", 2, `want changeset, update, express, ecs or recreate`},
		"downtime that nobody accepts": {nil, "shop GOOD --strategy recreate", 3, `refused to update stack shop:`},
		"a file that is not there":     {nil, "--file nowhere.yaml", 2, `nowhere.yaml`},
		"one wrong among several":      {nil, "shop=GOOD shoo=GOOD", 2, `Stack with id shoo does not exist`},
		"a flag that is none":          {nil, "shop GOOD --fast", 2, `unknown flag: --fast`},
		"the same twice":               {nil, "shop=GOOD shop=GOOD", 2, `shop`},
		"a variable that is none":      {[]string{"SLIPWAY_TIMEOUT=soon"}, "shop GOOD", 2, `environment variable SLIPWAY_TIMEOUT is "soon": want a duration`},
		"a token file not there":       {append(none, "AWS_ROLE_ARN=arn:aws:iam::123456789012:role/x", "AWS_WEB_IDENTITY_TOKEN_FILE=/nowhere/token"), "shop GOOD", 2, `AWS credentials.*set AWS_PROFILE`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			args := []string{"deploy"}
			for _, arg := range strings.Fields(strings.NewReplacer("GOOD", good, "ARM", forARM).Replace(tt.args)) {
				args = append(args, strings.Trim(arg, "'"))
			}
			code, stdout, stderr := w.run(tt.env, args...)
			several := strings.Contains(tt.args, "=") // which ends with a summary
			if code != tt.code || stdout != "" && !several {
				t.Errorf("exit code %d, stdout %q; want %d and nothing", code, stdout, tt.code)
			}
			line := regexp.MustCompile(`(?m)^slipway: .*$`).FindAllString(stderr, -1)
			if len(line) != 1 || !regexp.MustCompile(tt.want).MatchString(line[0]) {
				t.Errorf("it says\n%s\nwant one line with %q", stderr, tt.want)
			}
		})
	}
	for _, call := range w.srv.Calls() {
		switch call.Operation {
		case "ExecuteChangeSet", "UpdateStack", "CreateStack", "DeleteStack", "UpdateService", "RegisterTaskDefinition", "CancelUpdateStack":
			if call.AccessKeyID != "unexecuted" {
				t.Errorf("%s was called", call.Operation)
			}
		}
	}
	for name := range stacks {
		left, err := cloudformation.NewFromConfig(w.cfg).ListChangeSets(w.ctx, &cloudformation.ListChangeSetsInput{StackName: &name})
		if err != nil {
			t.Error(err)
			continue
		}
		if len(left.Summaries) > 0 {
			t.Errorf("change sets left behind in stack %s: %+v", name, left.Summaries)
		}
	}
}
