package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// How much one call takes, by the API references of DescribeServices and
// DescribeTasks.
const (
	maxServicesPerCall = 10
	maxTasksPerCall    = 100
)

// serviceRef is an ECS service of a stack.
type serviceRef struct {
	resource string // logical id
	arn      string
	cluster  string // name
	name     string
}

// parseService reads the ARN of a service, "arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME",
// which is the physical id that CloudFormation gives to it.
func parseService(resource, arn string) (serviceRef, error) {
	parts := strings.Split(arn, "/")
	if !strings.HasPrefix(arn, "arn:") || len(parts) != 3 {
		return serviceRef{}, fmt.Errorf("service %s has the id %q, which does not name its cluster: it needs the ARN format of 2018 (account setting serviceLongArnFormat)", resource, arn)
	}
	return serviceRef{resource: resource, arn: arn, cluster: parts[1], name: parts[2]}, nil
}

// lastPart is what follows the last slash of an ARN.
func lastPart(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }

// describeServices reads services, by ARN. A service that does not exist is missing
// from the answer.
func (d *Deployer) describeServices(ctx context.Context, refs []serviceRef) (map[string]types.Service, error) {
	found := make(map[string]types.Service, len(refs))
	byCluster := make(map[string][]string)
	for _, r := range refs {
		byCluster[r.cluster] = append(byCluster[r.cluster], r.arn)
	}
	for _, cluster := range sortedKeys(byCluster) {
		for arns := range slices.Chunk(byCluster[cluster], maxServicesPerCall) {
			out, err := d.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: aws.String(cluster), Services: arns})
			if err != nil {
				return nil, fmt.Errorf("reading the services of cluster %s: %w", cluster, err)
			}
			for _, s := range out.Services {
				found[aws.ToString(s.ServiceArn)] = s
			}
		}
	}
	return found, nil
}

// primary is the deployment that ECS works towards; nil when there is none.
func primary(s types.Service) *types.Deployment {
	for i := range s.Deployments {
		if aws.ToString(s.Deployments[i].Status) == "PRIMARY" {
			return &s.Deployments[i]
		}
	}
	return nil
}

// tasks reads the tasks of a service that are to have a status, RUNNING or STOPPED,
// except those that known tells.
func (d *Deployer) tasks(ctx context.Context, ref serviceRef, desired types.DesiredStatus, known func(arn string) bool) ([]types.Task, error) {
	var arns []string
	pages := ecs.NewListTasksPaginator(d.ecs, &ecs.ListTasksInput{
		Cluster:       aws.String(ref.cluster),
		ServiceName:   aws.String(ref.name),
		DesiredStatus: desired,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing the tasks of service %s: %w", ref.name, err)
		}
		arns = append(arns, page.TaskArns...)
	}
	if known != nil {
		arns = slices.DeleteFunc(arns, known)
	}
	slices.Sort(arns)
	var found []types.Task
	for chunk := range slices.Chunk(arns, maxTasksPerCall) {
		out, err := d.ecs.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: aws.String(ref.cluster), Tasks: chunk})
		if err != nil {
			return nil, fmt.Errorf("reading the tasks of service %s: %w", ref.name, err)
		}
		found = append(found, out.Tasks...)
	}
	return found, nil
}

// targetHealth reads the health of a service's targets, over all its target groups.
func (d *Deployer) targetHealth(ctx context.Context, s types.Service) ([]TargetHealth, error) {
	var found []TargetHealth
	for _, lb := range s.LoadBalancers {
		group := aws.ToString(lb.TargetGroupArn)
		if group == "" {
			continue
		}
		out, err := d.elb.DescribeTargetHealth(ctx, &elbv2.DescribeTargetHealthInput{TargetGroupArn: &group})
		if err != nil {
			return nil, fmt.Errorf("reading the health of target group %s: %w", groupName(group), err)
		}
		for _, t := range out.TargetHealthDescriptions {
			if t.Target == nil || t.TargetHealth == nil {
				continue
			}
			found = append(found, TargetHealth{
				Group:       groupName(group),
				ID:          aws.ToString(t.Target.Id),
				Port:        int(aws.ToInt32(t.Target.Port)),
				State:       string(t.TargetHealth.State),
				Reason:      string(t.TargetHealth.Reason),
				Description: aws.ToString(t.TargetHealth.Description),
			})
		}
	}
	slices.SortFunc(found, func(a, b TargetHealth) int {
		if c := strings.Compare(a.Group, b.Group); c != 0 {
			return c
		}
		return strings.Compare(fmt.Sprint(a.ID, a.Port), fmt.Sprint(b.ID, b.Port))
	})
	return found, nil
}

// groupName is the name in a target group's ARN, ".../targetgroup/NAME/ID".
func groupName(arn string) string {
	parts := strings.Split(arn, "/")
	if len(parts) < 3 {
		return arn
	}
	return parts[len(parts)-2]
}

// stoppedTask tells of a task what explains its end.
func stoppedTask(t types.Task) StoppedTask {
	s := StoppedTask{
		ID:        lastPart(aws.ToString(t.TaskArn)),
		StopCode:  string(t.StopCode),
		Reason:    aws.ToString(t.StoppedReason),
		StoppedAt: aws.ToTime(t.StoppedAt),
	}
	// The container that failed tells more than those that were stopped with it.
	if i := slices.IndexFunc(t.Containers, func(c types.Container) bool { return aws.ToString(c.Reason) != "" }); i >= 0 {
		s.describe(t.Containers[i])
	} else if i := slices.IndexFunc(t.Containers, func(c types.Container) bool { return aws.ToInt32(c.ExitCode) != 0 }); i >= 0 {
		s.describe(t.Containers[i])
	} else if len(t.Containers) > 0 {
		s.describe(t.Containers[0])
	}
	return s
}

func (t *StoppedTask) describe(c types.Container) {
	t.Container = aws.ToString(c.Name)
	t.ContainerReason = aws.ToString(c.Reason)
	t.Image = aws.ToString(c.Image)
	if c.ExitCode != nil {
		code := int(*c.ExitCode)
		t.ExitCode = &code
	}
}

// failed tells whether a task stopped because something went wrong with it, and not
// because the scheduler needed fewer of them.
func (t *StoppedTask) failed() bool {
	return !strings.HasPrefix(t.Reason, "Scaling activity initiated by")
}
