package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/stacks"
)

// fullService has everything that goes together.
func fullService(beside awscdk.Stack) *stacks.ServiceStackProps {
	password := awssecretsmanager.Secret_FromSecretCompleteArn(beside, jsii.String("Password"),
		jsii.String("arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf"))
	database := awsec2.SecurityGroup_FromSecurityGroupId(beside, jsii.String("Database"), jsii.String("sg-0123456789abcdef0"), nil)
	return &stacks.ServiceStackProps{
		FargateServiceProps: constructs.FargateServiceProps{
			Architecture:         constructs.ArchitectureARM64,
			Environment:          &map[string]*string{"MODE": jsii.String("fast")},
			Secrets:              &map[string]awsecs.Secret{"PASSWORD": awsecs.Secret_FromSecretsManager(password, nil)},
			ContainerHealthCheck: &constructs.ContainerHealthCheck{Command: jsii.Strings("CMD", "/healthy")},
			ExecuteCommand:       jsii.Bool(true),
			Autoscaling:          &constructs.Autoscaling{MemoryPercent: jsii.Number(70)},
			Spot:                 &constructs.Spot{},
			ServiceConnect:       &constructs.ServiceConnect{Namespace: jsii.String("shop"), DnsName: jsii.String("orders")},
			Hosts:                jsii.Strings("shop.example.com"),
			StickinessSeconds:    jsii.Number(3600),
			AccessTo:             []constructs.Access{{To: database, Port: jsii.Number(5432)}},
			TrafficShift:         &constructs.TrafficShift{Strategy: awsecs.DeploymentStrategy_CANARY},
			RollbackAlarms:       &constructs.RollbackAlarms{},
			LogMultilinePattern:  jsii.String("^INFO"),
		},
		Alarms: &constructs.AlarmsProps{
			Topic: awssns.Topic_FromTopicArn(beside, jsii.String("Topic"), jsii.String("arn:aws:sns:eu-central-1:123456789012:on-call")),
		},
	}
}

// TestFullServiceDependsOnNoFlag: as for the default service, flags of the app
// around change nothing of one that has everything. Nor does a second synthesis:
// nothing goes by the order of a map.
func TestFullServiceDependsOnNoFlag(t *testing.T) {
	everything := func(context *map[string]any) string {
		app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir()), Context: context})
		stacks.NewServiceStack(app, jsii.String("service"), fullService(awscdk.NewStack(app, jsii.String("beside"), nil)))
		return synthesize(t, app, "service")
	}
	flags := recommendedFlags(t)
	if diff := cmp.Diff(everything(nil), everything(&flags)); diff != "" {
		t.Errorf("without flags, with them (-without +with):\n%s", diff)
	}
}

// TestFullServiceAddsOnly: what is turned on in a service that runs moves no
// logical ID of what it has.
func TestFullServiceAddsOnly(t *testing.T) {
	plain := serviceTemplate(t, func(awscdk.Stack, *stacks.ServiceStackProps) {})
	full := serviceTemplate(t, func(beside awscdk.Stack, p *stacks.ServiceStackProps) { *p = *fullService(beside) })
	for id, r := range plain.Resources {
		if full.Resources[id].Type != r.Type {
			t.Errorf("%s is a %s in a plain service and %q in a full one", id, r.Type, full.Resources[id].Type)
		}
	}
	if diff := cmp.Diff(plain.Outputs, full.Outputs); diff != "" {
		t.Errorf("outputs (-plain +full):\n%s", diff)
	}
}
