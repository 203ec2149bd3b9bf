package deploy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// details checks the details of a change. They prove nothing by themselves (one
// parameter gives two of them, and their values can be truncated), but none of them
// may speak of anything that the contexts do not show.
func (g *gate) details(c types.ResourceChange) {
	id := aws.ToString(c.LogicalResourceId)
	property, paths, after := "TaskDefinition", []string{"/Properties/TaskDefinition"}, knownAfterApply
	if _, ok := g.reach.containers[id]; ok {
		property, paths, after = "ContainerDefinitions", g.imagePaths(id), g.after
	} else if f, ok := g.reach.followers[id]; ok {
		property, paths = f.property, sortedKeys(f.places)
	} else if _, ok := g.reach.services[id]; !ok {
		return // refused by its kind
	}
	if len(c.Details) == 0 {
		g.refuse(Reason{Resource: id, Why: "the change has no details"})
	}
	for _, d := range c.Details {
		t := d.Target
		if t == nil {
			g.refuse(Reason{Resource: id, Why: "a detail of the change has no target"})
			continue
		}
		why := detailFault(t, property, paths, after)
		if why == "" {
			why = g.causeFault(d)
		}
		if why != "" {
			g.refuse(Reason{
				Resource: id, Path: targetPath(t),
				Before: aws.ToString(t.BeforeValue), After: aws.ToString(t.AfterValue), Why: why,
			})
		}
	}
}

// causeFault says what is wrong with what a detail is said to come of; nothing is, if it
// is empty. Where both contexts mask a value, as that of a NoEcho parameter, nothing but
// the cause tells that it changes.
func (g *gate) causeFault(d types.ResourceChangeDetail) string {
	entity := aws.ToString(d.CausingEntity)
	resource, _, _ := strings.Cut(entity, ".") // of an attribute: "TaskDefinition.TaskDefinitionArn"
	_, fed := g.reach.containers[resource]
	ofParameter, ofResource := entity == g.reach.parameter, fed && !strings.Contains(entity, ".")
	switch source := d.ChangeSource; {
	case source == types.ChangeSourceDirectModification && entity == "",
		source == types.ChangeSourceParameterReference && ofParameter,
		source == types.ChangeSourceResourceReference && ofResource,
		source == types.ChangeSourceResourceAttribute && fed,
		source == "" && (ofParameter || fed):
		return ""
	case entity == "":
		return fmt.Sprintf("it is not told what the change comes of: %q", source)
	}
	return fmt.Sprintf("the change comes of %s, and not of the image alone", entity)
}

// detailFault says what is wrong with a detail's target; nothing is, if it is empty.
// An exact path is checked with its value, a path that leads to it (the whole of
// ContainerDefinitions) without.
func detailFault(t *types.ResourceTargetDefinition, property string, paths []string, after string) string {
	path := aws.ToString(t.Path)
	switch {
	case t.Attribute != types.ResourceAttributeProperties:
		return fmt.Sprintf("%s would change", t.Attribute)
	case aws.ToString(t.Name) != property:
		return "a property would change that is no part of a rollout"
	case t.AttributeChangeType != "" && t.AttributeChangeType != types.AttributeChangeTypeModify:
		return fmt.Sprintf("%s is no change of a value", t.AttributeChangeType)
	case t.Drift != nil || t.AfterValueFrom != "" || t.BeforeValueFrom != "":
		return "the detail is about drift"
	case path == "" && t.AfterValue != nil && *t.AfterValue != after:
		return "the value is not the expected one"
	case path == "":
		return ""
	}
	exact := slices.Contains(paths, path)
	leads := path == "/Properties/"+property || slices.ContainsFunc(paths, func(p string) bool {
		return strings.HasPrefix(p, path+"/") && strings.HasPrefix(path, "/Properties/"+property)
	})
	switch {
	case !exact && !leads:
		return "a property would change that is no part of a rollout"
	case exact && t.AfterValue != nil && *t.AfterValue != after:
		return "the value is not the expected one"
	}
	return ""
}

// targetPath is the place that a detail speaks of.
func targetPath(t *types.ResourceTargetDefinition) string {
	switch {
	case aws.ToString(t.Path) != "":
		return *t.Path
	case aws.ToString(t.Name) != "":
		return "/" + string(t.Attribute) + "/" + *t.Name
	}
	return "/" + string(t.Attribute)
}
