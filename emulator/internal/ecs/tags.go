package ecs

import (
	"context"
	"slices"
	"strings"
)

// setTags adds tags to a resource; a tag with a known key replaces that one. The
// mutex is held, and lists that were shown before stay as they were.
func (s *Service) setTags(arn string, tags []Tag) {
	if len(tags) == 0 {
		return
	}
	kept := slices.DeleteFunc(slices.Clone(s.tags[arn]), func(old Tag) bool {
		return slices.ContainsFunc(tags, func(t Tag) bool { return t.Key == old.Key })
	})
	s.tags[arn] = append(kept, tags...)
}

// TagResource adds tags to a cluster, service, task definition or task.
func (s *Service) TagResource(_ context.Context, in *TagResourceInput) (*TagResourceOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.exists(in.ResourceArn) {
		return nil, resourceNotFound(in.ResourceArn)
	}
	s.setTags(in.ResourceArn, in.Tags)
	return &TagResourceOutput{}, nil
}

// UntagResource removes tags by key.
func (s *Service) UntagResource(_ context.Context, in *UntagResourceInput) (*UntagResourceOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.exists(in.ResourceArn) {
		return nil, resourceNotFound(in.ResourceArn)
	}
	s.tags[in.ResourceArn] = slices.DeleteFunc(slices.Clone(s.tags[in.ResourceArn]), func(t Tag) bool {
		return slices.Contains(in.TagKeys, t.Key)
	})
	return &UntagResourceOutput{}, nil
}

// ListTagsForResource lists the tags of a resource.
func (s *Service) ListTagsForResource(_ context.Context, in *ListTagsForResourceInput) (*ListTagsForResourceOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.exists(in.ResourceArn) {
		return nil, resourceNotFound(in.ResourceArn)
	}
	return &ListTagsForResourceOutput{Tags: slices.Clone(s.tags[in.ResourceArn])}, nil
}

// exists reports whether an ARN is that of something that can have tags.
func (s *Service) exists(arn string) bool {
	kind, rest, _ := strings.Cut(resourceOf(arn), "/")
	switch kind {
	case "cluster":
		return s.clusters[rest] != nil
	case "task-definition":
		return s.taskDefinition(rest) != nil
	case "service":
		c, name, _ := strings.Cut(rest, "/")
		return s.clusters[c] != nil && s.clusters[c].services[name] != nil
	case "task":
		c, id, _ := strings.Cut(rest, "/")
		return s.clusters[c] != nil && s.clusters[c].task(id) != nil
	}
	return false
}

// ListAccountSettings shows the settings that no account can have otherwise any more.
func (s *Service) ListAccountSettings(_ context.Context, in *ListAccountSettingsInput) (*ListAccountSettingsOutput, error) {
	var settings []Setting
	for _, name := range []string{"serviceLongArnFormat", "taskLongArnFormat", "containerInstanceLongArnFormat"} {
		if (in.Name == "" || in.Name == name) && (in.Value == "" || in.Value == "enabled") {
			settings = append(settings, Setting{Name: name, Value: "enabled", Type: "user"})
		}
	}
	items, next, err := pageOf(mostPerShortPage, settings, in.NextToken, in.MaxResults)
	return &ListAccountSettingsOutput{Settings: items, NextToken: next}, err
}
