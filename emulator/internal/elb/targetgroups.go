package elb

import (
	"context"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// targetGroup is a target group with its targets.
type targetGroup struct {
	TargetGroup
	request    CreateTargetGroupInput // for the idempotency of CreateTargetGroup
	attributes *attributes
	inUse      bool            // a listener or rule forwards to it
	targets    []*registration // oldest first, draining ones included
	turn       int             // of round robin
}

// CreateTargetGroup makes a target group. A second call with the same name and
// settings returns the first one's target group.
func (s *Service) CreateTargetGroup(_ context.Context, in *CreateTargetGroupInput) (*CreateTargetGroupOutput, error) {
	in = withTargetGroupDefaults(in)
	tg := &targetGroup{
		TargetGroup: TargetGroup{
			TargetGroupArn:             s.arn("targetgroup/" + in.Name + "/" + newID()),
			TargetGroupName:            in.Name,
			Protocol:                   in.Protocol,
			Port:                       in.Port,
			VpcId:                      in.VpcId,
			HealthCheckProtocol:        in.HealthCheckProtocol,
			HealthCheckPort:            in.HealthCheckPort,
			HealthCheckEnabled:         *in.HealthCheckEnabled,
			HealthCheckIntervalSeconds: in.HealthCheckIntervalSeconds,
			HealthCheckTimeoutSeconds:  in.HealthCheckTimeoutSeconds,
			HealthyThresholdCount:      in.HealthyThresholdCount,
			UnhealthyThresholdCount:    in.UnhealthyThresholdCount,
			HealthCheckPath:            in.HealthCheckPath,
			Matcher:                    &Matcher{HttpCode: in.Matcher.HttpCode},
			LoadBalancerArns:           []string{},
			TargetType:                 in.TargetType,
			ProtocolVersion:            in.ProtocolVersion,
			IpAddressType:              in.IpAddressType,
		},
		request:    *in,
		attributes: newAttributes("Target group", targetGroupSettings()),
	}
	if err := validateTargetGroup(&tg.TargetGroup); err != nil {
		return nil, err
	}
	if err := validateTags(in.Tags); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if other := s.targetGroupNamed(in.Name); other != nil {
		if !reflect.DeepEqual(other.request, *in) {
			return nil, wire.Errorf("DuplicateTargetGroupName", "A target group with the same name '%s' exists, but with different settings", in.Name)
		}
		return &CreateTargetGroupOutput{TargetGroups: []TargetGroup{other.TargetGroup}}, nil
	}
	s.addTargetGroup(tg)
	s.tags[tg.TargetGroupArn] = slices.Clone(in.Tags)
	return &CreateTargetGroupOutput{TargetGroups: []TargetGroup{tg.TargetGroup}}, nil
}

// withTargetGroupDefaults fills in the defaults of the API reference,
// CreateTargetGroup, for target groups of an Application Load Balancer.
func withTargetGroupDefaults(in *CreateTargetGroupInput) *CreateTargetGroupInput {
	filled := *in
	setDefault(&filled.TargetType, "instance")
	setDefault(&filled.ProtocolVersion, "HTTP1")
	setDefault(&filled.IpAddressType, "ipv4")
	setDefault(&filled.HealthCheckProtocol, "HTTP")
	setDefault(&filled.HealthCheckPort, trafficPort)
	setDefault(&filled.HealthCheckPath, "/")
	setDefault(&filled.HealthCheckIntervalSeconds, 30)
	setDefault(&filled.HealthCheckTimeoutSeconds, 5)
	setDefault(&filled.HealthyThresholdCount, 5)
	setDefault(&filled.UnhealthyThresholdCount, 2)
	if filled.HealthCheckEnabled == nil {
		filled.HealthCheckEnabled = new(true)
	}
	if filled.Matcher == nil || filled.Matcher.HttpCode == "" {
		filled.Matcher = &Matcher{HttpCode: "200"}
	}
	return &filled
}

// trafficPort is the health check port that stands for the target's own port.
const trafficPort = "traffic-port"

func validateTargetGroup(tg *TargetGroup) error {
	if err := validateName("Target group", tg.TargetGroupName); err != nil {
		return err
	}
	switch {
	case tg.TargetType != "ip" && tg.TargetType != "instance":
		return wire.Errorf("ValidationError", "Target type '%s' is not supported: it must be 'ip' or 'instance'", tg.TargetType)
	case tg.Protocol != "HTTP" && tg.Protocol != "HTTPS":
		return wire.Errorf("ValidationError", "Target group protocol '%s' must be one of 'HTTP, HTTPS'", tg.Protocol)
	case tg.ProtocolVersion != "HTTP1":
		return wire.Errorf("ValidationError", "Target group protocol version '%s' is not supported: it must be 'HTTP1'", tg.ProtocolVersion)
	case tg.IpAddressType != "ipv4":
		return wire.Errorf("ValidationError", "Target group IP address type '%s' is not supported: it must be 'ipv4'", tg.IpAddressType)
	case tg.Port < 1 || tg.Port > 65535:
		return wire.Errorf("ValidationError", "Target group port '%d' must be between 1 and 65535 inclusive", tg.Port)
	case tg.VpcId == "":
		return wire.Errorf("ValidationError", "A VPC must be specified for a target group with target type '%s'", tg.TargetType)
	}
	return validateHealthCheck(tg)
}

// matcherCodes is a list of status codes and ranges of them.
var matcherCodes = regexp.MustCompile(`^[0-9]{3}(-[0-9]{3})?(,[0-9]{3}(-[0-9]{3})?)*$`)

// validateHealthCheck applies the ranges of the API reference, CreateTargetGroup.
func validateHealthCheck(tg *TargetGroup) error {
	outside := func(n, least, most int) bool { return n < least || n > most }
	switch {
	case !tg.HealthCheckEnabled:
		return wire.Errorf("InvalidConfigurationRequest", "Health check enabled must be true for target groups with target type '%s'", tg.TargetType)
	case tg.HealthCheckProtocol != "HTTP" && tg.HealthCheckProtocol != "HTTPS":
		return wire.Errorf("ValidationError", "Health check protocol '%s' must be one of 'HTTP, HTTPS'", tg.HealthCheckProtocol)
	case tg.HealthCheckPort != trafficPort && !validPort(tg.HealthCheckPort):
		return wire.Errorf("ValidationError", "Health check port '%s' must be either '%s' or an integer between 1 and 65535 inclusive", tg.HealthCheckPort, trafficPort)
	case !strings.HasPrefix(tg.HealthCheckPath, "/") || len(tg.HealthCheckPath) > 1024:
		return wire.Errorf("ValidationError", "Health check path '%s' must begin with a '/' character and have at most 1024 characters", tg.HealthCheckPath)
	case outside(tg.HealthCheckIntervalSeconds, 5, 300):
		return wire.Errorf("ValidationError", "Health check interval '%d' must be between 5 and 300 inclusive", tg.HealthCheckIntervalSeconds)
	case outside(tg.HealthCheckTimeoutSeconds, 2, 120):
		return wire.Errorf("ValidationError", "Health check timeout '%d' must be between 2 and 120 inclusive", tg.HealthCheckTimeoutSeconds)
	case tg.HealthCheckTimeoutSeconds >= tg.HealthCheckIntervalSeconds:
		return wire.Errorf("ValidationError", "Health check interval must be greater than the timeout.")
	case outside(tg.HealthyThresholdCount, 2, 10):
		return wire.Errorf("ValidationError", "Healthy threshold count '%d' must be between 2 and 10 inclusive", tg.HealthyThresholdCount)
	case outside(tg.UnhealthyThresholdCount, 2, 10):
		return wire.Errorf("ValidationError", "Unhealthy threshold count '%d' must be between 2 and 10 inclusive", tg.UnhealthyThresholdCount)
	case !matcherCodes.MatchString(tg.Matcher.HttpCode) || !tg.Matcher.within(200, 499):
		return wire.Errorf("ValidationError", "Health check matcher HTTP code '%s' must be within '200-499'", tg.Matcher.HttpCode)
	}
	return nil
}

// ranges are the first and last codes of the matcher's parts.
func (m *Matcher) ranges() [][2]int {
	var ranges [][2]int
	for part := range strings.SplitSeq(m.HttpCode, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, _ := strconv.Atoi(first) // digits: validateHealthCheck saw to it
		to, _ := strconv.Atoi(last)
		ranges = append(ranges, [2]int{from, to})
	}
	return ranges
}

func (m *Matcher) within(least, most int) bool {
	return !slices.ContainsFunc(m.ranges(), func(r [2]int) bool { return r[0] < least || r[1] > most || r[0] > r[1] })
}

// matches reports whether a health check answered with code has passed.
func (m *Matcher) matches(code int) bool {
	return slices.ContainsFunc(m.ranges(), func(r [2]int) bool { return r[0] <= code && code <= r[1] })
}

// DescribeTargetGroups lists all target groups, those of a load balancer, or those
// named.
func (s *Service) DescribeTargetGroups(_ context.Context, in *DescribeTargetGroupsInput) (*DescribeTargetGroupsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	wanted, err := s.wantedTargetGroups(in)
	if err != nil {
		return nil, err
	}
	found := []TargetGroup{}
	for _, tg := range s.targetGroups {
		if wanted(tg) {
			found = append(found, tg.TargetGroup)
		}
	}
	found, next, err := page(found, in.Marker, in.PageSize)
	if err != nil {
		return nil, err
	}
	return &DescribeTargetGroupsOutput{TargetGroups: found, NextMarker: next}, nil
}

func (s *Service) wantedTargetGroups(in *DescribeTargetGroupsInput) (func(*targetGroup) bool, error) {
	if in.LoadBalancerArn != "" {
		if _, err := s.loadBalancer(in.LoadBalancerArn); err != nil {
			return nil, err
		}
		return func(tg *targetGroup) bool { return slices.Contains(tg.LoadBalancerArns, in.LoadBalancerArn) }, nil
	}
	for _, arn := range in.TargetGroupArns {
		if _, err := s.targetGroup(arn); err != nil {
			return nil, err
		}
	}
	for _, name := range in.Names {
		if s.targetGroupNamed(name) == nil {
			return nil, errTargetGroupNotFound()
		}
	}
	if len(in.TargetGroupArns)+len(in.Names) == 0 {
		return func(*targetGroup) bool { return true }, nil
	}
	return func(tg *targetGroup) bool {
		return slices.Contains(in.TargetGroupArns, tg.TargetGroupArn) || slices.Contains(in.Names, tg.TargetGroupName)
	}, nil
}

// ModifyTargetGroup changes how a target group's health is checked, from each
// target's next check on.
func (s *Service) ModifyTargetGroup(_ context.Context, in *ModifyTargetGroupInput) (*ModifyTargetGroupOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tg, err := s.targetGroup(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	changed := tg.TargetGroup
	if in.HealthCheckEnabled != nil {
		changed.HealthCheckEnabled = *in.HealthCheckEnabled
	}
	if in.Matcher != nil {
		changed.Matcher = &Matcher{HttpCode: in.Matcher.HttpCode}
	}
	replace(&changed.HealthCheckProtocol, in.HealthCheckProtocol)
	replace(&changed.HealthCheckPort, in.HealthCheckPort)
	replace(&changed.HealthCheckPath, in.HealthCheckPath)
	replace(&changed.HealthCheckIntervalSeconds, in.HealthCheckIntervalSeconds)
	replace(&changed.HealthCheckTimeoutSeconds, in.HealthCheckTimeoutSeconds)
	replace(&changed.HealthyThresholdCount, in.HealthyThresholdCount)
	replace(&changed.UnhealthyThresholdCount, in.UnhealthyThresholdCount)
	if err := validateHealthCheck(&changed); err != nil {
		return nil, err
	}
	tg.TargetGroup = changed
	return &ModifyTargetGroupOutput{TargetGroups: []TargetGroup{tg.TargetGroup}}, nil
}

// replace sets value to what the request gives, if it gives something.
func replace[T comparable](value *T, given T) {
	var zero T
	if given != zero {
		*value = given
	}
}

// DeleteTargetGroup deletes a target group that nothing forwards to, and with it
// its targets. Deleting one that does not exist succeeds, as on AWS.
func (s *Service) DeleteTargetGroup(_ context.Context, in *DeleteTargetGroupInput) (*DeleteTargetGroupOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tg, err := s.targetGroup(in.TargetGroupArn)
	if err != nil {
		return &DeleteTargetGroupOutput{}, nil //nolint:nilerr // gone is what the caller wants
	}
	if tg.inUse {
		return nil, wire.Errorf("ResourceInUse", "Target group '%s' is currently in use by a listener or a rule", tg.TargetGroupArn)
	}
	for _, r := range slices.Clone(tg.targets) {
		s.remove(tg, r)
	}
	delete(s.tags, tg.TargetGroupArn)
	s.dropTargetGroup(tg)
	return &DeleteTargetGroupOutput{}, nil
}

// DescribeTargetGroupAttributes lists a target group's attributes.
func (s *Service) DescribeTargetGroupAttributes(_ context.Context, in *DescribeTargetGroupAttributesInput) (*DescribeTargetGroupAttributesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tg, err := s.targetGroup(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	return &DescribeTargetGroupAttributesOutput{Attributes: tg.attributes.list()}, nil
}

// ModifyTargetGroupAttributes sets attributes. Drains that have begun keep the
// delay they began with.
func (s *Service) ModifyTargetGroupAttributes(_ context.Context, in *ModifyTargetGroupAttributesInput) (*ModifyTargetGroupAttributesOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tg, err := s.targetGroup(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	if err := tg.attributes.modify(in.Attributes); err != nil {
		return nil, err
	}
	return &ModifyTargetGroupAttributesOutput{Attributes: tg.attributes.list()}, nil
}

func (tg *targetGroup) drainDelay() time.Duration {
	return time.Duration(tg.attributes.number(deregistrationDelay)) * time.Second
}

// targetGroup finds a target group by its ARN.
func (s *Service) targetGroup(arn string) (*targetGroup, error) {
	if tg := s.groupByARN[arn]; tg != nil {
		return tg, nil
	}
	if !strings.Contains(arn, ":targetgroup/") {
		return nil, wire.Errorf("ValidationError", "'%s' is not a valid target group ARN", arn)
	}
	return nil, errTargetGroupNotFound()
}

func errTargetGroupNotFound() error {
	return wire.Errorf("TargetGroupNotFound", "One or more target groups not found")
}

func (s *Service) targetGroupNamed(name string) *targetGroup { return s.groupByName[name] }

// forwardsTo reports whether a listener or a rule forwards to a target group.
func (lb *loadBalancer) forwardsTo(targetGroupARN string) bool {
	return slices.ContainsFunc(lb.listeners, func(l *listener) bool { return l.forwardsTo(targetGroupARN) })
}

func (l *listener) forwardsTo(targetGroupARN string) bool {
	names := func(a Action) bool {
		return a.ForwardConfig != nil && slices.ContainsFunc(a.ForwardConfig.TargetGroups, func(t TargetGroupTuple) bool { return t.TargetGroupArn == targetGroupARN })
	}
	return slices.ContainsFunc(l.DefaultActions, names) ||
		slices.ContainsFunc(l.rules, func(r *rule) bool { return slices.ContainsFunc(r.Actions, names) })
}
