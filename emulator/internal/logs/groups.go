package logs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// pageSize is how much a page has at most and by default (DescribeLogGroups,
// DescribeLogStreams).
const pageSize = 50

// retentions are the days that a retention policy can have (PutRetentionPolicy, API
// reference).
func retentions() []int {
	return []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
}

// CreateLogGroup makes a log group that keeps its events for ever.
func (s *Service) CreateLogGroup(_ context.Context, in *CreateLogGroupInput) (*Nothing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.groups[in.LogGroupName] != nil {
		return nil, wire.Errorf("ResourceAlreadyExistsException", "The specified log group already exists")
	}
	g := s.makeGroup(in.LogGroupName)
	g.key = in.KmsKeyId
	maps.Copy(g.tags, in.Tags)
	if in.LogGroupClass != "" {
		g.class = in.LogGroupClass
	}
	return &Nothing{}, nil
}

// Has tells whether there is a log group of that name.
func (s *Service) Has(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.groups[name] != nil
}

// makeGroup adds a group. The mutex is held.
func (s *Service) makeGroup(name string) *group {
	g := &group{name: name, created: s.now(), class: "STANDARD", tags: map[string]string{}, streams: map[string]*stream{}}
	s.groups[name] = g
	return g
}

// DeleteLogGroup deletes a log group with all that is in it. What tasks still write is
// lost.
func (s *Service) DeleteLogGroup(_ context.Context, in *DeleteLogGroupInput) (*Nothing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.group(in.LogGroupName, ""); err != nil {
		return nil, err
	}
	delete(s.groups, in.LogGroupName)
	return &Nothing{}, nil
}

// DescribeLogGroups lists log groups by name.
func (s *Service) DescribeLogGroups(_ context.Context, in *DescribeLogGroupsInput) (*DescribeLogGroupsOutput, error) {
	if in.LogGroupNamePattern != "" && in.LogGroupNamePrefix != "" {
		return nil, invalid("LogGroupNamePrefix and LogGroupNamePattern are mutually exclusive parameters.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []LogGroup
	for _, name := range slices.Sorted(maps.Keys(s.groups)) {
		g := s.groups[name]
		g.expire(s.now())
		if s.selects(in, g) {
			found = append(found, s.describeGroup(g))
		}
	}
	shown, next, err := page(found, in.NextToken, in.Limit, func(g LogGroup) string { return g.LogGroupName })
	return &DescribeLogGroupsOutput{LogGroups: shown, NextToken: next}, err
}

func (s *Service) selects(in *DescribeLogGroupsInput, g *group) bool {
	named := len(in.LogGroupIdentifiers) == 0 || slices.ContainsFunc(in.LogGroupIdentifiers, func(id string) bool {
		return id == g.name || id == s.ARN(g.name)
	})
	return named && strings.HasPrefix(g.name, in.LogGroupNamePrefix) &&
		strings.Contains(strings.ToLower(g.name), strings.ToLower(in.LogGroupNamePattern)) &&
		(in.LogGroupClass == "" || in.LogGroupClass == g.class)
}

func (s *Service) describeGroup(g *group) LogGroup {
	shown := LogGroup{
		Arn: s.ARN(g.name) + ":*", LogGroupArn: s.ARN(g.name), LogGroupName: g.name,
		CreationTime: g.created, KmsKeyId: g.key, LogGroupClass: g.class, RetentionInDays: g.retention,
	}
	for _, st := range g.streams {
		shown.StoredBytes += st.bytes
	}
	return shown
}

// page cuts a page out of items that are in an order of their keys, which are unique. A
// token is the key of the last item of the page before.
func page[T any](items []T, token string, limit *int, name func(T) string) ([]T, string, error) {
	if token != "" {
		last := slices.IndexFunc(items, func(item T) bool { return name(item) == token })
		if last < 0 {
			return nil, "", invalid("The specified nextToken is invalid.")
		}
		items = items[last+1:]
	}
	size := pageSize
	if limit != nil {
		size = min(size, *limit)
	}
	if len(items) <= size {
		return append([]T{}, items...), "", nil // never null
	}
	return items[:size], name(items[size-1]), nil
}

// PutRetentionPolicy says how many days a group keeps its events.
func (s *Service) PutRetentionPolicy(_ context.Context, in *PutRetentionPolicyInput) (*Nothing, error) {
	if !slices.Contains(retentions(), in.RetentionInDays) {
		return nil, invalid("1 validation error detected: Value '%d' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: %s",
			in.RetentionInDays, strings.ReplaceAll(fmt.Sprint(retentions()), " ", ", "))
	}
	return s.retain(in.LogGroupName, in.RetentionInDays)
}

// DeleteRetentionPolicy lets a group keep its events for ever.
func (s *Service) DeleteRetentionPolicy(_ context.Context, in *DeleteRetentionPolicyInput) (*Nothing, error) {
	return s.retain(in.LogGroupName, 0)
}

func (s *Service) retain(name string, days int) (*Nothing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.group(name, "")
	if err != nil {
		return nil, err
	}
	g.retention = days
	return &Nothing{}, nil
}

// tagged finds a group by the ARN that its tags are asked for with: that without ":*".
// The mutex is held.
func (s *Service) tagged(arn string) (*group, error) {
	name, ok := strings.CutPrefix(arn, s.ARN(""))
	if !ok {
		return nil, invalid("The resource %s is not a log group of this account and region; no others can have tags in the embedded AWS.", arn)
	}
	return s.group(strings.TrimSuffix(name, ":*"), "")
}

// TagResource adds tags to a log group.
func (s *Service) TagResource(_ context.Context, in *TagResourceInput) (*Nothing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.tagged(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	maps.Copy(g.tags, in.Tags)
	return &Nothing{}, nil
}

// UntagResource takes tags from a log group.
func (s *Service) UntagResource(_ context.Context, in *UntagResourceInput) (*Nothing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.tagged(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	for _, key := range in.TagKeys {
		delete(g.tags, key)
	}
	return &Nothing{}, nil
}

// ListTagsForResource shows the tags of a log group.
func (s *Service) ListTagsForResource(_ context.Context, in *ListTagsForResourceInput) (*ListTagsForResourceOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.tagged(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	return &ListTagsForResourceOutput{Tags: maps.Clone(g.tags)}, nil
}
