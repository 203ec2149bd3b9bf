package constructs_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
)

// Jobs of the repository's workflows that run in its environment production may
// deploy to the stack web.
func ExampleNewDeployRole() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("access"), nil)
	deploy := constructs.NewDeployRole(stack, jsii.String("Deploy"), &constructs.DeployRoleProps{
		Repository:   jsii.String("octo-org/octo-repo"),
		Environments: jsii.Strings("production"),
		StackNames:   jsii.Strings("web"),
	})
	awscdk.NewCfnOutput(stack, jsii.String("RoleToAssume"), &awscdk.CfnOutputProps{Value: deploy.Role().RoleArn()})
	awscdk.NewCfnOutput(stack, jsii.String("ServiceRole"), &awscdk.CfnOutputProps{Value: deploy.ServiceRole().RoleArn()})
	app.Synth(nil)
}
