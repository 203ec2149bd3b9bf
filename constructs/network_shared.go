package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// SharedTaskResources are the roles and the security group that all services of
// a network shared in the CloudFormation templates that this library replaces.
// They are for stacks that still import them, and allow more than new services
// should be allowed.
type SharedTaskResources struct {
	// Role is a service role for ECS that nothing uses.
	Role awsiam.CfnRole
	// ExecutionRole may pull every image and write to every log group.
	ExecutionRole awsiam.CfnRole
	// SecurityGroup lets in the load balancer and its own members, on every
	// port.
	SecurityGroup awsec2.CfnSecurityGroup
}

// newSharedTaskResources keeps every property as it was, descriptions and
// policy names included: a difference in some of them replaces the resource
// under the services that use it.
func newSharedTaskResources(scope awsconstructs.Construct, vpcID *string, balancerGroup awsec2.CfnSecurityGroup) *SharedTaskResources {
	group := awsec2.NewCfnSecurityGroup(scope, jsii.String("ECSSecurityGroup"), &awsec2.CfnSecurityGroupProps{
		GroupDescription: jsii.String("Access to the ECS containers"),
		VpcId:            vpcID,
	})
	allow := func(id, description string, source awsec2.CfnSecurityGroup) {
		awsec2.NewCfnSecurityGroupIngress(scope, jsii.String(id), &awsec2.CfnSecurityGroupIngressProps{
			Description:           jsii.String(description),
			GroupId:               group.Ref(),
			IpProtocol:            jsii.String("-1"),
			SourceSecurityGroupId: source.Ref(),
		})
	}
	allow("ECSSecurityGroupIngressFromPublicALB", "Ingress from the public ALB", balancerGroup)
	allow("ECSSecurityGroupIngressFromSelf", "Ingress from other containers in the same security group", group)

	return &SharedTaskResources{
		SecurityGroup: group,
		Role: sharedRole(scope, "ECSRole", "ecs.amazonaws.com", "ecs-service", []string{
			"ec2:AttachNetworkInterface",
			"ec2:CreateNetworkInterface",
			"ec2:CreateNetworkInterfacePermission",
			"ec2:DeleteNetworkInterface",
			"ec2:DeleteNetworkInterfacePermission",
			"ec2:Describe*",
			"ec2:DetachNetworkInterface",
			"elasticloadbalancing:DeregisterInstancesFromLoadBalancer",
			"elasticloadbalancing:DeregisterTargets",
			"elasticloadbalancing:Describe*",
			"elasticloadbalancing:RegisterInstancesWithLoadBalancer",
			"elasticloadbalancing:RegisterTargets",
		}),
		ExecutionRole: sharedRole(scope, "ECSTaskExecutionRole", "ecs-tasks.amazonaws.com", "AmazonECSTaskExecutionRolePolicy", []string{
			"ecr:GetAuthorizationToken",
			"ecr:BatchCheckLayerAvailability",
			"ecr:GetDownloadUrlForLayer",
			"ecr:BatchGetImage",
			"logs:CreateLogStream",
			"logs:PutLogEvents",
		}),
	}
}

func sharedRole(scope awsconstructs.Construct, id, principal, policy string, actions []string) awsiam.CfnRole {
	return awsiam.NewCfnRole(scope, jsii.String(id), &awsiam.CfnRoleProps{
		Path: jsii.String("/"),
		AssumeRolePolicyDocument: map[string]any{
			"Statement": []any{map[string]any{
				"Effect":    "Allow",
				"Principal": map[string]any{"Service": []string{principal}},
				"Action":    []string{"sts:AssumeRole"},
			}},
		},
		Policies: &[]any{&awsiam.CfnRole_PolicyProperty{
			PolicyName: jsii.String(policy),
			PolicyDocument: map[string]any{
				"Statement": []any{map[string]any{
					"Effect":   "Allow",
					"Action":   actions,
					"Resource": "*",
				}},
			},
		}},
	})
}
