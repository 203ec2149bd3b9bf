package deploy

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// announce tells what is changed next, by a strategy that has no change set to tell it.
func (r *run) announce(changes []Change, predictions []Prediction) {
	r.d.observe(ChangesAccepted{
		at: at{r.d.clock.Now()}, Stack: r.t.stack.name(), Strategy: r.req.Strategy, Changes: changes, Predictions: predictions,
	})
}

// announceRevisions tells which services get a revision with the image; nothing where all
// have it.
func (r *run) announceRevisions(ctx context.Context, plan []*revisionPlan) {
	var changes []Change
	told := make(map[string]bool)
	for _, p := range plan {
		if p.next == p.running {
			continue
		}
		if !told[p.logical] {
			told[p.logical] = true
			changes = append(changes, imageChanges(p.logical, p.fed, r.result.PreviousImage, r.image.String(), "")...)
		}
		changes = append(changes, Change{
			Resource: p.service.resource, ResourceType: typeService, Action: string(types.ChangeActionModify),
			Path: taskDefinitionPath, Before: p.running, After: firstNonEmpty(p.next, knownAfterApply), Cause: p.logical,
		})
	}
	if len(changes) > 0 {
		r.announce(inOrder(changes), r.d.predictions(ctx, r.t))
	}
}

// expectedChanges is what an update to another image is to change, by what the template
// says of it.
func (t *target) expectedChanges(image string) []Change {
	var changes []Change
	for id, containers := range t.reach.containers {
		if t.physical[id] != "" {
			changes = append(changes, imageChanges(id, containers, t.image, image, t.reach.parameter)...)
		}
	}
	follow := func(id, resourceType, path, td string) {
		if t.physical[id] != "" && t.physical[td] != "" {
			changes = append(changes, Change{
				Resource: id, ResourceType: resourceType, Action: string(types.ChangeActionModify),
				Path: path, Before: t.physical[td], After: knownAfterApply, Cause: td,
			})
		}
	}
	for id, definitions := range t.reach.services {
		for _, td := range definitions {
			follow(id, typeService, taskDefinitionPath, td)
		}
	}
	for id, f := range t.reach.followers {
		for path, td := range f.places {
			follow(id, f.resourceType, path, td)
		}
	}
	return inOrder(changes)
}

// recreationChanges is what a recreation with another image is to change: all resources
// are new ones, and task definitions have the image.
func (t *target) recreationChanges(image string) []Change {
	var changes []Change
	for id := range t.physical {
		if fed := t.reach.containers[id]; len(fed) > 0 {
			changes = append(changes, imageChanges(id, fed, t.image, image, t.reach.parameter)...)
			continue
		}
		changes = append(changes, Change{
			Resource: id, ResourceType: t.template.Resources[id].Type, Action: string(types.ChangeActionModify), Replacement: true,
		})
	}
	return inOrder(changes)
}

// imageChanges are another image in some containers of a task definition, which is
// replaced for it.
func imageChanges(id string, containers []int, before, after, cause string) []Change {
	var changes []Change
	for _, i := range containers {
		changes = append(changes, Change{
			Resource: id, ResourceType: typeTaskDefinition, Action: string(types.ChangeActionModify), Replacement: true,
			Path: "/Properties" + imagePointer(i), Before: before, After: after, Cause: cause,
		})
	}
	return changes
}

// inOrder sorts changes by resource and path.
func inOrder(changes []Change) []Change {
	slices.SortFunc(changes, func(a, b Change) int {
		return cmp.Or(strings.Compare(a.Resource, b.Resource), strings.Compare(a.Path, b.Path))
	})
	return changes
}

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
