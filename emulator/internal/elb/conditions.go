package elb

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// The fields that a condition can test.
const (
	fieldPath   = "path-pattern"
	fieldHost   = "host-header"
	fieldHeader = "http-header"
	fieldMethod = "http-request-method"
	fieldQuery  = "query-string"
	fieldSource = "source-ip"
)

// Limits of a rule (user guide, "Quotas for your Application Load Balancers", and
// API reference, RuleCondition).
const (
	maxConditionValues    = 5
	maxConditionWildcards = 6
	maxConditionLength    = 128
)

// normalizeConditions checks the conditions of a rule and brings the two ways to
// give host-header and path-pattern values into both forms, as the API shows them.
func normalizeConditions(given []RuleCondition) ([]RuleCondition, error) {
	if len(given) == 0 {
		return nil, wire.Errorf("ValidationError", "A condition must be specified")
	}
	conditions := slices.Clone(given)
	values, wildcards := 0, 0
	var once []string // fields that a rule can test only once
	for i := range conditions {
		c := &conditions[i]
		patterns, err := c.normalize()
		if err != nil {
			return nil, err
		}
		if c.Field != fieldHeader && c.Field != fieldQuery {
			if slices.Contains(once, c.Field) {
				return nil, wire.Errorf("ValidationError", "A rule can only have one '%s' condition", c.Field)
			}
			once = append(once, c.Field)
		}
		for _, p := range patterns {
			values++
			if c.Field != fieldMethod && c.Field != fieldSource {
				wildcards += strings.Count(p, "*") + strings.Count(p, "?")
			}
			if len(p) > maxConditionLength {
				return nil, wire.Errorf("ValidationError", "Condition value '%s' cannot be longer than '%d' characters", p, maxConditionLength)
			}
		}
	}
	if values > maxConditionValues {
		return nil, wire.Errorf("ValidationError", "A rule can only have '%d' condition values", maxConditionValues)
	}
	if wildcards > maxConditionWildcards {
		return nil, wire.Errorf("ValidationError", "A rule can only have '%d' condition wildcards", maxConditionWildcards)
	}
	return conditions, nil
}

// normalize returns the condition's values, after a check of its own.
func (c *RuleCondition) normalize() ([]string, error) {
	var values []string
	switch c.Field {
	case fieldPath:
		return c.both(&c.PathPatternConfig)
	case fieldHost:
		return c.both(&c.HostHeaderConfig)
	case fieldHeader:
		if c.HttpHeaderConfig != nil {
			if c.HttpHeaderConfig.HttpHeaderName == "" {
				return nil, wire.Errorf("ValidationError", "An http-header condition must have an HttpHeaderName")
			}
			values = c.HttpHeaderConfig.Values
		}
	case fieldMethod:
		values = c.HttpRequestMethodConfig.values()
	case fieldQuery:
		if c.QueryStringConfig != nil {
			for _, kv := range c.QueryStringConfig.Values {
				values = append(values, kv.Key+kv.Value)
			}
		}
	case fieldSource:
		values = c.SourceIpConfig.values()
		for _, v := range values {
			if _, err := netip.ParsePrefix(v); err != nil {
				return nil, wire.Errorf("ValidationError", "The value '%s' is not a valid CIDR block", v)
			}
		}
	default:
		return nil, wire.Errorf("ValidationError", "Condition field '%s' must be one of '[path-pattern, host-header, http-header, http-request-method, query-string, source-ip]'", c.Field)
	}
	if len(values) == 0 {
		return nil, c.needsValue()
	}
	if len(c.Values) > 0 {
		return nil, wire.Errorf("ValidationError", "Condition values of field '%s' must be given in its own configuration", c.Field)
	}
	return values, nil
}

// both brings the values of a host-header or path-pattern condition, which can be
// given in its configuration or beside it, into both places.
func (c *RuleCondition) both(config **ValuesConfig) ([]string, error) {
	values := (*config).values()
	if len(values) > 0 && len(c.Values) > 0 && !slices.Equal(values, c.Values) {
		return nil, wire.Errorf("ValidationError", "You cannot specify both a condition's Values and the configuration of its field '%s'", c.Field)
	}
	if len(values) == 0 {
		values = c.Values
	}
	if len(values) == 0 || slices.Contains(values, "") {
		return nil, c.needsValue()
	}
	c.Values = slices.Clone(values)
	*config = &ValuesConfig{Values: c.Values}
	return values, nil
}

func (c *RuleCondition) needsValue() error {
	return wire.Errorf("ValidationError", "A condition value must be specified for field '%s'", c.Field)
}

func (c *ValuesConfig) values() []string {
	if c == nil {
		return nil
	}
	return c.Values
}
