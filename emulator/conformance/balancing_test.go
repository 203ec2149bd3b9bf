package conformance_test

import (
	"testing"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// balancers are all load balancers.
func (c *cloud) balancers(t *testing.T) []elbtypes.LoadBalancer {
	t.Helper()
	return must(t, c.elb.DescribeLoadBalancers, &elb.DescribeLoadBalancersInput{}).LoadBalancers
}
