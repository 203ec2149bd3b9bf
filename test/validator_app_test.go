package test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/stacks"
)

// everyFeature is an app in which each feature of the constructs is on somewhere.
// Default stacks are in it too.
func everyFeature(app awscdk.App) {
	stacks.NewNetworkStack(app, jsii.String("default-network"), nil)
	stacks.NewServiceStack(app, jsii.String("default-service"), nil)
	stacks.NewTaskStack(app, jsii.String("default-task"), nil)

	stacks.NewNetworkStack(app, jsii.String("internal-network"), &stacks.NetworkStackProps{NetworkProps: constructs.NetworkProps{
		PrivateSubnets:     jsii.Bool(true),
		InterfaceEndpoints: []constructs.InterfaceEndpoint{constructs.EndpointECR, constructs.EndpointLogs, constructs.EndpointSecretsManager},
		Internal:           jsii.Bool(true),
		CertificateArn:     jsii.String("arn:aws:acm:eu-west-1:123456789012:certificate/0b1f0b1f-0000-4000-8000-0123456789ab"),
		Compatibility:      jsii.Bool(true),
		ContainerInsights:  awsecs.ContainerInsights_ENABLED,
	}, SSMParameters: jsii.Bool(true)})
	internal := stacks.NewServiceStack(app, jsii.String("internal-service"), &stacks.ServiceStackProps{
		TaskPlacement: constructs.TasksPrivate,
		SSMParameters: jsii.Bool(true),
		FargateServiceProps: constructs.FargateServiceProps{
			FixedNames:        jsii.Bool(true),
			Hosts:             jsii.Strings("api.example.com", "*.example.com"),
			Paths:             jsii.Strings("/orders", "/orders/*"),
			Autoscaling:       &constructs.Autoscaling{MemoryPercent: jsii.Number(70), RequestsPerTarget: jsii.Number(1000)},
			LogDatetimeFormat: jsii.String(`\[%Y-%m-%d`),
			StickinessSeconds: jsii.Number(3600),
			RollbackAlarms:    &constructs.RollbackAlarms{},
		},
		ParameterDefaults: map[string]string{"StackName": "internal-network", "Priority": "2"},
		Alarms:            &constructs.AlarmsProps{},
	})
	stacks.Environment{Application: "shop", Name: "test"}.Tag(internal)

	shop := awscdk.NewStack(app, jsii.String("shop"), nil)
	network := everyNetworkFeature(shop)
	everyServiceFeature(shop, network)
	everyWorkerFeature(shop, network)
}

func everyNetworkFeature(stack awscdk.Stack) constructs.Network {
	return constructs.NewNetwork(stack, jsii.String("Network"), &constructs.NetworkProps{
		Cidr:            jsii.String("172.16.0.0/16"),
		Zones:           jsii.Number(3),
		PrivateSubnets:  jsii.Bool(true),
		DatabaseSubnets: jsii.Bool(true),
		NatGateways:     constructs.NatPerZone,
		InterfaceEndpoints: []constructs.InterfaceEndpoint{
			constructs.EndpointECR, constructs.EndpointLogs, constructs.EndpointSecretsManager,
			constructs.EndpointSSM, constructs.EndpointSSMMessages,
		},
		FlowLogs:     awsec2.FlowLogTrafficType_ALL,
		IngressCidrs: jsii.Strings("198.51.100.0/24", "203.0.113.7/32"),
		HostedZone: awsroute53.HostedZone_FromHostedZoneAttributes(stack, jsii.String("Zone"), &awsroute53.HostedZoneAttributes{
			HostedZoneId: jsii.String("Z0123456789ABCDEFGHIJ"),
			ZoneName:     jsii.String("example.com"),
		}),
		DomainName:         jsii.String("shop.example.com"),
		AliasNames:         jsii.Strings("*.shop.example.com"),
		DeletionProtection: jsii.Bool(true),
		AccessLogsBucket: awss3.NewBucket(stack, jsii.String("AccessLogs"), &awss3.BucketProps{
			Encryption: awss3.BucketEncryption_S3_MANAGED,
			EnforceSSL: jsii.Bool(true),
		}),
		AccessLogsPrefix:  jsii.String("shop"),
		WebAclArn:         jsii.String("arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/shop/0b1f0b1f-0000-4000-8000-0123456789ab"),
		ContainerInsights: awsecs.ContainerInsights_ENHANCED,
		FargateSpot:       jsii.Bool(true),
	})
}

func everyServiceFeature(stack awscdk.Stack, network constructs.Network) {
	repository := constructs.NewRepository(stack, jsii.String("Images"), &constructs.RepositoryProps{RepositoryName: jsii.String("shop/orders")})
	secret := awssecretsmanager.NewSecret(stack, jsii.String("Key"), nil)
	test := network.LoadBalancer().AddListener(jsii.String("Test"), &elb.BaseApplicationListenerProps{
		Port:          jsii.Number(8080),
		Protocol:      elb.ApplicationProtocol_HTTP,
		Open:          jsii.Bool(false),
		DefaultAction: elb.ListenerAction_FixedResponse(jsii.Number(404), nil),
	})

	orders := constructs.NewFargateService(stack, jsii.String("Orders"), &constructs.FargateServiceProps{
		Network:      network,
		ServiceName:  jsii.String("orders"),
		ImageUrl:     repository.Repository().RepositoryUriForTag(jsii.String("1")),
		Repository:   repository.Repository(),
		Architecture: constructs.ArchitectureARM64,
		Environment:  &map[string]*string{"MODE": jsii.String("production")},
		Secrets:      &map[string]awsecs.Secret{"KEY": awsecs.Secret_FromSecretsManager(secret, nil)},
		TaskPolicyStatements: []awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions:   jsii.Strings("s3:ListAllMyBuckets"),
			Resources: jsii.Strings("*"),
		})},
		ContainerHealthCheck: &constructs.ContainerHealthCheck{Command: jsii.Strings("CMD", "/healthy"), StartPeriodSeconds: jsii.Number(10)},
		ExecuteCommand:       jsii.Bool(true),
		Autoscaling:          &constructs.Autoscaling{},
		Spot:                 &constructs.Spot{},
		ServiceConnect:       &constructs.ServiceConnect{Namespace: jsii.String("shop"), DnsName: jsii.String("orders")},
		TrafficShift:         &constructs.TrafficShift{TestListener: test},
		RollbackAlarms:       &constructs.RollbackAlarms{},
	})
	constructs.NewAlarms(stack, jsii.String("Alarms"), &constructs.AlarmsProps{
		Service: orders,
		Topic:   awssns.NewTopic(stack, jsii.String("OnCall"), nil),
	})
	for i, strategy := range []awsecs.DeploymentStrategy{awsecs.DeploymentStrategy_LINEAR, awsecs.DeploymentStrategy_CANARY} {
		name := jsii.String([]string{"items", "search"}[i])
		constructs.NewFargateService(stack, name, &constructs.FargateServiceProps{
			Network:                network,
			ServiceName:            name,
			ImageUrl:               jsii.String("registry.example.com/" + *name + ":1"),
			Path:                   jsii.String("/" + *name + "/*"),
			Priority:               jsii.Number(float64(10 + i)),
			ReadonlyRootFilesystem: jsii.Bool(true),
			TrafficShift:           &constructs.TrafficShift{Strategy: strategy},
			AccessTo:               []constructs.Access{{To: orders.SecurityGroup(), Port: jsii.Number(80)}},
		})
	}
}

func everyWorkerFeature(stack awscdk.Stack, network constructs.Network) {
	database := constructs.NewPostgresDatabase(stack, jsii.String("Database"), &constructs.PostgresDatabaseProps{Network: network})
	constructs.NewJumpHost(stack, jsii.String("Jump"), &constructs.JumpHostProps{
		Network: network, AccessTo: []constructs.Access{{To: database}},
	})
	constructs.NewDeployRole(stack, jsii.String("Deploy"), &constructs.DeployRoleProps{
		Repository: jsii.String("octo-org/octo-repo"), StackNames: jsii.Strings("web", "api"),
	})
	constructs.NewFargateWorker(stack, jsii.String("Mailer"), &constructs.FargateWorkerProps{
		Network:             network,
		ServiceName:         jsii.String("mailer"),
		ImageUrl:            jsii.String("registry.example.com/mailer:1"),
		Autoscaling:         &constructs.Autoscaling{MinCount: jsii.Number(0)},
		Spot:                &constructs.Spot{OnDemandBase: jsii.Number(0)},
		ServiceConnect:      &constructs.ServiceConnect{Namespace: jsii.String("shop")},
		LogMultilinePattern: jsii.String("^INFO"),
	})
	constructs.NewFargateTask(stack, jsii.String("Report"), &constructs.FargateTaskProps{
		ServiceName: jsii.String("report"),
		ImageUrl:    jsii.String("registry.example.com/report:1"),
	})
}
