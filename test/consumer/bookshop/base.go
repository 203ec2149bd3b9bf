package bookshop

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/slipway-go/slipway/stacks"
)

// base is what the network does not depend on being there.
type base struct {
	vpc    awsec2.IVpc
	orders awssqs.Queue
}

func newBaseStack(app awscdk.App, env stacks.Environment) base {
	stack := newStack(app, env, "base")
	return base{vpc: companyVPC(stack), orders: newOrdersQueue(stack)}
}

// companyVPC is one that another team made. Its IDs are written down: a lookup
// would need an account at synthesis.
func companyVPC(stack awscdk.Stack) awsec2.IVpc {
	return awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Vpc"), &awsec2.VpcAttributes{
		VpcId:             jsii.String("vpc-0a1b2c3d4e5f60718"),
		VpcCidrBlock:      jsii.String("10.20.0.0/16"),
		AvailabilityZones: jsii.Strings("eu-west-1a", "eu-west-1b"),

		PublicSubnetIds:             jsii.Strings("subnet-0a000000000000001", "subnet-0a000000000000002"),
		PublicSubnetRouteTableIds:   jsii.Strings("rtb-0a000000000000001", "rtb-0a000000000000001"),
		PrivateSubnetIds:            jsii.Strings("subnet-0b000000000000001", "subnet-0b000000000000002"),
		PrivateSubnetRouteTableIds:  jsii.Strings("rtb-0b000000000000001", "rtb-0b000000000000002"),
		IsolatedSubnetIds:           jsii.Strings("subnet-0c000000000000001", "subnet-0c000000000000002"),
		IsolatedSubnetRouteTableIds: jsii.Strings("rtb-0c000000000000001", "rtb-0c000000000000001"),
	})
}

// newOrdersQueue has a second queue beside it, for orders that failed five times.
func newOrdersQueue(stack awscdk.Stack) awssqs.Queue {
	return awssqs.NewQueue(stack, jsii.String("Orders"), &awssqs.QueueProps{
		EnforceSSL:        jsii.Bool(true),
		VisibilityTimeout: awscdk.Duration_Minutes(jsii.Number(2)),
		DeadLetterQueue: &awssqs.DeadLetterQueue{
			MaxReceiveCount: jsii.Number(5),
			Queue: awssqs.NewQueue(stack, jsii.String("FailedOrders"), &awssqs.QueueProps{
				EnforceSSL:      jsii.Bool(true),
				RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
			}),
		},
	})
}
