package conformance_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/slipway-go/slipway/emulator"
)

// serviceStack is a cluster, a task definition and a service with a circuit breaker.
const serviceStack = `
Parameters:
  Image: {Type: String}
Resources:
  Cluster: {Type: AWS::ECS::Cluster}
  TaskDefinition:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: !Ref AWS::StackName
      Cpu: '256'
      Memory: '512'
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions: [{Name: app, Image: !Ref Image}]
  Service:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      LaunchType: FARGATE
      TaskDefinition: !Ref TaskDefinition
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-a]}}
      DeploymentConfiguration: {DeploymentCircuitBreaker: {Enable: true, Rollback: false}}
Outputs:
  Cluster: {Value: !Ref Cluster}
  Arn: {Value: !Ref Service}
  Name: {Value: !GetAtt Service.Name}
`

// live is the service of a service stack, as ECS shows it.
func (c *cloud) live(t *testing.T, stack string) ecstypes.Service {
	t.Helper()
	out := outputs(c.stack(t, stack))
	return must(t, c.ecs.DescribeServices, &ecs.DescribeServicesInput{Cluster: aws.String(out["Cluster"]), Services: []string{out["Arn"]}}).Services[0]
}

func (c *cloud) revisionStatus(t *testing.T, arn string) ecstypes.TaskDefinitionStatus {
	t.Helper()
	return must(t, c.ecs.DescribeTaskDefinition, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &arn}).TaskDefinition.Status
}

func TestServiceStack(t *testing.T) {
	t.Parallel()
	c := start(t, 100)
	c.SetImage("app:missing", emulator.Conduct{Missing: true})
	c.create(t, "web", serviceStack, parameter("Image", "app:v1"))
	first := *c.live(t, "web").TaskDefinition

	t.Run("CFN-236 a service is complete when it is steady", func(t *testing.T) {
		s := c.live(t, "web")
		same(t, "rollout", s.Deployments[0].RolloutState, ecstypes.DeploymentRolloutStateCompleted)
		same(t, "running", s.RunningCount, 1)
	})
	t.Run("CFN-237 the name of a resource whose template gives none", func(t *testing.T) {
		name := outputs(c.stack(t, "web"))["Name"]
		same(t, name, regexp.MustCompile(`^web-Service-[A-Za-z0-9]{12}$`).MatchString(name), true)
	})
	t.Run("CFN-238 Ref of a service is its ARN", func(t *testing.T) {
		out := outputs(c.stack(t, "web"))
		same(t, "Ref", out["Arn"], *c.live(t, "web").ServiceArn)
		same(t, "Ref of a cluster", strings.HasPrefix(out["Cluster"], "web-Cluster-"), true)
	})
	t.Run("CFN-239 a new image in a change set", func(t *testing.T) {
		c.changeSet(t, "web", "image", serviceStack, parameter("Image", "app:v2"))
		found := changes(must(t, c.cfn.DescribeChangeSet, &cloudformation.DescribeChangeSetInput{StackName: aws.String("web"), ChangeSetName: aws.String("image"), IncludePropertyValues: aws.Bool(true)}))
		same(t, "changes", len(found), 2)
		same(t, "task definition", found["TaskDefinition"].Replacement, cfntypes.ReplacementTrue)
		same(t, "service", found["Service"].Replacement, cfntypes.ReplacementFalse)
		same(t, "cause", aws.ToString(found["Service"].Details[0].CausingEntity), "TaskDefinition")
		same(t, "after", aws.ToString(found["Service"].Details[0].Target.AfterValue), "{{changeSet:KNOWN_AFTER_APPLY}}")
	})
	t.Run("CFN-240 a new image replaces the task definition and updates the service in place", func(t *testing.T) {
		service := c.physical(t, "web", "Service")
		c.update(t, "web", serviceStack, parameter("Image", "app:v2"))
		same(t, "service", c.physical(t, "web", "Service"), service)
		if *c.live(t, "web").TaskDefinition == first {
			t.Error("the task definition is the same")
		}
		tells(t, c.story(t, "web"), "TaskDefinition UPDATE_COMPLETE", "Service UPDATE_IN_PROGRESS", "Service UPDATE_COMPLETE", "web UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "TaskDefinition DELETE_COMPLETE")
	})
	t.Run("CFN-241 the old task definition is deregistered", func(t *testing.T) {
		same(t, "status", c.revisionStatus(t, first), ecstypes.TaskDefinitionStatusInactive)
	})
	t.Run("CFN-242 a deployment that the circuit breaker ends fails the update", func(t *testing.T) {
		second := *c.live(t, "web").TaskDefinition
		in := updateInput("web", serviceStack)
		in.Parameters = []cfntypes.Parameter{parameter("Image", "app:missing")}
		must(t, c.cfn.UpdateStack, in)
		c.settled(t, "web", cfntypes.StackStatusUpdateRollbackComplete)
		var reason string
		for _, line := range c.story(t, "web") {
			if strings.HasPrefix(line, "Service UPDATE_FAILED: ") {
				reason = line
			}
		}
		same(t, reason, strings.Contains(reason, "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'."), true)
		same(t, "task definition", *c.live(t, "web").TaskDefinition, second)
		same(t, "status", c.revisionStatus(t, second), ecstypes.TaskDefinitionStatusActive)
	})
	t.Run("CFN-243 CloudFormation does not see what is changed behind its back", func(t *testing.T) {
		s := c.live(t, "web")
		other := *must(t, c.ecs.RegisterTaskDefinition, definition("web", "app:hotswap")).TaskDefinition.TaskDefinitionArn
		must(t, c.ecs.UpdateService, &ecs.UpdateServiceInput{Cluster: s.ClusterArn, Service: s.ServiceArn, TaskDefinition: &other, DesiredCount: aws.Int32(2)})
		in := updateInput("web", serviceStack)
		in.Parameters = []cfntypes.Parameter{parameter("Image", "app:v2")}
		says(t, refusal(t, c.cfn.UpdateStack, in), "ValidationError", "No updates are to be performed.")
		same(t, "task definition", *c.live(t, "web").TaskDefinition, other)
	})
	t.Run("CFN-244 the next update of the service sets what the template says and leaves the rest", func(t *testing.T) {
		c.update(t, "web", serviceStack, parameter("Image", "app:v3"))
		s := c.live(t, "web")
		same(t, "task definition", *s.TaskDefinition, c.physical(t, "web", "TaskDefinition"))
		same(t, "desired count", s.DesiredCount, 2)
	})
	t.Run("CFN-245 UpdateReplacePolicy Retain keeps the old task definition ACTIVE", func(t *testing.T) {
		retain := strings.Replace(serviceStack, "Type: AWS::ECS::TaskDefinition", "Type: AWS::ECS::TaskDefinition\n    UpdateReplacePolicy: Retain", 1)
		c.update(t, "web", retain, parameter("Image", "app:v3"))
		third := *c.live(t, "web").TaskDefinition
		c.update(t, "web", retain, parameter("Image", "app:v4"))
		same(t, "status", c.revisionStatus(t, third), ecstypes.TaskDefinitionStatusActive)
	})
	t.Run("CFN-246 deleting the stack stops the tasks and deregisters the task definition", func(t *testing.T) {
		s := c.live(t, "web")
		c.delete(t, "web")
		same(t, "status", c.revisionStatus(t, *s.TaskDefinition), ecstypes.TaskDefinitionStatusInactive)
		out := must(t, c.ecs.DescribeClusters, &ecs.DescribeClustersInput{Clusters: []string{*s.ClusterArn}})
		same(t, "cluster", *out.Clusters[0].Status, "INACTIVE")
	})
}

// TestStuckRollback brings a stack to UPDATE_ROLLBACK_FAILED: its new image is missing,
// and by then its old one as well.
func TestStuckRollback(t *testing.T) {
	t.Parallel()
	c := start(t, 100)
	stuck := func(t *testing.T, name string) {
		t.Helper()
		old, bad := "app:old-"+name, "app:bad-"+name
		c.SetImage(bad, emulator.Conduct{Missing: true})
		c.create(t, name, serviceStack, parameter("Image", old))
		c.SetImage(old, emulator.Conduct{Missing: true})
		in := updateInput(name, serviceStack)
		in.Parameters = []cfntypes.Parameter{parameter("Image", bad)}
		must(t, c.cfn.UpdateStack, in)
		c.settled(t, name, cfntypes.StackStatusUpdateRollbackFailed)
	}
	t.Run("retried", func(t *testing.T) {
		t.Parallel()
		stuck(t, "retried")
		t.Run("CFN-247 a rollback that fails ends in UPDATE_ROLLBACK_FAILED", func(t *testing.T) {
			tells(t, c.story(t, "retried"), "retried UPDATE_ROLLBACK_IN_PROGRESS", "Service UPDATE_FAILED", "retried UPDATE_ROLLBACK_FAILED: The following resource(s) failed to update: [Service].")
		})
		t.Run("CFN-248 such a stack cannot be updated", func(t *testing.T) {
			in := updateInput("retried", serviceStack)
			in.Parameters = []cfntypes.Parameter{parameter("Image", "app:v9")}
			says(t, refusal(t, c.cfn.UpdateStack, in), "ValidationError", "is in UPDATE_ROLLBACK_FAILED state and can not be updated.")
		})
		t.Run("CFN-249 ContinueUpdateRollback tries again", func(t *testing.T) {
			c.SetImage("app:old-retried", emulator.Conduct{})
			s := c.live(t, "retried") // a failed deployment does not begin anew by itself
			must(t, c.ecs.UpdateService, &ecs.UpdateServiceInput{Cluster: s.ClusterArn, Service: s.ServiceArn, ForceNewDeployment: true})
			must(t, c.cfn.ContinueUpdateRollback, &cloudformation.ContinueUpdateRollbackInput{StackName: aws.String("retried")})
			c.settled(t, "retried", cfntypes.StackStatusUpdateRollbackComplete)
		})
		t.Run("CFN-250 it is for that status only", func(t *testing.T) {
			in := &cloudformation.ContinueUpdateRollbackInput{StackName: aws.String("retried")}
			says(t, refusal(t, c.cfn.ContinueUpdateRollback, in), "ValidationError", "UPDATE_ROLLBACK_COMPLETE")
		})
	})
	t.Run("CFN-251 ResourcesToSkip leaves a resource as it is", func(t *testing.T) {
		t.Parallel()
		stuck(t, "skipped")
		bad := *c.live(t, "skipped").TaskDefinition
		must(t, c.cfn.ContinueUpdateRollback, &cloudformation.ContinueUpdateRollbackInput{StackName: aws.String("skipped"), ResourcesToSkip: []string{"Service"}})
		c.settled(t, "skipped", cfntypes.StackStatusUpdateRollbackComplete)
		same(t, "task definition", *c.live(t, "skipped").TaskDefinition, bad)
	})
	t.Run("CFN-252 only what failed to roll back can be skipped", func(t *testing.T) {
		t.Parallel()
		stuck(t, "other")
		in := &cloudformation.ContinueUpdateRollbackInput{StackName: aws.String("other"), ResourcesToSkip: []string{"Cluster"}}
		says(t, refusal(t, c.cfn.ContinueUpdateRollback, in), "ValidationError", "Resource Cluster of stack other cannot be skipped")
	})
	t.Run("CFN-301 what depends on the stuck resource is rolled back as well", func(t *testing.T) {
		t.Parallel()
		// The service can be deployed and not be rolled back; the group behind it has
		// changed by then.
		behind := func(path string, more ...string) string {
			group := "Group: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, DependsOn: Service, Properties: {Port: 80, Protocol: HTTP, TargetType: ip, VpcId: vpc-1, HealthCheckPath: " + path + "}}"
			return strings.Replace(serviceStack, "Outputs:", strings.TrimPrefix(resources(append([]string{group}, more...)...), "Resources:\n")+"Outputs:", 1)
		}
		c.create(t, "behind", behind("/one"), parameter("Image", "app:old-behind"))
		c.SetImage("app:old-behind", emulator.Conduct{Missing: true})
		in := updateInput("behind", behind("/two", "Refused: "+refusedGroup+", DependsOn: Group}"))
		in.Parameters = []cfntypes.Parameter{parameter("Image", "app:v2")}
		must(t, c.cfn.UpdateStack, in)
		c.settled(t, "behind", cfntypes.StackStatusUpdateRollbackFailed)
		group := c.physical(t, "behind", "Group")
		same(t, "path", c.checkedPath(t, group), "/two")
		must(t, c.cfn.ContinueUpdateRollback, &cloudformation.ContinueUpdateRollbackInput{StackName: aws.String("behind"), ResourcesToSkip: []string{"Service"}})
		c.settled(t, "behind", cfntypes.StackStatusUpdateRollbackComplete)
		same(t, "path", c.checkedPath(t, group), "/one")
		tells(t, c.story(t, "behind"), "behind UPDATE_ROLLBACK_FAILED", "behind UPDATE_ROLLBACK_IN_PROGRESS", "Group UPDATE_COMPLETE", "behind UPDATE_ROLLBACK_COMPLETE")
	})
}

// checkedPath is where a target group sends its health checks.
func (c *cloud) checkedPath(t *testing.T, group string) string {
	t.Helper()
	out := must(t, c.elb.DescribeTargetGroups, &elb.DescribeTargetGroupsInput{TargetGroupArns: []string{group}})
	return aws.ToString(out.TargetGroups[0].HealthCheckPath)
}
