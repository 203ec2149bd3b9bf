package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

func (b *vpcBuilder) flowLogs() {
	if b.props.FlowLogs == "" {
		return
	}
	group := awslogs.NewCfnLogGroup(b.scope, jsii.String("FlowLogGroup"), &awslogs.CfnLogGroupProps{
		RetentionInDays: jsii.Number(30),
	})
	// What happened on a network may be asked after it is gone.
	group.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)

	role := awsiam.NewCfnRole(b.scope, jsii.String("FlowLogRole"), &awsiam.CfnRoleProps{
		AssumeRolePolicyDocument: map[string]any{
			"Version": "2012-10-17",
			"Statement": []any{map[string]any{
				"Effect":    "Allow",
				"Principal": map[string]any{"Service": "vpc-flow-logs.amazonaws.com"},
				"Action":    "sts:AssumeRole",
				// The service acts for every account; here, only for this one.
				"Condition": map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}},
			}},
		},
		Policies: &[]any{&awsiam.CfnRole_PolicyProperty{
			PolicyName: jsii.String("log"),
			PolicyDocument: map[string]any{
				"Version": "2012-10-17",
				"Statement": []any{map[string]any{
					"Effect":   "Allow",
					"Action":   []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
					"Resource": group.AttrArn(),
				}},
			},
		}},
	})
	awsec2.NewCfnFlowLog(b.scope, jsii.String("FlowLog"), &awsec2.CfnFlowLogProps{
		ResourceId:               b.vpcID,
		ResourceType:             jsii.String("VPC"),
		TrafficType:              jsii.String(string(b.props.FlowLogs)),
		LogDestinationType:       jsii.String("cloud-watch-logs"),
		LogGroupName:             group.Ref(),
		DeliverLogsPermissionArn: role.AttrArn(),
	})
}
