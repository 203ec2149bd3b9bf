package logs

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// sequenceToken is what PutLogEvents and DescribeLogStreams still answer with. AWS has
// ignored it in requests since 2023.
const sequenceToken = "49039859620738122878722846224842086153142211519112385537"

// CreateLogStream makes a stream in a group.
func (s *Service) CreateLogStream(_ context.Context, in *CreateLogStreamInput) (*Nothing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.group(in.LogGroupName, "")
	if err != nil {
		return nil, err
	}
	if g.streams[in.LogStreamName] != nil {
		return nil, wire.Errorf("ResourceAlreadyExistsException", "The specified log stream already exists")
	}
	s.makeStream(g, in.LogStreamName)
	return &Nothing{}, nil
}

// makeStream adds a stream. The mutex is held.
func (s *Service) makeStream(g *group, name string) *stream {
	st := &stream{name: name, created: s.now()}
	g.streams[name] = st
	return st
}

// DeleteLogStream deletes a stream with its events.
func (s *Service) DeleteLogStream(_ context.Context, in *DeleteLogStreamInput) (*Nothing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.group(in.LogGroupName, "")
	if err != nil {
		return nil, err
	}
	if g.streams[in.LogStreamName] == nil {
		return nil, noStream()
	}
	delete(g.streams, in.LogStreamName)
	return &Nothing{}, nil
}

// DescribeLogStreams lists the streams of a group by name, or by their last events.
func (s *Service) DescribeLogStreams(_ context.Context, in *DescribeLogStreamsInput) (*DescribeLogStreamsOutput, error) {
	byEvent := in.OrderBy == "LastEventTime"
	if byEvent && in.LogStreamNamePrefix != "" {
		return nil, invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.group(in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	var found []LogStream
	for _, st := range g.streams {
		if strings.HasPrefix(st.name, in.LogStreamNamePrefix) {
			found = append(found, s.describeStream(g, st))
		}
	}
	slices.SortFunc(found, func(a, b LogStream) int {
		order := 0
		if byEvent {
			order = cmp.Compare(a.LastEventTimestamp, b.LastEventTimestamp)
		}
		if order == 0 {
			order = strings.Compare(a.LogStreamName, b.LogStreamName)
		}
		if in.Descending {
			order = -order
		}
		return order
	})
	shown, next, err := page(found, in.NextToken, in.Limit, func(st LogStream) string { return st.LogStreamName })
	return &DescribeLogStreamsOutput{LogStreams: shown, NextToken: next}, err
}

func (s *Service) describeStream(g *group, st *stream) LogStream {
	shown := LogStream{
		Arn:          s.ARN(g.name) + ":log-stream:" + st.name,
		CreationTime: st.created, LogStreamName: st.name,
		LastIngestionTime: st.ingested, UploadSequenceToken: sequenceToken,
	}
	if n := len(st.events); n > 0 {
		shown.FirstEventTimestamp, shown.LastEventTimestamp = st.events[0].at, st.events[n-1].at
	}
	return shown
}
