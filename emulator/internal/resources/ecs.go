package resources

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/clock"
	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
	"github.com/slipway-go/slipway/emulator/internal/ecs"
)

// serviceTimeout is how long CloudFormation waits for a rolling update.
const serviceTimeout = 3 * time.Hour

type ecsCluster struct{ ecs *ecs.Service }

// input is the request for a cluster with the properties of a template, where the
// settings have another name.
func (ecsCluster) input(r cloudformation.Request) (*ecs.CreateClusterInput, error) {
	properties := &struct {
		ecs.CreateClusterInput
		ClusterSettings []ecs.ClusterSetting
	}{}
	if err := bind(r.Properties, properties); err != nil {
		return nil, err
	}
	properties.Settings = properties.ClusterSettings
	return &properties.CreateClusterInput, nil
}

func (p ecsCluster) Create(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	in, err := p.input(r)
	if err != nil {
		return cloudformation.Resource{}, err
	}
	if in.ClusterName == "" {
		in.ClusterName = generated(r, 255)
	}
	if in.Tags, err = ecsTags(r); err != nil {
		return cloudformation.Resource{}, err
	}
	out, err := p.ecs.CreateCluster(ctx, in)
	if err != nil {
		return cloudformation.Resource{}, handlerError(err)
	}
	return clusterResource(out.Cluster), nil
}

func clusterResource(c *ecs.Cluster) cloudformation.Resource {
	return cloudformation.Resource{PhysicalID: c.ClusterName, Attributes: map[string]any{"Arn": c.ClusterArn}}
}

func (p ecsCluster) Update(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	in, err := p.input(r)
	if err != nil {
		return cloudformation.Resource{}, err
	}
	out, err := p.ecs.UpdateCluster(ctx, &ecs.UpdateClusterInput{
		Cluster: r.PhysicalID, Configuration: in.Configuration,
		ServiceConnectDefaults: in.ServiceConnectDefaults, Settings: in.Settings,
	})
	if err != nil {
		return cloudformation.Resource{}, handlerError(err)
	}
	return clusterResource(out.Cluster), retagECS(ctx, p.ecs, out.Cluster.ClusterArn, r)
}

func (p ecsCluster) Delete(ctx context.Context, r cloudformation.Request) error {
	_, err := p.ecs.DeleteCluster(ctx, &ecs.DeleteClusterInput{Cluster: r.PhysicalID})
	return goneIsFine(err)
}

type ecsTaskDefinition struct{ ecs *ecs.Service }

func (p ecsTaskDefinition) Create(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	in := &ecs.RegisterTaskDefinitionInput{}
	if err := bind(r.Properties, in); err != nil {
		return cloudformation.Resource{}, err
	}
	if in.Family == "" {
		in.Family = generated(r, 255)
	}
	var err error
	if in.Tags, err = ecsTags(r); err != nil {
		return cloudformation.Resource{}, err
	}
	out, err := p.ecs.RegisterTaskDefinition(ctx, in)
	if err != nil {
		return cloudformation.Resource{}, handlerError(err)
	}
	arn := out.TaskDefinition.TaskDefinitionArn
	return cloudformation.Resource{PhysicalID: arn, Attributes: map[string]any{"TaskDefinitionArn": arn}}, nil
}

// Update changes tags, which is all of a task definition that can change in place.
func (p ecsTaskDefinition) Update(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	made := cloudformation.Resource{PhysicalID: r.PhysicalID, Attributes: map[string]any{"TaskDefinitionArn": r.PhysicalID}}
	return made, retagECS(ctx, p.ecs, r.PhysicalID, r)
}

func (p ecsTaskDefinition) Delete(ctx context.Context, r cloudformation.Request) error {
	_, err := p.ecs.DeregisterTaskDefinition(ctx, &ecs.DeregisterTaskDefinitionInput{TaskDefinition: r.PhysicalID})
	return goneIsFine(err)
}

type ecsService struct {
	ecs   *ecs.Service
	clock *clock.Clock
}

func (p ecsService) Create(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	in := &ecs.CreateServiceInput{}
	if err := bind(r.Properties, in); err != nil {
		return cloudformation.Resource{}, err
	}
	if err := checkLinear(in.DeploymentConfiguration); err != nil {
		return cloudformation.Resource{}, handlerError(err)
	}
	if in.ServiceName == "" {
		in.ServiceName = generated(r, 255)
	}
	if in.DesiredCount == nil && in.SchedulingStrategy != "DAEMON" {
		one := 1 // CloudFormation's default
		in.DesiredCount = &one
	}
	var err error
	if in.Tags, err = ecsTags(r); err != nil {
		return cloudformation.Resource{}, err
	}
	out, err := p.ecs.CreateService(ctx, in)
	if err != nil {
		return cloudformation.Resource{}, handlerError(err)
	}
	r.Initiated(out.Service.ServiceArn)
	return p.settle(ctx, r, in.Cluster, out.Service)
}

// Update leaves the desired count alone where the template does not say it, so that
// a scaled service keeps its scale.
func (p ecsService) Update(ctx context.Context, r cloudformation.Request) (cloudformation.Resource, error) {
	given := &ecs.CreateServiceInput{}
	if err := bind(r.Properties, given); err != nil {
		return cloudformation.Resource{}, err
	}
	if err := checkLinear(given.DeploymentConfiguration); err != nil {
		return cloudformation.Resource{}, handlerError(err)
	}
	// Both requests have the same members under the same names, so one can be read
	// as the other.
	data, err := json.Marshal(given)
	if err != nil {
		return cloudformation.Resource{}, err
	}
	in := &ecs.UpdateServiceInput{}
	if err := json.Unmarshal(data, in); err != nil {
		return cloudformation.Resource{}, err
	}
	in.Service = r.PhysicalID
	if err := retagECS(ctx, p.ecs, r.PhysicalID, r); err != nil {
		return cloudformation.Resource{}, err
	}
	out, err := p.ecs.UpdateService(ctx, in)
	if err != nil {
		return cloudformation.Resource{}, handlerError(err)
	}
	return p.settle(ctx, r, in.Cluster, out.Service)
}

// settle waits as CloudFormation does: until the service is stable, its deployment
// has failed, or serviceWait is over. In EXPRESS mode it does not wait.
func (p ecsService) settle(ctx context.Context, r cloudformation.Request, cluster string, s *ecs.ServiceDescription) (cloudformation.Resource, error) {
	made := cloudformation.Resource{
		PhysicalID: s.ServiceArn,
		Attributes: map[string]any{"Name": s.ServiceName, "ServiceArn": s.ServiceArn},
	}
	if r.Express {
		return made, nil
	}
	deployment := ""
	for _, d := range s.Deployments {
		if d.Status == "PRIMARY" {
			deployment = d.Id
		}
	}
	bounded, cancel := p.clock.WithTimeout(ctx, serviceWait(s.DeploymentConfiguration))
	defer cancel()
	err := p.ecs.AwaitService(bounded, cluster, s.ServiceArn, deployment)
	var broken *ecs.DeploymentFailedError
	switch {
	case errors.As(err, &broken):
		err = handlerError(errors.New("Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'."))
	case err != nil && ctx.Err() == nil && bounded.Err() != nil:
		err = handlerError(fmt.Errorf("Exceeded attempts to wait. Service %s did not stabilize.", s.ServiceArn))
	}
	return made, err
}

func (p ecsService) Delete(ctx context.Context, r cloudformation.Request) error {
	cluster, _ := r.Properties["Cluster"].(string)
	force := true
	_, err := p.ecs.DeleteService(ctx, &ecs.DeleteServiceInput{Cluster: cluster, Service: r.PhysicalID, Force: &force})
	if err := goneIsFine(err); err != nil || r.Express {
		return err
	}
	return p.ecs.AwaitServiceInactive(ctx, cluster, r.PhysicalID)
}
