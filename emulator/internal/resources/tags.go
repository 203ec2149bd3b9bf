package resources

import (
	"context"
	"slices"

	"github.com/slipway-go/slipway/emulator/internal/cloudformation"
	"github.com/slipway-go/slipway/emulator/internal/ecs"
	"github.com/slipway-go/slipway/emulator/internal/elb"
)

// TakesTags implements [cloudformation.Types]. Of the inert types, none is said to take
// tags: there is nobody who could read them.
func (r *Registry) TakesTags(resourceType string) bool {
	switch r.acting[resourceType].(type) {
	case ecsCluster, ecsTaskDefinition, ecsService, loadBalancer, targetGroup, logGroup:
		return true
	}
	return false
}

// allTags are the tags of a resource: those of its stack, and its own, which win.
func allTags(stack []cloudformation.Tag, properties map[string]any) ([]cloudformation.Tag, error) {
	var own struct{ Tags []cloudformation.Tag }
	if given, ok := properties["Tags"]; ok {
		if err := bind(map[string]any{"Tags": given}, &own); err != nil {
			return nil, err
		}
	}
	tags := slices.Clone(own.Tags)
	for _, t := range stack {
		if !hasKey(own.Tags, t.Key) {
			tags = append(tags, t)
		}
	}
	return tags, nil
}

func hasKey(tags []cloudformation.Tag, key string) bool {
	return slices.ContainsFunc(tags, func(t cloudformation.Tag) bool { return t.Key == key })
}

// retag gives a resource that exists the tags it should have, and takes those off that
// CloudFormation gave it before. What others have added stays.
func retag(r cloudformation.Request, add func([]cloudformation.Tag) error, remove func(keys []string) error) error {
	before, err := allTags(r.PreviousTags, r.Previous)
	if err != nil {
		return err
	}
	after, err := allTags(r.Tags, r.Properties)
	if err != nil {
		return err
	}
	var gone []string
	for _, t := range before {
		if !hasKey(after, t.Key) {
			gone = append(gone, t.Key)
		}
	}
	if len(gone) > 0 {
		if err := remove(gone); err != nil {
			return handlerError(err)
		}
	}
	changed := slices.DeleteFunc(after, func(t cloudformation.Tag) bool { return slices.Contains(before, t) })
	if len(changed) == 0 {
		return nil
	}
	return handlerError(add(changed))
}

// ecsTags are the tags of a new resource, in the form of ECS.
func ecsTags(r cloudformation.Request) ([]ecs.Tag, error) {
	tags, err := allTags(r.Tags, r.Properties)
	return ecsForm(tags), err
}

func ecsForm(tags []cloudformation.Tag) []ecs.Tag {
	out := make([]ecs.Tag, len(tags))
	for i, t := range tags {
		out[i] = ecs.Tag{Key: t.Key, Value: t.Value}
	}
	return out
}

func retagECS(ctx context.Context, containers *ecs.Service, arn string, r cloudformation.Request) error {
	return retag(r,
		func(tags []cloudformation.Tag) error {
			_, err := containers.TagResource(ctx, &ecs.TagResourceInput{ResourceArn: arn, Tags: ecsForm(tags)})
			return err
		},
		func(keys []string) error {
			_, err := containers.UntagResource(ctx, &ecs.UntagResourceInput{ResourceArn: arn, TagKeys: keys})
			return err
		})
}

// elbTags are the tags of a new resource, in the form of Elastic Load Balancing.
func elbTags(r cloudformation.Request) ([]elb.Tag, error) {
	tags, err := allTags(r.Tags, r.Properties)
	return elbForm(tags), err
}

func elbForm(tags []cloudformation.Tag) []elb.Tag {
	out := make([]elb.Tag, len(tags))
	for i, t := range tags {
		out[i] = elb.Tag{Key: t.Key, Value: t.Value}
	}
	return out
}

func retagELB(ctx context.Context, balancing *elb.Service, arn string, r cloudformation.Request) error {
	return retag(r,
		func(tags []cloudformation.Tag) error {
			_, err := balancing.AddTags(ctx, &elb.AddTagsInput{ResourceArns: []string{arn}, Tags: elbForm(tags)})
			return err
		},
		func(keys []string) error {
			_, err := balancing.RemoveTags(ctx, &elb.RemoveTagsInput{ResourceArns: []string{arn}, TagKeys: keys})
			return err
		})
}
