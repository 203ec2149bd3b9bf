package cloudformation

import (
	"cmp"
	"slices"
)

// tagsOf are the tags that a resource gets from its stack: those the user gave the
// stack, and those that CloudFormation adds (user guide, "Resource tag": stack-level tags).
func (st *stack) tagsOf(res resource) []Tag {
	return append(slices.Clone(res.tags),
		Tag{"aws:cloudformation:stack-name", st.name},
		Tag{"aws:cloudformation:stack-id", st.id},
		Tag{"aws:cloudformation:logical-id", res.logicalID},
	)
}

// retags tells whether a resource would change for other tags of its stack alone.
func (s *Service) retags(res *resource, tags []Tag) bool {
	byKey := func(a, b Tag) int { return cmp.Compare(a.Key, b.Key) }
	return !slices.Equal(slices.SortedFunc(slices.Values(res.tags), byKey), slices.SortedFunc(slices.Values(tags), byKey)) && s.Types.TakesTags(res.definition.Type)
}

// tagList is a list of tags as templates write it.
func tagList(tags []Tag) any {
	list := make([]any, len(tags))
	for i, t := range tags {
		list[i] = map[string]any{"Key": t.Key, "Value": t.Value}
	}
	return list
}
