package elb

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// maxForwardGroups is how many target groups a forward action can name (user
// guide, "Quotas for your Application Load Balancers").
const maxForwardGroups = 5

// normalizeActions checks the actions of a rule or listener and fills in what the
// API shows for parts that were not given.
func (s *Service) normalizeActions(lb *loadBalancer, protocol string, given []Action) ([]Action, error) {
	if len(given) == 0 {
		return nil, wire.Errorf("ValidationError", "An action must be specified")
	}
	if len(given) > 1 {
		return nil, wire.Errorf("InvalidLoadBalancerAction", "Exactly one action of type 'forward', 'redirect' or 'fixed-response' must be specified")
	}
	a := given[0]
	if a.Order < 0 || a.Order > 50000 {
		return nil, wire.Errorf("ValidationError", "Action order '%d' must be between 1 and 50000 inclusive", a.Order)
	}
	var err error
	switch a.Type {
	case "forward":
		a, err = s.normalizeForward(lb, a)
	case "fixed-response":
		err = validateFixedResponse(a.FixedResponseConfig)
	case "redirect":
		a.RedirectConfig, err = normalizeRedirect(a.RedirectConfig, protocol)
	default:
		err = wire.Errorf("ValidationError", "Action type '%s' must be one of 'forward,redirect,fixed-response'", a.Type)
	}
	if err != nil {
		return nil, err
	}
	return []Action{a}, nil
}

// normalizeForward brings both ways to name target groups into both forms: AWS
// shows TargetGroupArn beside the ForwardConfig when there is only one.
func (s *Service) normalizeForward(lb *loadBalancer, a Action) (Action, error) {
	config := ForwardConfig{TargetGroupStickinessConfig: &TargetGroupStickinessConfig{}}
	if a.ForwardConfig != nil {
		config.TargetGroups = slices.Clone(a.ForwardConfig.TargetGroups)
		if a.ForwardConfig.TargetGroupStickinessConfig != nil {
			sticky := *a.ForwardConfig.TargetGroupStickinessConfig
			config.TargetGroupStickinessConfig = &sticky
		}
	}
	if a.TargetGroupArn != "" {
		one := TargetGroupTuple{TargetGroupArn: a.TargetGroupArn}
		if len(config.TargetGroups) == 0 {
			config.TargetGroups = []TargetGroupTuple{one}
		} else if len(config.TargetGroups) > 1 || config.TargetGroups[0].TargetGroupArn != a.TargetGroupArn {
			return a, wire.Errorf("InvalidLoadBalancerAction", "A forward action's TargetGroupArn must be the only target group of its ForwardConfig")
		}
	}
	if err := s.validateForward(lb, &config); err != nil {
		return a, err
	}
	a.ForwardConfig, a.TargetGroupArn = &config, ""
	if len(config.TargetGroups) == 1 {
		a.TargetGroupArn = config.TargetGroups[0].TargetGroupArn
	}
	return a, nil
}

func (s *Service) validateForward(lb *loadBalancer, config *ForwardConfig) error {
	if n := len(config.TargetGroups); n == 0 || n > maxForwardGroups {
		return wire.Errorf("InvalidLoadBalancerAction", "A forward action must have between 1 and %d target groups, not %d", maxForwardGroups, n)
	}
	if sticky := config.TargetGroupStickinessConfig; sticky.Enabled && (sticky.DurationSeconds < 1 || sticky.DurationSeconds > 604800) {
		return wire.Errorf("ValidationError", "Target group stickiness duration must be between 1 and 604800 seconds")
	}
	for i, tuple := range config.TargetGroups {
		tg, err := s.targetGroup(tuple.TargetGroupArn)
		if err != nil {
			return err
		}
		if used := tg.LoadBalancerArns; len(used) > 0 && !slices.Contains(used, lb.LoadBalancerArn) {
			return wire.Errorf("TargetGroupAssociationLimit", "The following target groups cannot be associated with more than one load balancer: %s", tg.TargetGroupArn)
		}
		weight := 1
		if tuple.Weight != nil {
			weight = *tuple.Weight
		}
		if weight < 0 || weight > 999 {
			return wire.Errorf("ValidationError", "Target group weight '%d' must be between 0 and 999 inclusive", weight)
		}
		config.TargetGroups[i].Weight = &weight
	}
	return nil
}

var fixedStatus = regexp.MustCompile(`^[245][0-9][0-9]$`)

// validateFixedResponse applies the API reference, FixedResponseActionConfig.
func validateFixedResponse(c *FixedResponseConfig) error {
	types := []string{"", "text/plain", "text/css", "text/html", "application/javascript", "application/json"}
	switch {
	case c == nil:
		return wire.Errorf("InvalidLoadBalancerAction", "A fixed-response action must have a FixedResponseConfig")
	case !fixedStatus.MatchString(c.StatusCode):
		return wire.Errorf("ValidationError", "Fixed response status code '%s' must be a 2XX, 4XX or 5XX code", c.StatusCode)
	case !slices.Contains(types, c.ContentType):
		return wire.Errorf("ValidationError", "Fixed response content type '%s' must be one of '%s'", c.ContentType, strings.Join(types[1:], ", "))
	case len(c.MessageBody) > 1024:
		return wire.Errorf("ValidationError", "Fixed response message body cannot be longer than '1024' characters")
	}
	return nil
}

// normalizeRedirect applies the API reference, RedirectActionConfig.
func normalizeRedirect(given *RedirectConfig, protocol string) (*RedirectConfig, error) {
	if given == nil {
		return nil, wire.Errorf("InvalidLoadBalancerAction", "A redirect action must have a RedirectConfig")
	}
	same := RedirectConfig{Protocol: "#{protocol}", Host: "#{host}", Port: "#{port}", Path: "/#{path}", Query: "#{query}"}
	c := RedirectConfig{
		Protocol:   cmp.Or(given.Protocol, same.Protocol),
		Host:       cmp.Or(given.Host, same.Host),
		Port:       cmp.Or(given.Port, same.Port),
		Path:       cmp.Or(given.Path, same.Path),
		Query:      cmp.Or(given.Query, same.Query),
		StatusCode: given.StatusCode,
	}
	same.StatusCode = c.StatusCode
	switch {
	case c.StatusCode != "HTTP_301" && c.StatusCode != "HTTP_302":
		return nil, wire.Errorf("ValidationError", "Redirect status code '%s' must be one of 'HTTP_301, HTTP_302'", c.StatusCode)
	case !slices.Contains([]string{"HTTP", "HTTPS", same.Protocol}, c.Protocol):
		return nil, wire.Errorf("ValidationError", "Redirect protocol '%s' must be one of 'HTTP, HTTPS, #{protocol}'", c.Protocol)
	case protocol == "HTTPS" && c.Protocol == "HTTP":
		return nil, wire.Errorf("InvalidLoadBalancerAction", "A listener with protocol 'HTTPS' cannot redirect to 'HTTP'")
	case c.Port != same.Port && !validPort(c.Port):
		return nil, wire.Errorf("ValidationError", "Redirect port '%s' must be between 1 and 65535 inclusive, or '#{port}'", c.Port)
	case !strings.HasPrefix(c.Path, "/"):
		return nil, wire.Errorf("ValidationError", "Redirect path '%s' must begin with '/'", c.Path)
	case c == same:
		return nil, wire.Errorf("InvalidLoadBalancerAction", "The redirect configuration is not valid because it creates a loop")
	}
	return &c, nil
}

func validPort(port string) bool {
	n, err := strconv.Atoi(port)
	return err == nil && n >= 1 && n <= 65535
}
