package constructs

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	elb "github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"
)

// maxRuleValues is how many paths, hosts and the like a listener rule takes:
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
const maxRuleValues = 5

// hostPattern is ELB's: a dot, and letters alone after the last one.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/add-rule.html
var hostPattern = regexp.MustCompile(`^[A-Za-z0-9*?._-]*\.[A-Za-z]+$`)

const maxHostLength = 128

func (p *FargateServiceProps) checkRule() error {
	const path = "a pattern that starts with /, * or ?, 128 characters at most"
	errs := []error{checkString("Path", p.Path, pathPattern, path)}
	paths, hosts := *orDefault(p.Paths, nil), *orDefault(p.Hosts, nil)
	if p.Path != nil && p.Paths != nil {
		errs = append(errs, errors.New("Path and Paths are set, allowed is one of them"))
	}
	errs = append(errs,
		checkList("Paths", p.Paths, func(element string, v *string) error { return checkString(element, v, pathPattern, path) }),
		checkList("Hosts", p.Hosts, checkHost))
	count := max(len(paths), 1) + len(hosts)
	if p.Path == nil && p.Paths == nil && len(hosts) > 0 {
		count = len(hosts)
	}
	if count > maxRuleValues {
		errs = append(errs, fmt.Errorf("Paths and Hosts are %d together, allowed are %d in a rule", count, maxRuleValues))
	}
	return errors.Join(errs...)
}

func checkHost(element string, host *string) error {
	if isStringToken(*host) || (hostPattern.MatchString(*host) && len(*host) <= maxHostLength) {
		return nil
	}
	return fmt.Errorf("%s is %q, allowed is a host name of letters, digits, -, _ and ., in which * and ? match, with letters alone after the last ., %d characters at most", element, *host, maxHostLength)
}

// newTargetGroup checks often enough that a new task takes requests within one
// interval and a dead one loses them after three.
func newTargetGroup(s *fargateService, p *FargateServiceProps, id string, name *string) elb.ApplicationTargetGroup {
	props := &elb.ApplicationTargetGroupProps{
		TargetGroupName:     name,
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
	}
	if p.StickinessSeconds != nil {
		props.StickinessCookieDuration = awscdk.Duration_Seconds(p.StickinessSeconds)
	}
	group := elb.NewApplicationTargetGroup(s, jsii.String(id), props)
	// The L2 compares timeout and interval, and cannot when the interval is a
	// parameter: it would read the token as a number.
	cfn := group.Node().DefaultChild().(elb.CfnTargetGroup)
	cfn.SetHealthCheckTimeoutSeconds(jsii.Number(healthCheckTimeoutSeconds))
	return group
}

func newListenerRule(s *fargateService, p *FargateServiceProps, id string, listener elb.IApplicationListener) elb.ApplicationListenerRule {
	action := elb.ListenerAction_Forward(&[]elb.IApplicationTargetGroup{s.targetGroup}, nil)
	if s.alternateTargetGroup != nil {
		// ECS moves these weights; both groups have to be in the rule for it.
		action = elb.ListenerAction_WeightedForward(&[]*elb.WeightedTargetGroup{
			{TargetGroup: s.targetGroup, Weight: jsii.Number(100)},
			{TargetGroup: s.alternateTargetGroup, Weight: jsii.Number(0)},
		}, nil)
	}
	return elb.NewApplicationListenerRule(s, jsii.String(id), &elb.ApplicationListenerRuleProps{
		Listener:   listener,
		Priority:   p.Priority,
		Conditions: ruleConditions(p),
		Action:     action,
	})
}

// ruleConditions asks for every path only where there is nothing else to ask
// for: a rule needs a condition.
func ruleConditions(p *FargateServiceProps) *[]elb.ListenerCondition {
	var conditions []elb.ListenerCondition
	switch {
	case p.Paths != nil:
		conditions = append(conditions, elb.ListenerCondition_PathPatterns(p.Paths))
	case p.Path != nil || p.Hosts == nil:
		conditions = append(conditions, elb.ListenerCondition_PathPatterns(&[]*string{orDefault(p.Path, "*")}))
	}
	if p.Hosts != nil {
		conditions = append(conditions, elb.ListenerCondition_HostHeaders(p.Hosts))
	}
	return &conditions
}

// attachPoint is a listener of the network, and the load balancer's group, as
// seen from here, by ARN and ID. Used directly, those of another stack in the
// app would take the rules into that stack, and each stack would depend on the
// other.
func (s *fargateService) attachPoint(id string, listener elb.IApplicationListener, group awsec2.ISecurityGroup) elb.IApplicationListener {
	return elb.ApplicationListener_FromApplicationListenerAttributes(s, jsii.String(id), &elb.ApplicationListenerAttributes{
		ListenerArn:   listener.ListenerArn(),
		SecurityGroup: group,
	})
}

func (s *fargateService) balancerGroup(network INetwork) awsec2.ISecurityGroup {
	return awsec2.SecurityGroup_FromSecurityGroupId(s, jsii.String("LoadBalancerSecurityGroup"),
		network.LoadBalancerSecurityGroup().SecurityGroupId(),
		&awsec2.SecurityGroupImportOptions{AllowAllOutbound: jsii.Bool(true)})
}
