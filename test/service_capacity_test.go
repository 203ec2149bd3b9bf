package test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/stacks"
)

func TestAutoscaling(t *testing.T) {
	got := serviceTemplate(t, func(_ awscdk.Stack, p *stacks.ServiceStackProps) { p.Autoscaling = &constructs.Autoscaling{} })
	// A deployment leaves the scaled count alone.
	got.has(t, expectation{"Service", "DesiredCount", nil})
	if _, ok := got.Parameters[contract.ParameterDesiredCount]; ok {
		t.Error("there is a parameter DesiredCount that decides nothing")
	}
	target := got.idOf(t, "AWS::ApplicationAutoScaling::ScalableTarget")
	policy := got.idOf(t, "AWS::ApplicationAutoScaling::ScalingPolicy")
	const tracking = "TargetTrackingScalingPolicyConfiguration."
	got.has(t,
		expectation{target, "MinCapacity", 2.0},
		expectation{target, "MaxCapacity", 10.0},
		expectation{target, "ScalableDimension", "ecs:service:DesiredCount"},
		expectation{policy, tracking + "PredefinedMetricSpecification.PredefinedMetricType", "ECSServiceAverageCPUUtilization"},
		expectation{policy, tracking + "TargetValue", 60.0},
		expectation{policy, tracking + "ScaleOutCooldown", 60.0},
		expectation{policy, tracking + "ScaleInCooldown", 300.0},
	)
}

func TestAutoscalingOnEverything(t *testing.T) {
	got := serviceTemplate(t, func(_ awscdk.Stack, p *stacks.ServiceStackProps) {
		p.Autoscaling = &constructs.Autoscaling{
			MinCount: jsii.Number(3), MaxCount: jsii.Number(30),
			CpuPercent: jsii.Number(50), MemoryPercent: jsii.Number(70), RequestsPerTarget: jsii.Number(1000),
		}
	})
	targets := map[any]any{}
	for _, r := range got.Resources {
		if r.Type == "AWS::ApplicationAutoScaling::ScalingPolicy" {
			configuration := r.Properties["TargetTrackingScalingPolicyConfiguration"]
			targets[at(configuration, "PredefinedMetricSpecification.PredefinedMetricType")] = at(configuration, "TargetValue")
		}
	}
	want := map[any]any{
		"ECSServiceAverageCPUUtilization":    50.0,
		"ECSServiceAverageMemoryUtilization": 70.0,
		"ALBRequestCountPerTarget":           1000.0,
	}
	if diff := cmp.Diff(want, targets); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
	target := got.idOf(t, "AWS::ApplicationAutoScaling::ScalableTarget")
	got.has(t, expectation{target, "MinCapacity", 3.0}, expectation{target, "MaxCapacity", 30.0})
}

// TestAutoscalingWithoutCpu: what is left for policies of the app itself, by a
// queue for instance, is the target with its limits.
func TestAutoscalingWithoutCpu(t *testing.T) {
	got := serviceTemplate(t, func(_ awscdk.Stack, p *stacks.ServiceStackProps) {
		p.Autoscaling = &constructs.Autoscaling{IgnoreCpu: jsii.Bool(true)}
	})
	got.has(t, expectation{got.idOf(t, "AWS::ApplicationAutoScaling::ScalableTarget"), "MaxCapacity", 10.0})
	for id, r := range got.Resources {
		if r.Type == "AWS::ApplicationAutoScaling::ScalingPolicy" {
			t.Errorf("%s takes part in the scaling: %v", id, r.Properties)
		}
	}
}

func TestSpot(t *testing.T) {
	got := serviceTemplate(t, func(_ awscdk.Stack, p *stacks.ServiceStackProps) {
		p.Spot = &constructs.Spot{OnDemandBase: jsii.Number(2), SpotWeight: jsii.Number(3)}
	})
	got.has(t,
		expectation{"Service", "LaunchType", nil},
		expectation{"Service", "CapacityProviderStrategy", []any{
			map[string]any{"CapacityProvider": "FARGATE", "Base": 2.0, "Weight": 1.0},
			map[string]any{"CapacityProvider": "FARGATE_SPOT", "Weight": 3.0},
		}},
	)
}

func TestServiceConnect(t *testing.T) {
	got := serviceTemplate(t, func(_ awscdk.Stack, p *stacks.ServiceStackProps) {
		p.ServiceConnect = &constructs.ServiceConnect{
			Namespace: jsii.String("shop"), DnsName: jsii.String("orders"), Port: jsii.Number(8080),
		}
	})
	const connect = "ServiceConnectConfiguration."
	got.has(t,
		expectation{"TaskDefinition", "ContainerDefinitions.0.PortMappings.0", map[string]any{
			"ContainerPort": ref("ContainerPort"), "Protocol": "tcp", "Name": "orders", "AppProtocol": "http",
		}},
		expectation{"Service", connect + "Enabled", true},
		expectation{"Service", connect + "Namespace", "shop"},
		expectation{"Service", connect + "Services", []any{map[string]any{
			"PortName": "orders", "ClientAliases": []any{map[string]any{"DnsName": "orders", "Port": 8080.0}},
		}}},
		expectation{"Service", connect + "LogConfiguration.Options.awslogs-group", ref("LogGroup")},
	)

	client := serviceTemplate(t, func(_ awscdk.Stack, p *stacks.ServiceStackProps) {
		p.ServiceConnect = &constructs.ServiceConnect{Namespace: jsii.String("shop")}
	})
	client.has(t,
		expectation{"Service", connect + "Enabled", true},
		expectation{"Service", connect + "Services", nil},
		expectation{"TaskDefinition", "ContainerDefinitions.0.PortMappings.0.Name", nil},
	)
}

// TestAccess: the rule belongs to the service's stack, so that the one with the
// database does not depend on its users.
func TestAccess(t *testing.T) {
	app := newApp(t)
	data := awscdk.NewStack(app, jsii.String("data"), nil)
	shop := awscdk.NewStack(app, jsii.String("shop"), nil)
	network := constructs.NewNetwork(data, jsii.String("Network"), nil)
	group := func(id string) awsec2.SecurityGroup {
		return awsec2.NewSecurityGroup(data, jsii.String(id), &awsec2.SecurityGroupProps{Vpc: network.Vpc()})
	}
	database := awsec2.NewConnections(&awsec2.ConnectionsProps{
		SecurityGroups: &[]awsec2.ISecurityGroup{group("Database")},
		DefaultPort:    awsec2.Port_Tcp(jsii.Number(5432)),
	})
	constructs.NewFargateService(shop, jsii.String("orders"), &constructs.FargateServiceProps{
		Network:     network,
		ServiceName: jsii.String("orders"),
		ImageUrl:    jsii.String("registry.example.com/orders:1"),
		AccessTo:    []constructs.Access{{To: database}, {To: group("Cache"), Port: jsii.Number(6379)}},
	})

	got := parse(t, synthesize(t, app, "shop"))
	ports := map[any]string{}
	for id, r := range got.Resources {
		if r.Type == "AWS::EC2::SecurityGroupIngress" {
			ports[r.Properties["FromPort"]] = id
		}
	}
	service := got.Resources[got.idOf(t, "AWS::ECS::Service")]
	for _, port := range []float64{5432, 6379} {
		id := ports[port]
		source, _ := at(got.Resources[id].Properties, "SourceSecurityGroupId.Fn::GetAtt.0").(string)
		if got.Resources[source].Type != "AWS::EC2::SecurityGroup" {
			t.Errorf("port %v lets %q in, not the service", port, source)
		}
		if !slices.Contains(service.DependsOn, id) {
			t.Errorf("the service does not wait for port %v to be open", port)
		}
	}
	for id := range parse(t, synthesize(t, app, "data")).Resources {
		if strings.Contains(id, "orders") {
			t.Errorf("the stack of the database has %s", id)
		}
	}
}

// TestAccessNeedsAPort where none is known.
func TestAccessNeedsAPort(t *testing.T) {
	stack := awscdk.NewStack(newApp(t), jsii.String("shop"), nil)
	network := constructs.NewNetwork(stack, jsii.String("Network"), nil)
	err := (&constructs.FargateServiceProps{
		Network:     network,
		ServiceName: jsii.String("orders"),
		ImageUrl:    jsii.String("registry.example.com/orders:1"),
		AccessTo:    []constructs.Access{{To: network.LoadBalancerSecurityGroup()}},
	}).Validate()
	if err == nil || !strings.Contains(err.Error(), "AccessTo[0].Port is nil") {
		t.Errorf("got error %v", err)
	}
}

func TestWorker(t *testing.T) {
	app := newApp(t)
	stack := awscdk.NewStack(app, jsii.String("shop"), nil)
	network := constructs.NetworkFromExports(stack, jsii.String("Network"), jsii.String("network"))
	queue := awssqs.NewQueue(stack, jsii.String("Queue"), nil)
	worker := constructs.NewFargateWorker(stack, jsii.String("mailer"), &constructs.FargateWorkerProps{
		Network:     network,
		ServiceName: jsii.String("mailer"),
		ImageUrl:    jsii.String("registry.example.com/mailer:1"),
		Environment: &map[string]*string{"QUEUE": queue.QueueUrl()},
		Autoscaling: &constructs.Autoscaling{MinCount: jsii.Number(1)},
	})
	queue.GrantConsumeMessages(worker.TaskRole())
	worker.Scaling().ScaleOnMetric(jsii.String("Queue"), &awsapplicationautoscaling.BasicStepScalingPolicyProps{
		Metric: queue.MetricApproximateNumberOfMessagesVisible(nil),
		ScalingSteps: &[]*awsapplicationautoscaling.ScalingInterval{
			{Upper: jsii.Number(0), Change: jsii.Number(-1)},
			{Lower: jsii.Number(100), Change: jsii.Number(1)},
		},
	})

	got := parse(t, synthesize(t, app, "shop"))
	for id, r := range got.Resources {
		if strings.HasPrefix(r.Type, "AWS::ElasticLoadBalancingV2::") || r.Type == "AWS::EC2::SecurityGroupIngress" {
			t.Errorf("a worker has %s, a %s", id, r.Type)
		}
	}
	service := got.idOf(t, "AWS::ECS::Service")
	task := got.idOf(t, "AWS::ECS::TaskDefinition")
	got.has(t,
		expectation{service, "LoadBalancers", []any{}},
		expectation{service, "HealthCheckGracePeriodSeconds", nil},
		expectation{service, "DesiredCount", nil},
		expectation{service, "DeploymentConfiguration.DeploymentCircuitBreaker", map[string]any{"Enable": true, "Rollback": true}},
		expectation{service, "DeploymentConfiguration.MinimumHealthyPercent", 100.0},
		expectation{task, "ContainerDefinitions.0.PortMappings", nil},
		expectation{task, "ContainerDefinitions.0.StopTimeout", 60.0},
		expectation{task, "ContainerDefinitions.0.Environment.0.Name", "QUEUE"},
	)
	if got.Resources[task].UpdateReplacePolicy != "Retain" {
		t.Error("a rollout deregisters what to roll back to")
	}
}

// TestServicesGoWhereTheNetworkSays: into private subnets, without an address.
func TestServicesGoWhereTheNetworkSays(t *testing.T) {
	got := serviceTemplate(t, func(_ awscdk.Stack, p *stacks.ServiceStackProps) { p.TaskPlacement = constructs.TasksPrivate })
	got.has(t,
		expectation{"Service", "NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp", "DISABLED"},
		expectation{"Service", "NetworkConfiguration.AwsvpcConfiguration.Subnets.0", imported("PrivateSubnetOne")},
	)
}
