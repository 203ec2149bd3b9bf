// Package logs is Amazon CloudWatch Logs in the embedded AWS, as far as the output of
// tasks goes: groups, streams, their events, and the awslogs driver that writes them.
//
// Events are kept in memory. A stream holds its newest mebibyte, and a group forgets
// what is older than its retention when it is read or written. Metric filters,
// subscriptions, queries (Logs Insights) and StartLiveTail are not there.
package logs

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/slipway-go/slipway/emulator/internal/clock"
	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// Options are what a Service is made of.
type Options struct {
	Clock  *clock.Clock // default: real time
	Region string       // of every ARN. Default: us-east-1
}

// Service is CloudWatch Logs in one region. It is safe for concurrent use, and has
// nothing to close.
type Service struct {
	clock  *clock.Clock
	region string

	mu     sync.Mutex
	groups map[string]*group
	serial uint64 // of the newest event
}

// New returns a Service without log groups.
func New(o Options) *Service {
	if o.Clock == nil {
		o.Clock = clock.New(1)
	}
	if o.Region == "" {
		o.Region = wire.DefaultRegion
	}
	return &Service{clock: o.Clock, region: o.Region, groups: map[string]*group{}}
}

// API is the service's wire interface: JSON 1.1, targets Logs_20140328.*.
func (s *Service) API() *wire.API {
	a := &wire.API{Service: "logs", Protocol: wire.JSON}
	wire.Handle(a, "CreateLogGroup", s.CreateLogGroup)
	wire.Handle(a, "DeleteLogGroup", s.DeleteLogGroup)
	wire.Handle(a, "DescribeLogGroups", s.DescribeLogGroups)
	wire.Handle(a, "PutRetentionPolicy", s.PutRetentionPolicy)
	wire.Handle(a, "DeleteRetentionPolicy", s.DeleteRetentionPolicy)
	wire.Handle(a, "CreateLogStream", s.CreateLogStream)
	wire.Handle(a, "DeleteLogStream", s.DeleteLogStream)
	wire.Handle(a, "DescribeLogStreams", s.DescribeLogStreams)
	wire.Handle(a, "PutLogEvents", s.PutLogEvents)
	wire.Handle(a, "GetLogEvents", s.GetLogEvents)
	wire.Handle(a, "FilterLogEvents", s.FilterLogEvents)
	wire.Handle(a, "TagResource", s.TagResource)
	wire.Handle(a, "UntagResource", s.UntagResource)
	wire.Handle(a, "ListTagsForResource", s.ListTagsForResource)
	return a
}

// milliseconds is a time as this API has it: milliseconds since 1970.
func milliseconds(t time.Time) int64 { return t.UnixMilli() }

func (s *Service) now() int64 { return milliseconds(s.clock.Now()) }

// ARN is the ARN of a group. Where AWS means the group and its streams, ":*" follows.
func (s *Service) ARN(group string) string {
	return fmt.Sprintf("arn:aws:logs:%s:%s:log-group:%s", s.region, wire.AccountID, group)
}

// group finds a group by name, or by name or ARN as an identifier: requests have one of
// both. The mutex is held.
func (s *Service) group(name, identifier string) (*group, error) {
	switch {
	case name != "" && identifier != "":
		return nil, invalid("LogGroupName and LogGroupIdentifier cannot be specified at the same time.")
	case name == "" && identifier == "":
		return nil, invalid("Either LogGroupName or LogGroupIdentifier has to be specified.")
	case name == "":
		name = strings.TrimSuffix(strings.TrimPrefix(identifier, s.ARN("")), ":*")
	}
	g := s.groups[name]
	if g == nil {
		return nil, noGroup()
	}
	g.expire(s.now())
	return g, nil
}

// The errors of the service, in its words.

func noGroup() error {
	return wire.Errorf("ResourceNotFoundException", "The specified log group does not exist.")
}

func noStream() error {
	return wire.Errorf("ResourceNotFoundException", "The specified log stream does not exist.")
}

func invalid(format string, args ...any) error {
	return wire.Errorf("InvalidParameterException", format, args...)
}
