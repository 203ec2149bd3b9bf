package deploy

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// changesOf is all that a change set changes, for people to read: of a change set that is
// refused, too, whatever it does. Both descriptions are asked, because the one with
// values may lack changes (see gate.go).
func changesOf(detailed, plain []*cloudformation.DescribeChangeSetOutput) []Change {
	resources := make(map[string]types.ResourceChange)
	for _, pages := range [][]*cloudformation.DescribeChangeSetOutput{plain, detailed} { // the latter counts
		for _, page := range pages {
			for _, c := range page.Changes {
				if c.ResourceChange != nil {
					resources[aws.ToString(c.ResourceChange.LogicalResourceId)] = *c.ResourceChange
				}
			}
		}
	}
	changes := []Change{}
	for _, id := range sortedKeys(resources) {
		changes = append(changes, changesOfResource(resources[id])...)
	}
	return changes
}

// changesOfResource are its attributes that change; one change without a path where none
// is told, or where the resource comes or goes.
func changesOfResource(c types.ResourceChange) []Change {
	whole := Change{
		Resource: aws.ToString(c.LogicalResourceId), ResourceType: aws.ToString(c.ResourceType), Action: string(c.Action),
		Replacement: c.Replacement == types.ReplacementTrue || c.Replacement == types.ReplacementConditional,
	}
	if c.Action != types.ChangeActionModify {
		return []Change{whole}
	}
	changes := changedByContext(whole, c)
	if len(changes) == 0 {
		changes = changedByDetails(whole, c)
	}
	if len(changes) == 0 {
		whole.Cause = cause(c, "")
		changes = []Change{whole}
	}
	return changes
}

func changedByContext(whole Change, c types.ResourceChange) []Change {
	before, beforeErr := readContext("BeforeContext", c.BeforeContext)
	after, afterErr := readContext("AfterContext", c.AfterContext)
	if beforeErr != nil || afterErr != nil {
		return nil
	}
	var changes []Change
	for _, d := range differences("", before, after) {
		one := whole
		one.Path, one.Before, one.After = d.path, show(d.before), show(d.after)
		one.Cause = cause(c, d.path)
		changes = append(changes, one)
	}
	return changes
}

func changedByDetails(whole Change, c types.ResourceChange) []Change {
	byPath := make(map[string]Change)
	for _, d := range c.Details {
		if d.Target == nil {
			continue
		}
		one := whole
		one.Path, one.Before, one.After = targetPath(d.Target), aws.ToString(d.Target.BeforeValue), aws.ToString(d.Target.AfterValue)
		one.Cause = cause(c, one.Path)
		if known, twice := byPath[one.Path]; !twice || known.Before == "" && known.After == "" {
			byPath[one.Path] = one
		}
	}
	return slices.SortedFunc(maps.Values(byPath), func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
}

// cause names what a resource changes for at a path: the parameters and resources that
// its details name. Those of exactly this path tell most, then those of a place around or
// within it.
func cause(c types.ResourceChange, path string) string {
	var exact, near []string
	for _, d := range c.Details {
		entity := aws.ToString(d.CausingEntity)
		if entity == "" || d.Target == nil {
			continue
		}
		switch place := targetPath(d.Target); {
		case place == path:
			exact = append(exact, entity)
		case path == "", strings.HasPrefix(path, place+"/"), strings.HasPrefix(place, path+"/"):
			near = append(near, entity)
		}
	}
	if len(exact) == 0 {
		exact = near
	}
	slices.Sort(exact)
	return strings.Join(slices.Compact(exact), ", ")
}
