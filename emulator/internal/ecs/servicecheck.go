package ecs

import (
	"slices"
)

const schedulingReplica = "REPLICA"

// checkCreateService checks what does not depend on other resources.
func checkCreateService(in *CreateServiceInput) error {
	switch {
	case in.ServiceName == "":
		return invalid("ServiceName cannot be empty.")
	case in.TaskDefinition == "":
		return invalid("TaskDefinition cannot be empty.")
	case in.DesiredCount == nil:
		return invalid("DesiredCount cannot be empty for a service with the scheduling strategy REPLICA.")
	case *in.DesiredCount < 0:
		return invalid("DesiredCount cannot be negative.")
	case in.LaunchType != "" && len(in.CapacityProviderStrategy) > 0:
		return invalid("Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.")
	case in.HealthCheckGracePeriodSeconds != nil && len(in.LoadBalancers) == 0:
		return graceWithoutBalancer()
	}
	if err := Unsupported(in); err != nil {
		return err
	}
	if err := checkPlacement(in.PlacementConstraints, in.PlacementStrategy); err != nil {
		return err
	}
	return checkDeployment(in.DeploymentConfiguration)
}

// checkPlacement refuses what Fargate, which places tasks by itself, has no use for.
func checkPlacement(constraints []PlacementConstraint, strategies []PlacementStrategy) error {
	switch {
	case len(constraints) > 0:
		return invalid("Placement constraints are not supported with FARGATE launch type.")
	case len(strategies) > 0:
		return invalid("Placement strategies are not supported with FARGATE launch type.")
	}
	return nil
}

// Unsupported says what of a service the scheduler does not know how to do; nil where
// there is nothing. It takes what is not given for something that it knows.
func Unsupported(in *CreateServiceInput) error {
	switch {
	case in.LaunchType != "" && in.LaunchType != launchFargate:
		return unsupported("the launch type %s: use FARGATE.", in.LaunchType)
	case in.SchedulingStrategy != "" && in.SchedulingStrategy != schedulingReplica:
		return unsupported("the scheduling strategy %s: use REPLICA.", in.SchedulingStrategy)
	}
	if err := onlyFargate(in.CapacityProviderStrategy); err != nil {
		return err
	}
	if err := unsupportedDeployment(in.DeploymentController, in.DeploymentConfiguration); err != nil {
		return err
	}
	return unsupportedLoadBalancers(in.LoadBalancers)
}

func checkUpdateService(in *UpdateServiceInput) error {
	if in.DesiredCount != nil && *in.DesiredCount < 0 {
		return invalid("DesiredCount cannot be negative.")
	}
	if err := onlyFargate(in.CapacityProviderStrategy); err != nil {
		return err
	}
	if err := unsupportedDeployment(in.DeploymentController, in.DeploymentConfiguration); err != nil {
		return err
	}
	if err := unsupportedLoadBalancers(in.LoadBalancers); err != nil {
		return err
	}
	return checkDeployment(in.DeploymentConfiguration)
}

// unsupportedDeployment refuses ways of deploying that the scheduler does not know.
func unsupportedDeployment(controller *DeploymentController, c *DeploymentConfiguration) error {
	if controller != nil && controller.Type != "" && controller.Type != "ECS" {
		return unsupported("the deployment controller %s: use ECS.", controller.Type)
	}
	if c == nil {
		return nil
	}
	switch {
	case !c.shifts() && len(c.LifecycleHooks) > 0:
		return unsupported("lifecycle hooks with the deployment strategy ROLLING.")
	case !c.shifts() && c.BakeTimeInMinutes != nil && *c.BakeTimeInMinutes > 0:
		return unsupported("a bake time with the deployment strategy ROLLING.")
	case slices.ContainsFunc(c.LifecycleHooks, func(h DeploymentLifecycleHook) bool { return h.TargetType != hookPause }):
		return unsupported("lifecycle hooks that call AWS Lambda: use PAUSE.")
	case c.EarlySuccessCriteria != nil && c.EarlySuccessCriteria.Enable:
		return unsupported("early success criteria.")
	}
	return nil
}

func unsupportedLoadBalancers(balancers []LoadBalancer) error {
	for _, lb := range balancers {
		if lb.LoadBalancerName != "" {
			return unsupported("Classic Load Balancers: use a target group.")
		}
	}
	return nil
}

func checkDeployment(c *DeploymentConfiguration) error {
	if c == nil {
		return nil
	}
	if !slices.Contains([]string{"", strategyRolling, strategyBlueGreen, strategyLinear, strategyCanary}, c.Strategy) {
		return invalid("Invalid deployment strategy: %s", c.Strategy)
	}
	if err := checkStrategy(c); err != nil {
		return err
	}
	minimum, maximum := percent(c.MinimumHealthyPercent, defaultMinimumPercent), percent(c.MaximumPercent, defaultMaximumPercent)
	if minimum < 0 || minimum > 100 {
		return invalid("minimumHealthyPercent must be between 0 and 100.")
	}
	if maximum < 100 || maximum > 200 {
		return invalid("maximumPercent must be between 100 and 200.")
	}
	if minimum == 100 && maximum == 100 {
		return invalid("Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.")
	}
	return checkBreaker(c.DeploymentCircuitBreaker)
}

func checkBreaker(b *DeploymentCircuitBreaker) error {
	if b == nil || b.ThresholdConfiguration == nil {
		return nil
	}
	t := b.ThresholdConfiguration
	if !slices.Contains([]string{thresholdCount, thresholdBounded, thresholdUnbounded}, t.Type) {
		return invalid("Invalid circuit breaker threshold type: %s", t.Type)
	}
	if t.Value < 1 {
		return invalid("The circuit breaker threshold must be at least 1.")
	}
	return nil
}

func percent(p *int, fallback int) int {
	if p == nil {
		return fallback
	}
	return *p
}

// complete returns the configuration with ECS's defaults.
func complete(in *DeploymentConfiguration) *DeploymentConfiguration {
	c := DeploymentConfiguration{}
	if in != nil {
		c = *in
	}
	minimum, maximum := percent(c.MinimumHealthyPercent, defaultMinimumPercent), percent(c.MaximumPercent, defaultMaximumPercent)
	c.MinimumHealthyPercent, c.MaximumPercent = &minimum, &maximum
	c.Strategy = orElse(c.Strategy, strategyRolling)
	if c.DeploymentCircuitBreaker == nil {
		c.DeploymentCircuitBreaker = &DeploymentCircuitBreaker{}
	}
	return &c
}

// complete resolves the task definition, picks Fargate where the cluster's default
// says so, and checks that the parts of the spec fit together. The service's current
// task definition may be INACTIVE. The mutex is held.
func (s *Service) complete(c *cluster, spec *revisionSpec, current string) error {
	if spec.LaunchType == "" && len(spec.CapacityProviderStrategy) == 0 {
		spec.CapacityProviderStrategy = c.shape.DefaultCapacityProviderStrategy
		if len(spec.CapacityProviderStrategy) == 0 {
			return unsupported("the launch type EC2, which is the default of a request without launchType: use FARGATE.")
		}
	}
	td := s.taskDefinition(spec.TaskDefinition)
	if td == nil || td.TaskDefinitionArn != current {
		var err error
		if td, err = s.runnable(spec.TaskDefinition); err != nil {
			return err
		}
	}
	spec.TaskDefinition = td.TaskDefinitionArn
	if err := checkNetwork(spec.NetworkConfiguration); err != nil {
		return err
	}
	for _, lb := range spec.LoadBalancers {
		if err := checkLoadBalancer(lb, td); err != nil {
			return err
		}
	}
	return nil
}

// checkTargetGroups refuses target groups that no load balancer forwards to, whose
// targets would never be healthy: a template that does not let the service depend on
// the listener, or its rule, fails on AWS like this. The mutex is held.
func (s *Service) checkTargetGroups(balancers []LoadBalancer) error {
	for _, lb := range balancers {
		if lb.TargetGroupArn == "" {
			continue // refused later
		}
		used, err := s.options.Targets.InUse(lb.TargetGroupArn)
		if err != nil {
			return invalid("The target group with targetGroupArn %s does not exist.", lb.TargetGroupArn)
		}
		if !used {
			return invalid("The target group with targetGroupArn %s does not have an associated load balancer.", lb.TargetGroupArn)
		}
	}
	return nil
}

// runnable finds a task definition that Fargate can run. The mutex is held.
func (s *Service) runnable(ref string) (*TaskDefinition, error) {
	td := s.taskDefinition(ref)
	if td == nil {
		return nil, clientError("TaskDefinition not found.")
	}
	if td.Status != statusActive {
		return nil, clientError("TaskDefinition is inactive")
	}
	if !slices.Contains(td.Compatibilities, launchFargate) {
		return nil, invalid("Task definition does not support launch_type FARGATE.")
	}
	return td, nil
}

func checkNetwork(n *NetworkConfiguration) error {
	if n == nil || n.AwsvpcConfiguration == nil {
		return invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
	}
	if len(n.AwsvpcConfiguration.Subnets) == 0 {
		return invalid("subnets can not be empty.")
	}
	return nil
}

func checkLoadBalancer(lb LoadBalancer, td *TaskDefinition) error {
	switch {
	case lb.TargetGroupArn == "":
		return invalid("Target group ARN can not be blank.")
	case lb.ContainerPort == nil:
		return invalid("Container port can not be blank.")
	}
	i := slices.IndexFunc(td.ContainerDefinitions, func(c ContainerDefinition) bool { return c.Name == lb.ContainerName })
	if i < 0 {
		return invalid("The container %s does not exist in the task definition.", lb.ContainerName)
	}
	mapped := slices.ContainsFunc(td.ContainerDefinitions[i].PortMappings, func(p PortMapping) bool {
		return p.ContainerPort != nil && *p.ContainerPort == *lb.ContainerPort
	})
	if !mapped {
		return invalid("The container %s did not have a container port %d defined.", lb.ContainerName, *lb.ContainerPort)
	}
	return nil
}
