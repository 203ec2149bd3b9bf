package test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/stacks"
)

// TestConstructorsPanicWithThePath: the message leads to the line in the app, and says
// what Validate says.
func TestConstructorsPanicWithThePath(t *testing.T) {
	half := jsii.Number(1.5)
	for _, tt := range []struct {
		kind string
		make func(scope awsconstructs.Construct, id *string)
		want []string
	}{
		{"Network", func(scope awsconstructs.Construct, id *string) {
			constructs.NewNetwork(scope, id, &constructs.NetworkProps{Zones: half})
		}, []string{"shop/Part/It: Zones is 1.5, allowed is a whole number from 2 to 4"}},
		{"network that is imported", func(scope awsconstructs.Construct, id *string) {
			constructs.NetworkFromAttributes(scope, id, &constructs.NetworkAttributes{Zones: half})
		}, []string{"shop/Part/It: StackName is nil", "Zones is 1.5"}},
		{"FargateService", func(scope awsconstructs.Construct, id *string) {
			constructs.NewFargateService(scope, id, &constructs.FargateServiceProps{DesiredCount: half})
		}, []string{"shop/Part/It: Network is nil", "DesiredCount is 1.5"}},
		{"FargateWorker", func(scope awsconstructs.Construct, id *string) {
			constructs.NewFargateWorker(scope, id, &constructs.FargateWorkerProps{DesiredCount: half})
		}, []string{"shop/Part/It: Network is nil", "DesiredCount is 1.5"}},
		{"FargateTask", func(scope awsconstructs.Construct, id *string) {
			constructs.NewFargateTask(scope, id, &constructs.FargateTaskProps{ContainerPort: jsii.Number(80.5)})
		}, []string{"shop/Part/It: ServiceName is nil", "ContainerPort is 80.5"}},
		{"Alarms", func(scope awsconstructs.Construct, id *string) {
			constructs.NewAlarms(scope, id, &constructs.AlarmsProps{UnhealthyMinutes: half})
		}, []string{"shop/Part/It: Service is nil", "UnhealthyMinutes is 1.5"}},
		{"Repository", func(scope awsconstructs.Construct, id *string) {
			constructs.NewRepository(scope, id, &constructs.RepositoryProps{KeepImages: half})
		}, []string{"shop/Part/It: KeepImages is 1.5, allowed is a whole number from 1 to 10000"}},
		{"PostgresDatabase", func(scope awsconstructs.Construct, id *string) {
			constructs.NewPostgresDatabase(scope, id, &constructs.PostgresDatabaseProps{StorageGiB: half})
		}, []string{"shop/Part/It: Network is nil", "StorageGiB is 1.5"}},
		{"DeployRole", func(scope awsconstructs.Construct, id *string) {
			constructs.NewDeployRole(scope, id, &constructs.DeployRoleProps{MaxSessionMinutes: half})
		}, []string{"shop/Part/It: Repository is nil", "StackNames is nil", "MaxSessionMinutes is 1.5, allowed is a whole number from 60 to 720"}},
		{"JumpHost", func(scope awsconstructs.Construct, id *string) {
			constructs.NewJumpHost(scope, id, &constructs.JumpHostProps{InstanceType: jsii.String("t3.nano")})
		}, []string{"shop/Part/It: Network is nil", `InstanceType is "t3.nano", allowed is a type of an ARM64 family`}},
		{"NetworkStack", func(scope awsconstructs.Construct, id *string) {
			stacks.NewNetworkStack(scope, id, &stacks.NetworkStackProps{NetworkProps: constructs.NetworkProps{Zones: half}})
		}, []string{"shop/Part/It/Network: Zones is 1.5"}},
		{"ServiceStack", func(scope awsconstructs.Construct, id *string) {
			stacks.NewServiceStack(scope, id, &stacks.ServiceStackProps{Zones: half, Alarms: &constructs.AlarmsProps{CpuPercent: half}})
		}, []string{"shop/Part/It: Zones is 1.5", "CpuPercent is 1.5"}},
		{"TaskStack", func(scope awsconstructs.Construct, id *string) {
			stacks.NewTaskStack(scope, id, &stacks.TaskStackProps{FargateTaskProps: constructs.FargateTaskProps{StopTimeoutSeconds: half}})
		}, []string{"shop/Part/It: StopTimeoutSeconds is 1.5, allowed is a whole number from 2 to 120"}},
	} {
		t.Run(tt.kind, func(t *testing.T) {
			stack := awscdk.NewStack(newApp(t), jsii.String("shop"), nil)
			part := awsconstructs.NewConstruct(stack, jsii.String("Part"))
			message := panicOf(t, func() { tt.make(part, jsii.String("It")) })
			for _, want := range tt.want {
				if !strings.Contains(message, want) {
					t.Errorf("it says\n%s\nwant %q in it", message, want)
				}
			}
		})
	}
}

// panicOf is the message of the error that do panics with.
func panicOf(t *testing.T, do func()) (message string) {
	t.Helper()
	defer func() {
		err, ok := recover().(error)
		if !ok {
			t.Fatal("it does not panic with an error")
		}
		message = err.Error()
	}()
	do()
	return ""
}

// TestRegionsHaveToAgree where that of the stack is known.
func TestRegionsHaveToAgree(t *testing.T) {
	const certificate, webACL = "arn:aws:acm:us-east-1:123456789012:certificate/1", "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/shop/1"
	props := &constructs.NetworkProps{CertificateArn: jsii.String(certificate), WebAclArn: jsii.String(webACL)}
	in := func(region string) awscdk.Stack {
		return awscdk.NewStack(newApp(t), jsii.String("shop"), &awscdk.StackProps{Env: &awscdk.Environment{Region: jsii.String(region)}})
	}
	message := panicOf(t, func() { constructs.NewNetwork(in("eu-west-1"), jsii.String("Network"), props) })
	for _, arn := range []string{certificate, webACL} {
		if want := fmt.Sprintf("%q, allowed is one in eu-west-1", arn); !strings.Contains(message, want) {
			t.Errorf("it says\n%s\nwant %q in it", message, want)
		}
	}
	constructs.NewNetwork(in("us-east-1"), jsii.String("Network"), props)
	constructs.NewNetwork(awscdk.NewStack(newApp(t), jsii.String("anywhere"), nil), jsii.String("Network"), props)

	network := constructs.NewNetwork(in("eu-west-1"), jsii.String("Network"), &constructs.NetworkProps{
		PrivateSubnets:     jsii.Bool(true),
		InterfaceEndpoints: []constructs.InterfaceEndpoint{constructs.EndpointECR, constructs.EndpointLogs},
	})
	service := &constructs.FargateServiceProps{
		Network:     network,
		ServiceName: jsii.String("orders"),
		ImageUrl:    jsii.String("123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders:1"),
	}
	if err := service.Validate(); err != nil {
		t.Errorf("an image of the region is refused: %v", err)
	}
	service.ImageUrl = jsii.String("123456789012.dkr.ecr.us-east-1.amazonaws.com/orders:1")
	if err := service.Validate(); err == nil || !strings.Contains(err.Error(), "allowed is an image in eu-west-1") {
		t.Errorf("an image that no endpoint leads to: %v", err)
	}
}
