package clients

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/slipway-go/slipway/emulator"
)

// TestCDKPattern takes a service as most users of the CDK write one, the pattern
// ApplicationLoadBalancedFargateService, through its life with the cdk command:
// deployed, hot-swapped, deployed over the hot swap, rolled back, destroyed.
func TestCDKPattern(t *testing.T) {
	t.Parallel()
	app := newPattern(t, "shop")

	app.cdk("v1", "deploy", "--require-approval", "never")
	url := app.url()
	answers(t, url, image("v1"))
	if log := app.cdk("v1", "diff", "--fail"); !strings.Contains(log, "Number of stacks with differences: 0") {
		t.Errorf("what was deployed differs from the app:\n%s", log)
	}

	// A hot swap goes to ECS and past CloudFormation.
	if log := app.cdk("v2", "deploy", "--hotswap"); !strings.Contains(log, "hotswapped!") {
		t.Errorf("deploy --hotswap swapped nothing:\n%s", log)
	}
	answers(t, url, image("v2"))
	log := app.cdk("v2", "diff")
	for _, want := range []string{
		"AWS::ECS::TaskDefinition", `"Image": "` + image("v1") + `"`, `"Image": "` + image("v2") + `"`,
		"AWS::ECS::Service", "Number of stacks with differences: 1",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("the diff after a hot swap does not show %s:\n%s", want, log)
		}
	}

	app.cdk("v2", "deploy", "--require-approval", "never")
	answers(t, url, image("v2"))
	if log := app.cdk("v2", "diff", "--fail", "--method=template"); !strings.Contains(log, "Number of stacks with differences: 0") {
		t.Errorf("what was deployed after a hot swap differs from the app:\n%s", log)
	}

	app.server.SetImage(image("v3"), emulator.Conduct{Crash: true})
	app.fails("v3", "deploy", "--require-approval", "never")
	if status := app.stack().StackStatus; status != types.StackStatusUpdateRollbackComplete {
		t.Errorf("a version that crashes leaves the stack %s", status)
	}
	answers(t, url, image("v2"))

	id := *app.stack().StackId
	app.cdk("v2", "destroy", "--force")
	want := leftovers{
		// The pattern retains its log group.
		Resources: map[string]string{"AWS::Logs::LogGroup": "DELETE_SKIPPED"},
		// Revision 2 is the hot swap's, of which CloudFormation knows nothing.
		TaskDefinitions: []string{"shopShopTaskDefF9786A61:2"},
	}
	if diff := cmp.Diff(want, app.left(id), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("what cdk destroy leaves (-want +got):\n%s", diff)
	}
}

// TestPatternTemplatesAreCurrent: the emulator's own tests, which need no Node, have what
// the app synthesizes committed. SNAPSHOT_UPDATE=1 writes it.
func TestPatternTemplatesAreCurrent(t *testing.T) {
	t.Parallel()
	installed(t, "node_modules/aws-cdk-lib")
	node, err := exec.LookPath("node")
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip("synthesizing needs Node, which is not on PATH")
	}
	out := t.TempDir()
	cmd := exec.CommandContext(t.Context(), node, "app.js")
	cmd.Dir = "testdata/patterns"
	// As the cdk command tells an app what to do.
	cmd.Env = append(os.Environ(), "CDK_OUTDIR="+out, "CDK_VALIDATION=false", `CDK_CONTEXT_JSON={"image":"`+image("v1")+`"}`)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("synthesizing: %v\n%s", err, said)
	}
	for stack, committed := range map[string]string{"shop": "cdk-pattern.json", "two-services": "cdk-two-services.json"} {
		committed = filepath.Join(repository, "emulator/testdata/templates", committed)
		want, err := os.ReadFile(filepath.Join(out, stack+".template.json"))
		if err != nil {
			t.Fatal(err)
		}
		if os.Getenv("SNAPSHOT_UPDATE") == "1" {
			if err := os.WriteFile(committed, want, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(committed)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s is not what the app synthesizes (-app +committed); SNAPSHOT_UPDATE=1 writes it:\n%s", committed, diff)
		}
	}
}

func image(tag string) string { return "docker.io/acme/shop:" + tag }

// pattern is the app in testdata/patterns, and the AWS that it is deployed to.
type pattern struct {
	client
	config aws.Config
	name   string // of the stack
}

func newPattern(t *testing.T, name string) pattern {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil && os.Getenv("CI") != "true" {
		t.Skip("the cdk command needs Node, which is not on PATH")
	}
	installed(t, "node_modules/aws-cdk-lib")
	// The validator has its own run in CI; here it would only take time.
	c := newClient(t, "node_modules/.bin/cdk", "CDK_VALIDATION=false", "CDK_DISABLE_CLI_TELEMETRY=true")
	c.dir = "testdata/patterns"
	return pattern{c, aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(c.server.URL()),
		Credentials:  credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
	}, name}
}

// cdk runs a command on the app with the image of a tag, and returns all that it says.
func (p pattern) cdk(tag string, args ...string) string {
	p.t.Helper()
	return p.mustBoth(p.arguments(tag, args)...)
}

func (p pattern) arguments(tag string, args []string) []string {
	return append(args, p.name, "--app", "node app.js", "--output", filepath.Join(p.t.TempDir(), "cdk.out"),
		"--no-notices", "--no-color", "--context", "image="+image(tag))
}

// fails runs a command on the app, which has to fail for the circuit breaker.
func (p pattern) fails(tag string, args ...string) {
	p.t.Helper()
	out, errs, err := p.run(p.t.Context(), p.arguments(tag, args)...)
	if said := errs + out; err == nil || !strings.Contains(said, "ECS Deployment Circuit Breaker was triggered") {
		p.t.Errorf("cdk %s of a version that crashes ended with %v:\n%s", strings.Join(args, " "), err, said)
	}
}

func (p pattern) stack() types.Stack {
	p.t.Helper()
	out, err := cloudformation.NewFromConfig(p.config).DescribeStacks(p.t.Context(), &cloudformation.DescribeStacksInput{StackName: &p.name})
	if err != nil {
		p.t.Fatal(err)
	}
	return out.Stacks[0]
}

// url is where the service answers, from the output that the pattern makes.
func (p pattern) url() string {
	p.t.Helper()
	outputs := p.stack().Outputs
	for _, output := range outputs {
		if strings.HasPrefix(*output.OutputKey, "ShopServiceURL") {
			return *output.OutputValue
		}
	}
	p.t.Fatalf("the stack has no output ShopServiceURL: %+v", outputs)
	return ""
}

// leftovers is what is there once a stack is gone.
type leftovers struct {
	Resources       map[string]string // last status by type, of those that were not deleted
	Clusters        []string
	LoadBalancers   []string
	TargetGroups    []string
	TaskDefinitions []string // "family:revision"
}

func (p pattern) left(stackID string) leftovers {
	p.t.Helper()
	var left leftovers
	must := func(err error) {
		p.t.Helper()
		if err != nil {
			p.t.Fatal(err)
		}
	}
	ctx, balancers, containers := p.t.Context(), elb.NewFromConfig(p.config), ecs.NewFromConfig(p.config)
	left.Resources = p.undeleted(stackID)

	clusters, err := containers.ListClusters(ctx, &ecs.ListClustersInput{})
	must(err)
	left.Clusters = clusters.ClusterArns
	loadBalancers, err := balancers.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{})
	must(err)
	for _, lb := range loadBalancers.LoadBalancers {
		left.LoadBalancers = append(left.LoadBalancers, *lb.LoadBalancerName)
	}
	groups, err := balancers.DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{})
	must(err)
	for _, group := range groups.TargetGroups {
		left.TargetGroups = append(left.TargetGroups, *group.TargetGroupName)
	}
	revisions, err := containers.ListTaskDefinitions(ctx, &ecs.ListTaskDefinitionsInput{})
	must(err)
	for _, arn := range revisions.TaskDefinitionArns {
		left.TaskDefinitions = append(left.TaskDefinitions, arn[strings.LastIndex(arn, "/")+1:])
	}
	return left
}

// undeleted are the resources of a deleted stack that its events leave undeleted.
func (p pattern) undeleted(stackID string) map[string]string {
	p.t.Helper()
	last := map[string]string{} // by physical id: a replaced resource had two
	kinds := map[string]string{}
	pages := cloudformation.NewDescribeStackEventsPaginator(cloudformation.NewFromConfig(p.config),
		&cloudformation.DescribeStackEventsInput{StackName: aws.String(stackID)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(p.t.Context())
		if err != nil {
			p.t.Fatal(err)
		}
		for _, event := range page.StackEvents { // newest first
			id := aws.ToString(event.PhysicalResourceId)
			if _, seen := last[id]; !seen && id != "" {
				last[id], kinds[id] = string(event.ResourceStatus), *event.ResourceType
			}
		}
	}
	left := map[string]string{}
	for id, status := range last {
		if status != "DELETE_COMPLETE" {
			left[kinds[id]] = status
		}
	}
	return left
}
