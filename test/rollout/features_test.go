package rollout

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/contract"
	"github.com/slipway-go/slipway/deploy"
	"github.com/slipway-go/slipway/stacks"
)

// fullService has every feature that goes with rolling updates.
func fullService(beside awscdk.Stack) *stacks.ServiceStackProps {
	password := awssecretsmanager.Secret_FromSecretCompleteArn(beside, jsii.String("Password"),
		jsii.String("arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"))
	database := awsec2.SecurityGroup_FromSecurityGroupId(beside, jsii.String("Database"), jsii.String("sg-0123456789abcdef0"), nil)
	return &stacks.ServiceStackProps{
		FargateServiceProps: constructs.FargateServiceProps{
			Architecture:         constructs.ArchitectureARM64,
			Environment:          &map[string]*string{"MODE": jsii.String("fast")},
			Secrets:              &map[string]awsecs.Secret{"PASSWORD": awsecs.Secret_FromSecretsManager(password, nil)},
			ContainerHealthCheck: &constructs.ContainerHealthCheck{Command: jsii.Strings("CMD", "/healthy")},
			ExecuteCommand:       jsii.Bool(true),
			Autoscaling:          &constructs.Autoscaling{MemoryPercent: jsii.Number(70), RequestsPerTarget: jsii.Number(1000)},
			Spot:                 &constructs.Spot{},
			ServiceConnect:       &constructs.ServiceConnect{Namespace: jsii.String("shop"), DnsName: jsii.String("orders")},
			Hosts:                jsii.Strings("shop.example.com"),
			StickinessSeconds:    jsii.Number(3600),
			AccessTo:             []constructs.Access{{To: database, Port: jsii.Number(5432)}},
			RollbackAlarms:       &constructs.RollbackAlarms{},
			LogMultilinePattern:  jsii.String("^INFO"),
		},
		Alarms: &constructs.AlarmsProps{
			Topic: awssns.Topic_FromTopicArn(beside, jsii.String("Topic"), jsii.String("arn:aws:sns:eu-west-1:123456789012:on-call")),
		},
	}
}

// TestDeployIntoAFullService: what refers to the service, such as alarms and what scales
// it, does not show up in the change set of a deploy, and the gate accepts that.
func TestDeployIntoAFullService(t *testing.T) {
	app := newApp(t)
	stacks.NewNetworkStack(app, jsii.String(networkStack), &stacks.NetworkStackProps{
		NetworkProps: constructs.NetworkProps{FargateSpot: jsii.Bool(true)},
	})
	beside := awscdk.NewStack(app, jsii.String("beside"), nil)
	stacks.NewServiceStack(app, jsii.String("full"), fullService(beside))
	templates := templatesOf(t, app)
	t.Parallel()

	const v1, v2 = "acme/full:v1", "acme/full:v2"
	w := newWorld(t)
	w.up(t, networkStack, templates[networkStack], nil)
	outputs := w.upService(t, "full", templates["full"], v1, nil)
	w.scale(t, "full", 3)

	changed := map[string]bool{}
	observe := func(e deploy.Event) {
		if accepted, ok := e.(deploy.ChangesAccepted); ok {
			for _, c := range accepted.Changes {
				changed[c.Resource] = true
			}
		}
	}
	results := w.deploy(t, "full", v2, observe, site{url: outputs[contract.OutputURL], host: "shop.example.com"})
	requireAnsweredBy(t, "full", results[0], v1, v2)
	if len(changed) != 2 || !changed["TaskDefinition"] || !changed["Service"] {
		t.Errorf("the deploy changed %v, want TaskDefinition and Service", changed)
	}
	if after := w.status(t, "full"); after.Desired != 3 || after.Running != 3 {
		t.Errorf("%d of %d tasks run after the deploy, want 3 of 3", after.Running, after.Desired)
	}
}
