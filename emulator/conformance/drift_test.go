package conformance_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// drifted compares a stack with what there is.
func (c *cloud) drifted(t *testing.T, stack string) *cloudformation.DescribeStackDriftDetectionStatusOutput {
	t.Helper()
	id := must(t, c.cfn.DetectStackDrift, &cloudformation.DetectStackDriftInput{StackName: &stack}).StackDriftDetectionId
	var out *cloudformation.DescribeStackDriftDetectionStatusOutput
	c.wait(t, "drift detection of "+stack, func() bool {
		out = must(t, c.cfn.DescribeStackDriftDetectionStatus, &cloudformation.DescribeStackDriftDetectionStatusInput{StackDriftDetectionId: id})
		return out.DetectionStatus != cfntypes.StackDriftDetectionStatusDetectionInProgress
	})
	return out
}

func TestDrift(t *testing.T) {
	t.Parallel()
	c := start(t, 100)
	c.create(t, "web", serviceStack, parameter("Image", "app:v1"))

	t.Run("CFN-275 a stack that was not compared is NOT_CHECKED", func(t *testing.T) {
		same(t, "drift", c.stack(t, "web").DriftInformation.StackDriftStatus, cfntypes.StackDriftStatusNotChecked)
	})
	t.Run("CFN-276 a stack that nobody has touched is IN_SYNC", func(t *testing.T) {
		same(t, "drift", c.drifted(t, "web").StackDriftStatus, cfntypes.StackDriftStatusInSync)
		same(t, "drift", c.stack(t, "web").DriftInformation.StackDriftStatus, cfntypes.StackDriftStatusInSync)
	})
	s := c.live(t, "web")
	other := *must(t, c.ecs.RegisterTaskDefinition, definition("other", "app:hotswap")).TaskDefinition.TaskDefinitionArn
	must(t, c.ecs.UpdateService, &ecs.UpdateServiceInput{Cluster: s.ClusterArn, Service: s.ServiceArn, TaskDefinition: &other})
	t.Run("CFN-277 a service changed through ECS is drift", func(t *testing.T) {
		out := c.drifted(t, "web")
		same(t, "drift", out.StackDriftStatus, cfntypes.StackDriftStatusDrifted)
		same(t, "drifted resources", *out.DriftedStackResourceCount, 1)
	})
	t.Run("CFN-278 DescribeStackResourceDrifts tells expected and actual value", func(t *testing.T) {
		in := &cloudformation.DescribeStackResourceDriftsInput{StackName: aws.String("web"), StackResourceDriftStatusFilters: []cfntypes.StackResourceDriftStatus{cfntypes.StackResourceDriftStatusModified}}
		d := must(t, c.cfn.DescribeStackResourceDrifts, in).StackResourceDrifts[0]
		same(t, "resource", *d.LogicalResourceId, "Service")
		found := false
		for _, p := range d.PropertyDifferences {
			if strings.HasSuffix(*p.PropertyPath, "/TaskDefinition") {
				found = true
				same(t, "expected", *p.ExpectedValue, *s.TaskDefinition)
				same(t, "actual", *p.ActualValue, other)
				same(t, "kind", p.DifferenceType, cfntypes.DifferenceTypeNotEqual)
			}
		}
		same(t, "TaskDefinition among the differences", found, true)
	})
	t.Run("CFN-313 any property that the template gives may drift", func(t *testing.T) {
		must(t, c.ecs.UpdateService, &ecs.UpdateServiceInput{
			Cluster: s.ClusterArn, Service: s.ServiceArn, TaskDefinition: s.TaskDefinition,
			NetworkConfiguration: &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{Subnets: []string{"subnet-b"}}},
			DeploymentConfiguration: &ecstypes.DeploymentConfiguration{
				DeploymentCircuitBreaker: &ecstypes.DeploymentCircuitBreaker{Enable: false}, MinimumHealthyPercent: aws.Int32(50),
			},
		})
		c.drifted(t, "web")
		in := &cloudformation.DescribeStackResourceDriftsInput{StackName: aws.String("web"), StackResourceDriftStatusFilters: []cfntypes.StackResourceDriftStatus{cfntypes.StackResourceDriftStatusModified}}
		var differences []string
		for _, d := range must(t, c.cfn.DescribeStackResourceDrifts, in).StackResourceDrifts {
			for _, p := range d.PropertyDifferences {
				differences = append(differences, *p.PropertyPath+" "+*p.ExpectedValue+" "+*p.ActualValue)
			}
		}
		same(t, "differences", strings.Join(differences, "\n"), "/DeploymentConfiguration/DeploymentCircuitBreaker/Enable true false\n"+
			"/NetworkConfiguration/AwsvpcConfiguration/Subnets/0 subnet-a subnet-b") // what the template does not give is no drift
	})
}
