package bookshop

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/stacks"
)

// newCatalogStack is a service of the constructs: all but the image is settled at
// synthesis. It is scaled, uses the database, and has a sidecar.
func newCatalogStack(app awscdk.App, env stacks.Environment, network constructs.INetwork, database constructs.PostgresDatabase) {
	stack := newStack(app, env, "catalog")
	service := constructs.NewFargateService(stack, jsii.String("Catalog"), &constructs.FargateServiceProps{
		Network:        network,
		ServiceName:    jsii.String("catalog"),
		ImageUrl:       imageParameter(stack),
		ContainerPort:  jsii.Number(8080),
		Architecture:   constructs.ArchitectureARM64,
		Paths:          jsii.Strings("/catalog", "/catalog/*"),
		Priority:       jsii.Number(10),
		Environment:    database.Environment(),
		Secrets:        database.Secrets(),
		AccessTo:       []constructs.Access{{To: database}},
		Autoscaling:    &constructs.Autoscaling{MaxCount: jsii.Number(20), RequestsPerTarget: jsii.Number(1000)},
		RollbackAlarms: &constructs.RollbackAlarms{},
	})
	addCollector(service)
	constructs.NewAlarms(stack, jsii.String("Alarms"), &constructs.AlarmsProps{Service: service})
}

// addCollector puts a collector of metrics and traces beside the application, of a
// fixed version: only the application's image is a parameter.
func addCollector(service constructs.FargateService) {
	service.TaskDefinition().AddContainer(jsii.String("Collector"), &awsecs.ContainerDefinitionOptions{
		ContainerName: jsii.String("collector"),
		Image:         awsecs.ContainerImage_FromRegistry(jsii.String("public.ecr.aws/aws-observability/aws-otel-collector:v0.43.3"), nil),
		Essential:     jsii.Bool(false), // without metrics the catalog serves on
		Logging: awsecs.LogDriver_AwsLogs(&awsecs.AwsLogDriverProps{
			LogGroup:     service.LogGroup(),
			StreamPrefix: jsii.String("collector"),
		}),
	})
}
