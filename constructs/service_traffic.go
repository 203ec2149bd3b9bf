package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"
)

// newTargetGroup checks often enough that a new task takes requests within one
// interval and a dead one loses them after three.
func newTargetGroup(s *fargateService, p *FargateServiceProps) elb.ApplicationTargetGroup {
	group := elb.NewApplicationTargetGroup(s, jsii.String("TargetGroup"), &elb.ApplicationTargetGroupProps{
		TargetGroupName:     p.fixedName(),
		Vpc:                 p.Network.Vpc(),
		TargetType:          elb.TargetType_IP,
		Port:                p.ContainerPort,
		Protocol:            elb.ApplicationProtocol_HTTP,
		DeregistrationDelay: awscdk.Duration_Seconds(p.DeregistrationDelaySeconds),
		HealthCheck: &elb.HealthCheck{
			Path:                    p.HealthCheckPath,
			Protocol:                elb.Protocol_HTTP,
			Interval:                awscdk.Duration_Seconds(p.HealthCheckIntervalSeconds),
			HealthyThresholdCount:   jsii.Number(2),
			UnhealthyThresholdCount: jsii.Number(3),
		},
	})
	// The L2 compares timeout and interval, and cannot when the interval is a
	// parameter: it would read the token as a number.
	cfn := group.Node().DefaultChild().(elb.CfnTargetGroup)
	cfn.SetHealthCheckTimeoutSeconds(jsii.Number(healthCheckTimeoutSeconds))
	return group
}

func newListenerRule(s *fargateService, p *FargateServiceProps) elb.ApplicationListenerRule {
	return elb.NewApplicationListenerRule(s, jsii.String("LoadBalancerRule"), &elb.ApplicationListenerRuleProps{
		Listener:   s.attachPoint(p.Network),
		Priority:   p.Priority,
		Conditions: &[]elb.ListenerCondition{elb.ListenerCondition_PathPatterns(&[]*string{p.Path})},
		Action:     elb.ListenerAction_Forward(&[]elb.IApplicationTargetGroup{s.targetGroup}, nil),
	})
}

// attachPoint is the network's listener and its group as seen from here, by
// ARN and ID. Used directly, those of another stack in the app would take the
// rules into that stack, and each stack would depend on the other.
func (s *fargateService) attachPoint(network INetwork) elb.IApplicationListener {
	group := awsec2.SecurityGroup_FromSecurityGroupId(s, jsii.String("LoadBalancerSecurityGroup"),
		network.LoadBalancerSecurityGroup().SecurityGroupId(),
		&awsec2.SecurityGroupImportOptions{AllowAllOutbound: jsii.Bool(true)})
	return elb.ApplicationListener_FromApplicationListenerAttributes(s, jsii.String("Listener"), &elb.ApplicationListenerAttributes{
		ListenerArn:   network.Listener().ListenerArn(),
		SecurityGroup: group,
	})
}
