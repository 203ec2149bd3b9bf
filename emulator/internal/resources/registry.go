// Package resources joins CloudFormation to the services of the embedded AWS: what
// an AWS::ECS::Service or an AWS::ElasticLoadBalancingV2::Listener is. Types of other
// services are inert: they take part in every operation and do nothing.
package resources

import (
	"github.com/slipway-go/slipway/emulator/internal/clock"
	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
	"github.com/slipway-go/slipway/emulator/internal/ecs"
	"github.com/slipway-go/slipway/emulator/internal/elb"
	"github.com/slipway-go/slipway/emulator/internal/logs"
	"github.com/slipway-go/slipway/emulator/internal/s3"
	"github.com/slipway-go/slipway/emulator/internal/ssm"
)

// Registry finds the provider of a resource type; it is a [cloudformation.Types].
type Registry struct {
	spec   specification
	acting map[string]cloudformation.Provider
	inert  cloudformation.Provider
}

// New returns the registry of a region whose ECS and load balancers act.
func New(clk *clock.Clock, region string, containers *ecs.Service, balancing *elb.Service, parameters *ssm.Service, output *logs.Service, storage *s3.Service) *Registry {
	spec := loadSpecification()
	return &Registry{
		spec:  spec,
		inert: inert{clock: clk, region: region, spec: spec},
		acting: map[string]cloudformation.Provider{
			"AWS::ECS::Cluster":                         ecsCluster{containers},
			"AWS::ECS::TaskDefinition":                  ecsTaskDefinition{containers},
			"AWS::ECS::Service":                         ecsService{containers, clk},
			"AWS::ElasticLoadBalancingV2::LoadBalancer": loadBalancer{balancing, clk},
			"AWS::ElasticLoadBalancingV2::TargetGroup":  targetGroup{balancing},
			"AWS::ElasticLoadBalancingV2::Listener":     listener{balancing},
			"AWS::ElasticLoadBalancingV2::ListenerRule": listenerRule{balancing},
			"AWS::SSM::Parameter":                       ssmParameter{parameters},
			"AWS::Logs::LogGroup":                       logGroup{output},
			"AWS::S3::Bucket":                           s3Bucket{storage, region},
			"AWS::CloudFormation::Stack":                unsupported{"nested stacks are not supported by the embedded AWS"},
			"AWS::ECS::TaskSet":                         unsupported{"task sets are not supported by the embedded AWS"},
		},
	}
}

// Provider implements [cloudformation.Types].
func (r *Registry) Provider(resourceType string) cloudformation.Provider {
	if p, ok := r.acting[resourceType]; ok {
		return p
	}
	return r.inert
}

// Inert implements [cloudformation.Types].
func (r *Registry) Inert(resourceType string) bool {
	_, acts := r.acting[resourceType]
	return !acts
}

// Identity implements [cloudformation.Types].
func (r *Registry) Identity(resourceType string) []string { return r.spec[resourceType].Identity }

// Recreation implements [cloudformation.Types].
func (r *Registry) Recreation(resourceType string, path []string) cloudformation.Recreation {
	return r.spec.recreation(resourceType, path)
}
