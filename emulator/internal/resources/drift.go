package resources

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
	"github.com/slipway-go/slipway/emulator/internal/ecs"
	"github.com/slipway-go/slipway/emulator/internal/elb"
	"github.com/slipway-go/slipway/emulator/internal/ssm"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// Reader implements [cloudformation.Types]: it is nil for what does nothing, and so
// cannot drift.
func (r *Registry) Reader(resourceType string) cloudformation.Reader {
	reader, _ := r.acting[resourceType].(cloudformation.Reader)
	return reader
}

// gone is [cloudformation.ErrGone] where err says that something does not exist.
func gone(err error) error {
	if e := (*wire.Error)(nil); errors.As(err, &e) && strings.Contains(e.Code, "NotFound") {
		return cloudformation.ErrGone
	}
	return err
}

// Read tells whether the cluster is there.
func (p ecsCluster) Read(ctx context.Context, r cloudformation.Request) (map[string]any, error) {
	out, err := p.ecs.DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: []string{r.PhysicalID}})
	if err == nil && (len(out.Clusters) == 0 || out.Clusters[0].Status != "ACTIVE") {
		return nil, cloudformation.ErrGone
	}
	return nil, gone(err)
}

// Read tells whether the task definition is active: nothing else of it can change.
func (p ecsTaskDefinition) Read(ctx context.Context, r cloudformation.Request) (map[string]any, error) {
	out, err := p.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: r.PhysicalID})
	if err != nil || out.TaskDefinition.Status != "ACTIVE" {
		return nil, cloudformation.ErrGone
	}
	return nil, nil
}

// serviceDrift lists the properties of a service that the API shows in the form that
// templates give them. Platform versions are not among them: LATEST shows as a number.
func serviceDrift() []string {
	return []string{
		"AvailabilityZoneRebalancing", "CapacityProviderStrategy", "DeploymentConfiguration", "DesiredCount", "EnableECSManagedTags",
		"EnableExecuteCommand", "HealthCheckGracePeriodSeconds", "LoadBalancers", "NetworkConfiguration", "PlacementConstraints",
		"PropagateTags", "ServiceRegistries", "TaskDefinition",
	}
}

// Read tells what of a service can be changed through ECS, as far as the template sets it.
func (p ecsService) Read(ctx context.Context, r cloudformation.Request) (map[string]any, error) {
	cluster, _ := r.Properties["Cluster"].(string)
	out, err := p.ecs.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: cluster, Services: []string{r.PhysicalID}})
	if err != nil {
		return nil, gone(err)
	}
	if len(out.Services) == 0 || out.Services[0].Status != "ACTIVE" {
		return nil, cloudformation.ErrGone
	}
	expected := map[string]any{}
	for _, name := range serviceDrift() {
		if value, ok := r.Properties[name]; ok {
			expected[name] = value
		}
	}
	data, err := json.Marshal(out.Services[0])
	if err != nil {
		return nil, err
	}
	var shown map[string]any
	if err := json.Unmarshal(data, &shown); err != nil {
		return nil, err
	}
	actual := shapedLike(expected, shown).(map[string]any)
	if family, ok := expected["TaskDefinition"].(string); ok && strings.HasSuffix(out.Services[0].TaskDefinition, "/"+family) {
		actual["TaskDefinition"] = family // "family:revision" is the same as its ARN
	}
	return actual, nil
}

// shapedLike is what an API shows, as far as the expected value has it, under the names
// that it has there: AwsvpcConfiguration for awsvpcConfiguration.
func shapedLike(expected, shown any) any {
	switch expected := expected.(type) {
	case map[string]any:
		from, _ := shown.(map[string]any)
		shaped := map[string]any{}
		for name, value := range expected {
			if _, nested := value.(map[string]any); nested {
				shaped[name] = shapedLike(value, nil)
			} else if isNothing(value) {
				shaped[name] = value // unless the API shows something
			}
			for key, is := range from {
				if strings.EqualFold(key, name) {
					shaped[name] = shapedLike(value, is)
				}
			}
		}
		return shaped
	case []any:
		from, ok := shown.([]any)
		if !ok || len(from) != len(expected) {
			return shown
		}
		shaped := make([]any, len(from))
		for i := range from {
			shaped[i] = shapedLike(expected[i], from[i])
		}
		return shaped
	}
	return shown
}

// isNothing reports whether a value is one that the API leaves out: false, no text, an
// empty list.
func isNothing(v any) bool {
	if list, ok := v.([]any); ok {
		return len(list) == 0
	}
	text, ok := scalar(v)
	return ok && (text == "" || text == "0" || text == "false")
}

// Read tells whether the load balancer is there, and those of its attributes that the
// template sets.
func (p loadBalancer) Read(ctx context.Context, r cloudformation.Request) (map[string]any, error) {
	out, err := p.elb.DescribeLoadBalancerAttributes(ctx, &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: r.PhysicalID})
	if err != nil {
		return nil, gone(err)
	}
	return attributes(r, "LoadBalancerAttributes", out.Attributes), nil
}

// attributes are the actual values of the attributes that a property lists, in its order.
func attributes(r cloudformation.Request, property string, actual []elb.Attribute) map[string]any {
	listed, ok := r.Properties[property].([]any)
	if !ok {
		return map[string]any{}
	}
	values := map[string]string{}
	for _, a := range actual {
		values[a.Key] = a.Value
	}
	list := make([]any, 0, len(listed))
	for _, entry := range listed {
		members, _ := entry.(map[string]any)
		key, _ := members["Key"].(string)
		list = append(list, map[string]any{"Key": key, "Value": values[key]})
	}
	return map[string]any{property: list}
}

// Read tells the target group's health checks and attributes, as far as the template
// sets them.
func (p targetGroup) Read(ctx context.Context, r cloudformation.Request) (map[string]any, error) {
	groups, err := p.elb.DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{TargetGroupArns: []string{r.PhysicalID}})
	if err != nil {
		return nil, gone(err)
	}
	set, err := p.elb.DescribeTargetGroupAttributes(ctx, &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: r.PhysicalID})
	if err != nil {
		return nil, gone(err)
	}
	actual := attributes(r, "TargetGroupAttributes", set.Attributes)
	group := groups.TargetGroups[0]
	for name, value := range map[string]string{
		"HealthCheckPath": group.HealthCheckPath, "HealthCheckPort": group.HealthCheckPort, "HealthCheckProtocol": group.HealthCheckProtocol,
		"HealthCheckEnabled":         strconv.FormatBool(group.HealthCheckEnabled),
		"HealthCheckIntervalSeconds": strconv.Itoa(group.HealthCheckIntervalSeconds),
		"HealthCheckTimeoutSeconds":  strconv.Itoa(group.HealthCheckTimeoutSeconds),
		"HealthyThresholdCount":      strconv.Itoa(group.HealthyThresholdCount),
		"UnhealthyThresholdCount":    strconv.Itoa(group.UnhealthyThresholdCount),
	} {
		if _, set := r.Properties[name]; set {
			actual[name] = value
		}
	}
	return actual, nil
}

// Read tells the parameter's value.
func (p ssmParameter) Read(ctx context.Context, r cloudformation.Request) (map[string]any, error) {
	out, err := p.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: r.PhysicalID})
	if err != nil {
		return nil, gone(err)
	}
	return map[string]any{"Value": out.Parameter.Value}, nil
}
