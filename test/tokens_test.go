package test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
)

// TestPropsMayBeParameters: what is a number or a text, and does not settle how many
// resources there are, may be the value of a parameter, and nothing compares it. What
// the CDK itself compares is left out here, and refused: StickinessSeconds,
// ServiceConnect.Port, the interval and the timeout of ContainerHealthCheck.
func TestPropsMayBeParameters(t *testing.T) {
	app := newApp(t)
	stack := awscdk.NewStack(app, jsii.String("shop"), nil)
	var parameters []string
	parameter := func(kind, name string) awscdk.CfnParameter {
		name += kind
		parameters = append(parameters, name)
		return awscdk.NewCfnParameter(stack, jsii.String(name), &awscdk.CfnParameterProps{Type: jsii.String(kind)})
	}
	text := func(name string) *string { return parameter("String", name).ValueAsString() }
	number := func(name string) *float64 { return parameter("Number", name).ValueAsNumber() }
	list := func(name string) *[]*string {
		name += "List"
		parameters = append(parameters, name)
		return awscdk.NewCfnParameter(stack, jsii.String(name), &awscdk.CfnParameterProps{Type: jsii.String("CommaDelimitedList")}).ValueAsList()
	}

	network := constructs.NewNetwork(stack, jsii.String("Network"), &constructs.NetworkProps{
		CertificateArn:     text("certificate"),
		WebAclArn:          text("webACL"),
		IngressCidrs:       &[]*string{text("ingress")},
		IdleTimeoutSeconds: number("idle"),
		FargateSpot:        jsii.Bool(true),
	})
	service := func(id string, shift *constructs.TrafficShift, scaling *constructs.Autoscaling) constructs.FargateService {
		return constructs.NewFargateService(stack, jsii.String(id), &constructs.FargateServiceProps{
			Network:         network,
			ServiceName:     text(id + "name"),
			ImageUrl:        text(id + "image"),
			ContainerPort:   number(id + "port"),
			ContainerCpu:    number(id + "cpu"),
			ContainerMemory: number(id + "memory"),
			Environment:     &map[string]*string{"MODE": text(id + "mode")},
			ContainerHealthCheck: &constructs.ContainerHealthCheck{
				Command: &[]*string{jsii.String("CMD"), text(id + "command")},
				Retries: number(id + "retries"), StartPeriodSeconds: number(id + "start"),
			},
			Autoscaling:                   scaling,
			Spot:                          &constructs.Spot{OnDemandBase: number(id + "base"), OnDemandWeight: number(id + "weight"), SpotWeight: number(id + "spot")},
			ServiceConnect:                &constructs.ServiceConnect{Namespace: text(id + "namespace"), DnsName: jsii.String("orders")},
			Paths:                         list(id + "paths"),
			Hosts:                         list(id + "hosts"),
			Priority:                      number(id + "priority"),
			HealthCheckPath:               text(id + "check"),
			HealthCheckIntervalSeconds:    number(id + "interval"),
			HealthCheckGracePeriodSeconds: number(id + "grace"),
			DeregistrationDelaySeconds:    number(id + "drain"),
			AccessTo:                      []constructs.Access{{To: awsec2.NewSecurityGroup(stack, jsii.String(id+"Other"), &awsec2.SecurityGroupProps{Vpc: network.Vpc()}), Port: number(id + "to")}},
			TrafficShift:                  shift,
			RollbackAlarms:                &constructs.RollbackAlarms{ServerErrorsPerMinute: number(id + "errors"), UnhealthyMinutes: number(id + "unhealthy")},
			StopTimeoutSeconds:            number(id + "stop"),
			LogDatetimeFormat:             text(id + "datetime"),
		})
	}
	service("Rolling", nil, &constructs.Autoscaling{
		MinCount: number("min"), MaxCount: number("max"),
		CpuPercent: number("percent"), MemoryPercent: number("memoryPercent"), RequestsPerTarget: number("requests"),
		ScaleOutCooldownSeconds: number("out"), ScaleInCooldownSeconds: number("in"),
	})
	shifted := service("Linear", &constructs.TrafficShift{
		Strategy:    awsecs.DeploymentStrategy_LINEAR,
		BakeMinutes: number("bake"), StepPercent: number("step"), StepMinutes: number("minutes"),
	}, nil)
	constructs.NewAlarms(stack, jsii.String("Alarms"), &constructs.AlarmsProps{
		Service: shifted, ServerErrors: number("alarmErrors"), UnhealthyMinutes: number("alarmMinutes"), CpuPercent: number("alarmPercent"),
	})
	constructs.NewRepository(stack, jsii.String("Images"), &constructs.RepositoryProps{RepositoryName: text("repository")})

	resources := fmt.Sprint(parse(t, synthesize(t, app, "shop")).Resources)
	for _, name := range parameters {
		if !strings.Contains(resources, "Ref:"+name+"]") && !strings.Contains(resources, "${"+name+"}") {
			t.Errorf("the parameter %s decides nothing", name)
		}
	}
}
