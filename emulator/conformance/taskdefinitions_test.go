package conformance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestClusters(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	first := must(t, c.ecs.CreateCluster, &ecs.CreateClusterInput{ClusterName: aws.String("mine")}).Cluster

	t.Run("ECS-001 the cluster without a name is called default", func(t *testing.T) {
		same(t, "name", *must(t, c.ecs.CreateCluster, &ecs.CreateClusterInput{}).Cluster.ClusterName, "default")
	})
	t.Run("ECS-002 a cluster is ACTIVE at once", func(t *testing.T) {
		same(t, "status", *first.Status, "ACTIVE")
		same(t, "arn", strings.HasSuffix(*first.ClusterArn, ":cluster/mine"), true)
	})
	t.Run("ECS-003 a cluster that is missing is a failure of DescribeClusters", func(t *testing.T) {
		out := must(t, c.ecs.DescribeClusters, &ecs.DescribeClustersInput{Clusters: []string{"nowhere"}})
		same(t, "reason", *out.Failures[0].Reason, "MISSING")
		same(t, "clusters", len(out.Clusters), 0)
	})
	t.Run("ECS-004 other calls answer ClusterNotFoundException", func(t *testing.T) {
		says(t, refusal(t, c.ecs.ListServices, &ecs.ListServicesInput{Cluster: aws.String("nowhere")}), "ClusterNotFoundException", "Cluster not found.")
	})
	t.Run("ECS-005 a cluster with services cannot be deleted", func(t *testing.T) {
		must(t, c.ecs.CreateService, serviceInput("kept", c.register(t, "kept", "app:v1"), 0))
		says(t, refusal(t, c.ecs.DeleteCluster, &ecs.DeleteClusterInput{Cluster: aws.String("default")}), "ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
	})
	t.Run("ECS-006 a deleted cluster is INACTIVE", func(t *testing.T) {
		same(t, "status", *must(t, c.ecs.DeleteCluster, &ecs.DeleteClusterInput{Cluster: aws.String("mine")}).Cluster.Status, "INACTIVE")
	})
}

func TestTaskDefinitions(t *testing.T) {
	t.Parallel()
	c := start(t, 600).cluster(t)
	first := must(t, c.ecs.RegisterTaskDefinition, definition("web", "app:v1")).TaskDefinition

	t.Run("ECS-007 the first revision has number 1", func(t *testing.T) {
		same(t, "revision", first.Revision, 1)
		same(t, "status", first.Status, ecstypes.TaskDefinitionStatusActive)
		same(t, "arn", strings.HasSuffix(*first.TaskDefinitionArn, ":task-definition/web:1"), true)
	})
	t.Run("ECS-008 the defaults of a container", func(t *testing.T) {
		container := first.ContainerDefinitions[0]
		same(t, "essential", aws.ToBool(container.Essential), true)
		same(t, "host port", aws.ToInt32(container.PortMappings[0].HostPort), 80)
		same(t, "protocol", container.PortMappings[0].Protocol, ecstypes.TransportProtocolTcp)
	})
	second := must(t, c.ecs.RegisterTaskDefinition, definition("web", "app:v2")).TaskDefinition
	t.Run("ECS-009 each registration is a new revision", func(t *testing.T) {
		same(t, "revision", second.Revision, 2)
	})
	t.Run("ECS-010 a family stands for its latest ACTIVE revision", func(t *testing.T) {
		same(t, "revision", must(t, c.ecs.DescribeTaskDefinition, &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("web")}).TaskDefinition.Revision, 2)
	})
	t.Run("ECS-011 a deregistered revision is INACTIVE and can be described", func(t *testing.T) {
		must(t, c.ecs.DeregisterTaskDefinition, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: second.TaskDefinitionArn})
		out := must(t, c.ecs.DescribeTaskDefinition, &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("web:2")})
		same(t, "status", out.TaskDefinition.Status, ecstypes.TaskDefinitionStatusInactive)
		same(t, "latest", must(t, c.ecs.DescribeTaskDefinition, &ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String("web")}).TaskDefinition.Revision, 1)
	})
	t.Run("ECS-012 nothing new runs of an INACTIVE revision", func(t *testing.T) {
		says(t, refusal(t, c.ecs.CreateService, serviceInput("late", *second.TaskDefinitionArn, 1)), "ClientException", "TaskDefinition is inactive")
	})
	t.Run("ECS-013 numbers are not used again", func(t *testing.T) {
		same(t, "revision", must(t, c.ecs.RegisterTaskDefinition, definition("web", "app:v3")).TaskDefinition.Revision, 3)
	})
	t.Run("ECS-014 deregistering needs a revision", func(t *testing.T) {
		says(t, refusal(t, c.ecs.DeregisterTaskDefinition, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: aws.String("web")}), "InvalidParameterException", "Invalid revision number")
	})
	t.Run("ECS-015 only INACTIVE revisions can be deleted", func(t *testing.T) {
		out := must(t, c.ecs.DeleteTaskDefinitions, &ecs.DeleteTaskDefinitionsInput{TaskDefinitions: []string{"web:1", "web:2"}})
		same(t, "failures", len(out.Failures), 1)
		same(t, "status", out.TaskDefinitions[0].Status, ecstypes.TaskDefinitionStatusDeleteInProgress)
	})
	t.Run("ECS-016 ListTaskDefinitions shows ACTIVE ones by default", func(t *testing.T) {
		out := must(t, c.ecs.ListTaskDefinitions, &ecs.ListTaskDefinitionsInput{FamilyPrefix: aws.String("web")})
		var revisions []string
		for _, arn := range out.TaskDefinitionArns {
			revisions = append(revisions, arn[strings.LastIndex(arn, ":")+1:])
		}
		same(t, "revisions", strings.Join(revisions, " "), "1 3")
	})
	t.Run("ECS-017 Fargate has fixed pairs of CPU and memory", func(t *testing.T) {
		in := definition("odd", "app:v1")
		in.Memory = aws.String("8192")
		says(t, refusal(t, c.ecs.RegisterTaskDefinition, in), "ClientException", "No Fargate configuration exists for given values")
	})
	t.Run("ECS-018 Fargate needs awsvpc", func(t *testing.T) {
		in := definition("bridge", "app:v1")
		in.NetworkMode = ecstypes.NetworkModeBridge
		says(t, refusal(t, c.ecs.RegisterTaskDefinition, in), "ClientException", "Fargate only supports network mode")
	})
	t.Run("ECS-019 a task needs an essential container", func(t *testing.T) {
		in := definition("idle", "app:v1")
		in.ContainerDefinitions[0].Essential = aws.Bool(false)
		says(t, refusal(t, c.ecs.RegisterTaskDefinition, in), "ClientException", "essential container")
	})
	t.Run("ECS-020 stopTimeout is 120 seconds at most", func(t *testing.T) {
		in := definition("patient", "app:v1")
		in.ContainerDefinitions[0].StopTimeout = aws.Int32(121)
		says(t, refusal(t, c.ecs.RegisterTaskDefinition, in), "ClientException", "120")
	})
	t.Run("ECS-021 a running service keeps its INACTIVE revision", func(t *testing.T) {
		arn := c.register(t, "going", "app:v1")
		c.serve(t, "going", arn, 1)
		must(t, c.ecs.DeregisterTaskDefinition, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: &arn})
		must(t, c.ecs.UpdateService, &ecs.UpdateServiceInput{Service: aws.String("going"), DesiredCount: aws.Int32(2)})
		c.wait(t, "two tasks", func() bool { return c.service(t, "going").RunningCount == 2 })
	})
	t.Run("ECS-022 pages of a list", func(t *testing.T) {
		for i := range 3 {
			c.register(t, fmt.Sprintf("page%d", i), "app:v1")
		}
		pages, families := 0, 0
		p := ecs.NewListTaskDefinitionFamiliesPaginator(c.ecs, &ecs.ListTaskDefinitionFamiliesInput{FamilyPrefix: aws.String("page"), MaxResults: aws.Int32(2)})
		for p.HasMorePages() {
			out, err := p.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			pages, families = pages+1, families+len(out.Families)
		}
		same(t, "pages", pages, 2)
		same(t, "families", families, 3)
	})
}
