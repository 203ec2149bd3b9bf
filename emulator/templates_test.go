package emulator_test

import (
	"cmp"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/emulator"
)

// deployment is a stack, or several that build on each other, whose services answer.
type deployment struct {
	stacks []stackOf
	// urls are the outputs under which the first version answers, and then the second.
	urls []string
	// retained are the types that deleting the stacks leaves.
	retained []string
}

// stackOf is a stack: its template, with the image where it says IMAGE, and parameters.
type stackOf struct {
	file       string
	parameters map[string]string
	// image is the parameter that takes it. Without one it stands in the template, as
	// in what the CDK synthesizes.
	image string
	// written is the image that stands in the template. Default: the first one.
	written string
}

// The images that the deployments begin with, and go on to. The first is the one in the
// committed output of the CDK.
const firstImage, secondImage = "docker.io/acme/shop:v1", "docker.io/acme/shop:v2"

// TestTemplates creates, updates and deletes stacks of templates as people have them.
// Those named cdk- are what the app in test/clients/testdata/patterns synthesizes; the
// others are written for this, in the shapes of AWS's public samples and guides. Those samples
// themselves are in TestAWSSamples.
func TestTemplates(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]deployment{
		"article": {
			stacks: []stackOf{
				{file: "../internal/cfntemplate/testdata/network.yaml"},
				{file: "../internal/cfntemplate/testdata/service.yaml", image: "ImageUrl", parameters: map[string]string{
					"StackName": "article-0", "ServiceName": "hello", "HealthCheckIntervalSeconds": "10",
				}},
			},
			urls: []string{"ExternalUrl"},
		},
		"private-subnets": {
			stacks: []stackOf{
				{file: "testdata/templates/private-network.yaml"},
				{file: "testdata/templates/private-service.yaml", image: "ImageUrl", parameters: map[string]string{"StackName": "private-subnets-0"}},
			},
			urls: []string{"ExternalUrl", "InternalUrl"},
		},
		"one-stack": {
			stacks: []stackOf{{file: "testdata/templates/one-stack.yaml", image: "Image", parameters: map[string]string{
				"VpcId": "vpc-0123456789abcdef0", "SubnetIds": "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
			}}},
			urls: []string{"Url"},
		},
		"cdk-pattern": {
			stacks:   []stackOf{{file: "testdata/templates/cdk-pattern.json"}},
			urls:     []string{"ShopServiceURLCF66E244"},
			retained: []string{"AWS::Logs::LogGroup"},
		},
		"cdk-two-services": {
			stacks:   []stackOf{{file: "testdata/templates/cdk-two-services.json"}},
			urls:     []string{"ShopServiceURLCF66E244", "SearchServiceURL"},
			retained: []string{"AWS::Logs::LogGroup", "AWS::Logs::LogGroup"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := start(t, emulator.Options{Speed: 120})
			cfn := cloudformation.NewFromConfig(config(srv, "eu-west-1"))
			outputs := map[string]string{}
			var ids []string
			for i, st := range d.stacks {
				made := createOf(t, cfn, name+"-"+string(rune('0'+i)), st)
				ids = append(ids, *made.StackId)
				for _, output := range made.Outputs {
					outputs[*output.OutputKey] = *output.OutputValue
				}
			}
			d.answersFrom(t, outputs, firstImage)

			last := len(d.stacks) - 1
			before := physicalIDs(t, cfn, ids[last])
			updateOf(t, cfn, ids[last], d.stacks[last])
			d.answersFrom(t, outputs, secondImage)
			for id, physical := range physicalIDs(t, cfn, ids[last]) {
				if isTask := strings.Contains(before[id], ":task-definition/"); (physical != before[id]) != isTask {
					t.Errorf("a new image makes %s of %s", physical, before[id])
				}
			}

			for _, id := range ids {
				inSync(t, cfn, id)
			}

			var retained []string
			for _, id := range slices.Backward(ids) {
				retained = append(retained, deleteOf(t, cfn, id)...)
			}
			if !slices.Equal(retained, d.retained) {
				t.Errorf("deleting leaves %q, want %q", retained, d.retained)
			}
			nothingRuns(t, srv)
		})
	}
}

// inSync holds that a stack which nobody has touched has not drifted.
func inSync(t *testing.T, cfn *cloudformation.Client, stack string) {
	t.Helper()
	begun, err := cfn.DetectStackDrift(t.Context(), &cloudformation.DetectStackDriftInput{StackName: &stack})
	if err != nil {
		t.Fatal(err)
	}
	var out *cloudformation.DescribeStackDriftDetectionStatusOutput
	eventually(t, func() bool {
		out, err = cfn.DescribeStackDriftDetectionStatus(t.Context(), &cloudformation.DescribeStackDriftDetectionStatusInput{StackDriftDetectionId: begun.StackDriftDetectionId})
		if err != nil {
			t.Fatal(err)
		}
		return out.DetectionStatus != types.StackDriftDetectionStatusDetectionInProgress
	})
	if out.StackDriftStatus == types.StackDriftStatusInSync {
		return
	}
	found, err := cfn.DescribeStackResourceDrifts(t.Context(), &cloudformation.DescribeStackResourceDriftsInput{StackName: &stack})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range found.StackResourceDrifts {
		for _, p := range d.PropertyDifferences {
			t.Errorf("%s: %s %s: %s, not %s", stack, *d.LogicalResourceId, *p.PropertyPath, *p.ActualValue, *p.ExpectedValue)
		}
	}
}

// text is the template with an image in it.
func (s stackOf) text(t *testing.T, image string) string {
	t.Helper()
	template, err := os.ReadFile(s.file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(template), cmp.Or(s.written, firstImage), image)
}

func (s stackOf) values(image string) []types.Parameter {
	all := map[string]string{}
	maps.Copy(all, s.parameters)
	if s.image != "" {
		all[s.image] = image
	}
	var list []types.Parameter
	for _, key := range slices.Sorted(maps.Keys(all)) {
		list = append(list, parameter(key, all[key]))
	}
	return list
}

func createOf(t *testing.T, cfn *cloudformation.Client, name string, st stackOf) types.Stack {
	t.Helper()
	_, err := cfn.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: &name, TemplateBody: aws.String(st.text(t, firstImage)), Parameters: st.values(firstImage),
		Capabilities: []types.Capability{types.CapabilityCapabilityNamedIam},
	})
	if err != nil {
		t.Fatalf("creating %s: %v", st.file, err)
	}
	made := settled(t, cfn, name)
	if made.StackStatus != types.StackStatusCreateComplete {
		t.Fatalf("%s is %s: %q", st.file, made.StackStatus, failures(t, cfn, *made.StackId))
	}
	return made
}

func updateOf(t *testing.T, cfn *cloudformation.Client, id string, st stackOf) {
	t.Helper()
	_, err := cfn.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
		StackName: &id, TemplateBody: aws.String(st.text(t, secondImage)), Parameters: st.values(secondImage),
		Capabilities: []types.Capability{types.CapabilityCapabilityNamedIam},
	})
	if err != nil {
		t.Fatalf("updating %s: %v", st.file, err)
	}
	if updated := settled(t, cfn, id); updated.StackStatus != types.StackStatusUpdateComplete {
		t.Fatalf("%s is %s: %q", st.file, updated.StackStatus, failures(t, cfn, id))
	}
}

// deleteOf deletes a stack and returns the types of what that left.
func deleteOf(t *testing.T, cfn *cloudformation.Client, id string) []string {
	t.Helper()
	if _, err := cfn.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: &id}); err != nil {
		t.Fatalf("deleting %s: %v", id, err)
	}
	if deleted := settled(t, cfn, id); deleted.StackStatus != types.StackStatusDeleteComplete {
		t.Fatalf("%s is %s: %q", id, deleted.StackStatus, failures(t, cfn, id))
	}
	var left []string
	for _, e := range events(t, cfn, id) {
		if e.ResourceStatus == types.ResourceStatusDeleteSkipped {
			left = append(left, *e.ResourceType)
		}
	}
	return left
}

func events(t *testing.T, cfn *cloudformation.Client, id string) []types.StackEvent {
	t.Helper()
	var list []types.StackEvent
	pages := cloudformation.NewDescribeStackEventsPaginator(cfn, &cloudformation.DescribeStackEventsInput{StackName: &id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, page.StackEvents...)
	}
	return list
}

// failures are the reasons in a stack's events.
func failures(t *testing.T, cfn *cloudformation.Client, id string) []string {
	t.Helper()
	var reasons []string
	for _, e := range events(t, cfn, id) {
		if strings.HasSuffix(string(e.ResourceStatus), "_FAILED") {
			reasons = append(reasons, *e.LogicalResourceId+": "+aws.ToString(e.ResourceStatusReason))
		}
	}
	return reasons
}

func physicalIDs(t *testing.T, cfn *cloudformation.Client, stack string) map[string]string {
	t.Helper()
	out, err := cfn.DescribeStackResources(t.Context(), &cloudformation.DescribeStackResourcesInput{StackName: &stack})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for _, r := range out.StackResources {
		ids[*r.LogicalResourceId] = *r.PhysicalResourceId
	}
	return ids
}

// answersFrom checks that image answers at each of the URLs.
func (d deployment) answersFrom(t *testing.T, outputs map[string]string, image string) {
	t.Helper()
	for _, prefix := range d.urls {
		found := false
		for key, url := range outputs {
			if !strings.HasPrefix(key, prefix) {
				continue
			}
			found = true
			if answer := body(t, url+"/"); !strings.Contains(answer, image) {
				t.Errorf("%s answers %q, want it from %s", key, answer, image)
			}
		}
		if !found {
			t.Errorf("there is no output %s among %v", prefix, outputs)
		}
	}
}

// nothingRuns checks that no stack has left anything that acts.
func nothingRuns(t *testing.T, srv *emulator.Server) {
	t.Helper()
	balancers, containers := elbv2.NewFromConfig(config(srv, "eu-west-1")), ecs.NewFromConfig(config(srv, "eu-west-1"))
	loadBalancers, err := balancers.DescribeLoadBalancers(t.Context(), &elbv2.DescribeLoadBalancersInput{})
	if err != nil {
		t.Fatal(err)
	}
	groups, err := balancers.DescribeTargetGroups(t.Context(), &elbv2.DescribeTargetGroupsInput{})
	if err != nil {
		t.Fatal(err)
	}
	clusters, err := containers.ListClusters(t.Context(), &ecs.ListClustersInput{})
	if err != nil {
		t.Fatal(err)
	}
	revisions, err := containers.ListTaskDefinitions(t.Context(), &ecs.ListTaskDefinitionsInput{})
	if err != nil {
		t.Fatal(err)
	}
	got := []int{len(loadBalancers.LoadBalancers), len(groups.TargetGroups), len(clusters.ClusterArns), len(revisions.TaskDefinitionArns)}
	if diff := gocmp.Diff([]int{0, 0, 0, 0}, got); diff != "" {
		t.Errorf("load balancers, target groups, clusters, task definitions left (-want +got):\n%s", diff)
	}
}
