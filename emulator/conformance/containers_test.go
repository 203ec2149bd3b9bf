package conformance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// cluster makes the cluster "default", which requests mean that name none.
func (c *cloud) cluster(t *testing.T) *cloud {
	t.Helper()
	must(t, c.ecs.CreateCluster, &ecs.CreateClusterInput{})
	return c
}

// definition is the request for a Fargate task definition of one container, "app".
func definition(family, image string) *ecs.RegisterTaskDefinitionInput {
	return &ecs.RegisterTaskDefinitionInput{
		Family: &family, NetworkMode: ecstypes.NetworkModeAwsvpc, Cpu: aws.String("256"), Memory: aws.String("512"),
		RequiresCompatibilities: []ecstypes.Compatibility{ecstypes.CompatibilityFargate},
		ContainerDefinitions: []ecstypes.ContainerDefinition{{
			Name: aws.String("app"), Image: &image, PortMappings: []ecstypes.PortMapping{{ContainerPort: aws.Int32(80)}},
		}},
	}
}

// register registers a task definition of one container and returns its ARN.
func (c *cloud) register(t *testing.T, family, image string) string {
	t.Helper()
	return *must(t, c.ecs.RegisterTaskDefinition, definition(family, image)).TaskDefinition.TaskDefinitionArn
}

// network is where tasks are placed.
func network() *ecstypes.NetworkConfiguration {
	return &ecstypes.NetworkConfiguration{AwsvpcConfiguration: &ecstypes.AwsVpcConfiguration{Subnets: []string{"subnet-a"}}}
}

// serviceInput is a request for a service on Fargate. Without circuit breaker and load
// balancer, unless a test adds them.
func serviceInput(name, taskDefinition string, desired int32) *ecs.CreateServiceInput {
	return &ecs.CreateServiceInput{
		ServiceName: &name, TaskDefinition: &taskDefinition, DesiredCount: &desired,
		LaunchType: ecstypes.LaunchTypeFargate, NetworkConfiguration: network(),
	}
}

func (c *cloud) service(t *testing.T, name string) ecstypes.Service {
	t.Helper()
	return must(t, c.ecs.DescribeServices, &ecs.DescribeServicesInput{Services: []string{name}}).Services[0]
}

// serve creates a service and waits until it is steady.
func (c *cloud) serve(t *testing.T, name, taskDefinition string, desired int32) {
	t.Helper()
	must(t, c.ecs.CreateService, serviceInput(name, taskDefinition, desired))
	c.steady(t, name)
}

// deploy updates a service to another task definition.
func (c *cloud) deploy(t *testing.T, name, taskDefinition string) ecstypes.Service {
	t.Helper()
	return *must(t, c.ecs.UpdateService, &ecs.UpdateServiceInput{Service: &name, TaskDefinition: &taskDefinition}).Service
}

// steady waits until a service has one deployment, and that is completed with all of
// its tasks: what `aws ecs wait services-stable` waits for.
func (c *cloud) steady(t *testing.T, name string) ecstypes.Service {
	t.Helper()
	var s ecstypes.Service
	c.wait(t, name+" to be steady", func() bool {
		s = c.service(t, name)
		return len(s.Deployments) == 1 && s.RunningCount == s.DesiredCount && s.Deployments[0].RolloutState == ecstypes.DeploymentRolloutStateCompleted
	})
	return s
}

// said waits for an event of a service that contains the text, and returns it.
func (c *cloud) said(t *testing.T, name, text string) string {
	t.Helper()
	var message string
	c.wait(t, fmt.Sprintf("an event of %s that says %q", name, text), func() bool {
		for _, e := range c.service(t, name).Events {
			if strings.Contains(*e.Message, text) {
				message = *e.Message
				return true
			}
		}
		return false
	})
	return message
}

// of is a service's deployment of a status, nil where there is none.
func of(s ecstypes.Service, status string) *ecstypes.Deployment {
	i := slices.IndexFunc(s.Deployments, func(d ecstypes.Deployment) bool { return *d.Status == status })
	if i < 0 {
		return nil
	}
	return &s.Deployments[i]
}

// run starts a task that belongs to no service.
func (c *cloud) run(t *testing.T, taskDefinition string) string {
	t.Helper()
	out := must(t, c.ecs.RunTask, &ecs.RunTaskInput{TaskDefinition: &taskDefinition, LaunchType: ecstypes.LaunchTypeFargate, NetworkConfiguration: network(), StartedBy: aws.String("a-test")})
	return *out.Tasks[0].TaskArn
}

func (c *cloud) task(t *testing.T, arn string) ecstypes.Task {
	t.Helper()
	return must(t, c.ecs.DescribeTasks, &ecs.DescribeTasksInput{Tasks: []string{arn}}).Tasks[0]
}

// reaches waits until a task has a status.
func (c *cloud) reaches(t *testing.T, arn, status string) ecstypes.Task {
	t.Helper()
	var task ecstypes.Task
	c.wait(t, "the task to be "+status, func() bool {
		task = c.task(t, arn)
		return *task.LastStatus == status
	})
	return task
}

// tasks are the ARNs of the tasks that a service has or, STOPPED, had.
func (c *cloud) tasks(t *testing.T, service string, desired ecstypes.DesiredStatus) []string {
	t.Helper()
	return must(t, c.ecs.ListTasks, &ecs.ListTasksInput{ServiceName: &service, DesiredStatus: desired}).TaskArns
}

// release is the newest service deployment of a service.
func (c *cloud) release(t *testing.T, service string) ecstypes.ServiceDeployment {
	t.Helper()
	list := must(t, c.ecs.ListServiceDeployments, &ecs.ListServiceDeploymentsInput{Service: &service}).ServiceDeployments
	return must(t, c.ecs.DescribeServiceDeployments, &ecs.DescribeServiceDeploymentsInput{ServiceDeploymentArns: []string{*list[0].ServiceDeploymentArn}}).ServiceDeployments[0]
}

// ends waits for the newest service deployment of a service to have a status.
func (c *cloud) ends(t *testing.T, service string, status ecstypes.ServiceDeploymentStatus) ecstypes.ServiceDeployment {
	t.Helper()
	var d ecstypes.ServiceDeployment
	c.wait(t, fmt.Sprintf("%s's deployment to be %s", service, status), func() bool {
		d = c.release(t, service)
		return d.Status == status
	})
	return d
}
