package elb

// Inputs and outputs of the operations. In an input, a number, string or list that
// is zero is one that was not given.

// CreateLoadBalancerInput is the request of CreateLoadBalancer.
type CreateLoadBalancerInput struct {
	Name           string
	Subnets        []string
	SubnetMappings []SubnetMapping
	SecurityGroups []string
	Scheme         string // default internet-facing
	Type           string // default, and only, application
	IpAddressType  string // default, and only, ipv4
	Tags           []Tag
}

// CreateLoadBalancerOutput is the result of CreateLoadBalancer: one load balancer.
type CreateLoadBalancerOutput struct{ LoadBalancers []LoadBalancer }

// DescribeLoadBalancersInput is the request of DescribeLoadBalancers.
type DescribeLoadBalancersInput struct {
	LoadBalancerArns []string
	Names            []string
	Marker           string
	PageSize         int
}

// DescribeLoadBalancersOutput is the result of DescribeLoadBalancers.
type DescribeLoadBalancersOutput struct {
	LoadBalancers []LoadBalancer
	NextMarker    string
}

// DeleteLoadBalancerInput is the request of DeleteLoadBalancer.
type DeleteLoadBalancerInput struct{ LoadBalancerArn string }

// DeleteLoadBalancerOutput is the empty result of DeleteLoadBalancer.
type DeleteLoadBalancerOutput struct{}

// DescribeLoadBalancerAttributesInput is the request of DescribeLoadBalancerAttributes.
type DescribeLoadBalancerAttributesInput struct{ LoadBalancerArn string }

// DescribeLoadBalancerAttributesOutput is the result of DescribeLoadBalancerAttributes.
type DescribeLoadBalancerAttributesOutput struct{ Attributes []Attribute }

// ModifyLoadBalancerAttributesInput is the request of ModifyLoadBalancerAttributes.
type ModifyLoadBalancerAttributesInput struct {
	LoadBalancerArn string
	Attributes      []Attribute
}

// ModifyLoadBalancerAttributesOutput is the result of ModifyLoadBalancerAttributes.
type ModifyLoadBalancerAttributesOutput struct{ Attributes []Attribute }

// SetSecurityGroupsInput is the request of SetSecurityGroups.
type SetSecurityGroupsInput struct {
	LoadBalancerArn string
	SecurityGroups  []string
}

// SetSecurityGroupsOutput is the result of SetSecurityGroups.
type SetSecurityGroupsOutput struct{ SecurityGroupIds []string }

// SetSubnetsInput is the request of SetSubnets.
type SetSubnetsInput struct {
	LoadBalancerArn string
	Subnets         []string
	SubnetMappings  []SubnetMapping
	IpAddressType   string
}

// SetSubnetsOutput is the result of SetSubnets.
type SetSubnetsOutput struct {
	AvailabilityZones []AvailabilityZone
	IpAddressType     string
}

// CreateListenerInput is the request of CreateListener.
type CreateListenerInput struct {
	LoadBalancerArn string
	Port            int
	Protocol        string
	Certificates    []Certificate
	SslPolicy       string
	DefaultActions  []Action
	Tags            []Tag
}

// CreateListenerOutput is the result of CreateListener: one listener.
type CreateListenerOutput struct{ Listeners []Listener }

// DescribeListenersInput is the request of DescribeListeners.
type DescribeListenersInput struct {
	LoadBalancerArn string
	ListenerArns    []string
	Marker          string
	PageSize        int
}

// DescribeListenersOutput is the result of DescribeListeners.
type DescribeListenersOutput struct {
	Listeners  []Listener
	NextMarker string
}

// ModifyListenerInput is the request of ModifyListener.
type ModifyListenerInput struct {
	ListenerArn    string
	Port           int
	Protocol       string
	Certificates   []Certificate
	SslPolicy      string
	DefaultActions []Action
}

// ModifyListenerOutput is the result of ModifyListener.
type ModifyListenerOutput struct{ Listeners []Listener }

// DeleteListenerInput is the request of DeleteListener.
type DeleteListenerInput struct{ ListenerArn string }

// DeleteListenerOutput is the empty result of DeleteListener.
type DeleteListenerOutput struct{}

// DescribeListenerAttributesInput is the request of DescribeListenerAttributes.
type DescribeListenerAttributesInput struct{ ListenerArn string }

// DescribeListenerAttributesOutput is the result of DescribeListenerAttributes.
type DescribeListenerAttributesOutput struct{ Attributes []Attribute }

// ModifyListenerAttributesInput is the request of ModifyListenerAttributes.
type ModifyListenerAttributesInput struct {
	ListenerArn string
	Attributes  []Attribute
}

// ModifyListenerAttributesOutput is the result of ModifyListenerAttributes.
type ModifyListenerAttributesOutput struct{ Attributes []Attribute }

// CreateRuleInput is the request of CreateRule.
type CreateRuleInput struct {
	ListenerArn string
	Priority    int // 1 to 50000
	Conditions  []RuleCondition
	Actions     []Action
	Tags        []Tag
}

// CreateRuleOutput is the result of CreateRule: one rule.
type CreateRuleOutput struct{ Rules []Rule }

// DescribeRulesInput is the request of DescribeRules.
type DescribeRulesInput struct {
	ListenerArn string
	RuleArns    []string
	Marker      string
	PageSize    int
}

// DescribeRulesOutput is the result of DescribeRules.
type DescribeRulesOutput struct {
	Rules      []Rule
	NextMarker string
}

// ModifyRuleInput is the request of ModifyRule.
type ModifyRuleInput struct {
	RuleArn    string
	Conditions []RuleCondition
	Actions    []Action
}

// ModifyRuleOutput is the result of ModifyRule.
type ModifyRuleOutput struct{ Rules []Rule }

// DeleteRuleInput is the request of DeleteRule.
type DeleteRuleInput struct{ RuleArn string }

// DeleteRuleOutput is the empty result of DeleteRule.
type DeleteRuleOutput struct{}

// RulePriorityPair gives a rule a new priority.
type RulePriorityPair struct {
	RuleArn  string
	Priority int
}

// SetRulePrioritiesInput is the request of SetRulePriorities.
type SetRulePrioritiesInput struct{ RulePriorities []RulePriorityPair }

// SetRulePrioritiesOutput is the result of SetRulePriorities.
type SetRulePrioritiesOutput struct{ Rules []Rule }

// CreateTargetGroupInput is the request of CreateTargetGroup.
type CreateTargetGroupInput struct {
	Name                       string
	Protocol                   string
	ProtocolVersion            string // default, and only, HTTP1
	Port                       int
	VpcId                      string
	TargetType                 string // default instance
	IpAddressType              string // default, and only, ipv4
	HealthCheckEnabled         *bool  // default, and only, true
	HealthCheckProtocol        string // default HTTP
	HealthCheckPort            string // default traffic-port
	HealthCheckPath            string // default /
	HealthCheckIntervalSeconds int    // 5 to 300; default 30
	HealthCheckTimeoutSeconds  int    // 2 to 120; default 5
	HealthyThresholdCount      int    // 2 to 10; default 5
	UnhealthyThresholdCount    int    // 2 to 10; default 2
	Matcher                    *Matcher
	Tags                       []Tag
}

// CreateTargetGroupOutput is the result of CreateTargetGroup: one target group.
type CreateTargetGroupOutput struct{ TargetGroups []TargetGroup }

// DescribeTargetGroupsInput is the request of DescribeTargetGroups.
type DescribeTargetGroupsInput struct {
	LoadBalancerArn string
	TargetGroupArns []string
	Names           []string
	Marker          string
	PageSize        int
}

// DescribeTargetGroupsOutput is the result of DescribeTargetGroups.
type DescribeTargetGroupsOutput struct {
	TargetGroups []TargetGroup
	NextMarker   string
}

// ModifyTargetGroupInput is the request of ModifyTargetGroup.
type ModifyTargetGroupInput struct {
	TargetGroupArn             string
	HealthCheckEnabled         *bool
	HealthCheckProtocol        string
	HealthCheckPort            string
	HealthCheckPath            string
	HealthCheckIntervalSeconds int
	HealthCheckTimeoutSeconds  int
	HealthyThresholdCount      int
	UnhealthyThresholdCount    int
	Matcher                    *Matcher
}

// ModifyTargetGroupOutput is the result of ModifyTargetGroup.
type ModifyTargetGroupOutput struct{ TargetGroups []TargetGroup }

// DeleteTargetGroupInput is the request of DeleteTargetGroup.
type DeleteTargetGroupInput struct{ TargetGroupArn string }

// DeleteTargetGroupOutput is the empty result of DeleteTargetGroup.
type DeleteTargetGroupOutput struct{}

// DescribeTargetGroupAttributesInput is the request of DescribeTargetGroupAttributes.
type DescribeTargetGroupAttributesInput struct{ TargetGroupArn string }

// DescribeTargetGroupAttributesOutput is the result of DescribeTargetGroupAttributes.
type DescribeTargetGroupAttributesOutput struct{ Attributes []Attribute }

// ModifyTargetGroupAttributesInput is the request of ModifyTargetGroupAttributes.
type ModifyTargetGroupAttributesInput struct {
	TargetGroupArn string
	Attributes     []Attribute
}

// ModifyTargetGroupAttributesOutput is the result of ModifyTargetGroupAttributes.
type ModifyTargetGroupAttributesOutput struct{ Attributes []Attribute }

// RegisterTargetsInput is the request of RegisterTargets.
type RegisterTargetsInput struct {
	TargetGroupArn string
	Targets        []TargetDescription
}

// RegisterTargetsOutput is the empty result of RegisterTargets.
type RegisterTargetsOutput struct{}

// DeregisterTargetsInput is the request of DeregisterTargets.
type DeregisterTargetsInput struct {
	TargetGroupArn string
	Targets        []TargetDescription
}

// DeregisterTargetsOutput is the empty result of DeregisterTargets.
type DeregisterTargetsOutput struct{}

// DescribeTargetHealthInput is the request of DescribeTargetHealth. Without
// targets it asks for all.
type DescribeTargetHealthInput struct {
	TargetGroupArn string
	Targets        []TargetDescription
}

// DescribeTargetHealthOutput is the result of DescribeTargetHealth.
type DescribeTargetHealthOutput struct {
	TargetHealthDescriptions []TargetHealthDescription
}

// AddTagsInput is the request of AddTags.
type AddTagsInput struct {
	ResourceArns []string
	Tags         []Tag
}

// AddTagsOutput is the empty result of AddTags.
type AddTagsOutput struct{}

// RemoveTagsInput is the request of RemoveTags.
type RemoveTagsInput struct {
	ResourceArns []string
	TagKeys      []string
}

// RemoveTagsOutput is the empty result of RemoveTags.
type RemoveTagsOutput struct{}

// DescribeTagsInput is the request of DescribeTags.
type DescribeTagsInput struct{ ResourceArns []string }

// DescribeTagsOutput is the result of DescribeTags.
type DescribeTagsOutput struct{ TagDescriptions []TagDescription }
