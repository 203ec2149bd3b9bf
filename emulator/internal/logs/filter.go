package logs

import (
	"context"
	"slices"
	"strings"
)

// FilterLogEvents finds events in the streams of a group, by time.
func (s *Service) FilterLogEvents(_ context.Context, in *FilterLogEventsInput) (*FilterLogEventsOutput, error) {
	pattern, err := parsePattern(in.FilterPattern)
	if err != nil {
		return nil, err
	}
	if len(in.LogStreamNames) > 0 && in.LogStreamNamePrefix != "" {
		return nil, invalid("logStreamNames and logStreamNamePrefix cannot be specified at the same time.")
	}
	var from key
	if in.NextToken != "" {
		var ok bool
		if from, ok = parseKey(in.NextToken); !ok {
			return nil, invalid("The specified nextToken is invalid.")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.group(in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	for _, name := range in.LogStreamNames {
		if g.streams[name] == nil {
			return nil, noStream()
		}
	}
	var events []event
	streams := map[key]string{}
	for _, st := range g.streams {
		if len(in.LogStreamNames) > 0 && !slices.Contains(in.LogStreamNames, st.name) || !strings.HasPrefix(st.name, in.LogStreamNamePrefix) {
			continue
		}
		for _, e := range st.between(in.StartTime, in.EndTime) {
			if from.compare(e.key) < 0 && pattern.matches(e.message) {
				events = append(events, e)
				streams[e.key] = st.name
			}
		}
	}
	slices.SortFunc(events, func(a, b event) int { return a.compare(b.key) })
	out := &FilterLogEventsOutput{Events: []FilteredLogEvent{}, SearchedLogStreams: []struct{}{}}
	shown := cut(events, in.Limit, true)
	for _, e := range shown {
		out.Events = append(out.Events, FilteredLogEvent{
			EventId: e.String(), LogStreamName: streams[e.key],
			Timestamp: e.at, Message: e.message, IngestionTime: e.ingested,
		})
	}
	if len(shown) < len(events) {
		out.NextToken = shown[len(shown)-1].String()
	}
	return out, nil
}
