package elb

import (
	"context"
	"slices"
	"strings"

	"github.com/slipway-go/slipway/emulator/internal/wire"
)

// maxTags is how many tags a resource can have (API reference, TooManyTags).
const maxTags = 50

// AddTags adds tags to resources, or replaces the values of tags they have.
func (s *Service) AddTags(_ context.Context, in *AddTagsInput) (*AddTagsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.taggable(in.ResourceArns); err != nil {
		return nil, err
	}
	if err := validateTags(in.Tags); err != nil {
		return nil, err
	}
	for _, arn := range in.ResourceArns {
		if err := validateTags(merged(s.tags[arn], in.Tags)); err != nil {
			return nil, err
		}
	}
	for _, arn := range in.ResourceArns {
		s.tags[arn] = merged(s.tags[arn], in.Tags)
	}
	return &AddTagsOutput{}, nil
}

// RemoveTags takes tags off resources; those they do not have count as removed.
func (s *Service) RemoveTags(_ context.Context, in *RemoveTagsInput) (*RemoveTagsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.taggable(in.ResourceArns); err != nil {
		return nil, err
	}
	for _, arn := range in.ResourceArns {
		s.tags[arn] = slices.DeleteFunc(slices.Clone(s.tags[arn]), func(t Tag) bool { return slices.Contains(in.TagKeys, t.Key) })
	}
	return &RemoveTagsOutput{}, nil
}

// DescribeTags lists the tags of resources.
func (s *Service) DescribeTags(_ context.Context, in *DescribeTagsInput) (*DescribeTagsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.taggable(in.ResourceArns); err != nil {
		return nil, err
	}
	out := &DescribeTagsOutput{TagDescriptions: []TagDescription{}}
	for _, arn := range in.ResourceArns {
		out.TagDescriptions = append(out.TagDescriptions, TagDescription{ResourceArn: arn, Tags: append([]Tag{}, s.tags[arn]...)})
	}
	return out, nil
}

// taggable reports the first resource that does not exist, in the words of its kind.
func (s *Service) taggable(arns []string) error {
	for _, arn := range arns {
		var err error
		switch {
		case strings.Contains(arn, ":targetgroup/"):
			_, err = s.targetGroup(arn)
		case strings.Contains(arn, ":loadbalancer/"):
			_, err = s.loadBalancer(arn)
		case strings.Contains(arn, ":listener/"):
			_, err = s.listener(arn)
		case strings.Contains(arn, ":listener-rule/"):
			_, _, err = s.rule(arn)
		default:
			err = wire.Errorf("ValidationError", "'%s' is not a valid resource ARN", arn)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func validateTags(tags []Tag) error {
	if len(tags) > maxTags {
		return wire.Errorf("TooManyTags", "The maximum number of tags per resource is %d", maxTags)
	}
	for i, t := range tags {
		if t.Key == "" {
			return wire.Errorf("ValidationError", "A tag must have a key")
		}
		if slices.ContainsFunc(tags[:i], func(earlier Tag) bool { return earlier.Key == t.Key }) {
			return wire.Errorf("DuplicateTagKeys", "The tag key '%s' was specified more than once", t.Key)
		}
	}
	return nil
}

func merged(have, added []Tag) []Tag {
	tags := slices.Clone(have)
	for _, t := range added {
		if i := slices.IndexFunc(tags, func(h Tag) bool { return h.Key == t.Key }); i >= 0 {
			tags[i] = t
		} else {
			tags = append(tags, t)
		}
	}
	return tags
}
