package elb

import "time"

// The types of this file bear the names that Elastic Load Balancing's API gives
// them and their members, which are CloudFormation's property names as well.
// Requests that carry a member which is not here are refused.

// LoadBalancer is an Application Load Balancer as the API describes it.
type LoadBalancer struct {
	LoadBalancerArn       string
	LoadBalancerName      string
	DNSName               string // "127.0.0.1:PORT", where its first HTTP listener really answers
	CanonicalHostedZoneId string
	CreatedTime           time.Time
	Scheme                string // internet-facing or internal
	State                 LoadBalancerState
	Type                  string // application
	AvailabilityZones     []AvailabilityZone
	SecurityGroups        []string
	IpAddressType         string // ipv4
}

// LoadBalancerState tells whether a load balancer is ready: provisioning, active.
type LoadBalancerState struct {
	Code   string
	Reason string
}

// AvailabilityZone is a zone that a load balancer is enabled for.
type AvailabilityZone struct {
	ZoneName string
	SubnetId string
}

// SubnetMapping names a subnet for a load balancer.
type SubnetMapping struct {
	SubnetId string
}

// Listener is a port of a load balancer.
type Listener struct {
	ListenerArn     string
	LoadBalancerArn string
	Port            int
	Protocol        string // HTTP or HTTPS
	Certificates    []Certificate
	SslPolicy       string
	DefaultActions  []Action
}

// Certificate names the certificate of an HTTPS listener.
type Certificate struct {
	CertificateArn string
}

// Rule sends the requests that fulfil all its conditions through its actions.
type Rule struct {
	RuleArn    string
	Priority   string // 1 to 50000, or "default"
	Conditions []RuleCondition
	Actions    []Action
	IsDefault  bool
}

// Action is what is done with a request: forward, redirect or fixed-response.
type Action struct {
	Type                string
	Order               int `wire:"omitempty"`
	TargetGroupArn      string
	ForwardConfig       *ForwardConfig
	FixedResponseConfig *FixedResponseConfig
	RedirectConfig      *RedirectConfig
}

// ForwardConfig spreads requests over target groups.
type ForwardConfig struct {
	TargetGroups                []TargetGroupTuple
	TargetGroupStickinessConfig *TargetGroupStickinessConfig
}

// TargetGroupTuple is a target group and its share of the requests.
type TargetGroupTuple struct {
	TargetGroupArn string
	Weight         *int // 0 to 999; default 1
}

// TargetGroupStickinessConfig keeps a client with the target group it first got.
type TargetGroupStickinessConfig struct {
	Enabled         bool
	DurationSeconds int `wire:"omitempty"` // 1 to 604800
}

// FixedResponseConfig is an answer that the load balancer gives by itself.
type FixedResponseConfig struct {
	StatusCode  string // 2XX, 4XX or 5XX
	ContentType string // text/plain, text/css, text/html, application/javascript or application/json
	MessageBody string // up to 1,024 characters
}

// RedirectConfig says where a request is redirected to. All but StatusCode keep
// the request's own part by default, and may contain #{protocol}, #{host}, #{port},
// #{path} and #{query}.
type RedirectConfig struct {
	Protocol   string
	Host       string
	Port       string
	Path       string
	Query      string
	StatusCode string // HTTP_301 or HTTP_302
}

// RuleCondition is a test of a request. Field says which of the configurations
// counts; Values is the older form of those for host-header and path-pattern.
type RuleCondition struct {
	Field                   string
	Values                  []string
	HostHeaderConfig        *ValuesConfig
	PathPatternConfig       *ValuesConfig
	HttpHeaderConfig        *HttpHeaderConfig
	HttpRequestMethodConfig *ValuesConfig
	QueryStringConfig       *QueryStringConfig
	SourceIpConfig          *ValuesConfig
}

// ValuesConfig lists the values that a condition accepts.
type ValuesConfig struct {
	Values []string
}

// HttpHeaderConfig lists the values that a condition accepts in a header.
type HttpHeaderConfig struct {
	HttpHeaderName string
	Values         []string
}

// QueryStringConfig lists the query parameters of which a condition wants one.
type QueryStringConfig struct {
	Values []QueryStringKeyValue
}

// QueryStringKeyValue is a query parameter; an empty Key stands for any.
type QueryStringKeyValue struct {
	Key   string
	Value string
}

// TargetGroup is a set of targets and how their health is checked.
type TargetGroup struct {
	TargetGroupArn             string
	TargetGroupName            string
	Protocol                   string
	Port                       int
	VpcId                      string
	HealthCheckProtocol        string
	HealthCheckPort            string // traffic-port or a number
	HealthCheckEnabled         bool
	HealthCheckIntervalSeconds int
	HealthCheckTimeoutSeconds  int
	HealthyThresholdCount      int
	UnhealthyThresholdCount    int
	HealthCheckPath            string
	Matcher                    *Matcher
	LoadBalancerArns           []string
	TargetType                 string
	ProtocolVersion            string
	IpAddressType              string
}

// Matcher lists the status codes of a passed health check: "200", "200-299" or
// "200,202".
type Matcher struct {
	HttpCode string
}

// TargetDescription names a target: its private IP address and, unless it is the
// target group's, its port.
type TargetDescription struct {
	Id               string
	Port             int `wire:"omitempty"`
	AvailabilityZone string
}

// TargetHealthDescription is the health of a target.
type TargetHealthDescription struct {
	Target          TargetDescription
	HealthCheckPort string
	TargetHealth    TargetHealth
}

// TargetHealth is a target's state and what led to it.
type TargetHealth struct {
	State       State
	Reason      string
	Description string
}

// Attribute is a setting of a load balancer, listener or target group.
type Attribute struct {
	Key   string
	Value string
}

// Tag is a label of a resource.
type Tag struct {
	Key   string
	Value string
}

// TagDescription lists the tags of a resource.
type TagDescription struct {
	ResourceArn string
	Tags        []Tag
}
