package elb

import (
	"slices"
	"strconv"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// setting is an attribute that a kind of resource has: its key, its default and
// what it accepts. Keys that stand in none of the lists below are refused.
type setting struct {
	key      string
	initial  string
	accepted accepted
}

type accepted func(value string) bool

func oneOf(values ...string) accepted {
	return func(v string) bool { return slices.Contains(values, v) }
}

func between(least, most int) accepted {
	return func(v string) bool {
		n, err := strconv.Atoi(v)
		return err == nil && least <= n && n <= most
	}
}

func either(a, b accepted) accepted {
	return func(v string) bool { return a(v) || b(v) }
}

func anything(string) bool { return true }

// The attributes that a load balancer acts on.
const (
	deletionProtection = "deletion_protection.enabled"
	idleTimeout        = "idle_timeout.timeout_seconds"
	forwardedForMode   = "routing.http.xff_header_processing.mode"
	forwardedForPort   = "routing.http.xff_client_port.enabled"
)

// serverHeader is the attribute that a listener acts on.
const serverHeader = "routing.http.response.server.enabled"

// The attributes that a target group acts on.
const (
	deregistrationDelay = "deregistration_delay.timeout_seconds"
	loadBalancing       = "load_balancing.algorithm.type"
	stickiness          = "stickiness.enabled"
	stickinessType      = "stickiness.type"
	stickinessDuration  = "stickiness.lb_cookie.duration_seconds"
)

// loadBalancerSettings are the attributes of an Application Load Balancer with
// their defaults (API reference, LoadBalancerAttribute).
func loadBalancerSettings() []setting {
	boolean := oneOf("true", "false")
	return []setting{
		{"access_logs.s3.enabled", "false", boolean},
		{"access_logs.s3.bucket", "", anything},
		{"access_logs.s3.prefix", "", anything},
		{"client_keep_alive.seconds", "3600", between(60, 604800)},
		{"connection_logs.s3.enabled", "false", boolean},
		{"connection_logs.s3.bucket", "", anything},
		{"connection_logs.s3.prefix", "", anything},
		{deletionProtection, "false", boolean},
		{"health_check_logs.s3.enabled", "false", boolean},
		{"health_check_logs.s3.bucket", "", anything},
		{"health_check_logs.s3.prefix", "", anything},
		{idleTimeout, "60", between(1, 4000)},
		{"ipv6.deny_all_igw_traffic", "false", boolean},
		{"load_balancing.cross_zone.enabled", "true", oneOf("true")},
		{"routing.http.desync_mitigation_mode", "defensive", oneOf("monitor", "defensive", "strictest")},
		{"routing.http.drop_invalid_header_fields.enabled", "false", boolean},
		{"routing.http.preserve_host_header.enabled", "false", boolean},
		{"routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false", boolean},
		{forwardedForPort, "false", boolean},
		{forwardedForMode, "append", oneOf("append", "preserve", "remove")},
		{"routing.http2.enabled", "true", boolean},
		{"waf.fail_open.enabled", "false", boolean},
		{"zonal_shift.config.enabled", "false", boolean},
	}
}

// targetGroupSettings are the attributes of a target group of IP addresses or
// instances with their defaults (API reference, TargetGroupAttribute).
func targetGroupSettings() []setting {
	boolean := oneOf("true", "false")
	share := either(oneOf("off"), between(1, 100))
	week := between(1, 604800)
	return []setting{
		{deregistrationDelay, "300", between(0, 3600)},
		{"load_balancing.algorithm.anomaly_mitigation", "off", oneOf("off")},
		{loadBalancing, "round_robin", oneOf("round_robin", "least_outstanding_requests", "weighted_random")},
		{"load_balancing.cross_zone.enabled", "use_load_balancer_configuration", either(boolean, oneOf("use_load_balancer_configuration"))},
		{"slow_start.duration_seconds", "0", oneOf("0")},
		{"stickiness.app_cookie.cookie_name", "", oneOf("")},
		{"stickiness.app_cookie.duration_seconds", "86400", week},
		{stickiness, "false", boolean},
		{stickinessDuration, "86400", week},
		{stickinessType, "lb_cookie", oneOf("lb_cookie")},
		{"target_group_health.dns_failover.minimum_healthy_targets.count", "1", either(oneOf("off"), between(1, 1000))},
		{"target_group_health.dns_failover.minimum_healthy_targets.percentage", "off", share},
		{"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1", oneOf("1")},
		{"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off", oneOf("off")},
	}
}

// listenerSettings are the attributes of an HTTP or HTTPS listener with their
// defaults (API reference, ListenerAttribute). Those that rewrite headers are
// left out, and so refused.
func listenerSettings() []setting {
	return []setting{
		{serverHeader, "true", oneOf("true", "false")},
	}
}

// attributes are the settings of one resource.
type attributes struct {
	kind     string // for messages: "Load balancer"
	settings []setting
	values   map[string]string
}

func newAttributes(kind string, settings []setting) *attributes {
	a := &attributes{kind: kind, settings: settings, values: make(map[string]string, len(settings))}
	for _, s := range settings {
		a.values[s.key] = s.initial
	}
	return a
}

// modify sets what the request gives, all of it or nothing.
func (a *attributes) modify(given []Attribute) error {
	if len(given) == 0 {
		return wire.Errorf("ValidationError", "Attributes must be specified")
	}
	for _, g := range given {
		i := slices.IndexFunc(a.settings, func(s setting) bool { return s.key == g.Key })
		if i < 0 {
			return wire.Errorf("ValidationError", "%s attribute key '%s' is not recognized", a.kind, g.Key)
		}
		if !a.settings[i].accepted(g.Value) {
			return wire.Errorf("InvalidConfigurationRequest", "%s attribute '%s' does not support the value '%s'", a.kind, g.Key, g.Value)
		}
	}
	for _, g := range given {
		a.values[g.Key] = g.Value
	}
	return nil
}

// list is what the API shows, in the order of the settings.
func (a *attributes) list() []Attribute {
	list := make([]Attribute, len(a.settings))
	for i, s := range a.settings {
		list[i] = Attribute{Key: s.key, Value: a.values[s.key]}
	}
	return list
}

func (a *attributes) on(key string) bool { return a.values[key] == "true" }

// number is the value of an attribute that accepts only numbers.
func (a *attributes) number(key string) int {
	n, _ := strconv.Atoi(a.values[key])
	return n
}
