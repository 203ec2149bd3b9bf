package bookshop

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/constructs"
	"github.com/slipway-go/slipway/stacks"
)

// newDatabaseStack is apart from every service, so that each of them can be made
// anew without a word about the data.
func newDatabaseStack(app awscdk.App, env stacks.Environment, network constructs.INetwork) constructs.PostgresDatabase {
	return constructs.NewPostgresDatabase(newStack(app, env, "database"), jsii.String("Database"), &constructs.PostgresDatabaseProps{
		Network:       network,
		DatabaseName:  jsii.String("bookshop"),
		MultiAz:       jsii.Bool(true),
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
	})
}
