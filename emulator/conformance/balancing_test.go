package conformance_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// balancers are all load balancers.
func (c *cloud) balancers(t *testing.T) []elbtypes.LoadBalancer {
	t.Helper()
	return must(t, c.elb.DescribeLoadBalancers, &elb.DescribeLoadBalancersInput{}).LoadBalancers
}

func (c *cloud) groupAttribute(t *testing.T, group, key string) string {
	t.Helper()
	for _, a := range must(t, c.elb.DescribeTargetGroupAttributes, &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: &group}).Attributes {
		if *a.Key == key {
			return *a.Value
		}
	}
	return ""
}

func (c *cloud) setGroupAttribute(t *testing.T, group, key, value string) {
	t.Helper()
	must(t, c.elb.ModifyTargetGroupAttributes, &elb.ModifyTargetGroupAttributesInput{TargetGroupArn: &group, Attributes: []elbtypes.TargetGroupAttribute{{Key: &key, Value: &value}}})
}

func (c *cloud) balancerAttribute(t *testing.T, balancer, key string) string {
	t.Helper()
	for _, a := range must(t, c.elb.DescribeLoadBalancerAttributes, &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: &balancer}).Attributes {
		if *a.Key == key {
			return *a.Value
		}
	}
	return ""
}

func TestLoadBalancers(t *testing.T) {
	t.Parallel()
	c := start(t, 600)
	arn, _ := c.balancer(t, "web")

	t.Run("ELB-080 a load balancer is provisioning, then active", func(t *testing.T) {
		made := must(t, c.elb.CreateLoadBalancer, &elb.CreateLoadBalancerInput{Name: aws.String("fresh"), Subnets: []string{"subnet-a", "subnet-b"}}).LoadBalancers[0]
		same(t, "state", made.State.Code, elbtypes.LoadBalancerStateEnumProvisioning)
		state := func() elbtypes.LoadBalancerStateEnum {
			return must(t, c.elb.DescribeLoadBalancers, &elb.DescribeLoadBalancersInput{LoadBalancerArns: []string{*made.LoadBalancerArn}}).LoadBalancers[0].State.Code
		}
		c.wait(t, "the load balancer to be active", func() bool { return state() == elbtypes.LoadBalancerStateEnumActive })
	})
	t.Run("ELB-081 the same request again gives the same load balancer", func(t *testing.T) {
		again, _ := c.balancer(t, "web")
		same(t, "arn", again, arn)
	})
	t.Run("ELB-082 a name that is taken", func(t *testing.T) {
		in := &elb.CreateLoadBalancerInput{Name: aws.String("web"), Subnets: []string{"subnet-a", "subnet-c"}}
		says(t, refusal(t, c.elb.CreateLoadBalancer, in), "DuplicateLoadBalancerName", "A load balancer with the same name 'web' exists, but with different settings")
	})
	t.Run("ELB-083 two subnets at least", func(t *testing.T) {
		in := &elb.CreateLoadBalancerInput{Name: aws.String("one"), Subnets: []string{"subnet-a"}}
		says(t, refusal(t, c.elb.CreateLoadBalancer, in), "ValidationError", "At least two subnets in two different Availability Zones must be specified")
	})
	t.Run("ELB-084 a load balancer that does not exist", func(t *testing.T) {
		says(t, refusal(t, c.elb.DescribeLoadBalancers, &elb.DescribeLoadBalancersInput{Names: []string{"nowhere"}}), "LoadBalancerNotFound", "Load balancers '[nowhere]' not found")
	})
	t.Run("ELB-085 a target group that does not exist", func(t *testing.T) {
		says(t, refusal(t, c.elb.DescribeTargetGroups, &elb.DescribeTargetGroupsInput{Names: []string{"nowhere"}}), "TargetGroupNotFound", "One or more target groups not found")
	})
	t.Run("ELB-086 a port can have one listener", func(t *testing.T) {
		c.listen(t, arn, fixed("one"))
		in := &elb.CreateListenerInput{LoadBalancerArn: &arn, Port: aws.Int32(80), Protocol: elbtypes.ProtocolEnumHttp, DefaultActions: fixed("two")}
		says(t, refusal(t, c.elb.CreateListener, in), "DuplicateListener", "A listener already exists on this port for this load balancer")
	})
	t.Run("ELB-087 the name of a target group is taken by other settings only", func(t *testing.T) {
		same(t, "arn", c.group(t, "twice"), c.group(t, "twice"))
		in := groupInput("twice")
		in.Port = aws.Int32(81)
		says(t, refusal(t, c.elb.CreateTargetGroup, in), "DuplicateTargetGroupName", "")
	})
	t.Run("ELB-088 deletion protection", func(t *testing.T) {
		set := func(value string) {
			must(t, c.elb.ModifyLoadBalancerAttributes, &elb.ModifyLoadBalancerAttributesInput{LoadBalancerArn: &arn, Attributes: []elbtypes.LoadBalancerAttribute{{Key: aws.String("deletion_protection.enabled"), Value: &value}}})
		}
		set("true")
		says(t, refusal(t, c.elb.DeleteLoadBalancer, &elb.DeleteLoadBalancerInput{LoadBalancerArn: &arn}), "OperationNotPermitted", "deletion protection is enabled")
		set("false")
	})
	t.Run("ELB-089 deleting again is no error", func(t *testing.T) {
		must(t, c.elb.DeleteLoadBalancer, &elb.DeleteLoadBalancerInput{LoadBalancerArn: &arn})
		must(t, c.elb.DeleteLoadBalancer, &elb.DeleteLoadBalancerInput{LoadBalancerArn: &arn})
	})
	t.Run("ELB-090 the listeners go with the load balancer", func(t *testing.T) {
		says(t, refusal(t, c.elb.DescribeListeners, &elb.DescribeListenersInput{LoadBalancerArn: &arn}), "LoadBalancerNotFound", "")
	})
	t.Run("ELB-091 an attribute that does not exist", func(t *testing.T) {
		group := c.group(t, "attributes")
		in := &elb.ModifyTargetGroupAttributesInput{TargetGroupArn: &group, Attributes: []elbtypes.TargetGroupAttribute{{Key: aws.String("no.such"), Value: aws.String("x")}}}
		says(t, refusal(t, c.elb.ModifyTargetGroupAttributes, in), "ValidationError", "'no.such' is not recognized")
	})
}
