package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// FargateService runs a container on Fargate behind the load balancer of a
// network, and replaces it without downtime: a deployment starts new tasks
// beside the old ones (minimum healthy percent 100, maximum percent 200), and
// stops old tasks when new ones are healthy. When tasks of the new version do
// not become healthy, the deployment circuit breaker of ECS rolls it back.
type FargateService interface {
	awsconstructs.Construct
	// Service is the ECS service.
	Service() awsecs.FargateService
	// TaskDefinition is where sidecars and volumes can be added. Give a sidecar
	// neither CPU nor memory: Container() reserves all that the task has, ECS
	// refuses a task definition that reserves more, and containers share what
	// the others do not use.
	TaskDefinition() awsecs.FargateTaskDefinition
	// Container runs ImageUrl. The load balancer sends requests to it.
	Container() awsecs.ContainerDefinition
	// TargetGroup is where tasks are registered. With TrafficShift, each
	// completed deployment moves the tasks to the other of two target groups.
	// TargetGroup is where the first one puts them, AlternateTargetGroup where
	// the second one does.
	TargetGroup() elb.ApplicationTargetGroup
	// AlternateTargetGroup is nil without TrafficShift.
	AlternateTargetGroup() elb.ApplicationTargetGroup
	// LogGroup receives what the container writes to its standard output and
	// error.
	LogGroup() awslogs.LogGroup
	// TaskRole is the role of the application. It has the permissions in
	// TaskPolicyStatements, that of ExecuteCommand, and those that are granted
	// to it.
	TaskRole() awsiam.Role
	// ExecutionRole is the role with which ECS starts tasks: it may pull
	// images, write to LogGroup() and read Secrets.
	ExecutionRole() awsiam.Role
	// SecurityGroup is that of the tasks. It lets in the load balancer, on
	// ContainerPort, and nobody else.
	SecurityGroup() awsec2.SecurityGroup
	// LoadBalancerIngress is the rule of SecurityGroup() that lets the load
	// balancer in.
	LoadBalancerIngress() awsec2.CfnSecurityGroupIngress
	// Scaling is where further scaling policies can be added, such as a
	// schedule; nil without Autoscaling.
	Scaling() awsecs.ScalableTaskCount
}

// fargateService is a service, or the part of it that a worker or a task has.
type fargateService struct {
	awsconstructs.Construct
	service              awsecs.FargateService
	taskDefinition       awsecs.FargateTaskDefinition
	container            awsecs.ContainerDefinition
	targetGroup          elb.ApplicationTargetGroup
	alternateTargetGroup elb.ApplicationTargetGroup
	rule, testRule       elb.ApplicationListenerRule
	logGroup             awslogs.LogGroup
	taskRole             awsiam.Role
	executionRole        awsiam.Role
	securityGroup        awsec2.SecurityGroup
	ingress              awsec2.CfnSecurityGroupIngress
	scaling              awsecs.ScalableTaskCount
}

func (s *fargateService) Service() awsecs.FargateService               { return s.service }
func (s *fargateService) TaskDefinition() awsecs.FargateTaskDefinition { return s.taskDefinition }
func (s *fargateService) Container() awsecs.ContainerDefinition        { return s.container }
func (s *fargateService) TargetGroup() elb.ApplicationTargetGroup      { return s.targetGroup }
func (s *fargateService) LogGroup() awslogs.LogGroup                   { return s.logGroup }
func (s *fargateService) TaskRole() awsiam.Role                        { return s.taskRole }
func (s *fargateService) ExecutionRole() awsiam.Role                   { return s.executionRole }
func (s *fargateService) SecurityGroup() awsec2.SecurityGroup          { return s.securityGroup }
func (s *fargateService) Scaling() awsecs.ScalableTaskCount            { return s.scaling }

func (s *fargateService) LoadBalancerIngress() awsec2.CfnSecurityGroupIngress { return s.ingress }

func (s *fargateService) AlternateTargetGroup() elb.ApplicationTargetGroup {
	return s.alternateTargetGroup
}

// NewFargateService defines a service. It panics when
// [FargateServiceProps.Validate] returns an error.
func NewFargateService(scope awsconstructs.Construct, id *string, props *FargateServiceProps) FargateService {
	mustBeValid(scope, id, props.Validate())
	p := props.withDefaults()
	s := &fargateService{}
	awsconstructs.NewConstruct_Override(s, scope, id)
	guardNetwork(s, p.Network)
	s.defineTask(p)

	s.targetGroup = newTargetGroup(s, p, "TargetGroup", p.fixedName())
	if p.TrafficShift != nil {
		// Its name is generated also with FixedNames: the first group has that one.
		s.alternateTargetGroup = newTargetGroup(s, p, "AlternateTargetGroup", nil)
	}
	group := s.balancerGroup(p.Network)
	s.rule = newListenerRule(s, p, "LoadBalancerRule", s.attachPoint("Listener", p.Network.Listener(), group))
	if p.TrafficShift != nil && p.TrafficShift.TestListener != nil {
		s.testRule = newListenerRule(s, p, "TestRule", s.attachPoint("TestListener", p.TrafficShift.TestListener, group))
	}
	s.defineService(p)
	s.attach(p)
	s.ingress = findIngress(s.securityGroup)
	// The first health check of the first task should find the port open.
	s.service.Node().AddDependency(s.ingress)
	s.scaling = s.autoscale(p.Autoscaling)
	s.allowAccess(p.AccessTo)
	return s
}

// defineTask makes what a task needs, with or without a service around it.
func (s *fargateService) defineTask(p *FargateServiceProps) {
	pinFeatureFlags(s)
	s.logGroup = newLogGroup(s, p)
	s.executionRole = newExecutionRole(s, p.Repository, s.logGroup)
	s.taskRole = newTaskRole(s, p.TaskPolicyStatements...)
	s.taskDefinition, s.container = newTaskDefinition(s, p)
}

// targetGroups are all that the tasks may be in.
func (s *fargateService) targetGroups() []elb.IApplicationTargetGroup {
	return targetGroupsOf(s)
}

func targetGroupsOf(s FargateService) []elb.IApplicationTargetGroup {
	groups := []elb.IApplicationTargetGroup{s.TargetGroup()}
	if alternate := s.AlternateTargetGroup(); alternate != nil {
		groups = append(groups, alternate)
	}
	return groups
}

// pinFeatureFlags decides, for what is below this construct, the flags that
// would change its template. An app's own choice, or lack of one, must not
// change a service that runs.
func pinFeatureFlags(c awsconstructs.Construct) {
	node := c.Node()
	// Without these two the service says DeploymentController, which can be set on
	// creation only, and lists no alarms at length.
	node.SetContext(jsii.String("@aws-cdk/aws-ecs:disableExplicitDeploymentControllerForCircuitBreaker"), true)
	node.SetContext(jsii.String("@aws-cdk/aws-ecs:removeDefaultDeploymentAlarm"), true)
	// Without this one ECS Exec lets the task write to logs that it does not use.
	node.SetContext(jsii.String("@aws-cdk/aws-ecs:reduceEc2FargateCloudWatchPermissions"), true)
	// Without this one a service that becomes a worker would keep its load balancer.
	node.SetContext(jsii.String("@aws-cdk/aws-ecs:removeEmptyLoadBalancers"), true)
}

// defineService makes the ECS service and its security group.
func (s *fargateService) defineService(p *FargateServiceProps) {
	s.securityGroup = awsec2.NewSecurityGroup(s, jsii.String("ServiceSecurityGroup"), &awsec2.SecurityGroupProps{
		Vpc:              p.Network.Vpc(),
		Description:      jsii.String("Access to the tasks of the service"),
		AllowAllOutbound: jsii.Bool(true),
	})
	props := &awsecs.FargateServiceProps{
		ServiceName:       p.fixedName(),
		Cluster:           p.Network.Cluster(),
		TaskDefinition:    s.taskDefinition,
		DesiredCount:      p.DesiredCount,
		MinHealthyPercent: jsii.Number(100), // new tasks first, then old ones go
		MaxHealthyPercent: jsii.Number(200),
		CircuitBreaker:    &awsecs.DeploymentCircuitBreaker{Rollback: jsii.Bool(true)},
		VpcSubnets:        &awsec2.SubnetSelection{Subnets: p.Network.TaskSubnets()},
		SecurityGroups:    &[]awsec2.ISecurityGroup{s.securityGroup},
		AssignPublicIp:    p.Network.AssignPublicIp(),

		EnableExecuteCommand:        p.ExecuteCommand,
		CapacityProviderStrategies:  p.Spot.strategy(),
		ServiceConnectConfiguration: p.ServiceConnect.render(s),
	}
	if s.targetGroup != nil {
		props.HealthCheckGracePeriod = awscdk.Duration_Seconds(p.HealthCheckGracePeriodSeconds)
		props.DeploymentAlarms = s.newRollbackAlarms(p.RollbackAlarms)
		p.TrafficShift.configure(props)
	}
	s.service = awsecs.NewFargateService(s, jsii.String("Service"), props)
	// What is granted to the execution role later becomes a policy of its own;
	// tasks started before it exists could not pull or read their secrets.
	s.service.Node().AddDependency(s.executionRole)
}

// findIngress is the rule that attaching the service has made. The CDK derives
// its ID from the path of both groups, so it cannot be asked for by name.
func findIngress(group awsec2.SecurityGroup) awsec2.CfnSecurityGroupIngress {
	for _, child := range *group.Node().Children() {
		if rule, ok := child.(awsec2.CfnSecurityGroupIngress); ok {
			return rule
		}
	}
	panic(*group.Node().Path() + ": attaching the service opened no port to the load balancer")
}
