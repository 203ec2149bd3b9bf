package constructs_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
)

// AccessTo opens the database to the service, Environment tells it the address,
// and Secrets the login.
func ExampleNewPostgresDatabase() {
	app := awscdk.NewApp(nil)
	data := awscdk.NewStack(app, jsii.String("data"), nil)
	network := constructs.NewNetwork(data, jsii.String("Network"), &constructs.NetworkProps{
		DatabaseSubnets: jsii.Bool(true),
	})
	db := constructs.NewPostgresDatabase(data, jsii.String("Database"), &constructs.PostgresDatabaseProps{
		Network: network,
		MultiAz: jsii.Bool(true),
	})
	constructs.NewFargateService(awscdk.NewStack(app, jsii.String("orders"), nil), jsii.String("Service"),
		&constructs.FargateServiceProps{
			Network:     network,
			ServiceName: jsii.String("orders"),
			ImageUrl:    jsii.String("registry.example.com/orders:1"),
			AccessTo:    []constructs.Access{{To: db}},
			Environment: db.Environment(),
			Secrets:     db.Secrets(),
		})
	app.Synth(nil)
}
