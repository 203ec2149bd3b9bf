// Package ecs is Amazon ECS in the embedded AWS: its API, and a scheduler that runs
// services on Fargate as Amazon does, with real tasks behind real target groups.
//
// A service is reconciled by one goroutine, which compares what runs with what the
// service's deployments want, and a task lives in one goroutine, which takes it
// through the states of Fargate. All durations are AWS time of the injected clock.
//
// Some things have no counterpart here. Only Fargate and deployments by ECS itself exist;
// what asks for another launch type or deployment controller is refused, and so are
// lifecycle hooks that call AWS Lambda. The commands of container health checks are up to
// the runtime: see [container.HealthChecker]. CloudWatch alarms go off when they are told
// to. Secrets, volumes, logs and Service Connect are kept and shown, and do nothing.
package ecs

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/slipway-go/slipway/emulator/internal/clock"
	"github.com/slipway-go/slipway/emulator/internal/container"
	"github.com/slipway-go/slipway/emulator/internal/elb"
	"github.com/slipway-go/slipway/emulator/internal/vpc"
)

// Options are what a Service is made of.
type Options struct {
	Clock   *clock.Clock // default: real time
	Network *vpc.Network // where tasks get their addresses; required
	Runtime container.Runtime
	Targets TargetGroups // where services with a load balancer register their tasks
	Region  string       // of every ARN. Default: us-east-1
	Logger  *slog.Logger // default: discard

	// EarlySIGTERM stops a task's containers as soon as its targets are deregistered,
	// without waiting for the load balancer to drain them. Documentation says that the
	// service scheduler waits; reports from the field say that it does not always.
	EarlySIGTERM bool

	// Logs takes the output of containers with the log driver awslogs. Default: it is
	// dropped, as that of containers with other drivers always is.
	Logs Logs

	// Faults are asked where tasks can be placed, and for what is to go wrong. Default:
	// one zone, and nothing goes wrong.
	Faults Faults

	// OnTask is told every change of a task's status, in order for each task. It must not
	// block, nor use the Service. Default: nobody is told.
	OnTask func(TaskChange)

	// Settled is told when a deployment has ended, a service is INACTIVE, or a task of
	// RunTask is STOPPED. It must not block, nor use the Service. Default: nobody is told.
	Settled func()
}

// TargetGroups are the load balancers' target groups, as far as tasks are their
// targets, and the listener rules that deployments shift traffic with. Calls return at once; [elb.Service] implements it.
type TargetGroups interface {
	Register(targetGroupARN string, t elb.Target, zone string) error
	Deregister(targetGroupARN string, t elb.Target) error
	Health(targetGroupARN string, t elb.Target) (state elb.State, reason string)

	// HealthDescription is that of DescribeTargetHealth: "Health checks failed with these
	// codes: [502]".
	HealthDescription(targetGroupARN string, t elb.Target) string

	// InUse reports whether a load balancer forwards to the target group.
	InUse(targetGroupARN string) (bool, error)

	// SetWeights makes a listener rule forward to target groups by weight.
	SetWeights(listenerRuleARN string, groups []elb.TargetGroupTuple) error
}

// DeploymentFailedError says that a service's deployment has failed, by its circuit
// breaker or by a stop.
type DeploymentFailedError struct {
	Service    string // name
	Deployment string // "ecs-svc/..."
	Reason     string // as in rolloutStateReason
}

func (e *DeploymentFailedError) Error() string {
	return fmt.Sprintf("deployment %s of service %s failed: %s", e.Deployment, e.Service, e.Reason)
}

// AwaitService waits until the service is stable: its PRIMARY deployment is COMPLETED
// and as many tasks run as are desired. With the id of a deployment ("ecs-svc/...", as
// in the answers of CreateService and UpdateService) it fails with a
// *[DeploymentFailedError] as soon as that deployment has failed, even where a rollback
// makes the service stable again; a deployment that another update replaced counts as
// long as the service. An empty id stands for the deployment that is PRIMARY now.
//
// It fails with the API's ServiceNotFoundException or ServiceNotActiveException where
// there is no such service, or no longer.
func (s *Service) AwaitService(ctx context.Context, cluster, service, deployment string) error {
	return s.awaitService(ctx, cluster, service, deployment)
}

// AwaitServiceInactive waits until a deleted service has stopped all of its tasks. A
// service that does not exist is inactive.
func (s *Service) AwaitServiceInactive(ctx context.Context, cluster, service string) error {
	return s.awaitInactive(ctx, cluster, service)
}
